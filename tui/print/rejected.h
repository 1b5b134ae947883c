/* rejected: the rows of a battle log that could not be used, for people. */
#ifndef TUI_PRINT_REJECTED_H
#define TUI_PRINT_REJECTED_H

#include "arena/votelog/votelog.h"
#include "base/err.h"

/* Lists them on stderr, each on a line of its own; messages call the file
 * `path`. */
void rejected_print(const struct votelog *log, const char *path);

/* 0 if there are none, else -1 with ERR_PARTIAL: how many. */
int rejected_tell(const struct votelog *log, const char *path, struct err *e);

#endif
