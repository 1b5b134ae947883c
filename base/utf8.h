/* utf8: the encoding, strictly (RFC 3629: no surrogates, no overlong forms,
 * nothing beyond U+10FFFF).  Pure functions; any thread. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_MAX_BYTES 4
#define UTF8_REPLACEMENT 0xFFFDu

/* Decodes the character at the start of s[0..n), n > 0.  Returns its length in
 * bytes (1 to 4) and sets *cp.  If the bytes are invalid, *cp is
 * UTF8_REPLACEMENT and the return is the length of the maximal invalid
 * subpart (at least 1; Unicode 15, 3.9), so that a loop always advances and
 * writes one replacement per subpart.  A sequence that is cut off by the end
 * of the input counts as invalid: see utf8_incomplete. */
size_t utf8_decode(const char *s, size_t n, uint32_t *cp);

/* How many bytes at the end of s[0..n) begin a character that more bytes could
 * still complete: 0 to 3.  A stream holds them back until the rest arrives. */
size_t utf8_incomplete(const char *s, size_t n);

/* Writes cp as UTF-8 to out (UTF8_MAX_BYTES of room) and returns the length.
 * What is no scalar value is written as U+FFFD. */
size_t utf8_encode(uint32_t cp, char *out);

/* Whether s[0..n) begins and ends with a visible character of ASCII, as most
 * names and numbers do: utf8_trim would change nothing then. */
static inline bool utf8_is_trimmed(const char *s, size_t n)
{
    return n > 0 && s[0] > ' ' && s[0] < 0x7F && s[n - 1] > ' ' &&
           s[n - 1] < 0x7F;
}

/* Moves over blanks at both ends of s[0..*n): white space of ASCII and Unicode,
 * and what has no width (U+200B, U+FEFF).  Returns the new start. */
const char *utf8_trim(const char *s, size_t *n);

/* The place of the first byte that is not valid, or n. */
size_t utf8_first_invalid(const char *s, size_t n);

/* Whether all of s[0..n) is valid. */
bool utf8_valid(const char *s, size_t n);

#endif
