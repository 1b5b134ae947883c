/* pane: a window on a long text that may still grow.
 *
 * Keeps its place over resizes.  Follows a growing text as long as its end is
 * in view, once a person has scrolled there.  Answers are shown as light
 * Markdown (tui/text/markdown.h), or as their source.  The owner of the struct
 * owns the text.  One thread. */
#ifndef TUI_WIDGETS_PANE_H
#define TUI_WIDGETS_PANE_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/terminal/draw.h"
#include "tui/text/markdown.h"
#include "tui/widgets/action.h"
#include "tui/widgets/tints.h"

#define PANE_WORDS 256 /* bytes of a search */

struct pane {
    struct markdown text;
    size_t top;     /* first line shown */
    size_t n_taken; /* bytes of the current answer that are in the text */
    bool answering; /* the last part is an answer */
    int rows;       /* shown at the last draw */
    bool source;    /* show the source, not Markdown */
    bool follow;    /* stays at the end while the text grows … */
    size_t hold;    /* … until this byte of it is at the top; 0: always */
    bool whole_lines; /* the last line is not shown: it still grows */
    struct tints tints; /* of its answers */
    bool tinted;        /* they are shown */
    char words[PANE_WORDS]; /* searched for; "": nothing */
    size_t *hits;           /* lines with the words, in order */
    size_t n_hits, cap_hits;
    size_t n_scanned;       /* lines that were searched for good */
};

void pane_init(struct pane *p);
void pane_free(struct pane *p);

/* Empties it and goes to the top. */
void pane_clear(struct pane *p);

/* Appends a text of ours or a person's, as received, without Markdown. */
void pane_add(struct pane *p, enum style style, const char *bytes, size_t n);

/* The same for lines of a table: rows after a line's first one are set in by
 * `hang` columns, as far as the width allows. */
void pane_add_hanging(struct pane *p, enum style style, size_t hang,
                      const char *bytes, size_t n);

/* Appends a prompt of a further turn, set off from the answers around it. */
void pane_add_prompt(struct pane *p, const char *prompt);

/* Adds the new part of an answer: bytes[0..n) starts with what was taken
 * before.  Leaves out blank lines at its start.  Returns whether there was a
 * new part. */
bool pane_take(struct pane *p, const char *bytes, size_t n);

/* How sure the model was of the answer that was taken last, bytes[0..n) in all:
 * a line of backends/chances.h. */
void pane_tint(struct pane *p, const char *bytes, size_t n, const char *line);

/* Ends the answer; the next pane_take begins another below it. */
void pane_next_answer(struct pane *p);

/* Nothing more comes for now. */
void pane_end(struct pane *p);

/* What is added from now on is read from its start: it scrolls in until its
 * first line is at the top. */
void pane_hold(struct pane *p);

/* Scrolls.  Returns false if the action is not about scrolling. */
bool pane_act(struct pane *p, enum action action);

/* Searches for words, ignoring the case of ASCII letters; "" ends it. */
void pane_search(struct pane *p, const char *words);

/* Goes to the next (`step` 1) or previous (-1) line that has the words, past
 * the end too.  Returns whether there is one. */
bool pane_find(struct pane *p, int step);

/* Appends "3 of 12", the hits' lines; nothing if there is no search. */
void pane_found(struct pane *p, struct buf *out);

/* Draws the lines that fit, and marks the words that are searched for. */
void pane_draw(struct pane *p, struct draw *d, const struct area *a);

/* Draws a sign that text is coming after the last character, if that is in
 * view. */
void pane_draw_caret(const struct pane *p, struct draw *d,
                     const struct area *a);

/* Appends where it is: "+34 lines" below, "42%  +34 lines", "end"; "" if all of
 * it is in view. */
void pane_place(const struct pane *p, struct buf *out);

#endif
