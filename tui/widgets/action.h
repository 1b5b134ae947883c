/* action: what keys do, as tables.
 *
 * A row says all about a key: its action, the states of the screen in which it
 * works, its word in the footer and its line in the help.  Dispatch, footer and
 * help use the same rows.  Any thread. */
#ifndef TUI_WIDGETS_ACTION_H
#define TUI_WIDGETS_ACTION_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/terminal/keys.h"

/* Every action, and its name in the config. */
#define ACTION_LIST(X)                                                        \
    /* voting */                                                              \
    X(VOTE_A, vote_a) X(VOTE_B, vote_b) X(TIE, tie) X(BAD, bad)               \
    X(SKIP, skip) X(SKIP_WHY, skip_why) X(UNDO, undo) X(CONFIRM, confirm)     \
    X(TAGS, tags) X(COMMENT, comment)                                         \
    /* battles */                                                             \
    X(STOP, stop) X(REGENERATE, regenerate) X(FOLLOW_UP, follow_up)           \
    X(NEXT, next) X(WRITE, write) X(EDITOR, editor) X(LIBRARY, library)       \
    X(WAITING, waiting)                                                       \
    X(DETAILS, details) X(THINKING, thinking) X(CHANCES, chances)             \
    X(REPLAY, replay)                                                         \
    /* looking */                                                             \
    X(UP, up) X(DOWN, down) X(PAGE_UP, page_up) X(PAGE_DOWN, page_down)       \
    X(TOP, top) X(END, end) X(FOCUS, focus) X(LINK, link) X(VIEW, view)       \
    X(ZOOM, zoom) X(SOURCE, source) X(PROMPT, prompt) X(SEARCH, search)       \
    X(SEARCH_NEXT, search_next) X(SEARCH_BACK, search_back) X(OPEN, open)     \
    X(COPY, copy) X(COPY_PROMPT, copy_prompt)                                 \
    /* which votes */                                                         \
    X(METHOD, method) X(CATEGORY, category) X(VOTER, voter) X(SINCE, since)   \
    /* screens */                                                             \
    X(LEADERBOARD, leaderboard) X(HISTORY, history) X(HELP, help)             \
    X(PALETTE, palette) X(COMMAND, command) X(QUIT, quit) X(REDRAW, redraw)   \
    /* editing (tui/widgets/edit.h) */                                        \
    X(SEND, send) X(LEAVE, leave) X(NEWLINE, newline) X(LEFT, left)           \
    X(RIGHT, right) X(LINE_UP, line_up) X(LINE_DOWN, line_down)               \
    X(LINE_START, line_start) X(LINE_END, line_end)                           \
    X(WORD_LEFT, word_left) X(WORD_RIGHT, word_right)                         \
    X(ERASE_BACK, erase_back) X(ERASE, erase) X(ERASE_WORD, erase_word)       \
    X(ERASE_TO_START, erase_to_start) X(ERASE_TO_END, erase_to_end)

enum action {
    ACT_NONE,
#define ACTION_ENUM(NAME, name) ACT_##NAME,
    ACTION_LIST(ACTION_ENUM)
#undef ACTION_ENUM
    ACT_N
};

/* The name of an action in the config; NULL for ACT_NONE. */
const char *action_name(enum action action);

struct binding {
    enum action action;  /* ACT_NONE ends a table */
    const char *keys;    /* names as in tui/terminal/keys.h, separated by a
                            space; the first is shown in the footer; "": only by
                            the palette */
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

/* Whether an action works in one of the states. */
bool binding_does(const struct binding *table, unsigned state,
                  enum action action);

/* The name of the first key of a row, NUL-terminated. */
void binding_key(const struct binding *b, char out[KEYS_NAME_BYTES]);

#endif
