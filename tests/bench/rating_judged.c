/* Bench: what is a judge worth, and do the intervals with it still hold?
 *
 * usage: rating_judged [RUNS]
 *        rating_judged --rows HUMAN JUDGED MODELS   (a log, as CSV)
 *
 * 10 models with strengths from a normal law of 120 points.  A battle draws a
 * pair and what its answers are worth, from a logistic law; the person sees the
 * difference, with a tie if it is small (about 30%).  The judge sees it too,
 * but with an opinion of its own of each model (sd 60 points), and noise: z' =
 * rho z + sqrt(1 - rho^2) e for the normal score z of what the person saw.  The
 * last judge votes the opposite of the person, but for the noise.  4000 battles
 * are judged, and people vote on some.
 *
 * For each judge and number of votes: kappa with the person; the width of the
 * intervals, of those without the judge; the share of intervals that hold the
 * truth, with the judge and without; what the votes were worth; how many models
 * have an interval.  The truth is what Bradley-Terry makes of endless votes. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "rating/fit/bt.h"
#include "rating/judged/judged.h"
#include "rating/math/normal.h"
#include "drawn.h"

enum { N = 10, N_BATTLES = 4000, N_SIZES = 4 };
static const int SIZES[N_SIZES] = {50, 200, 500, 1000};
static const double NATS = 0.0057564627324851; /* of a point: ln 10 / 400 */
static const double TIE = 0.68;                /* nats: about 30% ties */

struct judge {
    const char *name;
    double rho;  /* of its noise with the person's */
    double own;  /* how much of the models' strengths it sees */
    double bias; /* points of an opinion of its own */
};
static const struct judge JUDGES[] = {
    {"knows nothing", 0, 0, 60},
    {"weak", 0, 1, 60},
    {"fair", 0.57, 1, 60},
    {"good", 0.84, 1, 60},
    {"very good", 0.965, 1, 60},
    {"opposite", -0.8, -1, 60},
};
enum { N_JUDGES = sizeof(JUDGES) / sizeof(JUDGES[0]) };

struct sums {
    double kappa, width, held, plain_held, worth, weight;
    int n_runs, n_intervals, n_plain;
};

static double logistic(double z)
{
    double p = normal_below(z);
    return log(p / (1 - p));
}

static double verdict(double d)
{
    return d > TIE ? 1 : d < -TIE ? 0 : 0.5;
}

static enum rating_outcome outcome(double score)
{
    return score == 1   ? RATING_FIRST
           : score == 0 ? RATING_SECOND
                        : RATING_TIE;
}

/* Where Bradley-Terry stands with endless votes, every pair alike. */
static void find_truth(const double *strength, double *truth)
{
    struct rating_counts c;
    struct bt_result fit;
    struct bt_params p = bt_defaults();
    rating_counts_init(&c);
    for (uint32_t i = 0; i < N; i++) {
        for (uint32_t j = 0; j < i; j++) {
            double d = NATS * (strength[i] - strength[j]), many = 1e9;
            double win = 1 / (1 + exp(TIE - d)), lose = 1 / (1 + exp(TIE + d));
            rating_counts_add(&c, i, j, RATING_FIRST, (uint64_t)(many * win));
            rating_counts_add(&c, i, j, RATING_SECOND, (uint64_t)(many * lose));
            rating_counts_add(&c, i, j, RATING_TIE,
                              (uint64_t)(many * (1 - win - lose)));
        }
    }
    p.center = BT_CENTER_MEAN;
    if (bt_fit(&c, &p, &fit, NULL) != 0)
        exit(1);
    for (size_t i = 0; i < N; i++)
        truth[i] = fit.models[i].rating;
    bt_free(&fit);
    rating_counts_free(&c);
}

/* Cohen's kappa of three verdicts. */
static double kappa(const double table[3][3])
{
    double n = 0, agree = 0, chance = 0;
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            n += table[a][b];
    for (int a = 0; a < 3; a++) {
        double row = 0, column = 0;
        for (int b = 0; b < 3; b++) {
            row += table[a][b];
            column += table[b][a];
        }
        agree += table[a][a] / n;
        chance += row * column / (n * n);
    }
    return (agree - chance) / (1 - chance);
}

