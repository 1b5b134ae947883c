#include "rating/settle.h"

#include <math.h>
#include <stdbool.h>

/* Leads that the bettors bet on, in points, and their shares of the stake.
 * Ties make a bet too small, so these are spread rather to larger ones; see
 * tests/bench/rating_settle.c. */
static const struct {
    double lead, share;
} BETS[] = {{30, 0.25}, {70, 0.2}, {120, 0.25}, {230, 0.25}, {450, 0.05}};
enum { N_BETS = sizeof(BETS) / sizeof(BETS[0]) };

static const double POINTS = 173.71779276130073; /* of a nat: 400 / ln 10 */

/* Beyond this many points no bound is looked for. */
static const double MOST = 4000;

struct settle_params settle_defaults(void)
{
    return (struct settle_params){.margin = 30, .risk = 0.05};
}

/* A's votes, in fractions too, when votes to come are thought of. */
struct scores {
    double won, lost, tied;
};

static double logistic(double points)
{
    return 1 / (1 + exp(-points / POINTS));
}

/* Logarithm of what is won by betting on a larger lead than `lead`.  If the
 * true one is that or less, the wealth does not grow on average. */
static double wealth_above(const struct scores *s, double lead)
{
    double m = logistic(lead), rest = logistic(-lead), logs[N_BETS];
    double top = -INFINITY, sum = 0;
    for (int k = 0; k < N_BETS; k++) {
        /* The bet that grows fastest, without ties, if the lead is larger by
         * this: (m' - m) / (m (1 - m)), in which m' - m is written so that it
         * keeps its digits. */
        double odds = exp(BETS[k].lead / POINTS);
        double bet = (odds - 1) / (rest + m * odds);
        logs[k] = log(BETS[k].share) + s->won * log1p(bet * rest) +
                  s->tied * log1p(bet * (0.5 - m)) +
                  s->lost * log1p(-bet * m);
        top = fmax(top, logs[k]);
    }
    for (int k = 0; k < N_BETS; k++)
        sum += exp(logs[k] - top);
    return top + log(sum);
}

static struct scores turned(const struct scores *s)
{
    return (struct scores){.won = s->lost, .lost = s->won, .tied = s->tied};
}

/* The same for a smaller lead: A's loss is B's win. */
static double wealth_below(const struct scores *s, double lead)
{
    struct scores other = turned(s);
    return wealth_above(&other, -lead);
}

static enum settle_verdict decide(const struct scores *s,
                                  const struct settle_params *p)
{
    double won = log(2 / p->risk);
    if (wealth_above(s, -p->margin) >= won &&
        wealth_below(s, p->margin) >= won)
        return SETTLE_SAME;
    if (wealth_above(s, 0) >= won)
        return SETTLE_BETTER;
    return wealth_below(s, 0) >= won ? SETTLE_WORSE : SETTLE_UNDECIDED;
}

/* The largest lead that is bet against with success; all below are too. */
static double lower_bound(const struct scores *s, double won)
{
    double low = -MOST, high = MOST;
    if (wealth_above(s, low) < won)
        return -INFINITY;
    for (int k = 0; k < 50; k++) {
        double middle = (low + high) / 2;
        if (wealth_above(s, middle) >= won)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* How many votes more, of the same kinds, give a verdict.  With few votes the
 * shares of their kinds are drawn towards a draw. */
static double votes_to_go(const struct scores *s, const struct settle_params *p)
{
    double n = s->won + s->lost + s->tied + 2;
    double won = (s->won + 1) / n, lost = (s->lost + 1) / n, tied = s->tied / n;
    double low = 0, high = 1;
    for (;; low = high, high *= 2) {
        struct scores more = {s->won + high * won, s->lost + high * lost,
                              s->tied + high * tied};
        if (decide(&more, p) != SETTLE_UNDECIDED)
            break;
        if (high > SETTLE_FAR)
            return INFINITY;
    }
    while (high - low > 0.5) {
        double middle = (low + high) / 2;
        struct scores more = {s->won + middle * won, s->lost + middle * lost,
                              s->tied + middle * tied};
        if (decide(&more, p) != SETTLE_UNDECIDED)
            high = middle;
        else
            low = middle;
    }
    return ceil(high);
}

static struct scores scores_of(const struct settle_votes *votes)
{
    return (struct scores){(double)votes->wins, (double)votes->losses,
                           (double)votes->ties};
}

enum settle_verdict settle_verdict(const struct settle_votes *votes,
                                   const struct settle_params *p)
{
    struct scores s = scores_of(votes);
    return decide(&s, p);
}

void settle(const struct settle_votes *votes, const struct settle_params *p,
            struct settle_result *out)
{
    struct scores s = scores_of(votes);
    struct scores other = turned(&s);
    double won = log(2 / p->risk), n = s.won + s.lost + s.tied;
    double mean = (s.won + s.tied / 2) / n;
    out->verdict = decide(&s, p);
    out->lead = n > 0 ? POINTS * log(mean / (1 - mean)) : NAN;
    out->lower = lower_bound(&s, won);
    out->upper = -lower_bound(&other, won);
    out->to_go = out->verdict == SETTLE_UNDECIDED ? votes_to_go(&s, p) : 0;
}
