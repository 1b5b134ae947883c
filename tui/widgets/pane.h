/* pane: a window on a long text that may still grow.
 *
 * Keeps its place over resizes.  Stays at the end of a growing text only after
 * ACT_END.  The owner of the struct owns the text.  One thread. */
#ifndef TUI_WIDGETS_PANE_H
#define TUI_WIDGETS_PANE_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/terminal/draw.h"
#include "tui/widgets/action.h"
#include "tui/wrap.h"

struct pane {
    struct wrap wrap;
    size_t top;     /* first line shown */
    size_t n_taken; /* bytes of the current answer that are in the wrap */
    int rows;       /* shown at the last draw */
    bool follow;    /* stays at the end while the text grows … */
    size_t hold;    /* … until this byte of text is at the top; 0: always */
};

void pane_init(struct pane *p);
void pane_free(struct pane *p);

/* Empties it and goes to the top. */
void pane_clear(struct pane *p);

/* Appends bytes as received. */
void pane_add(struct pane *p, const char *bytes, size_t n);

/* Adds the new part of an answer: bytes[0..n) starts with what was taken
 * before.  Leaves out blank lines at its start.  Returns whether there was a
 * new part. */
bool pane_take(struct pane *p, const char *bytes, size_t n);

/* Ends the answer; the next pane_take begins another below it. */
void pane_next_answer(struct pane *p);

/* What is added from now on is read from its start: it scrolls in until its
 * first line is at the top. */
void pane_hold(struct pane *p);

/* Scrolls.  Returns false if the action is not about scrolling. */
bool pane_act(struct pane *p, enum action action);

/* Goes to the next (`step` 1) or previous (-1) line that has the words, past
 * the end too.  Ignores the case of ASCII letters.  Returns whether there is
 * one. */
bool pane_find(struct pane *p, const char *words, int step);

/* Draws the lines that fit, and marks hits of `found` (may be NULL). */
void pane_draw(struct pane *p, struct draw *d, const struct area *a,
               const char *found);

/* Draws a sign that text is coming after the last character, if that is in
 * view. */
void pane_draw_caret(const struct pane *p, struct draw *d,
                     const struct area *a);

/* "top", "42%", "end"; "" if all of it is in view. */
void pane_place(const struct pane *p, struct buf *out);

#endif
