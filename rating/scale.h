/* scale: whether one rating of each model fits all categories of prompts.
 *
 * A likelihood-ratio test on decisive votes: Bradley and Terry's law with the
 * first side's advantage, fitted to all of them, against one fitted to each
 * category (Wilks 1938; the tail of chi-squared by Wilson and Hilferty 1931).
 * A category with fewer than SCALE_FEW decisive votes is left out of both, as
 * the law of the test is one of many votes.  Pure. */
#ifndef RATING_SCALE_H
#define RATING_SCALE_H

#include <stddef.h>

#include "base/err.h"
#include "rating/votes/counts.h"

#define SCALE_FEW 50

struct scale_test {
    size_t n_parts;   /* categories that were compared; below 2: no test */
    double statistic; /* twice the gain of the log-likelihood */
    double freedom;   /* parameters more that it took */
    double p;         /* chance of such a gain if one scale fits all; 1: no
                         test */
};

/* parts[n] are the votes of each category, models numbered alike.  0 or -1. */
int scale_compare(const struct rating_counts *parts, size_t n,
                  struct scale_test *out, struct err *e);

#endif
