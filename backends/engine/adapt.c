/* Products with matrices that adapters change: W x + scale B (A x).
 *
 * Rows of a pass that belong to sessions with different adapters, or none,
 * share the product with W.  Before it all threads make their parts of A x, of
 * each session and adapter; behind it they add B times that to their columns
 * of the results.  What a row gets does not depend on the others. */
#include "backends/engine/forward.h"

#include <stdlib.h>

#include "base/mem.h"

#define ROWS 16 /* that meet a block of B together */

/* The rows of a product, by session. */
struct adapted {
    struct forward *f;
    const struct forward_span *spans;
    int n_spans, n_rows;
    int thread;
};

static const struct adapter_pair *pair_of(const struct adapted *d,
                                          const struct engine_adapter *a,
                                          int layer, enum adapter_place at)
{
    if (layer < d->f->weights->h.n_layers)
        return adapter_pair(a, layer, at);
    return a->head.b ? &a->head : NULL;
}

/* Where A x of a row begins, of the k-th product of a stage. */
static float *ranks_of(const struct adapted *d, int k, int row)
{
    size_t at = (size_t)(k * d->n_rows + row) * (size_t)d->f->n_ranks;
    return d->f->ranks + at;
}

int adapt_prepare(struct forward *f, struct err *e)
{
    f->n_ranks = 0;
    for (int i = 0; i < f->n_spans; i++) {
        const struct engine_session *s = f->spans[i].session;
        int n = 0;
        for (size_t k = 0; k < s->n_adapted; k++)
            n += s->adapted[k].adapter->max_rank;
        f->n_ranks = n > f->n_ranks ? n : f->n_ranks;
    }
    /* Three products at most meet in a stage. */
    size_t n = 3 * (size_t)f->n_rows * (size_t)f->n_ranks;
    if (n <= f->cap_ranks)
        return 0;
    free(f->ranks);
    f->cap_ranks = 0;
    f->ranks = mem_try_aligned(n, sizeof(*f->ranks));
    if (f->ranks == NULL)
        return err_set(e, ERR_BACKEND, "%s: no memory for adapters",
                       f->engine->path);
    f->cap_ranks = n;
    return 0;
}

/* --- A x --------------------------------------------------------------- */

/* This thread's part of the rows of A, for the rows of a session. */
static void multiply_a(const struct adapted *d, const struct adapter_pair *p,
                       const struct kern_rows *x, const struct forward_span *s,
                       float *out)
{
    int first, last;
    forward_split(d->f, p->rank, d->thread, &first, &last);
    if (first == last)
        return;
    struct matrix part = p->a;
    part.rows = last - first;
    part.n_panels = (part.rows + MATRIX_PANEL - 1) / MATRIX_PANEL;
    part.data += (size_t)first * (part.panel_bytes / MATRIX_PANEL);
    struct kern_rows rows = {s->n, x->cols, NULL,
                             x->floats + (size_t)s->first * (size_t)x->cols};
    d->f->kern->matmul(&part, 0, part.n_panels, &rows, out + first,
                       (size_t)d->f->n_ranks);
}

static void multiply_all_a(const struct adapted *d, int layer,
                           enum adapter_place at,
                           const struct forward_product *p, int n)
{
    for (int i = 0; i < d->n_spans; i++) {
        const struct forward_span *s = &d->spans[i];
        int done = 0;
        for (size_t j = 0; j < s->session->n_adapted; j++) {
            const struct engine_adapter *a = s->session->adapted[j].adapter;
            for (int k = 0; k < n; k++) {
                const struct adapter_pair *pair =
                    pair_of(d, a, layer, at + (enum adapter_place)k);
                if (pair)
                    multiply_a(d, pair, &p[k].x, s,
                               ranks_of(d, k, s->first) + done);
            }
            done += a->max_rank;
        }
    }
}

/* --- B (A x) ----------------------------------------------------------- */

/* Adds columns [column, column + width) of n_rows rows. */
static void add_block(const struct forward *f, const struct adapter_pair *p,
                      float scale, const float *ranks, int n_rows, int column,
                      int n_columns, float *out, size_t stride)
{
    _Alignas(64) float sums[ROWS * KERN_VALUE_BLOCK];
    int width = kern_value_width(kern_value_padded(n_columns), column);
    int n = n_columns - column < width ? n_columns - column : width;
    const uint16_t *b = p->b + (size_t)column * (size_t)p->rank;
    for (int r = 0; r < n_rows; r += ROWS) {
        int some = n_rows - r < ROWS ? n_rows - r : ROWS;
        f->kern->weigh(ranks + (size_t)r * (size_t)f->n_ranks, f->n_ranks, some,
                       b, p->rank, width, sums, b);
        for (int i = 0; i < some; i++)
            f->kern->add(out + (size_t)(r + i) * stride + column,
                         sums + i * width, scale, n);
    }
}

