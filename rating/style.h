/* style: ratings with the look of answers held equal.
 *
 *     P(first wins) = s(x[i] - x[j] + advantage + sum over k of b[k] z[k])
 *
 * with s as in rating/fit/fit.h and ties as half wins.  z[k] is the relative
 * difference (a - b) / (a + b) of a number of both answers, such as their
 * length (0 if both are 0), over its standard deviation around 0 in these
 * votes.  So b[k] is the effect of one deviation.  (A deviation around the mean
 * would move the point at which answers are alike.)  If a number is ever
 * negative, the plain difference a - b takes the ratio's place.  This is the
 * "style control" of Chatbot Arena (Li, Angelopoulos and Chiang 2024). Newton's
 * method converges for the reasons given in rating/fit/fit.h.  It works on
 * rows, as counts do not hold the numbers.  Pure. */
#ifndef RATING_STYLE_H
#define RATING_STYLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "rating/fit/params.h"
#include "rating/fit/result.h"

struct style_vote {
    uint32_t first, second;
    enum rating_outcome outcome;
    float lean; /* of a weighted vote (rating/votes/counts.h); else 0 */
};

/* The votes, row by row; the caller owns them. */
struct style_rows {
    size_t n, n_features;
    const struct style_vote *votes; /* [n] */
    const float *x; /* [n][n_features] differences; NaN: unknown, counts
                       as 0 */
};

/* Sets is_signed[k] if pairs[n][n_features][2] hold a negative number k, and
 * else leaves it, so that more rows can be looked at. */
void style_find_signed(const float *pairs, size_t n, size_t n_features,
                       bool *is_signed);

/* The differences of pairs[n][n_features][2], relative or, if the number is
 * signed, plain; out[n][n_features] may be the same array. */
void style_differences(const float *pairs, size_t n, size_t n_features,
                       const bool *is_signed, float *out);

struct style_effect {
    double points, lower, upper, se; /* of one standard deviation; NaN: the
                                        votes do not determine it */
    double deviation;                /* that one, around 0 */
    uint64_t n_missing;              /* rows without the number */
};

/* Replaces the ratings, errors, ranks and position of a result that bt_fit
 * made from the same votes with the same params (ties half; bounds by sandwich
 * or Hessian) by those with style held equal, and fills effects[n_features].
 * Params' ridge holds the effects as well.  0 or -1. */
int style_fit(struct bt_result *r, const struct rating_counts *c,
              const struct bt_params *p, const struct style_rows *rows,
              struct style_effect *effects, struct err *e);

#endif
