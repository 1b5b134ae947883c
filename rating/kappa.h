/* kappa: how far two voters agree beyond what chance gives.
 *
 * Of the shares p of pairs of verdicts, both chose a, both a tie, and so on:
 * kappa = (po - pe) / (1 - pe), po the share on which they agree, pe what that
 * share would be if each chose by its own habits without looking (Cohen 1960).
 * Its standard error is that of Fleiss, Cohen and Everitt (1969).  If it is 0,
 * because all pairs agree or none does, the error with one pair more is taken,
 * a ninth at each place.  Pure. */
#ifndef RATING_KAPPA_H
#define RATING_KAPPA_H

enum { KAPPA_KINDS = 3 }; /* A, tie (or both bad), B */

/* n[i][j]: how often the one chose i when the other chose j. */
struct kappa_table {
    double n[KAPPA_KINDS][KAPPA_KINDS];
};

struct kappa {
    double n, n_same;    /* verdicts on the same battle; equal ones */
    double kappa;        /* NaN: none, or both always chose the same kind */
    double lower, upper; /* 95%, by the normal law; NaN with fewer than two */
};

struct kappa kappa_of(const struct kappa_table *t);

#endif
