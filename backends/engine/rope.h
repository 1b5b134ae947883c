/* rope: rotary positions (Su et al., "RoFormer", 2021).
 *
 * Pair i of a head's first n_rot numbers is rotated by position * frequency
 * i.  A model trained for a short context is stretched to a longer one by
 * changed frequencies; the rules for that are in rope.c.  Immutable once
 * made; any thread. */
#ifndef ENGINE_ROPE_H
#define ENGINE_ROPE_H

#include "backends/engine/arch.h"

struct rope {
    int n_rot;
    bool halves;
    float magnitude;  /* of the rotated vector */
    float *frequency; /* [n_rot / 2] */
};

/* Makes the frequencies for `base`; `factors` [n_rot / 2] divide them (NULL:
 * none).  Local layers are never stretched. */
void rope_init(struct rope *r, const struct hparams *h, float base, bool local,
               const float *factors);
void rope_free(struct rope *r);

/* Cosines and sines of a position into angles [n_rot]: the cosines first. */
void rope_angles(const struct rope *r, int position, float *angles);

/* Rotates one head in place. */
void rope_apply(const struct rope *r, const float *angles, float *head);

#endif
