/* database: opens the store for commands that need no other part of an arena:
 * no models, no backends, and no config if there is none. */
#ifndef TUI_DATABASE_H
#define TUI_DATABASE_H

#include "arena/config/config.h"
#include "arena/store/store.h"
#include "rating/elo.h"
#include "tui/command.h"

enum database_use {
    DATABASE_READ,  /* must exist */
    DATABASE_WRITE, /* created if it is missing */
};

/* Opens the database that the command line means.  0, or -1. */
int database_open(struct store **out, const struct invocation *in,
                  enum database_use use, struct err *e);

/* Loads the config that the command line means.  1 with *c to be freed
 * (config_free); 0 if there is none; -1 if it cannot be read. */
int database_config(const struct invocation *in, struct config *c,
                    struct err *e);

/* How votes move the running rating: as the config says, or by default.
 * 0, or -1 if the config cannot be read. */
int database_elo(const struct invocation *in, struct elo_params *elo,
                 struct err *e);

/* Writes a command's output to stdout and frees it. */
int database_print(struct buf *out, struct err *e);

#endif
