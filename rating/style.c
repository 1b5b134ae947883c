#include "rating/style.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rating/fit/contrasts.h"
#include "rating/fit/envelope.h"
#include "rating/fit/graph.h"
#include "rating/fit/plan.h"
#include "rating/fit/rank.h"
#include "rating/math/normal.h"
#include "rating/votes/share.h"

enum { MAX_STEPS = 100, MAX_HALVINGS = 40 };

static const double SMALL_STEP = 1e-8; /* nats */

/* Parameters stand in this order: strengths, the advantage, the effects. */
struct style {
    const struct plan *pl;
    const struct style_rows *rows;
    double ridge, prior;
    size_t n_params;
    double *scale;     /* [n_features] 1 / standard deviation; 0: constant */
    double *x, *from, *step, *gradient; /* [n_params] */
    struct envelope h; /* negative Hessian, then its factor */
    struct envelope b; /* meat of the sandwich, lower triangle */
    double value;
    double *covariance; /* [n_params][n_params] of their contrasts */
};

void style_differences(const float *pairs, size_t n, size_t n_features,
                       const bool *is_signed, float *out)
{
    for (size_t i = 0; i < n * n_features; i++) {
        float a = pairs[2 * i], b = pairs[2 * i + 1], sum = a + b;
        if (is_signed[i % n_features])
            out[i] = a - b;
        else
            out[i] = sum == 0 ? 0 : (a - b) / sum;
    }
}

void style_find_signed(const float *pairs, size_t n, size_t n_features,
                       bool *is_signed)
{
    for (size_t i = 0; i < n * n_features; i++)
        if (pairs[2 * i] < 0 || pairs[2 * i + 1] < 0)
            is_signed[i % n_features] = true;
}

static void style_free(struct style *s)
{
    free(s->scale);
    free(s->x);
    free(s->covariance);
    envelope_free(&s->h);
    envelope_free(&s->b);
}

static int style_init(struct style *s)
{
    size_t nf = s->rows->n_features;
    s->n_params = s->pl->n + 1 + nf;
    s->scale = calloc(nf + 1, sizeof(double));
    s->x = calloc(4 * s->n_params, sizeof(double));
    uint32_t *first = calloc(s->n_params, sizeof(*first)); /* full rows */
    int status = -1;
    if (s->scale != NULL && s->x != NULL && first != NULL &&
        envelope_init(&s->h, s->n_params, first) == 0 &&
        envelope_init(&s->b, s->n_params, first) == 0)
        status = 0;
    free(first);
    s->from = s->x + s->n_params;
    s->step = s->x + 2 * s->n_params;
    s->gradient = s->x + 3 * s->n_params;
    return status;
}

/* Scales by the root mean square: 0, for answers that are alike, stays 0. */
static void measure(struct style *s, struct style_effect *effects)
{
    size_t nf = s->rows->n_features;
    for (size_t k = 0; k < nf; k++) {
        double sum = 0;
        effects[k] = (struct style_effect){.points = NAN};
        for (size_t i = 0; i < s->rows->n; i++) {
            float x = s->rows->x[i * nf + k];
            if (isnan(x))
                effects[k].n_missing++;
            else
                sum += (double)x * x;
        }
        uint64_t known = s->rows->n - effects[k].n_missing;
        double deviation = known > 0 ? sqrt(sum / (double)known) : 0;
        effects[k].deviation = deviation;
        s->scale[k] = deviation > 1e-9 ? 1 / deviation : 0;
    }
}

/* A row as the parameters it touches and how much: i, j, side, effects. */
struct touched {
    size_t at[3];
    size_t n_features;
    const float *x;
    double won; /* 1, 1/2, 0, or the share of a weighted vote */
};

static bool touch(const struct style *s, size_t row, struct touched *t)
{
    const struct style_vote *v = &s->rows->votes[row];
    uint32_t i = s->pl->models[v->first].fit_index;
    uint32_t j = s->pl->models[v->second].fit_index;
    if (i == GRAPH_NONE || j == GRAPH_NONE)
        return false;
    t->at[0] = i;
    t->at[1] = j;
    t->at[2] = s->pl->n;
    t->n_features = s->rows->n_features;
    t->x = s->rows->x + row * t->n_features;
    t->won = v->lean != 0 ? 0.5 + (double)v->lean
                          : share_of_outcome(v->outcome);
    return true;
}

static double feature(const struct style *s, const struct touched *t, size_t k)
{
    return isnan(t->x[k]) ? 0 : (double)t->x[k] * s->scale[k];
}

static double predictor(const struct style *s, const struct touched *t)
{
    double d = s->x[t->at[0]] - s->x[t->at[1]] + s->x[t->at[2]];
    for (size_t k = 0; k < t->n_features; k++)
        d += s->x[s->pl->n + 1 + k] * feature(s, t, k);
    return d;
}

