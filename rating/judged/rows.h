/* rows: battles with a judge's verdict, and people's votes on some of them. */
#ifndef RATING_JUDGED_ROWS_H
#define RATING_JUDGED_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "rating/votes/counts.h"

#define JUDGED_NO_PROMPT UINT32_MAX

struct judged_battle {
    uint32_t first, second; /* model indices */
    uint32_t prompt;        /* or JUDGED_NO_PROMPT: like no other */
    double judge;           /* its score of the first, 0 to 1: 1/2 is a tie;
                               NaN: it has not judged this one */
};

/* A person's vote. */
struct judged_vote {
    uint32_t battle;
    uint32_t voter; /* or RATING_NO_VOTER: like no other */
    enum rating_outcome outcome;
};

/* A judge's verdicts on battles of two models that nobody voted on, summed up:
 * as good as the battles, unless scores hang together by prompt. */
struct judged_mass {
    uint32_t first, second;
    double n, sum, squares; /* battles, and sums of its scores of the first */
};

struct judged_rows {
    const struct judged_battle *battles;
    size_t n_battles;
    const struct judged_vote *votes;
    size_t n_votes;
    const struct judged_mass *masses; /* beside the battles; not by prompt */
    size_t n_masses;
};

/* Which scores hang together. */
enum judged_cluster { JUDGED_BY_BATTLE, JUDGED_BY_VOTER, JUDGED_BY_PROMPT };

#endif
