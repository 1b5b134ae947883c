/* proportion: shares of successes, and differences of two shares over the same
 * trials, with 95% intervals.  Pure. */
#ifndef RATING_MATH_PROPORTION_H
#define RATING_MATH_PROPORTION_H

#include <stdint.h>

struct proportion {
    double share;        /* successes of trials; NaN without trials */
    double lower, upper; /* Wilson's score interval (1927); 0 and 1 without
                            trials */
};

/* n_success of n. */
struct proportion proportion_of(uint64_t n_success, uint64_t n);

/* Two contestants on the same trials: how many of them both, only the first,
 * only the second, or neither passed. */
struct proportion_pairs {
    uint64_t n_both, n_first, n_second, n_neither;
};

struct proportion_difference {
    double difference;   /* share of the first less that of the second */
    double lower, upper; /* Newcombe's hybrid score interval for paired data
                            (Statistics in Medicine 17, 1998, method 10) */
    double p; /* of McNemar's exact test, two-sided: how likely the two would
                 part at least so unevenly if they were equally good */
};

/* NaN, -1, 1 and 1 without trials. */
struct proportion_difference
proportion_compare(const struct proportion_pairs *n);

#endif
