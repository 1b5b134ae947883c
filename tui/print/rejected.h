/* rejected: what a battle log says that could not be used, for people. */
#ifndef TUI_PRINT_REJECTED_H
#define TUI_PRINT_REJECTED_H

#include "arena/votelog/votelog.h"
#include "base/err.h"

/* Lists the rows on stderr, each on a line of its own, and a column that says
 * how much a row counts if nobody asked for it; messages call the file
 * `path`. */
void rejected_print(const struct votelog *log, const char *path);

/* 0 if there are no such rows, else -1 with ERR_PARTIAL: how many. */
int rejected_tell(const struct votelog *log, const char *path, struct err *e);

#endif
