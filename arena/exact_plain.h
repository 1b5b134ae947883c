/* exact_plain: text in which numbers are written in one way only, for
 * arena/exact_number: digits of ASCII, "-" for every minus sign, "*" for every
 * sign of multiplication, "^" before an exponent, "^(a)" for ^{a}, "a/b" for
 * \frac{a}{b}, and a comma between digits for what else parts thousands.  The
 * rest is kept.  Any thread. */
#ifndef ARENA_EXACT_PLAIN_H
#define ARENA_EXACT_PLAIN_H

#include <stddef.h>

#include "base/buf.h"

/* Appends s[0..n), UTF-8, in that form. */
void exact_plain_add(const char *s, size_t n, struct buf *out);

#endif
