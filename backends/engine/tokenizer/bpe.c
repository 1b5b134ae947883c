/* Byte-level BPE: each byte of a word is a token, and pairs of tokens join in
 * the order of their rank.
 * Source: openai/gpt-2, encoder.py; its alphabet writes every byte as a
 * printable character, and weights files keep their texts that way. */
#include "backends/engine/tokenizer/nfc.h"
#include "backends/engine/tokenizer/private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

/* Ranks are the cost of a merge, a float: whole numbers up to 2^24. */
#define MAX_MERGES (1u << 24)

/* The character that stands for a byte: itself if it is printable in Latin-1
 * (blanks and the soft hyphen are not), else the next one from U+0100 on. */
static uint32_t letter_of(int byte)
{
    if (byte <= 0x20)
        return 0x100 + (uint32_t)byte;
    if (byte >= 0x7F && byte <= 0xA0)
        return 0x121 + (uint32_t)byte - 0x7F;
    return byte == 0xAD ? 0x143 : (uint32_t)byte;
}

/* The byte that a character stands for, or -1. */
static int byte_of(uint32_t letter)
{
    int byte = letter > 0x143    ? 0
               : letter == 0x143 ? 0xAD
               : letter >= 0x121 ? (int)letter - 0x121 + 0x7F
               : letter >= 0x100 ? (int)letter - 0x100
                                 : (int)letter;
    return letter_of(byte) == letter ? byte : -1;
}

/* --- merges ------------------------------------------------------------ */

static size_t merge_slot(const struct tokenizer *t, int32_t left,
                         int32_t right)
{
    uint64_t h = ((uint64_t)(uint32_t)left << 32 | (uint32_t)right);
    h ^= t->vocab.seed;
    h *= 0x9E3779B97F4A7C15u; /* 2^64 over the golden ratio (Knuth) */
    size_t at = (size_t)(h >> 32) & (t->n_merge_slots - 1);
    for (; t->merge_slots[at] != 0; at = (at + 1) & (t->n_merge_slots - 1)) {
        const struct bpe_merge *m = &t->merges[t->merge_slots[at] - 1];
        if (m->left == left && m->right == right)
            break;
    }
    return at;
}

struct bpe_run {
    const struct tokenizer *t;
    struct merger *m;
    struct token_list *out;
};

static bool bpe_rule(void *arg, const struct symbol *left,
                     const struct symbol *right, float *cost, int32_t *id)
{
    const struct tokenizer *t = ((const struct bpe_run *)arg)->t;
    if (left->id < 0 || right->id < 0)
        return false;
    uint32_t rank = t->merge_slots[merge_slot(t, left->id, right->id)];
    if (rank == 0)
        return false;
    *cost = (float)(rank - 1);
    *id = t->merges[rank - 1].joined;
    return true;
}

/* Reads "left right", both written in the alphabet, which has no space. */
static int parse_merge(const struct tokenizer *t, struct gguf_string s,
                       struct bpe_merge *m)
{
    const char *space = s.n > 1 ? memchr(s.data + 1, ' ', s.n - 1) : NULL;
    if (space == NULL)
        return -1;
    size_t n_left = (size_t)(space - s.data), n_right = s.n - n_left - 1;
    m->left = vocab_find(&t->vocab, s.data, n_left);
    m->right = vocab_find(&t->vocab, space + 1, n_right);
    m->joined = vocab_find_joined(&t->vocab, s.data, n_left, space + 1,
                                  n_right);
    return m->left < 0 || m->right < 0 || m->joined < 0 ? -1 : 0;
}

static int read_merges(struct tokenizer *t, const struct gguf *g,
                       struct err *e)
{
    const char *path = gguf_path(g);
    struct gguf_strings s;
    if (!gguf_get_strings(g, "tokenizer.ggml.merges", &s))
        return err_set(e, ERR_FORMAT, "%s: no array of texts "
                       "tokenizer.ggml.merges", path);
    if (s.n > MAX_MERGES)
        return err_set(e, ERR_FORMAT, "%s: %zu merges cannot be", path, s.n);
    t->n_merge_slots = 16;
    while (t->n_merge_slots < 2 * s.n)
        t->n_merge_slots *= 2;
    t->merges = mem_try(s.n, sizeof(*t->merges));
    t->merge_slots = mem_try(t->n_merge_slots, sizeof(*t->merge_slots));
    if (t->merges == NULL || t->merge_slots == NULL)
        return err_set(e, ERR_BACKEND, "%s: no memory for %zu merges", path,
                       s.n);
    for (; t->n_merges < s.n; t->n_merges++) {
        struct bpe_merge *m = &t->merges[t->n_merges];
        if (parse_merge(t, gguf_strings_at(&s, t->n_merges), m) != 0)
            return err_set(e, ERR_FORMAT, "%s: merge %zu names no two tokens "
                           "that make a third", path, t->n_merges);
        /* A control token can be the result of no merging. */
        if (!vocab_is_text(&t->vocab, m->joined) &&
            t->vocab.tokens[m->joined].type != TOKEN_USER)
            continue;
        size_t at = merge_slot(t, m->left, m->right);
        if (t->merge_slots[at] == 0)
            t->merge_slots[at] = (uint32_t)t->n_merges + 1;
    }
    return 0;
}

