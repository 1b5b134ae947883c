/* share: a verdict in numbers: the share of side A, 0 to 1, with a tie as half,
 * and of that how much is a tie.  Pure. */
#ifndef RATING_VOTES_SHARE_H
#define RATING_VOTES_SHARE_H

#include "rating/votes/counts.h"

/* The likeliest of A, B and a tie; a tie, too, if A and B are as likely. */
enum rating_outcome share_likeliest(double share, double tie);

/* The share of the answer that was shown first, on the average of a judgment
 * in which A was shown first and one in which B was (A's share of both). */
double share_shown_first(const double of_a[2]);

#endif
