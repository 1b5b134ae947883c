/* batch: what those who ask for many answers share: how many at once, and what
 * they may cost.
 *
 *     batch_check_price(a, model, limit, e), of each model;
 *     budget_init(&b, limit);
 *     if (budget_reserve(&b, batch_cost(a, model, n_in), &reserved))
 *         … ask, wait, then budget_settle(&b, &reserved, cost of the answer)
 *
 * Dollars stand for the currency of the config's prices.  One thread. */
#ifndef ARENA_BATTLE_BATCH_H
#define ARENA_BATTLE_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "arena/arena.h"
#include "backends/model.h"
#include "base/err.h"

#define BATCH_LOCAL_JOBS 16 /* as many as the engine puts through one pass */
#define BATCH_REMOTE_JOBS 4

/* How many answers of a model may be under way: n_asked, or 0: by its kind. */
size_t batch_n_jobs(const struct model *m, int n_asked);

/* What an answer takes at most: as much is written as may be.  The best of
 * several takes as many calls, each of n_in tokens to read, and one more if a
 * judge chooses.  A price that is not known is 0 here. */
struct batch_takes {
    size_t n_calls;
    double n_in, n_out, cost; /* tokens read and written; dollars */
};
struct batch_takes batch_takes(const struct arena *a, size_t model,
                               double n_in);

/* Its cost alone. */
double batch_cost(const struct arena *a, size_t model, double n_in);

/* A limit (NaN: none) is of use only if what costs has a price: 0, or -1 with
 * ERR_CONFIG.  So too if there is no such judge as its "best_judge". */
int batch_check_price(const struct arena *a, size_t model, double limit,
                      struct err *e);

struct budget {
    double limit;           /* dollars; INFINITY: none */
    double spent, reserved; /* for answers that ended, that are under way */
    bool is_spent;          /* an answer that could cost more was refused */
};

void budget_init(struct budget *b, double limit); /* NaN: none */

/* Puts the money for an answer aside; false: that could go beyond the limit,
 * and nothing is reserved. */
bool budget_reserve(struct budget *b, double cost, double *reserved);

/* The answer has ended and cost this (NaN: not known), or was dropped (0). */
void budget_settle(struct budget *b, double *reserved, double cost);

#endif
