/* resample: many samples of as many votes as there are, with replacement.
 *
 * A sample is one multinomial draw over the categories.  Drawing it as
 * binomials, one given what the others left, costs some 60 ns a category;
 * here most cost a table look-up.  Independent Poisson numbers, given that
 * their sum is M, are a multinomial draw of M votes.  So Poisson numbers are
 * drawn with means a little below the counts, and again if their sum exceeds N;
 * then N - M single votes are added.  The result is exactly multinomial,
 * whatever the "little" is.  Categories with many votes are drawn as binomials
 * first.  Pure; once made, any number of threads draw. */
#ifndef RATING_MATH_RESAMPLE_H
#define RATING_MATH_RESAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

struct resample;

/* For counts[n], copied.  NULL if there is no memory. */
struct resample *resample_open(const uint64_t *counts, size_t n);
void resample_close(struct resample *r);

/* Fills out[n]; it sums to what the counts sum to. */
void resample_draw(const struct resample *r, struct rng *rng, uint64_t *out);

#endif
