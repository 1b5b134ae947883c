/* gate: how many requests a server gets at once, and in a minute.
 *
 * All answers from one server pass one gate, in the order in which they came.
 * It keeps what the config says, and learns: a server that refuses a request as
 * one too many (429) gets half as many at once, none before the time that it
 * names, and then one more for each full round that goes well (additive
 * increase, multiplicative decrease, as in RFC 5681).  The net thread's. */
#ifndef BACKENDS_REMOTE_GATE_H
#define BACKENDS_REMOTE_GATE_H

#include <stdbool.h>
#include <stdint.h>

struct gate;

/* Somebody who wants to pass; part of its owner. */
struct gate_waiter {
    int64_t *due_ms; /* when its owner is to ask again: set by the gate */
    struct gate_waiter *next;
    bool waits; /* it is in the row */
};

/* The gate of a server, made at the first call; `list` (begins as NULL) owns
 * it.  Limits: 0 or NaN for none; those of the last call hold. */
struct gate *gate_of(struct gate **list, const char *server, int max_parallel,
                     double per_minute);
void gate_free_all(struct gate **list);

/* True: it may go, and must leave later.  False: it stands in the row, and is
 * to ask again at *due_ms. */
bool gate_enter(struct gate *g, struct gate_waiter *w, int64_t now_ms);
void gate_leave(struct gate *g);

/* It waits no more; nothing if it did not. */
void gate_give_up(struct gate *g, struct gate_waiter *w);

/* The server refused a request, begun at begun_ms, as one too many, and wants
 * no other for so long (-1: it did not say); or it took one.  Before
 * gate_leave.  Of requests that were under way together, the first that is
 * refused counts. */
void gate_refused(struct gate *g, int64_t begun_ms, int64_t now_ms,
                  int64_t wait_ms);
void gate_passed(struct gate *g);

#endif
