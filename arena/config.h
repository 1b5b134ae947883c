/* config: arena.json, the one file that says which models there are.
 *
 * JSON with comments, schema in data/arena.schema.json.  Unknown keys are
 * errors that name the nearest known one; every error names its place:
 * "arena.json: models[1] \"q8\": unknown key \"temprature\"; did you mean
 * \"temperature\"?".  A struct config owns everything in it.  One thread. */
#ifndef ARENA_CONFIG_H
#define ARENA_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "backends/model.h"
#include "base/err.h"
#include "rating/elo.h"

enum pace {
    PACE_LIVE,  /* bytes are shown as they come */
    PACE_EQUAL, /* both sides are shown at the slower one's speed */
    PACE_HOLD,  /* both are shown when both are done */
};

const char *pace_name(enum pace p);

struct config {
    char *path;         /* where it was read from */
    bool foreign;       /* found in the current folder: may not run programs
                           nor choose where keys are sent */
    enum pace pace;     /* "pace", equal */
    char *system;       /* "system": for models without their own, or NULL */
    int max_tokens;     /* "max_tokens", 512 */
    int n_threads;      /* "threads", 0: all cores */
    bool vote_early;    /* "vote_early": vote once both have text */
    bool confirm_vote;  /* "confirm_vote": Enter confirms before names */
    struct elo_params elo; /* "elo": {"k","base","scale","start"} */
    struct model *models;
    size_t n_models;
};

/* Where the config is looked for: `given` (--config), then ./arena.json, then
 * the user's config folder.  The path (caller frees), or NULL where there is
 * none; *foreign tells whether it lies in the current folder. */
char *config_find(const char *given, bool *foreign);

/* The path a new config is written to. */
char *config_default_path(void);

/* Reads and checks.  0, or -1 with ERR_CONFIG and nothing to free. */
int config_load(struct config *c, const char *path, bool foreign,
                struct err *e);
void config_free(struct config *c);

/* A model by name, or NULL. */
const struct model *config_model(const struct config *c, const char *name);

/* Changes one model in the file and keeps everything else, comments too as far
 * as possible: adds `json` (one model object, checked first), or removes by
 * name.  0, or -1 with the file untouched. */
int config_add_model(const char *path, const char *json, struct err *e);
int config_remove_model(const char *path, const char *name, struct err *e);

#endif
