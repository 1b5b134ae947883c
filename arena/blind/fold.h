/* fold: a character as a reader sees it, and what a sentence says of its
 * speaker.  Used by leak.c and names.c; in a circle with leak, of which it is
 * a part (enum leak_kind). */
#ifndef ARENA_BLIND_FOLD_H
#define ARENA_BLIND_FOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "arena/blind/leak.h"

enum leak_class {
    LEAK_LETTER,    /* an ASCII letter or digit, or what looks like one */
    LEAK_OTHER,     /* a letter of another script, or a sign */
    LEAK_INVISIBLE, /* zero-width, a mark on a letter, a colour sequence,
                       markdown's * _ ` ~ \ */
    LEAK_SEPARATOR, /* space, hyphen, dot: may stand inside a name */
    LEAK_STOP,      /* ends a sentence: ! ? and a line's end */
};

struct leak_char {
    enum leak_class class;
    char letter;    /* lower-case, of LEAK_LETTER */
    size_t n_bytes;
};

/* Whether s[0..n), n > 0, is only the first part of a character or of a colour
 * sequence (base/sgr.h). */
bool leak_is_cut(const char *s, size_t n);

/* Classifies the character at the start of s[0..n), n > 0. */
struct leak_char leak_fold(const char *s, size_t n);

/* Whether a word of this kind, behind this start of a sentence, tells who is
 * speaking.  The context is folded, with one space between words and one in
 * front. */
bool leak_context_fits(const char *context, enum leak_kind kind);

#endif
