/* Products with matrices that adapters change: W x + scale B (A x).
 *
 * Rows of a pass that belong to sessions with different adapters, or none,
 * share the product with W.  Before it all threads make their parts of A x, of
 * each session and adapter; behind it they add B times that to their columns
 * of the results.  What a row gets does not depend on the others. */
#include "backends/engine/forward.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define ROWS 16 /* that meet a block of B together */

/* The rows of some products, by session. */
struct adapted {
    struct forward *f;
    const struct forward_span *spans;
    int n_spans, n_rows;
    int layer;
    enum adapter_place at; /* of the first product */
    const struct forward_product *products;
    int n_products;
    int thread;
};

/* What an adapter adds to the k-th product, or NULL. */
static const struct adapter_pair *pair_of(const struct adapted *d,
                                          const struct engine_adapter *a, int k)
{
    if (d->layer < d->f->weights->h.n_layers)
        return adapter_pair(a, d->layer, d->at + (enum adapter_place)k);
    return a->head.rank > 0 ? &a->head : NULL;
}

/* The product whose A x is also that of the k-th: the one before if both are
 * halves of one matrix. */
static int source_of(const struct adapted *d, const struct engine_adapter *a,
                     int k)
{
    const struct adapter_pair *p = pair_of(d, a, k),
                              *before = k > 0 ? pair_of(d, a, k - 1) : NULL;
    return p != NULL && before != NULL && p->a.data == before->a.data ? k - 1
                                                                      : k;
}

/* Where A x of a row begins, of the k-th product. */
static float *ranks_of(const struct adapted *d, int k, int row)
{
    size_t at = (size_t)(k * d->n_rows + row) * (size_t)d->f->n_ranks;
    return d->f->ranks + at;
}

/* Memory for n things of `size` bytes in place of p, which has room for *cap:
 * what was in it is lost.  *cap < n: there is none. */
static void *grow(void *p, size_t *cap, size_t n, size_t size)
{
    if (n <= *cap)
        return p;
    free(p);
    p = mem_try_aligned(n, size);
    *cap = p != NULL ? n : 0;
    return p;
}

int adapt_prepare(struct forward *f, struct err *e)
{
    size_t longest = 0;
    f->n_ranks = 0;
    for (int i = 0; i < f->n_spans; i++) {
        const struct engine_session *s = f->spans[i].session;
        int n = 0;
        for (size_t k = 0; k < s->n_adapted; k++)
            n += s->adapted[k].adapter->max_rank;
        f->n_ranks = n > f->n_ranks ? n : f->n_ranks;
        if (n > 0 && (size_t)f->spans[i].n > longest)
            longest = (size_t)f->spans[i].n;
    }
    f->cap_picked = f->n_spans > 1 ? longest * forward_row_blocks(f) : 0;
    /* Three products at most meet in a stage. */
    size_t n = 3 * (size_t)f->n_rows * (size_t)f->n_ranks;
    size_t n_picked = (size_t)f->max_threads * f->cap_picked;
    f->ranks = grow(f->ranks, &f->cap_ranks, n, sizeof(*f->ranks));
    f->picked = grow(f->picked, &f->cap_all_picked, n_picked,
                     sizeof(*f->picked));
    if (f->cap_ranks >= n && f->cap_all_picked >= n_picked)
        return 0;
    return err_set(e, ERR_BACKEND, "%s: no memory for adapters",
                   f->engine->path);
}

/* --- A x --------------------------------------------------------------- */

/* The rows of a session, as if they were all; their blocks if they are wanted
 * quantized. */
static struct kern_rows rows_of(const struct adapted *d,
                                const struct kern_rows *x,
                                const struct forward_span *s, bool quantized)
{
    struct kern_rows own = {s->n, x->cols, x->blocks,
                            x->floats + (size_t)s->first * (size_t)x->cols};
    if (s->n == x->n_rows || !quantized)
        return own;
    struct kern_block *out = d->f->picked +
                             (size_t)d->thread * d->f->cap_picked;
    int n = x->cols / 32, width, own_width;
    for (int i = 0; i < s->n; i++) {
        const struct kern_block *from =
            x->blocks + kern_block_at(x->n_rows, s->first + i, n, &width);
        struct kern_block *to = out + kern_block_at(s->n, i, n, &own_width);
        for (int b = 0; b < n; b++)
            to[b * own_width] = from[b * width];
    }
    own.blocks = out;
    return own;
}

/* A part [first, last) of the panels of A of all products and adapters, in the
 * order in which they are met. */
struct panels {
    int first, last;
    int before; /* panels that were met */
};

