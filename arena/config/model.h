/* model: from a model's settings as written to settings that a backend can
 * act on: which backend, where, with which key, which files.  One thread. */
#ifndef ARENA_CONFIG_MODEL_H
#define ARENA_CONFIG_MODEL_H

#include <stddef.h>

#include "arena/config/keys.h"
#include "backends/model.h"
#include "base/err.h"

/* An entry of "backends". */
struct provider {
    char *name, *type;
    SERVER_SETTINGS(SETTING_FIELD)
};

/* The keys of such an entry, over struct provider. */
extern const struct setting_table config_provider_keys;

/* With nothing said, but its name. */
void config_provider_init(struct provider *p, const char *name);
void config_provider_free(struct provider *p);

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

/* Whether a backend knows a setting. */
bool config_key_fits(const struct setting *k, const char *backend);

#endif
