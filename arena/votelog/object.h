/* object: the objects of the published logs, and the votes in them. */
#ifndef ARENA_VOTELOG_OBJECT_H
#define ARENA_VOTELOG_OBJECT_H

#include "arena/votelog/chunk.h"
#include "base/json.h"

/* Takes the votes of an object, or rejects it.  0; -1 with c->error: no
 * memory. */
int votelog_object(struct chunk *c, uint64_t line, const cJSON *o);

#endif
