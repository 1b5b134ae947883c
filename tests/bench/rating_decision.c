/* Bench: does a judge make settle give more false verdicts, and how much sooner
 * does it give true ones?
 *
 * usage: rating_decision [USERS [JUDGED]]
 *
 * A judge has judged JUDGED (1000) battles of two models; users vote on them in
 * an order of their own, look after every vote, and stop at the first verdict
 * or after 600 votes.  What a person sees of a battle is a normal z, and the
 * vote a win, a tie (30%, or none) or a loss by its quantile, so that the mean
 * score has the lead; the judge sees rho z + sqrt(1 - rho^2) e and an opinion
 * of its own of the lead, 60 points off.  The last judge votes the opposite.
 *
 * For each: kappa with people; false verdicts; the shares of verdicts; the
 * median of the votes, and that of those who do not ask the judge.  Where no
 * verdict but a rare one is true, the users go on for longest. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "rating/judged/decision.h"
#include "rating/kappa.h"
#include "rating/math/normal.h"
#include "drawn.h"

enum { JUDGED_MOST = 10000, VOTES_MOST = 600 };

static int n_judged = 1000, n_votes = VOTES_MOST;

struct judge {
    const char *name;
    double rho, turn;
};
static const struct judge JUDGES[] = {
    {"knows nothing", 0, 0},
    {"fair", 0.8, 1},
    {"good", 0.93, 1},
    {"opposite", 0.8, -1},
};
enum { N_JUDGES = sizeof(JUDGES) / sizeof(JUDGES[0]) };

struct law {
    double lead, ties;
};
static const struct law LAWS[] = {
    {0, 0}, {0, 0.3}, {30, 0.3}, {60, 0.3}, {100, 0.3}, {200, 0.3},
};
enum { N_LAWS = sizeof(LAWS) / sizeof(LAWS[0]) };

struct battle {
    double person, judge;
};

/* The score at a normal z, of a lead with so many ties. */
static double score(double z, double lead, double ties)
{
    double u = normal_below(z), m = 1 / (1 + pow(10, -lead / 400));
    return u < 1 - m - ties / 2 ? 0 : u < 1 - m + ties / 2 ? 0.5 : 1;
}

static void make_battles(struct battle *b, const struct law *law,
                         const struct judge *judge, struct rng *r)
{
    double bias = rng_below(r, 2) ? 60 : -60;
    for (int k = 0; k < n_judged; k++) {
        double z = drawn_quantile(r), other = drawn_quantile(r);
        double rho = judge->rho;
        double seen = rho * z + sqrt(1 - rho * rho) * other;
        double f = score(seen, law->lead + bias, law->ties);
        b[k].person = score(z, law->lead, law->ties);
        b[k].judge = judge->turn < 0 ? 1 - f : f;
    }
}

static void shuffle(int *order, struct rng *r)
{
    for (int k = 0; k < n_judged; k++)
        order[k] = k;
    for (int k = n_judged - 1; k > 0; k--) {
        int other = (int)rng_below(r, (uint64_t)k + 1), kept = order[k];
        order[k] = order[other];
        order[other] = kept;
    }
}

static bool is_false(enum settle_verdict v, const struct law *law,
                     const struct settle_params *p)
{
    return (v == SETTLE_BETTER && law->lead <= 0) ||
           (v == SETTLE_WORSE && law->lead >= 0) ||
           (v == SETTLE_SAME && fabs(law->lead) >= p->margin);
}

/* Votes until a verdict, which is *verdict; one more than the most: none. */
static int user(const struct battle *b, const int *order, bool asks,
                const struct settle_params *p, enum settle_verdict *verdict)
{
    struct decision_vote votes[VOTES_MOST];
    double judged[JUDGED_MOST];
    struct decision_data d = {votes, 0, judged, asks ? (size_t)n_judged : 0};
    struct settle_votes plain = {0, 0, 0};
    for (int k = 0; k < n_judged; k++)
        judged[k] = b[k].judge;
    for (int n = 0; n < n_votes; n++) {
        const struct battle *x = &b[order[n]];
        votes[d.n_votes++] = (struct decision_vote){x->person, x->judge};
        judged[order[n]] = NAN;
        plain.wins += x->person == 1;
        plain.losses += x->person == 0;
        plain.ties += x->person == 0.5;
        if (!asks)
            *verdict = settle_verdict(&plain, p);
        else if (decision_verdict(&d, p, verdict, NULL) != 0)
            exit(1);
        if (*verdict != SETTLE_UNDECIDED)
            return n + 1;
    }
    return n_votes + 1;
}

static int compare(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static void run(const struct law *law, const struct judge *judge, int n_users)
{
    struct settle_params p = settle_defaults();
    int *stops[2];
    double n_false = 0, n_verdicts[4] = {0};
    struct kappa_table table = {{{0}}};
    for (int k = 0; k < 2; k++)
        if ((stops[k] = calloc((size_t)n_users, sizeof(**stops))) == NULL)
            exit(1);
    for (int k = 0; k < n_users; k++) {
        struct battle b[JUDGED_MOST];
        int order[JUDGED_MOST];
        enum settle_verdict with, without;
        struct rng r;
        rng_init(&r, 7000 + (uint64_t)k);
        make_battles(b, law, judge, &r);
        shuffle(order, &r);
        for (int i = 0; i < n_judged; i++)
            table.n[(int)(2 * b[i].judge)][(int)(2 * b[i].person)]++;
        stops[0][k] = user(b, order, true, &p, &with);
        stops[1][k] = user(b, order, false, &p, &without);
        n_false += is_false(with, law, &p);
        n_verdicts[with]++;
    }
    for (int k = 0; k < 2; k++)
        qsort(stops[k], (size_t)n_users, sizeof(**stops), compare);
    int with = stops[0][n_users / 2], without = stops[1][n_users / 2];
    printf("%-14s %5.2f %5.0f %5.2f %8.4f %7.3f %7.3f %7.3f %7d %7d %6.2f\n",
           judge->name, kappa_of(&table).kappa, law->lead, law->ties,
           n_false / n_users, n_verdicts[SETTLE_BETTER] / n_users,
           n_verdicts[SETTLE_WORSE] / n_users,
           n_verdicts[SETTLE_SAME] / n_users, with, without,
           (double)with / without);
    fflush(stdout);
    free(stops[0]);
    free(stops[1]);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 10000;
    if (argc > 2)
        n_judged = (int)strtol(argv[2], NULL, 10);
    if (n < 1 || n_judged < 1 || n_judged > JUDGED_MOST)
        return 2;
    if (n_votes > n_judged)
        n_votes = n_judged;
    printf("%d users who look after every vote, %d at most, with a judge who "
           "judged %d battles;\nmargin 30, risk 5%%\n", n, n_votes, n_judged);
    printf("%-14s %5s %5s %5s %8s %7s %7s %7s %7s %7s %6s\n", "judge", "kappa",
           "lead", "ties", "false", "better", "worse", "same", "median",
           "alone", "ratio");
    for (int j = 0; j < N_JUDGES; j++)
        for (int k = 0; k < N_LAWS; k++)
            run(&LAWS[k], &JUDGES[j], n);
    return 0;
}
