/* keys: what may stand in arena.json, as tables.
 *
 * One row says a key's name, type, range, place in a struct and meaning; the
 * reader, its messages and the JSON Schema are made from it, so they cannot
 * disagree.  A new setting is a field and a row.  In a circle with config: the
 * table of the top names the fields of its struct; and so in a circle with
 * model. */
#ifndef ARENA_CONFIG_KEYS_H
#define ARENA_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

enum config_type {
    CONFIG_STRING,  /* char *, may be empty */
    CONFIG_WORD,    /* char *, one line, not empty */
    CONFIG_STRINGS, /* char **, NULL-terminated, not empty */
    CONFIG_NUMBER,  /* double within [min, max] */
    CONFIG_WHOLE,   /* int within [min, max] */
    CONFIG_LONG,    /* int64_t within [min, max] */
    CONFIG_BOOL,    /* bool */
    CONFIG_SWITCH,  /* int: 0 or 1 */
    CONFIG_BIAS,    /* struct bias_list */
    CONFIG_PACE,    /* enum pace, by its word */
    CONFIG_PAIRING, /* enum rating_policy, by its word */
    CONFIG_OTHER,   /* read by code of its own; `offset` is not used */
};

struct config_key {
    const char *name;
    enum config_type type;
    size_t offset;
    double min, max;
    const char *backend; /* the only backend that knows it; CONFIG_REMOTE: all
                            but local and exec; NULL: any */
    bool trusted;        /* not from a config that was found lying around */
    const char *help;    /* one sentence */
};

#define CONFIG_REMOTE "remote"

struct config_table {
    const struct config_key *keys;
    size_t n_keys;
};

extern const struct config_table config_keys_top;     /* struct config */
extern const struct config_table config_keys_elo;     /* struct elo_params */
extern const struct config_table config_keys_backend; /* struct provider */
extern const struct config_table config_keys_model;   /* struct model */

/* An entry of "backends". */
struct provider {
    char *name, *type, *base_url, *key_env, *key_command;
    bool allow_http;
};

/* Where in which file something stands, for messages. */
struct config_place {
    const char *file;
    bool foreign;
    char where[160]; /* "models[1] \"q8\""; "" at the top */
};

/* Sets ERR_CONFIG with "FILE: WHERE: text".  Returns -1. */
int config_fail(const struct config_place *at, struct err *e, const char *fmt,
                ...) __attribute__((format(printf, 3, 4)));

/* Whether a text has what no name, id or address may have. */
bool config_has_control(const char *s);

/* The words of a type that is a choice, from 0 on; NULL after the last, and of
 * other types. */
const char *config_choice(enum config_type type, int k);

/* "a string", "null", … of a value that is of the wrong type. */
const char *config_type_found(const cJSON *node);

/* Fills `into` from the members of `object`: known keys only, each once, of
 * its type and within its range.  0, or -1. */
int config_read_object(const struct config_place *at, const cJSON *object,
                       const struct config_table *t, void *into,
                       struct err *e);

#endif
