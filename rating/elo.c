#include "rating/elo.h"

#include <math.h>

#include "rating/votes/share.h"

struct elo_params elo_defaults(void)
{
    return (struct elo_params){
        .k = 16, .base = 10, .scale = 400, .start = 1000};
}

bool elo_is_usable(const struct elo_params *p)
{
    const double most = 1e9; /* points; no config asks for as many */
    return p->k >= 0 && p->k <= most && p->base >= 1 && isfinite(p->base) &&
           p->scale > 0 && isfinite(p->scale) && fabs(p->start) <= most;
}

double elo_expected(const struct elo_params *p, double first, double second)
{
    /* base^x as e^(x log base); the logarithm of the usual base is known. */
    double log_base = p->base == 10 ? 2.302585092994045684 : log(p->base);
    return 1 / (1 + exp((second - first) * log_base / p->scale));
}

void elo_update_share(const struct elo_params *p, double *first, double *second,
                      double share)
{
    double change = p->k * (share - elo_expected(p, *first, *second));
    *first += change;
    *second -= change;
}

void elo_update(const struct elo_params *p, double *first, double *second,
                enum rating_outcome outcome)
{
    elo_update_share(p, first, second, share_of_outcome(outcome));
}
