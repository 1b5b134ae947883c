/* rendering: how a model's conversations are written, by its settings. */
#ifndef BACKENDS_LOCAL_RENDERING_H
#define BACKENDS_LOCAL_RENDERING_H

#include "backends/engine/chat/message.h"
#include "backends/model.h"

/* clock: as in struct rendering.  It borrows from m. */
static inline struct rendering rendering_of(const struct model *m,
                                            int64_t clock)
{
    return (struct rendering){
        .template_name = m->raw ? "none" : m->template_name,
        .template_args = m->template_args,
        .think = m->think == 1,
        .no_think = m->think == 0,
        .clock = clock,
    };
}

#endif
