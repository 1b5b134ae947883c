/* answer: one model's answer to one conversation, on its way and whole.
 *
 * What a battle has twice, a batch many times, and `arena generate` once: it
 * opens the backend, adds the model's system prompt and limits, takes text and
 * thinking off the stream, and knows how it ended.  Nothing here is blind, so
 * only arena/battle, arena/run and arena/judge include this.
 * The owner of the struct frees it; freeing never waits for a model.  One
 * thread (the UI's). */
#ifndef ARENA_BATTLE_ANSWER_H
#define ARENA_BATTLE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "backends/backend.h"
#include "backends/stream.h"
#include "base/buf.h"

struct answer {
    const struct model *model;
    struct stream *stream;      /* NULL before the start and once it ended */
    struct buf text, thinking;  /* as received; NUL bytes became U+FFFD */
    struct buf chances;         /* of its tokens (backends/chances.h); "" */
    struct answer_end end;      /* finish is FINISH_NONE until it ended */
    char *settings;             /* as sent: one line of JSON */
    int64_t started_ms;         /* monotonic */
    unsigned n_recalls;         /* how often all of text became thinking */
};

/* Where an answer of this model is cut: its own limit or the arena's, and no
 * more than a->max_tokens_cap.  0: nowhere. */
int answer_max_tokens(const struct arena *a, size_t model);

/* How many tokens to reckon with before it is asked: the limit, or without one
 * CONFIG_MIXED_TOKENS. */
int answer_likely_tokens(const struct arena *a, size_t model);

/* The settings that an answer would be stored with: one line of JSON (the
 * caller frees).  `system` and `temperature` (of the prompt) may be NULL. */
char *answer_describe(const struct arena *a, size_t model, const char *system,
                      uint64_t seed, const double *temperature);

/* Asks model number `model` of the config.  A system message in it (the
 * prompt's) stands below the model's own; a seed of the config takes the place
 * of its seed, one's temperature of its temperature, and its max_tokens is not
 * looked at.  A failure to start is an
 * answer that ended in an error, unless the backend cannot even be opened: then
 * -1 (ERR_CONFIG, ERR_AUTH) and nothing to free. */
int answer_start(struct answer *x, struct arena *a, size_t model,
                 const struct request *asked, struct err *e);
void answer_free(struct answer *x);

/* Takes what has come.  Returns whether anything did. */
bool answer_step(struct answer *x);

bool answer_done(const struct answer *x);

/* Ends it here and now with what has come. */
void answer_drop(struct answer *x);

/* Whether an answer that is done can be judged: it ended by itself, by its
 * limit or by us, and is more than blanks. */
bool answer_usable(const struct answer *x);

/* The same of a finish and a text. */
bool answer_text_usable(enum finish finish, const char *text);

/* The answers that an earlier session stored of a battle, as received: to go on
 * with them, never to show them.  As store_list_answers. */
int answer_recall(struct store *s, int64_t battle_id,
                  struct store_answer_row **out, size_t *n, struct err *e);

/* Fills the row of an answer; strings in it belong to x (and `prompt`). */
void answer_store_row(const struct answer *x, int64_t battle_id, int side,
                      int turn, int round, const char *prompt,
                      struct store_answer *row);

#endif
