/* Bench: what `vote --order telling` saves, and whether intervals hold.
 *
 * usage: rating_telling [RUNS [LOG]]
 *
 * Simulated: 10 models with strengths from a normal law of 120 points, endless
 * stored battles of each pair, votes by the Bradley-Terry law with about 30%
 * ties.  Replayed: LOG (CSV: model_a,model_b,winner), from which votes are
 * taken without putting back, in each pair at random; a run ends when the order
 * draws a pair that has none left.  The policy is asked anew every 5 votes.
 *
 * For each policy, beside random order (uniform) at the same width: the share
 * of its votes until the error of the lead, that is of the difference between
 * the best and the next, is as small, and until the mean error of all scores
 * is; and how many 95% intervals of the lead and of all scores hold the truth
 * (simulated only).  The best and the next are the true ones, or those of the
 * whole log. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "rating/fit/bt.h"
#include "rating/pairing.h"
#include "drawn.h"

enum {
    MOST = 12, /* models */
    MOST_PAIRS = MOST * (MOST - 1) / 2,
    STEP = 20,
    ASKED = 5,
    MOST_STEPS = 150,
};
static const enum rating_policy POLICIES[] = {
    RATING_POLICY_UNIFORM, RATING_POLICY_LEADER, RATING_POLICY_MIXED,
    RATING_POLICY_THOMPSON};
enum { N_POLICIES = sizeof(POLICIES) / sizeof(POLICIES[0]) };

/* Where votes come from. */
struct source {
    size_t n; /* models */
    int n_steps;
    bool is_log;
    double truth[MOST]; /* points, of mean 0 */
    /* Of a log, by pair: outcomes of the model with the larger index. */
    unsigned char *votes[MOST_PAIRS];
    size_t n_votes[MOST_PAIRS], n_taken[MOST_PAIRS];
};

/* By step, sums over runs. */
struct curves {
    double lead[MOST_STEPS], all[MOST_STEPS];
    double lead_held[MOST_STEPS], all_held[MOST_STEPS];
    int n[MOST_STEPS];
};

static void begin(struct source *s, struct rng *r)
{
    double mean = 0;
    if (s->is_log) {
        memset(s->n_taken, 0, sizeof(s->n_taken));
        return;
    }
    for (size_t i = 0; i < s->n; i++)
        mean += (s->truth[i] = 120 * drawn_normal(r)) / (double)s->n;
    for (size_t i = 0; i < s->n; i++)
        s->truth[i] -= mean;
}

/* A vote between a > b; false: none is left. */
static bool vote(struct source *s, size_t a, size_t b, struct rng *r,
                 enum rating_outcome *out)
{
    size_t k = rating_pair_index(a, b);
    if (s->is_log) {
        size_t left = s->n_votes[k] - s->n_taken[k];
        if (left == 0)
            return false;
        size_t at = s->n_taken[k] + (size_t)rng_below(r, left);
        unsigned char drawn = s->votes[k][at];
        s->votes[k][at] = s->votes[k][s->n_taken[k]];
        s->votes[k][s->n_taken[k]++] = drawn;
        *out = (enum rating_outcome)drawn;
        return true;
    }
    *out = drawn_vote(s->truth[a] - s->truth[b], r);
    return true;
}

static void find_leaders(const struct source *s, size_t *best, size_t *next)
{
    *best = s->truth[0] >= s->truth[1] ? 0 : 1;
    *next = 1 - *best;
    for (size_t i = 2; i < s->n; i++) {
        if (s->truth[i] > s->truth[*best]) {
            *next = *best;
            *best = i;
        } else if (s->truth[i] > s->truth[*next]) {
            *next = i;
        }
    }
}

static struct bt_params params(void)
{
    struct bt_params p = bt_defaults();
    p.center = BT_CENTER_MEAN;
    p.differences = true;
    return p;
}

static void add_fit(const struct source *s, const struct rating_counts *c,
                    int step, struct curves *out)
{
    struct bt_params p = params();
    struct bt_result fit;
    size_t best, next;
    double all = 0, held = 0, n = (double)s->n;
    find_leaders(s, &best, &next);
    if (bt_fit(c, &p, &fit, NULL) != 0) {
        bt_free(&fit);
        return;
    }
    double lead = fit.difference_se[best * s->n + next];
    double off = fit.models[best].rating - fit.models[next].rating -
                 (s->truth[best] - s->truth[next]);
    for (size_t i = 0; i < s->n; i++) {
        const struct bt_model *m = &fit.models[i];
        double truth = s->truth[i] + 1000;
        all += m->se / n;
        held += (truth >= m->lower && truth <= m->upper) / n;
    }
    if (isfinite(lead) && isfinite(all)) {
        out->n[step]++;
        out->lead[step] += lead;
        out->all[step] += all;
        out->lead_held[step] += fabs(off) <= 1.959964 * lead;
        out->all_held[step] += held;
    }
    bt_free(&fit);
}

