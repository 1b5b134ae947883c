/* node: what a value in JSON says, however a program wrote it: truths and
 * numbers may be texts, and what says nothing may be null.  Pure; any
 * thread. */
#ifndef ARENA_VOTELOG_NODE_H
#define ARENA_VOTELOG_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "rating/votes/counts.h"

/* A string, a number or a truth as text; NULL for anything else.  `scratch`
 * has n bytes, 64 at least, and may be what is returned. */
const char *votelog_text(const cJSON *node, char *scratch, size_t n);

/* Not there, null, or a text that says nothing. */
bool votelog_is_missing(const cJSON *node);

/* Yes or no: 1, 0; -1: neither. */
int votelog_node_truth(const cJSON *node);

/* A number, as a text too; NaN if it is none. */
double votelog_node_number(const cJSON *node);

/* Who voted: the first key that says so, or NULL.  Judges may be a list, of
 * which the first is the judge and the others say how it was asked.  `scratch`
 * as above. */
const char *votelog_find_voter(const cJSON *o, char *scratch, size_t n);

/* What a key or column is called that says how much a row counts, up to a NULL.
 * It may mean another thing, so it is read only if it is asked for. */
extern const char *const votelog_count_names[];

/* The first such key of an object that counts other than once, or NULL. */
const char *votelog_find_count(const cJSON *o);

/* A verdict told by a column for each: winner_model_a, winner_model_b and
 * winner_tie.  How many of them are 1, the last of which is *out; or -1 if *bad
 * is neither 0 nor 1. */
int votelog_read_one_hot(const cJSON *o, enum rating_outcome *out,
                         const char **bad);

#endif