/* Multiplies those of an adapter of a session that are in the part. */
static void multiply_a(const struct adapted *d, int k,
                       const struct adapter_pair *p,
                       const struct forward_span *s, struct panels *part,
                       float *out)
{
    int first = part->first - part->before, last = part->last - part->before;
    first = first > 0 ? first : 0;
    last = last < p->a.n_panels ? last : p->a.n_panels;
    part->before += p->a.n_panels;
    if (first >= last)
        return;
    struct kern_rows x = rows_of(d, &d->products[k].x, s,
                                 p->a.quant != NULL);
    d->f->kern->matmul(&p->a, first, last, &x, out, (size_t)d->f->n_ranks);
}

static void multiply_part(const struct adapted *d, struct panels *part)
{
    for (int i = 0; i < d->n_spans; i++) {
        const struct forward_span *s = &d->spans[i];
        int done = 0;
        for (size_t j = 0; j < s->session->n_adapted; j++) {
            const struct engine_adapter *a = s->session->adapted[j].adapter;
            for (int k = 0; k < d->n_products; k++) {
                const struct adapter_pair *pair = pair_of(d, a, k);
                if (pair && source_of(d, a, k) == k)
                    multiply_a(d, k, pair, s, part,
                               ranks_of(d, k, s->first) + done);
            }
            done += a->max_rank;
        }
    }
}

static void multiply_all_a(const struct adapted *d)
{
    struct panels all = {0, 0, 0}, part = {0, 0, 0};
    multiply_part(d, &all); /* only counts */
    forward_split(d->f, all.before, d->thread, &part.first, &part.last);
    multiply_part(d, &part);
}

/* --- B (A x) ----------------------------------------------------------- */

/* Rows of A x and of the results, and the columns [first, last) that are added
 * to. */
struct sums {
    const float *ranks; /* [row][n_ranks] */
    float *out;         /* [row][stride] */
    size_t stride;
    int n_rows, first, last;
};

/* At most ROWS rows. */
static void add_halves(const struct forward *f, const struct adapter_pair *p,
                       float scale, const struct sums *s, int n_columns)
{
    _Alignas(64) float sums[ROWS * KERN_VALUE_BLOCK];
    int width;
    for (int c = s->first; c < s->last; c += width) {
        const uint16_t *b = p->halves + (size_t)c * (size_t)p->rank;
        int left = s->last - c;
        width = kern_value_width(kern_value_padded(n_columns), c);
        f->kern->weigh(s->ranks, f->n_ranks, s->n_rows, b, p->rank, width, sums,
                       b);
        for (int i = 0; i < s->n_rows; i++)
            f->kern->add(s->out + (size_t)i * s->stride + c, sums + i * width,
                         scale, left < width ? left : width);
    }
}

static void add_bytes(const struct forward *f, const struct adapter_pair *p,
                      float scale, const struct sums *s)
{
    const struct kern_on_bytes *kern = f->kern->on_bytes;
    _Alignas(64) float sums[ROWS * KERN_VALUE_BLOCK];
    _Alignas(64) int8_t numbers[ROWS][2][ADAPTER_MOST_BYTES];
    struct kern_split q[ROWS];
    for (int i = 0; i < s->n_rows; i++) {
        _Alignas(64) float x[ADAPTER_MOST_BYTES] = {0};
        memcpy(x, s->ranks + (size_t)i * (size_t)f->n_ranks,
               (size_t)p->rank * sizeof(*x));
        q[i] = (struct kern_split){.high = numbers[i][0],
                                   .low = numbers[i][1]};
        kern->query(x, p->padded, &q[i]);
    }
    for (int c = s->first; c < s->last; c += KERN_VALUE_BLOCK) {
        const uint8_t *b = p->bytes + (size_t)c * (size_t)p->padded;
        const struct kern_bytes keys = {
            b, p->scales + c, KERN_VALUE_BLOCK,
            b + KERN_VALUE_BLOCK * p->padded};
        int n = kern_value_width(s->last, c);
        kern->scores(q, s->n_rows, p->padded, &keys, kern_value_padded(n),
                     sums);
        for (int i = 0; i < s->n_rows; i++)
            f->kern->add(s->out + (size_t)i * s->stride + c,
                         sums + i * KERN_VALUE_BLOCK, scale, n);
    }
}

/* Adds to columns of some rows, of the n_columns that they have. */
static void add_sums(const struct forward *f, const struct adapter_pair *p,
                     float scale, const struct sums *all, int n_columns)
{
    struct sums s = *all;
    for (int left = all->n_rows; left > 0; left -= ROWS) {
        s.n_rows = left < ROWS ? left : ROWS;
        if (p->bytes)
            add_bytes(f, p, scale, &s);
        else
            add_halves(f, p, scale, &s, n_columns);
        s.ranks += (size_t)s.n_rows * (size_t)f->n_ranks;
        s.out += (size_t)s.n_rows * s.stride;
    }
}

