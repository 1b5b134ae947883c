/* rank: from ratings with intervals to places.  Pure. */
#ifndef RATING_FIT_RANK_H
#define RATING_FIT_RANK_H

#include "rating/fit/bt.h"

#define RANK_Z95 1.959963984540054 /* 97.5% quantile of the normal law */

/* Probability that a standard normal number is below z, and its inverse
 * (0 < p < 1; to full double precision). */
double rank_normal(double z);
double rank_normal_quantile(double p);

/* 97.5% quantile of Student's law with df degrees of freedom (below 1: of 1);
 * to 0.0003. */
double rank_t95(double df);

/* Probability that a number of Student's law with df degrees of freedom (whole
 * ones; below 1: 1) is below t. */
double rank_student(double t, double df);

/* Fills in rank by the bounds (as Chatbot Arena has it: 1 + the models of the
 * same group whose lower bound exceeds this one's upper), and where there are
 * differences rank_best and rank_worst: places that hold for all models at
 * once with 95%.  A model is placed below another only where their difference
 * is significant by Holm's step-down correction (1979) over all pairs, as
 * Mogstad, Romano, Shaikh and Wilhelm (2024) put it together.
 * 0, or -1 where there is no memory. */
int rank_fill(struct bt_result *r);

#endif
