#include "rating/math/convolve.h"

#include <math.h>
#include <stdlib.h>

#include "rating/math/normal.h"

static const double MAX_STEPS = 2e7;

struct moments {
    double mean, variance;
    uint64_t top;       /* the most points */
    double all_low, all_high; /* P(no points), P(the most) */
};

static struct moments measure(const struct points *votes, size_t n)
{
    struct moments m = {.all_low = 1, .all_high = 1};
    for (size_t k = 0; k < n; k++) {
        double w = votes[k].weight;
        double mean = votes[k].p[1] + 2 * votes[k].p[2];
        double square = votes[k].p[1] + 4 * votes[k].p[2];
        if (votes[k].weight == 0)
            continue;
        m.mean += w * mean;
        m.variance += w * w * (square - mean * mean);
        m.top += 2 * votes[k].weight;
        m.all_low *= votes[k].p[0];
        m.all_high *= votes[k].p[2];
    }
    return m;
}

static int exact(const struct points *votes, size_t n, uint64_t top,
                 uint64_t seen, struct points_law *out)
{
    double *law = calloc(top + 1, sizeof(*law));
    if (law == NULL)
        return -1;
    law[0] = 1;
    uint64_t reach = 0;
    for (size_t k = 0; k < n; k++) {
        uint64_t w = votes[k].weight;
        const double *p = votes[k].p;
        if (w == 0)
            continue;
        reach += 2 * w;
        for (uint64_t s = reach + 1; s-- > 0;) { /* from above, in place */
            double sum = law[s] * p[0];
            if (s >= w)
                sum += law[s - w] * p[1];
            if (s >= 2 * w)
                sum += law[s - 2 * w] * p[2];
            law[s] = sum;
        }
    }
    out->below = out->above = 0;
    for (uint64_t s = 0; s <= top; s++) {
        out->below += s <= seen ? law[s] : 0;
        out->above += s >= seen ? law[s] : 0;
    }
    free(law);
    return 0;
}

int points_law(const struct points *votes, size_t n, uint64_t seen,
               double least_z, struct points_law *out)
{
    struct moments m = measure(votes, n);
    double spread = sqrt(m.variance);
    out->z = spread > 0 ? ((double)seen - m.mean) / spread : 0;
    out->least_below = m.all_low;
    out->least_above = m.all_high;
    out->below = out->above = 1;
    if (!(spread > 0) || fabs(out->z) < least_z)
        return 0;
    if ((double)n * (double)(m.top + 1) <= MAX_STEPS)
        return exact(votes, n, m.top, seen, out);
    double half = 0.5 / spread;
    out->below = normal_below(out->z + half);
    out->above = normal_below(-(out->z - half));
    return 0;
}
