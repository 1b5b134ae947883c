/* Random LoRA adapters for the models of tests/engine/models: as files, and
 * merged into the bytes of a model. */
#ifndef TESTS_UNIT_ADAPTER_WRITER_H
#define TESTS_UNIT_ADAPTER_WRITER_H

#include <stdlib.h>
#include <string.h>

#include "backends/engine/file/gguf.h"
#include "backends/engine/kernels/half.h"
#include "backends/engine/kernels/quant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "gguf_writer.h"

enum { MAX_TENSORS = 64 };

/* Random parts of an adapter for one matrix of a model. */
struct part {
    char name[64];
    int cols, rows; /* of the matrix */
    bool flipped;   /* the embedding */
    float *a, *b;   /* [rank][cols] and [rows][rank] */
};

struct adapter {
    struct part parts[MAX_TENSORS];
    size_t n;
    int rank;
    float alpha;
    uint32_t type;
};

static inline float *random_floats(struct rng *r, size_t n, float size,
                                   uint32_t type)
{
    float *v = mem_calloc(n, sizeof(*v));
    for (size_t i = 0; i < n; i++) {
        v[i] = (float)(rng_double(r) - 0.5) * 2 * size;
        if (type == GGUF_F16)
            v[i] = float_of_half(half_of_float(v[i]));
    }
    return v;
}

static inline bool is_adapted(const char *name)
{
    return strstr(name, ".attn_") || strstr(name, ".ffn_")
               ? strstr(name, "_norm") == NULL &&
                     strcmp(name + strlen(name) - 7, ".weight") == 0
               : strcmp(name, "output.weight") == 0;
}

/* An adapter for all matrices of a model; the embedding's, if it has a head of
 * its own. */
static inline void make_adapter(struct adapter *ad, const struct gguf *g,
                                uint64_t seed, int rank, float alpha,
                                uint32_t type)
{
    struct rng r;
    bool head = gguf_find_tensor(g, "output.weight") != NULL;
    rng_init(&r, seed);
    *ad = (struct adapter){.rank = rank, .alpha = alpha, .type = type};
    for (size_t i = 0; i < gguf_n_tensors(g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);
        struct part *p = &ad->parts[ad->n];
        snprintf(p->name, sizeof(p->name), "%.*s", (int)t->name.n,
                 t->name.data);
        p->flipped = strcmp(p->name, "token_embd.weight") == 0;
        if (!is_adapted(p->name) && !(p->flipped && head))
            continue;
        assert_true(ad->n + 1 < MAX_TENSORS);
        p->cols = (int)t->dims[0];
        p->rows = (int)t->dims[1];
        p->a = random_floats(&r, (size_t)(rank * p->cols), 0.5f, type);
        p->b = random_floats(&r, (size_t)(rank * p->rows), 0.3f, type);
        ad->n++;
    }
}

static inline void free_adapter(struct adapter *ad)
{
    for (size_t i = 0; i < ad->n; i++) {
        free(ad->parts[i].a);
        free(ad->parts[i].b);
    }
}

static inline size_t bytes_of(const struct adapter *ad, int n)
{
    return ((size_t)n * (ad->type == GGUF_F16 ? 2 : 4) + 31) / 32 * 32;
}

static inline void w_floats(struct buf *b, const struct adapter *ad,
                            const float *v, int n)
{
    for (int i = 0; i < n; i++) {
        if (ad->type == GGUF_F16)
            w_bytes(b, half_of_float(v[i]), 2);
        else
            w_f32(b, v[i]);
    }
    w_pad(b, 32);
}

/* A matrix [rows][cols], or turned. */
static inline void w_turned(struct buf *b, const struct adapter *ad,
                            const float *v, int rows, int cols)
{
    float *t = mem_calloc((size_t)(rows * cols), sizeof(*t));
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++)
            t[j * rows + i] = v[i * cols + j];
    w_floats(b, ad, t, rows * cols);
    free(t);
}

