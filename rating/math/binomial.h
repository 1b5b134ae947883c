/* binomial: random counts.  Pure but for the sequence it is given. */
#ifndef RATING_MATH_BINOMIAL_H
#define RATING_MATH_BINOMIAL_H

#include <stdint.h>

#include "base/rng.h"

/* How many of n trials succeed, each with probability p: by inversion if
 * few are expected, else by Hoermann's transformed rejection BTRS (1993). */
uint64_t binomial_draw(struct rng *r, uint64_t n, double p);

#endif
