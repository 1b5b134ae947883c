/* bt: Bradley-Terry strengths by maximum likelihood, with 95% intervals.
 *
 * P(i beats j) = 1 / (1 + 10^((Rj - Ri) / 400)).  Sources: Bradley and Terry
 * (1952); Davidson (1970) and Rao and Kupper (1967) for ties as parameters;
 * White (1982) for the sandwich errors.  Works on counts, never on rows.
 * Pure: the caller owns everything, any thread. */
#ifndef RATING_BT_H
#define RATING_BT_H

#include <stdbool.h>
#include <stdint.h>

#include "rating/counts.h"

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
                              against an average opponent; 0: none; negative:
                              as rating/bt.c chooses (small, only where a model
                              has under 20 votes) */
    double ridge;          /* lambda of 0.5 lambda sum theta^2; 0: none */
    uint64_t reweight;     /* weigh a pair's votes 1/max(n, this); 0: off */
    int64_t anchor;        /* model index kept at anchor_score; -1: none */
    double anchor_score;
    bool position;         /* fit the advantage of the first side too */
    int rounds;            /* of the bootstrap */
    uint64_t seed;
    int n_threads;         /* of the bootstrap; 0: all cores */
};

struct bt_params bt_defaults(void);

struct bt_model {
    double rating, lower, upper, se; /* NaN where no estimate exists */
    uint32_t rank;      /* 1 + models whose lower bound exceeds this upper */
    uint32_t component; /* which group of models that met, from 0 */
    bool bounded;       /* false: only wins or only losses against the rest of
                           its group, and no prior: the estimate is infinite */
    uint64_t votes, wins, losses, ties, bad;
};

struct bt_result {
    struct bt_model *models; /* [n_models], in index order */
    size_t n_models;
    uint64_t n_votes;
    uint32_t n_components;
    double prior;            /* the one that was used */
    double tie_parameter;    /* Davidson's nu or Rao-Kupper's eta */
    double position, position_se; /* advantage of side A, in points */
    uint32_t n_rounds_failed;
};

/* Fits.  0, or -1 with *why a static text (no votes, no memory, did not
 * converge).  Free the result with bt_free either way. */
int bt_fit(const struct rating_counts *c, const struct bt_params *p,
           struct bt_result *out, const char **why);
void bt_free(struct bt_result *r);

#endif
