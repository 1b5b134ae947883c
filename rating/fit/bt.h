/* bt: Bradley-Terry strengths by maximum likelihood, with 95% intervals.
 *
 * P(i beats j) = 1 / (1 + 10^((Rj - Ri) / 400)).  Sources: Bradley and Terry
 * (1952); Davidson (1970) and Rao and Kupper (1967) for ties as parameters;
 * White (1982) for the sandwich errors.  Works on counts, never on rows.
 * Pure: the caller owns everything, any thread. */
#ifndef RATING_FIT_BT_H
#define RATING_FIT_BT_H

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

#define BT_NO_COMPONENT UINT32_MAX

struct bt_params {
    enum bt_ties ties;
    enum bt_ci ci;
    enum bt_center center; /* which mean is put at `start` */
    double start;          /* 1000 */
    double scale;          /* 400 */
    double prior;          /* virtual wins, and as many losses, per model
                              against an average opponent; 0: none; negative,
                              the default: 1 where some model has under 20 votes
                              or no finite estimate, and no ridge is given */
    double ridge;          /* lambda of 0.5 lambda sum theta^2; 0: none */
    uint64_t reweight;     /* weigh a pair's votes 1/max(n, this); 0: off */
    int64_t anchor;        /* model index kept at anchor_score; -1: none */
    double anchor_score;
    bool position;         /* fit the advantage of the first side too */
    int rounds;            /* of the bootstrap */
    uint64_t seed;
    int n_threads;         /* of the bootstrap; 0: all cores */
    bool differences;      /* also fill difference_se and the rank intervals */
    /* Sandwich errors that allow for votes of one voter hanging together (Liang
     * and Zeger 1986), and for few voters (rating/fit/errors.h): the votes of
     * the counts, by voter, sorted by it; of two voters or more.  NULL: every
     * vote for itself. */
    const struct rating_ballot *ballots;
    size_t n_ballots;
};

struct bt_params bt_defaults(void);

struct bt_model {
    double rating, lower, upper, se; /* NaN where no estimate exists */
    uint32_t rank;      /* 1 + models of its group whose lower bound exceeds
                           this one's upper; 0 where no estimate exists */
    uint32_t rank_best, rank_worst; /* between these with 95% for all models at
                           once; only with `differences` */
    uint32_t component; /* which group of models that met, from 0, each with a
                           scale of its own; BT_NO_COMPONENT: no vote counts */
    bool bounded;       /* false: it only won, or only lost, against the rest of
                           its group (or, with ties as parameters, nobody ever
                           lost where others win), so the votes alone put it at
                           infinity.
                           With a prior or ridge it has a rating all the same,
                           which is as good as that prior; without, the rating
                           is NaN, and `lower` or `upper` alone is the
                           one-sided 95% bound that the votes give */
    uint64_t votes, wins, losses, ties, bad;
    double voters;      /* that judged it, where errors are by voter; else 0 */
};

struct bt_result {
    struct bt_model *models; /* [n_models], in index order */
    size_t n_models;
    uint64_t n_votes;
    uint32_t n_components;
    uint32_t n_unbounded;    /* models with votes that are not bounded */
    double prior;            /* the one that was used */
    double tie_parameter;    /* Davidson's nu or Rao-Kupper's eta */
    double position, position_se; /* advantage of side A, in points; found
                                always; NaN where the votes do not tell */
    uint32_t n_rounds_failed; /* bootstrap samples that left a model without a
                                finite estimate: fitted by a prior (see
                                rating/fit/bootstrap.h) */
    double *difference_se;   /* [n_models][n_models], or NULL; NaN where two
                                models are not on one scale */
};

/* Only the tally of votes, wins and so on of every model, without a fit; the
 * rest of the result is empty.  0, or -1 where there is no memory. */
int bt_tally(const struct rating_counts *c, struct bt_result *out);

/* Fits.  0, or -1 with *why a static text (no votes, no memory, did not
 * converge).  Free the result with bt_free either way. */
int bt_fit(const struct rating_counts *c, const struct bt_params *p,
           struct bt_result *out, const char **why);
void bt_free(struct bt_result *r);

/* How far model a is above model b, with its 95% interval and the probability
 * that a is the stronger one (by the normal law, or Student's where errors are
 * by voter); NaN where they are not on one scale.  Wants `differences`. */
struct bt_difference {
    double points, lower, upper, se, probability;
};
struct bt_difference bt_compare(const struct bt_result *r, size_t a, size_t b);

#endif
