/* finished: models whose answers were made elsewhere, in a run. */
#ifndef ARENA_RUN_FINISHED_H
#define ARENA_RUN_FINISHED_H

#include "arena/arena.h"
#include "arena/run/promptlist.h"
#include "base/err.h"

/* Adds to the arena those models with finished answers that a run means: those
 * that are named in `models` ("NAME,NAME,…") or as the baseline in `pairs`, or,
 * if models is NULL, those that have an answer to each of the prompts.  Names
 * that the config has are its own.  0 or -1. */
int run_add_finished(struct arena *a, const char *models, const char *pairs,
                     const struct prompts *prompts, struct err *e);

#endif
