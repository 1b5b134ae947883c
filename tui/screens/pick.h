/* pick: one of a list, found by its letters.
 *
 * Opened over the screen that wants to know: ui_push(ui, &screen_pick, &arg).
 * UI thread. */
#ifndef TUI_SCREENS_PICK_H
#define TUI_SCREENS_PICK_H

#include <stddef.h>

#include "tui/widgets/ui.h"

struct pick_item {
    char *text;       /* as received; it is cleaned when it is drawn */
    const char *note; /* of ours, at the right, or in the place of an empty
                         text; NULL: none */
};

/* A list that grows. */
struct pick_list {
    struct pick_item *items;
    size_t n;
};

/* Appends a copy of a text. */
void pick_list_add(struct pick_list *l, const char *text, const char *note);
void pick_list_free(struct pick_list *l);

struct pick_arg {
    const char *title;      /* "category", for the head */
    struct pick_list *list; /* taken, unless opening fails */
    /* Called once when a row was chosen and the screen is closed; the text is
     * valid for this call. */
    void (*take)(void *owner, size_t row, const char *text);
    void *owner;
};

#endif
