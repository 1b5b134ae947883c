/* keymap: the tables of bindings with the keys that the config has for actions.
 *
 * Keys of the config replace those of their action on every screen, and are
 * taken from other actions that work in the same state.  Owns its copies of the
 * tables.  One thread. */
#ifndef TUI_WIDGETS_KEYMAP_H
#define TUI_WIDGETS_KEYMAP_H

#include "arena/config/config.h"
#include "base/err.h"
#include "tui/widgets/action.h"

#define KEYMAP_TABLES 16

struct keymap {
    char *keys[ACT_N]; /* by action, separated by a space; NULL: as usual */
    struct keymap_copy {
        const struct binding *from;
        struct binding *rows; /* keys are owned if they are not those of from */
    } copies[KEYMAP_TABLES];
    int n_copies;
};

/* Reads "keys" of a config.  0, or -1 with ERR_CONFIG: an action or a key that
 * there is not, with the nearest action; call keymap_free either way. */
int keymap_init(struct keymap *m, const struct config *c, struct err *e);
void keymap_free(struct keymap *m);

/* Whether binding i of a config is of an action and a key that there are; the
 * errors of keymap_init. */
int keymap_check(const struct config *c, size_t i, struct err *e);

/* A table as the config wants it, good until keymap_free. */
const struct binding *keymap_table(struct keymap *m,
                                   const struct binding *table);

#endif