/* A block of columns of the k-th product, for all sessions. */
static void add_columns(const struct adapted *d, int layer,
                        enum adapter_place at, int k,
                        const struct forward_product *p, int column)
{
    for (int i = 0; i < d->n_spans; i++) {
        const struct forward_span *s = &d->spans[i];
        int done = 0;
        for (size_t j = 0; j < s->session->n_adapted; j++) {
            const struct engine_adapted *a = &s->session->adapted[j];
            const struct adapter_pair *pair =
                pair_of(d, a->adapter, layer, at + (enum adapter_place)k);
            if (pair)
                add_block(d->f, pair, a->scale * pair->scale,
                          ranks_of(d, k, s->first) + done, s->n, column,
                          p->m->rows, p->out + (size_t)s->first * p->stride,
                          p->stride);
            done += a->adapter->max_rank;
        }
    }
}

/* The blocks of columns that are this thread's. */
static void blocks_of(const struct adapted *d, const struct matrix *m,
                      int *first, int *last)
{
    int n = (m->rows + KERN_VALUE_BLOCK - 1) / KERN_VALUE_BLOCK;
    forward_split(d->f, n, d->thread, first, last);
}

static void add_all(const struct adapted *d, int layer, enum adapter_place at,
                    const struct forward_product *p, int n)
{
    for (int k = 0; k < n; k++) {
        int first, last;
        blocks_of(d, p[k].m, &first, &last);
        for (int b = first; b < last; b++)
            add_columns(d, layer, at, k, &p[k], b * KERN_VALUE_BLOCK);
    }
}

/* --- the stages -------------------------------------------------------- */

static struct adapted rows_of_pass(struct forward *f, int thread)
{
    return (struct adapted){f, f->spans, f->n_spans, f->n_rows, thread};
}

void adapt_multiply(struct forward *f, int layer, enum adapter_place at,
                    const struct forward_product *p, int n, int thread)
{
    struct adapted d = rows_of_pass(f, thread);
    if (f->n_ranks > 0)
        multiply_all_a(&d, layer, at, p, n);
    forward_multiply(f, p, n, thread);
    pool_barrier(f->pool);
    if (f->n_ranks == 0)
        return;
    add_all(&d, layer, at, p, n);
    pool_barrier(f->pool);
}

void adapt_multiply_gated(struct forward *f, int layer,
                          const struct forward_product pair[2], int thread)
{
    struct adapted d = rows_of_pass(f, thread);
    int first, last;
    if (f->n_ranks == 0) {
        forward_multiply_gated(f, pair, 1, thread);
        pool_barrier(f->pool);
        return;
    }
    multiply_all_a(&d, layer, ADAPTER_GATE, pair, 2);
    forward_multiply(f, pair, 2, thread);
    pool_barrier(f->pool);
    blocks_of(&d, pair[0].m, &first, &last);
    for (int b = first; b < last; b++) {
        int column = b * KERN_VALUE_BLOCK;
        add_columns(&d, layer, ADAPTER_GATE, 0, &pair[0], column);
        add_columns(&d, layer, ADAPTER_GATE, 1, &pair[1], column);
        forward_activate(f, pair, column,
                         column + kern_value_width(pair[0].m->rows, column));
    }
    pool_barrier(f->pool);
}

void adapt_multiply_head(struct forward *f, int from,
                         const struct forward_product *p, int thread)
{
    struct forward_span spans[FORWARD_MAX_ROWS];
    struct adapted d = {f, spans, 0, p->x.n_rows, thread};
    for (int j = 0; j < p->x.n_rows; j++) {
        struct engine_session *s = f->rows[f->outs[from + j]].session;
        if (d.n_spans == 0 || spans[d.n_spans - 1].session != s)
            spans[d.n_spans++] = (struct forward_span){s, j, 0};
        spans[d.n_spans - 1].n++;
    }
    int layer = f->weights->h.n_layers;
    multiply_all_a(&d, layer, ADAPTER_Q, p, 1);
    forward_multiply(f, p, 1, thread);
    pool_barrier(f->pool);
    add_all(&d, layer, ADAPTER_Q, p, 1);
    pool_barrier(f->pool);
}

void adapt_embedding(const struct forward *f, const struct engine_session *s,
                     int32_t id, float *x)
{
    float ranks[ADAPTER_MOST_RANK];
    int n_embd = f->weights->h.n_embd;
    for (size_t j = 0; j < s->n_adapted; j++) {
        const struct adapter_pair *p = &s->adapted[j].adapter->embed;
        if (p->b == NULL)
            continue;
        matrix_row(&p->a, id, ranks);
        for (int c = 0; c < n_embd; c += KERN_VALUE_BLOCK)
            add_block(f, p, s->adapted[j].scale * p->scale, ranks, 1, c, n_embd,
                      x, 0);
    }
}
