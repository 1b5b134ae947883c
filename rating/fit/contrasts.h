/* contrasts: covariances of what is reported, by a dense sandwich.
 *
 * For fits whose scores are more than a pair's: with style, or with a judge.
 * Of the parameters the first n are strengths, in the order of the plan; a
 * strength is reported as its distance from the centre of its component, any
 * parameter after them as itself.  Pure. */
#ifndef RATING_FIT_CONTRASTS_H
#define RATING_FIT_CONTRASTS_H

#include <stdbool.h>

#include "rating/fit/envelope.h"
#include "rating/fit/plan.h"

/* Fills out[n][n], n the size of the matrices, in nats^2.  `hessian` is the
 * factor of the negative Hessian.  `meat` is the middle of the sandwich: a full
 * lower triangle, in which every row begins at 0; NULL: errors by the Hessian.
 * Entries [k][l <= k] are filled with `all_pairs`; without, the variances
 * [k][k] and few more.  0, or -1 if there is no memory. */
int contrasts_covariance(const struct plan *pl, const struct envelope *hessian,
                         const struct envelope *meat, bool all_pairs,
                         double *out);

#endif
