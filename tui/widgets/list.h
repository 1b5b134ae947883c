/* list: rows of which one is selected, and as many are in view as fit.
 *
 * The rows are the owner's, who draws one.  The owner of the struct owns
 * nothing more.  One thread. */
#ifndef TUI_WIDGETS_LIST_H
#define TUI_WIDGETS_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/terminal/draw.h"
#include "tui/widgets/action.h"

struct list {
    size_t n, at, top; /* rows; the selected one; the first in view */
    int n_shown;       /* at the last draw */
};

/* Draws a row into an area of one line. */
typedef void list_draw_row(const void *owner, size_t row, struct draw *d,
                           const struct area *line, bool selected);

/* Begins with n rows, of which the first is selected. */
void list_init(struct list *l, size_t n);

/* Selects a row, or the last one if there are not so many. */
void list_select(struct list *l, size_t row);

/* Moves the selection.  Returns false if the action is not for that. */
bool list_act(struct list *l, enum action action);

/* Scrolls so that the selected row is among as many as are shown. */
void list_fit(struct list *l, int rows);

/* Draws the rows around the selected one. */
void list_draw(struct list *l, struct draw *d, const struct area *a,
               list_draw_row *draw_row, const void *owner);

#endif
