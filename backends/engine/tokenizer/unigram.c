/* SentencePiece unigram: of all ways to cut a text into tokens the one with the
 * largest sum of scores (logarithms of probabilities), found by the algorithm
 * of Viterbi (1967) from the left to the right.
 * Source: Kudo, "Subword Regularization", 2018; google/sentencepiece,
 * unigram_model.cc and normalizer.cc. */
#include "backends/engine/tokenizer/private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

/* So much worse than the least likely token is a character without one. */
#define UNKNOWN_PENALTY 10

/* Longer tokens are not looked for; it bounds the work at each place.  Real
 * ones have up to 16 characters. */
#define MAX_PIECE_BYTES 512

/* A text that rewriting makes longer than this many times is refused; the worst
 * of Unicode's is 11 (U+FDFA). */
#define MAX_GROWTH 32

/* The best way to cut the text up to a place. */
struct cut {
    double score;
    int32_t id;    /* its last token; CUT_UNKNOWN, or CUT_NONE: no way yet */
    uint32_t from; /* where that one begins */
};

enum { CUT_NONE = -2, CUT_UNKNOWN = -1 };

static bool is_piece(const struct token *k)
{
    return k->n <= MAX_PIECE_BYTES &&
           (k->type == TOKEN_NORMAL || k->type == TOKEN_UNDEFINED);
}

static int unigram_open(struct tokenizer *t, const struct gguf *g,
                        struct err *e)
{
    struct gguf_string map;
    t->eos = 1; /* T5's */
    t->unknown = 2;
    t->add_eos = true;
    gguf_get_bool(g, "tokenizer.ggml.remove_extra_whitespaces", &t->trim);
    if (spm_find_bytes(t, gguf_path(g), e) != 0)
        return -1;
    if (gguf_get_bytes(g, "tokenizer.ggml.precompiled_charsmap", &map) &&
        map.n > 0 && charsmap_open(&t->charsmap, map.data, map.n, e) != 0)
        return err_wrap(e, "%s", gguf_path(g));
    vocab_sort(&t->vocab, is_piece, &t->pieces);
    double least = 0;
    for (size_t i = 0; i < t->pieces.n; i++)
        least = fmin(least, (double)t->vocab.tokens[t->pieces.ids[i]].score);
    t->unknown_score = least - UNKNOWN_PENALTY;
    return 0;
}

/* --- rewriting --------------------------------------------------------- */

/* The text as the model was trained on: its characters replaced, spaces as
 * U+2581 and, if the file asks for it, none but single ones between
 * words. */
static void rewrite(const struct tokenizer *t, const char *text, size_t n,
                    struct buf *out)
{
    bool after_space = t->trim; /* a space here is one too many */
    bool begun = false;
    for (size_t at = 0; at < n;) {
        const char *to;
        size_t n_to;
        at += charsmap_replace(t->charsmap, text + at, n - at, &to, &n_to);
        if (!begun && t->trim && n_to == 1 && to[0] == ' ')
            continue;
        if (!begun && t->add_space)
            buf_add_str(out, SPM_SPACE);
        begun = true;
        while (after_space && n_to > 0 && to[0] == ' ') {
            to++;
            n_to--;
        }
        spm_add_text(out, to, n_to);
        if (n_to > 0)
            after_space = t->trim && to[n_to - 1] == ' ';
    }
    while (t->trim && buf_ends(out, SPM_SPACE))
        buf_cut(out, out->len - SPM_SPACE_BYTES);
}

/* --- cutting ----------------------------------------------------------- */

/* A way to a place is kept if it is better than the one known. */
static void offer(struct cut *to, const struct cut *from, size_t at,
                  int32_t id, double score)
{
    score += from->score;
    if (to->id == CUT_NONE || score > to->score)
        *to = (struct cut){score, id, (uint32_t)at};
}

