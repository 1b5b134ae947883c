/* timeline: how a model's sessions are opened, by its settings. */
#ifndef BACKENDS_LOCAL_TIMELINE_H
#define BACKENDS_LOCAL_TIMELINE_H

#include "backends/engine/engine.h"
#include "backends/model.h"

/* engine_session_open with what m says of keys and values, and with its
 * adapters, which are list[n]. */
static inline int timeline_open(struct engine_session **out, struct engine *g,
                                const struct model *m, int n_ctx,
                                const struct engine_adapted *list, size_t n,
                                struct err *e)
{
    enum engine_kv kv = m->kv == KV_Q8 ? ENGINE_KV_Q8 : ENGINE_KV_F16;
    if (engine_session_open(out, g, n_ctx, kv, e) != 0)
        return -1;
    engine_session_adapt(*out, list, n);
    return 0;
}

#endif
