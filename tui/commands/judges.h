/* judges: models vote on the battles of a run, one after the other; what
 * `judge` and `eval --judge` share.  Costs, progress and failures go to stderr,
 * the result to stdout.  The UI thread. */
#ifndef TUI_COMMANDS_JUDGES_H
#define TUI_COMMANDS_JUDGES_H

#include <stdbool.h>
#include <stdint.h>

#include "arena/arena.h"
#include "arena/run/promptlist.h"
#include "base/err.h"
#include "tui/command.h"

struct judges_settings {
    const char *names;                /* "M,...": of models of the config */
    const char *form;                 /* as of form_read; NULL: one that fits */
    const struct prompts *references; /* NULL: none */
    int n_jobs;                       /* 0: by the kind of judge */
    double budget;                    /* dollars for each; NaN: any */
    bool again, write, dry;
};

/* What one judge leaves open does not keep the next from its work; the first
 * such error is the result.  0 or -1. */
int judges_run(const struct invocation *in, const struct judges_settings *set,
               struct arena *a, int64_t run_id, struct err *e);

/* Whether the config has all of them, and they can be asked.  0; or -1: as
 * arena_find_model and arena_backend, ERR_USAGE if there is none in `names`. */
int judges_check(struct arena *a, const char *names, struct err *e);

#endif
