#include "rating/judged/judged.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rating/fit/contrasts.h"
#include "rating/fit/errors.h"
#include "rating/fit/fit.h"
#include "rating/fit/plan.h"
#include "rating/fit/rank.h"
#include "rating/judged/verdicts.h"
#include "rating/math/normal.h"

/* Nats; as in rating/fit/bt.c. */
static const double TOLERANCE = 1e-7;

/* Fewer voters, prompts or battles than this may agree by chance. */
enum { FEW_CLUSTERS = 10 };

/* The meat of the sandwich is people - 2 w cross + w^2 judge, each a sum over
 * clusters of products of scores; full lower triangles. */
struct meats {
    struct envelope people, cross, judge;
};

struct work {
    struct plan plan;
    struct fit fit;
    struct verdicts verdicts;
    struct bt_params params; /* as asked, but always with a prior at need */
    enum judged_cluster cluster;
    struct meats meats;
    double *covariance; /* [n][n] of the contrasts, with the judge */
    double *by_people;  /* [n][n], the same without it */
    double *by_hessian; /* [n][n]; NULL: not needed */
    double weight;
};

static void work_free(struct work *w)
{
    envelope_free(&w->meats.people);
    envelope_free(&w->meats.cross);
    envelope_free(&w->meats.judge);
    verdicts_free(&w->verdicts);
    fit_free(&w->fit);
    plan_free(&w->plan);
    free(w->covariance);
    free(w->by_people);
    free(w->by_hessian);
}

static int make_room(struct work *w)
{
    size_t n = w->plan.n;
    uint32_t *first = calloc(n + 1, sizeof(*first)); /* full rows */
    w->covariance = calloc(n * n + 1, sizeof(*w->covariance));
    w->by_people = calloc(n * n + 1, sizeof(*w->by_people));
    int status = -1;
    if (first != NULL && w->covariance != NULL && w->by_people != NULL &&
        envelope_init(&w->meats.people, n, first) == 0 &&
        envelope_init(&w->meats.cross, n, first) == 0 &&
        envelope_init(&w->meats.judge, n, first) == 0)
        status = 0;
    free(first);
    return status;
}

/* --- the meat ----------------------------------------------------------- */

/* Adds to the entry of two models, the square's upper half left out. */
static void add_at(struct envelope *m, uint32_t i, uint32_t j, double x)
{
    if (i >= j)
        *envelope_at(m, i, j) += x;
}

/* m += x z z', z the direction of a vote on a pair. */
static void add_pair(struct envelope *m, const struct fit_pair *pair, double x)
{
    uint32_t i = pair->i, j = pair->j;
    *envelope_at(m, i, i) += x;
    *envelope_at(m, j, j) += x;
    *envelope_at(m, i > j ? i : j, i > j ? j : i) -= x;
}

/* The score of a row: the person's residual, and what the judge's is worth of
 * it at a weight of 1. */
static void row_scores(const struct work *w, const struct verdicts_row *row,
                       double *person, double *judge)
{
    const struct verdicts_pair *t = &w->verdicts.pairs[row->pair];
    const struct fit_pair *pair = &w->plan.pairs[row->pair];
    double d = w->fit.x[pair->i] - w->fit.x[pair->j];
    double off = t->share * t->spread * (row->judge - t->mean);
    *person = row->voted ? row->score - 1 / (1 + exp(-d)) : 0;
    *judge = isnan(row->judge) || t->share == 0 ? 0
             : row->voted                       ? off
                          : -off * t->n_shared / t->n_judged;
}

/* A cluster's scores, added up by model. */
struct sums {
    double *person, *judge; /* [n] */
    uint32_t *touched;      /* [n] models with a sum */
    bool *is_touched;       /* [n] */
    size_t n_touched;
};

static void sums_free(struct sums *s)
{
    free(s->person);
    free(s->judge);
    free(s->touched);
    free(s->is_touched);
}

static int sums_init(struct sums *s, size_t n)
{
    s->person = calloc(n + 1, sizeof(*s->person));
    s->judge = calloc(n + 1, sizeof(*s->judge));
    s->touched = calloc(n + 1, sizeof(*s->touched));
    s->is_touched = calloc(n + 1, sizeof(*s->is_touched));
    s->n_touched = 0;
    return s->person == NULL || s->judge == NULL || s->touched == NULL ||
                   s->is_touched == NULL
               ? -1
               : 0;
}

static void sums_add(struct sums *s, uint32_t model, double person,
                     double judge)
{
    if (!s->is_touched[model])
        s->touched[s->n_touched++] = model;
    s->is_touched[model] = true;
    s->person[model] += person;
    s->judge[model] += judge;
}

