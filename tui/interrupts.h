/* interrupts: a long piece of work that a person may end with ^C, or the system
 * with SIGTERM, and that then puts its things in order.
 *
 *     interrupts_catch(&while_waiting);
 *     while (step(…) == 1 && !interrupts_came())
 *         interrupts_wait(a, …, &while_waiting);
 *     interrupts_release(&while_waiting);
 *
 * A second signal ends the program as if nobody had caught any.  One at a time;
 * the UI's thread. */
#ifndef TUI_INTERRUPTS_H
#define TUI_INTERRUPTS_H

#include <signal.h>
#include <stdbool.h>

#include "arena/arena.h"

/* Signals are delivered only inside of interrupts_wait and interrupts_came from
 * now on, so none is missed between the check and the wait. */
void interrupts_catch(sigset_t *while_waiting);
void interrupts_release(const sigset_t *while_waiting);

/* Whether a signal has come since interrupts_catch. */
bool interrupts_came(void);

/* Waits for news of an answer or a signal, at most a second; does not wait with
 * at_once, but takes what is there. */
void interrupts_wait(struct arena *a, bool at_once,
                     const sigset_t *while_waiting);

#endif
