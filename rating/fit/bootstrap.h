/* bootstrap: intervals from resampled votes (Efron 1979).
 *
 * A sample draws as many votes as there are, with replacement; on pair counts
 * that is one multinomial draw over the distinct results (i, j, outcome).
 * Each round has its own random sequence, made from the seed and the number
 * of the round, so the result does not depend on the number of threads. */
#ifndef RATING_FIT_BOOTSTRAP_H
#define RATING_FIT_BOOTSTRAP_H

#include "rating/fit/params.h"
#include "rating/fit/result.h"
#include "rating/fit/plan.h"

/* A sample in which a model only won or only lost has no maximum of its own.
 * Without it the interval would be cut off on that side, so it is fitted with
 * the automatic prior.  A model that more than 1 sample in 100 leaves unbounded
 * gets the wider of its percentiles and the Hessian's interval.  A sample
 * without ties is fitted without their parameter.
 *
 * Fills lower, upper and se of the models (percentiles 2.5 and 97.5 with
 * linear interpolation, standard deviation of the rounds), the error of a
 * fitted position, difference_se if there is room for it, and
 * n_rounds_failed.  Every round starts at `f`, the estimate, centred.
 * 0, or -1 if there is no memory. */
int bootstrap_run(struct bt_result *out, const struct plan *pl,
                  const struct fit *f, const struct bt_params *p);

#endif
