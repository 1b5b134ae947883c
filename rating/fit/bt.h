/* bt: Bradley-Terry strengths by maximum likelihood, with 95% intervals.
 *
 * P(i beats j) = 1 / (1 + 10^((Rj - Ri) / 400)).  Sources: Bradley and Terry
 * (1952); Davidson (1970) and Rao and Kupper (1967) for ties as parameters;
 * White (1982) for the sandwich errors.  Works on counts, never on rows.
 * Pure: the caller owns everything, any thread. */
#ifndef RATING_FIT_BT_H
#define RATING_FIT_BT_H

#include <stddef.h>

#include "base/err.h"
#include "rating/fit/params.h"
#include "rating/fit/result.h"
#include "rating/votes/counts.h"

/* Only the tally of votes, wins and so on of every model, without a fit; the
 * rest of the result is empty.  0, or -1 if there is no memory. */
int bt_tally(const struct rating_counts *c, struct bt_result *out);

/* Fits.  0, or -1 (no votes, no finite estimate, no memory).  Free the result
 * with bt_free either way. */
int bt_fit(const struct rating_counts *c, const struct bt_params *p,
           struct bt_result *out, struct err *e);

#endif
