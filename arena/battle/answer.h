/* answer: one model's answer to one conversation, on its way and whole.
 *
 * What a battle has twice and a batch many times: it adds the model's system
 * prompt and limits, opens the backend, takes text and thinking off the stream,
 * and knows how it ended.  Nothing here is blind, so only arena/battle,
 * arena/run and arena/judge include this.
 * The owner of the struct frees it; freeing never waits for a model.  One
 * thread (the UI's). */
#ifndef ARENA_BATTLE_ANSWER_H
#define ARENA_BATTLE_ANSWER_H

#include "arena/battle/reply.h"

/* The settings that an answer would be stored with: one line of JSON (the
 * caller frees).  `system` and `temperature` (of the prompt) may be NULL. */
char *answer_describe(const struct arena *a, size_t model, const char *system,
                      uint64_t seed, const double *temperature);

/* Asks model number `model` of the config.  A system message in it (the
 * prompt's) stands below the model's own; a seed of the config takes the place
 * of its seed, one's temperature of its temperature, and its max_tokens is not
 * looked at.  If the model's "best_of" says so, it is the best of several
 * (arena/battle/best.h), and comes all at once.  A failure to start is an
 * answer that ended in an error, unless the backend cannot even be opened: then
 * -1 (ERR_CONFIG, ERR_AUTH) and nothing to free. */
int answer_start(struct answer *x, struct arena *a, size_t model,
                 const struct request *asked, struct err *e);
void answer_free(struct answer *x);

/* Takes what has come.  Returns whether anything did. */
bool answer_step(struct answer *x);

/* Ends it here and now with what has come. */
void answer_drop(struct answer *x);

/* The answers that an earlier session stored of a battle, as received: to go on
 * with them, never to show them.  As store_list_answers. */
int answer_recall(struct store *s, int64_t battle_id,
                  struct store_answer_row **out, size_t *n, struct err *e);

/* Fills the row of an answer; strings in it belong to x (and `prompt`). */
void answer_store_row(const struct answer *x, int64_t battle_id, int side,
                      int turn, int round, const char *prompt,
                      struct store_answer *row);

#endif
