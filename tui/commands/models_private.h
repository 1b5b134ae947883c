/* models_private: what the files of the verb `models` share. */
#ifndef TUI_MODELS_PRIVATE_H
#define TUI_MODELS_PRIVATE_H

#include <stdbool.h>

#include "arena/config/config.h"
#include "tui/command.h"

struct models_settings {
    bool defaults;      /* pull --default */
    bool yes;           /* pull --yes: the terms are accepted */
    const char *sha256; /* pull --sha256 */
};

/* Reads the config that the invocation means.  0, or -1 with ERR_CONFIG. */
int models_load_config(const struct invocation *in, struct config *c,
                       struct err *e);

/* argv[2] on are the operands. */
int models_pull(struct invocation *in, const struct models_settings *s,
                struct err *e);
int models_test(struct invocation *in, struct err *e);

#endif
