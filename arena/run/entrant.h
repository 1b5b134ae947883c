/* entrant: a model on one prompt of a run: its answer to all turns, taken from
 * the store or asked for turn by turn.
 *
 * The owner of the struct frees it, which cancels what is under way.  Used
 * inside of arena/run; one thread. */
#ifndef ARENA_RUN_ENTRANT_H
#define ARENA_RUN_ENTRANT_H

#include <stdbool.h>

#include "arena/battle/answer.h"
#include "arena/run/context.h"

enum entrant_state {
    ENTRANT_WAITING, /* for a place, or for money */
    ENTRANT_RUNNING,
    ENTRANT_DONE,
};

struct entrant {
    size_t model;
    enum entrant_state state;
    bool usable;                   /* once done */
    struct store_answer_row *rows; /* its turns so far; side and round unset */
    size_t n_rows;
    struct answer answer;          /* of the turn under way */
    double reserved;               /* the most that turn may cost */
};

/* What the entrants are asked. */
struct entrant_question {
    const struct prompt *prompt;
    const char *text; /* that stands for it in the store */
    uint64_t seed;
    int64_t clock;    /* as in struct request */
};

/* Takes over whole and usable turns of rows[0..n) that a battle's side had in a
 * round, if they are more than it has.  Returns how many turns those are. */
size_t entrant_take(struct entrant *x, const struct entrant_question *q,
                    const struct store_answer_row *rows, size_t n, int side,
                    int round);

/* Takes the answer of a model whose answers were made elsewhere; without one it
 * is done, and has failed.  0 or -1. */
int entrant_take_finished(struct entrant *x, struct run_context *c,
                          const struct entrant_question *q, struct err *e);

/* Looks for an answer of another run to the same question.  0 or -1. */
int entrant_reuse(struct entrant *x, struct run_context *c,
                  const struct entrant_question *q, struct err *e);

/* Asks for the next turn of one that waits, if its backend has a place and the
 * budget allows for it.  0 or -1. */
int entrant_begin(struct entrant *x, struct run_context *c,
                  const struct entrant_question *q, struct err *e);

/* Takes what has come.  1: a turn has ended (perhaps the last); 0: not yet;
 * -1: error. */
int entrant_step(struct entrant *x, struct run_context *c,
                 const struct entrant_question *q, struct err *e);

/* What the next turn reads in tokens, guessed from its bytes. */
double entrant_n_in(const struct entrant *x, const struct run_context *c,
                    const struct entrant_question *q);

void entrant_free(struct entrant *x, struct run_context *c);

#endif
