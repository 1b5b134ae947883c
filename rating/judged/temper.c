#include "rating/judged/temper.h"

#include <math.h>

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
