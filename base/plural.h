/* plural: texts with a number in them, which may be one.  Pure functions; any
 * thread. */
#ifndef BASE_PLURAL_H
#define BASE_PLURAL_H

#include <stdint.h>

#include "base/buf.h"

/* The ending of a noun behind the number n: "" or "s". */
const char *plural_s(uint64_t n);

/* Appends the number, a blank and the text, of which each "[one|many]" becomes
 * what stands left of its bar for one, else what stands right of it: with
 * "[row|rows] of which [it is|they are] last", "1 row of which it is last". */
void plural_add(struct buf *out, uint64_t n, const char *text);

#endif
