/* tree: a folder with all that is in it.
 *
 * Symbolic links are never followed, and nothing deeper than 16 folders is
 * touched.  Any thread. */
#ifndef BASE_TREE_H
#define BASE_TREE_H

#include <stdint.h>

#include "base/err.h"

/* The sizes of its files in sum; 0 if there is no such folder. */
int64_t tree_bytes(const char *path);

/* Removes it; a path where nothing is counts as removed.  0, or -1. */
int tree_remove(const char *path, struct err *e);

#endif
