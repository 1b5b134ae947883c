/* words: all that could tell a person whose an answer is.  Only arena/battle
 * and arena/blind use it.  One thread. */
#ifndef ARENA_BLIND_WORDS_H
#define ARENA_BLIND_WORDS_H

#include "arena/blind/leak.h"
#include "arena/config/config.h"
#include "backends/stream.h"

/* Of an answer as it is shown: LEAK_HIDDEN may be longer than a name. */
#define BLIND_MAX_BYTES (4 * STREAM_MAX_BYTES)

/* Begins *w with what every model of the config is known by (to name another
 * one narrows it down too) and with the config's "hide_words".  config: NULL if
 * there is none.  Free with leak_words_free. */
void blind_words_init(struct leak_words *w, const struct config *config);

#endif
