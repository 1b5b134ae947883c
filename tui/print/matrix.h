/* matrix: how each model of a leaderboard fared against each other. */
#ifndef TUI_PRINT_MATRIX_H
#define TUI_PRINT_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#include "arena/leaderboard.h"
#include "base/buf.h"
#include "base/err.h"
#include "rating/votes/counts.h"
#include "tui/print/table.h"

/* How the model of one row fared against that of another. */
struct matrix_cell {
    uint64_t wins, losses, ties, bad; /* ties without bad */
};

struct matrix {
    size_t n;                  /* rows of the board */
    struct matrix_cell *cells; /* [row][opponent] */
};

/* 0, or -1 if there is no memory.  The caller frees m->cells. */
int matrix_init(struct matrix *m, const struct leaderboard *l,
                const struct rating_counts *c, struct err *e);

/* The votes between the two; ties as half a win: the share of the row's model,
 * 0 to 1, or NaN if they never met. */
uint64_t matrix_votes(const struct matrix_cell *c);
double matrix_share(const struct matrix_cell *c);

/* A square with a row and a column a model; as CSV a row a pair. */
void matrix_print(const struct matrix *m, const struct leaderboard *l,
                  enum table_format format, struct buf *out);

#endif
