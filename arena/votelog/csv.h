/* csv: the rows of a CSV log. */
#ifndef ARENA_VOTELOG_CSV_H
#define ARENA_VOTELOG_CSV_H

#include "arena/votelog/columns.h"

/* Reads the chunk's rows; c->status says how that went. */
void votelog_csv_rows(struct chunk *c);

#endif
