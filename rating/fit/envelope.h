/* envelope: a symmetric positive definite matrix and its Cholesky factor.
 *
 * Each row of the lower triangle is kept from its first nonzero to the
 * diagonal, contiguously (Jennings 1966).  Elimination fills nothing before the
 * first nonzero of a row, so the factor takes the matrix's place.  In a full
 * matrix every row begins at 0; a ring of thousands of models, in a good order
 * (graph_order), takes two numbers a row.  So one code serves dense and sparse.
 * Pure; one thread at a time on one struct. */
#ifndef RATING_FIT_ENVELOPE_H
#define RATING_FIT_ENVELOPE_H

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
 * 0, or -1 if there is no memory. */
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
 * row whose pivot is not above `tiny` times its diagonal: then A is singular to
 * working precision, and L must not be used. */
size_t envelope_factor(struct envelope *m, double tiny);

/* Solves A x = b in place, by the factor. */
void envelope_solve(const struct envelope *m, double *b);

/* Work on many right sides goes by blocks: number k of each is in lane k of an
 * array of these.  An entry of the factor is then read once for all of them,
 * and the lanes are those of vector registers, whatever size these have (a
 * vector type of GCC and Clang; it may begin at any double). */
enum { ENVELOPE_LANES = 8 };
typedef double lanes __attribute__((vector_size(64), aligned(8)));

/* n zeros that straddle no cache line; the caller frees.  NULL: no memory. */
lanes *envelope_make_lanes(size_t n);

/* GCC compiles a function on lanes for several register sizes, and the
 * processor picks one at the start (not under the sanitizers, whose run time is
 * not ready then).  The results are the same everywhere: in C11 no
 * multiplication is fused with an addition. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) && \
    defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define ENVELOPE_WIDE \
    __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define ENVELOPE_WIDE
#endif

/* Solves A X = B in place, b[n].  Rows of B before `from` hold zeros only. */
void envelope_solve_block(const struct envelope *m, lanes *b, size_t from);

/* The first half of it: solves L Y = B, so that y . y is b' A^-1 b. */
void envelope_descend_block(const struct envelope *m, lanes *b, size_t from);

#endif
