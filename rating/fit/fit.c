#include "rating/fit/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_STEPS = 200,
    MAX_HALVINGS = 60,
};

/* Beyond this many nats (over 6900 points) there is no finite maximum. */
static const double RUNAWAY = 40;

/* A pivot below this share of its diagonal is rounding, not information. */
static const double TINY_PIVOT = 1e-12;

size_t fit_position(const struct fit *f)
{
    return f->n;
}

size_t fit_tie(const struct fit *f)
{
    return f->n + (f->position ? 1 : 0);
}

static bool has_tie(const struct fit *f)
{
    return f->link != FIT_HALF;
}

static int init_hessian(struct fit *f)
{
    uint32_t *first = malloc((f->n_params + 1) * sizeof(*first));
    if (first == NULL)
        return -1;
    for (size_t i = 0; i < f->n; i++)
        first[i] = (uint32_t)i;
    for (size_t k = 0; k < f->n_pairs; k++) {
        uint32_t i = f->pairs[k].i, j = f->pairs[k].j;
        if (i > j && j < first[i])
            first[i] = j;
        if (j > i && i < first[j])
            first[j] = i;
    }
    for (size_t i = f->n; i < f->n_params; i++)
        first[i] = 0;
    int status = envelope_init(&f->hessian, f->n_params, first);
    free(first);
    return status;
}

int fit_init(struct fit *f)
{
    f->n_params = fit_tie(f) + (has_tie(f) ? 1 : 0);
    memset(&f->hessian, 0, sizeof(f->hessian));
    size_t bytes = (f->n_params + 1) * sizeof(double);
    f->x = calloc(1, bytes);
    f->gradient = malloc(bytes);
    f->step = malloc(bytes);
    f->from = malloc(bytes);
    f->is_reference = calloc(f->n + 1, sizeof(*f->is_reference));
    if (f->x == NULL || f->gradient == NULL || f->step == NULL ||
        f->from == NULL || f->is_reference == NULL)
        return -1;
    if (f->link == FIT_RAO_KUPPER)
        f->x[fit_tie(f)] = log(1.5);
    return init_hessian(f);
}

void fit_free(struct fit *f)
{
    free(f->x);
    free(f->gradient);
    free(f->step);
    free(f->from);
    free(f->is_reference);
    f->x = f->gradient = f->step = f->from = NULL;
    f->is_reference = NULL;
    envelope_free(&f->hessian);
}

void fit_set_link(struct fit *f, enum fit_link link)
{
    f->link = link; /* t is the last parameter, the last row of the Hessian */
    f->n_params = fit_tie(f) + (has_tie(f) ? 1 : 0);
    f->hessian.n = f->n_params;
}

/* log s(d), s(d) and 1 - s(d), each to full precision, from one exponential
 * that cannot overflow. */
static double log_logistic(double d, double *p, double *rest)
{
    double e = exp(-fabs(d)), large = 1 / (1 + e), small = e * large;
    *p = d >= 0 ? large : small;
    *rest = d >= 0 ? small : large;
    /* log is faster, and as good if 1 + e keeps the digits of e. */
    double log_1e = e > 0.01 ? log(1 + e) : log1p(e);
    return (d >= 0 ? 0 : d) - log_1e;
}

/* A pair's weighted log-likelihood and derivatives by d and t; the second ones
 * negated, so that they are information. */
struct terms {
    double value, d, t, dd, dt, tt;
};

static struct terms half_terms(const struct fit_pair *p, double d)
{
    double q, r, won = p->win + p->tie / 2, lost = p->lose + p->tie / 2;
    /* log s(-d) = log s(d) - d */
    double value = (won + lost) * log_logistic(d, &q, &r) - lost * d;
    return (struct terms){.value = value,
                          .d = won * r - lost * q,
                          .dd = (won + lost) * q * r};
}

/* P(i wins), P(j wins), P(tie), and the logarithm of what they are over. */
static double davidson(double d, double t, double *win, double *lose,
                       double *tie)
{
    double top = fabs(d) / 2 > t ? fabs(d) / 2 : t;
    double a = exp(d / 2 - top), b = exp(-d / 2 - top), c = exp(t - top);
    double z = a + b + c;
    *win = a / z;
    *lose = b / z;
    *tie = c / z;
    return top + log(z);
}

static struct terms davidson_terms(const struct fit_pair *p, double d, double t)
{
    double win, lose, tie, n = p->win + p->lose + p->tie;
    double log_z = davidson(d, t, &win, &lose, &tie);
    double mean = (win - lose) / 2;
    return (struct terms){
        .value = (p->win - p->lose) * d / 2 + p->tie * t - n * log_z,
        .d = (p->win - p->lose) / 2 - n * mean,
        .t = p->tie - n * tie,
        .dd = n * ((win + lose) / 4 - mean * mean),
        .dt = -n * mean * tie,
        .tt = n * tie * (1 - tie),
    };
}

