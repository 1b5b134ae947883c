/* What the tests of the tokenizer share: opening a vocabulary written by
 * vocab_writer.h, and asking it. */
#ifndef TESTS_TOKENIZER_HELPERS_H
#define TESTS_TOKENIZER_HELPERS_H

#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/engine/tokenizer/tokenizer.h"
#include "tests/unit/folder.h"
#include "tests/unit/vocab_writer.h"

static inline int make_folder(void **state)
{
    (void)state;
    return folder_make("tokenizer");
}

/* Opens what the bytes are.  NULL, with e set, where it is refused. */
static inline struct tokenizer *open_bytes(const struct buf *b, struct err *e)
{
    char *path = w_save(b, folder, "vocab.gguf");
    struct gguf *g = NULL;
    struct tokenizer *t = NULL;
    if (gguf_open(&g, path, e) == 0 && tokenizer_open(&t, g, e) != 0)
        t = NULL;
    gguf_close(g);
    free(path);
    return t;
}

static inline struct tokenizer *open_file(struct vocab_file *f, struct err *e)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    v_write(f, &b);
    struct tokenizer *t = open_bytes(&b, e);
    buf_free(&b);
    return t;
}

static inline struct tokenizer *must_open(struct vocab_file *f)
{
    struct err e = {0};
    struct tokenizer *t = open_file(f, &e);
    if (t == NULL)
        fail_msg("%s", e.text);
    return t;
}

static inline void end(struct vocab_file *f, struct tokenizer *t)
{
    tokenizer_close(t);
    v_free(f);
}

/* "1 2 3" for the ids of a text; the caller's to free. */
static inline char *ids_of(const struct tokenizer *t, const char *text,
                           size_t n, unsigned flags)
{
    struct token_list l = {0};
    struct err e = {0};
    struct buf b;
    buf_init(&b, 1 << 20);
    if (tokenizer_encode(t, text, n, NULL, 0, flags, &l, &e) != 0)
        buf_add_str(&b, e.text);
    else
        for (size_t i = 0; i < l.n; i++)
            buf_addf(&b, "%s%d", i ? " " : "", (int)l.ids[i]);
    token_list_free(&l);
    return buf_detach(&b);
}

static inline void assert_ids(const struct tokenizer *t, const char *text,
                       unsigned flags, const char *want)
{
    char *have = ids_of(t, text, strlen(text), flags);
    assert_string_equal(have, want);
    free(have);
}

/* Encodes and decodes; the bytes must be the same. */
static inline void assert_kept(const struct tokenizer *t, const char *text,
                               size_t n)
{
    struct token_list l = {0};
    struct buf b;
    buf_init(&b, 1 << 22);
    assert_int_equal(tokenizer_encode(t, text, n, NULL, 0, 0, &l, NULL), 0);
    for (size_t i = 0; i < l.n; i++)
        tokenizer_piece(t, l.ids[i], false, &b);
    const char *have = b.data + (tokenizer_adds_space(t) && n > 0);
    assert_int_equal(b.len - (size_t)(have - b.data), n);
    assert_memory_equal(have, text, n);
    buf_free(&b);
    token_list_free(&l);
}

#endif
