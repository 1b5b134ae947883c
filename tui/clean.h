/* clean: the only maker of text that may be drawn.
 *
 * Everything from a model, server, file, database or person passes here before
 * it reaches a terminal, whichever way (ncurses, stdout, stderr).  Out comes
 * valid UTF-8 that moves nothing but the cursor, to the right:
 *
 *     newline, tab              stay; CR LF becomes a newline
 *     C0, DEL                   <1B>
 *     C1, format characters (bidi controls, zero-width spaces, tags), line and
 *     paragraph separators, invisible fillers, noncharacters, unassigned ones
 *                               <U+202E>
 *     invalid UTF-8             U+FFFD, one for each maximal subpart
 *     combining marks           4 on a character stay, the rest is dropped; one
 *                               without a character before it becomes <U+0301>
 *     variation selectors 1-16, and joiners between letters or emoji that need
 *     them                      dropped: what they join is shown side by side
 *
 * A cleaner keeps the state between chunks, so the output does not depend on
 * where a text was split.  Owner: whoever draws.  One thread. */
#ifndef TUI_CLEAN_H
#define TUI_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct clean {
    char held[4];   /* the begin of a character that is still incomplete, or a
                       CR that an LF may follow */
    size_t n_held;
    uint32_t base;  /* the character that marks may combine with; 0: none */
    int n_marks;    /* combining marks on it so far */
};

void clean_init(struct clean *c);

/* Appends the drawable form of bytes[0..n) to out. */
void clean_add(struct clean *c, const char *bytes, size_t n, struct buf *out);

/* Ends the text: what was held back as incomplete becomes U+FFFD. */
void clean_end(struct clean *c, struct buf *out);

/* The whole of a text at once, on one line (newline and tab become a space)
 * where one_line is set. */
void clean_text(const char *bytes, size_t n, bool one_line, struct buf *out);

/* How many bytes of s[0..n) are blank lines at its begin; n where all of it is
 * blank, so that more may follow.  Models like to begin with some; they are
 * stored, and not shown. */
size_t clean_blank_start(const char *s, size_t n);

/* Columns that a character of cleaned text takes: 0 (a combining mark), 1 or
 * 2.  Newline and tab are the caller's. */
int clean_width(uint32_t cp);

#endif
