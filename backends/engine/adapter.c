#include "backends/engine/adapter.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/forward.h"
#include "backends/engine/kernels/half.h"
#include "backends/engine/kernels/kern.h"
#include "backends/engine/weights.h"
#include "base/mem.h"

/* Numbers are stored as less than 2 to this power. */
#define EXPONENT_KEPT 8

#define CACHE_LINE 64

#define SHOW(s) (int)((s).n < 64 ? (s).n : 64), (s).data

/* What reads a file. */
struct reader {
    struct engine_adapter *adapter;
    const struct gguf *file;
    const struct weights *weights;
    const struct kern_on_bytes *on_bytes;
    const char *path;
    float alpha;
};

/* A matrix of the base by its name: its size, and where what is added to it
 * goes.  Two places: the rows of one matrix belong to gate and up. */
struct target {
    struct adapter_pair *pairs[2];
    int rows, cols;
    bool quantized;
    bool flipped; /* A has a row for each column: the embedding */
};

/* --- the head ---------------------------------------------------------- */

static struct gguf_string get_text(const struct reader *r, const char *key)
{
    struct gguf_string s = {"", 0};
    gguf_get_string(r->file, key, &s);
    return s;
}

/* Whose weights are not known is not asked whether it fits them. */
static int check_head(struct reader *r, struct err *e)
{
    const char *base = r->weights ? r->weights->h.arch->name : NULL;
    struct gguf_string type = get_text(r, "general.type"),
                       arch = get_text(r, "general.architecture"),
                       kind = get_text(r, "adapter.type");
    double alpha = 0;
    if (!gguf_string_is(type, "adapter"))
        return err_set(e, ERR_FORMAT, "%s: is no adapter (its general.type is "
                       "\"%.*s\"); models go to \"file\"", r->path, SHOW(type));
    if (!gguf_string_is(kind, "lora"))
        return err_set(e, ERR_FORMAT, "%s: an adapter of type \"%.*s\"; this "
                       "engine knows \"lora\"", r->path, SHOW(kind));
    if (gguf_has(r->file, "adapter.alora.invocation_tokens"))
        return err_set(e, ERR_FORMAT, "%s: an adapter that only certain tokens "
                       "turn on (aLoRA), which this engine does not know",
                       r->path);
    if (base != NULL && !gguf_string_is(arch, base))
        return err_set(e, ERR_FORMAT, "%s: an adapter for architecture "
                       "\"%.*s\", but the model is \"%s\"; take the model that "
                       "it was trained on", r->path, SHOW(arch), base);
    if (gguf_has(r->file, "adapter.lora.alpha") &&
        (!gguf_get_f64(r->file, "adapter.lora.alpha", &alpha) ||
         !(fabs(alpha) < 1e9)))
        return err_set(e, ERR_FORMAT, "%s: adapter.lora.alpha is no usable "
                       "number", r->path);
    if (gguf_n_tensors(r->file) == 0)
        return err_set(e, ERR_FORMAT, "%s: an adapter without tensors",
                       r->path);
    r->alpha = (float)alpha;
    return 0;
}

/* --- which matrix ------------------------------------------------------ */

static const struct {
    const char *name;
    enum adapter_place place;
} parts[] = {
    {"attn_q.weight", ADAPTER_Q},       {"attn_k.weight", ADAPTER_K},
    {"attn_v.weight", ADAPTER_V},       {"attn_qkv.weight", ADAPTER_Q},
    {"attn_output.weight", ADAPTER_OUT}, {"ffn_gate.weight", ADAPTER_GATE},
    {"ffn_up.weight", ADAPTER_UP},      {"ffn_down.weight", ADAPTER_DOWN},
};

