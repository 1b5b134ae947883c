/* exact_number: the number that a text ends with, for arena/exact.
 *
 * A number may be written 1234, 1,234, 1'234 or with a narrow or unbreakable
 * blank between groups of three digits; 0.5, .5; 1.2e3, 1.2 * 10^3; 2^10,
 * 2^0.5, 2^(1/2) or 2^{1/2}, but 2^1/2 is half of 2; 1/2 or \frac{1}{2}, also
 * behind a whole number (3 1/2); with digits of any script; with "-", U+2212,
 * "minus" or "negative" before it.  Digits inside a word (H2O) and exponents of
 * units (m^2, s^-1) are no numbers, nor are times and ratios (8:15) and names
 * with two dots (1.2.3); a date with the year last (29/5/1453, 29.5.1453) in a
 * text counts as its year.
 * Pure functions; any thread. */
#ifndef ARENA_EXACT_NUMBER_H
#define ARENA_EXACT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* Room for every digit of a reference (arena/exact.h); of a longer number the
 * rest is dropped, so that it equals none. */
#define EXACT_NUMBER_DIGITS 128

struct exact_number {
    double value;
    int n_places; /* decimal places written; 0 for a power or a fraction */
    /* The digits without leading zeros, if it is written as a whole number with
     * no more of them than fit; else empty. */
    char digits[EXACT_NUMBER_DIGITS];
};

/* The last number of s[0..n) that counts by exact_scan's rule.  False if there
 * is none. */
bool exact_number_last(const char *s, size_t n, struct exact_number *out);

/* The whole text as one finite number.  False if it is something else, as a
 * date is. */
bool exact_number_read(const char *s, struct exact_number *out);

/* Whether `got` equals `wanted`, or rounds to it at its decimal places.  Whole
 * numbers must be equal in every digit. */
bool exact_number_same(const struct exact_number *got,
                       const struct exact_number *wanted);

#endif
