/* models: rows that battles refer to, for the other parts of the store.  All
 * run inside a transaction of the caller.  0 or -1. */
#ifndef ARENA_STORE_MODELS_H
#define ARENA_STORE_MODELS_H

#include "arena/store/private.h"

/* The row of a model by name, added if it is new. */
int models_put_name(struct store *s, const char *name, int64_t *id,
                    struct err *e);

/* As store_put_prompt. */
int models_put_prompt(struct store *s, const char *text, const char *category,
                      const char *external_id, int64_t *id, struct err *e);

#endif
