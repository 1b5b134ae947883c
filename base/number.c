#include "base/number.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIGITS = 15 }; /* fewer than 2^53, so that a double holds them */

/* Digits with a point among them or not.  Both the digits as a whole number and
 * the power of ten are doubles to the last bit, and a division rounds once: so
 * the quotient is what strtod finds (Clinger, "How to read floating point
 * numbers accurately", 1990). */
static bool parse_plain(const char *s, size_t n, double *out)
{
    static const double powers[MAX_DIGITS + 1] = {
        1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
        1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    int64_t digits = 0;
    size_t n_digits = 0, n_behind = 0;
    bool point = false;
    for (size_t i = 0; i < n; i++) {
        unsigned digit = (unsigned)(unsigned char)s[i] - '0';
        if (s[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (digit > 9 || ++n_digits > MAX_DIGITS)
            return false;
        digits = 10 * digits + digit;
        n_behind += point;
    }
    if (n_digits == 0)
        return false;
    *out = (double)digits / powers[n_behind];
    return true;
}

bool number_parse(const char *s, size_t n, double *out)
{
    char text[NUMBER_MAX_BYTES + 1], *end;
    if (parse_plain(s, n, out))
        return true;
    if (n == 0 || n > NUMBER_MAX_BYTES)
        return false;
    memcpy(text, s, n);
    text[n] = '\0';
    double x = strtod(text, &end);
    if (end != text + n)
        return false;
    *out = x;
    return true;
}
