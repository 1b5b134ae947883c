#include "rating/kappa.h"

#include <math.h>

#include "rating/math/normal.h"

struct kappa kappa_of(const struct kappa_table *t)
{
    double row[KAPPA_KINDS] = {0}, column[KAPPA_KINDS] = {0};
    struct kappa out = {.kappa = NAN, .lower = NAN, .upper = NAN};
    for (int i = 0; i < KAPPA_KINDS; i++) {
        out.n_same += t->n[i][i];
        for (int j = 0; j < KAPPA_KINDS; j++) {
            out.n += t->n[i][j];
            row[i] += t->n[i][j];
            column[j] += t->n[i][j];
        }
    }
    if (out.n == 0)
        return out;
    double po = out.n_same / out.n, pe = 0;
    for (int i = 0; i < KAPPA_KINDS; i++) {
        row[i] /= out.n;
        column[i] /= out.n;
        pe += row[i] * column[i];
    }
    if (pe >= 1)
        return out;
    out.kappa = (po - pe) / (1 - pe);
    double sum = -pow(po * pe - 2 * pe + po, 2);
    for (int i = 0; i < KAPPA_KINDS; i++) {
        for (int j = 0; j < KAPPA_KINDS; j++) {
            double p = t->n[i][j] / out.n;
            double both = i == j ? (1 - pe) - (row[i] + column[i]) * (1 - po)
                                 : (1 - po) * (column[i] + row[j]);
            sum += p * both * both;
        }
    }
    if (out.n < 2)
        return out;
    double se = sqrt(fmax(sum, 0) / out.n) / ((1 - pe) * (1 - pe));
    out.lower = fmax(out.kappa - NORMAL_Z95 * se, -1);
    out.upper = fmin(out.kappa + NORMAL_Z95 * se, 1);
    return out;
}
