/* leaderboard_private: the parts of the leaderboard screen: leaderboard.c has
 * the keys and reads the store, leaderboard_table.c draws the table and the
 * intervals, leaderboard_matrix.c who beat whom, leaderboard_course.c how a
 * rating went, leaderboard_trade.c what it comes with in speed and cost.  One
 * thread. */
#ifndef TUI_SCREENS_LEADERBOARD_PRIVATE_H
#define TUI_SCREENS_LEADERBOARD_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena/leaderboard.h"
#include "tui/print/matrix.h"
#include "tui/widgets/list.h"
#include "tui/widgets/ui.h"

/* Ways to look at it, in the order in which a key shows them. */
enum board_view {
    BOARD_TABLE,
    BOARD_INTERVALS,
    BOARD_MATRIX,
    BOARD_COURSE,
    BOARD_SPEED, /* against the rating */
    BOARD_COST,
    BOARD_N_VIEWS
};

/* Which votes count; the texts are owned. */
struct board_filter {
    char *category, *voter; /* NULL: all */
    int64_t since_ms;       /* 0: all */
};

struct leaderboard_screen {
    struct ui *ui;
    struct board_filter filter;
    struct leaderboard board;
    struct matrix matrix;       /* of its rows */
    struct store_course course; /* n_models 0: not read yet */
    enum leaderboard_method method;
    enum board_view view;
    enum board_view before; /* the course was opened from here; itself: from
                               none */
    struct list rows;    /* of the board */
    struct list columns; /* of the matrix: the opponents */
};

/* All draw into the area below the line that tells the filter; there is a row
 * at least. */
void leaderboard_draw_table(struct leaderboard_screen *l, struct draw *d,
                            const struct area *a);
void leaderboard_draw_intervals(struct leaderboard_screen *l, struct draw *d,
                                const struct area *a);
void leaderboard_draw_matrix(struct leaderboard_screen *l, struct draw *d,
                             const struct area *a);
void leaderboard_draw_course(struct leaderboard_screen *l, struct draw *d,
                             const struct area *a);
/* Ratings against what the view says: speed or cost. */
void leaderboard_draw_trade(struct leaderboard_screen *l, struct draw *d,
                            const struct area *a);

#endif
