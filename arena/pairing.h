/* pairing: who meets whom.
 *
 * A policy (rating/pairing.h) gives each pair of models a probability by the
 * votes so far, in proportion to the product of the models' configured weights,
 * so that one of weight 0 is in no battle; which of the two is on side A is a
 * fair coin.  The probability is stored with the battle: votes can be
 * reweighted by it later.  The owner of the random source passes it in. */
#ifndef ARENA_PAIRING_H
#define ARENA_PAIRING_H

#include <stddef.h>
#include <stdint.h>

#include "arena/store/store.h"
#include "base/err.h"
#include "base/rng.h"
#include "rating/pairing.h"

struct pairing {
    size_t side[2];     /* model indices: A, B */
    double probability; /* of this pair, in either order */
};

/* An index with a probability of p[index]; the n sum to 1. */
size_t pairing_draw_index(const double *p, size_t n, struct rng *rng);

/* Draws by what *q says.  0, or -1 with ERR_CONFIG if fewer than two models
 * have a positive weight: the message says how to add one. */
int pairing_draw(const struct rating_pairing *q, struct rng *rng,
                 struct pairing *out, struct err *e);

/* The same by the votes and fruitless battles of a store, in which model i has
 * the row ids[i].  Costs by pairs of models and by fruitless battles, not by
 * votes. */
int pairing_draw_stored(struct store *s, enum rating_policy policy,
                        const int64_t *ids, const double *weights, size_t n,
                        struct rng *rng, struct pairing *out, struct err *e);

/* How likely each pair would be drawn by a voter's votes (NULL: people's), all
 * weights alike: fills p[n (n - 1) / 2] in the order of rating_pair_index.  0
 * or -1. */
int pairing_chances_stored(struct store *s, enum rating_policy policy,
                           const char *voter, const int64_t *ids, size_t n,
                           double *p, struct err *e);

#endif
