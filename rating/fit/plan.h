/* plan: from counts to the problem that rating/fit/fit.h solves.
 *
 * Decides which votes count (ties) and their weights, which models can have a
 * finite estimate, whether a prior is needed, and the centre of each component.
 * Pure; the plan owns its arrays. */
#ifndef RATING_FIT_PLAN_H
#define RATING_FIT_PLAN_H

#include "base/err.h"
#include "rating/fit/fit.h"
#include "rating/fit/params.h"

/* The automatic prior: one virtual win and one virtual loss a model. */
#define PLAN_AUTOMATIC_PRIOR 1.0

/* A model of the counts. */
struct plan_model {
    uint32_t component;    /* GRAPH_NONE: no vote that counts */
    uint32_t fit_index;    /* its number in the fit; GRAPH_NONE: not fitted */
    uint64_t n_votes;      /* that count */
    double n_decisive;     /* votes within the fit that scatter; see fit_pair */
    double center_share;   /* in the point that is put at center_score; they
                              sum to 1 over the fitted models of a component */
    bool bounded;          /* the votes alone bound its estimate */
    bool is_reference;     /* see struct fit */
};

struct plan_component {
    double center_score;    /* what the centre is rated */
    double unbounded_share; /* of its centre, in models that are not bounded */
};

struct plan {
    const struct rating_counts *counts; /* the caller's */
    struct plan_model *models;          /* [n_models] as in the counts */
    size_t n_models;
    struct plan_model **fitted;         /* [n] those in the fit, by fit_index */
    size_t n;
    struct plan_component *components;  /* [n_components] */
    uint32_t n_components;
    struct fit_pair *pairs;             /* of fit indices */
    size_t n_pairs;
    double mean_weight; /* of a vote, before all are divided by it */
    enum fit_link link;
    bool position;
    double prior, ridge;
};

/* Makes the plan.  With `position` the two sides of a pair stay apart.
 * 0 or -1; call plan_free either way. */
int plan_init(struct plan *pl, const struct rating_counts *c,
              const struct bt_params *p, bool position, struct err *e);
void plan_free(struct plan *pl);

/* The number in the counts of a model of the fit. */
size_t plan_model_index(const struct plan *pl, size_t fit_index);

/* Makes the fit of a plan.  0, or -1 if there is no memory; fit_free is due
 * either way. */
int plan_fit_init(const struct plan *pl, double tolerance, struct fit *f);

/* Subtracts from x[n] its centre in every component, so that what is left is
 * how far a model is above center_score.  mean[n_components] is scratch. */
void plan_center(const struct plan *pl, double *x, double *mean);

/* The weight of a vote on a pair of models of the counts. */
double plan_weight(const struct plan *pl, const struct bt_params *p,
                   uint32_t first, uint32_t second);

/* Whether the scatter of a model's own votes cannot give its standard error:
 * the model is unbounded, or its votes are few, or all are ties, which do not
 * scatter.  (If the caller has asked for no prior and no ridge, and so for the
 * bare formula, only unbounded ones are weak.)  A weak model gets the wider of
 * two intervals. */
bool plan_is_weak(const struct plan *pl, const struct bt_params *p, size_t i);

/* What a model's score is measured from: its component's anchor, or itself. */
size_t plan_anchor(const struct plan *pl, const struct bt_params *p, size_t i);

/* Whether the scatter of votes cannot give the standard error of a model's
 * distance from the centre: the model is weak, unbounded models have more than
 * 1% of the centre, or the centre is a weak anchor. */
bool plan_is_vague(const struct plan *pl, const struct bt_params *p, size_t i);

/* Which models of the fit are bounded by the votes of these pairs, which may be
 * a bootstrap sample.  Fills bounded[n].  1: all; 0: not all; -1: no memory. */
int plan_find_bounded(const struct plan *pl, const struct fit_pair *pairs,
                      bool *bounded);

#endif
