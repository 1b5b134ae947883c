/* family: of which family a model is, as far as its name tells: "qwen".  A
 * judge may like what its own kind writes.  Any thread. */
#ifndef ARENA_BLIND_FAMILY_H
#define ARENA_BLIND_FAMILY_H

#include <stdbool.h>

#include "arena/config/config.h"

/* The family of a model by its name in the store; by its id or weights too, if
 * the config (or NULL) has a model of that name.  Static; NULL: not known. */
const char *family_of(const struct config *config, const char *name);

/* Whether two families are known and the same. */
bool family_is_same(const char *a, const char *b);

#endif
