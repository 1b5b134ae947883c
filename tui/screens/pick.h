/* pick: one of a list of texts, found by its letters.  UI thread. */
#ifndef TUI_SCREENS_PICK_H
#define TUI_SCREENS_PICK_H

#include <stddef.h>

#include "tui/widgets/ui.h"

struct pick_item {
    char *text; /* as received; it is cleaned when it is drawn */
    char *note; /* at the right if there is room, or in the place of an empty
                   text; or NULL */
};

/* A list that grows. */
struct pick_list {
    struct pick_item *items;
    size_t n;
};

/* Appends copies of a text and of a note (NULL: none). */
void pick_list_add(struct pick_list *l, const char *text, const char *note);
void pick_list_free(struct pick_list *l);

/* Called once if a row was chosen, when the list is closed; the text is valid
 * for this call. */
typedef void pick_take(void *owner, size_t row, const char *text);

/* Opens the list, which is emptied.  `title` is for the head. */
void pick_open(struct ui *ui, const char *title, struct pick_list *list,
               pick_take *take, void *owner);

/* The same, and Enter takes words that fit no row, as row SIZE_MAX. */
void pick_open_or_new(struct ui *ui, const char *title, struct pick_list *list,
                      pick_take *take, void *owner);

/* Draws the text and the note of an item into an area of one line. */
void pick_draw_item(const struct pick_item *item, struct draw *d,
                    const struct area *line, bool selected);

#endif
