/* finished: answers that were made elsewhere and brought here from a file,
 * until battles use them (arena/run).  They are a model's whose backend nobody
 * knows.
 *
 * The texts are as the file has them.  For people, answers are read with
 * blind_read once they stand in a battle.  One thread. */
#ifndef ARENA_STORE_FINISHED_H
#define ARENA_STORE_FINISHED_H

#include "arena/store/store.h"

struct finished_turn {
    const char *prompt; /* all of it, as store_put_prompt takes it */
    int turn;           /* from 1 */
    const char *asked, *text;
};

/* Adds a turn of a model.  0; 1: it is there already; -1 (ERR_FORMAT: with
 * another text, and nothing was changed). */
int finished_put(struct store *s, int64_t model_id,
                 const struct finished_turn *t, struct err *e);

/* The turns of a model for a prompt, in order, as the answers of a side 0 in
 * round 1.  The caller frees them with store_free_answers.  0 or -1. */
int finished_get(struct store *s, int64_t model_id, const char *prompt,
                 struct store_answer_row **out, size_t *n, struct err *e);

/* The models that have such answers, in the order of their names. */
struct finished_model {
    int64_t id;
    char *name;
    uint64_t n_prompts;
};
int finished_list(struct store *s, struct finished_model **out, size_t *n,
                  struct err *e);
void finished_free(struct finished_model *list, size_t n);

#endif
