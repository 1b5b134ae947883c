/* choose: how likely a model would go on with each of a few words.
 *
 * A judge's verdict is one word.  Instead of letting the model write and then
 * reading what it wrote, its probabilities of the words are read from one pass:
 * nothing is sampled, the same question gives the same numbers, and how sure
 * the model was is kept.  What two questions begin with in common is read once,
 * and so is what a question has in common with the one before it.
 *
 * Runs in the calling thread (and the engine's kernel threads), as infer.h
 * does.  One thread. */
#ifndef BACKENDS_LOCAL_CHOOSE_H
#define BACKENDS_LOCAL_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/chat/message.h"
#include "backends/model.h"
#include "base/err.h"

struct choose;

/* Loads the model's weights; m must outlive it.  n_threads 0: all cores.  0,
 * or -1 with ERR_BACKEND. */
int choose_open(struct choose **out, const struct model *m, int n_threads,
                struct err *e);
void choose_close(struct choose *c); /* NULL is nothing */

/* Has `is_stopped` asked before each piece of a question, of some thousand
 * tokens; NULL: nothing is asked. */
void choose_set_stop(struct choose *c, bool (*is_stopped)(void));

/* A conversation that the model answers. */
struct choose_question {
    const struct message *messages;
    size_t n_messages;
};

/* Reads two questions whose answers begin with `begin` and fills p[k][i]: how
 * likely words[i] follows in question k, among these words; each sums to 1.
 * Two words must differ in their first token behind `begin`.  *n_read: tokens
 * that were evaluated.  0, or -1 with ERR_CONFIG (template, words), ERR_BACKEND
 * (a question longer than the context) or ERR_INTERRUPTED (it was stopped). */
int choose_read_pair(struct choose *c, const struct choose_question q[2],
                     const char *begin, const char *const *words,
                     size_t n_words, double *const p[2], int64_t *n_read,
                     struct err *e);

#endif
