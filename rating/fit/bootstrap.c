#include "rating/fit/bootstrap.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rating/fit/shares.h"
#include "rating/math/resample.h"

enum { MAX_THREADS = 64 };

/* Nats; the error left after such a last step is about 1e-8, far below the
 * noise of a thousand rounds. */
static const double TOLERANCE = 1e-4;

struct bootstrap {
    const struct plan *pl;
    const struct fit *estimate;
    const struct bt_params *p;
    size_t width;       /* numbers kept of a round: n strengths, advantage */
    double *rounds;     /* [rounds][width], centred; NaN: the round failed */
    bool *often_unbounded; /* [n] by more than 1 sample in 100 */
    struct shares shares;   /* the weighted votes */
    struct resample *votes; /* by (pair, outcome), then the weighted ones */
};

struct worker {
    const struct bootstrap *all;
    struct plan plan; /* borrowed, but for pairs */
    struct fit fit;
    double *mean;
    uint64_t *drawn; /* [n_pairs][3], then of each weighted vote */
    bool *bounded;   /* [n] by the sample */
    int *times_unbounded; /* [n] samples that did not bound a model */
    uint32_t n_unbounded; /* samples that did not bound all */
    int first, stride; /* rounds first, first + stride, ... are its own */
    int status;
};

/* A sample, in place of the votes that the pairs hold. */
static void resample(const struct bootstrap *b, struct rng *r, uint64_t *drawn,
                     struct fit_pair *pairs)
{
    resample_draw(b->votes, r, drawn);
    for (size_t k = 0; k < b->pl->n_pairs; k++) {
        pairs[k].win = (double)drawn[3 * k];
        pairs[k].lose = (double)drawn[3 * k + 1];
        pairs[k].tie = (double)drawn[3 * k + 2];
    }
    drawn += 3 * b->pl->n_pairs;
    for (size_t k = 0; k < b->shares.n; k++) {
        const struct shares_vote *v = &b->shares.votes[k];
        pairs[v->pair].win += (double)drawn[k] * v->share;
        pairs[v->pair].lose += (double)drawn[k] * (1 - v->share);
    }
}

/* A sample without ties does not determine t, nor does one of ties alone; then
 * all models of ties are the plain one. */
static void choose_link(struct worker *w)
{
    double decisive = 0, tied = 0;
    for (size_t k = 0; k < w->plan.n_pairs; k++) {
        decisive += w->plan.pairs[k].win + w->plan.pairs[k].lose;
        tied += w->plan.pairs[k].tie;
    }
    bool tells = decisive > 0 && tied > 0;
    fit_set_link(&w->fit, tells ? w->plan.link : FIT_HALF);
}

/* Starts at the estimate. */
static enum fit_end fit_by(struct worker *w, double prior)
{
    w->fit.prior = prior;
    memcpy(w->fit.x, w->all->estimate->x, w->fit.n_params * sizeof(double));
    return fit_run(&w->fit);
}

/* Fits the sample, with a prior of its own if it has no maximum: to leave it
 * out would cut off the interval.  *bounded: whether the votes alone bound all
 * models; set to false if a model of ties finds no maximum all the same. */
static enum fit_end fit_sample(struct worker *w, bool *bounded)
{
    bool penalized = w->plan.prior > 0 || w->plan.ridge > 0;
    enum fit_end end = FIT_NO_MAXIMUM;
    choose_link(w);
    if (*bounded || penalized)
        end = fit_by(w, w->plan.prior);
    if (end == FIT_OK)
        return end;
    *bounded = false;
    return penalized ? end : fit_by(w, PLAN_AUTOMATIC_PRIOR);
}

static int run_round(struct worker *w, int round)
{
    const struct bootstrap *b = w->all;
    double *out = b->rounds + (size_t)round * b->width;
    struct rng r;
    /* Any injective mix will do: rng_init scatters neighbouring seeds. */
    rng_init(&r, b->p->seed * 0x9E3779B97F4A7C15u + (uint64_t)round);
    resample(b, &r, w->drawn, w->plan.pairs);
    int each = plan_find_bounded(&w->plan, w->plan.pairs, w->bounded);
    if (each < 0)
        return -1;
    bool bounded = each == 1;
    bool failed = fit_sample(w, &bounded) != FIT_OK;
    for (size_t i = 0; i < b->pl->n; i++)
        w->times_unbounded[i] += !w->bounded[i] || (each == 1 && !bounded);
    w->n_unbounded += !bounded;
    if (failed) {
        for (size_t i = 0; i < b->width; i++)
            out[i] = NAN;
        return 0;
    }
    plan_center(&w->plan, w->fit.x, w->mean);
    memcpy(out, w->fit.x, b->width * sizeof(double));
    return 0;
}

