/* votes: rows of votes, for the other parts of the store.  All run inside a
 * transaction of the caller.  0 or -1. */
#ifndef ARENA_STORE_VOTES_H
#define ARENA_STORE_VOTES_H

#include "arena/store/private.h"

/* Adds how probable a judge found it that A is better; NaN: it did not say. */
int votes_put_share(struct store *s, int64_t vote_id, double share,
                    struct err *e);

#endif
