/* reply: one answer of a model to what it is sent, on its way and whole.
 *
 * The floor of answer.h, which adds what the config says of a model, its system
 * prompt and "best_of", and has the rest of struct answer.  The owner of the
 * struct frees it; freeing never waits for a model.  One thread (the UI's). */
#ifndef ARENA_BATTLE_REPLY_H
#define ARENA_BATTLE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "backends/backend.h"
#include "backends/rhythm.h"
#include "backends/stream.h"
#include "base/buf.h"

struct answer {
    const struct model *model;
    struct stream *stream;      /* NULL before the start and once it ended */
    struct buf text, thinking;  /* as received; NUL bytes became U+FFFD */
    struct buf chances;         /* of its tokens (backends/chances.h); "" */
    struct rhythm pieces;       /* of text, as they come */
    struct buf rhythm;          /* the same of the whole; "" */
    struct answer_end end;      /* finish is FINISH_NONE until it ended */
    char *settings;             /* as sent: one line of JSON */
    int64_t started_ms;         /* monotonic */
    unsigned n_recalls;         /* how often all of text became thinking */
    struct best *best;          /* of several that are under way; or NULL */
};

/* Where an answer of this model is cut: its own limit or the arena's, and no
 * more than a->max_tokens_cap.  0: nowhere. */
int answer_max_tokens(const struct arena *a, size_t model);

/* How many tokens to reckon with before it is asked: the limit, or without one
 * CONFIG_MIXED_TOKENS. */
int answer_likely_tokens(const struct arena *a, size_t model);

/* Nothing has come, and nothing will. */
void reply_init(struct answer *x, const struct model *m);

/* Sends the request as it is to model number `model` of the config.  A failure
 * to start is an answer that ended in an error, unless the backend cannot even
 * be opened: then -1 (ERR_CONFIG, ERR_AUTH) and nothing to free. */
int reply_start(struct answer *x, struct arena *a, size_t model,
                const struct request *rq, struct err *e);
void reply_free(struct answer *x);

/* Takes what has come.  Returns whether anything did. */
bool reply_step(struct answer *x);

bool answer_done(const struct answer *x);

/* Ends it here and now with what has come. */
void reply_drop(struct answer *x);

/* Whether an answer that is done can be judged: it ended by itself, by its
 * limit or by us, and is more than blanks. */
bool answer_usable(const struct answer *x);

/* The same of a finish and a text. */
bool answer_text_usable(enum finish finish, const char *text);

#endif
