/* suspects: the store's voters, tested by rating/voters.h.
 *
 * Always by all votes that count, whatever a leaderboard shows: who is a
 * suspect does not depend on the view.  Its time grows with the votes. */
#ifndef ARENA_SUSPECTS_H
#define ARENA_SUSPECTS_H

#include "arena/store/store.h"
#include "base/err.h"
#include "rating/voters.h"

/* Nobody has read two answers in this time. */
#define SUSPECTS_FAST_MS 1500

struct suspects {
    struct store_ballots ballots;
    struct voter_report *reports; /* [n]; in order of voter */
    size_t n;
};

/* The models as store_list_models gives them.  No vote is no error: no
 * reports.  0 or -1; call suspects_free either way. */
int suspects_find(struct suspects *out, struct store *s,
                  const struct store_model *models, size_t n_models,
                  struct err *e);
void suspects_free(struct suspects *s);

/* Whether a voter ("human:NAME", "judge:NAME") is one of them. */
bool suspects_has(const struct suspects *s, const char *voter);

#endif