/* m += w z z', z the row's design vector. */
static void add_square(const struct style *s, const struct touched *t,
                       struct envelope *m, double w)
{
    size_t i = t->at[0], j = t->at[1], side = t->at[2];
    *envelope_at(m, i, i) += w;
    *envelope_at(m, j, j) += w;
    *envelope_at(m, i > j ? i : j, i > j ? j : i) -= w;
    *envelope_at(m, side, i) += w;
    *envelope_at(m, side, j) -= w;
    *envelope_at(m, side, side) += w;
    for (size_t k = 0; k < t->n_features; k++) {
        double z = w * feature(s, t, k);
        double *row = envelope_at(m, side + 1 + k, 0);
        row[i] += z;
        row[j] -= z;
        row[side] += z;
        for (size_t l = 0; l <= k; l++)
            row[side + 1 + l] += z * feature(s, t, l);
    }
}

static void add_penalties(struct style *s)
{
    for (size_t i = 0; i < s->n_params; i++) {
        double x = s->x[i], *diagonal = envelope_at(&s->h, i, i);
        if (i == s->pl->n)
            continue; /* the side is free */
        s->value -= s->ridge * x * x / 2;
        s->gradient[i] -= s->ridge * x;
        *diagonal += s->ridge;
        if (i < s->pl->n && s->prior > 0) {
            double e = exp(-fabs(x)), p = 1 / (1 + e);
            double more = x >= 0 ? p : e * p; /* s(x) */
            s->value -= s->prior * (fabs(x) + 2 * log1p(e));
            s->gradient[i] += s->prior * (1 - 2 * more);
            *diagonal += 2 * s->prior * more * (1 - more);
        }
        if (i < s->pl->n && s->prior == 0 && s->ridge == 0 &&
            s->pl->fitted[i]->is_reference)
            *diagonal *= 2;
        if (*diagonal == 0)
            *diagonal = 1; /* a number that never differs: its effect is 0 */
    }
}

/* Value, gradient and negative Hessian at x; the meat too if asked. */
static void expand(struct style *s, bool meat)
{
    struct touched t;
    envelope_clear(&s->h);
    memset(s->gradient, 0, s->n_params * sizeof(double));
    s->value = 0;
    for (size_t row = 0; row < s->rows->n; row++) {
        if (!touch(s, row, &t))
            continue;
        double d = predictor(s, &t);
        double e = exp(-fabs(d)), large = 1 / (1 + e);
        double p = d >= 0 ? large : e * large;
        double score = t.won - p;
        s->value += t.won * d - (d > 0 ? d : 0) - log1p(e);
        s->gradient[t.at[0]] += score;
        s->gradient[t.at[1]] -= score;
        s->gradient[t.at[2]] += score;
        for (size_t k = 0; k < t.n_features; k++)
            s->gradient[t.at[2] + 1 + k] += score * feature(s, &t, k);
        add_square(s, &t, &s->h, p * (1 - p));
        if (meat)
            add_square(s, &t, &s->b, score * score);
    }
    add_penalties(s);
}

static int climb(struct style *s, double slope)
{
    double value = s->value, length = 1;
    bool near = slope < 1e-12 * (1 + fabs(value));
    memcpy(s->from, s->x, s->n_params * sizeof(double));
    for (int k = 0; k < MAX_HALVINGS; k++, length /= 2) {
        for (size_t i = 0; i < s->n_params; i++)
            s->x[i] = s->from[i] + length * s->step[i];
        expand(s, false);
        if (near || s->value >= value + 1e-4 * length * slope)
            return 0;
    }
    return -1;
}

static int fail_singular(struct err *e)
{
    return err_set(e, ERR_FORMAT, "style and strength cannot be told apart in "
                   "these votes; use a ridge");
}

static int fail_runaway(const struct style *s, struct err *e)
{
    return s->ridge > 0
               ? err_set(e, ERR_FORMAT, "no finite advantage of the first "
                         "side fits these votes; leave out the style")
               : err_set(e, ERR_FORMAT, "no finite effect fits these votes; "
                         "leave out the style, or use a ridge");
}

static bool is_finite(const struct style *s)
{
    for (size_t i = 0; i < s->n_params; i++)
        if (!(fabs(s->x[i]) < 40))
            return false;
    return true;
}

/* Climbs to the maximum and leaves the factor of the Hessian there. */
static int solve(struct style *s, struct err *e)
{
    expand(s, false);
    for (int k = 0; k < MAX_STEPS; k++) {
        double slope = 0, longest = 0;
        if (envelope_factor(&s->h, 1e-12) != s->n_params) {
            if (k == 0)
                return fail_singular(e);
            break; /* votes that are certain by now */
        }
        memcpy(s->step, s->gradient, s->n_params * sizeof(double));
        envelope_solve(&s->h, s->step);
        for (size_t i = 0; i < s->n_params; i++) {
            slope += s->step[i] * s->gradient[i];
            longest = fmax(longest, fabs(s->step[i]));
        }
        if (longest < SMALL_STEP) {
            expand(s, true);
            if (envelope_factor(&s->h, 1e-12) == s->n_params)
                return 0;
            break;
        }
        if (climb(s, slope) != 0 || !is_finite(s))
            break;
    }
    return fail_runaway(s, e);
}