struct world {
    double strength[N], opinion[N], truth[N];
    struct judged_battle battles[N_BATTLES];
    double person[N_BATTLES];
    double table[3][3];
};

/* What the person and the judge say of answers by two models, by how far these
 * are apart for each, in nats. */
static void draw_verdicts(double apart, double apart_for_judge,
                          const struct judge *judge, struct rng *r,
                          double *person, double *said)
{
    double z = drawn_quantile(r), other = drawn_quantile(r), rho = judge->rho;
    double same = rho * z + sqrt(1 - rho * rho) * other;
    *person = verdict(apart + logistic(z));
    *said = verdict(apart_for_judge + logistic(same));
}

static void make_models(struct world *w, const struct judge *judge,
                        struct rng *r)
{
    for (int i = 0; i < N; i++) {
        w->strength[i] = 120 * drawn_quantile(r);
        w->opinion[i] = judge->own * w->strength[i] +
                        judge->bias * drawn_quantile(r);
    }
}

/* The votes, of those in random order, that the best order needs which looks at
 * verdicts before it chooses: if a battle's draw is in proportion to the root
 * of the variance v of people's verdicts that the judge's leaves, known
 * exactly, they are (mean root of v)^2 / mean v (Neyman 1934). */
static double least_share(const struct judge *judge)
{
    enum { WORLDS = 20, DRAWS = 2000 };
    static struct world w;
    double mean = 0, root = 0;
    struct rng r;
    rng_init(&r, 60000);
    for (int k = 0; k < WORLDS; k++) {
        make_models(&w, judge, &r);
        for (int pair = 0; pair < N * N; pair++) {
            int a = pair / N, b = pair % N;
            double n[3] = {0}, sum[3] = {0}, squares[3] = {0};
            for (int i = 0; a < b && i < DRAWS; i++) {
                double person, said;
                draw_verdicts(NATS * (w.strength[a] - w.strength[b]),
                              NATS * (w.opinion[a] - w.opinion[b]), judge, &r,
                              &person, &said);
                int v = (int)(2 * said);
                n[v]++;
                sum[v] += person;
                squares[v] += person * person;
            }
            for (int v = 0; v < 3; v++) {
                double m = n[v] > 0 ? sum[v] / n[v] : 0;
                double left = n[v] > 1 ? squares[v] / n[v] - m * m : 0;
                mean += n[v] * left;
                root += n[v] * sqrt(fmax(left, 0));
            }
        }
    }
    double n = (double)WORLDS * DRAWS * N * (N - 1) / 2;
    return root / n * (root / n) / (mean / n);
}

static void make_world(struct world *w, const struct judge *judge,
                       struct rng *r)
{
    memset(w->table, 0, sizeof(w->table));
    make_models(w, judge, r);
    find_truth(w->strength, w->truth);
    for (int k = 0; k < N_BATTLES; k++) {
        uint32_t a = (uint32_t)rng_below(r, N);
        uint32_t b = (uint32_t)rng_below(r, N - 1);
        b += b >= a;
        double said;
        draw_verdicts(NATS * (w->strength[a] - w->strength[b]),
                      NATS * (w->opinion[a] - w->opinion[b]), judge, r,
                      &w->person[k], &said);
        w->battles[k] = (struct judged_battle){a, b, JUDGED_NO_PROMPT, said};
        w->table[(int)(2 * w->person[k])][(int)(2 * said)]++;
    }
}

/* Adds up the models that have an interval with the judge. */
static void add_models(const struct world *w, const struct bt_result *plain,
                       const struct bt_result *with, struct sums *s)
{
    for (size_t i = 0; i < N; i++) {
        const struct bt_model *a = &with->models[i], *b = &plain->models[i];
        if (isnan(a->lower))
            continue;
        s->width += a->se / b->se;
        s->held += w->truth[i] >= a->lower && w->truth[i] <= a->upper;
        s->plain_held += w->truth[i] >= b->lower && w->truth[i] <= b->upper;
        s->n_intervals++;
    }
}

