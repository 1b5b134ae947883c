#include "rating/fit/contrasts.h"

#include <stdlib.h>
#include <string.h>

/* The contrast of parameter k, in a lane of c. */
static void set_contrast(const struct plan *pl, size_t n, size_t k, lanes *c,
                         size_t lane)
{
    for (size_t i = 0; i < n; i++)
        c[i][lane] = i == k;
    for (size_t i = 0; k < pl->n && i < pl->n; i++)
        if (pl->fitted[i]->component == pl->fitted[k]->component)
            c[i][lane] -= pl->fitted[i]->center_share;
}

/* by = B u, from the lower triangle of B. */
static inline void multiply_meat(const struct envelope *meat, const lanes *u,
                                 lanes *by)
{
    for (size_t i = 0; i < meat->n; i++) {
        const double *row = meat->a + meat->base[i];
        lanes sum = row[i] * u[i];
        for (size_t j = 0; j < i; j++) {
            sum += row[j] * u[j];
            by[j] += row[j] * u[i];
        }
        by[i] = sum;
    }
}

/* With u = G c, G the inverse of the Hessian, covariances are c[k] . u[l], or
 * with the sandwich B u[k] . u[l].  That takes one factorization and, for all
 * pairs, some products of matrices.  all[n][n] holds every u. */
ENVELOPE_WIDE
static void fill(const struct plan *pl, const struct envelope *hessian,
                 const struct envelope *meat, bool all_pairs, lanes *u,
                 lanes *by, double *all, double *out)
{
    size_t n = hessian->n;
    for (size_t from = 0; from < n; from += ENVELOPE_LANES) {
        size_t end = from + ENVELOPE_LANES < n ? from + ENVELOPE_LANES : n;
        memset(by, 0, n * sizeof(*by));
        for (size_t k = from; k < end; k++)
            set_contrast(pl, n, k, by, k - from);
        memcpy(u, by, n * sizeof(*u));
        envelope_solve_block(hessian, u, 0);
        for (size_t k = from; k < end; k++)
            for (size_t i = 0; i < n; i++)
                all[k * n + i] = u[i][k - from];
        if (meat != NULL)
            multiply_meat(meat, u, by);
        for (size_t l = all_pairs ? 0 : from; l < end; l++) {
            lanes sum = {0};
            for (size_t i = 0; i < n; i++)
                sum += by[i] * all[l * n + i];
            for (size_t k = l > from ? l : from; k < end; k++)
                out[k * n + l] = sum[k - from];
        }
    }
}

int contrasts_covariance(const struct plan *pl, const struct envelope *hessian,
                         const struct envelope *meat, bool all_pairs,
                         double *out)
{
    size_t n = hessian->n;
    lanes *u = envelope_make_lanes(2 * n);
    double *all = calloc(n * n + 1, sizeof(*all));
    int status = u == NULL || all == NULL ? -1 : 0;
    if (status == 0)
        fill(pl, hessian, meat, all_pairs, u, u + n, all, out);
    free(u);
    free(all);
    return status;
}
