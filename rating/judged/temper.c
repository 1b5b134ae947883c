#include "rating/judged/temper.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "rating/votes/share.h"

#define LEAST 0.05
#define MOST 20.0
#define SURE 1e-9 /* a p nearer to 0 or 1 counts as this near */

static double logit(double p)
{
    p = fmin(fmax(p, SURE), 1 - SURE);
    return log(p / (1 - p));
}

double temper(double p, double temperature)
{
    if (temperature == 0)
        return p;
    return 1 / (1 + exp(-logit(p) / temperature));
}

/* The derivative of the log-likelihood by 1 / T. */
static double slope(const double *p, const double *y, size_t n, double inverse)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double z = logit(p[i]);
        sum += z * (y[i] - 1 / (1 + exp(-z * inverse)));
    }
    return sum;
}

/* The likelihood is concave in 1 / T, so its slope has at most one zero. */
double temper_fit(const double *p, const double *y, size_t n)
{
    double low = 1 / MOST, high = 1 / LEAST;
    double spread = 0;
    for (size_t i = 0; i < n; i++)
        spread += fabs(p[i] - 0.5);
    if (n < TEMPER_FEW || spread == 0)
        return 1;
    for (int step = 0; step < 60; step++) {
        double middle = (low + high) / 2;
        if (slope(p, y, n, middle) > 0)
            low = middle;
        else
            high = middle;
    }
    return 2 / (low + high);
}

static bool is_verdict(double p)
{
    return p == 0 || p == 0.5 || p == 1;
}

double temper_battles(struct judged_battle *battles,
                      const struct judged_rows *rows)
{
    double *p = calloc(rows->n_votes + 1, sizeof(*p));
    double *y = calloc(rows->n_votes + 1, sizeof(*y));
    double temperature = NAN;
    size_t n = 0, n_verdicts = 0;
    for (size_t k = 0; p != NULL && y != NULL && k < rows->n_votes; k++) {
        p[n] = battles[rows->votes[k].battle].judge;
        y[n] = share_of_outcome(rows->votes[k].outcome);
        n_verdicts += is_verdict(p[n]);
        n += !isnan(p[n]);
    }
    if (p != NULL && y != NULL)
        temperature = n > 0 && n_verdicts == n ? 0 : temper_fit(p, y, n);
    for (size_t i = 0; !isnan(temperature) && i < rows->n_battles; i++)
        if (!isnan(battles[i].judge))
            battles[i].judge = temper(battles[i].judge, temperature);
    free(p);
    free(y);
    return temperature;
}
