/* Bench: how often does settle give a false verdict, and how soon a true one?
 *
 * usage: rating_settle [USERS]
 *
 * Users look after every vote and stop at the first verdict, or after MOST
 * votes.  A lead, in points, is that of the mean score, a tie as half; there
 * are no ties, or 30%.  False is "better" or "worse" for the wrong side or
 * none, and "no difference" at the margin or beyond.  Beside the median of the
 * votes: how many a test of fixed size takes (two sides, 5%, with 80% power at
 * that lead, by the normal law).  As every verdict at no lead but "no
 * difference" is false, and at the margin this one is, their users go on for
 * longest. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "rating/settle.h"

enum { MOST = 3000 };

struct law {
    double lead, ties;
};
static const struct law LAWS[] = {
    {0, 0},  {0, 0.3},  {30, 0},  {30, 0.3},  {31, 0},
    {60, 0}, {100, 0}, {100, 0.3}, {200, 0}, {200, 0.3},
};
enum { N_LAWS = sizeof(LAWS) / sizeof(LAWS[0]) };

static int compare(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* The size of a fixed test by the normal law. */
static double fixed_size(const struct law *law)
{
    double m = 1 / (1 + pow(10, -law->lead / 400)), off = m - 0.5;
    double even = (1 - law->ties) / 4, there = even - off * off;
    double root = 1.959964 * sqrt(even) + 0.841621 * sqrt(there);
    return ceil(root * root / (off * off));
}

static bool is_false(enum settle_verdict v, const struct law *law,
                     const struct settle_params *p)
{
    switch (v) {
    case SETTLE_BETTER: return law->lead <= 0;
    case SETTLE_WORSE: return law->lead >= 0;
    case SETTLE_SAME: return fabs(law->lead) >= p->margin;
    case SETTLE_UNDECIDED: break;
    }
    return false;
}

static void run(const struct law *law, int n_users)
{
    struct settle_params p = settle_defaults();
    int *stops = calloc((size_t)n_users, sizeof(*stops));
    double n_false = 0, n_verdicts[4] = {0};
    double m = 1 / (1 + pow(10, -law->lead / 400));
    if (stops == NULL)
        exit(1);
    for (int user = 0; user < n_users; user++) {
        struct settle_votes votes = {0};
        enum settle_verdict verdict = SETTLE_UNDECIDED;
        struct rng r;
        rng_init(&r, 9000 + (uint64_t)user);
        int n = 0;
        while (n < MOST && verdict == SETTLE_UNDECIDED) {
            double u = rng_double(&r);
            votes.ties += u < law->ties;
            votes.wins += u >= law->ties && u < m + law->ties / 2;
            votes.losses += u >= m + law->ties / 2;
            n++;
            verdict = settle_verdict(&votes, &p);
        }
        stops[user] = verdict == SETTLE_UNDECIDED ? MOST + 1 : n;
        n_verdicts[verdict]++;
        n_false += is_false(verdict, law, &p);
    }
    qsort(stops, (size_t)n_users, sizeof(*stops), compare);
    double median = stops[n_users / 2], fixed = fixed_size(law);
    printf("%5.0f %5.2f %8.4f %7.3f %7.3f %7.3f %8.0f", law->lead, law->ties,
           n_false / n_users, n_verdicts[SETTLE_BETTER] / n_users,
           n_verdicts[SETTLE_WORSE] / n_users,
           n_verdicts[SETTLE_SAME] / n_users, median);
    if (law->lead > 0)
        printf(" %7.0f %6.2f", fixed, median / fixed);
    printf("\n");
    fflush(stdout);
    free(stops);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 10000;
    printf("%d users who look after every vote, %d at most; margin 30, risk "
           "5%%\n", n, MOST);
    printf("%5s %5s %8s %7s %7s %7s %8s %7s %6s\n", "lead", "ties", "false",
           "better", "worse", "same", "median", "fixed", "ratio");
    for (int k = 0; k < N_LAWS; k++)
        run(&LAWS[k], n);
    return 0;
}
