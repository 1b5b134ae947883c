/* candidates: the tokens that sampling still considers.
 *
 * A vocabulary has up to 262,144 entries and an answer wants one of the first
 * few, so nothing here sorts all of them: the largest m of n are found by a
 * heap of m entries over one scan (n log m at worst, close to n in practice,
 * because almost every entry loses its first comparison).
 *
 * Order is by logit, largest first, and by id if logits are equal, so that
 * every way of finding the first ones finds the same ones.
 * Owned by one sampler; one thread. */
#ifndef BACKENDS_ENGINE_SAMPLING_CANDIDATES_H
#define BACKENDS_ENGINE_SAMPLING_CANDIDATES_H

#include <stddef.h>
#include <stdint.h>

struct candidate {
    int32_t id;
    float logit;
    float p; /* probability among those considered; see candidates_softmax */
};

struct candidates {
    struct candidate *v; /* n of them, room for cap */
    size_t n, cap;
    size_t n_sorted; /* v[0..n_sorted) are the largest, in order */
};

void candidates_free(struct candidates *c);

/* Takes the `most` largest of logits [n_vocab], sorted, or all of them,
 * unsorted, if most is 0.  Logits that are no finite numbers are left out,
 * so n may be smaller, and 0. */
void candidates_fill(struct candidates *c, const float *logits, int n_vocab,
                     size_t most);

/* Sorts at least the first m (or all n, if that is less). */
void candidates_sort(struct candidates *c, size_t m);

/* Keeps the first m. */
void candidates_cut(struct candidates *c, size_t m);

/* The largest logit; n > 0. */
float candidates_max(const struct candidates *c);

/* Sets every p to exp(logit) over the sum of all; n > 0. */
void candidates_softmax(struct candidates *c);

#endif
