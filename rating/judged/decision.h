/* decision: settle, with a judge who narrows what people's votes say.
 *
 * A confidence sequence as that of rating/settle.h, of other scores: in place
 * of a person's y it bets on
 *
 *     z = y - w (f - g)
 *
 * f is the judge's score of the same battle, g the mean of its scores of some
 * battles that nobody voted on.  f and g are alike on average, so that z has
 * the mean of y, whatever the judge prefers; but what makes a battle easy for
 * one of the models is in y and in f, and cancels.  w, between 0 and 1, is what
 * the votes before say is best, and a bet is as large as their scatter allows.
 * Each vote has battles of its own to be compared with, so scores stay
 * independent; one that has none left is y.
 *
 * What must hold beside what settle.h says: that people do not choose battles
 * by what the judge says of them, and that its verdicts were there before the
 * votes.  A battle that a vote was compared with may get a vote itself: then it
 * is left out of the comparison, which changes a step that was made already.
 * tests/bench/rating_decision.c looks after each vote and finds the risk kept.
 * After: prediction-powered inference (arXiv 2301.09633, tuned as 2311.01453),
 * by betting.  Pure. */
#ifndef RATING_JUDGED_DECISION_H
#define RATING_JUDGED_DECISION_H

#include <stddef.h>

#include "base/err.h"
#include "rating/settle.h"

/* A person's vote on A against B. */
struct decision_vote {
    double score; /* A's: 1, 1/2 or 0 */
    double judge; /* its score of A in this battle, 0 to 1; NaN: not judged */
};

struct decision_data {
    const struct decision_vote *votes; /* in the order in which they came */
    size_t n_votes;
    /* The judge's scores of A in its battles against B, in an order that does
     * not change; NaN: a vote was given on this one.  They are compared with
     * from the end, as people begin at the beginning. */
    const double *judged;
    size_t n_judged;
};

struct decision_worth {
    size_t n_shared;   /* votes on battles that were judged too */
    size_t n_compared; /* of these, with others to be compared with */
    double weight;     /* w of the next vote */
};

/* 0; or -1: no memory. */
int decision_find(const struct decision_data *d, const struct settle_params *p,
                  struct settle_result *out, struct decision_worth *worth,
                  struct err *e);

/* The verdict alone. */
int decision_verdict(const struct decision_data *d,
                     const struct settle_params *p, enum settle_verdict *out,
                     struct err *e);

#endif