static void *work(void *arg)
{
    struct worker *w = arg;
    const struct bootstrap *b = w->all;
    size_t bytes = (b->pl->n_pairs + 1) * sizeof(struct fit_pair);
    w->plan = *b->pl;
    w->plan.pairs = malloc(bytes);
    w->mean = malloc((b->pl->n_components + 1) * sizeof(double));
    w->drawn = malloc((3 * b->pl->n_pairs + b->shares.n + 1) *
                      sizeof(*w->drawn));
    memset(&w->fit, 0, sizeof(w->fit));
    w->status = -1;
    w->bounded = malloc((b->pl->n + 1) * sizeof(*w->bounded));
    w->times_unbounded = calloc(b->pl->n + 1, sizeof(*w->times_unbounded));
    if (w->plan.pairs == NULL || w->mean == NULL || w->drawn == NULL ||
        w->bounded == NULL || w->times_unbounded == NULL)
        goto out;
    memcpy(w->plan.pairs, b->pl->pairs, bytes - sizeof(struct fit_pair));
    if (plan_fit_init(&w->plan, TOLERANCE, &w->fit) != 0)
        goto out;
    w->status = 0;
    for (int k = w->first; w->status == 0 && k < b->p->rounds; k += w->stride)
        w->status = run_round(w, k);
out:
    fit_free(&w->fit);
    free(w->plan.pairs);
    free(w->mean);
    free(w->drawn);
    free(w->bounded);
    return NULL;
}

/* Adds up what the workers counted. */
static int gather_workers(const struct bootstrap *b, struct worker *workers,
                          int n, uint32_t *n_unbounded)
{
    int status = 0;
    for (int t = 0; t < n; t++) {
        status |= workers[t].status;
        *n_unbounded += workers[t].n_unbounded;
    }
    for (size_t i = 0; status == 0 && i < b->pl->n; i++) {
        int64_t times = 0;
        for (int t = 0; t < n; t++)
            times += workers[t].times_unbounded[i];
        b->often_unbounded[i] = 100 * times > b->p->rounds;
    }
    for (int t = 0; t < n; t++)
        free(workers[t].times_unbounded);
    return status;
}

static int run_rounds(const struct bootstrap *b, uint32_t *n_unbounded)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int n = b->p->n_threads > 0 ? b->p->n_threads : (int)cores;
    n = n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : n;
    n = n > b->p->rounds ? b->p->rounds : n;
    struct worker workers[MAX_THREADS];
    pthread_t threads[MAX_THREADS];
    for (int t = 0; t < n; t++)
        workers[t] = (struct worker){.all = b, .first = t, .stride = n};
    bool started[MAX_THREADS] = {false};
    for (int t = 1; t < n; t++)
        started[t] = pthread_create(&threads[t], NULL, work, &workers[t]) == 0;
    work(&workers[0]);
    for (int t = 1; t < n; t++) {
        if (started[t])
            pthread_join(threads[t], NULL);
        else
            work(&workers[t]); /* no thread to be had: do it here */
    }
    return gather_workers(b, workers, n, n_unbounded);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Percentile of sorted v[n], n > 0, linear between its neighbours. */
static double percentile(const double *v, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t k = (size_t)at;
    if (k + 1 >= n)
        return v[n - 1];
    return v[k] + (at - (double)k) * (v[k + 1] - v[k]);
}

static double deviation(const double *v, size_t n)
{
    double mean = 0, sum = 0;
    for (size_t k = 0; k < n; k++)
        mean += v[k];
    mean /= (double)n;
    for (size_t k = 0; k < n; k++)
        sum += (v[k] - mean) * (v[k] - mean);
    return n > 1 ? sqrt(sum / (double)(n - 1)) : NAN;
}

/* One column of the rounds that did not fail, or column a less column b. */
static size_t gather(const struct bootstrap *b, size_t a, size_t minus,
                     double *v)
{
    size_t n = 0;
    for (int k = 0; k < b->p->rounds; k++) {
        const double *row = b->rounds + (size_t)k * b->width;
        if (!isnan(row[0]))
            v[n++] = minus < b->width ? row[a] - row[minus] : row[a];
    }
    return n;
}

/* No sample is as far out as a model that never lost, or lost once, may be: its
 * rating in such samples comes mostly from the prior. */
static bool is_weak(const struct bootstrap *b, size_t i)
{
    return b->often_unbounded[i] || plan_is_weak(b->pl, b->p, i);
}

