/* verdicts: people's votes and the judge's verdicts, by pair of the fit.
 *
 * The part of rating/judged/judged.h that does not depend on strengths.  Scores
 * are of a pair's first model, as the plan has it.  Pure. */
#ifndef RATING_JUDGED_VERDICTS_H
#define RATING_JUDGED_VERDICTS_H

#include <stddef.h>
#include <stdint.h>

#include "rating/fit/plan.h"
#include "rating/judged/rows.h"

struct verdicts_pair {
    double n_votes, score;         /* by people: votes, and their sum */
    double n_shared, n_squares;    /* n and sum v^2 of judged.h */
    double shared_sum;             /* of f over those n votes */
    double n_judged, judged_sum;   /* N, and the sum of f over them */
    double mean;                   /* of f over all battles of the pair */
    double share;                  /* s; 0: no judge for this pair */
    double spread;                 /* makes f - mean as large as f less its
                                      expectation is */
    double rest;                   /* sum of (f - mean)^2 over the battles that
                                      nobody voted on and that are no rows */
};

/* A score that may hang together with others: a vote, or (by prompt) a verdict
 * on a battle that nobody voted on. */
struct verdicts_row {
    uint64_t cluster;
    uint32_t pair;
    bool voted;
    double score; /* by the person, if voted */
    double judge; /* NaN: not judged */
};

struct verdicts {
    struct verdicts_pair *pairs; /* [n_pairs of the plan] */
    struct verdicts_row *rows;   /* [n_rows] in order of cluster */
    size_t n_rows;
    double n_apart; /* battles that were judged, of pairs without a vote */
    size_t n_shared_clusters; /* with a vote on a battle that was judged */
    double *n_clusters;       /* [n of the fit] with a vote on a model */
};

/* 0, or -1 if there is no memory; call verdicts_free either way. */
int verdicts_init(struct verdicts *t, const struct plan *pl,
               const struct judged_rows *rows, enum judged_cluster cluster);
void verdicts_free(struct verdicts *t);

#endif
