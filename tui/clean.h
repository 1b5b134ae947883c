/* clean: the only maker of text that may be drawn.
 *
 * All text from a model, server, file, database or person passes through here
 * before it reaches a terminal (ncurses, stdout or stderr).  The result is
 * valid UTF-8 that can only move the cursor to the right:
 *
 *     newline, tab              stay; CR LF becomes a newline
 *     C0, DEL                   <1B>
 *     C1, format characters (bidi controls, zero-width spaces, tags), line and
 *     paragraph separators, invisible fillers, noncharacters, unassigned ones
 *                               <U+202E>
 *     invalid UTF-8             U+FFFD, one for each maximal subpart
 *     combining marks           4 on a character stay, the rest is dropped; one
 *                               without a character before it becomes <U+0301>
 *     colour sequences          dropped if the owner sets drop_colors, which is
 *                               for answers: a name must not hide them
 *     variation selectors 1-16, and joiners between letters or emoji that need
 *     them                      dropped: the parts are shown side by side
 *
 * A cleaner keeps its state between chunks, so the result is the same however a
 * text was split.  The caller owns the struct.  One thread. */
#ifndef TUI_CLEAN_H
#define TUI_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/sgr.h"

struct clean {
    bool drop_colors; /* leave out colour sequences (base/sgr.h) */
    char held[SGR_MAX_BYTES]; /* the first bytes of an incomplete character or
                                 colour sequence, or a CR that an LF may
                                 follow */
    size_t n_held;
    uint32_t base;  /* the character that marks may combine with; 0: none */
    int n_marks;    /* combining marks on it so far */
};

/* Starts with drop_colors off. */
void clean_init(struct clean *c);

/* Appends the drawable form of bytes[0..n) to out. */
void clean_add(struct clean *c, const char *bytes, size_t n, struct buf *out);

/* Ends the text.  An incomplete character becomes U+FFFD; an incomplete colour
 * sequence is shown. */
void clean_end(struct clean *c, struct buf *out);

/* Cleans a whole text.  With one_line, newlines and tabs become spaces. */
void clean_text(const char *bytes, size_t n, bool one_line, struct buf *out);

/* How many bytes of s[0..n) are blank lines at its start; n if all of it is
 * blank (more may follow).  Models often start with blank lines; they are
 * stored, but not shown. */
size_t clean_blank_start(const char *s, size_t n);

/* The columns of a character of cleaned text: 0 (a combining mark), 1 or 2.
 * The caller handles newline and tab. */
int clean_width(uint32_t cp);

#endif
