/* verdict: the four words a vote is spelled with, on the command line, in the
 * database and in what is exported: a, b, tie, bad.  Any thread. */
#ifndef ARENA_STORE_VERDICT_H
#define ARENA_STORE_VERDICT_H

#include <stdbool.h>

#include "rating/votes/counts.h"

const char *verdict_name(enum rating_outcome verdict);

/* Reads one of the four words; false if it is another. */
bool verdict_parse(const char *word, enum rating_outcome *verdict);

#endif
