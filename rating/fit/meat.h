/* meat: the middle of the sandwich, B = the sum of (score)(score)'.
 *
 * The score of a vote has the direction e_i - e_j, and parts for the first
 * side's advantage and the tie parameter; so B is never formed, only multiplied
 * with.  Each vote stands for itself, or (clustered) all votes of one voter
 * stand together: then the scores of a voter are added up before they are
 * squared.  Pure. */
#ifndef RATING_FIT_MEAT_H
#define RATING_FIT_MEAT_H

#include "rating/fit/params.h"
#include "rating/fit/result.h"
#include "rating/fit/plan.h"

struct meat_pair {
    uint32_t i, j;
    struct fit_moments m;
};

struct meat_ballot {
    uint32_t group, i, j;
    double d, t; /* sums of the score */
};

struct meat {
    const struct fit *f;
    struct meat_pair *pairs; /* [n] */
    struct meat_ballot *ballots; /* [n_ballots], by group; instead of pairs */
    size_t n, n_ballots;
    double *n_voters; /* [n of the fit] that judged a model; each vote without a
                         known voter counts as one.  NULL without ballots */
    double n_groups;  /* voters in all */
};

/* 0, or -1 if there is no memory (call meat_free).  By the Hessian's
 * information (ci) or by the scores; by voter if there are ballots. */
int meat_init(struct meat *m, const struct plan *pl, const struct fit *f,
              const struct bt_params *p);
void meat_free(struct meat *m);

/* Work on several u at once, u[n_params] as in rating/fit/envelope.h:
 * *out = u' B u of each, */
void meat_quadratic(const struct meat *m, const lanes *u, lanes *out);

/* and by[n_params] = B u. */
void meat_multiply(const struct meat *m, const lanes *u, lanes *by);

#endif
