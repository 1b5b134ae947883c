/* database: opening the store for commands that need nothing else of an arena:
 * no models, no backends, and no config either where there is none. */
#ifndef TUI_DATABASE_H
#define TUI_DATABASE_H

#include "arena/config/config.h"
#include "arena/store/store.h"
#include "rating/elo.h"
#include "tui/command.h"

enum database_use {
    DATABASE_READ,  /* must be there */
    DATABASE_WRITE, /* made where it is missing */
};

/* Opens the database that the command line means.  0, or -1. */
int database_open(struct store **out, const struct invocation *in,
                  enum database_use use, struct err *e);

/* The config that the command line means: 1 and *c, freed with config_free; 0
 * where there is none; -1 where it cannot be read. */
int database_config(const struct invocation *in, struct config *c,
                    struct err *e);

/* How votes move the running rating: as the config says, where there is one.
 * 0, or -1 where it cannot be read. */
int database_elo(const struct invocation *in, struct elo_params *elo,
                 struct err *e);

/* Writes what a command has to say to stdout and frees it. */
int database_print(struct buf *out, struct err *e);

#endif
