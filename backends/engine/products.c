/* Products with matrices, shared out between the threads. */
#include "backends/engine/forward.h"

#include <assert.h>

static size_t bytes_of(const struct matrix *m)
{
    return (size_t)m->n_panels * m->panel_bytes;
}

/* A part [from, to) of the bytes of all products of a call. */
struct share {
    size_t all, from, to;
    size_t before; /* bytes of the products before the one at hand */
    int n_taken;
};

/* The panels of a product that are in the share: those whose first byte is. */
static bool panels_in_share(struct share *s, const struct matrix *m,
                            int *first, int *last)
{
    size_t from = s->from > s->before ? s->from - s->before : 0;
    size_t to = s->to > s->before ? s->to - s->before : 0;
    size_t a = (from + m->panel_bytes - 1) / m->panel_bytes;
    size_t b = (to + m->panel_bytes - 1) / m->panel_bytes;
    size_t end = (size_t)m->n_panels;
    s->before += bytes_of(m);
    *first = (int)(a < end ? a : end);
    *last = (int)(b < end ? b : end);
    return *first < *last;
}

/* The k-th of n parts. */
static void set_part(struct share *s, size_t k, size_t n)
{
    s->from = s->all / n * k + s->all % n * k / n;
    s->to = s->all / n * (k + 1) + s->all % n * (k + 1) / n;
    s->before = 0;
}

#define CHUNKS_OF_THREAD 8

/* The next part for this thread; false if there is none. */
static bool next_part(struct forward *f, struct share *s, int thread,
                      atomic_int *claims)
{
    if (f->alone || f->n_threads == 1) {
        set_part(s, (size_t)thread, (size_t)f->n_threads);
        return s->n_taken++ == 0;
    }
    int n = f->n_threads * CHUNKS_OF_THREAD, k = atomic_fetch_add(claims, 1);
    if (k >= n)
        return false;
    set_part(s, (size_t)k, (size_t)n);
    return true;
}

static atomic_int *begin_product(struct forward *f, int thread)
{
    int i = f->threads[thread].n_products++;
    assert(i < f->n_claims);
    return &f->claims[i];
}

void forward_multiply_then(struct forward *f, const struct forward_product *p,
                           int n, int thread, forward_then *then, void *arg)
{
    struct share s = {0};
    atomic_int *claims = begin_product(f, thread);
    for (int i = 0; i < n; i++)
        s.all += bytes_of(p[i].m);
    while (next_part(f, &s, thread, claims))
        for (int i = 0; i < n; i++) {
            int first, last;
            if (!panels_in_share(&s, p[i].m, &first, &last))
                continue;
            f->kern->matmul(p[i].m, first, last, &p[i].x, p[i].out,
                            p[i].stride);
            if (then)
                then(arg, first, last);
        }
}

void forward_multiply(struct forward *f, const struct forward_product *p,
                      int n, int thread)
{
    forward_multiply_then(f, p, n, thread, NULL, NULL);
}

void forward_activate(const struct forward *f,
                      const struct forward_product pair[2], int first, int last)
{
    for (int r = 0; r < pair[0].x.n_rows; r++) {
        size_t at = (size_t)r * pair[0].stride + (size_t)first;
        f->kern->activate(f->weights->h.arch->activation, pair[0].out + at,
                          pair[1].out + at, last - first);
    }
}

static void multiply_pair(const struct forward *f,
                          const struct forward_product pair[2], int first,
                          int last)
{
    for (int i = 0; i < 2; i++)
        f->kern->matmul(pair[i].m, first, last, &pair[i].x, pair[i].out,
                        pair[i].stride);
    int rows = pair[0].m->rows, end = last * MATRIX_PANEL;
    forward_activate(f, pair, first * MATRIX_PANEL, end < rows ? end : rows);
}

void forward_multiply_gated(struct forward *f,
                            const struct forward_product *pairs, int n_pairs,
                            int thread)
{
    struct share s = {0};
    atomic_int *claims = begin_product(f, thread);
    for (int i = 0; i < n_pairs; i++)
        s.all += bytes_of(pairs[2 * i].m);
    while (next_part(f, &s, thread, claims))
        for (int i = 0; i < n_pairs; i++) {
            const struct forward_product *pair = &pairs[2 * i];
            int first, last;
            if (panels_in_share(&s, pair[0].m, &first, &last))
                multiply_pair(f, pair, first, last);
        }
}
