/* fit: the maximum of a paired-comparison likelihood, by Newton's method.
 *
 * Works on local numbers 0..n-1 of models that all have votes; rating/fit/bt.h
 * is the face of it.  Strengths x are natural logarithms, d = x[i] - x[j] (+
 * the advantage of the first side), s(d) = 1 / (1 + e^-d):
 *
 *   FIT_HALF        P(i wins) = s(d); a tie is half a win and half a loss
 *   FIT_DAVIDSON    P(i) : P(tie) : P(j) = e^(d/2) : e^t : e^(-d/2), so that
 *                   e^t is Davidson's nu
 *   FIT_RAO_KUPPER  P(i wins) = s(d - t), P(j wins) = s(-d - t), the rest
 *                   ties, so that e^t is Rao and Kupper's eta
 *
 * Why it converges.  The log-likelihood of each is concave in (x, advantage,
 * t): the first is logistic regression, the second log-linear, the third an
 * ordered logit (Pratt 1981).  If the maximum is finite (rating/fit/graph.h
 * says when; with a prior or a ridge it always is) the level sets are bounded
 * and the Hessian, less the direction in which all strengths move together, is
 * negative definite on them.  On such a function Newton's step, halved until
 * the likelihood rises by a fixed share of what the slope promises, reaches the
 * maximum from any start, and near it the halving stops and each step doubles
 * the number of right digits (Boyd and Vandenberghe, 2004, 9.5.3). From equal
 * strengths it takes four to eight steps, whatever the counts.
 *
 * Pure; one thread at a time on one struct. */
#ifndef RATING_FIT_H
#define RATING_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rating/fit/envelope.h"

enum fit_link { FIT_HALF, FIT_DAVIDSON, FIT_RAO_KUPPER };

struct fit_pair {
    uint32_t i, j;         /* i on the first side, if sides are kept apart */
    double win, lose, tie; /* votes, seen from i; weighted ones in parts */
    double spread;         /* sum of share (1 - share) of the weighted ones */
    double decisive;       /* votes that scatter: all but ties and weighted
                              votes that say the same */
    double weight;         /* of each of these votes in the likelihood */
};

struct fit {
    /* The problem; the caller sets these, and keeps owning what they point to,
     * then calls fit_init. */
    size_t n;                     /* models */
    const struct fit_pair *pairs; /* any order; i != j */
    size_t n_pairs;
    enum fit_link link;
    bool position;                /* the first side has an advantage to find */
    double prior;                 /* virtual wins, and losses, of each model
                                     against one of strength 0 */
    double ridge;                 /* lambda of -lambda/2 sum x^2 */
    double tolerance;             /* done after a step below this, in nats: the
                                     error left is about its square */

    bool *is_reference;           /* [n] made false by fit_init, then set by the
                                     caller for one model of each component,
                                     which holds the rest while neither prior
                                     nor ridge fixes the mean */

    /* The answer. */
    size_t n_params;         /* n, then the advantage, then t */
    double *x;               /* [n_params]; the start of fit_run, its result */
    double value;            /* the objective there */
    int n_steps;
    size_t singular;         /* with FIT_SINGULAR: the first parameter that the
                                votes and the ones before it leave open */
    struct envelope hessian; /* factor of the negative Hessian (at most one
                                last step, below the tolerance, from x), plus
                                an entry per reference model: solving with a
                                right side that sums to 0 over each component
                                is solving with the pseudo-inverse */

    double *gradient, *step, *from; /* [n_params], scratch */
};

/* Index of the advantage and of t in x; only if the problem has them. */
size_t fit_position(const struct fit *f);
size_t fit_tie(const struct fit *f);

/* Makes room; x starts at equal strengths.  0, or -1 if there is no memory
 * (fit_free is still due). */
int fit_init(struct fit *f);
void fit_free(struct fit *f);

/* Log-probability that the first of a pair wins, at difference d (with the
 * advantage in it); t from x. */
double fit_log_win(const struct fit *f, double d);

/* Leaves t out (FIT_HALF), for votes that do not determine it, or takes it in
 * again (the link that the fit was made with). */
void fit_set_link(struct fit *f, enum fit_link link);

enum fit_end {
    FIT_OK,
    FIT_NO_MAXIMUM,  /* strengths, the advantage or t run away */
    FIT_SINGULAR,    /* the votes do not determine all parameters */
};

/* Climbs from x to the maximum. */
enum fit_end fit_run(struct fit *f);

/* Second moments of the score, for sandwich errors: for a pair, the sums over
 * its votes of (weight dl/dd)^2, weight^2 dl/dd dl/dt and (weight dl/dt)^2. */
struct fit_moments {
    double dd, dt, tt;
};
void fit_pair_scores(const struct fit *f, const struct fit_pair *p,
                     struct fit_moments *out);

/* Sums of the score itself: over a pair's votes, of weight dl/dd and weight
 * dl/dt. */
void fit_pair_gradient(const struct fit *f, const struct fit_pair *p, double *d,
                       double *t);

/* The same sums as the model expects them (Fisher information), for weighted
 * errors without the sandwich. */
void fit_pair_information(const struct fit *f, const struct fit_pair *p,
                          struct fit_moments *out);

#endif
