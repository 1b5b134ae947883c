#include "rating/kappa.h"

#include <math.h>

#include "rating/math/normal.h"

/* The shares on which both agree, and would by chance. */
struct shares {
    double n, n_same;
    double po, pe;
    double row[KAPPA_KINDS], column[KAPPA_KINDS];
};

static struct shares count(const struct kappa_table *t)
{
    struct shares s = {0};
    for (int i = 0; i < KAPPA_KINDS; i++) {
        s.n_same += t->n[i][i];
        for (int j = 0; j < KAPPA_KINDS; j++) {
            s.n += t->n[i][j];
            s.row[i] += t->n[i][j];
            s.column[j] += t->n[i][j];
        }
    }
    s.po = s.n_same / s.n;
    for (int i = 0; i < KAPPA_KINDS; i++) {
        s.row[i] /= s.n;
        s.column[i] /= s.n;
        s.pe += s.row[i] * s.column[i];
    }
    return s;
}

static double standard_error(const struct kappa_table *t)
{
    struct shares s = count(t);
    double po = s.po, pe = s.pe;
    double sum = -pow(po * pe - 2 * pe + po, 2);
    for (int i = 0; i < KAPPA_KINDS; i++) {
        for (int j = 0; j < KAPPA_KINDS; j++) {
            double p = t->n[i][j] / s.n;
            double both = i == j
                              ? (1 - pe) - (s.row[i] + s.column[i]) * (1 - po)
                              : (1 - po) * (s.column[i] + s.row[j]);
            sum += p * both * both;
        }
    }
    return sqrt(fmax(sum, 0) / s.n) / ((1 - pe) * (1 - pe));
}

/* Pairs that do not scatter have no error of their own.  One pair more, spread
 * over all kinds, tells what so few can say. */
static double error_with_one_more(const struct kappa_table *t)
{
    struct kappa_table more = *t;
    for (int i = 0; i < KAPPA_KINDS; i++)
        for (int j = 0; j < KAPPA_KINDS; j++)
            more.n[i][j] += 1.0 / (KAPPA_KINDS * KAPPA_KINDS);
    return standard_error(&more);
}

struct kappa kappa_of(const struct kappa_table *t)
{
    struct shares s = count(t);
    struct kappa out = {.n = s.n, .n_same = s.n_same, .kappa = NAN,
                        .lower = NAN, .upper = NAN};
    if (s.n == 0 || s.pe >= 1)
        return out;
    out.kappa = (s.po - s.pe) / (1 - s.pe);
    if (s.n < 2)
        return out;
    double se = standard_error(t);
    if (se < 1e-6)
        se = error_with_one_more(t);
    out.lower = fmax(out.kappa - NORMAL_Z95 * se, -1);
    out.upper = fmin(out.kappa + NORMAL_Z95 * se, 1);
    return out;
}
