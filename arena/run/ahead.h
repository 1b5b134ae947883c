/* ahead: what a run has stored of the prompts that come next.  A run that goes
 * on meets its prompts in the order in which it has stored them, so they and
 * their battles are read many at a time; two look-ups for each took three times
 * as long.  A prompt that is not the next one is looked up, and what was read
 * ahead is of no use: so the first reading after it is of few, and each one
 * after that of twice as many.
 *
 * What was read ahead may be a step older than the store.  The run is held by
 * this process, and a battle that is over stays so.  One thread. */
#ifndef ARENA_RUN_AHEAD_H
#define ARENA_RUN_AHEAD_H

#include "arena/store/store.h"

#define AHEAD_PROMPTS 512 /* the most that are read at a time */

struct ahead {
    int64_t *ids;     /* [n] of the prompts that come next; NULL: none yet */
    struct buf texts; /* of theirs, as of store_list_prompt_texts */
    size_t n, at, text_at;
    struct store_run_battle *battles; /* [n_battles] on them, in order */
    size_t n_battles, battle_at;
    int64_t last_id; /* of the prompt that was found last */
    size_t n_last;   /* its battles */
    bool is_in_order; /* it followed the one before */
    size_t window;    /* prompts that are read the next time */
};

void ahead_init(struct ahead *a);
void ahead_free(struct ahead *a);

/* Finds a prompt by its text and category, and its battles in a run (0: in
 * none), which live until the next call.  *id is 0 if it is not stored.  0 or
 * -1. */
int ahead_find(struct ahead *a, struct store *s, int64_t run_id,
               const char *text, const char *category, int64_t *id,
               struct store_run_battle **battles, size_t *n, struct err *e);

#endif
