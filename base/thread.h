/* thread: how this program starts threads.
 *
 * All signals but those that a thread causes itself (SIGBUS and the like) are
 * blocked in them, and in the threads that they start: signals are the main
 * thread's business.  The stack is 2 MB: cJSON recurses up to 1000 deep. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

#include "base/err.h"

/* Runs main(arg).  `name` says in the error what could not be started.
 * 0, or -1 with ERR_FAILURE. */
int thread_start(pthread_t *t, void *(*main)(void *arg), void *arg,
                 const char *name, struct err *e);

#endif
