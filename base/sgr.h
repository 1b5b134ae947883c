/* sgr: colour sequences in text: ESC [ digits ; digits m.
 *
 * Programs put them around words, and models copy them.  They say nothing, so
 * readers of an answer leave them out.  Source: ECMA-48, 8.3.117 (SELECT
 * GRAPHIC RENDITION).  Pure; any thread. */
#ifndef BASE_SGR_H
#define BASE_SGR_H

#include <stddef.h>

#define SGR_MAX_BYTES 32 /* of a sequence; a longer one is no colour */
#define SGR_INCOMPLETE ((size_t)-1)

/* The length of the colour sequence at the start of s[0..n).  0 if there is
 * none; SGR_INCOMPLETE if all of s could be the first part of one. */
size_t sgr_length(const char *s, size_t n);

#endif
