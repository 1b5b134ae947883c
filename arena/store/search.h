/* search: the index of the full text search over prompts and answers.
 *
 * Nobody waits for it when answers are stored: it is brought up to date when
 * words are looked for.  Answers are never changed and their numbers grow, so
 * what it lacks is what comes after its last one. */
#ifndef ARENA_STORE_SEARCH_H
#define ARENA_STORE_SEARCH_H

#include "arena/store/private.h"

/* Adds what the index lacks, some thousand answers in a transaction.  0; or
 * -1: not all of it. */
int search_fill(struct store *s, struct err *e);

/* Whether the index has all answers, after adding what it lacks.  If it cannot,
 * as in a file that may not be written, the answers are to be read instead. */
bool search_is_whole(struct store *s);

#endif
