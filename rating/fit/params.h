/* params: what may be asked of a Bradley-Terry fit. */
#ifndef RATING_FIT_PARAMS_H
#define RATING_FIT_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rating/votes/counts.h"

enum bt_ties {
    BT_TIES_HALF,
    BT_TIES_DROP,
    BT_TIES_DAVIDSON,
    BT_TIES_RAO_KUPPER,
};
enum bt_ci { BT_CI_SANDWICH, BT_CI_HESSIAN, BT_CI_BOOTSTRAP };
enum bt_center { BT_CENTER_WEIGHTED, BT_CENTER_MEAN };

struct bt_params {
    enum bt_ties ties;
    enum bt_ci ci;
    enum bt_center center; /* which mean is put at `start` */
    double start;          /* 1000 */
    double scale;          /* 400 */
    double prior;          /* virtual wins, and as many losses, per model
                              against an average opponent; 0: none; negative,
                              the default: 1 if some model has under 20 votes or
                              no finite estimate, and no ridge is given */
    double ridge;          /* lambda of 0.5 lambda sum theta^2; 0: none */
    uint64_t reweight;     /* weigh a pair's votes 1/max(n, this); 0: off */
    int64_t anchor;        /* model index kept at anchor_score; -1: none */
    double anchor_score;
    bool position;         /* fit the advantage of the first side too */
    int rounds;            /* of the bootstrap */
    uint64_t seed;
    int n_threads;         /* of the bootstrap; 0: all cores */
    bool differences;      /* also fill difference_se and the rank intervals */
    /* The votes of the counts, by voter and sorted by it, of two voters or
     * more: sandwich errors then allow for the dependence of one voter's votes
     * (Liang and Zeger 1986), and for few voters (rating/fit/errors.h).  NULL:
     * every vote stands for itself. */
    const struct rating_ballot *ballots;
    size_t n_ballots;
};

struct bt_params bt_defaults(void);

#endif