static int bpe_open(struct tokenizer *t, const struct gguf *g, struct err *e)
{
    struct gguf_string pre = {"default", 7};
    gguf_get_string(g, "tokenizer.ggml.pre", &pre); /* engine_info tells */
    if (splitter_open(&t->splitter, pre.data, pre.n, e) != 0)
        return err_wrap(e, "%s", gguf_path(g));
    for (int b = 0; b < 256; b++) {
        char text[UTF8_MAX_BYTES];
        size_t n = utf8_encode(letter_of(b), text);
        int32_t id = vocab_find(&t->vocab, text, n);
        t->vocab.byte_ids[b] = vocab_is_text(&t->vocab, id) ? id : -1;
    }
    t->add_bos = splitter_adds_bos(t->splitter);
    return read_merges(t, g, e);
}

/* --- encoding ---------------------------------------------------------- */

/* The token that is a word as a whole, or -1. */
static int32_t whole_word(const struct tokenizer *t, const char *s, size_t n)
{
    char text[1024];
    size_t len = 0;
    for (size_t i = 0; i < n && len + UTF8_MAX_BYTES <= sizeof(text); i++) {
        /* The alphabet is found by way of the token of the byte. */
        int32_t id = t->vocab.byte_ids[(unsigned char)s[i]];
        size_t k;
        const char *letter = id < 0 ? "" : vocab_text(&t->vocab, id, &k);
        if (id < 0)
            return -1;
        memcpy(text + len, letter, k);
        len += k;
        if (i + 1 == n) {
            id = vocab_find(&t->vocab, text, len);
            return vocab_is_text(&t->vocab, id) ? id : -1;
        }
    }
    return -1;
}

/* Adds a character's bytes; one that some byte of has no token is replaced by
 * U+FFFD, as the models' own tokenizers were fed. */
static int add_character(const struct bpe_run *r, const char *s, size_t n,
                         struct err *e)
{
    const int32_t *ids = r->t->vocab.byte_ids;
    for (int attempt = 0; attempt < 2; attempt++) {
        size_t i = 0;
        while (i < n && ids[(unsigned char)s[i]] >= 0)
            i++;
        if (i == n) {
            for (i = 0; i < n; i++)
                merger_add(r->m, s + i, 1, ids[(unsigned char)s[i]]);
            return 0;
        }
        s = "\xEF\xBF\xBD";
        n = 3;
    }
    return err_set(e, ERR_FORMAT, "the model has no token for some character "
                   "of the text, nor for U+FFFD");
}

static int bpe_word(void *arg, const char *text, size_t n, struct err *e)
{
    const struct bpe_run *r = arg;
    const struct tokenizer *t = r->t;
    if (splitter_whole_words(t->splitter)) {
        int32_t id = whole_word(t, text, n);
        if (id >= 0) {
            token_list_add(r->out, id);
            return 0;
        }
    }
    merger_clear(r->m);
    for (size_t at = 0; at < n;) {
        uint32_t cp;
        size_t len = utf8_decode(text + at, n - at, &cp);
        if (add_character(r, text + at, len, e) != 0)
            return -1;
        at += len;
    }
    merger_run(r->m, bpe_rule, arg);
    for (size_t i = 0; i < r->m->n_symbols; i++)
        if (r->m->symbols[i].n > 0)
            token_list_add(r->out, r->m->symbols[i].id);
    return 0;
}

static int bpe_encode(const struct tokenizer *t, struct merger *m,
                      const char *text, size_t n,
                      struct token_list *out, struct err *e)
{
    struct bpe_run r = {t, m, out};
    if (!splitter_wants_nfc(t->splitter))
        return splitter_run(t->splitter, text, n, bpe_word, &r, e);
    struct buf composed;
    buf_init(&composed, NFC_MAX_GROWTH * n);
    int rc = nfc_compose(text, n, &composed, e);
    if (rc == 0)
        rc = splitter_run(t->splitter, composed.data, composed.len, bpe_word,
                          &r, e);
    buf_free(&composed);
    return rc;
}

static void bpe_piece(const struct tokenizer *t, int32_t id, struct buf *out)
{
    size_t n;
    const char *text = vocab_text(&t->vocab, id, &n);
    while (n > 0) {
        uint32_t cp;
        size_t len = utf8_decode(text, n, &cp);
        int byte = byte_of(cp);
        if (byte >= 0)
            buf_add_char(out, (char)byte);
        else
            buf_add(out, text, len); /* a token outside of the alphabet */
        text += len;
        n -= len;
    }
}

const struct tokenizer_kind tokenizer_bpe = {
    .model = "gpt2",
    .open = bpe_open,
    .encode = bpe_encode,
    .piece = bpe_piece,
};
