/* private: what all parts of the store share.  A part is a file; what one part
 * asks of another stands in the header of that other one. */
#ifndef ARENA_STORE_PRIVATE_H
#define ARENA_STORE_PRIVATE_H

#include "arena/store/db.h"
#include "arena/store/store.h"

struct store {
    struct db *db;
    struct elo_params elo; /* how votes move the running rating from now on */
    bool has_search;       /* full text search is there */
    char *held_path;       /* of the run's lock that is held; NULL: none */
    int held_fd;
};

/* The first column of all rows of a query; NULL is its failure.  Freed with
 * store_free_names.  0 or -1. */
int store_take_names(struct store *s, struct db_query *q, char ***names,
                     size_t *n, struct err *e);

/* SQL: the vote of this row has not been withdrawn. */
#define STORE_STANDS(vote)                                                     \
    "NOT EXISTS (SELECT 1 FROM withdrawals withdrawal"                         \
    " WHERE withdrawal.vote_id = " vote ".id)"

/* SQL: the vote of row v, on the battle of row b, is counted in pairs: it is
 * not withdrawn, was not given after the names were seen or an answer told
 * them, and the battle is no compare battle.  Bulk's count() says the same of
 * votes that are not stored yet. */
#define STORE_COUNTED                                                          \
    "v.seen = 0 AND v.leak = 0 AND b.compare = 0 AND " STORE_STANDS("v")

/* SQL: a person's vote, not a judge's. */
#define STORE_BY_PERSON(vote) "(substr(" vote ".voter, 1, 6) = 'human:')"

/* SQL: the names of the battle of row b are open: the history shows them.  The
 * battle is over, or was fought with names; a void one of a run is not over:
 * the next eval asks the same pair again. */
#define STORE_NAMES_OPEN                                                       \
    "(b.compare <> 0 OR b.state IN ('voted', 'skipped') OR"                    \
    " (b.state = 'void' AND b.run_id IS NULL))"

#endif
