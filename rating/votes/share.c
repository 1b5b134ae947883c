#include "rating/votes/share.h"

enum rating_outcome share_likeliest(double share, double tie)
{
    double a = share - tie / 2, b = 1 - share - tie / 2;
    if (a == b || (tie >= a && tie >= b))
        return RATING_TIE;
    return a > b ? RATING_FIRST : RATING_SECOND;
}

double share_shown_first(const double of_a[2])
{
    return (of_a[0] + 1 - of_a[1]) / 2;
}
