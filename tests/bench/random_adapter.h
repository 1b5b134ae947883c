/* random_adapter: a LoRA adapter of random numbers for real weights, as a
 * file. */
#ifndef TESTS_BENCH_RANDOM_ADAPTER_H
#define TESTS_BENCH_RANDOM_ADAPTER_H

#include <stdio.h>
#include <string.h>

#include "backends/engine/file/gguf.h"
#include "backends/engine/kernels/half.h"
#include "base/rng.h"
#include "tests/unit/gguf_writer.h"

static inline bool random_adapter_takes(const struct gguf_tensor *t)
{
    return t->n_dims == 2 && t->name.n > 4 &&
           memcmp(t->name.data, "blk.", 4) == 0;
}

/* Describes both parts of a matrix, the numbers of which begin at *at, and
 * moves *at behind them. */
static inline void random_adapter_parts(struct buf *b,
                                        const struct gguf_tensor *t,
                                        uint64_t rank, uint64_t *at)
{
    char name[96];
    for (int k = 0; k < 2; k++) {
        uint64_t d[2] = {k == 0 ? t->dims[0] : rank,
                         k == 0 ? rank : t->dims[1]};
        snprintf(name, sizeof(name), "%.*s.lora_%c", (int)t->name.n,
                 t->name.data, 'a' + k);
        w_tensor(b, name, d[0], d[1], GGUF_F16, *at);
        *at += (d[0] * d[1] * 2 + 31) / 32 * 32;
    }
}

static inline void random_adapter_add(struct buf *b, const struct gguf *base,
                                      int rank, uint64_t seed)
{
    struct gguf_string arch = {"", 0};
    struct rng r;
    char text[64];
    uint64_t n = 0, bytes = 0;
    rng_init(&r, seed);
    for (size_t i = 0; i < gguf_n_tensors(base); i++)
        n += random_adapter_takes(gguf_tensor_at(base, i));
    gguf_get_string(base, "general.architecture", &arch);
    snprintf(text, sizeof(text), "%.*s", (int)arch.n, arch.data);
    w_header(b, 2 * n, 3);
    w_kv_string(b, "general.type", "adapter");
    w_kv_string(b, "general.architecture", text);
    w_kv_string(b, "adapter.type", "lora");
    for (size_t i = 0; i < gguf_n_tensors(base); i++)
        if (random_adapter_takes(gguf_tensor_at(base, i)))
            random_adapter_parts(b, gguf_tensor_at(base, i), (uint64_t)rank,
                                 &bytes);
    w_pad(b, 32);
    for (uint64_t i = 0; i < bytes / 2; i++)
        w_bytes(b, half_of_float((float)(rng_double(&r) - 0.5) / 16), 2);
}

/* Writes one of 16 bits, for all matrices of all layers of `weights`, to
 * `path`.  0 or -1. */
static inline int random_adapter_write(const char *weights, int rank,
                                       uint64_t seed, const char *path,
                                       struct err *e)
{
    struct gguf *base;
    struct buf b;
    if (gguf_open(&base, weights, e) != 0)
        return -1;
    buf_init(&b, (size_t)1 << 31);
    random_adapter_add(&b, base, rank, seed);
    gguf_close(base);
    FILE *f = fopen(path, "wb");
    size_t written = f != NULL ? fwrite(b.data, 1, b.len, f) : 0;
    bool whole = f != NULL && fclose(f) == 0 && written == b.len;
    buf_free(&b);
    return whole ? 0 : err_set(e, ERR_FAILURE, "cannot write %s", path);
}

#endif