static inline void w_directory(struct buf *b, const struct adapter *ad)
{
    size_t at = 0;
    char name[80];
    for (size_t i = 0; i < ad->n; i++) {
        const struct part *p = &ad->parts[i];
        uint64_t rank = (uint64_t)ad->rank, rows = (uint64_t)p->rows,
                 cols = (uint64_t)p->cols;
        snprintf(name, sizeof(name), "%s.lora_a", p->name);
        if (p->flipped) /* of W turned: A has a row a token */
            w_tensor(b, name, rank, rows, ad->type, at);
        else
            w_tensor(b, name, cols, rank, ad->type, at);
        at += bytes_of(ad, ad->rank * (p->flipped ? p->rows : p->cols));
        snprintf(name, sizeof(name), "%s.lora_b", p->name);
        w_tensor(b, name, rank, p->flipped ? cols : rows, ad->type, at);
        at += bytes_of(ad, ad->rank * (p->flipped ? p->cols : p->rows));
    }
}

/* Where the directory of tensors begins in the bytes of a file. */
static inline size_t directory_at(const struct buf *file, const struct gguf *g)
{
    size_t first = file->len;
    for (size_t i = 0; i < gguf_n_tensors(g); i++) {
        struct gguf_string name = gguf_tensor_at(g, i)->name;
        size_t at = 0;
        struct buf entry;
        buf_init(&entry, 200);
        w_bytes(&entry, name.n, 8);
        buf_add(&entry, name.data, name.n);
        while (at < first &&
               memcmp(file->data + at, entry.data, entry.len) != 0)
            at++;
        first = at;
        buf_free(&entry);
    }
    return first;
}

/* The same model with all numbers as F32. */
static inline void expand(const struct buf *file, const struct gguf *g,
                          struct buf *out)
{
    size_t at = 0;
    buf_add(out, file->data, directory_at(file, g));
    for (size_t i = 0; i < gguf_n_tensors(g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);
        char name[80];
        snprintf(name, sizeof(name), "%.*s", (int)t->name.n, t->name.data);
        w_tensor(out, name, t->dims[0], t->n_dims > 1 ? t->dims[1] : 0,
                 GGUF_F32, at);
        at += (t->dims[0] * t->dims[1] * 4 + 31) / 32 * 32;
    }
    w_pad(out, 32);
    for (size_t i = 0; i < gguf_n_tensors(g); i++) {
        const struct gguf_tensor *t = gguf_tensor_at(g, i);
        size_t n = (size_t)(t->dims[0] * t->dims[1]);
        float *v = mem_calloc(n, sizeof(*v));
        quant_to_float(t->type, t->data, v, n);
        buf_add(out, (const char *)v, n * sizeof(*v));
        w_pad(out, 32);
        free(v);
    }
}

/* Writes it to in/name; the path is the caller's to free. */
static inline char *save_adapter(const struct adapter *ad, const char *arch,
                                 const char *in, const char *name)
{
    struct buf b;
    buf_init(&b, 1 << 24);
    w_header(&b, 2 * ad->n, 4);
    w_kv_string(&b, "general.type", "adapter");
    w_kv_string(&b, "general.architecture", arch);
    w_kv_string(&b, "adapter.type", "lora");
    w_kv_f32(&b, "adapter.lora.alpha", ad->alpha);
    w_directory(&b, ad);
    w_pad(&b, 32);
    for (size_t i = 0; i < ad->n; i++) {
        const struct part *p = &ad->parts[i];
        if (p->flipped) {
            w_floats(&b, ad, p->b, p->rows * ad->rank);
            w_turned(&b, ad, p->a, ad->rank, p->cols);
        } else {
            w_floats(&b, ad, p->a, ad->rank * p->cols);
            w_floats(&b, ad, p->b, p->rows * ad->rank);
        }
    }
    char *path = w_save(&b, in, name);
    buf_free(&b);
    return path;
}

/* Adds scale B A to the matrices in the bytes of a model's file. */
static inline void merge(struct buf *file, const struct gguf *g,
                         const struct adapter *ad, float scale)
{
    for (size_t i = 0; i < ad->n; i++) {
        const struct part *p = &ad->parts[i];
        const struct gguf_tensor *t = gguf_find_tensor(g, p->name);
        const unsigned char *base = mapping_data(gguf_mapping_of(g, t->data));
        char *at = file->data + (t->data - base);
        for (int r = 0; r < p->rows; r++)
            for (int c = 0; c < p->cols; c++, at += 4) {
                double sum = 0;
                float w;
                for (int k = 0; k < ad->rank; k++)
                    sum += (double)p->b[r * ad->rank + k] *
                           (double)p->a[k * p->cols + c];
                memcpy(&w, at, 4);
                w += scale * (float)sum;
                memcpy(at, &w, 4);
            }
    }
}

#endif
