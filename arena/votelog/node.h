/* node: what a value in JSON says, however a program wrote it: truths and
 * numbers may be texts, and what says nothing may be null.  Pure; any
 * thread. */
#ifndef ARENA_VOTELOG_NODE_H
#define ARENA_VOTELOG_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

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

#endif
