/* edit: a text that a person writes, with its cursor.
 *
 * Holds what is typed and pasted as valid UTF-8 of many lines or of one; what
 * a terminal could misunderstand is shown in its cleaned form but kept as it
 * came (controls but newline and tab are dropped, line ends become newlines).
 * Pure: keys arrive as actions, and drawing goes to cells.  The owner of the
 * struct owns the text.  One thread. */
#ifndef TUI_WIDGETS_EDIT_H
#define TUI_WIDGETS_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tui/terminal/draw.h"
#include "tui/widgets/action.h"
#include "tui/wrap.h"

struct edit {
    struct buf text;
    size_t cursor;   /* byte offset, at a cluster's start */
    bool one_line;   /* newlines become spaces */
    int goal;        /* the column that up and down aim for; -1: none */
    size_t top;      /* first line shown */
    /* The text as it is drawn, kept while nothing changes. */
    struct wrap view;
    size_t view_cursor;
    bool viewed;
};

void edit_init(struct edit *e, bool one_line, size_t max_bytes);
void edit_free(struct edit *e);

/* Replaces the text; the cursor goes to its end. */
void edit_set(struct edit *e, const char *text);

/* Inserts at the cursor.  Returns false where not all of it fitted. */
bool edit_insert(struct edit *e, const char *bytes, size_t n);

/* Inserts a character. */
bool edit_type(struct edit *e, uint32_t cp);

/* Moves or erases.  Returns false where there was nothing to do: up on the
 * first line, down on the last one, what is not editing. */
bool edit_act(struct edit *e, enum action action);

/* How many lines it takes at a width, 1 at least. */
int edit_rows(struct edit *e, int width);

/* Draws it with its cursor, scrolled so that the cursor is seen. */
void edit_draw(struct edit *e, struct draw *d, const struct area *a);

/* The keys of every editor.  ACT_SEND, ACT_LEAVE and ACT_HELP are for the
 * screen. */
extern const struct binding edit_bindings[];

#endif
