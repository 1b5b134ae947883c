/* SentencePiece BPE: the characters of a text, spaces written as U+2581, are
 * joined to the token with the best score, again and again.
 * Source: google/sentencepiece, bpe_model.cc; karpathy/llama2.c, run.c. */
#include "backends/engine/tokenizer/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int spm_byte_of(const char *text, size_t n)
{
    if (n != 6 || memcmp(text, "<0x", 3) != 0 || text[5] != '>')
        return -1;
    int high = hex_digit(text[3]), low = hex_digit(text[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

int spm_find_bytes(struct tokenizer *t, const char *path, struct err *e)
{
    struct vocab *v = &t->vocab;
    for (size_t i = 0; i < v->n; i++) {
        if (v->tokens[i].type != TOKEN_BYTE)
            continue;
        int byte = spm_byte_of(v->bytes + v->tokens[i].at, v->tokens[i].n);
        if (byte < 0)
            return err_set(e, ERR_FORMAT, "%s: token %zu is a byte, but not "
                           "written as <0x00> to <0xFF>", path, i);
        if (v->byte_ids[byte] < 0)
            v->byte_ids[byte] = (int32_t)i;
    }
    return 0;
}

/* The special token of one of two names, or a default. */
static int32_t find_name(const struct vocab *v, const char *a, const char *b,
                         int32_t otherwise)
{
    int32_t id = vocab_find(v, a, strlen(a));
    if (id < 0 || vocab_is_text(v, id))
        id = vocab_find(v, b, strlen(b));
    return id < 0 || vocab_is_text(v, id) ? otherwise : id;
}

/* What holds if the file has no keys for it.  The ids are sentencepiece's own
 * defaults; Gemma has others under its own names (its tokenizer.model), and
 * puts no space in front of a text. */
static int spm_open(struct tokenizer *t, const struct gguf *g, struct err *e)
{
    struct gguf_string arch = {"", 0};
    gguf_get_string(g, "general.architecture", &arch);
    t->unknown = find_name(&t->vocab, "<unk>", "<unk>", 0);
    t->bos = find_name(&t->vocab, "<s>", "<bos>", 1);
    t->eos = find_name(&t->vocab, "</s>", "<eos>", 2);
    t->add_bos = true;
    t->add_space = arch.n < 5 || memcmp(arch.data, "gemma", 5) != 0;
    return spm_find_bytes(t, gguf_path(g), e);
}

/* Merging goes through pieces that are marked as unused, which are taken apart
 * again at the end, as they were put together last. */
struct spm_run {
    const struct tokenizer *t;
    uint32_t *left_bytes; /* [n_vocab] of unused pieces; NULL: none was made */
    struct spm_part {
        const char *text;
        size_t n;
    } *parts; /* [n_parts] of a symbol, still to be written, the first last */
    size_t n_parts, cap_parts;
    size_t n_before; /* tokens of the list that are not of this text */
};

static bool is_unused(const struct vocab *v, int32_t id)
{
    return id >= 0 && v->tokens[id].type == TOKEN_UNUSED;
}

static bool spm_rule(void *arg, const struct symbol *left,
                     const struct symbol *right, float *cost, int32_t *id)
{
    struct spm_run *r = arg;
    const struct vocab *v = &r->t->vocab;
    *id = vocab_find(v, left->text, (size_t)left->n + right->n);
    if (is_unused(v, *id)) {
        if (r->left_bytes == NULL)
            r->left_bytes = mem_calloc(v->n, sizeof(*r->left_bytes));
        r->left_bytes[*id] = left->n;
    } else if (!vocab_is_text(v, *id)) {
        return false;
    }
    *cost = -v->tokens[*id].score;
    return true;
}

/* The tokens of a part's bytes; if one is missing, one unknown token for a run
 * of such parts. */
static int spm_emit_bytes(const struct spm_run *r, struct spm_part p,
                          struct token_list *out, struct err *e)
{
    const int32_t *ids = r->t->vocab.byte_ids;
    size_t known = 0;
    while (known < p.n && ids[(unsigned char)p.text[known]] >= 0)
        known++;
    for (size_t i = 0; i < p.n && known == p.n; i++)
        token_list_add(out, ids[(unsigned char)p.text[i]]);
    if (known == p.n)
        return 0;
    int32_t unknown = r->t->unknown;
    if (unknown < 0)
        return err_set(e, ERR_FORMAT, "the model has no token for the byte "
                       "0x%02X", (unsigned char)p.text[known]);
    if (out->n == r->n_before || out->ids[out->n - 1] != unknown)
        token_list_add(out, unknown);
    return 0;
}

static void add_part(struct spm_run *r, const char *text, size_t n)
{
    if (r->n_parts == r->cap_parts) {
        r->cap_parts = r->cap_parts ? 2 * r->cap_parts : 16;
        r->parts = mem_realloc(r->parts, r->cap_parts, sizeof(*r->parts));
    }
    r->parts[r->n_parts++] = (struct spm_part){text, n};
}

/* The ids of a symbol: its token, those of what an unused one was made of, or
 * those of its bytes.  A vocabulary may nest such pieces as deep as it likes,
 * so this is no recursion. */
static int spm_emit(struct spm_run *r, const struct symbol *s,
                    struct token_list *out, struct err *e)
{
    const struct vocab *v = &r->t->vocab;
    r->n_parts = 0;
    add_part(r, s->text, s->n);
    while (r->n_parts > 0) {
        struct spm_part p = r->parts[--r->n_parts];
        int32_t id = vocab_find(v, p.text, p.n);
        size_t left = is_unused(v, id) && r->left_bytes ? r->left_bytes[id] : 0;
        if (left > 0) {
            add_part(r, p.text + left, p.n - left);
            add_part(r, p.text, left);
        } else if (vocab_is_text(v, id)) {
            token_list_add(out, id);
        } else if (spm_emit_bytes(r, p, out, e) != 0) {
            return -1;
        }
    }
    return 0;
}

void spm_add_text(struct buf *out, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] == ' ')
            buf_add_str(out, SPM_SPACE);
        else
            buf_add_char(out, s[i]);
}

static int spm_encode(const struct tokenizer *t, struct merger *m,
                      const char *text, size_t n,
                      struct token_list *out, struct err *e)
{
    const struct vocab *v = &t->vocab;
    struct buf b;
    buf_init(&b, SPM_SPACE_BYTES * (n + 1));
    if (t->add_space)
        buf_add_str(&b, SPM_SPACE);
    spm_add_text(&b, text, n);
    merger_clear(m);
    for (size_t at = 0; at < b.len;) {
        uint32_t cp;
        size_t len = utf8_decode(b.data + at, b.len - at, &cp);
        int32_t id = vocab_find(v, b.data + at, len);
        merger_add(m, b.data + at, len, vocab_is_text(v, id) ? id : -1);
        at += len;
    }
    struct spm_run r = {.t = t, .n_before = out->n};
    merger_run(m, spm_rule, &r);
    int rc = 0;
    for (size_t i = 0; i < m->n_symbols && rc == 0; i++)
        if (m->symbols[i].n > 0)
            rc = spm_emit(&r, &m->symbols[i], out, e);
    free(r.left_bytes);
    free(r.parts);
    buf_free(&b);
    return rc;
}

void spm_piece(const struct tokenizer *t, int32_t id, struct buf *out)
{
    size_t n;
    const char *text = vocab_text(&t->vocab, id, &n);
    if (t->vocab.tokens[id].type == TOKEN_BYTE) {
        buf_add_char(out, (char)spm_byte_of(text, n));
        return;
    }
    for (size_t at = 0; at < n;) {
        bool space = n - at >= SPM_SPACE_BYTES &&
                     memcmp(text + at, SPM_SPACE, SPM_SPACE_BYTES) == 0;
        buf_add_char(out, space ? ' ' : text[at]);
        at += space ? SPM_SPACE_BYTES : 1;
    }
}

const struct tokenizer_kind tokenizer_spm = {
    .model = "llama",
    .open = spm_open,
    .encode = spm_encode,
    .piece = spm_piece,
};
