/* wake: a pipe that wakes a thread which waits in poll().
 *
 * Others write a byte into end [1]; the waiting thread polls end [0].  Neither
 * end blocks, and no child process inherits them.  The owner of the ends closes
 * them. */
#ifndef BASE_WAKE_H
#define BASE_WAKE_H

#include "base/err.h"

/* 0; or -1 with ERR_FAILURE, and nothing is open: both ends are -1. */
int wake_open(int wake[2], struct err *e);

/* Closes what is open (not -1). */
void wake_close(const int wake[2]);

/* Takes all bytes out of an end [0]. */
void wake_drain(int fd);

/* Waits for a byte, for at most timeout_ms (-1: no limit), and drains. */
void wake_wait(int fd, int timeout_ms);

#endif
