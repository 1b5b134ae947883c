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
#include "base/buf.h"
#include "base/err.h"
#include "rating/elo.h"
#include "rating/pairing.h"

struct providers;

enum pace {
    PACE_LIVE,  /* bytes are shown as they come */
    PACE_EQUAL, /* both sides are shown at the slower one's speed */
    PACE_HOLD,  /* both are shown when both are done */
};

const char *pace_name(enum pace p);

enum motion {
    MOTION_FULL,
    MOTION_REDUCED, /* whole lines only, nothing counts, a steady cursor */
};

enum prefetch {
    PREFETCH_FREE, /* if it is known that no model costs anything */
    PREFETCH_ALL,
    PREFETCH_NONE,
};

enum theme {
    THEME_AUTO, /* dark or light, as the terminal says */
    THEME_DARK,
    THEME_LIGHT,
    THEME_MONO, /* no colour */
};

const char *motion_name(enum motion m);
const char *theme_name(enum theme t);

struct config_binding { /* a line of "keys" */
    char *action, *key;   /* as written; the terminal knows what they mean */
};

#define CONFIG_TOKENS 512
#define CONFIG_MIXED_TOKENS 4096

struct config {
    char *path;         /* where it was read from */
    bool foreign;       /* found in the current folder: may not run programs
                           nor choose where keys are sent */
    enum pace pace;     /* "pace", equal */
    enum rating_policy pairing; /* "pairing", mixed */
    char *system;       /* "system": for models without their own, or NULL */
    int max_tokens;     /* "max_tokens"; see config_max_tokens */
    bool has_limit;     /* it was set */
    int n_threads;      /* "threads", 0: all cores */
    char *copy_command; /* "copy_command": gets copied text; NULL: OSC 52, "":
                           nothing is copied */
    char **vote_hook;   /* "vote_hook": program and arguments, told of each
                           vote; NULL: none */
    enum motion motion; /* "motion", full */
    bool mouse;         /* "mouse": the wheel scrolls */
    enum prefetch prefetch; /* "prefetch", free */
    enum theme theme;   /* "theme", auto */
    bool vote_early;    /* "vote_early": vote once both have text */
    bool confirm_vote;  /* "confirm_vote": Enter confirms before names */
    struct elo_params elo; /* "elo": {"k","base","scale","start"} */
    char **hide_words;  /* "hide_words": more names that would give a model
                           away (arena/blind/leak.h); NULL-terminated, or
                           NULL */
    struct config_binding *bindings;
    size_t n_bindings;
    struct model *models;
    size_t n_models;
    struct providers *providers; /* "backends": arena/config/model.h */
};

/* Where the config is looked for: `given` (--config), then ./arena.json, then
 * the user's config folder.  The path (caller frees), or NULL if there is
 * none.  *foreign: it was found in the current folder, so another may have
 * written it. */
char *config_find(const char *given, bool *foreign);

/* The path a new config is written to. */
char *config_default_path(void);

/* What holds if nothing is said: no models, and path is NULL. */
void config_init(struct config *c);

/* Reads and checks.  0, or -1 with ERR_CONFIG and nothing to free.
 *
 * A model's "backend" is an entry of "backends", a preset
 * (backends/remote/preset.h) or an entry of the backend list, in this order.  A
 * key goes only to an address that stands beside it: a model with its own
 * base_url takes no key from its provider, and an entry of "backends" with its
 * own none from the preset.  Weights named by a relative path lie beside the
 * config, else in the weights folder (PATH_DATA). */
int config_load(struct config *c, const char *path, bool foreign,
                struct err *e);

/* The same, but goes on after a mistake: -1 with all of them in `mistakes`
 * (arena/config/keys.h), or with none if the file is not JSON at all.  *c holds
 * what could be read; call config_free and config_mistakes_free in any case. */
struct config_mistakes;
int config_load_all(struct config *c, const char *path, bool foreign,
                    struct config_mistakes *mistakes, struct err *e);

/* The same as config_load of a text that is to become the file at `path`. */
int config_parse(struct config *c, const char *text, size_t n,
                 const char *path, bool foreign, struct err *e);
void config_free(struct config *c);

/* A model without an id on a "backend", to ask that for its list of models; the
 * caller frees it.  `c` may have no file.  0, or -1
 * with ERR_CONFIG. */
int config_backend(const struct config *c, const char *backend,
                   struct model *out, struct err *e);

/* Where answers of a model of c are cut, in tokens: at its own limit, else at
 * that of all.  If neither is set, servers are sent none (0), so that a model
 * may think for as long as it does by default; others are cut at c->max_tokens,
 * which then is CONFIG_TOKENS, or CONFIG_MIXED_TOKENS if they meet models of
 * servers. */
int config_max_tokens(const struct config *c, const struct model *m);

/* A model by name, or NULL. */
const struct model *config_model(const struct config *c, const char *name);

/* The model that config_add_model would add, to ask its server; the caller
 * frees it.  0, or -1 as for that. */
int config_try_model(const char *path, const char *json, bool foreign,
                     struct model *out, struct err *e);

/* Changes one model in the file and keeps everything else, comments too as far
 * as possible: adds `json` (one model object, checked first) and makes the file
 * if there is none, or removes by name.  If several change a file at once,
 * each waits for the others.  0, or -1 with the file untouched. */
int config_add_model(const char *path, const char *json, struct err *e);
int config_remove_model(const char *path, const char *name, struct err *e);

/* The keys of the file itself, over struct config, and of its "elo", over
 * struct elo_params.  Those of a model are model_settings. */
extern const struct setting_table config_top_keys, config_elo_keys;

/* Appends the JSON Schema of the config, made from the same tables that read
 * it; data/arena.schema.json is this text. */
void config_schema(struct buf *out);

#endif
