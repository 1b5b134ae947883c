/* pane: a long text that is read in a window, while it may still grow.
 *
 * Keeps its place over resizes; stays at the end while it grows only where a
 * person went there.  The owner of the struct owns the text.  One thread. */
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
    bool follow;    /* at the end, and stays there … */
    size_t hold;    /* … until this byte of text is at the top; 0: for ever */
};

void pane_init(struct pane *p);
void pane_free(struct pane *p);

/* Empties it and goes to the top. */
void pane_clear(struct pane *p);

/* Appends bytes as received. */
void pane_add(struct pane *p, const char *bytes, size_t n);

/* Takes what is new of an answer that was taken before: bytes[0..n) begins
 * with what is there already.  Blank lines at its begin are left out.  Returns
 * whether anything was new. */
bool pane_take(struct pane *p, const char *bytes, size_t n);

/* The answer taken so far stays, and the next pane_take begins another. */
void pane_next_answer(struct pane *p);

/* What is added from now on is to be read from its begin: it scrolls in, until
 * its first line is at the top. */
void pane_hold(struct pane *p);

/* Scrolls, for the scrolling actions.  Returns false for any other. */
bool pane_act(struct pane *p, enum action action);

/* Goes to the next line (`step` 1) or the one before (-1) that holds the words
 * (without regard to case of ASCII letters), around the end.  Returns whether
 * there is one. */
bool pane_find(struct pane *p, const char *words, int step);

/* Draws the lines that fit; hits of `found` (may be NULL) are marked. */
void pane_draw(struct pane *p, struct draw *d, const struct area *a,
               const char *found);

/* Draws a sign after the last character, if that is in view: more is coming. */
void pane_draw_caret(const struct pane *p, struct draw *d,
                     const struct area *a);

/* "top", "42%", "end"; "" where all of it is in view. */
void pane_place(const struct pane *p, struct buf *out);

#endif