/* --- errors ------------------------------------------------------------ */

static int find_covariances(struct style *s, const struct bt_params *p)
{
    size_t n = s->n_params;
    s->covariance = calloc(n * n, sizeof(*s->covariance));
    if (s->covariance == NULL)
        return -1;
    const struct envelope *meat = p->ci == BT_CI_HESSIAN ? NULL : &s->b;
    return contrasts_covariance(s->pl, &s->h, meat, p->differences,
                                s->covariance);
}

static double covariance(const struct style *s, size_t k, size_t l)
{
    return s->covariance[k * s->n_params + l]; /* l <= k */
}

/* Puts the strengths and their errors in the place of those of the result. */
static void fill_models(const struct style *s, const struct bt_params *p,
                        struct bt_result *r)
{
    const struct plan *pl = s->pl;
    double points = p->scale / log(10);
    for (size_t i = 0; i < pl->n; i++) {
        struct bt_model *m = &r->models[plan_model_index(pl, i)];
        uint32_t component = pl->fitted[i]->component;
        double rating = s->x[i];
        for (size_t k = 0; k < pl->n; k++)
            if (pl->fitted[k]->component == component)
                rating -= pl->fitted[k]->center_share * s->x[k];
        double error = sqrt(covariance(s, i, i));
        m->rating = pl->components[component].center_score + points * rating;
        if (plan_is_vague(pl, p, i)) /* no less than without style */
            error = fmax(error, m->se / points);
        m->se = points * error;
        m->lower = m->rating - NORMAL_Z95 * m->se;
        m->upper = m->rating + NORMAL_Z95 * m->se;
    }
    r->position = points * s->x[pl->n];
    r->position_se = points * sqrt(covariance(s, pl->n, pl->n));
}

static void fill_differences(const struct style *s, const struct bt_params *p,
                             struct bt_result *r)
{
    const struct plan *pl = s->pl;
    double points = p->scale / log(10);
    for (size_t i = 0; i < pl->n; i++) {
        for (size_t j = 0; j < i; j++) {
            size_t w = r->n_models;
            size_t a = plan_model_index(pl, i), b = plan_model_index(pl, j);
            if (pl->fitted[i]->component != pl->fitted[j]->component)
                continue;
            double v = covariance(s, i, i) + covariance(s, j, j) -
                       2 * covariance(s, i, j);
            double se = points * sqrt(v < 0 ? 0 : v); /* by rounding */
            if (plan_is_weak(pl, p, i) || plan_is_weak(pl, p, j))
                se = fmax(se, r->difference_se[a * w + b]);
            r->difference_se[a * w + b] = r->difference_se[b * w + a] = se;
        }
    }
}

static void fill_effects(const struct style *s, const struct bt_params *p,
                         struct style_effect *effects)
{
    double points = p->scale / log(10);
    for (size_t k = 0; k < s->rows->n_features; k++) {
        size_t at = s->pl->n + 1 + k;
        struct style_effect *to = &effects[k];
        to->se = to->lower = to->upper = NAN;
        if (s->scale[k] == 0)
            continue;
        to->points = points * s->x[at];
        to->se = points * sqrt(covariance(s, at, at));
        to->lower = to->points - NORMAL_Z95 * to->se;
        to->upper = to->points + NORMAL_Z95 * to->se;
    }
}

static int fit_style(struct style *s, const struct bt_params *p,
                     struct style_effect *effects, struct err *e)
{
    s->ridge = s->pl->ridge;
    s->prior = s->pl->prior;
    if (style_init(s) != 0)
        return err_set(e, ERR_FAILURE, "not enough memory");
    measure(s, effects);
    if (solve(s, e) != 0)
        return -1;
    if (find_covariances(s, p) != 0)
        return err_set(e, ERR_FAILURE, "not enough memory");
    return 0;
}

int style_fit(struct bt_result *r, const struct rating_counts *c,
              const struct bt_params *p, const struct style_rows *rows,
              struct style_effect *effects, struct err *e)
{
    struct plan pl;
    struct style s = {.pl = &pl, .rows = rows};
    int status = plan_init(&pl, c, p, true, e);
    if (status == 0)
        status = fit_style(&s, p, effects, e);
    if (status == 0) {
        fill_models(&s, p, r);
        if (r->difference_se != NULL)
            fill_differences(&s, p, r);
        fill_effects(&s, p, effects);
        status = rank_fill(r);
        if (status != 0)
            err_set(e, ERR_FAILURE, "not enough memory");
    }
    style_free(&s);
    plan_free(&pl);
    return status;
}
