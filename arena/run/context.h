/* context: what the prompts of a run share: where answers are asked for, what
 * they cost, what is counted.  Used inside of arena/run. */
#ifndef ARENA_RUN_CONTEXT_H
#define ARENA_RUN_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "arena/battle/batch.h"
#include "arena/run/accuracy.h"
#include "arena/run/ahead.h"
#include "arena/run/spec.h"

/* As struct run_news. */
struct context_news {
    size_t prompt, model;
    char *failure;
};

/* A backend of the config: so many answers may be under way there. */
struct run_lane {
    const char *provider; /* borrowed */
    size_t n_jobs, n_running;
};

struct run_context {
    struct arena *arena;
    const struct prompts *prompts;
    int64_t run_id;  /* 0: a dry run of what is not in the store */
    uint64_t seed;
    bool fresh;      /* answers of other runs are not used */
    bool dry;        /* nothing is stored, nobody is asked */
    void (*tell)(void *arg, const struct run_news *news); /* or NULL */
    void *arg;
    struct context_news *news; /* that is told once it is stored */
    size_t n_news;
    struct ahead ahead; /* what it has stored */
    bool is_reading; /* what is stored, as of one moment */
    bool in_group;   /* of the store: what a step stores is committed at once */
    struct accuracy *accuracy;
    struct run_lane *lanes;
    size_t *lane_of; /* [config.n_models] */
    size_t n_lanes;
    struct budget budget;
    size_t n_running, n_ready, n_void, n_found, n_reused, n_made, n_failed;
    int64_t n_tokens; /* written */
};

/* Before what is stored is looked for; ends with the step, or before that when
 * something is stored.  0 or -1. */
int context_begin_reading(struct run_context *c, struct err *e);
int context_end_reading(struct run_context *c, struct err *e);

/* Before anything is stored in a step.  0 or -1. */
int context_begin_writing(struct run_context *c, struct err *e);

/* Commits what a step has stored, and tells its news; undoes it if result is
 * -1.  Returns result, or -1. */
int context_end_step(struct run_context *c, int result, struct err *e);

/* Notes an answer that was made; `failure` is copied. */
void context_add_news(struct run_context *c, size_t prompt, size_t model,
                      const char *failure);

#endif
