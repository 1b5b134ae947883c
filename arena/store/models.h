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

/* The place of a row in a list as store_list_models gives it; SIZE_MAX: it is
 * not there. */
size_t models_index(const struct store_model *models, size_t n, int64_t id);

#endif
