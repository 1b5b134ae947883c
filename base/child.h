/* child: another program that runs beside ours and is watched, not waited for.
 *
 * It reads nothing, or one file, and what it prints is dropped, but for the end
 * of its stderr, which says why it failed.  The opener polls until it has
 * ended, or stops it.  One thread per struct. */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/process.h"

struct child {
    struct process process;
    struct buf said;  /* the last of what it said to stderr */
    int status;       /* exit status once ended; 128 + N for signal N */
};

/* Starts argv[0], found by PATH.  0, or -1 with ERR_FAILURE and nothing to
 * free. */
int child_start(struct child *c, const char *const *argv, struct err *e);

/* The same, and it reads from the file descriptor `in`. */
int child_start_with(struct child *c, const char *const *argv, int in,
                     struct err *e);

/* Takes what it has said.  Returns true once it has ended; c->status then
 * holds. */
bool child_poll(struct child *c);

/* Starts, waits for the end, and fails unless the status is 0; the error is
 * the child's last line.  For programs that end by themselves soon. */
int child_run(const char *const *argv, struct err *e);

/* The last line of stderr that is not blank, or "" (points into c->said). */
const char *child_last_line(struct child *c);

/* Ends it if it still runs, and releases everything. */
void child_free(struct child *c);

#endif
