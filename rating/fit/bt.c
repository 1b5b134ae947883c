#include "rating/fit/bt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rating/fit/bootstrap.h"
#include "rating/fit/errors.h"
#include "rating/fit/fit.h"
#include "rating/fit/graph.h"
#include "rating/fit/plan.h"
#include "rating/fit/rank.h"
#include "rating/math/normal.h"

/* Nats; after such a step the error left is far below a millionth point. */
static const double TOLERANCE = 1e-7;

int bt_tally(const struct rating_counts *c, struct bt_result *r)
{
    memset(r, 0, sizeof(*r));
    r->position = r->position_se = r->tie_parameter = NAN;
    r->models = calloc(c->n_models + 1, sizeof(*r->models));
    if (r->models == NULL)
        return -1;
    r->n_models = c->n_models;
    for (size_t k = 0; k < c->n_cells; k++) {
        const struct rating_cell *cell = &c->cells[k];
        struct bt_model *a = &r->models[cell->first];
        struct bt_model *b = &r->models[cell->second];
        const uint64_t *n = cell->n;
        uint64_t all = rating_cell_votes(cell);
        r->n_votes += all;
        a->weighted += cell->n_weighted;
        b->weighted += cell->n_weighted;
        a->share_won += cell->won;
        b->share_won += (double)cell->n_weighted - cell->won;
        a->votes += all;
        b->votes += all;
        a->wins += n[RATING_FIRST];
        b->wins += n[RATING_SECOND];
        a->losses += n[RATING_SECOND];
        b->losses += n[RATING_FIRST];
        a->ties += n[RATING_TIE];
        b->ties += n[RATING_TIE];
        a->bad += n[RATING_BAD];
        b->bad += n[RATING_BAD];
    }
    return 0;
}

/* Says why there is no estimate. */
static int fail_fit(enum fit_end end, const struct fit *f, struct err *e)
{
    bool penalized = f->prior > 0 || f->ridge > 0;
    if (end == FIT_NO_MAXIMUM)
        return err_set(e, ERR_FORMAT,
                       "no finite estimate fits these votes; %s%s%s",
                       f->position ? "leave out the position" : "",
                       f->position && !penalized ? ", or " : "",
                       f->position && penalized ? ""
                                                : "use a prior or a ridge");
    if (penalized && f->singular < f->n)
        return err_set(e, ERR_FORMAT, "the prior or ridge is too small to "
                       "compute with beside so many votes; use a larger one, "
                       "or a prior of 0");
    return err_set(e, ERR_FORMAT, "the votes cannot tell the parameters "
                   "apart; leave out the position and the model of ties, or "
                   "use a prior");
}

static void fill_ratings(struct bt_result *r, const struct plan *pl,
                         const double *x, double points)
{
    for (size_t i = 0; i < pl->n; i++)
        r->models[plan_model_index(pl, i)].rating =
            pl->components[pl->fitted[i]->component].center_score +
            points * x[i];
}

static int fill_errors(struct bt_result *r, const struct plan *pl,
                       const struct fit *f, const struct bt_params *p,
                       double points)
{
    struct errors e;
    struct bt_params q = *p;
    if (q.ci == BT_CI_BOOTSTRAP)
        q.ci = BT_CI_HESSIAN; /* what weak models fall back to */
    int status = errors_init(&e, pl, f, &q);
    for (size_t i = 0; status == 0 && i < pl->n; i++) {
        struct bt_model *m = &r->models[plan_model_index(pl, i)];
        m->se = points * sqrt(e.variance[i]);
        m->lower = m->rating - NORMAL_Z95 * m->se;
        m->upper = m->rating + NORMAL_Z95 * m->se;
        m->voters = e.n_voters == NULL ? 0 : e.n_voters[i];
    }
    for (size_t i = 0; status == 0 && p->differences && i < pl->n; i++)
        for (size_t j = 0; j < pl->n; j++)
            r->difference_se[plan_model_index(pl, i) * r->n_models +
                             plan_model_index(pl, j)] =
                points * sqrt(e.difference[i * pl->n + j]);
    if (status == 0)
        r->position_se = points * sqrt(e.position_variance);
    errors_free(&e);
    return status;
}

/* Starts a fit at the result of the one before: any start will do, and a near
 * one saves steps. */
static void start_near(const struct bt_result *r, const struct plan *pl,
                       const struct bt_params *p, double points, struct fit *f)
{
    for (size_t i = 0; i < pl->n; i++) {
        double rating = r->models[plan_model_index(pl, i)].rating;
        if (!isnan(rating))
            f->x[i] = (rating - p->start) / points;
    }
    if (pl->link != FIT_HALF)
        f->x[fit_tie(f)] = log(r->tie_parameter);
}

