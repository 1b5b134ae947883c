/* labels: the words that logs have for a verdict.  Pure; any thread. */
#ifndef ARENA_VOTELOG_LABELS_H
#define ARENA_VOTELOG_LABELS_H

#include <stdbool.h>
#include <stddef.h>

#include "rating/votes/counts.h"

/* The verdict that a label stands for; false if it is none we know. */
bool votelog_outcome(const char *label, size_t n, enum rating_outcome *out);

/* The same of a game of arena-hard: "A>>B" counts three times
 * (arena-hard-auto, show_result.py). */
bool votelog_score(const char *score, enum rating_outcome *out,
                   unsigned *times);

/* Yes or no as programs and databases write it: 1, 0; -1: neither. */
int votelog_truth(const char *s, size_t n);

#endif
