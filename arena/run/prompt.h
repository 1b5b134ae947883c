/* prompt: the battles of a run on one prompt, and the answers for them.  Used
 * inside of arena/run. */
#ifndef ARENA_RUN_PROMPT_H
#define ARENA_RUN_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena/run/context.h"
#include "arena/run/entrant.h"
#include "arena/run/plan.h"

struct run_prompt;

/* Takes up the battles of one prompt: finds what an earlier session or another
 * run stored.  0, or -1 with ERR_DB. */
int run_prompt_open(struct run_prompt **out, struct run_context *c,
                    const struct run_planned *plan, size_t n, struct err *e);
void run_prompt_close(struct run_prompt *p);

/* Asks for what is missing, as far as backends have room.  1: a turn ended at
 * once, so that there may be room again; 0 or -1. */
int run_prompt_begin(struct run_prompt *p, struct err *e);

/* Takes what has come and stores what is whole.  1: a turn has ended; 0 or
 * -1. */
int run_prompt_step(struct run_prompt *p, struct err *e);

/* Whether all its battles are ready or void. */
bool run_prompt_done(const struct run_prompt *p);

/* Calls back for each entrant whose answer is missing, with what it is to be
 * asked. */
void run_prompt_list_missing(const struct run_prompt *p,
                             void (*call)(void *arg, const struct entrant *x,
                                          const struct entrant_question *q),
                             void *arg);

#endif