/* P(tie) = (e^2t - 1) s(d - t) s(-d - t), so that a tie counts as a win and a
 * loss besides its own factor. */
static struct terms rao_kupper_terms(const struct fit_pair *p, double d,
                                     double t)
{
    double a, b, not_a, not_b, over = expm1(2 * t);
    double won = p->win + p->tie, lost = p->lose + p->tie;
    double value = won * log_logistic(d - t, &a, &not_a);
    value += lost * log_logistic(-d - t, &b, &not_b);
    value += p->tie > 0 ? p->tie * log(over) : 0;
    double up = won * not_a, down = lost * not_b;
    double curve_up = up * a, curve_down = down * b;
    double share = (over + 1) / over; /* e^2t / (e^2t - 1) */
    return (struct terms){
        .value = value,
        .d = up - down,
        .t = 2 * p->tie * share - up - down,
        .dd = curve_up + curve_down,
        .dt = curve_down - curve_up,
        .tt = curve_up + curve_down + 4 * p->tie * share / over,
    };
}

double fit_log_win(const struct fit *f, double d)
{
    double p, rest, tie, t = has_tie(f) ? f->x[fit_tie(f)] : 0;
    if (f->link == FIT_DAVIDSON)
        return d / 2 - davidson(d, t, &p, &rest, &tie);
    return log_logistic(d - t, &p, &rest);
}

static double difference(const struct fit *f, const double *x,
                         const struct fit_pair *p)
{
    double d = x[p->i] - x[p->j];
    return f->position ? d + x[fit_position(f)] : d;
}

static struct terms pair_terms(const struct fit *f, const double *x,
                               const struct fit_pair *p)
{
    double d = difference(f, x, p);
    switch (f->link) {
    case FIT_DAVIDSON: return davidson_terms(p, d, x[fit_tie(f)]);
    case FIT_RAO_KUPPER: return rao_kupper_terms(p, d, x[fit_tie(f)]);
    case FIT_HALF: break;
    }
    return half_terms(p, d);
}

/* What the prior and the ridge add for a strength. */
static struct terms penalty(const struct fit *f, double x)
{
    double q, r, value = 2 * log_logistic(x, &q, &r) - x;
    return (struct terms){
        .value = f->prior * value - f->ridge * x * x / 2,
        .d = f->prior * (r - q) - f->ridge * x,
        .dd = 2 * f->prior * q * r + f->ridge,
    };
}

static bool is_penalized(const struct fit *f)
{
    return f->prior > 0 || f->ridge > 0;
}

static void add_pair(struct fit *f, const struct fit_pair *p,
                     const struct terms *t)
{
    double w = p->weight, *g = f->gradient;
    struct envelope *h = &f->hessian;
    uint32_t i = p->i, j = p->j;
    g[i] += w * t->d;
    g[j] -= w * t->d;
    *envelope_at(h, i, i) += w * t->dd;
    *envelope_at(h, j, j) += w * t->dd;
    *envelope_at(h, i > j ? i : j, i > j ? j : i) -= w * t->dd;
    if (f->position) {
        size_t s = fit_position(f);
        g[s] += w * t->d;
        *envelope_at(h, s, s) += w * t->dd;
        *envelope_at(h, s, i) += w * t->dd;
        *envelope_at(h, s, j) -= w * t->dd;
    }
    if (has_tie(f)) {
        size_t s = fit_tie(f);
        g[s] += w * t->t;
        *envelope_at(h, s, s) += w * t->tt;
        *envelope_at(h, s, i) += w * t->dt;
        *envelope_at(h, s, j) -= w * t->dt;
        if (f->position)
            *envelope_at(h, s, fit_position(f)) += w * t->dt;
    }
}

/* Value, gradient and negative Hessian at x. */
static void expand(struct fit *f)
{
    f->value = -INFINITY;
    if (f->link == FIT_RAO_KUPPER && !(f->x[fit_tie(f)] > 0))
        return; /* the model is not defined there */
    envelope_clear(&f->hessian);
    memset(f->gradient, 0, f->n_params * sizeof(*f->gradient));
    f->value = 0;
    for (size_t k = 0; k < f->n_pairs; k++) {
        struct terms t = pair_terms(f, f->x, &f->pairs[k]);
        f->value += f->pairs[k].weight * t.value;
        add_pair(f, &f->pairs[k], &t);
    }
    for (size_t i = 0; i < f->n; i++) {
        double *diagonal = envelope_at(&f->hessian, i, i);
        if (is_penalized(f)) {
            struct terms t = penalty(f, f->x[i]);
            f->value += t.value;
            f->gradient[i] += t.d;
            *diagonal += t.dd;
        } else if (f->is_reference[i]) {
            *diagonal *= 2;
        }
    }
}

