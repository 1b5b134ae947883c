/* remarks: what a person should know of a model that can answer, but perhaps
 * not as it should: of its weights file, and of its settings. */
#ifndef BACKENDS_LOCAL_REMARKS_H
#define BACKENDS_LOCAL_REMARKS_H

#include "backends/engine/engine.h"
#include "backends/model.h"
#include "base/buf.h"

/* Appends a sentence a line, each ended by a newline, without the name of the
 * model; nothing for most files.  `i` is of engine_info or engine_check. */
void remarks_add(const struct model *m, const struct engine_info *i,
                 struct buf *out);

#endif
