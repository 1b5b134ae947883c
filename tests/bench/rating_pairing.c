/* Bench: which policy finds the order soonest, and whose intervals still hold.
 *
 * usage: rating_pairing [RUNS [POLICY ...]]
 *
 * 20 models with strengths from a normal law of 120 points, votes by the
 * Bradley-Terry law with about 30% ties (a tie takes as much from both sides,
 * so that half a win for each keeps the law).  Each run draws models, then
 * votes by the policy, refitting every 20 votes.  Told for each policy: votes
 * from which on the mean over runs of Kendall's tau with the true order is 0.9
 * or more, votes from which on the top model is the right one in 80% of runs
 * (both smoothed over 200 votes), and how many of the 95% sandwich intervals
 * hold the truth at 1,000 and 3,000 votes. */
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "rating/fit/bt.h"
#include "rating/pairing.h"
#include "drawn.h"

enum {
    N = 20,
    PAIRS = N * (N - 1) / 2,
    STEP = 20,
    MAX_VOTES = 5000,
    STEPS = MAX_VOTES / STEP,
    WINDOW = 20, /* steps that a curve is smoothed over */
};
static const double SPREAD = 120;

struct outcome {
    float tau[STEPS], top_right[STEPS];
    double covered[2];      /* share of models, at 1,000 and 3,000 votes */
};

struct job {
    enum rating_policy policy;
    int n_runs, first, stride;
    struct outcome *out;
};

static void vote(struct rating_counts *c, const double *truth, size_t a,
                 size_t b, struct rng *r)
{
    rating_counts_add(c, (uint32_t)a, (uint32_t)b,
                      drawn_vote(truth[a] - truth[b], r), 1);
}

static void draw_pair(const double *p, struct rng *r, size_t *a, size_t *b)
{
    drawn_pair(p, PAIRS, r, a, b);
    if (rng_below(r, 2)) {
        size_t swap = *a;
        *a = *b;
        *b = swap;
    }
}

static double tau(const double *truth, const struct bt_result *fit)
{
    int agree = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < i; j++)
            agree += (truth[i] > truth[j]) ==
                     (fit->models[i].rating > fit->models[j].rating);
    return 2.0 * agree / PAIRS - 1;
}

static size_t best(const double *truth, const struct bt_result *fit)
{
    size_t top = 0;
    for (size_t i = 1; i < N; i++)
        if (truth != NULL ? truth[i] > truth[top]
                          : fit->models[i].rating > fit->models[top].rating)
            top = i;
    return top;
}

static double coverage(const double *truth, const struct bt_result *fit)
{
    double mean = 0, held = 0;
    for (size_t i = 0; i < N; i++)
        mean += truth[i] / N;
    for (size_t i = 0; i < N; i++) {
        double x = truth[i] - mean + 1000;
        held += x >= fit->models[i].lower && x <= fit->models[i].upper;
    }
    return held / N;
}

static void run(enum rating_policy policy, uint64_t seed, struct outcome *out)
{
    struct rng r;
    double truth[N], p[PAIRS];
    struct rating_counts votes;
    rng_init(&r, seed);
    rating_counts_init(&votes);
    votes.n_models = N;
    for (int i = 0; i < N; i++)
        truth[i] = SPREAD * drawn_normal(&r);
    for (int step = 0; step < STEPS; step++) {
        struct rating_pairing q = {
            .policy = policy, .n = N, .votes = &votes};
        for (int k = 0; k < STEP; k++) {
            size_t a, b;
            if (k == 0 || policy == RATING_POLICY_BALANCED)
                if (rating_pairing(&q, p, NULL) != 0)
                    abort();
            draw_pair(p, &r, &a, &b);
            vote(&votes, truth, a, b, &r);
        }
        struct bt_params params = bt_defaults();
        struct bt_result fit;
        params.center = BT_CENTER_MEAN;
        if (bt_fit(&votes, &params, &fit, NULL) == 0) {
            int n = (step + 1) * STEP;
            out->tau[step] = (float)tau(truth, &fit);
            out->top_right[step] = best(truth, NULL) == best(NULL, &fit);
            if (n == 1000 || n == 3000)
                out->covered[n == 3000] = coverage(truth, &fit);
        }
        bt_free(&fit);
    }
    rating_counts_free(&votes);
}

static void *work(void *arg)
{
    struct job *j = arg;
    for (int k = j->first; k < j->n_runs; k += j->stride)
        run(j->policy, 1000 + (uint64_t)k, &j->out[k]);
    return NULL;
}

/* The number of votes from which on a curve's mean over runs stays at `goal` or
 * above; `at` is where in an outcome the curve is. */
static int reaches(const struct outcome *o, int n, size_t at, double goal)
{
    int votes = MAX_VOTES;
    for (int step = STEPS - 1; step >= WINDOW; step--) {
        double mean = 0;
        for (int k = 0; k < n; k++) {
            const float *curve = (const float *)((const char *)&o[k] + at);
            for (int s = step - WINDOW + 1; s <= step; s++)
                mean += (double)curve[s] / WINDOW / n;
        }
        if (mean < goal)
            break;
        votes = (step + 1) * STEP - WINDOW * STEP / 2;
    }
    return votes;
}

static void report(enum rating_policy policy, const struct outcome *o, int n)
{
    double covered[2] = {0, 0};
    for (int k = 0; k < n; k++)
        for (int t = 0; t < 2; t++)
            covered[t] += o[k].covered[t] / n;
    printf("%-10s %8d %8d %8.3f / %.3f\n", rating_policy_word(policy),
           reaches(o, n, offsetof(struct outcome, tau), 0.9),
           reaches(o, n, offsetof(struct outcome, top_right), 0.8),
           covered[0], covered[1]);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 200;
    printf("%d runs of %d models\n%-10s %8s %8s %s\n", n, N, "policy",
           "tau 0.9", "top 80%", "coverage at 1000 / 3000");
    for (int policy = 0; policy < RATING_N_POLICIES; policy++) {
        bool wanted = argc <= 2;
        for (int k = 2; k < argc; k++)
            wanted |= strcmp(argv[k], rating_policy_word(
                                          (enum rating_policy)policy)) == 0;
        if (!wanted)
            continue;
        struct outcome *out = calloc((size_t)n, sizeof(*out));
        pthread_t threads[2];
        struct job jobs[2];
        for (int t = 0; t < 2; t++) {
            jobs[t] = (struct job){(enum rating_policy)policy, n, t, 2, out};
            if (pthread_create(&threads[t], NULL, work, &jobs[t]) != 0)
                return 1;
        }
        for (int t = 0; t < 2; t++)
            pthread_join(threads[t], NULL);
        report((enum rating_policy)policy, out, n);
        free(out);
    }
    return 0;
}
