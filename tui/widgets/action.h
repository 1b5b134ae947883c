/* action: what keys do, as tables.
 *
 * A row says all about a key: its action, the states of the screen in which it
 * works, its word in the footer and its line in the help.  Dispatch, footer and
 * help use the same rows.  Any thread. */
#ifndef TUI_WIDGETS_ACTION_H
#define TUI_WIDGETS_ACTION_H

#include <stdint.h>

#include "tui/terminal/keys.h"

enum action {
    ACT_NONE,
    /* voting */
    ACT_VOTE_A, ACT_VOTE_B, ACT_TIE, ACT_BAD, ACT_SKIP, ACT_UNDO,
    ACT_CONFIRM,
    /* battles */
    ACT_STOP, ACT_REGENERATE, ACT_FOLLOW_UP, ACT_NEXT, ACT_WRITE, ACT_EDITOR,
    ACT_WAITING, ACT_DETAILS, ACT_THINKING,
    /* looking */
    ACT_UP, ACT_DOWN, ACT_PAGE_UP, ACT_PAGE_DOWN, ACT_TOP, ACT_END,
    ACT_FOCUS, ACT_LINK, ACT_VIEW, ACT_ZOOM, ACT_SOURCE, ACT_PROMPT,
    ACT_SEARCH, ACT_SEARCH_NEXT, ACT_SEARCH_BACK, ACT_OPEN,
    ACT_COPY, ACT_COPY_PROMPT,
    /* screens */
    ACT_LEADERBOARD, ACT_HISTORY, ACT_HELP, ACT_PALETTE, ACT_QUIT, ACT_REDRAW,
    /* editing (tui/widgets/edit.h) */
    ACT_SEND, ACT_LEAVE, ACT_NEWLINE, ACT_LEFT, ACT_RIGHT, ACT_LINE_UP,
    ACT_LINE_DOWN, ACT_LINE_START, ACT_LINE_END, ACT_WORD_LEFT,
    ACT_WORD_RIGHT, ACT_ERASE_BACK, ACT_ERASE, ACT_ERASE_WORD,
    ACT_ERASE_TO_START, ACT_ERASE_TO_END,
};

struct binding {
    enum action action;  /* ACT_NONE ends a table */
    const char *keys;    /* names as in tui/terminal/keys.h, separated by a
                            space; the first is shown in the footer */
    unsigned states;     /* of the screen in which it works, as bits */
    const char *label;   /* in the footer; NULL: only in the help */
    const char *help;
};

#define BINDING_ALWAYS (~0u)

/* The first row with a key that works in one of the states, or NULL. */
const struct binding *binding_row(const struct binding *table, unsigned state,
                                  uint32_t code);

/* The action of a key in a state; ACT_NONE if it has none. */
enum action binding_find(const struct binding *table, unsigned state,
                         uint32_t code);

/* The name of the first key of a row, NUL-terminated. */
void binding_key(const struct binding *b, char out[KEYS_NAME_BYTES]);

#endif
