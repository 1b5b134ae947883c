/* settled: whether one model is better than another, by the store's votes.
 *
 * Counts the direct votes of two models for rating/settle.h, in the order in
 * which they were given.  Votes on one prompt depend on each other, so of each
 * prompt only the first vote counts; a vote made elsewhere, whose prompt is not
 * known, counts as one on a prompt of its own.  No output.  One thread. */
#ifndef ARENA_SETTLED_H
#define ARENA_SETTLED_H

#include "arena/store/store.h"
#include "base/err.h"
#include "rating/settle.h"

struct settled {
    struct settle_votes votes; /* that count */
    uint64_t n_repeated;       /* more votes on the same prompts */
    uint64_t n_weighted;       /* by weight, neither won nor lost: left out */
    struct settle_result result;
};

/* Model a against model b, by name, by the votes that a filter leaves.  No vote
 * is no error.  0, or -1 with ERR_USAGE if the store has no such model. */
int settled_load(struct settled *out, struct store *s,
                 const struct store_filter *filter, const char *a,
                 const char *b, const struct settle_params *p, struct err *e);

/* The same by pair counts (of a log, say), in which every vote counts as one on
 * a prompt of its own. */
void settled_count(struct settled *out, const struct rating_counts *c,
                   uint32_t a, uint32_t b, const struct settle_params *p);

#endif
