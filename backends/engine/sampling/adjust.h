/* adjust: what changes logits before a token is chosen: penalties for
 * repetition, DRY, and a bias for single tokens.
 *
 * Part of a sampler, so in a circle with sample, whose parameters it reads; one
 * thread. */
#ifndef BACKENDS_ENGINE_SAMPLING_ADJUST_H
#define BACKENDS_ENGINE_SAMPLING_ADJUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/sampling/sample.h"

struct adjuster {
    const struct sample_params *params; /* borrowed, but for its arrays */
    int n_vocab;
    bool penalties, dry; /* what is on */
    float *logits;   /* [n_vocab] a copy to change; NULL: nothing is on */
    int32_t *ring;   /* [ring_size] the last tokens accepted */
    size_t ring_size, n_ring, ring_at;
    size_t window;   /* tokens that the penalties look back at */
    int32_t *count;  /* [n_vocab] how often each is in the window */
    struct sample_bias *biases; /* [n_biases] of the vocabulary's ids */
    size_t n_biases;
    bool *breaks;    /* [n_vocab] tokens that no repetition runs across */
    int32_t *match;  /* [n_vocab] DRY: length of the repetition that each token
                        would prolong; all 0 between calls */
    size_t *z;       /* [ring_size] scratch of the same */
};

/* p must outlive it. */
void adjuster_init(struct adjuster *a, const struct sample_params *p,
                   int n_vocab);
void adjuster_free(struct adjuster *a);

void adjuster_accept(struct adjuster *a, int32_t id);

/* The logits to choose from: the given ones, or a changed copy that is valid
 * until the next call. */
const float *adjuster_apply(struct adjuster *a, const float *logits);

#endif
