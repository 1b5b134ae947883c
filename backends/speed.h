/* speed: how fast the in-process engine reads and writes on this machine.
 *
 * What `arena bench` measures: one pass or a chain of passes over made-up
 * tokens, without tokenizer, template or sampling, so that the numbers compare
 * with those of other engines' benchmarks.  One thread. */
#ifndef BACKENDS_SPEED_H
#define BACKENDS_SPEED_H

#include "backends/infer.h"
#include "base/err.h"

/* What is timed, in this order: n_prompt tokens read by each sequence, then
 * n_gen written, one a pass.  Before it, untimed, each reads `depth`. */
struct speed_test {
    int n_prompt, n_gen;
    int n_sequences; /* side by side, at least 1 */
    int depth;
};

/* Runs it once from empty caches; *tokens_s counts the tokens of all
 * sequences.  0, or -1 with ERR_BACKEND where the caches have no room. */
int speed_measure(struct infer *f, const struct speed_test *t,
                  double *tokens_s, struct err *e);

#endif
