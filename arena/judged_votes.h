/* judged_votes: the store's votes as battles: a judge's verdicts, and people's
 * votes on some of them.  For ratings with a judge.  One thread. */
#ifndef ARENA_JUDGED_VOTES_H
#define ARENA_JUDGED_VOTES_H

#include <stdbool.h>

#include "arena/store/store.h"
#include "base/err.h"
#include "rating/judged/rows.h"
#include "rating/votes/counts.h"

struct judged_votes {
    struct store_ballots ballots; /* that make the battles and votes */
    size_t *order;                /* [ballots.n] by battle */
    struct judged_battle *battles;
    struct judged_vote *votes;
    int64_t *vote_ids;            /* [rows.n_votes] of the store */
    struct judged_mass *masses;
    struct judged_rows rows;      /* what rating/judged asks for */
    bool *is_judge, *is_person;   /* [n_voters] is_judge: the one asked for */
    uint64_t n_verdicts, n_other; /* of the judge; of other judges */
    uint64_t n_soft;              /* of the verdicts that are read one by one:
                                     with a probability */
    double temperature;           /* that these have been given; 0: none */
};

/* Fills order[b->n]: the ballots by battle, those of one by voter. */
void ballots_order(const struct store_ballots *b, size_t *order);

/* Reads the filter's votes (its voter is not looked at) for a judge, "NAME" or
 * "judge:NAME".  With `counts` it is for ratings: people's votes are counted
 * there, too; the judge's probabilities, if it gave nothing else, get the
 * temperature that fits people's votes; and the judge's on other battles come
 * as masses if they can, which takes a time that does not grow with them, or a
 * fraction of it.  0; or -1, with ERR_USAGE if the judge gave none.  call
 * judged_votes_free either way. */
int judged_votes_load(struct judged_votes *v, struct store *s,
                      const struct store_filter *filter,
                      const struct store_model *models, size_t n,
                      const char *judge, struct rating_counts *counts,
                      struct err *e);

void judged_votes_free(struct judged_votes *v);

#endif
