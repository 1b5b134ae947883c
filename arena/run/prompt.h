/* prompt: the battles of a run on one prompt, and the answers for them.
 * Used by arena/run/run.c. */
#ifndef ARENA_RUN_PROMPT_H
#define ARENA_RUN_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "arena/run/accuracy.h"
#include "arena/run/plan.h"
#include "arena/run/prompts.h"

struct run_context { /* what the prompts of a run share */
    struct arena *arena;
    const struct prompts *prompts;
    int64_t run_id;
    uint64_t seed;
    double probability;
    void (*report)(void *arg, const char *line);
    void *arg;
    struct accuracy *accuracy;
    size_t n_running, n_ready, n_void, n_found, n_made;
};

struct run_prompt;

/* Takes up the battles of one prompt: finds what an earlier session stored of
 * them.  0, or -1 with ERR_DB. */
int run_prompt_open(struct run_prompt **out, struct run_context *c,
                    const struct run_planned *plan, size_t n, struct err *e);
void run_prompt_close(struct run_prompt *p);

/* Asks for up to `room` answers that are not there yet. */
int run_prompt_begin(struct run_prompt *p, size_t room, struct err *e);

/* Whether there are answers that nobody was asked for yet. */
bool run_prompt_waits(const struct run_prompt *p);

/* Takes what has come and stores what is whole. */
int run_prompt_step(struct run_prompt *p, struct err *e);

/* Whether all its battles are ready or void. */
bool run_prompt_done(const struct run_prompt *p);

#endif
