/* arena: what an open arena consists of.
 *
 * The context that commands and screens are given: the config, the store, the
 * backends' threads, the random source.  Opened once by tui/main for commands
 * that need it; one thread (the UI's) uses it. */
#ifndef ARENA_ARENA_H
#define ARENA_ARENA_H

#include <stdbool.h>

#include "arena/config.h"
#include "arena/store.h"
#include "backends/backend.h"
#include "base/err.h"
#include "base/rng.h"

struct arena {
    struct config config;
    struct store *store;
    struct backend_env env;
    struct rng rng;       /* pairs and sides: the system's, or --seed */
    int wake[2];          /* pipe: producers write [1], the UI polls [0] */
    char *voter;          /* "human:NAME" */
    int64_t *model_ids;   /* [config.n_models] rows of the store */
};

struct arena_options {
    const char *config_path; /* NULL: config_find */
    const char *db_path;     /* NULL: arena.db in the data folder */
    const char *voter;       /* NULL: the user's name */
    bool seeded;
    uint64_t seed;
};

/* Opens everything.  0, or -1 with ERR_CONFIG, ERR_DB or ERR_FAILURE and
 * nothing to close. */
int arena_open(struct arena *a, const struct arena_options *o, struct err *e);
void arena_close(struct arena *a);

/* Empties the wake pipe after poll() said it is readable. */
void arena_drain_wake(struct arena *a);

#endif
