/* infer_private: what infer's files share; see infer.h. */
#ifndef BACKENDS_LOCAL_INFER_PRIVATE_H
#define BACKENDS_LOCAL_INFER_PRIVATE_H

#include "backends/engine/engine.h"
#include "backends/local/infer.h"

struct infer {
    const struct model *model;
    struct pool *pool;
    bool borrows; /* the pool is another's */
    struct engine *engine;
    struct engine_adapter *adapters[LORA_MOST];
    struct engine_adapted adapted[LORA_MOST];
    size_t n_adapted;
};

/* Evaluates ids, calling note(arg, logits, i) with the logits after ids[i] for
 * all but the last, whose stay in the session.  0 or -1. */
int infer_eval_noting(struct infer *f, struct engine_session *s,
                      const int32_t *ids, size_t n,
                      void (*note)(void *arg, const float *logits, size_t i),
                      void *arg, struct err *e);

#endif
