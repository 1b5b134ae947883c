/* sorted: looking things up in rows that stand in order.  Pure; any thread. */
#ifndef BASE_SORTED_H
#define BASE_SORTED_H

#include <stddef.h>

/* The last of n rows whose key is at most `key`; 0 if there is none.  `first`
 * is the key of the first row (any value if n is 0), and row_bytes the distance
 * from one key to the next:
 *
 *     sorted_find_last(&lines->start, n_lines, sizeof(*lines), at) */
size_t sorted_find_last(const size_t *first, size_t n, size_t row_bytes,
                        size_t key);

#endif
