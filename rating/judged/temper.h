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

#include "rating/judged/rows.h"

#define TEMPER_FEW 20 /* with fewer shared votes nothing is fitted */

/* The temperature for p[n], a judge's, and y[n], people's scores from 0 to 1.
 * 1 if there are few, or if p are all one half. */
double temper_fit(const double *p, const double *y, size_t n);

/* Gives a judge's scores of battles the temperature that fits people's votes on
 * them.  `battles` are those of the rows.  Returns it; 0: those that people
 * voted on are verdicts (0, 1/2, 1) and no probabilities, and all stay as they
 * are; NaN: no memory. */
double temper_battles(struct judged_battle *battles,
                      const struct judged_rows *rows);

/* p at a temperature; 0: as it is. */
double temper(double p, double temperature);

#endif
