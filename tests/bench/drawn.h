/* What the rating benchmarks draw: strengths, pairs and votes. */
#ifndef TESTS_BENCH_DRAWN_H
#define TESTS_BENCH_DRAWN_H

#include <math.h>
#include <stddef.h>

#include "base/rng.h"
#include "rating/math/normal.h"
#include "rating/votes/counts.h"

/* From the normal law with mean 0 and deviation 1 (Box and Muller 1958). */
static inline double drawn_normal(struct rng *r)
{
    double u = rng_double(r), v = rng_double(r);
    return sqrt(-2 * log(1 - u)) * cos(2 * acos(-1) * v);
}

/* The same of one random number, by its quantile. */
static inline double drawn_quantile(struct rng *r)
{
    return normal_quantile(0.5 / 9007199254740992.0 + rng_double(r));
}

/* A vote by the Bradley-Terry law on models of a lead in points: about 30%
 * ties, each of which takes as much from both sides. */
static inline enum rating_outcome drawn_vote(double lead, struct rng *r)
{
    double p = 1 / (1 + pow(10, -lead / 400));
    double tie = 0.33 * 4 * p * (1 - p), u = rng_double(r);
    return u < p - tie / 2   ? RATING_FIRST
           : u < p + tie / 2 ? RATING_TIE
                             : RATING_SECOND;
}

/* A pair a > b by the probabilities p[n_pairs] of rating/pairing.h. */
static inline void drawn_pair(const double *p, size_t n_pairs, struct rng *r,
                              size_t *a, size_t *b)
{
    double u = rng_double(r);
    size_t k = 0;
    while (k + 1 < n_pairs && u >= p[k])
        u -= p[k++];
    for (*a = 1; *a * (*a + 1) / 2 <= k; ++*a)
        continue;
    *b = k - *a * (*a - 1) / 2;
}

#endif