static void run(struct source *s, enum rating_policy policy, uint64_t seed,
                struct curves *out)
{
    size_t n_pairs = s->n * (s->n - 1) / 2;
    double p[MOST_PAIRS];
    struct rng r;
    struct rating_counts c;
    bool more = true;
    rng_init(&r, seed);
    rating_counts_init(&c);
    c.n_models = s->n;
    begin(s, &r);
    for (int step = 0; step < s->n_steps && more; step++) {
        struct rating_pairing q = {.policy = policy, .n = s->n, .votes = &c};
        for (int k = 0; k < STEP && more; k++) {
            size_t a, b;
            enum rating_outcome o;
            if (k % ASKED == 0 && rating_pairing(&q, p, NULL) != 0)
                exit(1);
            drawn_pair(p, n_pairs, &r, &a, &b);
            more = vote(s, a, b, &r, &o);
            if (more)
                rating_counts_add(&c, (uint32_t)a, (uint32_t)b, o, 1);
        }
        if (more)
            add_fit(s, &c, step, out);
    }
    rating_counts_free(&c);
}

/* Votes from which on a curve is at most `width`; NaN: it never is. */
static double reaches(const double *sums, const int *n, int n_steps, int n_runs,
                      double width)
{
    double before = NAN;
    for (int s = 0; s < n_steps; s++) {
        if (n[s] < (n_runs + 1) / 2)
            continue; /* too few runs have a fit, or votes left */
        double now = sums[s] / n[s], part = (before - width) / (before - now);
        if (now <= width)
            return STEP * (isnan(before) ? s + 1 : s + part);
        before = now;
    }
    return NAN;
}

static void print(const struct source *s, const struct curves *c,
                  const struct curves *random, enum rating_policy policy,
                  int n_runs, int at)
{
    int step = at / STEP - 1;
    double lead = reaches(c->lead, c->n, s->n_steps, n_runs,
                          random->lead[step] / random->n[step]);
    double all = reaches(c->all, c->n, s->n_steps, n_runs,
                         random->all[step] / random->n[step]);
    printf("%6d %-10s %6.2f %6.2f", at, rating_policy_word(policy), lead / at,
           all / at);
    if (!s->is_log && c->n[step] > 0)
        printf(" %9.3f %6.3f", c->lead_held[step] / c->n[step],
               c->all_held[step] / c->n[step]);
    printf("\n");
}

static void compare(struct source *s, int n_runs, const int sizes[2])
{
    static struct curves curves[N_POLICIES];
    memset(curves, 0, sizeof(curves));
    for (int w = 0; w < N_POLICIES; w++)
        for (int k = 0; k < n_runs; k++)
            run(s, POLICIES[w], 1000 + (uint64_t)k, &curves[w]);
    printf("%6s %-10s %6s %6s %9s\n", "random", "policy", "lead", "scores",
           s->is_log ? "" : "held");
    for (int size = 0; size < 2; size++)
        for (int w = 0; w < N_POLICIES; w++)
            print(s, &curves[w], &curves[0], POLICIES[w], n_runs, sizes[size]);
}

/* --- a log ---------------------------------------------------------------- */

static size_t find_model(char names[MOST][100], size_t *n, const char *name)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    if (*n == MOST)
        exit(1);
    snprintf(names[*n], sizeof(names[0]), "%s", name);
    return (*n)++;
}

static void read_log(struct source *s, const char *path)
{
    static char names[MOST][100];
    char line[1000], model[2][100], winner[100];
    struct rating_counts c;
    struct bt_params p = params();
    struct bt_result fit;
    FILE *f = fopen(path, "r");
    if (f == NULL || fgets(line, sizeof(line), f) == NULL)
        exit(1);
    rating_counts_init(&c);
    while (fgets(line, sizeof(line), f) != NULL) {
        if (sscanf(line, "%99[^,],%99[^,],%99[^,\n]", model[0], model[1],
                   winner) != 3)
            exit(1);
        size_t a = find_model(names, &s->n, model[0]);
        size_t b = find_model(names, &s->n, model[1]);
        bool first = strcmp(winner, "model_a") == 0;
        enum rating_outcome o = strcmp(winner, "tie") == 0 ? RATING_TIE
                                : first == (a > b)         ? RATING_FIRST
                                                           : RATING_SECOND;
        size_t k = rating_pair_index(a, b);
        s->votes[k] = realloc(s->votes[k], s->n_votes[k] + 1);
        if (s->votes[k] == NULL)
            exit(1);
        s->votes[k][s->n_votes[k]++] = (unsigned char)o;
        rating_counts_add(&c, (uint32_t)(a > b ? a : b),
                          (uint32_t)(a > b ? b : a), o, 1);
    }
    fclose(f);
    if (bt_fit(&c, &p, &fit, NULL) != 0)
        exit(1);
    for (size_t i = 0; i < s->n; i++)
        s->truth[i] = fit.models[i].rating - 1000;
    bt_free(&fit);
    rating_counts_free(&c);
}

int main(int argc, char **argv)
{
    int n_runs = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 200;
    struct source simulated = {.n = 10, .n_steps = MOST_STEPS};
    printf("votes that an order needs, of those of random order, to the same "
           "width of the lead and\nof the scores; %d runs of %zu models\n",
           n_runs, simulated.n);
    compare(&simulated, n_runs, (const int[2]){500, 1000});
    if (argc > 2) {
        struct source log = {.n_steps = MOST_STEPS, .is_log = true};
        read_log(&log, argv[2]);
        printf("replayed from %s, %d runs of %zu models\n", argv[2], n_runs,
               log.n);
        compare(&log, n_runs, (const int[2]){300, 600});
        for (size_t k = 0; k < MOST_PAIRS; k++)
            free(log.votes[k]);
    }
    return 0;
}