/* Adds the products of a cluster's sums and clears them. */
static void sums_multiply(struct sums *s, struct meats *m)
{
    for (size_t a = 0; a < s->n_touched; a++) {
        uint32_t i = s->touched[a];
        for (size_t b = 0; b < s->n_touched; b++) {
            uint32_t j = s->touched[b];
            add_at(&m->people, i, j, s->person[i] * s->person[j]);
            add_at(&m->cross, i, j,
                   (s->person[i] * s->judge[j] + s->judge[i] * s->person[j]) /
                       2);
            add_at(&m->judge, i, j, s->judge[i] * s->judge[j]);
        }
    }
    for (size_t a = 0; a < s->n_touched; a++) {
        uint32_t i = s->touched[a];
        s->person[i] = s->judge[i] = 0;
        s->is_touched[i] = false;
    }
    s->n_touched = 0;
}

/* Makes the meats at the strengths of the fit.  0, or -1: no memory. */
static int fill_meats(struct work *w)
{
    const struct verdicts *t = &w->verdicts;
    struct sums s;
    int status = sums_init(&s, w->plan.n);
    envelope_clear(&w->meats.people);
    envelope_clear(&w->meats.cross);
    envelope_clear(&w->meats.judge);
    for (size_t k = 0; status == 0 && k < t->n_rows; k++) {
        const struct fit_pair *pair = &w->plan.pairs[t->rows[k].pair];
        double person, judge;
        row_scores(w, &t->rows[k], &person, &judge);
        sums_add(&s, pair->i, person, judge);
        sums_add(&s, pair->j, -person, -judge);
        if (k + 1 == t->n_rows || t->rows[k + 1].cluster != t->rows[k].cluster)
            sums_multiply(&s, &w->meats);
    }
    for (size_t k = 0; status == 0 && k < w->plan.n_pairs; k++) {
        const struct verdicts_pair *p = &t->pairs[k];
        if (p->share == 0)
            continue;
        double scale = p->share * p->spread * p->n_shared / p->n_judged;
        add_pair(&w->meats.judge, &w->plan.pairs[k], scale * scale * p->rest);
    }
    sums_free(&s);
    return status;
}

/* --- the weight --------------------------------------------------------- */

/* Whether people's votes cannot give a model's error. */
static bool has_no_interval(const struct work *w, size_t i)
{
    return plan_is_weak(&w->plan, &w->params, i) ||
           plan_is_weak(&w->plan, &w->params,
                        plan_anchor(&w->plan, &w->params, i));
}

/* Of battles only if people gave several votes on each: a model with an
 * interval has more votes. */
static bool has_few_clusters(const struct work *w, size_t i)
{
    return w->verdicts.n_clusters[i] < FEW_CLUSTERS;
}

/* The sum of variances that are to be made small: of the models with an
 * interval; of all if none has one. */
static double sum_variances(const struct work *w, const double *covariance)
{
    size_t n = w->plan.n, n_told = 0;
    double told = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        bool none = has_no_interval(w, i);
        n_told += !none;
        told += none ? 0 : covariance[i * n + i];
        all += covariance[i * n + i];
    }
    return n_told > 0 ? told : all;
}

/* What the weight costs: it is chosen by the same votes as the variance. */
static double allow_for_weight(const struct work *w)
{
    double n = (double)w->verdicts.n_shared_clusters;
    return n > 1 ? n / (n - 1) : INFINITY;
}

/* Chooses the weight with the smallest variance at the strengths of the fit:
 * people - 2 w cross + w^2 judge has it at cross / judge.  0, or -1: no
 * memory. */
static int choose_weight(struct work *w)
{
    double *v = w->covariance;
    const struct plan *pl = &w->plan;
    if (fill_meats(w) != 0 ||
        contrasts_covariance(pl, &w->fit.hessian, &w->meats.cross, false, v))
        return -1;
    double cross = sum_variances(w, v);
    if (contrasts_covariance(pl, &w->fit.hessian, &w->meats.judge, false, v))
        return -1;
    double judge = sum_variances(w, v);
    if (contrasts_covariance(pl, &w->fit.hessian, &w->meats.people, false, v))
        return -1;
    double people = sum_variances(w, v);
    w->weight = 0;
    if (!(cross > 0 && judge > 0))
        return 0;
    double least = people - cross * cross / judge;
    if (least * allow_for_weight(w) < people)
        w->weight = cross / judge;
    return 0;
}

/* --- the ratings -------------------------------------------------------- */

