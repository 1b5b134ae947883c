/* rounds: reads the rows of a CSV file with several threads.
 *
 * The file is divided into chunks.  A chunk begins at the first line break
 * after its border, as if no quoted field stood across it; the end of the chunk
 * before proves that right, or the chunk is read again from where it truly
 * begins.  If the order of votes matters, the threads read a few MiB each: a
 * round, whose votes are handed on before the next one begins. */
#ifndef ARENA_VOTELOG_ROUNDS_H
#define ARENA_VOTELOG_ROUNDS_H

#include "arena/votelog/chunk.h"
#include "base/err.h"

/* Reads all rows of a file of `size` bytes; whole->window stands behind the
 * header, whole->columns are set, and whole->log is filled.  0, or -1. */
int rounds_read(struct chunk *whole, off_t size, struct err *e);

#endif
