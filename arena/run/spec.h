/* spec: what a run is to be, and what it tells while it goes on. */
#ifndef ARENA_RUN_SPEC_H
#define ARENA_RUN_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena/run/plan.h"
#include "arena/run/promptlist.h"

/* An answer was made and stored, or could not be.  It says nothing of the
 * answer's length or speed, by which a voter could know whose it is. */
struct run_news {
    size_t prompt, model; /* indices of the prompts and the config */
    const char *failure;  /* why there is none; NULL: there is one */
};

struct run_spec {
    const char *name;         /* NULL: made of the file's and the settings */
    const char *file;         /* the prompt file's name, for the settings */
    const struct prompts *prompts; /* outlives the run */
    size_t limit;             /* that run_choose_prompts was given, and … */
    bool shuffle;             /* … whether it shuffled: for the settings */
    const size_t *models;     /* indices of the config, in order */
    size_t n_models;
    const char *pairs_text;   /* as given, for the settings */
    const char *voter;        /* whose votes say which pairs are uncertain;
                                 NULL: people's */
    struct run_pairs pairs;
    uint64_t seed;            /* of the plan, the sides and the answers */
    int n_jobs;               /* answers under way at each backend; 0: by its
                                 kind */
    bool fresh;               /* without answers of other runs */
    bool dry;                 /* for run_survey: nothing is stored or asked */
    double budget;            /* dollars of this session; NaN: any.  No answer
                                 begins that could exceed it */
    void (*tell)(void *arg, const struct run_news *news); /* or NULL */
    void *arg;
};

#endif