/* Moves the mean scores of pairs by what the judge says of their battles. */
static void correct_pairs(struct work *w)
{
    for (size_t k = 0; k < w->plan.n_pairs; k++) {
        const struct verdicts_pair *t = &w->verdicts.pairs[k];
        struct fit_pair *p = &w->plan.pairs[k];
        double n = p->win + p->lose + p->tie, won = p->win + p->tie / 2;
        if (t->share == 0)
            continue;
        won -= w->weight * t->share *
               (t->shared_sum - t->n_shared * t->judged_sum / t->n_judged);
        p->win = won;
        p->lose = n - won;
        p->tie = 0;
    }
}

/* Fits again to the corrected scores.  If they have no finite maximum, people's
 * alone are kept. */
static int refit(struct work *w, struct err *e)
{
    size_t bytes = (w->plan.n_pairs + 1) * sizeof(*w->plan.pairs);
    struct fit_pair *kept = malloc(bytes);
    if (kept == NULL)
        return err_set(e, ERR_FAILURE, "not enough memory");
    memcpy(kept, w->plan.pairs, bytes - sizeof(*kept));
    correct_pairs(w);
    if (fit_run(&w->fit) != FIT_OK) {
        memcpy(w->plan.pairs, kept, bytes - sizeof(*kept));
        memset(w->fit.x, 0, w->fit.n_params * sizeof(*w->fit.x));
        w->weight = 0;
        if (fit_run(&w->fit) != FIT_OK) {
            free(kept);
            return err_set(e, ERR_FORMAT, "no finite estimate fits the "
                           "people's votes; use a prior or a ridge");
        }
    }
    free(kept);
    return 0;
}

/* m = people - 2 w cross + w^2 judge, in the place of the judge's. */
static void combine_meats(struct work *w)
{
    double x = w->weight, allow = x > 0 ? allow_for_weight(w) : 1;
    for (size_t k = 0; k < w->meats.judge.n_entries; k++)
        w->meats.judge.a[k] =
            allow * (w->meats.people.a[k] - 2 * x * w->meats.cross.a[k] +
                     x * x * w->meats.judge.a[k]);
}

/* --- the errors --------------------------------------------------------- */

/* All covariances at the strengths of the fit.  0, or -1: no memory. */
static int find_covariances(struct work *w)
{
    const struct plan *pl = &w->plan;
    bool all = w->params.differences, needs_hessian =
        w->cluster != JUDGED_BY_BATTLE;
    for (size_t i = 0; i < pl->n; i++)
        needs_hessian = needs_hessian || !pl->fitted[i]->bounded ||
                        (has_few_clusters(w, i) && !has_no_interval(w, i));
    if (fill_meats(w) != 0 ||
        contrasts_covariance(pl, &w->fit.hessian, &w->meats.people, false,
                             w->by_people) != 0)
        return -1;
    combine_meats(w);
    if (contrasts_covariance(pl, &w->fit.hessian, &w->meats.judge, all,
                             w->covariance) != 0)
        return -1;
    if (!needs_hessian)
        return 0;
    w->by_hessian = calloc(pl->n * pl->n + 1, sizeof(*w->by_hessian));
    if (w->by_hessian == NULL)
        return -1;
    return contrasts_covariance(pl, &w->fit.hessian, NULL, all, w->by_hessian);
}

/* The standard error by which unbounded models move the centre of a model's
 * component (as in rating/fit/errors.h). */
static double doubt_of_center(const struct work *w, size_t model)
{
    const struct plan *pl = &w->plan;
    double variance = 0;
    for (size_t i = 0; w->by_hessian != NULL && i < pl->n; i++) {
        const struct plan_model *m = pl->fitted[i];
        double share = m->center_share / (1 - m->center_share);
        if (!m->bounded && m->center_share <= 0.5 &&
            m->component == pl->fitted[model]->component)
            variance += share * share * w->by_hessian[i * pl->n + i];
    }
    return sqrt(variance);
}

/* Variance of the contrast of a model (i == j) or of the difference of two. */
static double contrast(const double *covariance, size_t n, size_t i, size_t j)
{
    if (i == j)
        return covariance[i * n + i];
    return covariance[i * n + i] + covariance[j * n + j] -
           2 * covariance[(i > j ? i : j) * n + (i > j ? j : i)];
}

/* The same with the judge; by voter or prompt made larger for few of them; and
 * of few clusters no less than the Hessian's. */
static double variance_of(const struct work *w, size_t i, size_t j)
{
    double variance = fmax(contrast(w->covariance, w->plan.n, i, j), 0);
    double few = fmin(w->verdicts.n_clusters[i], w->verdicts.n_clusters[j]);
    if (w->cluster != JUDGED_BY_BATTLE)
        variance *= errors_allow_for_few(few);
    if (few < FEW_CLUSTERS && w->by_hessian != NULL)
        variance = fmax(variance, contrast(w->by_hessian, w->plan.n, i, j));
    return variance;
}

