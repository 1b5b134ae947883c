/* ratings: the running Elo and the pair counts, for the other parts of the
 * store.  All but ratings_check run inside a transaction of the caller.  0 or
 * -1. */
#ifndef ARENA_STORE_RATINGS_H
#define ARENA_STORE_RATINGS_H

#include "arena/store/private.h"
#include "arena/store/report.h"

/* The row of settings that votes move the ratings by, added if it is new. */
int ratings_put_params(struct store *s, const struct elo_params *p, int64_t *id,
                       struct err *e);

/* Lets a stored vote count, if it is one that counts: pair counts and, of a
 * person's, running ratings and history.  Fills before and after either way. */
int ratings_apply_vote(struct store *s, int64_t vote_id,
                       const int64_t model_id[2], double before[2],
                       double after[2], struct err *e);

/* What a stored vote changed; the ratings of now if it changed nothing. */
int ratings_vote_change(struct store *s, int64_t vote_id,
                        const int64_t model_id[2], double before[2],
                        double after[2], struct err *e);

/* Lets all votes from one on count at once, none of which counts yet. */
int ratings_apply_since(struct store *s, int64_t vote_id, struct err *e);

/* Takes a vote that still stands out of the pair counts, if it is in them. */
int ratings_uncount_vote(struct store *s, int64_t vote_id, struct err *e);

/* Brings history and ratings to what they are without a vote that counted and
 * was withdrawn: those before it stay, those after it are replayed. */
int ratings_replay_without(struct store *s, int64_t vote_id, struct err *e);

/* Makes ratings, history and pair counts anew from all votes. */
int ratings_replay_all(struct store *s, struct err *e);

/* Reports each stored rating, history row and pair count that is not what the
 * votes give.  -1 if it could not be found out. */
int ratings_check(struct store *s, struct report *r, struct err *e);

#endif
