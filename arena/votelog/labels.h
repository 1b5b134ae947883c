/* labels: the words that logs have for a verdict.  Pure; any thread. */
#ifndef ARENA_VOTELOG_LABELS_H
#define ARENA_VOTELOG_LABELS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "rating/votes/counts.h"

/* The verdict that a label stands for; false if it is none we know. */
bool votelog_outcome(const char *label, size_t n, enum rating_outcome *out);

/* The same of a game of arena-hard: "A>>B" counts three times
 * (arena-hard-auto, show_result.py). */
bool votelog_score(const char *score, enum rating_outcome *out,
                   unsigned *times);

/* Whether a voter of n bytes is a judge, "judge:NAME", and no person. */
bool votelog_is_judge(const char *voter, size_t n);

/* Appends "judge:NAME" of a NAME, or of "judge:NAME" itself. */
void votelog_add_judge(const char *name, struct buf *out);

/* Yes or no as programs and databases write it: 1, 0; -1: neither. */
int votelog_truth(const char *s, size_t n);

#endif
