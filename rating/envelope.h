/* envelope: a symmetric positive definite matrix and its Cholesky factor.
 *
 * Each row of the lower triangle is kept from its first nonzero to the
 * diagonal, contiguously (Jennings 1966).  Elimination fills nothing before
 * the first nonzero of a row, so the factor takes the matrix's place.  A full
 * matrix is the case where every row begins at 0, and a ring of thousands of
 * models, in a good order (graph_order), takes two numbers a row: one code
 * for dense and sparse.  Pure; one thread at a time on one struct. */
#ifndef RATING_ENVELOPE_H
#define RATING_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

struct envelope {
    size_t n;
    uint32_t *first; /* [n] column of the first entry of a row */
    size_t *base;    /* [n] entry (i, j) is a[base[i] + j] */
    double *a;
    size_t n_entries;
};

/* Makes a zero matrix whose row i begins at first[i] <= i (copied).
 * 0, or -1 where there is no memory. */
int envelope_init(struct envelope *m, size_t n, const uint32_t *first);
void envelope_free(struct envelope *m);

/* Sets all entries to zero. */
void envelope_clear(struct envelope *m);

/* Entry (i, j), first[i] <= j <= i. */
static inline double *envelope_at(struct envelope *m, size_t i, size_t j)
{
    return &m->a[m->base[i] + j];
}

/* Replaces the matrix by its factor L (A = L L^T).  Returns n, or the first
 * row whose pivot is not above `tiny` times its diagonal: there A is singular
 * to working precision, and L is not to be used. */
size_t envelope_factor(struct envelope *m, double tiny);

/* Solves A x = b in place, by the factor. */
void envelope_solve(const struct envelope *m, double *b);

#endif
