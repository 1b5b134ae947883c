/* normal: the normal law and Student's.  Pure. */
#ifndef RATING_MATH_NORMAL_H
#define RATING_MATH_NORMAL_H

#define NORMAL_Z95 1.959963984540054 /* 97.5% quantile of the normal law */

/* Probability that a standard normal number is below z, and its inverse
 * (0 < p < 1; to full double precision). */
double normal_below(double z);
double normal_quantile(double p);

/* 97.5% quantile of Student's law with df degrees of freedom (below 1: of 1);
 * to 0.0003. */
double student_t95(double df);

/* Probability that a number of Student's law with df degrees of freedom (whole
 * ones; below 1: 1) is below t. */
double student_below(double t, double df);

#endif
