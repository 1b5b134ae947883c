#include "rating/math/normal.h"

#include <math.h>
#include <stdbool.h>

double normal_below(double z)
{
    return 0.5 * erfc(-z / sqrt(2));
}

double student_t95(double df)
{
    /* The first in closed form or from tables; then the expansion around the
     * normal quantile z in powers of 1/df (Abramowitz and Stegun, 26.7.5). */
    static const double few[] = {12.7062047, 4.3026527, 3.1824463, 2.7764451};
    if (df < 5)
        return few[df < 2 ? 0 : (int)df - 1];
    double v = 1 / df;
    return NORMAL_Z95 +
           v * (2.372271 + v * (2.822502 + v * (2.555854 + v * 1.589540)));
}

double student_below(double t, double df)
{
    /* The finite sums of Abramowitz and Stegun, 26.7.3 and 26.7.4; of many
     * terms the normal law, as 26.7.8 bends it. */
    if (df > 100)
        return normal_below(t * (1 - 1 / (4 * df)) /
                           sqrt(1 + t * t / (2 * df)));
    int v = df < 1 ? 1 : (int)df;
    bool odd = v % 2 == 1;
    double square = v / (v + t * t), sine = t / sqrt(v + t * t);
    double term = odd ? sqrt(square) : 1, sum = v == 1 ? 0 : term;
    for (int k = odd ? 3 : 2; k <= v - 2; k += 2)
        sum += term *= square * (k - 1) / k;
    double within = sine * sum; /* P(-|t| < T < |t|), with the sign of t */
    if (odd)
        within = 2 / acos(-1) * (within + atan(t / sqrt(v)));
    return 0.5 + within / 2;
}

double normal_quantile(double p)
{
    /* Newton on log of the lower tail, which is concave, from its own side:
     * log Phi flattens towards 0, so it is the lower half that is solved. */
    if (p > 0.5)
        return -normal_quantile(1 - p);
    double goal = log(p), z = -sqrt(-2 * goal);
    for (int k = 0; k < 40; k++) {
        double tail = normal_below(z);
        double density = exp(-z * z / 2) / sqrt(2 * acos(-1));
        double step = (log(tail) - goal) * tail / density;
        z -= step;
        if (fabs(step) < 1e-14 * (1 + fabs(z)))
            break;
    }
    return z;
}
