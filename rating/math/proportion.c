#include "rating/math/proportion.h"

#include <math.h>

#include "rating/math/normal.h"

struct proportion proportion_of(uint64_t n_success, uint64_t n)
{
    struct proportion out = {.share = NAN, .lower = 0, .upper = 1};
    if (n == 0)
        return out;
    double total = (double)n, z2 = NORMAL_Z95 * NORMAL_Z95;
    double p = (double)n_success / total;
    double middle = p + z2 / (2 * total);
    double half = NORMAL_Z95 *
                  sqrt(p * (1 - p) / total + z2 / (4 * total * total));
    out.share = p;
    /* Rounding must not move the ends off 0 and 1. */
    out.lower = n_success == 0 ? 0 : (middle - half) / (1 + z2 / total);
    out.upper = n_success == n ? 1 : (middle + half) / (1 + z2 / total);
    return out;
}

/* Newcombe's estimate of how the two hang together, with his correction for
 * continuity in the numerator. */
static double correlation(const struct proportion_pairs *n)
{
    double a = (double)n->n_both, b = (double)n->n_first;
    double c = (double)n->n_second, d = (double)n->n_neither;
    double margins = (a + b) * (c + d) * (a + c) * (b + d);
    double product = a * d - b * c, half = (a + b + c + d) / 2;
    if (margins == 0)
        return 0;
    if (product > half)
        product -= half;
    else if (product > 0)
        product = 0;
    return product / sqrt(margins);
}

/* P(X <= k) of X successes in n fair tosses. */
static double tosses_below(uint64_t k, uint64_t n)
{
    double sum = 0, total = (double)n;
    for (uint64_t i = 0; i <= k; i++)
        sum += exp(lgamma(total + 1) - lgamma((double)i + 1) -
                   lgamma(total - (double)i + 1) - total * log(2));
    return sum;
}

static double mcnemar(uint64_t n_first, uint64_t n_second)
{
    uint64_t less = n_first < n_second ? n_first : n_second;
    if (n_first == n_second)
        return 1;
    return fmin(1, 2 * tosses_below(less, n_first + n_second));
}

struct proportion_difference
proportion_compare(const struct proportion_pairs *n)
{
    struct proportion_difference out = {
        .difference = NAN, .lower = -1, .upper = 1, .p = 1};
    uint64_t total = n->n_both + n->n_first + n->n_second + n->n_neither;
    if (total == 0)
        return out;
    struct proportion x = proportion_of(n->n_both + n->n_first, total);
    struct proportion y = proportion_of(n->n_both + n->n_second, total);
    double phi = correlation(n);
    double x_down = x.share - x.lower, x_up = x.upper - x.share;
    double y_down = y.share - y.lower, y_up = y.upper - y.share;
    double down = x_down * x_down - 2 * phi * x_down * y_up + y_up * y_up;
    double up = x_up * x_up - 2 * phi * x_up * y_down + y_down * y_down;
    out.difference =
        ((double)n->n_first - (double)n->n_second) / (double)total;
    out.lower = out.difference - sqrt(fmax(down, 0));
    out.upper = out.difference + sqrt(fmax(up, 0));
    out.p = mcnemar(n->n_first, n->n_second);
    return out;
}
