/* spoken: what both sides of a battle said, as a file has it, on its way into
 * the store.
 *
 * Strings are borrowed from the file's values, or kept here.  The owner of the
 * struct frees it. */
#ifndef ARENA_EXCHANGE_SPOKEN_H
#define ARENA_EXCHANGE_SPOKEN_H

#include "arena/store/bulk.h"
#include "base/json.h"

struct spoken {
    struct store_answer *answers;
    size_t n_answers;
    char **texts;
    size_t n_texts;
};

void spoken_free(struct spoken *s);

/* Keeps a text of malloc as long as the rest.  Returns it. */
char *spoken_keep(struct spoken *s, char *text);

/* Adds the answer of a side (0: A) to a turn (from 1). */
void spoken_add(struct spoken *s, int side, int turn, const char *prompt,
                const char *text);

/* A message's content: a string, or a list of {"type":"text","text":…}; NULL:
 * neither. */
const char *spoken_content(struct spoken *s, const cJSON *content);

/* The first of several keys (up to a NULL) that holds a text; a whole number
 * counts as one.  NULL: none. */
const char *spoken_first(struct spoken *s, const cJSON *o,
                         const char *const keys[]);

#endif
