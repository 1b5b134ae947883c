/* shares: the weighted votes of a plan, one by one, for samples of them.
 *
 * A pair of the fit has them in parts among its wins and losses; to draw votes
 * with replacement they have to be told apart.  The owner of the struct frees
 * it.  Pure. */
#ifndef RATING_FIT_SHARES_H
#define RATING_FIT_SHARES_H

#include <stddef.h>
#include <stdint.h>

#include "rating/fit/plan.h"

struct shares_vote {
    size_t pair;  /* of the plan */
    double share; /* of the pair's i */
    uint64_t n;   /* votes alike */
};

struct shares {
    struct shares_vote *votes; /* [n] those on pairs of the fit */
    size_t n;
};

/* 0, or -1: no memory (call shares_free either way). */
int shares_init(struct shares *s, const struct plan *pl);
void shares_free(struct shares *s);

#endif
