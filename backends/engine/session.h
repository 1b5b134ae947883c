/* session: the keys and values of one timeline; private to the engine, so in a
 * circle with engine, whose header has the public half.
 *
 * They are kept in chunks of SESSION_CHUNK positions, of all layers.  A chunk
 * is made when its first position is written, and may belong to several
 * sessions that begin with the same tokens: whoever writes into a shared one
 * copies it first. */
#ifndef ENGINE_SESSION_H
#define ENGINE_SESSION_H

#include <stdint.h>

#include "backends/engine/engine_private.h"
#include "backends/engine/kernels/kern.h"
#include "backends/engine/weights.h"

#define SESSION_CHUNK 256 /* positions, a multiple of KERN_KEY_BLOCK */

/* Halves.  Positions stand side by side in keys, so that a vector of
 * them is multiplied with one number of a query at a time; values are rows of
 * 64 numbers (what is left of a head that is no multiple of 64: of 16, 32 or
 * 48), so that a sum over positions reads one stream. */
struct session_chunk {
    int n_users;
    size_t bytes;
    uint16_t *data; /* [layer][head]: keys [chunk / 16][d][16], then
                       values [d_pad / 64][chunk][64] */
};

struct engine_session {
    struct engine *engine;
    int n_ctx, n_past;
    int d, d_pad; /* numbers of a head; up to a multiple of 16 */
    int n_heads;  /* of keys and values */
    bool long_rope;
    struct engine_adapted *adapted; /* [n_adapted] */
    size_t n_adapted;
    struct session_chunk **chunks; /* [n_chunks] */
    int n_chunks;                  /* that have been made */
    float *logits;                 /* [n_vocab] */
};

/* Makes room for n positions in all, those from n_past on our own. */
int session_reserve(struct engine_session *s, int n, struct err *e);

/* Keys and values of a head in the chunk of some position. */
static inline uint16_t *session_keys(const struct engine_session *s, int chunk,
                                     int layer, int head)
{
    size_t both = (size_t)SESSION_CHUNK * (size_t)(s->d + s->d_pad);
    return s->chunks[chunk]->data + (size_t)(layer * s->n_heads + head) * both;
}

static inline uint16_t *session_values(const struct engine_session *s,
                                       int chunk, int layer, int head)
{
    return session_keys(s, chunk, layer, head) +
           (size_t)SESSION_CHUNK * (size_t)s->d;
}

#endif
