/* accuracy: how many right answers each model of a run gave, printed as tables
 * or as JSON. */
#ifndef TUI_PRINT_ACCURACY_H
#define TUI_PRINT_ACCURACY_H

#include "arena/arena.h"
#include "arena/run/accuracy.h"
#include "base/buf.h"

/* The models of the run: indices of the config. */
struct accuracy_view {
    const struct accuracy *accuracy;
    const struct arena *arena;
    const size_t *models;
    size_t n_models;
};

/* Appends tables, best model first: right answers with intervals, the
 * difference of each to the best, and, if prompts ask facts in two directions,
 * how many each model can give in both.  Nothing if no prompt is checked. */
void accuracy_print(const struct accuracy_view *v, struct buf *out);

/* Appends the same as a JSON object, with all pairs of models. */
void accuracy_add_json(const struct accuracy_view *v, struct buf *out);

#endif
