/* blind: the texts of a battle whose models may not be known yet.
 *
 * The battle screen hides what names a model while an answer comes in; whoever
 * looks at a stored answer before the vote gets it through here.  One thread
 * each. */
#ifndef ARENA_BLIND_H
#define ARENA_BLIND_H

#include "arena/blind/leak.h"
#include "arena/config/config.h"
#include "arena/store/store.h"
#include "backends/stream.h"

/* Of an answer as it is shown: LEAK_HIDDEN may be longer than a name. */
#define BLIND_MAX_BYTES (4 * STREAM_MAX_BYTES)

/* Begins *w with all that could tell who wrote: what every model of the config
 * is known by, for whoever names another one narrows it down too, and its
 * "hide_words".  config: NULL where there is none.  Free with
 * leak_words_free. */
void blind_words_init(struct leak_words *w, const struct config *config);

/* Hides those and the names of all stored models in the answers' texts.
 * 0, or -1 with ERR_DB: then nothing is changed. */
int blind_answers(struct store *s, const struct config *config,
                  struct store_answer_row *answers, size_t n, struct err *e);

#endif