/* The columns of a product that are this thread's: whole blocks. */
static void columns_of(const struct adapted *d, const struct forward_product *p,
                       int *first, int *last)
{
    int n = (p->m->rows + KERN_VALUE_BLOCK - 1) / KERN_VALUE_BLOCK;
    forward_split(d->f, n, d->thread, first, last);
    *first *= KERN_VALUE_BLOCK;
    *last *= KERN_VALUE_BLOCK;
    *last = *last < p->m->rows ? *last : p->m->rows;
}

/* To this thread's columns of the k-th product, for all sessions. */
static void add_columns(const struct adapted *d, int k)
{
    const struct forward_product *p = &d->products[k];
    int first, last;
    columns_of(d, p, &first, &last);
    for (int i = 0; i < d->n_spans; i++) {
        const struct forward_span *s = &d->spans[i];
        int done = 0;
        for (size_t j = 0; j < s->session->n_adapted; j++) {
            const struct engine_adapted *a = &s->session->adapted[j];
            const struct adapter_pair *pair = pair_of(d, a->adapter, k);
            int source = source_of(d, a->adapter, k);
            struct sums sums = {ranks_of(d, source, s->first) + done,
                                p->out + (size_t)s->first * p->stride,
                                p->stride, s->n, first, last};
            if (pair)
                add_sums(d->f, pair, a->scale * pair->scale, &sums, p->m->rows);
            done += a->adapter->max_rank;
        }
    }
}

/* --- the stages -------------------------------------------------------- */

/* What comes before the sums are added: the products, and A x. */
static void multiply(const struct adapted *d)
{
    multiply_all_a(d);
    forward_multiply(d->f, d->products, d->n_products, d->thread);
    pool_barrier(d->f->pool);
}

void adapt_multiply(struct forward *f, int layer, enum adapter_place at,
                    const struct forward_product *p, int n, int thread)
{
    struct adapted d = {f, f->spans, f->n_spans, f->n_rows, layer, at, p, n,
                        thread};
    if (f->n_ranks == 0) {
        forward_multiply(f, p, n, thread);
        pool_barrier(f->pool);
        return;
    }
    multiply(&d);
    for (int k = 0; k < n; k++)
        add_columns(&d, k);
    pool_barrier(f->pool);
}

void adapt_multiply_gated(struct forward *f, int layer,
                          const struct forward_product pair[2], int thread)
{
    struct adapted d = {f, f->spans, f->n_spans, f->n_rows, layer,
                        ADAPTER_GATE, pair, 2, thread};
    int first, last;
    if (f->n_ranks == 0) {
        forward_multiply_gated(f, pair, 1, thread);
        pool_barrier(f->pool);
        return;
    }
    multiply(&d);
    add_columns(&d, 0);
    add_columns(&d, 1);
    columns_of(&d, &pair[0], &first, &last);
    forward_activate(f, pair, first, last);
    pool_barrier(f->pool);
}

void adapt_multiply_head(struct forward *f, int from,
                         const struct forward_product *p, int thread)
{
    struct forward_span spans[FORWARD_MAX_ROWS];
    struct adapted d = {f, spans, 0, p->x.n_rows, f->weights->h.n_layers,
                        ADAPTER_Q, p, 1, thread};
    for (int j = 0; j < p->x.n_rows; j++) {
        struct engine_session *s = f->rows[f->outs[from + j]].session;
        if (d.n_spans == 0 || spans[d.n_spans - 1].session != s)
            spans[d.n_spans++] = (struct forward_span){s, j, 0};
        spans[d.n_spans - 1].n++;
    }
    multiply(&d);
    add_columns(&d, 0);
    pool_barrier(f->pool);
}

void adapt_embedding(const struct forward *f, const struct engine_session *s,
                     int32_t id, float *x)
{
    float ranks[ADAPTER_MOST_RANK];
    int n_embd = f->weights->h.n_embd;
    struct sums sums = {ranks, x, 0, 1, 0, n_embd};
    for (size_t j = 0; j < s->n_adapted; j++) {
        const struct adapter_pair *p = &s->adapted[j].adapter->embed;
        if (p->rank == 0)
            continue;
        matrix_row(&p->a, id, ranks);
        add_sums(f, p, s->adapted[j].scale * p->scale, &sums, n_embd);
    }
}
