/* said: what a program says beside its answer, line by line.
 *
 * The first lines go to the log.  The last one is kept, for the error if the
 * program fails.  Both are one line of valid UTF-8 without control characters
 * and without the key, cut at a character (see fault_line).  One thread. */
#ifndef BACKENDS_REMOTE_SAID_H
#define BACKENDS_REMOTE_SAID_H

#include <stddef.h>

#include "base/buf.h"

#define SAID_LINE_BYTES 200 /* of a line are kept, with the NUL */

struct said {
    const char *name; /* of the program, in the log; the caller's */
    const char *key;  /* taken out of what it says, NULL: none; the caller's */
    int n_logged, max_logged;
    struct buf line;  /* unfinished */
    char last[SAID_LINE_BYTES]; /* the last line that is not blank, or "" */
};

/* max_logged: how many lines go to the log. */
void said_init(struct said *s, const char *name, int max_logged);
void said_free(struct said *s);

/* Forgets what was said: the program is started anew. */
void said_clear(struct said *s);

/* Takes bytes, in any pieces; the end of what the program says ends a line. */
void said_add(struct said *s, const char *bytes, size_t n);
void said_end(struct said *s);

#endif
