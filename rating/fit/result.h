/* result: what a Bradley-Terry fit finds.  Filled and freed by bt.h. */
#ifndef RATING_FIT_RESULT_H
#define RATING_FIT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BT_NO_COMPONENT UINT32_MAX

struct bt_model {
    double rating, lower, upper, se; /* NaN: no estimate exists */
    uint32_t rank;      /* 1 + models of its group whose lower bound exceeds
                           this one's upper; 0: no estimate exists */
    uint32_t rank_best, rank_worst; /* between these with 95% for all models at
                           once; only with `differences` */
    uint32_t tier;      /* from 1 in its group: models that are not told, at the
                           same level of certainty, from the tier's first one;
                           0: none.  Only with `differences` */
    uint32_t component; /* which group of models that met, from 0, each with a
                           scale of its own; BT_NO_COMPONENT: no vote counts */
    bool bounded;       /* false: it only won, or only lost, against the rest of
                           its group (or a model of ties found no finite
                           estimate), so the votes alone put it at infinity.
                           With a prior or ridge it still has a rating, which
                           depends on that prior; without, the rating is NaN,
                           and `lower` or `upper` alone is the one-sided 95%
                           bound by the votes */
    uint64_t votes, wins, losses, ties, bad; /* votes with the weighted ones */
    uint64_t weighted;  /* votes of which only a share is won … */
    double share_won;   /* … and the sum of these shares */
    double voters;      /* that judged it, if errors are by voter; else 0 */
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
                                always; NaN: the votes do not tell */
    uint32_t n_rounds_failed; /* bootstrap samples that left a model without a
                                finite estimate: fitted by a prior (see
                                rating/fit/bootstrap.h) */
    double *difference_se;   /* [n_models][n_models], or NULL; NaN: the two
                                models are not on one scale */
};

void bt_free(struct bt_result *r);

/* How far model a is above model b, with its 95% interval and the probability
 * that a is the stronger one (by the normal law, or Student's if errors are by
 * voter); NaN if they are not on one scale.  Needs `differences`. */
struct bt_difference {
    double points, lower, upper, se, probability;
};
struct bt_difference bt_compare(const struct bt_result *r, size_t a, size_t b);

#endif