static void fill_model(const struct bootstrap *b, size_t i, double points,
                       double *v, struct bt_model *m)
{
    size_t n = gather(b, i, b->width, v);
    size_t anchor = plan_anchor(b->pl, b->p, i);
    bool weak = b->often_unbounded[i] || b->often_unbounded[anchor] ||
                plan_is_vague(b->pl, b->p, i);
    if (n == 0) {
        if (!weak)
            m->lower = m->upper = m->se = NAN;
        return;
    }
    qsort(v, n, sizeof(*v), compare_doubles);
    double zero = b->pl->components[b->pl->fitted[i]->component].center_score;
    double lower = zero + points * percentile(v, n, 0.025);
    double upper = zero + points * percentile(v, n, 0.975);
    double se = points * deviation(v, n);
    m->lower = weak ? fmin(m->lower, lower) : lower;
    m->upper = weak ? fmax(m->upper, upper) : upper;
    m->se = weak ? fmax(m->se, se) : se;
}

static void fill_differences(const struct bootstrap *b, double points,
                             double *v, struct bt_result *out)
{
    const struct plan *pl = b->pl;
    for (size_t i = 0; i < pl->n; i++) {
        for (size_t j = 0; j < i; j++) {
            size_t w = out->n_models;
            size_t x = plan_model_index(pl, i), y = plan_model_index(pl, j);
            if (pl->fitted[i]->component != pl->fitted[j]->component)
                continue;
            double se = points * deviation(v, gather(b, i, j, v));
            if (is_weak(b, i) || is_weak(b, j))
                se = fmax(se, out->difference_se[x * w + y]);
            out->difference_se[x * w + y] = se;
            out->difference_se[y * w + x] = se;
        }
    }
}

static struct resample *open_votes(const struct plan *pl,
                                   const struct shares *shares)
{
    size_t n = 3 * pl->n_pairs + shares->n;
    double *parts = calloc(2 * pl->n_pairs + 1, sizeof(*parts));
    uint64_t *counts = malloc((n + 1) * sizeof(*counts));
    struct resample *votes = NULL;
    if (parts == NULL || counts == NULL)
        goto out;
    for (size_t k = 0; k < shares->n; k++) {
        const struct shares_vote *v = &shares->votes[k];
        counts[3 * pl->n_pairs + k] = v->n;
        parts[2 * v->pair] += (double)v->n * v->share;
        parts[2 * v->pair + 1] += (double)v->n * (1 - v->share);
    }
    /* What is left of wins and losses are whole votes, but for rounding. */
    for (size_t k = 0; k < pl->n_pairs; k++) {
        counts[3 * k] = (uint64_t)llround(pl->pairs[k].win - parts[2 * k]);
        counts[3 * k + 1] =
            (uint64_t)llround(pl->pairs[k].lose - parts[2 * k + 1]);
        counts[3 * k + 2] = (uint64_t)pl->pairs[k].tie;
    }
    votes = resample_open(counts, n);
out:
    free(parts);
    free(counts);
    return votes;
}

int bootstrap_run(struct bt_result *out, const struct plan *pl,
                  const struct fit *f, const struct bt_params *p)
{
    struct bootstrap b = {.pl = pl, .estimate = f, .p = p};
    double points = p->scale / log(10);
    size_t rounds = p->rounds > 0 ? (size_t)p->rounds : 0;
    b.width = pl->n + (pl->position ? 1 : 0);
    int shared = shares_init(&b.shares, pl);
    b.votes = shared == 0 ? open_votes(pl, &b.shares) : NULL;
    b.rounds = calloc(rounds * b.width + 1, sizeof(double));
    b.often_unbounded = calloc(pl->n + 1, sizeof(*b.often_unbounded));
    double *v = malloc((rounds + 1) * sizeof(double));
    int status = -1;
    if (b.votes == NULL || b.rounds == NULL || b.often_unbounded == NULL ||
        v == NULL || run_rounds(&b, &out->n_rounds_failed) != 0)
        goto out;
    for (size_t i = 0; i < pl->n; i++)
        fill_model(&b, i, points, v, &out->models[plan_model_index(pl, i)]);
    if (pl->position)
        out->position_se =
            points * deviation(v, gather(&b, pl->n, b.width, v));
    if (out->difference_se != NULL)
        fill_differences(&b, points, v, out);
    status = 0;
out:
    shares_free(&b.shares);
    resample_close(b.votes);
    free(b.rounds);
    free(b.often_unbounded);
    free(v);
    return status;
}
