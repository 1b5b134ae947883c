#include "rating/math/binomial.h"

#include <math.h>

/* Below this many expected successes inversion takes few enough steps. */
static const double FEW = 10;

/* Multiplies up P(k) from P(0), k until the sum passes a uniform number. */
static uint64_t by_inversion(struct rng *r, uint64_t n, double p)
{
    double odds = p / (1 - p);
    double term = exp((double)n * log1p(-p));
    double u = rng_double(r);
    uint64_t k = 0;
    while (u > term && k < n) {
        u -= term;
        k++;
        term *= odds * ((double)(n - k + 1) / (double)k);
    }
    return k;
}

/* log k! less the part of Stirling's formula that is not worth repeating:
 * log k! = (k + 1/2) log(k + 1) - (k + 1) + log sqrt(2 pi) + this. */
static double stirling_rest(double k)
{
    static const double table[10] = {
        0.08106146679532726, 0.04134069595540929, 0.02767792568499834,
        0.02079067210376509, 0.01664469118982119, 0.01387612882307075,
        0.01189670994589177, 0.01041126526197209, 0.00925546218271273,
        0.00833056343336287,
    };
    if (k < 10)
        return table[(int)k];
    double x = 1 / (k + 1), x2 = x * x;
    return (1.0 / 12 - (1.0 / 360 - x2 / 1260) * x2) * x;
}

static double log_factorial(double k)
{
    return (k + 0.5) * log(k + 1) - (k + 1) + 0.91893853320467274178 +
           stirling_rest(k);
}

static uint64_t by_rejection(struct rng *r, uint64_t trials, double p)
{
    double n = (double)trials, q = 1 - p;
    double spread = sqrt(n * p * q);
    double b = 1.15 + 2.53 * spread;
    double a = -0.0873 + 0.0248 * b + 0.01 * p;
    double c = n * p + 0.5;
    double quick = 0.92 - 4.2 / b;
    for (;;) {
        double u = rng_double(r) - 0.5, v = rng_double(r);
        double us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + c);
        if (us >= 0.07 && v <= quick)
            return (uint64_t)k;
        if (!(k >= 0 && k <= n))
            continue;
        double alpha = (2.83 + 5.1 / b) * spread;
        double mode = floor((n + 1) * p);
        double bound = log_factorial(mode) + log_factorial(n - mode) -
                       log_factorial(k) - log_factorial(n - k) +
                       (k - mode) * log(p / q);
        if (log(v * alpha / (a / (us * us) + b)) <= bound)
            return (uint64_t)k;
    }
}

uint64_t binomial_draw(struct rng *r, uint64_t n, double p)
{
    if (n == 0 || !(p > 0))
        return 0;
    if (p >= 1)
        return n;
    if (p > 0.5)
        return n - binomial_draw(r, n, 1 - p);
    if ((double)n * p < FEW)
        return by_inversion(r, n, p);
    return by_rejection(r, n, p);
}
