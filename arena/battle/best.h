/* best: one answer out of several that a model gives to the same question.
 *
 * A model with "best_of": N is asked N times at once, each time with another
 * seed, and the answer that agrees most with the others is taken: by what
 * follows "Answer:" if they say that (self-consistency, arXiv 2203.11171), else
 * by their words.  With "best_judge": NAME that model of the config is shown
 * all of them and chooses instead.  So the same weights with more time are
 * another contestant.
 *
 * What is behind "best" in struct answer, for arena/battle/answer.c.
 * One thread. */
#ifndef ARENA_BATTLE_BEST_H
#define ARENA_BATTLE_BEST_H

#include "arena/battle/reply.h"

struct best;

/* Asks; `rq` is what is sent.  0, or -1 as reply_start. */
int best_open(struct best **out, struct arena *a, size_t model,
              const struct request *rq, struct err *e);
void best_close(struct best *b); /* NULL: nothing */

/* Takes what has come.  True: there is a choice, and `x` has its text, its
 * thinking and its end, with the tokens, the cost and the time of all. */
bool best_step(struct best *b, struct answer *x);

/* Chooses among those that are there now. */
void best_drop(struct best *b, struct answer *x);

/* The model of the config that chooses for `model`: 1 and *judge; 0: none does;
 * -1: there is no such model (ERR_CONFIG). */
int best_judge_of(const struct arena *a, size_t model, size_t *judge,
                  struct err *e);

#endif
