/* bets: what a bet against one voter's honesty has won, vote by vote.
 *
 * The bets are on decisive votes alone, so they are fair to voters who call
 * many or few ties.  A third of the stake is on the slot, a third on agreement,
 * and a third is spread over all models; each leans both ways, mildly and
 * strongly.  The odds multiply (a test martingale; Shafer and Vovk; Ville
 * 1939).  Pure. */
#ifndef RATING_BETS_H
#define RATING_BETS_H

#include <stddef.h>
#include <stdint.h>

#include "rating/law.h"

#define BETS_MOST 1e300 /* bets stop here: more would overflow */

enum { BETS_WAYS = 4 }; /* two leans, each up and down */

/* The highest value so far of the bets on n votes in their order: points[k] of
 * 0 or 2 for A, sides[0][k] against sides[1][k].  Scratch is
 * [n_models][BETS_WAYS]. */
double bets_follow(const struct chances *votes, const uint8_t *points,
                   uint32_t *const sides[2], size_t n, size_t n_models,
                   double *scratch);

#endif
