/* net: the thread that waits for everything outside this process.
 *
 * One thread, one loop, one curl multi handle.  Work on it is a task: a struct
 * that its owner embeds and that runs once, on the net thread, when its time
 * has come, its descriptor is ready, or its owner asked to stop; a task that
 * wants to run again adds itself again.  HTTP transfers (http.h), timed replay
 * and child processes are all made of tasks, so none of them needs a thread.
 *
 * Other threads hand tasks over with net_post and never touch them after that.
 * They ask for an early end through a flag of their own that `stop` reads (a
 * stream's cancel), followed by net_wake.  Nobody ever waits for this thread
 * but net_close. */
#ifndef BACKENDS_REMOTE_NET_H
#define BACKENDS_REMOTE_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/remote/libcurl.h"
#include "base/err.h"

struct backend_env;
struct gate;
struct net;

#define NET_NEVER INT64_MAX

struct net_task {
    /* Called once on the net thread; the task is off the list by then, and
     * may free itself. */
    void (*run)(struct net *n, struct net_task *t);
    bool (*stop)(struct net_task *t); /* asked at every turn of the loop: true
                                         runs it now.  NULL: never */
    int64_t due_ms; /* clock_monotonic_ms to run at, or NET_NEVER */
    int fd;         /* also runs when this is readable (or writable, with
                       `writing`) or at its end; -1: none */
    bool writing;
    bool now;               /* the loop's own */
    struct net_task *next;  /* the list's own */
};

/* A task without descriptor, due at once. */
void net_task_init(struct net_task *t,
                   void (*run)(struct net *n, struct net_task *t));

/* Starts the thread.  NULL with ERR_FAILURE if the system refuses. */
struct net *net_open(struct err *e);

/* The one that backends share, started at the first call; NULL with
 * ERR_FAILURE.  It ends with the env. */
struct net *net_of(struct backend_env *env, struct err *e);

/* Runs every task that is left with net_closing() true, aborts the transfers,
 * and joins the thread. */
void net_close(struct net *n);

/* --- any thread -------------------------------------------------------- */

/* Hands a task to the thread. */
void net_post(struct net *n, struct net_task *t);

/* Makes the loop turn once; has the type of a stream's cancel hook. */
void net_wake(void *net);

/* --- the net thread ---------------------------------------------------- */

/* Whether everything is to end now; tasks may then not be added again. */
bool net_closing(const struct net *n);

/* The gates of the servers that are asked (backends/remote/gate.h). */
struct gate **net_gates(struct net *n);

void net_add(struct net *n, struct net_task *t);
void net_remove(struct net *n, struct net_task *t); /* absent: no harm */

/* A curl transfer on the loop: `done` is called once with curl's verdict, the
 * handle already taken off the multi handle; not after net_transfer_stop. */
struct net_transfer {
    CURL *easy;
    void (*done)(struct net_transfer *t, CURLcode verdict);
};
void net_transfer_start(struct net *n, struct net_transfer *t);
void net_transfer_stop(struct net *n, struct net_transfer *t);

#endif