/* The matrix of a layer as the forward pass knows it, or NULL. */
static const struct matrix *matrix_at(const struct weights *w, int layer,
                                      enum adapter_place at, bool merged_qkv)
{
    const struct weights_layer *y = &w->layers[layer];
    if (at <= ADAPTER_V)
        return merged_qkv == (y->n_qkv == 1) ? &y->qkv[at - ADAPTER_Q] : NULL;
    if (at == ADAPTER_OUT)
        return &y->attn_out;
    if (w->h.n_experts > 0)
        return NULL;
    return at == ADAPTER_GATE ? &y->ffn->gate
                              : at == ADAPTER_UP ? &y->ffn->up : &y->ffn->down;
}

static bool target_of_layer(const struct reader *r, const char *name,
                            struct target *t)
{
    char whole[96];
    int layer, n = 0;
    if (sscanf(name, "blk.%d.%n", &layer, &n) != 1 || n == 0 || layer < 0 ||
        layer >= r->weights->h.n_layers)
        return false;
    size_t i = 0, n_parts = sizeof(parts) / sizeof(parts[0]);
    while (i < n_parts && strcmp(name + n, parts[i].name) != 0)
        i++;
    snprintf(whole, sizeof(whole), "blk.%d.%s", layer, name + n);
    if (i == n_parts || strcmp(whole, name) != 0) /* " 07" is no number here */
        return false;
    enum adapter_place at = parts[i].place;
    const struct matrix *m = matrix_at(r->weights, layer, at,
                                       strcmp(name + n, "attn_qkv.weight") ==
                                           0);
    if (m == NULL)
        return false;
    struct adapter_pair *pairs =
        &r->adapter->layers[layer * ADAPTER_PLACES];
    *t = (struct target){{&pairs[at], NULL}, m->rows, m->cols,
                         m->quant != NULL, false};
    snprintf(whole, sizeof(whole), "blk.%d.ffn_gate.weight", layer);
    bool merged = r->adapter->engine->gguf != NULL &&
                  gguf_find_tensor(r->adapter->engine->gguf, whole) == NULL;
    if (merged && at == ADAPTER_GATE)
        return false;
    if (merged && at == ADAPTER_UP) {
        t->pairs[0] = &pairs[ADAPTER_GATE];
        t->pairs[1] = &pairs[ADAPTER_UP];
        t->rows *= 2;
    }
    return true;
}

/* False: the model has no such matrix, or none that can be adapted. */
static bool find_target(const struct reader *r, const char *name,
                        struct target *t)
{
    const struct weights *w = r->weights;
    bool tied = w->head.data == w->embed.data;
    if (strcmp(name, "output.weight") == 0 && !tied) {
        *t = (struct target){{&r->adapter->head, NULL}, w->head.rows,
                             w->head.cols, w->head.quant != NULL, false};
        return true;
    }
    if (strcmp(name, "token_embd.weight") == 0 && !tied) {
        *t = (struct target){{&r->adapter->embed, NULL}, w->embed.cols,
                             w->embed.rows, false, true};
        return true;
    }
    return target_of_layer(r, name, t);
}

/* --- tensors ----------------------------------------------------------- */

static void *own(struct reader *r, void *p)
{
    struct engine_adapter *a = r->adapter;
    a->owned = mem_realloc(a->owned, a->n_owned + 1, sizeof(*a->owned));
    a->owned[a->n_owned++] = p;
    return p;
}

static int refuse_memory(const struct reader *r, struct err *e)
{
    return err_set(e, ERR_BACKEND, "%s: no memory for this adapter", r->path);
}

/* The numbers of a tensor, which the caller frees.  NULL with an error, for
 * numbers that are none, too. */
static float *read_floats(const struct reader *r, const struct gguf_tensor *t,
                          struct err *e)
{
    size_t n = (size_t)(t->dims[0] * t->dims[1]), i = 0;
    float *v = mem_try(n, sizeof(*v));
    if (v == NULL) {
        refuse_memory(r, e);
        return NULL;
    }
    quant_to_float(t->type, t->data, v, n);
    while (i < n && isfinite(v[i]))
        i++;
    if (i == n)
        return v;
    err_set(e, ERR_FORMAT, "%s: %.*s has numbers that are none; the file is "
            "damaged", r->path, SHOW(t->name));
    free(v);
    return NULL;
}

