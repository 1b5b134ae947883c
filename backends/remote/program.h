/* program: another program that runs beside ours, on the net thread.
 *
 * It is started without a shell, in a process group of its own, which ends with
 * it: by SIGTERM, a second later by SIGKILL.  Nobody ever waits for it but
 * net_close.  The owner's callbacks are made on the net thread. */
#ifndef BACKENDS_REMOTE_PROGRAM_H
#define BACKENDS_REMOTE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/remote/net.h"
#include "base/buf.h"
#include "base/process.h"

struct program_plan {
    const char *const *argv; /* argv[0] is found by PATH */
    char *const *env;        /* NULL: ours */
    struct buf *input;       /* for stdin, taken over; NULL: nothing */
    bool tether;             /* stdin stays open for as long as we live: if we
                                are killed, it ends */

    void *arg; /* of the callbacks */

    /* What it prints, in any pieces. */
    void (*out)(void *arg, const char *bytes, size_t n);
    void (*err)(void *arg, const char *bytes, size_t n);

    /* After every step, and look_ms after the last (0: PROGRAM_LOOK_MS, which
     * also holds once it has closed a pipe, as it does at its end): whether it
     * is to go on.  At false it is ended; that was the last callback.
     * is_silent: it has closed its output.  Must be false once net_closing. */
    bool (*look)(void *arg, struct net *n, bool is_silent);
    int64_t look_ms;

    /* It has ended by itself, with this status, as of wait; all that it printed
     * was handed over.  The last callback. */
    void (*ended)(void *arg, int status);

    /* Asked often: whether to look at once.  May be NULL. */
    bool (*stop)(void *arg);
};

#define PROGRAM_LOOK_MS 20

/* Starts it.  0, or the errno of the failure with nothing called or taken. */
int program_start(struct net *n, const struct program_plan *plan);

#endif
