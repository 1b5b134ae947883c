/* pairing: which two models should meet next, by the votes so far.
 *
 * A policy gives every pair a probability; arena/pairing draws by them and
 * stores the one that was drawn with the battle.
 *
 *   uniform    every pair alike
 *   balanced   the least-played pairs
 *   lmarena    by how much one more vote narrows the interval of the pair's
 *              difference (Chiang et al. 2024)
 *   ambiguous  neighbours on the board whose order is least certain
 *   thompson   those that could be the best: how often a draw from the law of
 *              each strength puts them on top (Thompson 1933)
 *   mixed      half balanced, half ambiguous; the default
 *   leader     half uniform, half thompson
 *
 * A greedy policy finds the order or the best model sooner.  But its choice of
 * pairs depends on earlier votes, which biases estimates and makes intervals
 * too narrow.  If half of the draws look at no result, the intervals hold or
 * nearly so: see tests/bench/rating_pairing.c and rating_telling.c.  All but
 * uniform and balanced weigh a pair also by the chance that its models answer.
 * Pure. */
#ifndef RATING_PAIRING_H
#define RATING_PAIRING_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "rating/votes/counts.h"

/* X(NAME, word) */
#define RATING_POLICY_LIST(X) \
    X(UNIFORM, uniform)       \
    X(BALANCED, balanced)     \
    X(LMARENA, lmarena)       \
    X(AMBIGUOUS, ambiguous)   \
    X(THOMPSON, thompson)     \
    X(MIXED, mixed)           \
    X(LEADER, leader)

enum rating_policy {
#define RATING_POLICY_NAME(name, word) RATING_POLICY_##name,
    RATING_POLICY_LIST(RATING_POLICY_NAME)
#undef RATING_POLICY_NAME
    RATING_N_POLICIES
};

/* The policy's word in config; NULL: no such policy. */
const char *rating_policy_word(enum rating_policy policy);

/* The index of the pair {i, j}, i != j, in an array of n (n - 1) / 2. */
size_t rating_pair_index(size_t i, size_t j);

struct rating_pairing {
    enum rating_policy policy;
    size_t n;                          /* models */
    const double *weights;             /* [n] >= 0; a pair gets the product;
                                          NULL: all 1 */
    const struct rating_counts *votes; /* of these models */
    const struct rating_counts *void_battles; /* drawn battles without a vote,
                                          so that a model that fails is not
                                          drawn for ever; NULL: none */
};

/* Fills p[n (n - 1) / 2], which sums to 1; a pair with a weight of 0 gets 0.
 * The same votes give the same numbers.  0, or -1 if fewer than two models
 * have a weight or there is no memory. */
int rating_pairing(const struct rating_pairing *q, double *p, struct err *e);

#endif
