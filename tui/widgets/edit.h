/* edit: an editable text with a cursor.
 *
 * Holds valid UTF-8 of many lines or of one.  Controls except newline and tab
 * are dropped, and line ends become newlines.  The rest is kept as typed, but
 * drawn cleaned (tui/clean.h).  Keys arrive as actions, and drawing goes to
 * cells.  The owner of the struct owns the text.  One thread. */
#ifndef TUI_WIDGETS_EDIT_H
#define TUI_WIDGETS_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tui/terminal/draw.h"
#include "tui/widgets/action.h"
#include "tui/wrap.h"

/* What a text is for; also the states of the bindings. */
enum edit_use {
    EDIT_TEXT = 1 << 0,   /* many lines; in the others, newlines are spaces */
    EDIT_LINE = 1 << 1,   /* words to search for */
    EDIT_CHOICE = 1 << 2, /* letters that narrow a list, to choose from it … */
    EDIT_MARKS = 1 << 3,  /* … or to mark rows of it */
    EDIT_NOTE = 1 << 4,   /* a note to keep */
};

struct edit {
    struct buf text;
    size_t cursor;   /* byte offset, at a cluster's start */
    enum edit_use use;
    int goal;        /* column for moves up and down; -1: none */
    size_t top;      /* first line shown */
    /* The text as it is drawn; kept until the text or the width changes. */
    struct wrap view;
    size_t view_cursor;
    bool viewed;
};

void edit_init(struct edit *e, enum edit_use use, size_t max_bytes);
void edit_free(struct edit *e);

/* Replaces the text; the cursor goes to its end. */
void edit_set(struct edit *e, const char *text);

/* Inserts at the cursor.  If it does not fit, inserts nothing and returns
 * false. */
bool edit_insert(struct edit *e, const char *bytes, size_t n);

/* Inserts a character. */
bool edit_type(struct edit *e, uint32_t cp);

/* Moves or erases.  Returns false if the action did nothing: up on the first
 * line, down on the last one, or an action that is not for editing. */
bool edit_act(struct edit *e, enum action action);

/* The number of its lines at a width, 1 at least. */
int edit_rows(struct edit *e, int width);

/* Draws it with its cursor, scrolled so that the cursor is visible. */
void edit_draw(struct edit *e, struct draw *d, const struct area *a);

/* The keys of every editor, and the uses for which they work.  The screen
 * handles ACT_SEND, ACT_LEAVE and ACT_HELP. */
extern const struct binding edit_bindings[];

#endif
