/* paircounts: votes counted in memory on their way into the pair counts, so
 * that many votes on a pair cost one change of its row.  The owner of the
 * struct frees it. */
#ifndef ARENA_STORE_PAIRCOUNTS_H
#define ARENA_STORE_PAIRCOUNTS_H

#include "arena/store/private.h"
#include "base/buf.h"
#include "base/names.h"

struct paircounts_row;

struct paircounts {
    struct names keys;           /* both models, category, NUL, kind */
    struct paircounts_row *rows; /* [keys.n] */
    struct buf key;              /* under way */
};

/* SQL: what an upsert does with a row that is there already. */
#define PAIRCOUNTS_ADD_UP(table)                                               \
    " DO UPDATE SET n_a = " table ".n_a + excluded.n_a,"                       \
    "  n_b = " table ".n_b + excluded.n_b,"                                    \
    "  n_tie = " table ".n_tie + excluded.n_tie,"                              \
    "  n_bad = " table ".n_bad + excluded.n_bad"

void paircounts_init(struct paircounts *t);
void paircounts_free(struct paircounts *t);

/* Counts a vote of a kind of voter ("human", "judge:NAME").  0 or -1. */
int paircounts_add(struct paircounts *t, const int64_t model_id[2],
                   const char *category, const char *kind,
                   enum rating_outcome verdict, struct err *e);

/* Adds what was counted to pair_counts, and people's to pair_totals.  0 or -1.
 */
int paircounts_store(const struct paircounts *t, struct store *s,
                     struct err *e);

#endif
