/* arena: what an open arena consists of.
 *
 * The context that commands and screens are given: the config, the store, the
 * backends' threads, the random source.  A command that needs it opens it
 * once; one thread (the UI's) uses it. */
#ifndef ARENA_ARENA_H
#define ARENA_ARENA_H

#include <stdbool.h>

#include "arena/config/config.h"
#include "arena/store/store.h"
#include "backends/backend.h"
#include "base/err.h"
#include "base/rng.h"

struct arena {
    struct config config;
    struct store *store;
    struct backend_env env;
    struct rng rng;       /* pairs and sides: the system's, or --seed */
    bool seeded;          /* it is --seed */
    int wake[2];          /* pipe: producers write [1], the UI polls [0] */
    char *voter;          /* "human:NAME" */
    int64_t *model_ids;   /* [config.n_models] rows of the store */
    struct backend **backends; /* [config.n_models]; NULL until first used */
    int max_tokens_cap;   /* of any answer, whatever is configured; 0: none */
    bool *left_out;       /* [config.n_models] cannot be asked: not drawn */
    bool *remarked;       /* [config.n_models] askable_remarks are in notes */
    char **notes;         /* [n_notes] lines for the person: which config is
                             used, which models became new rows, which are
                             left out, what a model's file lacks */
    size_t n_notes, n_told; /* the first n_told were given out */
};

struct arena_options {
    const char *config_path; /* NULL: config_find */
    const char *db_path;     /* NULL: arena.db in the data folder */
    const char *voter;       /* NULL: the user's name */
    bool seeded;
    uint64_t seed;
    bool config_optional;    /* do without if there is none: for commands
                                that only look at the store */
    /* Asked if a model of a known name answers otherwise than before: whether
     * it is still the same.  NULL: it is not, gets a row of its own,
     * and a note says so. */
    bool (*same_model)(void *arg, const char *name);
    void *same_model_arg;
};

/* Opens everything.  0, or -1 with ERR_CONFIG, ERR_DB or ERR_FAILURE and
 * nothing to close. */
int arena_open(struct arena *a, const struct arena_options *o, struct err *e);
void arena_close(struct arena *a);

/* The database that the options mean; the caller frees. */
char *arena_db_path(const struct arena_options *o);

/* The next line for the person, to be cleaned by the caller; NULL: no more. */
const char *arena_next_note(struct arena *a);

/* Looks at all models that may be drawn (arena/config/askable.h) and fills
 * weights[config.n_models]: 0 for those that cannot be asked.  A note says of
 * each why, once for as long as it lasts.  0, or -1 if fewer than two are
 * left: the text says which, why and what to do, and the code is the first
 * one's. */
int arena_weigh(struct arena *a, double *weights, struct err *e);

/* The open backend of a model of the config, opened at the first call; NULL
 * with an error that names the model. */
struct backend *arena_backend(struct arena *a, size_t model, struct err *e);
const struct backend_ops *arena_backend_ops(const struct arena *a,
                                            size_t model);

/* Adds a model whose answers were made elsewhere (arena/store/finished.h),
 * under the name it has there, behind those of the config: what is finished can
 * take part in a run, and nobody can be asked for more.  0 or -1. */
int arena_add_finished(struct arena *a, const char *name, struct err *e);
bool arena_is_finished(const struct arena *a, size_t model);

/* The line that the store has for every such model (model_describe); the caller
 * frees. */
char *arena_describe_finished(void);

/* The index of a model of the config, or -1 with ERR_USAGE and the nearest
 * name. */
int arena_find_model(const struct arena *a, const char *name, size_t *model,
                     struct err *e);

/* What a battle that begins now tells chat templates is the time, on both
 * sides: the machine's clock, or with --seed always the same. */
int64_t arena_clock(const struct arena *a);

/* Empties the wake pipe after poll() said it is readable. */
void arena_drain_wake(struct arena *a);

#endif
