/* SentencePiece BPE: the characters of a text, spaces written as U+2581, are
 * joined to the token with the best score, again and again.
 * Source: google/sentencepiece, bpe_model.cc; karpathy/llama2.c, run.c. */
#include "backends/engine/tokenizer/private.h"

#include <string.h>

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

static int spm_open(struct tokenizer *t, const struct gguf *g, struct err *e)
{
    t->unknown = 0; /* sentencepiece's own defaults */
    t->bos = 1;
    t->eos = 2;
    t->add_bos = t->add_space = true;
    return spm_find_bytes(t, gguf_path(g), e);
}

static bool spm_rule(const void *arg, const struct symbol *left,
                     const struct symbol *right, float *cost, int32_t *id)
{
    const struct vocab *v = arg;
    *id = vocab_find(v, left->text, (size_t)left->n + right->n);
    if (!vocab_is_text(v, *id))
        return false;
    *cost = -v->tokens[*id].score;
    return true;
}

/* The ids of a symbol: its token, or those of its bytes. */
static int spm_emit(const struct tokenizer *t, const struct symbol *s,
                    struct token_list *out, struct err *e)
{
    if (s->id >= 0) {
        token_list_add(out, s->id);
        return 0;
    }
    for (uint32_t i = 0; i < s->n; i++) {
        int32_t id = t->vocab.byte_ids[(unsigned char)s->text[i]];
        if (id < 0)
            id = t->unknown;
        if (id < 0)
            return err_set(e, ERR_FORMAT, "the model has no token for the "
                           "byte 0x%02X", (unsigned char)s->text[i]);
        token_list_add(out, id);
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
    merger_run(m, spm_rule, v);
    int rc = 0;
    for (size_t i = 0; i < m->n_symbols && rc == 0; i++)
        if (m->symbols[i].n > 0)
            rc = spm_emit(t, &m->symbols[i], out, e);
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
