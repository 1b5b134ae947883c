#include "rating/judged/decision.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* As in rating/settle.c, whose bets are those of a scatter of 1/4: without ties
 * and a judge. */
static const struct {
    double lead, share;
} BETS[] = {{30, 0.25}, {70, 0.2}, {120, 0.25}, {230, 0.25}, {450, 0.05}};
enum { N_BETS = sizeof(BETS) / sizeof(BETS[0]) };

static const double POINTS = 173.71779276130073; /* of a nat: 400 / ln 10 */
static const double MOST = 4000; /* points; no bound is looked for beyond */
static const double ALL_IN = 0.95; /* of the stake, at most */

static const double SCATTER = 0.25;

/* Until votes say more, as so many would: that scatter, and no weight. */
static const double FIRST_VOTES = 10;

/* Each vote is compared with one battle in so many, and no more than these. */
enum { COMPARE_ONE_IN = 256, COMPARE_MOST = 16 };

/* A score to bet on, within [-weight, 1 + weight]. */
struct step {
    double z, weight, scatter; /* the last two are known before the vote */
};

static double logistic(double points)
{
    return 1 / (1 + exp(-points / POINTS));
}

/* --- the scores ----------------------------------------------------------- */

/* Sums over the votes so far on battles that were judged. */
struct past {
    double n, y, f, yf, ff;      /* shared votes */
    double n_z, z_sum, z_square; /* all votes */
};

/* The weight with the least scatter, if the mean of n others is compared. */
static double best_weight(const struct past *p, double n_others)
{
    double n = p->n;
    double spread = n < 2 ? 0 : p->ff / n - p->f * p->f / (n * n);
    if (!(spread > 1e-6))
        return 0;
    double w = (p->yf / n - p->y * p->f / (n * n)) / spread;
    w *= n / (n + FIRST_VOTES) / (1 + 1 / n_others);
    return fmin(fmax(w, 0), 1);
}

static double scatter_of(const struct past *p)
{
    double n = p->n_z;
    double sum = n < 2 ? 0 : p->z_square - p->z_sum * p->z_sum / n;
    return (SCATTER * FIRST_VOTES + fmax(sum, 0)) / (FIRST_VOTES + n);
}

/* The mean of the battles that the shared vote number k is compared with.
 * Returns how many they are. */
static size_t compare_with(const struct decision_data *d, size_t each, size_t k,
                           double *mean)
{
    size_t n = 0;
    double sum = 0;
    for (size_t i = k * each; i < (k + 1) * each && i < d->n_judged; i++) {
        double f = d->judged[d->n_judged - 1 - i];
        if (isnan(f))
            continue;
        sum += f;
        n++;
    }
    *mean = n > 0 ? sum / (double)n : NAN;
    return n;
}

static void add_to_past(struct past *p, const struct decision_vote *v, double z)
{
    p->n_z++;
    p->z_sum += z;
    p->z_square += z * z;
    if (isnan(v->judge))
        return;
    p->n++;
    p->y += v->score;
    p->f += v->judge;
    p->yf += v->score * v->judge;
    p->ff += v->judge * v->judge;
}

static void make_steps(const struct decision_data *d, struct step *steps,
                       struct decision_worth *worth)
{
    struct past past = {.n = 0};
    size_t each = d->n_judged / COMPARE_ONE_IN;
    each = each < 1 ? 1 : each > COMPARE_MOST ? COMPARE_MOST : each;
    *worth = (struct decision_worth){.n_shared = 0};
    for (size_t k = 0; k < d->n_votes; k++) {
        const struct decision_vote *v = &d->votes[k];
        struct step *s = &steps[k];
        double mean;
        *s = (struct step){v->score, 0, scatter_of(&past)};
        if (!isnan(v->judge)) {
            size_t n = compare_with(d, each, worth->n_shared++, &mean);
            worth->n_compared += n > 0;
            s->weight = n > 0 ? best_weight(&past, (double)n) : 0;
            s->z -= n > 0 ? s->weight * (v->judge - mean) : 0;
        }
        add_to_past(&past, v, s->z);
    }
    worth->weight = best_weight(&past, (double)each);
}

/* --- bets ----------------------------------------------------------------- */

struct bets {
    const struct step *steps;
    size_t n;
    bool turned; /* seen from B */
};

/* The logarithm of what each bettor has won who bets on more than a lead; taken
 * of a few factors at once, whose product is far from where doubles end. */
static void follow(const struct bets *b, double lead, double logs[N_BETS])
{
    double m = logistic(lead), rest = logistic(-lead);
    double bet[N_BETS], product[N_BETS];
    for (int i = 0; i < N_BETS; i++) {
        double odds = exp(BETS[i].lead / POINTS);
        logs[i] = 0;
        product[i] = 1;
        bet[i] = (odds - 1) / (rest + m * odds);
    }
    for (size_t k = 0; k < b->n; k++) {
        const struct step *s = &b->steps[k];
        double gain = (b->turned ? 1 - s->z : s->z) - m;
        double most = ALL_IN / (m + s->weight), larger = SCATTER / s->scatter;
        for (int i = 0; i < N_BETS; i++)
            product[i] *= 1 + fmin(bet[i] * larger, most) * gain;
        for (int i = 0; i < N_BETS && (k % 16 == 15 || k + 1 == b->n); i++) {
            logs[i] += log(product[i]);
            product[i] = 1;
        }
    }
}

