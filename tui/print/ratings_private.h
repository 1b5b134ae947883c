/* ratings_private: what the files of ratings share; see ratings.h. */
#ifndef TUI_PRINT_RATINGS_PRIVATE_H
#define TUI_PRINT_RATINGS_PRIVATE_H

#include "tui/print/ratings.h"

const char *ratings_ties_name(enum bt_ties ties);
const char *ratings_ci_name(enum bt_ci ci);
const char *ratings_center_name(enum bt_center center);

/* The name of the model with this index (of counts), or NULL. */
const char *ratings_model_name(const struct leaderboard *l, int64_t model);

/* How the model of one row fared against that of another. */
struct matrix_cell {
    uint64_t wins, losses, ties, bad; /* ties without bad */
};

struct matrix {
    size_t n;                  /* rows of the board */
    struct matrix_cell *cells; /* [row][opponent] */
};

/* 0, or -1 if there is no memory.  The caller frees m->cells. */
int matrix_init(struct matrix *m, const struct ratings_view *v,
                struct err *e);
void matrix_print(const struct matrix *m, const struct leaderboard *l,
                  enum ratings_format format, struct buf *out);

void ratings_print_json(const struct ratings_view *v,
                        const struct matrix *m, struct buf *out);

#endif