/* The advantage of the first side, which every leaderboard reports, by a fit of
 * its own.  It uses the votes alone: a prior on the strengths would make up an
 * advantage if each pair always had the same sides.  It stays NaN if the votes
 * do not determine it; that is no failure. */
static int report_position(struct bt_result *r, const struct rating_counts *c,
                           const struct bt_params *p, double points)
{
    struct plan pl;
    struct fit f = {0};
    struct bt_params q = *p;
    q.prior = q.ridge = 0;
    q.anchor = -1;
    q.differences = false;
    int status = 0;
    if (plan_init(&pl, c, &q, true, NULL) != 0)
        goto out; /* the votes do not determine it */
    status = plan_fit_init(&pl, TOLERANCE, &f);
    if (status == 0)
        start_near(r, &pl, p, points, &f);
    if (status == 0 && pl.n > 0 && fit_run(&f) == FIT_OK) {
        double variance, plain = 0;
        if (q.ci == BT_CI_BOOTSTRAP)
            q.ci = BT_CI_SANDWICH;
        status = errors_position(&pl, &f, &q, &variance);
        q.ci = BT_CI_HESSIAN; /* few votes may scatter too little */
        if (status == 0 && p->prior < 0 && r->prior > 0)
            status = errors_position(&pl, &f, &q, &plain);
        variance = fmax(variance, plain);
        r->position = points * f.x[fit_position(&f)];
        r->position_se = points * sqrt(variance);
    }
out:
    fit_free(&f);
    plan_free(&pl);
    return status;
}

/* Wins by one side at one difference: the strength of the model less `from`,
 * with the sign of the winner. */
struct one_sided {
    double from, n;
};

/* Gathers the votes of a model with fitted ones.  *sign is 1 if it won them
 * all, -1 if it lost them all, 0 if neither.  Returns how many entries. */
static size_t gather_one_sided(const struct rating_counts *c,
                               const struct plan *pl, const struct fit *f,
                               uint32_t model, struct one_sided *out, int *sign)
{
    double won = 0, lost = 0;
    size_t n = 0;
    for (size_t k = 0; k < c->n_cells; k++) {
        const struct rating_cell *cell = &c->cells[k];
        bool first = cell->first == model;
        if (!first && cell->second != model)
            continue;
        uint32_t other =
            pl->models[first ? cell->second : cell->first].fit_index;
        if (other == GRAPH_NONE)
            continue;
        double side = f->position ? f->x[fit_position(f)] : 0;
        double wins = (double)cell->n[first ? RATING_FIRST : RATING_SECOND];
        double losses = (double)cell->n[first ? RATING_SECOND : RATING_FIRST];
        won += wins + cell->spread; /* of a weighted vote both have a part */
        lost += losses + cell->spread;
        out[n++] = (struct one_sided){f->x[other] + (first ? -side : side),
                                      wins + losses};
    }
    *sign = (won > 0 && lost == 0) - (lost > 0 && won == 0);
    return n;
}

/* A model without an estimate still has a bound on one side: the strength at
 * which votes that all went one way have a chance of 5%, given the estimates of
 * the others. */
static void fill_bound(struct bt_model *m, const struct fit *f, double zero,
                       double points, const struct one_sided *votes, size_t n,
                       int sign)
{
    double low = -60, high = 60;
    for (int k = 0; k < 60; k++) {
        double middle = (low + high) / 2, chance = 0;
        for (size_t i = 0; i < n; i++)
            chance += votes[i].n *
                      fit_log_win(f, sign * (middle - votes[i].from));
        if ((chance < log(0.05)) == (sign > 0))
            low = middle;
        else
            high = middle;
    }
    *(sign > 0 ? &m->lower : &m->upper) = zero + points * low;
}

static int fill_bounds(struct bt_result *r, const struct plan *pl,
                       const struct fit *f, const struct rating_counts *c,
                       double points)
{
    struct one_sided *votes = malloc((c->n_cells + 1) * sizeof(*votes));
    if (votes == NULL)
        return -1;
    for (size_t m = 0; m < r->n_models; m++) {
        int sign;
        const struct plan_model *planned = &pl->models[m];
        if (planned->component == GRAPH_NONE ||
            planned->fit_index != GRAPH_NONE)
            continue;
        size_t n = gather_one_sided(c, pl, f, (uint32_t)m, votes, &sign);
        if (sign != 0)
            fill_bound(&r->models[m], f,
                       pl->components[planned->component].center_score, points,
                       votes, n, sign);
    }
    free(votes);
    return 0;
}

