/* window: a part of a file in memory, moved on by its reader.
 *
 * Holds the bytes data[begin, end) and one byte of room behind them.  A file
 * that can be read anywhere is read from `at` to `stop`, a pipe to its end.
 * The opener closes it; it does not own fd.  One thread. */
#ifndef ARENA_VOTELOG_WINDOW_H
#define ARENA_VOTELOG_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

#define WINDOW_BYTES ((size_t)1 << 18)
#define WINDOW_MAX_BYTES ((size_t)64 << 20) /* no row is longer */

struct gunzip;

struct window {
    int fd;
    struct gunzip *gunzip; /* unpacks what fd gives, or NULL */
    off_t at, stop;  /* next byte to read, first one not to; at -1: a pipe */
    char *data;
    size_t begin, end, cap;
    bool at_end;     /* nothing more will come */
    bool has_quote;  /* there is one in the window */
};

int window_open(struct window *w, int fd, off_t from, off_t stop,
                struct err *e);
void window_close(struct window *w);

/* Looks at the start of a file: unpacks gzip (the file is then a pipe), refuses
 * by name what is no text, and passes a byte order mark.  0, or -1. */
int window_begin(struct window *w, const char *path, struct err *e);

/* Brings more bytes, moving those in the window to its front.  0, or -1 with
 * ERR_FORMAT if the row in it is too long, ERR_FAILURE if reading failed.
 * `path` is for the message. */
int window_more(struct window *w, const char *path, struct err *e);

/* Place in the file of the first byte in the window. */
off_t window_position(const struct window *w);

#endif
