/* ratings_batch: many new votes let count at once.  Each is told in memory as
 * it is stored, in the order of ids; what they move together is stored at the
 * end.  Inside a transaction of the caller.  0 or -1. */
#ifndef ARENA_STORE_RATINGS_BATCH_H
#define ARENA_STORE_RATINGS_BATCH_H

#include "arena/store/paircounts.h"
#include "arena/store/replay.h"

struct ratings_batch {
    struct replay replay;
    struct paircounts counts;
};

/* Begins with what is stored.  Freed by the caller even after an error; what
 * was not stored is dropped. */
int ratings_batch_init(struct ratings_batch *b, struct store *s,
                       struct err *e);
void ratings_batch_free(struct ratings_batch *b);

/* Lets a vote count: its id, models, settings and verdict are set.  `kind` is
 * "human" or "judge:NAME". */
int ratings_batch_add(struct ratings_batch *b, struct replay_vote *v,
                      const char *category, const char *kind, struct err *e);

int ratings_batch_store(struct ratings_batch *b, struct err *e);

#endif
