/* drop: on how few votes the first place depends.
 *
 * The votes that support the leader against the second most are found by their
 * influence on the difference of the two, to first order: of a vote with the
 * residual r on a pair with direction z it is u' z r, u the inverse of the
 * Hessian times the difference's contrast (Broderick, Giordano and Meager 2020,
 * arXiv 2011.14999; for boards of models: Huang et al. 2025, arXiv 2508.11847).
 * So many of them are left out that another model leads in a fit to the rest.
 * The number is one that does it, and the smallest in this order; a search over
 * all sets of votes may find a smaller one.  Pure. */
#ifndef RATING_DROP_H
#define RATING_DROP_H

#include <stdint.h>

#include "base/err.h"
#include "rating/fit/params.h"
#include "rating/votes/counts.h"

struct drop_lead {
    uint64_t n_votes; /* that change who leads, left out; 0: none was found */
    uint32_t leader, next; /* model indices: now, and without them */
};

/* Looks at the component with the most votes, by the params of the board (ties
 * half or dropped).  The prior and the weights are kept as the whole log has
 * them.  0 (with n_votes 0 if fewer than two models are rated), or -1 if there
 * is no memory or no estimate. */
int drop_find_lead(const struct rating_counts *c, const struct bt_params *p,
                   struct drop_lead *out, struct err *e);

#endif