/* Of the largest of n numbers.  Divided by its power of two all fit into halves
 * and halves can scale 32 of them, and small ones keep their bits. */
static int exponent_of(const float *v, size_t n)
{
    float most = 0;
    int exponent = EXPONENT_KEPT;
    for (size_t i = 0; i < n; i++)
        most = fmaxf(most, fabsf(v[i]));
    if (most > 0)
        frexpf(most, &exponent);
    return exponent - EXPONENT_KEPT;
}

/* --- A ----------------------------------------------------------------- */

static size_t bytes_of(const struct matrix *m)
{
    return m->quant ? matrix_packed_bytes(m)
                    : (size_t)m->rows * (m->panel_bytes / MATRIX_PANEL);
}

static unsigned char *new_matrix(struct reader *r, const struct matrix *m,
                                 struct err *e)
{
    unsigned char *data = mem_try_aligned(bytes_of(m), 1);
    if (data == NULL) {
        refuse_memory(r, e);
        return NULL;
    }
    return own(r, data);
}

/* Blocks of 32 bytes with a scale, from n numbers divided by 2^exponent. */
static void to_blocks(const struct reader *r, const float *v, size_t n,
                      int exponent, unsigned char *out)
{
    size_t block = (size_t)quant_type(GGUF_Q8_0)->block_bytes;
    for (; n > 0; n -= 32, v += 32, out += block) {
        float part[32];
        for (int i = 0; i < 32; i++)
            part[i] = ldexpf(v[i], -exponent);
        uint16_t scale = r->on_bytes->value(part, 32, out + 2);
        out[0] = (unsigned char)scale;
        out[1] = (unsigned char)(scale >> 8);
        for (int i = 0; i < 32; i++)
            out[2 + i] ^= 128; /* they were 128 too large */
    }
}

/* To blocks of 32, unless it is quantized in the file. */
static int load_quantized_a(struct reader *r, const struct gguf_tensor *t,
                            const float *v, struct adapter_pair *p,
                            struct err *e)
{
    size_t n = (size_t)(t->dims[0] * t->dims[1]);
    bool kept = quant_type(t->type) != NULL;
    unsigned char *data = new_matrix(r, &p->a, e), *blocks = NULL;
    if (data == NULL)
        return -1;
    if (!kept) {
        int exponent = exponent_of(v, n);
        blocks = mem_try(n / 32, (size_t)p->a.quant->block_bytes);
        if (blocks == NULL)
            return refuse_memory(r, e);
        to_blocks(r, v, n, exponent, blocks);
        p->scale = ldexpf(p->scale, exponent);
    }
    matrix_pack(&p->a, kept ? t->data : blocks, data, 0, p->a.n_panels);
    free(blocks);
    p->a.data = data;
    return 0;
}

static int load_float_a(struct reader *r, const struct gguf_tensor *t,
                        const float *v, struct adapter_pair *p, struct err *e)
{
    unsigned char *data = new_matrix(r, &p->a, e);
    if (data == NULL)
        return -1;
    memcpy(data, p->a.type == t->type ? (const void *)t->data : v,
           bytes_of(&p->a));
    p->a.data = data;
    return 0;
}

/* Floats are of the file's type if it has any.  Blocks are for matrices whose
 * input is quantized, if they take less: they have 16 rows, whatever the
 * rank. */
static int load_a(struct reader *r, const struct target *to,
                  const struct gguf_tensor *t, struct adapter_pair *p,
                  struct err *e)
{
    struct matrix blocks;
    bool is_float = quant_type(t->type) == NULL;
    float *v = read_floats(r, t, e);
    if (v == NULL)
        return -1;
    matrix_describe(&p->a, is_float ? (uint32_t)t->type : GGUF_F32,
                    (int)t->dims[1], (int)t->dims[0]);
    bool quantized = false;
    if (to->quantized) {
        matrix_describe(&blocks, is_float ? GGUF_Q8_0 : (uint32_t)t->type,
                        (int)t->dims[1], (int)t->dims[0]);
        quantized = bytes_of(&blocks) < bytes_of(&p->a);
    }
    if (quantized)
        p->a = blocks;
    int rc = quantized ? load_quantized_a(r, t, v, p, e)
                       : load_float_a(r, t, v, p, e);
    free(v);
    return rc;
}

