/* Bench: do 95% intervals hold the truth 95 times in 100?
 *
 * usage: rating_coverage [RUNS [SPREAD]]
 *
 * 10 models with strengths from a normal law of SPREAD (120) points, pairs
 * drawn uniformly, votes by the Bradley-Terry law with about 30% ties (a tie
 * takes as much from both sides).  For each method and number of votes: the
 * share of a model's intervals that hold its strength, the share of runs in
 * which all ten do, the share in which all ten places lie in the ranks that
 * single intervals leave open, and in their simultaneous intervals of ranks;
 * and how many places wide these two are on the average. */
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "rating/fit/bt.h"
#include "drawn.h"

enum { N = 10, N_SIZES = 5, N_METHODS = 4 };
static const int SIZES[N_SIZES] = {100, 300, 1000, 3000, 5000};

struct method {
    const char *name;
    enum bt_ci ci;
    double prior;
};
static const struct method METHODS[N_METHODS] = {
    {"sandwich", BT_CI_SANDWICH, 0},
    {"hessian", BT_CI_HESSIAN, 0},
    {"bootstrap", BT_CI_BOOTSTRAP, 0},
    {"default", BT_CI_SANDWICH, -1},
};

struct sums {
    double held, all_held, single_held, ranks_held, single_width, ranks_width;
    int n; /* runs in which every model had an interval */
};

struct job {
    int n_runs, first, stride;
    double spread;
    struct sums sums[N_SIZES][N_METHODS];
};

static void vote(struct rating_counts *c, const double *truth, struct rng *r)
{
    size_t a = rng_below(r, N), b = rng_below(r, N - 1);
    b += b >= a;
    rating_counts_add(c, (uint32_t)a, (uint32_t)b,
                      drawn_vote(truth[a] - truth[b], r), 1);
}

/* The places of a model that its interval and the others' leave open. */
static void single_ranks(const struct bt_result *fit, size_t i, uint32_t *best,
                         uint32_t *worst)
{
    *best = 1;
    *worst = N;
    for (size_t j = 0; j < N; j++) {
        *best += fit->models[j].lower > fit->models[i].upper;
        *worst -= fit->models[j].upper < fit->models[i].lower;
    }
}

static void judge(const struct bt_result *fit, const double *truth,
                  struct sums *s)
{
    double mean = 0;
    int held = 0, singles = 0, ranks = 0;
    double single_width = 0, ranks_width = 0;
    for (size_t i = 0; i < N; i++)
        mean += truth[i] / N;
    for (size_t i = 0; i < N; i++) {
        const struct bt_model *m = &fit->models[i];
        double x = truth[i] - mean + 1000;
        uint32_t place = 1, best, worst;
        if (isnan(m->lower) || isnan(m->upper))
            return;
        for (size_t j = 0; j < N; j++)
            place += truth[j] > truth[i];
        held += x >= m->lower && x <= m->upper;
        single_ranks(fit, i, &best, &worst);
        singles += place >= best && place <= worst;
        single_width += worst - best + 1;
        ranks += place >= m->rank_best && place <= m->rank_worst;
        ranks_width += m->rank_worst - m->rank_best + 1;
    }
    s->held += (double)held / N;
    s->all_held += held == N;
    s->single_held += singles == N;
    s->ranks_held += ranks == N;
    s->single_width += single_width / N;
    s->ranks_width += ranks_width / N;
    s->n++;
}

static void *work(void *arg)
{
    struct job *j = arg;
    for (int k = j->first; k < j->n_runs; k += j->stride) {
        struct rng r;
        double truth[N];
        struct rating_counts c;
        rng_init(&r, 50000 + (uint64_t)k);
        rating_counts_init(&c);
        for (int i = 0; i < N; i++)
            truth[i] = j->spread * drawn_normal(&r);
        for (int size = 0, votes = 0; size < N_SIZES; size++) {
            for (; votes < SIZES[size]; votes++)
                vote(&c, truth, &r);
            for (int m = 0; m < N_METHODS; m++) {
                struct bt_params p = bt_defaults();
                struct bt_result fit;
                p.center = BT_CENTER_MEAN;
                p.ci = METHODS[m].ci;
                p.prior = METHODS[m].prior;
                p.rounds = 400;
                p.n_threads = 1;
                p.differences = true;
                if (bt_fit(&c, &p, &fit, NULL) == 0)
                    judge(&fit, truth, &j->sums[size][m]);
                bt_free(&fit);
            }
        }
        rating_counts_free(&c);
    }
    return NULL;
}

static void add(struct sums *s, const struct sums *x)
{
    s->held += x->held;
    s->all_held += x->all_held;
    s->single_held += x->single_held;
    s->ranks_held += x->ranks_held;
    s->single_width += x->single_width;
    s->ranks_width += x->ranks_width;
    s->n += x->n;
}

int main(int argc, char **argv)
{
    enum { THREADS = 2 };
    int n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1000;
    double spread = argc > 2 ? strtod(argv[2], NULL) : 120;
    static struct job jobs[THREADS];
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++) {
        jobs[t].n_runs = n;
        jobs[t].first = t;
        jobs[t].stride = THREADS;
        jobs[t].spread = spread;
        if (pthread_create(&threads[t], NULL, work, &jobs[t]) != 0)
            return 1;
    }
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    printf("%d runs of %d models, %g points apart, about 30%% ties\n", n, N,
           spread);
    printf("%-10s %6s %7s %7s %7s %7s %7s %7s %6s\n", "method", "votes",
           "each", "all", "singles", "ranks", "places", "places", "runs");
    for (int m = 0; m < N_METHODS; m++) {
        for (int size = 0; size < N_SIZES; size++) {
            struct sums s = {0};
            for (int t = 0; t < THREADS; t++)
                add(&s, &jobs[t].sums[size][m]);
            printf("%-10s %6d %7.3f %7.3f %7.3f %7.3f %7.2f %7.2f %6d\n",
                   METHODS[m].name, SIZES[size], s.held / s.n,
                   s.all_held / s.n, s.single_held / s.n, s.ranks_held / s.n,
                   s.single_width / s.n, s.ranks_width / s.n, s.n);
        }
    }
    return 0;
}
