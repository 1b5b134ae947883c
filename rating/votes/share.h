/* share: a verdict in numbers: the share of side A, 0 to 1, with a tie as half,
 * and of that how much is a tie.  Pure. */
#ifndef RATING_VOTES_SHARE_H
#define RATING_VOTES_SHARE_H

#include "rating/votes/counts.h"

/* The first side's share of an outcome: 1, 0 or, of a tie or both bad, 1/2. */
static inline double share_of_outcome(enum rating_outcome outcome)
{
    static const double shares[RATING_N_OUTCOMES] = {
        [RATING_FIRST] = 1,
        [RATING_SECOND] = 0,
        [RATING_TIE] = 0.5,
        [RATING_BAD] = 0.5,
    };
    return shares[outcome];
}

/* The likeliest of A, B and a tie; a tie, too, if A and B are as likely. */
enum rating_outcome share_likeliest(double share, double tie);

/* The share of the answer that was shown first, on the average of a judgment
 * in which A was shown first and one in which B was (A's share of both). */
double share_shown_first(const double of_a[2]);

#endif