/* Tries all tokens that begin at a place, or the character as unknown. */
static void go_on(const struct tokenizer *t, const struct buf *b, size_t at,
                  size_t n_char, struct cut *cuts)
{
    const struct vocab *v = &t->vocab;
    struct vocab_range r = {0, t->pieces.n};
    bool covered = false;
    for (size_t i = 0; at + i < b->len; i++) {
        r = vocab_narrow(v, &t->pieces, r, i, (unsigned char)b->data[at + i]);
        if (r.from == r.to)
            break;
        int32_t id = t->pieces.ids[r.from];
        if (v->tokens[id].n != i + 1)
            continue;
        offer(&cuts[at + i + 1], &cuts[at], at, id,
              (double)v->tokens[id].score);
        covered |= i + 1 == n_char;
    }
    if (!covered)
        offer(&cuts[at + n_char], &cuts[at], at, CUT_UNKNOWN,
              t->unknown_score);
}

/* Appends the ids of an unknown character, the last byte first: its bytes, or,
 * if the vocabulary has not all of them, one unknown token for a run. */
static int add_unknown(const struct tokenizer *t, const char *s, size_t n,
                       bool in_run, struct token_list *out, struct err *e)
{
    const int32_t *bytes = t->vocab.byte_ids;
    size_t known = 0;
    while (known < n && bytes[(unsigned char)s[known]] >= 0)
        known++;
    if (known == n) {
        while (n-- > 0)
            token_list_add(out, bytes[(unsigned char)s[n]]);
        return 0;
    }
    if (t->unknown < 0)
        return err_set(e, ERR_FORMAT, "the model has no token for some "
                       "character of the text");
    if (!in_run || out->ids[out->n - 1] != t->unknown)
        token_list_add(out, t->unknown);
    return 0;
}

/* Appends the tokens of the best way: it is known from its end. */
static int add_tokens(const struct tokenizer *t, const struct buf *b,
                      const struct cut *cuts, struct token_list *out,
                      struct err *e)
{
    size_t begin = out->n;
    for (size_t at = b->len; at > 0; at = cuts[at].from) {
        size_t from = cuts[at].from;
        if (cuts[at].id != CUT_UNKNOWN)
            token_list_add(out, cuts[at].id);
        else if (add_unknown(t, b->data + from, at - from, out->n > begin,
                             out, e) != 0)
            return -1;
    }
    for (size_t i = begin, k = out->n; i + 1 < k; i++) {
        int32_t id = out->ids[i];
        out->ids[i] = out->ids[--k];
        out->ids[k] = id;
    }
    return 0;
}

static int cut_text(const struct tokenizer *t, const struct buf *b,
                    struct token_list *out, struct err *e)
{
    struct cut *cuts = mem_try(b->len + 1, sizeof(*cuts));
    if (cuts == NULL)
        return err_set(e, ERR_BACKEND, "no memory to cut a text of %zu bytes "
                       "into tokens", b->len);
    for (size_t i = 1; i <= b->len; i++)
        cuts[i].id = CUT_NONE;
    for (size_t at = 0; at < b->len;) {
        uint32_t cp;
        size_t n = utf8_decode(b->data + at, b->len - at, &cp);
        go_on(t, b, at, n, cuts);
        at += n;
    }
    int rc = add_tokens(t, b, cuts, out, e);
    free(cuts);
    return rc;
}

static int unigram_encode(const struct tokenizer *t, struct merger *m,
                          const char *text, size_t n, struct token_list *out,
                          struct err *e)
{
    (void)m;
    struct buf b;
    buf_init(&b, MAX_GROWTH * n + SPM_SPACE_BYTES);
    rewrite(t, text, n, &b);
    int rc = b.overflow || b.len > UINT32_MAX
                 ? err_set(e, ERR_FORMAT, "a text of %zu bytes becomes too "
                           "long when it is rewritten for this model", n)
                 : cut_text(t, &b, out, e);
    buf_free(&b);
    return rc;
}

const struct tokenizer_kind tokenizer_unigram = {
    .model = "t5",
    .open = unigram_open,
    .encode = unigram_encode,
    .piece = spm_piece,
};
