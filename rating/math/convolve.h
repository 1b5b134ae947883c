/* convolve: the exact law of a sum of independent points.  Pure. */
#ifndef RATING_MATH_CONVOLVE_H
#define RATING_MATH_CONVOLVE_H

#include <stddef.h>
#include <stdint.h>

/* One vote: points 0, w or 2w with chances p[0], p[1], p[2]. */
struct points {
    uint32_t weight;
    double p[3];
};

struct points_law {
    double below, above; /* P(sum <= seen) and P(sum >= seen) */
    double z;            /* (seen - mean) / standard deviation; 0: no spread */
    double least_below, least_above; /* the smallest that these can be */
};

/* The law of n votes' points at `seen`.  Exact if that takes at most a few
 * million steps, else normal with a correction for the grid.  With |z| below
 * `least_z` it is not computed: below and above are 1.  0, or -1 if there is no
 * memory. */
int points_law(const struct points *votes, size_t n, uint64_t seen,
               double least_z, struct points_law *out);

#endif
