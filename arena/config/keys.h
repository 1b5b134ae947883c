/* keys: reads an object of arena.json by a table of settings.
 *
 * A row (backends/settings.h) says a key's name, type, range, place in a
 * struct and meaning.  The reader, its messages and the JSON Schema are made
 * from it, so they cannot disagree.  One thread. */
#ifndef ARENA_CONFIG_KEYS_H
#define ARENA_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "backends/settings.h"
#include "base/err.h"
#include "base/json.h"

/* Mistakes that were found, one after another. */
struct config_mistakes {
    struct err *list; /* [n] */
    size_t n;
};
void config_mistakes_add(struct config_mistakes *m, const struct err *e);
void config_mistakes_free(struct config_mistakes *m);

/* Where in which file something stands, for messages. */
struct config_place {
    const char *file;
    bool foreign;
    struct config_mistakes *mistakes; /* go on after one, which is kept here;
                                         NULL: the first one ends it */
    char where[160]; /* "models[1] \"q8\""; "" at the top */
};

/* Whether to go on after the mistake `e`, which is then kept. */
bool config_goes_on(const struct config_place *at, const struct err *e);

/* Sets ERR_CONFIG with "FILE: WHERE: text".  Returns -1. */
int config_fail(const struct config_place *at, struct err *e, const char *fmt,
                ...) __attribute__((format(printf, 3, 4)));

/* Whether a text has what no name, id or address may have. */
bool config_has_control(const char *s);

/* "a string", "null", … of a value that is of the wrong type. */
const char *config_type_found(const cJSON *node);

/* Fills `into` from the members of `object`: known keys only, each once, of
 * its type and within its range.  0, or -1.  With at->mistakes 0: what is wrong
 * is left as it was. */
int config_read_object(const struct config_place *at, const cJSON *object,
                       const struct setting_table *t, void *into,
                       struct err *e);

#endif