/* Of all bettors together, if each had won so many times as much. */
static double wealth(const double logs[N_BETS], double times)
{
    double top = -INFINITY, sum = 0;
    for (int i = 0; i < N_BETS; i++)
        top = fmax(top, log(BETS[i].share) + times * logs[i]);
    for (int i = 0; i < N_BETS; i++)
        sum += exp(log(BETS[i].share) + times * logs[i] - top);
    return top + log(sum);
}

/* What is bet against for the verdicts: lead above 0, below 0, above the
 * margin's lower end, below its upper one. */
struct stand {
    double above[N_BETS], below[N_BETS], from[N_BETS], to[N_BETS];
};

static void stand_find(struct stand *x, const struct step *steps, size_t n,
                       const struct settle_params *p)
{
    const struct bets above = {steps, n, false}, below = {steps, n, true};
    follow(&above, 0, x->above);
    follow(&below, 0, x->below);
    follow(&above, -p->margin, x->from);
    follow(&below, -p->margin, x->to);
}

/* In the order of rating/settle.h. */
static enum settle_verdict decide(const struct stand *x, double times,
                                  double won)
{
    if (wealth(x->from, times) >= won && wealth(x->to, times) >= won)
        return SETTLE_SAME;
    if (wealth(x->above, times) >= won)
        return SETTLE_BETTER;
    return wealth(x->below, times) >= won ? SETTLE_WORSE : SETTLE_UNDECIDED;
}

static double lower_bound(const struct bets *b, double won)
{
    double low = -MOST, high = MOST, logs[N_BETS];
    follow(b, low, logs);
    if (wealth(logs, 1) < won)
        return -INFINITY;
    for (int k = 0; k < 50; k++) {
        double middle = (low + high) / 2;
        follow(b, middle, logs);
        if (wealth(logs, 1) >= won)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* How many votes more give a verdict, if the bettors go on as they did; two
 * votes for nobody are added, as few say little. */
static double votes_to_go(const struct stand *x, double n, double won)
{
    double low = 1, high = 2;
    while (decide(x, high * n / (n + 2), won) == SETTLE_UNDECIDED) {
        low = high;
        high *= 2;
        if (high * n > SETTLE_FAR)
            return INFINITY;
    }
    for (int k = 0; k < 30; k++) {
        double middle = (low + high) / 2;
        if (decide(x, middle * n / (n + 2), won) == SETTLE_UNDECIDED)
            low = middle;
        else
            high = middle;
    }
    return ceil((high - 1) * n);
}

/* --- the result ----------------------------------------------------------- */

static struct step *steps_of(const struct decision_data *d,
                             struct decision_worth *worth, struct err *e)
{
    struct step *steps = calloc(d->n_votes + 1, sizeof(*steps));
    if (steps == NULL)
        err_set(e, ERR_FAILURE, "not enough memory for the votes");
    else
        make_steps(d, steps, worth);
    return steps;
}

int decision_verdict(const struct decision_data *d,
                     const struct settle_params *p, enum settle_verdict *out,
                     struct err *e)
{
    struct decision_worth worth;
    struct stand stand;
    struct step *steps = steps_of(d, &worth, e);
    if (steps == NULL)
        return -1;
    stand_find(&stand, steps, d->n_votes, p);
    *out = decide(&stand, 1, log(2 / p->risk));
    free(steps);
    return 0;
}

int decision_find(const struct decision_data *d, const struct settle_params *p,
                  struct settle_result *out, struct decision_worth *worth,
                  struct err *e)
{
    const struct settle_votes none = {0, 0, 0};
    struct stand stand;
    size_t n = d->n_votes;
    double won = log(2 / p->risk), mean = 0;
    struct step *steps = steps_of(d, worth, e);
    if (steps == NULL)
        return -1;
    settle(&none, p, out); /* what holds without a vote */
    if (n > 0) {
        const struct bets above = {steps, n, false}, below = {steps, n, true};
        for (size_t k = 0; k < n; k++)
            mean += steps[k].z / (double)n;
        mean = fmin(fmax(mean, 0), 1);
        stand_find(&stand, steps, n, p);
        out->verdict = decide(&stand, 1, won);
        out->lead = POINTS * log(mean / (1 - mean));
        out->lower = lower_bound(&above, won);
        out->upper = -lower_bound(&below, won);
        out->to_go = out->verdict == SETTLE_UNDECIDED
                         ? votes_to_go(&stand, (double)n, won)
                         : 0;
    }
    free(steps);
    return 0;
}
