/* speed: how fast the in-process engine reads and writes on this machine.
 *
 * What `arena bench` measures: one pass or a chain of passes over made-up
 * tokens, without tokenizer, template or sampling, so that the numbers compare
 * with those of other engines' benchmarks.  One thread calls. */
#ifndef BACKENDS_LOCAL_SPEED_H
#define BACKENDS_LOCAL_SPEED_H

#include "backends/local/infer.h"
#include "base/err.h"

/* What is timed, in this order: n_prompt tokens read by each sequence, then
 * n_gen written, one a pass.  Before it, untimed, each reads `depth`. */
struct speed_test {
    int n_prompt, n_gen;
    int n_sequences; /* side by side, at least 1 */
    int depth;
};

/* Runs it once from empty caches; *tokens_s counts the tokens of all
 * sequences.  0, or -1 with ERR_BACKEND if the caches have no room. */
int speed_measure(struct infer *f, const struct speed_test *t,
                  double *tokens_s, struct err *e);

/* Two models that write at once, in turn (timeslice.h), as in a battle.
 * [i]: of each model. */
struct speed_pair {
    double alone_ts[2];    /* tokens/s before, with all cores to itself */
    double together_ts[2]; /* beside the other */
    double time[2];        /* the share of the time that it took, 0 to 1 */
};

/* Lets each write n_gen tokens alone, then both until one has written as many.
 * f[1] should run on the threads of f[0] (infer_open_beside). */
int speed_measure_pair(struct infer *const f[2], int n_gen,
                       struct speed_pair *out, struct err *e);

#endif
