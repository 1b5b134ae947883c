/* chooser: a list over the screen that wants something chosen; letters narrow
 * it.
 *
 * A file that offers such a list says in a `struct chooser_kind` what its rows
 * are and what Enter does, and keeps them in an owner of its own.  UI thread.
 */
#ifndef TUI_SCREENS_CHOOSER_H
#define TUI_SCREENS_CHOOSER_H

#include "tui/widgets/choice.h"
#include "tui/widgets/ui.h"

#define CHOOSER_NONE SIZE_MAX /* no row */

struct chooser_kind {
    enum edit_use use; /* of the line: EDIT_CHOICE or EDIT_MARKS */
    const char *sign;  /* before the line; NULL: that of a prompt */
    const char *none;  /* is shown if nothing has the letters */
    size_t (*count)(const void *owner);
    choice_fit *fit;
    list_draw_row *draw_row;
    void (*head)(const void *owner, size_t n_found, struct heading *h);
    /* What Enter does to a row (CHOOSER_NONE: none fits the words), and a space
     * before any words; the list stays.  NULL: Enter takes a row and closes the
     * list. */
    void (*turn)(void *owner, size_t row, const char *words);
    /* The list is closed, with the row that was taken, or CHOOSER_NONE and, if
     * `takes_words`, the words that Enter took (else ""). */
    void (*closed)(void *owner, struct ui *ui, size_t row, const char *words);
    bool takes_words; /* also takes words that fit no row */
    void (*free)(void *owner);
};

/* Opens a list, or shows the error.  The owner is taken in any case. */
void chooser_open(struct ui *ui, const struct chooser_kind *kind, void *owner);

#endif
