/* cells: the cells of a frame, handed to ncurses.
 *
 * Keeps what ncurses was handed last, so that only rows that changed go to it.
 * Only tty.c uses it; the terminal must be open.  The struct begins as zeros;
 * its owner owns what it holds.  UI thread only. */
#ifndef TUI_TERMINAL_CELLS_H
#define TUI_TERMINAL_CELLS_H

#include <stdbool.h>

#include "tui/terminal/draw.h"
#include "tui/terminal/looks.h"

struct cells {
    struct looks looks;
    struct cell *shown; /* [rows][columns]: what curses knows */
    int rows, columns;  /* 0: nothing */
};

/* Hands curses what changed, or with `afresh` all of it.  Then call refresh. */
void cells_show(struct cells *c, const struct draw *d, bool afresh);

/* Curses knows nothing any more: the next frame is handed to it whole. */
void cells_forget(struct cells *c);

void cells_free(struct cells *c);

#endif