/* People vote on the first n battles. */
static void rate(const struct world *w, int n, struct sums *s)
{
    static struct judged_vote votes[N_BATTLES];
    struct judged_rows rows = {.battles = w->battles,
                               .n_battles = N_BATTLES,
                               .votes = votes,
                               .n_votes = (size_t)n};
    struct judged_worth worth;
    struct rating_counts c;
    struct bt_result plain, with;
    struct bt_params p = bt_defaults();
    p.center = BT_CENTER_MEAN;
    rating_counts_init(&c);
    for (int k = 0; k < n; k++) {
        enum rating_outcome o = outcome(w->person[k]);
        votes[k] = (struct judged_vote){(uint32_t)k, RATING_NO_VOTER, o};
        rating_counts_add(&c, w->battles[k].first, w->battles[k].second, o, 1);
    }
    c.n_models = N;
    if (bt_fit(&c, &p, &plain, NULL) == 0 && bt_fit(&c, &p, &with, NULL) == 0 &&
        judged_fit(&with, &c, &p, &rows, JUDGED_BY_BATTLE, &worth, NULL) == 0) {
        s->kappa += kappa(w->table);
        s->weight += worth.weight;
        s->worth += isnan(worth.worth) ? 0 : worth.worth;
        s->n_runs++;
        add_models(w, &plain, &with, s);
    }
    bt_free(&plain);
    bt_free(&with);
    rating_counts_free(&c);
}

static void print_log(long n_people, long n_judged, long n_models)
{
    struct rng r;
    double strength[1000] = {0};
    rng_init(&r, 1);
    for (long i = 0; i < n_models; i++)
        strength[i] = 120 * drawn_quantile(&r);
    printf("battle_id,model_a,model_b,winner,voter\n");
    for (long k = 0; k < n_judged; k++) {
        static const char *const words[] = {"model_b", "tie", "model_a"};
        int a = (int)rng_below(&r, (uint64_t)n_models);
        int b = (int)rng_below(&r, (uint64_t)n_models - 1);
        b += b >= a;
        double z = drawn_quantile(&r);
        double same = 0.8 * z + 0.6 * drawn_quantile(&r);
        double d = NATS * (strength[a] - strength[b]);
        int person = (int)(2 * verdict(d + logistic(z)));
        int judge = (int)(2 * verdict(d + logistic(same)));
        if (k < n_people)
            printf("b%ld,model-%d,model-%d,%s,human:ann\n", k, a, b,
                   words[person]);
        printf("b%ld,model-%d,model-%d,%s,judge:j\n", k, a, b, words[judge]);
    }
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "--rows") == 0) {
        long n_people = strtol(argv[2], NULL, 10);
        long n_judged = strtol(argv[3], NULL, 10);
        long n_models = strtol(argv[4], NULL, 10);
        if (n_models < 2 || n_models > 1000)
            return 2;
        print_log(n_people, n_judged, n_models);
        return 0;
    }
    int n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 300;
    static struct world w;
    static struct sums sums[N_JUDGES][N_SIZES];
    for (int j = 0; j < N_JUDGES; j++) {
        for (int k = 0; k < n; k++) {
            struct rng r;
            rng_init(&r, 70000 + (uint64_t)k);
            make_world(&w, &JUDGES[j], &r);
            for (int size = 0; size < N_SIZES; size++)
                rate(&w, SIZES[size], &sums[j][size]);
        }
    }
    printf("%d runs of %d models; %d battles judged, some voted on\n", n, N,
           N_BATTLES);
    printf("%-14s %6s %6s %6s %6s %7s %6s %6s %9s\n", "judge", "kappa", "votes",
           "width", "holds", "without", "worth", "weight", "intervals");
    for (int j = 0; j < N_JUDGES; j++) {
        for (int size = 0; size < N_SIZES; size++) {
            const struct sums *s = &sums[j][size];
            double runs = s->n_runs, m = s->n_intervals;
            printf("%-14s %6.2f %6d %6.3f %6.3f %7.3f %6.0f %6.2f %6.2f of "
                   "%d\n", JUDGES[j].name, s->kappa / runs, SIZES[size],
                   s->width / m, s->held / m, s->plain_held / m,
                   s->worth / runs, s->weight / runs, m / runs, N);
        }
    }
    printf("to vote first where the judge leaves most open, at best, takes of "
           "random order's votes:\n");
    for (int j = 0; j < N_JUDGES; j++)
        printf("%-14s %.2f\n", JUDGES[j].name, least_share(&JUDGES[j]));
    return 0;
}
