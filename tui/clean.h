/* clean: the only maker of text that may be drawn.
 *
 * Everything from a model, server, file, database or person passes here before
 * it reaches a terminal, whichever way (ncurses, stdout, stderr).  Out comes
 * valid UTF-8 without escape sequences, C0 and C1 controls (newline and tab
 * stay), bidi controls, zero-width and tag characters, U+2028/9 or
 * noncharacters; each becomes a visible form such as <U+202E> or <1B>, and
 * after 4 combining marks on one character the rest is dropped.
 * A cleaner keeps the state between chunks, so a character or mark sequence
 * that is split comes out the same.  Owner: whoever draws.  One thread. */
#ifndef TUI_CLEAN_H
#define TUI_CLEAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct clean {
    char held[4];   /* the begin of a character that is still incomplete */
    size_t n_held;
    int n_marks;    /* combining marks on the current character */
};

void clean_init(struct clean *c);

/* Appends the drawable form of bytes[0..n) to out. */
void clean_add(struct clean *c, const char *bytes, size_t n, struct buf *out);

/* Ends the text: what was held back as incomplete becomes U+FFFD. */
void clean_end(struct clean *c, struct buf *out);

/* The whole of a text at once, on one line (newline and tab become a space)
 * where one_line is set. */
void clean_text(const char *bytes, size_t n, bool one_line, struct buf *out);

#endif
