/* model: from a model's settings as written to settings that a backend
 * can act on: which backend, where, with which key, which files.  Used by
 * config.c; in a circle with config, by keys. */
#ifndef ARENA_CONFIG_MODEL_H
#define ARENA_CONFIG_MODEL_H

#include <stddef.h>

#include "arena/config/keys.h"
#include "backends/model.h"
#include "base/err.h"

struct providers { /* the "backends" of a config */
    struct provider *list;
    size_t n;
};

/* Checks an entry of "backends" for itself.  0, or -1. */
int config_check_provider(const struct config_place *at,
                          const struct provider *p, struct err *e);

/* Completes a model that was read by its table.  `folder` is the config's, for
 * relative paths; `system` the prompt of models without their own, or NULL. */
int config_resolve_model(const struct config_place *at, struct model *m,
                         const struct providers *providers, const char *folder,
                         const char *system, struct err *e);

/* Whether a backend knows the key of a table's row. */
bool config_key_fits(const struct config_key *k, const char *backend);

#endif
