/* settled: whether one model is better than another, by the store's votes.
 *
 * Counts the direct votes of two models for rating/settle.h, in the order in
 * which they were given.  Votes on one prompt depend on each other, so of each
 * prompt only the first vote counts; a vote made elsewhere, whose prompt is not
 * known, counts as one on a prompt of its own.  No output.  One thread. */
#ifndef ARENA_SETTLED_H
#define ARENA_SETTLED_H

#include <stdbool.h>
#include <stdint.h>

#include "arena/store/store.h"
#include "base/err.h"
#include "rating/judged/decision.h"
#include "rating/judged/rows.h"
#include "rating/settle.h"
#include "rating/votes/counts.h"

struct settled {
    struct settle_votes votes; /* that count */
    uint64_t n_repeated;       /* more votes on the same prompts */
    uint64_t n_weighted;       /* by weight, neither won nor lost: left out */
    struct settle_result result;
    bool has_judge;              /* who narrowed the result … */
    struct decision_worth worth; /* … by this */
};

/* A question to the store: is names[0] better than names[1]? */
struct settled_question {
    const char *names[2];
    struct store_filter filter; /* of the votes; with a judge not by voter */
    const char *judge;          /* who narrows it, "NAME" or "judge:NAME"; NULL:
                                   nobody */
    struct settle_params params;
};

/* Answers it by the votes that there are; none is no error.  0, or -1 with
 * ERR_USAGE if the store has no such model or the judge gave no votes. */
int settled_load(struct settled *out, struct store *s,
                 const struct settled_question *q, struct err *e);

/* What may still be asked: a further vote on a prompt would not count.  Both by
 * the question's category, if it has one.
 *
 * The battles of a run between the two that wait for a blind vote, as
 * store_list_entries orders them: (*ids)[*n], freed by the caller.  0 or -1, as
 * settled_load. */
int settled_list_battles(struct store *s, const struct settled_question *q,
                         int64_t run_id, int64_t **ids, size_t *n,
                         struct err *e);

/* Fills is_open[n] for prompts and their categories.  0 or -1, as
 * settled_load. */
int settled_find_open(struct store *s, const struct settled_question *q,
                      char *const *prompts, const char *const *categories,
                      size_t n, bool *is_open, struct err *e);

/* Settles by pair counts (of a log, say), in which every vote counts as one on
 * a prompt of its own. */
void settled_count(struct settled *out, const struct rating_counts *c,
                   uint32_t a, uint32_t b, const struct settle_params *p);

/* The same with a judge (rating/judged/decision.h), of whom the votes of people
 * are the first on each prompt, or on each battle whose prompt is not known.
 * when[n_votes] is the order in which they came; NULL: as they stand.  0, or -1
 * if there is no memory. */
int settled_judge(struct settled *out, const struct judged_rows *rows,
                  const int64_t *when, uint32_t a, uint32_t b,
                  const struct settle_params *p, struct err *e);

#endif