static void move_to(struct fit *f, double length)
{
    for (size_t i = 0; i < f->n_params; i++)
        f->x[i] = f->from[i] + length * f->step[i];
}

/* Moves x along step, halved until the objective rises by a fixed share of what
 * its slope promises, and expands it there.  If that promise is below the
 * rounding of the sum, a full step is right.  False: no length will do. */
static bool climb(struct fit *f, double slope)
{
    double value = f->value, length = 1;
    bool near = slope < 1e-12 * (1 + fabs(value));
    memcpy(f->from, f->x, f->n_params * sizeof(*f->x));
    for (int k = 0; k < MAX_HALVINGS; k++, length /= 2) {
        move_to(f, length);
        expand(f);
        if (near || f->value >= value + 1e-4 * length * slope)
            return true;
    }
    return false;
}

static bool ran_away(const struct fit *f)
{
    for (size_t i = 0; i < f->n_params; i++) {
        bool held = i < f->n && is_penalized(f);
        if (!held && !(fabs(f->x[i]) < RUNAWAY))
            return true;
    }
    return false;
}

enum fit_end fit_run(struct fit *f)
{
    double before = INFINITY;
    expand(f);
    for (f->n_steps = 1; f->n_steps <= MAX_STEPS; f->n_steps++) {
        f->singular = envelope_factor(&f->hessian, TINY_PIVOT);
        if (f->singular != f->n_params)
            return FIT_SINGULAR;
        memcpy(f->step, f->gradient, f->n_params * sizeof(*f->step));
        envelope_solve(&f->hessian, f->step);
        double slope = 0, longest = 0;
        for (size_t i = 0; i < f->n_params; i++) {
            slope += f->gradient[i] * f->step[i];
            longest = fmax(longest, fabs(f->step[i]));
        }
        /* Small steps that no longer shrink are rounding. */
        bool stalled = longest < 1e-6 && longest > before / 2;
        if (longest < f->tolerance || stalled) {
            memcpy(f->from, f->x, f->n_params * sizeof(*f->x));
            move_to(f, 1);
            return FIT_OK;
        }
        if (!climb(f, slope) || ran_away(f))
            return FIT_NO_MAXIMUM;
        before = longest;
    }
    return FIT_NO_MAXIMUM;
}

void fit_pair_scores(const struct fit *f, const struct fit_pair *p,
                     struct fit_moments *out)
{
    double d = difference(f, f->x, p), w = p->weight * p->weight;
    double t = has_tie(f) ? f->x[fit_tie(f)] : 0;
    double win_d, win_t = 0, lose_d, lose_t = 0, tie_d, tie_t = 0;
    if (f->link == FIT_HALF) {
        double q, rest;
        log_logistic(d, &q, &rest);
        win_d = rest;
        lose_d = -q;
        tie_d = (rest - q) / 2;
    } else if (f->link == FIT_DAVIDSON) {
        double win, lose, tie;
        davidson(d, t, &win, &lose, &tie);
        double mean = (win - lose) / 2;
        win_d = 0.5 - mean;
        lose_d = -0.5 - mean;
        tie_d = -mean;
        win_t = lose_t = -tie;
        tie_t = 1 - tie;
    } else {
        double a, b, not_a, not_b, over = expm1(2 * t);
        log_logistic(d - t, &a, &not_a);
        log_logistic(-d - t, &b, &not_b);
        win_d = not_a;
        win_t = -not_a;
        lose_d = lose_t = -not_b;
        tie_d = not_a - not_b;
        tie_t = 2 * (over + 1) / over - not_a - not_b;
    }
    /* The score of a weighted vote is the mean of win and loss, and so its
     * square is less than the mean of their squares by share (1 - share) times
     * the square of their difference. */
    double d_apart = win_d - lose_d, t_apart = win_t - lose_t;
    out->dd = w * (p->win * win_d * win_d + p->lose * lose_d * lose_d +
                   p->tie * tie_d * tie_d - p->spread * d_apart * d_apart);
    out->dt = w * (p->win * win_d * win_t + p->lose * lose_d * lose_t +
                   p->tie * tie_d * tie_t - p->spread * d_apart * t_apart);
    out->tt = w * (p->win * win_t * win_t + p->lose * lose_t * lose_t +
                   p->tie * tie_t * tie_t - p->spread * t_apart * t_apart);
}

void fit_pair_information(const struct fit *f, const struct fit_pair *p,
                          struct fit_moments *out)
{
    struct terms t = pair_terms(f, f->x, p);
    double w = p->weight * p->weight;
    *out = (struct fit_moments){.dd = w * t.dd, .dt = w * t.dt, .tt = w * t.tt};
}

void fit_pair_gradient(const struct fit *f, const struct fit_pair *p, double *d,
                       double *t)
{
    struct terms terms = pair_terms(f, f->x, p);
    *d = p->weight * terms.d;
    *t = p->weight * terms.t;
}
