/* number: a decimal number in text, such as a cell of a table.  Pure; any
 * thread. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#define NUMBER_MAX_BYTES 63 /* a longer text is no number */

/* Whether all of s[0..n) is a number as strtod reads them ("inf" and "nan" are
 * such), and which one; *out stays if it is none.  The usual decimals are read
 * without strtod, several times as fast, and to the same double. */
bool number_parse(const char *s, size_t n, double *out);

#endif
