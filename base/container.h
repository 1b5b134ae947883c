/* container: what a file is that its first bytes show to be no text.  Pure. */
#ifndef BASE_CONTAINER_H
#define BASE_CONTAINER_H

#include <stddef.h>

/* Enough bytes to tell. */
#define CONTAINER_BYTES 64

/* What s[0..n), the start of a file, is and what to do about it, as the end of
 * a sentence: "zstd data; unpack it with zstd -d".  NULL if it may be text.
 * gzip is read by base/gunzip.h, so what is still gzip was packed twice. */
const char *container_problem(const char *s, size_t n);

#endif
