/* question_ids: the prompts of a file by their ids, for rows elsewhere that
 * name a prompt by its id alone.  One thread. */
#ifndef ARENA_RUN_QUESTION_IDS_H
#define ARENA_RUN_QUESTION_IDS_H

#include "arena/run/promptlist.h"
#include "base/err.h"
#include "base/names.h"

struct question_ids {
    const struct prompts *questions; /* the caller's, or NULL: none are known */
    struct names ids;                /* in order of the list */
};

/* Free it even after an error.  0, or -1 (ERR_FORMAT: two questions share an
 * id, which then does not say what is meant). */
int question_ids_init(struct question_ids *q, const struct prompts *questions,
                      struct err *e);
void question_ids_free(struct question_ids *q);

/* The question of an id; NULL if there is none, or id is NULL. */
const struct prompt *question_ids_find(const struct question_ids *q,
                                       const char *id);

#endif
