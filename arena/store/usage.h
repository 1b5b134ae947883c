/* usage: how fast and how dear a model's answers are, for the other parts of
 * the store.  The changes run inside a transaction of the caller.  0 or -1. */
#ifndef ARENA_STORE_USAGE_H
#define ARENA_STORE_USAGE_H

#include "arena/store/private.h"
#include "arena/store/report.h"

/* Whether somebody has seen the names of a battle (the view `seen`). */
int usage_is_seen(struct store *s, int64_t battle_id, bool *seen,
                  struct err *e);

/* Adds a stored answer to the sums of its model, if its battle is seen. */
int usage_add_answer(struct store *s, int64_t answer_id, struct err *e);

/* After a change to a battle: adds its answers to the sums, if it is seen now
 * and was not before. */
int usage_add_battle(struct store *s, int64_t battle_id, bool was_seen,
                     struct err *e);

/* Adds the answers of all battles from one on that are seen, none of which is
 * in the sums yet. */
int usage_add_since(struct store *s, int64_t battle_id, struct err *e);

/* Makes the sums anew from all answers. */
int usage_sum_all(struct store *s, struct err *e);

/* Reports the sums that are not what the answers give.  -1 if it could not be
 * found out. */
int usage_check(struct store *s, struct report *r, struct err *e);

#endif
