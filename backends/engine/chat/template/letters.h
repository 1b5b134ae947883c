/* letters: what kind of character one is, and its upper and lower case, as
 * Python's str has it.  Pure; any thread. */
#ifndef TEMPLATE_LETTERS_H
#define TEMPLATE_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length in bytes of the character s[0..n) begins with; n > 0. */
size_t letters_size(const char *s, size_t n);

/* Length in bytes of a blank (str.isspace) at the beginning of s[0..n), or at
 * its end; 0: there is none. */
size_t letters_blank(const char *s, size_t n);
size_t letters_blank_before(const char *s, size_t n);

/* Whether a byte is part of a name: what is not ASCII is. */
bool letters_is_word(unsigned char c);

/* Whether the character s[0..n) is a letter, a number or "_". */
bool letters_in_word(const char *s, size_t n);

enum letters_kind {
    LETTERS_ALPHA = 1,
    LETTERS_DIGIT = 2,   /* isdigit: with superscripts and the like */
    LETTERS_NUMERIC = 4, /* isnumeric: fractions and the like, too */
    LETTERS_UPPER = 8,
    LETTERS_LOWER = 16,
    LETTERS_TITLE = 32,
    LETTERS_DECIMAL = 64, /* isdecimal */
};
unsigned letters_kind(uint32_t cp);

/* The case of a character, as 1 to 3 characters: returns how many. */
#define LETTERS_MAX 3
size_t letters_upper(uint32_t cp, uint32_t out[LETTERS_MAX]);
size_t letters_lower(uint32_t cp, uint32_t out[LETTERS_MAX]);
size_t letters_title(uint32_t cp, uint32_t out[LETTERS_MAX]);
/* Whether a sigma that ends a word is looked for past this character. */
bool letters_ignored(uint32_t cp);

#endif
