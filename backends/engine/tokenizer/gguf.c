/* Opens the tokenizer that a GGUF file describes.
 * Source of the keys: "GGUF" specification, ggml repository. */
#include "backends/engine/tokenizer/private.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MAX_TOKENS (1u << 24)

static const struct tokenizer_kind *const kinds[] = {
    &tokenizer_bpe,
    &tokenizer_spm,
    &tokenizer_unigram,
};

static int find_kind(struct tokenizer *t, const struct gguf *g, struct err *e)
{
    struct gguf_string model;
    if (!gguf_get_string(g, "tokenizer.ggml.model", &model))
        return err_set(e, ERR_FORMAT, "%s: has no tokenizer (no "
                       "tokenizer.ggml.model)", gguf_path(g));
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (gguf_string_is(model, kinds[i]->model))
            t->kind = kinds[i];
    if (t->kind == NULL)
        return err_set(e, ERR_BACKEND, "%s: tokenizer \"%.*s\" is not known; "
                       "known are gpt2 (byte-level BPE), llama and t5 "
                       "(SentencePiece)", gguf_path(g),
                       (int)(model.n < 40 ? model.n : 40), model.data);
    return 0;
}

/* The arrays beside the texts, [n] each; NULL: not in the file. */
struct beside {
    float *scores;
    int32_t *types;
};

static int read_scores(struct beside *b, const struct gguf *g, size_t n,
                       struct err *e)
{
    static const char key[] = "tokenizer.ggml.scores";
    if (!gguf_has(g, key))
        return 0;
    b->scores = mem_try(n, sizeof(*b->scores));
    if (b->scores == NULL)
        return err_set(e, ERR_BACKEND, "%s: no memory for %zu tokens",
                       gguf_path(g), n);
    size_t have = gguf_is_array_of(g, key, GGUF_V_F32)
                      ? gguf_array_f32(g, key, b->scores, n)
                      : 0;
    if (have != n)
        return err_set(e, ERR_FORMAT, "%s: %s is not an array of %zu float "
                       "numbers, one for each token", gguf_path(g), key, n);
    for (size_t i = 0; i < n; i++)
        if (isnan(b->scores[i]))
            return err_set(e, ERR_FORMAT, "%s: the score of token %zu is not "
                           "a number", gguf_path(g), i);
    return 0;
}

static int read_types(struct beside *b, const struct gguf *g, size_t n,
                      struct err *e)
{
    static const char key[] = "tokenizer.ggml.token_type";
    if (!gguf_has(g, key))
        return 0;
    b->types = mem_try(n, sizeof(*b->types));
    if (b->types == NULL)
        return err_set(e, ERR_BACKEND, "%s: no memory for %zu tokens",
                       gguf_path(g), n);
    size_t have = gguf_is_array_of(g, key, GGUF_V_I32) ||
                          gguf_is_array_of(g, key, GGUF_V_U32)
                      ? gguf_array_i32(g, key, b->types, n)
                      : 0;
    if (have != n)
        return err_set(e, ERR_FORMAT, "%s: %s is not an array of %zu 32-bit "
                       "whole numbers, one for each token", gguf_path(g), key,
                       n);
    for (size_t i = 0; i < n; i++)
        if (b->types[i] < 0 || b->types[i] >= TOKEN_N_TYPES)
            return err_set(e, ERR_FORMAT, "%s: token %zu has the unknown type "
                           "%d", gguf_path(g), i, (int)b->types[i]);
    return 0;
}

/* A file without types: those that the texts show. */
static enum token_type guess_type(struct gguf_string s)
{
    return spm_byte_of(s.data, s.n) >= 0 ? TOKEN_BYTE : TOKEN_NORMAL;
}

