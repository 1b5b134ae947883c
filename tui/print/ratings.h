/* ratings: a leaderboard printed, for `arena leaderboard` and `arena rate`:
 * as a table with its footer, JSON, CSV or Markdown. */
#ifndef TUI_PRINT_RATINGS_H
#define TUI_PRINT_RATINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena/leaderboard.h"
#include "base/buf.h"
#include "rating/style.h"
#include "rating/votes/counts.h"
#include "tui/print/table.h"

enum ratings_format {
    RATINGS_TEXT,
    RATINGS_JSON,
    RATINGS_CSV,
    RATINGS_MARKDOWN,
};

/* Something that was left out: {"void", 2}.  If n is 0 it is not printed. */
struct ratings_note {
    const char *what;
    uint64_t n;
};

struct ratings_view {
    const struct leaderboard *board;
    int columns; /* of the terminal: a table leaves out speed and cost if they
                    do not fit; 0: any */
    const struct rating_counts *counts; /* of the board; for the matrix */
    bool matrix; /* print each pair's record instead of the ratings; JSON has
                    both */
    const struct ratings_note *excluded;
    size_t n_excluded;
    const struct style_effect *effects; /* [n_effects], of style_fit */
    const char *const *features;        /* [n_effects] what they are of */
    size_t n_effects;                   /* 0: style is not held equal */
};

/* Appends the whole, with its last newline.  0, or -1 if there is no memory
 * for the matrix. */
int ratings_print(const struct ratings_view *v, enum ratings_format format,
                  struct buf *out, struct err *e);

/* Its parts: the table, with speed and cost if they are known and there is
 * room; and the lines of text below it, cleaned. */
void ratings_add_table(const struct ratings_view *v, enum table_format format,
                       struct buf *out);
void ratings_add_footer(const struct ratings_view *v, struct buf *out);

#endif
