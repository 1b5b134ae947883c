/* temper: how sure a judge may be.
 *
 * A model's probabilities are often too sure of themselves, or not sure enough.
 * One number per judge, the temperature T, mends it: p becomes
 * 1 / (1 + exp(-logit(p) / T)).  It is the one with the greatest likelihood of
 * people's scores on the battles that both judged (a tie is half of each),
 * within 0.05 and 20 (Guo et al. 2017, arXiv 1706.04599).  Pure. */
#ifndef RATING_JUDGED_TEMPER_H
#define RATING_JUDGED_TEMPER_H

#include <stddef.h>

#define TEMPER_FEW 20 /* with fewer shared votes nothing is fitted */

/* The temperature for p[n], a judge's, and y[n], people's scores from 0 to 1.
 * 1 if there are few, or if p are all one half. */
double temper_fit(const double *p, const double *y, size_t n);

/* p at a temperature. */
double temper(double p, double temperature);

#endif