static void fill_tie(struct bt_result *r, const struct plan *pl,
                     const struct fit *f, enum bt_ties ties)
{
    if (pl->link != FIT_HALF)
        r->tie_parameter = exp(f->x[fit_tie(f)]);
    else if (ties == BT_TIES_DAVIDSON)
        r->tie_parameter = 0; /* nu: there are no ties */
    else if (ties == BT_TIES_RAO_KUPPER)
        r->tie_parameter = 1;
}

static void fill_groups(struct bt_result *r, const struct plan *pl)
{
    r->prior = pl->prior;
    r->n_components = pl->n_components;
    for (size_t i = 0; i < r->n_models; i++) {
        struct bt_model *m = &r->models[i];
        m->rating = m->lower = m->upper = m->se = NAN;
        m->component = pl->models[i].component;
        m->bounded = pl->models[i].bounded;
        r->n_unbounded += m->component != BT_NO_COMPONENT && !m->bounded;
    }
}

/* Fits.  A model of ties may have no finite maximum though the votes bound
 * every model (nobody ever lost, but some tied); then the automatic prior is
 * used. */
static int find_maximum(const struct bt_params *p, struct plan *pl,
                        struct fit *f, struct err *e)
{
    if (plan_fit_init(pl, TOLERANCE, f) != 0)
        return err_set(e, ERR_FAILURE, "not enough memory");
    enum fit_end end = fit_run(f);
    if (end != FIT_OK && p->prior < 0 && pl->prior == 0 && pl->ridge == 0) {
        pl->prior = PLAN_AUTOMATIC_PRIOR;
        for (size_t i = 0; i < pl->n; i++)
            pl->fitted[i]->bounded = false;
        fit_free(f);
        if (plan_fit_init(pl, TOLERANCE, f) != 0)
            return err_set(e, ERR_FAILURE, "not enough memory");
        end = fit_run(f);
    }
    return end == FIT_OK ? 0 : fail_fit(end, f, e);
}

/* All that follows from one plan that has been fitted. */
static int fill_all(struct bt_result *out, const struct rating_counts *c,
                    const struct bt_params *p, const struct plan *pl,
                    struct fit *f)
{
    double points = p->scale / log(10);
    fill_tie(out, pl, f, p->ties);
    double *mean = calloc(pl->n_components + 1, sizeof(*mean));
    if (mean == NULL)
        return -1;
    plan_center(pl, f->x, mean);
    free(mean);
    fill_ratings(out, pl, f->x, points);
    if (pl->position)
        out->position = points * f->x[fit_position(f)];
    int status = fill_bounds(out, pl, f, c, points);
    if (status == 0)
        status = fill_errors(out, pl, f, p, points);
    if (status == 0 && p->ci == BT_CI_BOOTSTRAP)
        status = bootstrap_run(out, pl, f, p);
    if (status == 0 && !pl->position)
        status = report_position(out, c, p, points);
    return status;
}

/* Whether all votes are known to be of one voter. */
static bool has_one_voter(const struct bt_params *p)
{
    for (size_t k = 0; k < p->n_ballots; k++)
        if (p->ballots[k].voter == RATING_NO_VOTER ||
            p->ballots[k].voter != p->ballots[0].voter)
            return false;
    return p->n_ballots > 0;
}

/* A tally, and room for differences if they are asked for. */
static int make_result(const struct rating_counts *c, const struct bt_params *p,
                       struct bt_result *out)
{
    if (bt_tally(c, out) != 0)
        return -1;
    if (!p->differences)
        return 0;
    size_t n = c->n_models * c->n_models;
    out->difference_se = malloc((n + 1) * sizeof(double));
    for (size_t i = 0; out->difference_se != NULL && i < n; i++)
        out->difference_se[i] = NAN;
    return out->difference_se == NULL ? -1 : 0;
}

int bt_fit(const struct rating_counts *c, const struct bt_params *p,
           struct bt_result *out, struct err *e)
{
    struct plan pl = {0};
    struct fit f = {0};
    if (make_result(c, p, out) != 0)
        return err_set(e, ERR_FAILURE, "not enough memory");
    if (out->n_votes == 0)
        return err_set(e, ERR_FORMAT, "no votes");
    if (has_one_voter(p))
        return err_set(e, ERR_FORMAT, "all votes are of one voter, which says "
                       "nothing of how voters differ");
    int status = plan_init(&pl, c, p, p->position, e);
    if (status == 0 && pl.n > 0)
        status = find_maximum(p, &pl, &f, e);
    if (status == 0) {
        fill_groups(out, &pl);
        status = pl.n > 0 ? fill_all(out, c, p, &pl, &f) : 0;
        if (status == 0)
            status = rank_fill(out);
        if (status != 0)
            err_set(e, ERR_FAILURE, "not enough memory");
    }
    fit_free(&f);
    plan_free(&pl);
    return status;
}