/* --- B ----------------------------------------------------------------- */

/* In both functions: `rows` rows from b on, divided by 2^exponent. */

static int load_halves(struct reader *r, const float *b, int rows,
                       int exponent, struct adapter_pair *p, struct err *e)
{
    int padded = kern_value_padded(rows);
    size_t rank = (size_t)p->rank;
    uint16_t *out = mem_try_aligned((size_t)padded * rank, sizeof(*out));
    if (out == NULL)
        return refuse_memory(r, e);
    p->halves = own(r, out);
    for (int i = 0; i < rows; i++) {
        int block = i / KERN_VALUE_BLOCK * KERN_VALUE_BLOCK;
        size_t width = (size_t)kern_value_width(padded, block);
        uint16_t *to = out + (size_t)block * rank + (i - block);
        for (size_t k = 0; k < rank; k++)
            to[k * width] = half_of_float(
                ldexpf(b[(size_t)i * rank + k], -exponent));
    }
    return 0;
}

static int load_bytes(struct reader *r, const float *b, int rows, int exponent,
                      struct adapter_pair *p, struct err *e)
{
    size_t all = (size_t)kern_value_padded(rows), n = (size_t)p->padded;
    uint8_t *bytes = mem_try_aligned(all * n, 1), key[ADAPTER_MOST_BYTES];
    uint16_t *scales = mem_try_aligned(all, sizeof(*scales));
    p->bytes = own(r, bytes);
    p->scales = own(r, scales);
    if (bytes == NULL || scales == NULL)
        return refuse_memory(r, e);
    for (int i = 0; i < (int)all; i++) {
        float row[ADAPTER_MOST_BYTES] = {0};
        for (int k = 0; i < rows && k < p->rank; k++)
            row[k] = ldexpf(b[(size_t)i * (size_t)p->rank + (size_t)k],
                            -exponent);
        scales[i] = r->on_bytes->key(row, p->padded, key);
        uint8_t *to = bytes +
                      (size_t)(i / KERN_KEY_BLOCK * KERN_KEY_BLOCK) * n +
                      4 * (size_t)(i % KERN_KEY_BLOCK);
        for (size_t k = 0; k < n; k += 4)
            memcpy(to + KERN_KEY_BLOCK * k, key + k, 4);
    }
    return 0;
}

/* --- both -------------------------------------------------------------- */

static int check_shapes(const struct reader *r, const char *name,
                        const struct target *t, const struct gguf_tensor *a,
                        const struct gguf_tensor *b, struct err *e)
{
    uint64_t rank = t->flipped ? a->dims[0] : a->dims[1];
    uint64_t cols = t->flipped ? a->dims[1] : a->dims[0];
    if (cols != (uint64_t)t->cols || b->dims[1] != (uint64_t)t->rows ||
        a->dims[2] * a->dims[3] * b->dims[2] * b->dims[3] != 1)
        return err_set(e, ERR_FORMAT, "%s: what it adds to %s is %llu x %llu, "
                       "but the matrix of the model is %d x %d; take the model "
                       "that it was trained on", r->path, name,
                       (unsigned long long)cols,
                       (unsigned long long)b->dims[1], t->cols, t->rows);
    if (rank != b->dims[0])
        return err_set(e, ERR_FORMAT, "%s: both parts of %s must have one "
                       "rank, not %llu and %llu", r->path, name,
                       (unsigned long long)rank,
                       (unsigned long long)b->dims[0]);
    if (rank > ADAPTER_MOST_RANK)
        return err_set(e, ERR_FORMAT, "%s: %s has rank %llu; %d is the most",
                       r->path, name, (unsigned long long)rank,
                       ADAPTER_MOST_RANK);
    return 0;
}