static int fill_vocab(struct tokenizer *t, const struct gguf *g,
                      const struct gguf_strings *s, const struct beside *b,
                      struct err *e)
{
    size_t n_bytes = 0;
    for (size_t i = 0; i < s->n; i++)
        n_bytes += gguf_strings_at(s, i).n; /* all lie within 4 GiB */
    if (vocab_init(&t->vocab, s->n, n_bytes, e) != 0)
        return err_wrap(e, "%s", gguf_path(g));
    for (size_t i = 0; i < s->n; i++) {
        struct gguf_string text = gguf_strings_at(s, i);
        int32_t same = vocab_add(
            &t->vocab, text.data, text.n, b->scores ? b->scores[i] : 0,
            b->types ? (enum token_type)b->types[i] : guess_type(text));
        if (same >= 0)
            return err_set(e, ERR_FORMAT, "%s: tokens %d and %zu are the same",
                           gguf_path(g), (int)same, i);
    }
    return 0;
}

static int read_vocab(struct tokenizer *t, const struct gguf *g,
                      struct err *e)
{
    struct gguf_strings s;
    gguf_get_strings(g, "tokenizer.ggml.tokens", &s);
    if (s.n == 0 || s.n > MAX_TOKENS)
        return err_set(e, ERR_FORMAT, "%s: tokenizer.ggml.tokens is not an "
                       "array of up to %u texts", gguf_path(g), MAX_TOKENS);
    struct beside b = {0};
    int rc = read_scores(&b, g, s.n, e);
    if (rc == 0)
        rc = read_types(&b, g, s.n, e);
    if (rc == 0)
        rc = fill_vocab(t, g, &s, &b, e);
    free(b.scores);
    free(b.types);
    return rc;
}

/* A token that the file names by key; *id stays if it has no such key. */
static int read_id(const struct tokenizer *t, const struct gguf *g,
                   const char *key, int32_t *id, struct err *e)
{
    uint64_t v;
    if (*id >= 0 && (size_t)*id >= t->vocab.n)
        *id = -1;
    if (!gguf_get_u64(g, key, &v))
        return 0;
    if (v == UINT32_MAX) { /* how some converters write "none" */
        *id = -1;
        return 0;
    }
    if (v >= t->vocab.n)
        return err_set(e, ERR_FORMAT, "%s: %s is %llu, but there are %zu "
                       "tokens", gguf_path(g), key, (unsigned long long)v,
                       t->vocab.n);
    *id = (int32_t)v;
    return 0;
}

static int read_ids(struct tokenizer *t, const struct gguf *g, struct err *e)
{
    int32_t eot = -1, eom = -1;
    if (read_id(t, g, "tokenizer.ggml.bos_token_id", &t->bos, e) != 0 ||
        read_id(t, g, "tokenizer.ggml.eos_token_id", &t->eos, e) != 0 ||
        read_id(t, g, "tokenizer.ggml.unknown_token_id", &t->unknown, e) ||
        read_id(t, g, "tokenizer.ggml.eot_token_id", &eot, e) != 0 ||
        read_id(t, g, "tokenizer.ggml.eom_token_id", &eom, e) != 0)
        return -1;
    if (eot >= 0)
        t->vocab.tokens[eot].is_end = true;
    if (eom >= 0)
        t->vocab.tokens[eom].is_end = true;
    return 0;
}

int tokenizer_open(struct tokenizer **out, const struct gguf *g,
                   struct err *e)
{
    struct tokenizer *t = mem_calloc(1, sizeof(*t));
    t->bos = t->eos = t->unknown = -1;
    if (find_kind(t, g, e) != 0 || read_vocab(t, g, e) != 0)
        goto fail;
    if (t->kind->open(t, g, e) != 0 || read_ids(t, g, e) != 0)
        goto fail;
    gguf_get_bool(g, "tokenizer.ggml.add_bos_token", &t->add_bos);
    gguf_get_bool(g, "tokenizer.ggml.add_eos_token", &t->add_eos);
    if (t->kind != &tokenizer_bpe)
        gguf_get_bool(g, "tokenizer.ggml.add_space_prefix", &t->add_space);
    tokenizer_find_specials(t);
    struct gguf_string arch = {"", 0}, name = {"", 0};
    gguf_get_string(g, "general.architecture", &arch);
    gguf_get_string(g, "general.name", &name);
    tokenizer_find_strips(t, arch, name);
    *out = t;
    return 0;
fail:
    tokenizer_close(t);
    return -1;
}