/* --- the result --------------------------------------------------------- */

static void fill_models(const struct work *w, struct bt_result *r)
{
    const struct plan *pl = &w->plan;
    double points = w->params.scale / log(10);
    for (size_t i = 0; i < pl->n; i++) {
        struct bt_model *m = &r->models[plan_model_index(pl, i)];
        double error = sqrt(variance_of(w, i, i)) + doubt_of_center(w, i);
        m->rating = pl->components[pl->fitted[i]->component].center_score +
                    points * w->fit.x[i];
        m->se = has_no_interval(w, i) ? NAN : points * error;
        m->lower = m->rating - NORMAL_Z95 * m->se;
        m->upper = m->rating + NORMAL_Z95 * m->se;
        m->voters = w->cluster == JUDGED_BY_BATTLE ? 0
                                                   : w->verdicts.n_clusters[i];
    }
}

static void fill_differences(const struct work *w, struct bt_result *r)
{
    const struct plan *pl = &w->plan;
    double points = w->params.scale / log(10);
    for (size_t i = 0; i < pl->n; i++) {
        for (size_t j = 0; j < i; j++) {
            size_t a = plan_model_index(pl, i), b = plan_model_index(pl, j);
            bool none = plan_is_weak(pl, &w->params, i) ||
                        plan_is_weak(pl, &w->params, j) ||
                        pl->fitted[i]->component != pl->fitted[j]->component;
            double se = none ? NAN : points * sqrt(variance_of(w, i, j));
            r->difference_se[a * r->n_models + b] = se;
            r->difference_se[b * r->n_models + a] = se;
        }
    }
}

static void fill_worth(const struct work *w, const struct judged_rows *rows,
                       struct judged_worth *out)
{
    bool any = false;
    *out = (struct judged_worth){.n_votes = rows->n_votes,
                                 .weight = w->weight,
                                 .worth = NAN};
    for (size_t k = 0; k < w->plan.n_pairs; k++) {
        out->n_shared += (uint64_t)w->verdicts.pairs[k].n_shared;
        out->n_judged += (uint64_t)w->verdicts.pairs[k].n_judged;
    }
    out->n_apart = (uint64_t)w->verdicts.n_apart;
    for (size_t i = 0; i < w->plan.n; i++)
        any = any || !has_no_interval(w, i);
    if (any)
        out->worth = (double)rows->n_votes * sum_variances(w, w->by_people) /
                     sum_variances(w, w->covariance);
}

static int center(struct work *w)
{
    double *mean = calloc(w->plan.n_components + 1, sizeof(*mean));
    if (mean == NULL)
        return -1;
    plan_center(&w->plan, w->fit.x, mean);
    free(mean);
    return 0;
}

/* Everything between the plan and the result. */
static int fit_judged(struct work *w, const struct judged_rows *rows,
                      struct err *e)
{
    if (verdicts_init(&w->verdicts, &w->plan, rows, w->cluster) != 0 ||
        make_room(w) != 0 || plan_fit_init(&w->plan, TOLERANCE, &w->fit) != 0)
        return err_set(e, ERR_FAILURE, "not enough memory");
    if (fit_run(&w->fit) != FIT_OK)
        return err_set(e, ERR_FORMAT, "no finite estimate fits the people's "
                       "votes; use a prior or a ridge");
    if (choose_weight(w) != 0)
        return err_set(e, ERR_FAILURE, "not enough memory");
    if (w->weight > 0 && refit(w, e) != 0)
        return -1;
    if (find_covariances(w) != 0 || center(w) != 0)
        return err_set(e, ERR_FAILURE, "not enough memory");
    return 0;
}

int judged_fit(struct bt_result *r, const struct rating_counts *c,
               const struct bt_params *p, const struct judged_rows *rows,
               enum judged_cluster cluster, struct judged_worth *worth,
               struct err *e)
{
    struct work w = {.params = *p, .cluster = cluster};
    int status = plan_init(&w.plan, c, p, false, e);
    w.params.prior = -1; /* few votes are weak even without a prior */
    if (status == 0 && w.plan.n > 0)
        status = fit_judged(&w, rows, e);
    if (status == 0) {
        fill_models(&w, r);
        if (r->difference_se != NULL)
            fill_differences(&w, r);
        fill_worth(&w, rows, worth);
        status = rank_fill(r);
        if (status != 0)
            err_set(e, ERR_FAILURE, "not enough memory");
    }
    work_free(&w);
    return status;
}
