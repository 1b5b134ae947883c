/* pairing: who meets whom.
 *
 * A pair {i, j} is drawn with a probability in proportion to the product of
 * the models' configured weights, so a model of weight 2 is in twice as many
 * battles, and one of weight 0 in none; which of the two is on side A is a
 * fair coin.  Other policies (rating/pairing.h) give other numbers per pair and
 * draw the same way.  The probability is stored with the battle: votes can be
 * reweighted by it later.  The owner of the random source passes it in. */
#ifndef ARENA_PAIRING_H
#define ARENA_PAIRING_H

#include <stddef.h>

#include "base/err.h"
#include "base/rng.h"
#include "rating/pairing.h"

struct pairing {
    size_t side[2];     /* model indices: A, B */
    double probability; /* of this pair, in either order */
};

/* Draws from n models with weights[i] >= 0.  0, or -1 with ERR_CONFIG where
 * fewer than two have a positive weight: the message says how to add one. */
int pairing_draw(const double *weights, size_t n, struct rng *rng,
                 struct pairing *out, struct err *e);

/* Draws by a policy of rating/pairing.h, whose weights are the models'.  0, or
 * -1 with ERR_CONFIG. */
int pairing_draw_by_policy(const struct rating_pairing *q, struct rng *rng,
                           struct pairing *out, struct err *e);

#endif
