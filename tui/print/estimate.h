/* estimate: what a run will take, printed as a table or as JSON. */
#ifndef TUI_PRINT_ESTIMATE_H
#define TUI_PRINT_ESTIMATE_H

#include "arena/arena.h"
#include "arena/run/run.h"
#include "base/buf.h"
#include "base/err.h"

struct estimate_view {
    const struct arena *arena;
    const struct run *run;          /* that was surveyed */
    const struct run_estimate *of;  /* [config.n_models] */
    const size_t *models;           /* of the run: indices of the config */
    size_t n_models;
};

/* Appends calls, tokens, dollars and minutes by model and in all.  Minutes are
 * what the model's speed so far gives (store_usage, so only answers whose model
 * may be known); local models take turns, and so do the answers of one backend
 * beyond its jobs.  0, or -1 with ERR_DB. */
int estimate_print(const struct estimate_view *v, bool json, struct buf *out,
                   struct err *e);

#endif
