/* rank: from ratings with intervals to places.  Pure. */
#ifndef RATING_FIT_RANK_H
#define RATING_FIT_RANK_H

#include "rating/fit/result.h"

/* Fills in rank by the bounds (as Chatbot Arena has it: 1 + the models of the
 * same group whose lower bound exceeds this one's upper) and, if there are
 * differences, rank_best and rank_worst: places that hold for all models at
 * once with 95%.  A model is placed below another only if their difference is
 * significant by Holm's step-down correction (1979) over all pairs, as in
 * Mogstad, Romano, Shaikh and Wilhelm (2024).
 * A tier begins with the best model that no tier has, and goes on until a model
 * is placed below that one.
 * 0, or -1 if there is no memory. */
int rank_fill(struct bt_result *r);

#endif
