/* choice: a list that letters narrow, with one row selected.
 *
 * Shared by the palette and all lists to choose from: a line to type in, and
 * below it the rows that fit, the best first.  The rows are the owner's: it
 * says how well one fits and draws it.  The owner of the struct owns the line.
 * One thread. */
#ifndef TUI_WIDGETS_CHOICE_H
#define TUI_WIDGETS_CHOICE_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/terminal/draw.h"
#include "tui/widgets/edit.h"
#include "tui/widgets/list.h"

struct choice_found {
    size_t row; /* of the owner's list */
    int fit;
};

struct choice {
    struct edit words;
    struct list list;           /* of what was found */
    struct choice_found *found; /* [list.n], the best first */
};

/* How well a row fits the words; 0: not. */
typedef int choice_fit(const void *owner, size_t row, const char *words);

/* The use of its line is EDIT_CHOICE or EDIT_MARKS. */
void choice_init(struct choice *c, enum edit_use use);
void choice_free(struct choice *c);

/* Finds the rows out of n that fit, and selects the best. */
void choice_narrow(struct choice *c, size_t n, choice_fit *fit,
                   const void *owner);

/* Moves the selection.  Returns false if the action is not for that. */
bool choice_act(struct choice *c, enum action action);

/* The selected row, or SIZE_MAX: none fits. */
size_t choice_row(const struct choice *c);

/* Draws a sign, the line, and below it the rows; `none` if there are none. */
void choice_draw(struct choice *c, struct draw *d, const struct area *a,
                 const char *sign, const char *none, list_draw_row *draw_row,
                 const void *owner);

/* How well words fit a text, in upper or lower case: 3: they stand in it
 * together; 2: each of them does; 1: their letters do, in this order
 * and near each other; 0: not.  "" fits every text alike. */
int choice_fit_text(const char *text, const char *words);

/* The keys of a list; those of the line are edit_bindings. */
#define CHOICE_BINDINGS                                                      \
    {ACT_PAGE_DOWN, "PgDn", BINDING_ALWAYS, NULL, "a page down"},            \
    {ACT_PAGE_UP, "PgUp", BINDING_ALWAYS, NULL, "a page up"}

#endif