static bool are_bytes_less(const struct adapter_pair *p)
{
    return p->padded + (int)sizeof(*p->scales) <
               p->rank * (int)sizeof(*p->halves) &&
           p->padded <= ADAPTER_MOST_BYTES;
}

static int load_pairs(struct reader *r, const struct target *t,
                      const struct gguf_tensor *ta,
                      const struct gguf_tensor *tb, struct err *e)
{
    int rank = (int)tb->dims[0];
    int n = t->pairs[1] != NULL ? 2 : 1, rows = t->rows / n;
    struct adapter_pair p = {
        .rank = rank,
        .padded = kern_value_padded(rank),
        .scale = r->alpha != 0 ? r->alpha / (float)rank : 1,
    };
    float *b = read_floats(r, tb, e);
    int rc = b != NULL ? load_a(r, t, ta, &p, e) : -1;
    for (int i = 0; i < n && rc == 0; i++) {
        const float *part = b + (size_t)i * (size_t)rows * (size_t)rank;
        int exponent = exponent_of(part, (size_t)rows * (size_t)rank);
        p.rows = rows;
        *t->pairs[i] = p;
        t->pairs[i]->scale = ldexpf(p.scale, exponent);
        rc = t->quantized && are_bytes_less(&p)
                 ? load_bytes(r, part, rows, exponent, t->pairs[i], e)
                 : load_halves(r, part, rows, exponent, t->pairs[i], e);
    }
    if (rank > r->adapter->max_rank)
        r->adapter->max_rank = rank;
    free(b);
    return rc;
}

#define SUFFIX_BYTES 7 /* of ".lora_a" */

/* Copies a name without its suffix.  False: it does not end in it, or is
 * longer than that of any matrix. */
static bool base_name(struct gguf_string s, const char *suffix, char out[80])
{
    if (s.n <= SUFFIX_BYTES || s.n - SUFFIX_BYTES >= 72 ||
        memchr(s.data, '\0', s.n) != NULL ||
        memcmp(s.data + s.n - SUFFIX_BYTES, suffix, SUFFIX_BYTES) != 0)
        return false;
    memcpy(out, s.data, s.n - SUFFIX_BYTES);
    out[s.n - SUFFIX_BYTES] = '\0';
    return true;
}

/* The other part of a matrix, or NULL. */
static const struct gguf_tensor *partner(const struct reader *r,
                                         const char *name, const char *suffix)
{
    char whole[96];
    snprintf(whole, sizeof(whole), "%s%s", name, suffix);
    return gguf_find_tensor(r->file, whole);
}

static int load_tensor(struct reader *r, const struct gguf_tensor *t,
                       struct err *e)
{
    char name[80];
    struct target target;
    bool is_a = base_name(t->name, ".lora_a", name);
    if (!is_a && !base_name(t->name, ".lora_b", name))
        return err_set(e, ERR_FORMAT, "%s: tensor %.*s is neither the lora_a "
                       "nor the lora_b of a matrix", r->path, SHOW(t->name));
    const struct gguf_tensor *other =
        partner(r, name, is_a ? ".lora_b" : ".lora_a");
    if (other == NULL)
        return err_set(e, ERR_FORMAT, "%s: %s has a lora_%c, but no lora_%c",
                       r->path, name, is_a ? 'a' : 'b', is_a ? 'b' : 'a');
    if (!is_a)
        return 0; /* is loaded with its A */
    if (!find_target(r, name, &target))
        return err_set(e, ERR_FORMAT, "%s: changes %s, which the model does "
                       "not have as a matrix of its own that can be adapted; "
                       "take the model that it was trained on", r->path, name);
    if (check_shapes(r, name, &target, t, other, e) != 0)
        return -1;
    return load_pairs(r, &target, t, other, e);
}

/* --- in one place ------------------------------------------------------- */

/* All that the pairs point to moves behind each other, in the order in which a
 * pass reads it: then memory answers sooner. */
struct moving {
    unsigned char *to; /* NULL: it is only counted */
    size_t n_bytes;
};

