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
#include "backends/engine/kv.h"
#include "backends/engine/weights.h"

#define SESSION_CHUNK KV_TILE /* positions */

struct session_chunk {
    int n_users;
    size_t bytes;
    unsigned char *data; /* [layer][head] as in kv.h */
};

struct engine_session {
    struct engine *engine;
    int n_ctx, n_past;
    struct kv kv;
    int n_heads; /* of keys and values */
    bool long_rope;
    struct engine_adapted *adapted; /* [n_adapted] */
    size_t n_adapted;
    struct session_chunk **chunks; /* [n_chunks] */
    int n_chunks;                  /* that have been made */
    float *logits;                 /* [n_vocab] */
};

/* Makes room for n positions in all, those from n_past on our own. */
int session_reserve(struct engine_session *s, int n, struct err *e);

/* A head in the chunk of some position. */
static inline void *session_head(const struct engine_session *s, int chunk,
                                 int layer, int head)
{
    size_t i = (size_t)(layer * s->n_heads + head);
    return s->chunks[chunk]->data + i * s->kv.form->bytes(&s->kv);
}

#endif
