/* json: the JSON forms of a battle log: an array of objects, or one a line. */
#ifndef ARENA_VOTELOG_JSON_H
#define ARENA_VOTELOG_JSON_H

#include "arena/votelog/chunk.h"
#include "base/err.h"

/* Reads all of the chunk's window.  0, or -1. */
int votelog_json_rows(struct chunk *c, struct err *e);

#endif
