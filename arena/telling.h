/* telling: which battle to vote on next, so that few votes find who leads.
 *
 * Of the battles of a run that wait for a vote, the pair of models is drawn
 * anew each time, by the policy `leader` (rating/pairing.h) and people's votes
 * so far; among its battles those come first whose prompt was shown least, at
 * random.  The draw knows the pairs and their votes only, never an answer or a
 * judge: ratings rest on what is said within each pair, so no weights are due.
 * docs/adr/0011 says why, and tests/bench/rating_telling.c what it saves.
 *
 * The opener closes it.  One thread. */
#ifndef ARENA_TELLING_H
#define ARENA_TELLING_H

#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "base/err.h"

struct telling;

/* The n battles `ids` of a run.  0, or -1 with ERR_DB. */
int telling_open(struct telling **out, struct arena *a, int64_t run_id,
                 const int64_t *ids, size_t n, struct err *e);
void telling_close(struct telling *t); /* NULL is nothing */

/* The next battle, given out once.  1, 0: no more; or -1 with ERR_DB, or
 * ERR_FAILURE if there is no memory for the votes. */
int telling_next(struct telling *t, int64_t *id, struct err *e);

#endif