/* Where it is from now on. */
static const void *move(struct moving *m, const void *from, size_t bytes)
{
    size_t at = m->n_bytes;
    if (from == NULL)
        return NULL;
    m->n_bytes += (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    return m->to == NULL ? from : memcpy(m->to + at, from, bytes);
}

/* The n products of a stage, from p on. */
static void move_stage(struct moving *m, struct adapter_pair *p, int n)
{
    const unsigned char *from = NULL, *to = NULL; /* of the A before */
    for (int i = 0; i < n; i++) {
        const unsigned char *a = p[i].a.data; /* NULL: there is none */
        if (a != from)
            to = move(m, a, bytes_of(&p[i].a));
        p[i].a.data = to;
        from = a;
    }
    for (int i = 0; i < n; i++) {
        size_t rows = (size_t)kern_value_padded(p[i].rows);
        p[i].halves = move(m, p[i].halves, rows * (size_t)p[i].rank * 2);
        p[i].bytes = move(m, p[i].bytes, rows * (size_t)p[i].padded);
        p[i].scales = move(m, p[i].scales, rows * 2);
    }
}

static void move_all(struct engine_adapter *a, int n_layers, struct moving *m)
{
    move_stage(m, &a->embed, 1);
    for (int i = 0; i < n_layers; i++) {
        struct adapter_pair *p = &a->layers[i * ADAPTER_PLACES];
        move_stage(m, p + ADAPTER_Q, 3);
        move_stage(m, p + ADAPTER_OUT, 1);
        move_stage(m, p + ADAPTER_GATE, 2);
        move_stage(m, p + ADAPTER_DOWN, 1);
    }
    move_stage(m, &a->head, 1);
}

static int put_in_one_place(struct reader *r, struct err *e)
{
    struct engine_adapter *a = r->adapter;
    int n_layers = r->weights->h.n_layers;
    struct moving m = {NULL, 0};
    move_all(a, n_layers, &m);
    m = (struct moving){mem_try_huge(m.n_bytes), 0};
    if (m.to == NULL)
        return refuse_memory(r, e);
    move_all(a, n_layers, &m);
    for (size_t i = 0; i < a->n_owned; i++)
        free(a->owned[i]);
    a->owned[0] = m.to;
    a->n_owned = 1;
    return 0;
}

/* --- the whole --------------------------------------------------------- */

static int load_all(struct reader *r, struct err *e)
{
    if (check_head(r, e) != 0)
        return -1;
    for (size_t i = 0; i < gguf_n_tensors(r->file); i++)
        if (load_tensor(r, gguf_tensor_at(r->file, i), e) != 0)
            return -1;
    return gguf_check(r->file, e) == 0 ? put_in_one_place(r, e) : -1;
}

int engine_adapter_check(const char *path, struct err *e)
{
    struct gguf *file;
    if (gguf_open(&file, path, e) != 0)
        return engine_refuse(e);
    struct reader r = {.file = file, .path = path};
    int rc = check_head(&r, e);
    gguf_close(file);
    return rc == 0 ? 0 : engine_refuse(e);
}

int engine_adapter_open(struct engine_adapter **out, const struct engine *g,
                        const char *path, struct err *e)
{
    struct gguf *file;
    if (gguf_open(&file, path, e) != 0)
        return engine_refuse(e);
    struct engine_adapter *a = mem_calloc(1, sizeof(*a));
    struct reader r = {a, file, g->weights, g->forward->kern->on_bytes,
                       path, 0};
    a->engine = g;
    a->layers = mem_calloc((size_t)(g->weights->h.n_layers * ADAPTER_PLACES),
                           sizeof(*a->layers));
    int rc = load_all(&r, e);
    gguf_close(file);
    if (rc != 0) {
        engine_adapter_close(a);
        return engine_refuse(e);
    }
    *out = a;
    return 0;
}

void engine_adapter_close(struct engine_adapter *a)
{
    if (a == NULL)
        return;
    for (size_t i = 0; i < a->n_owned; i++)
        free(a->owned[i]);
    free(a->owned);
    free(a->layers);
    free(a);
}
