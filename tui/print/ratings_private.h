/* ratings_private: what the files of ratings share; see ratings.h. */
#ifndef TUI_PRINT_RATINGS_PRIVATE_H
#define TUI_PRINT_RATINGS_PRIVATE_H

#include "tui/print/matrix.h"
#include "tui/print/ratings.h"

const char *ratings_ties_name(enum bt_ties ties);
const char *ratings_ci_name(enum bt_ci ci);
const char *ratings_center_name(enum bt_center center);

/* The name of the model with this index (of counts), or NULL. */
const char *ratings_model_name(const struct leaderboard *l, int64_t model);

void ratings_print_json(const struct ratings_view *v,
                        const struct matrix *m, struct buf *out);

#endif
