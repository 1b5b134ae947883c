#include "rating/bets.h"

#include <math.h>
#include <string.h>

/* How far the bets lean, in nats: a mild bias and a strong one. */
static const double LEANS[BETS_WAYS] = {1, -1, 2.5, -2.5};

/* What a bet on chances leaning by `lean` towards more points gains or loses
 * by a vote, in nats. */
static double gain(const double p[3], int points, double lean)
{
    double sum = p[0] * exp(-lean) + p[1] + p[2] * exp(lean);
    return lean * (points - 1) - log(sum);
}

static double mean_of(const double *logs)
{
    double sum = 0;
    for (int way = 0; way < BETS_WAYS; way++)
        sum += exp(logs[way]) / BETS_WAYS;
    return sum;
}

/* Adds a vote to the bets and returns their mean value. */
static double bet(double *logs, const double p[3], int points)
{
    for (int way = 0; way < BETS_WAYS; way++)
        logs[way] += gain(p, points, LEANS[way]);
    return mean_of(logs);
}

double bets_follow(const struct chances *votes, const uint8_t *points,
                   uint32_t *const sides[2], size_t n, size_t n_models,
                   double *scratch)
{
    double slot[BETS_WAYS] = {0}, agreement[BETS_WAYS] = {0};
    double models = (double)n_models; /* sum of the models' values */
    double best = 1;
    memset(scratch, 0, n_models * BETS_WAYS * sizeof(*scratch));
    for (size_t k = 0; k < n && best < BETS_MOST; k++) {
        const double *p = votes[k].p;
        const double back[3] = {p[2], p[1], p[0]};
        int won = points[k];
        double sum = bet(slot, p, won);
        sum += votes[k].distance >= 0 ? bet(agreement, p, won)
                                      : bet(agreement, back, 2 - won);
        for (int side = 0; side < 2; side++) {
            double *logs = scratch + sides[side][k] * (size_t)BETS_WAYS;
            models -= mean_of(logs);
            models += side == 0 ? bet(logs, p, won)
                                : bet(logs, back, 2 - won);
        }
        sum += models / (double)n_models;
        best = fmax(best, fmin(sum / 3, BETS_MOST));
    }
    return best;
}
