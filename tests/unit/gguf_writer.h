/* Writes GGUF files for tests, right and wrong ones, into a struct buf. */
#ifndef TESTS_GGUF_WRITER_H
#define TESTS_GGUF_WRITER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { W_U8, W_I8, W_U16, W_I16, W_U32, W_I32, W_F32, W_BOOL, W_STRING,
       W_ARRAY, W_U64, W_I64, W_F64 };

static inline void w_bytes(struct buf *b, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        buf_add_char(b, (char)(v >> 8 * i));
}

static inline void w_string(struct buf *b, const char *s)
{
    w_bytes(b, strlen(s), 8);
    buf_add_str(b, s);
}

static inline void w_header(struct buf *b, uint64_t n_tensors, uint64_t n_kv)
{
    buf_add_str(b, "GGUF");
    w_bytes(b, 3, 4);
    w_bytes(b, n_tensors, 8);
    w_bytes(b, n_kv, 8);
}

static inline void w_key(struct buf *b, const char *key, unsigned type)
{
    w_string(b, key);
    w_bytes(b, type, 4);
}

static inline void w_kv_u16(struct buf *b, const char *key, unsigned v)
{
    w_key(b, key, W_U16);
    w_bytes(b, v, 2);
}

static inline void w_kv_u32(struct buf *b, const char *key, uint32_t v)
{
    w_key(b, key, W_U32);
    w_bytes(b, v, 4);
}

static inline void w_f32(struct buf *b, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, 4);
    w_bytes(b, bits, 4);
}

static inline void w_kv_f32(struct buf *b, const char *key, float v)
{
    w_key(b, key, W_F32);
    w_f32(b, v);
}

static inline void w_kv_string(struct buf *b, const char *key, const char *v)
{
    w_key(b, key, W_STRING);
    w_string(b, v);
}

static inline void w_kv_array(struct buf *b, const char *key, unsigned type,
                              uint64_t n)
{
    w_key(b, key, W_ARRAY);
    w_bytes(b, type, 4);
    w_bytes(b, n, 8);
}

/* A directory entry of up to two dimensions (d1 0: one dimension). */
static inline void w_tensor(struct buf *b, const char *name, uint64_t d0,
                            uint64_t d1, uint32_t type, uint64_t offset)
{
    w_string(b, name);
    w_bytes(b, d1 ? 2 : 1, 4);
    w_bytes(b, d0, 8);
    if (d1)
        w_bytes(b, d1, 8);
    w_bytes(b, type, 4);
    w_bytes(b, offset, 8);
}

/* Zero bytes up to the next multiple of n. */
static inline void w_pad(struct buf *b, size_t n)
{
    while (b->len % n)
        buf_add_char(b, 0);
}

/* Writes the bytes to in/name; the path is the caller's to free. */
static inline char *w_save(const struct buf *b, const char *in,
                           const char *name)
{
    size_t n = strlen(in) + strlen(name) + 2;
    char *path = malloc(n);
    if (path == NULL)
        abort();
    snprintf(path, n, "%s/%s", in, name);
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(b->data, 1, b->len, f) != b->len ||
        fclose(f) != 0)
        abort();
    return path;
}

#endif
