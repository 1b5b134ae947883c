/* session: the keys and values of one timeline; private to the engine. */
#ifndef ENGINE_SESSION_H
#define ENGINE_SESSION_H

#include <stdint.h>

#include "backends/engine/engine_private.h"
#include "backends/engine/weights.h"

struct engine_session {
    struct engine *engine;
    int n_ctx, n_past;
    int n_slots;  /* n_ctx up to a multiple of 16 */
    int d, d_pad; /* numbers of a head; up to a multiple of 16 */
    int n_heads;  /* of keys and values */
    bool long_rope;

    /* Halves.  Sixteen positions stand side by side in k, so that a vector of
     * them is multiplied with one number of a query at a time. */
    uint16_t *k; /* [layer][head][slot / 16][d][16] */
    uint16_t *v; /* [layer][head][slot][d_pad] */
    size_t cache_bytes; /* of both, one mapping that begins at k */
    float *logits;      /* [n_vocab] */
};

static inline uint16_t *session_k(const struct engine_session *s, int layer,
                                  int head)
{
    size_t one = (size_t)s->n_slots * (size_t)s->d;
    return s->k + (size_t)(layer * s->n_heads + head) * one;
}

static inline uint16_t *session_v(const struct engine_session *s, int layer,
                                  int head)
{
    size_t one = (size_t)s->n_slots * (size_t)s->d_pad;
    return s->v + (size_t)(layer * s->n_heads + head) * one;
}

#endif
