/* elo: the running rating, one vote at a time.
 *
 * Source: Elo, "The Rating of Chessplayers" (1978): the expected score is
 * E = 1 / (1 + base^((Rb - Ra) / scale)), the change K (S - E), with S = 1 for
 * a win, 1/2 for a tie (both-bad counts as one), 0 for a loss.  Pure. */
#ifndef RATING_ELO_H
#define RATING_ELO_H

#include <stdbool.h>

#include "rating/votes/counts.h"

struct elo_params {
    double k;     /* points at stake in one vote; 16 */
    double base;  /* 10 */
    double scale; /* points that make the odds `base` to 1; 400 */
    double start; /* rating before the first vote; 1000 */
};

struct elo_params elo_defaults(void);

/* Whether ratings stay numbers under these, however many votes there are. */
bool elo_is_usable(const struct elo_params *p);

/* The expected score of the first model. */
double elo_expected(const struct elo_params *p, double first, double second);

/* Moves both ratings by one vote of which the first model has this share. */
void elo_update_share(const struct elo_params *p, double *first, double *second,
                      double share);

/* The same by an outcome. */
void elo_update(const struct elo_params *p, double *first, double *second,
                enum rating_outcome outcome);

#endif
