/* checkpoint_writer: a tiny llama2.c model with random weights, written by the
 * tests themselves.
 *
 * Version 0 of the format (karpathy/llama2.c, export.py: seven numbers, then
 * float tensors in a fixed order) with its tokenizer.bin: 259 fixed tokens
 * (unknown, begin, end, the 256 bytes) and some words. */
#ifndef TESTS_UNIT_CHECKPOINT_WRITER_H
#define TESTS_UNIT_CHECKPOINT_WRITER_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/rng.h"

enum {
    TINY_DIM = 64,
    TINY_HIDDEN = 96,
    TINY_LAYERS = 2,
    TINY_HEADS = 4,
    TINY_VOCAB = 320,
    TINY_CTX = 512,
    TINY_Y = 259 + 7 /* the token "y" */
};

/* n floats around `mean`. */
static inline void tiny_add(struct buf *b, struct rng *r, size_t n, float mean)
{
    for (size_t i = 0; i < n; i++) {
        float v = mean + (float)(rng_double(r) - 0.5) * 0.5f;
        buf_add(b, &v, sizeof(v));
    }
}

/* poisoned: a token whose embedding is no number, or -1. */
static inline int tiny_write_poisoned(const char *path, uint64_t seed,
                                      int poisoned)
{
    /* A negative size says that the output matrix is one of its own. */
    const int32_t header[] = {TINY_DIM,   TINY_HIDDEN,  TINY_LAYERS, TINY_HEADS,
                              TINY_HEADS, -TINY_VOCAB,  TINY_CTX};
    const size_t d = TINY_DIM, h = TINY_HIDDEN, n = TINY_LAYERS;
    struct buf b;
    struct rng r;
    buf_init(&b, 64 << 20);
    rng_init(&r, seed);
    buf_add(&b, header, sizeof(header));
    tiny_add(&b, &r, TINY_VOCAB * d, 0); /* embedding */
    if (poisoned >= 0)
        memset(b.data + sizeof(header) + (size_t)poisoned * d * 4, 0xFF, d * 4);
    tiny_add(&b, &r, n * d, 1);          /* norms before attention */
    tiny_add(&b, &r, 4 * n * d * d, 0);  /* q, k, v, o */
    tiny_add(&b, &r, n * d, 1);          /* norms before the hidden layer */
    tiny_add(&b, &r, 3 * n * d * h, 0);  /* w1, w2, w3 */
    tiny_add(&b, &r, d, 1);              /* last norm */
    tiny_add(&b, &r, TINY_CTX * d / TINY_HEADS, 0); /* unused since 2023 */
    tiny_add(&b, &r, TINY_VOCAB * d, 0); /* output */
    int result = path_write_file(path, b.data, b.len, 0600, NULL);
    buf_free(&b);
    return result;
}

static inline int tiny_write_model(const char *path, uint64_t seed)
{
    return tiny_write_poisoned(path, seed, -1);
}

static inline void tiny_add_token(struct buf *b, float score, const char *s)
{
    int32_t n = (int32_t)strlen(s);
    buf_add(b, &score, sizeof(score));
    buf_add(b, &n, sizeof(n));
    buf_add(b, s, (size_t)n);
}

static inline int tiny_write_tokenizer(const char *path)
{
    static const char *const words[] = {" ", "a", "b",  "é",
                                        " the", "x", "\n", "y"};
    const int32_t longest = 16;
    char text[16];
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add(&b, &longest, sizeof(longest));
    tiny_add_token(&b, 0, "<unk>");
    tiny_add_token(&b, 0, "\n<s>\n");
    tiny_add_token(&b, 0, "\n</s>\n");
    for (unsigned i = 0; i < 256; i++) {
        snprintf(text, sizeof(text), "<0x%02X>", i);
        tiny_add_token(&b, 0, text);
    }
    for (size_t i = 259; i < TINY_VOCAB; i++) {
        size_t word = i - 259;
        snprintf(text, sizeof(text), "w%zu", word);
        bool named = word < sizeof(words) / sizeof(words[0]);
        tiny_add_token(&b, -(float)word, named ? words[word] : text);
    }
    int result = path_write_file(path, b.data, b.len, 0600, NULL);
    buf_free(&b);
    return result;
}

#endif
