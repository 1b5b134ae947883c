/* exact: whether an answer is right, told by a short reference answer.
 *
 * If the answer has a line that begins with "Answer:" (or "Final answer:"),
 * what follows the last such is compared, else the whole answer.  How depends
 * on the reference:
 *   a number      equals the last number there, however both are written
 *                 (arena/exact_number.h).  One with decimal places is met by
 *                 what rounds to it
 *   one letter    is the last capital letter that stands alone there; the
 *                 reference may be "B", "(B)" or "B."
 *   other words   occur there, side by side, as whole words; case, accents
 *                 and punctuation do not count
 * What stands behind "not" and the like does not count; a number or letter in
 * brackets only if none stands outside of them (arena/exact_scan.h).  Any other
 * answer that lists all possibilities passes for words: prompts should ask for
 * one.  Any thread. */
#ifndef ARENA_EXACT_H
#define ARENA_EXACT_H

#include <stdbool.h>

#define EXACT_MAX_BYTES 100 /* of a reference; a longer one is for a judge */

/* Whether a reference is short enough to be compared: one line with a letter
 * or digit in it. */
bool exact_is_checkable(const char *reference);

/* Whether the answer agrees with a checkable reference.  Both are UTF-8. */
bool exact_agrees(const char *answer, const char *reference);

/* How far two answers say the same, from 0 to 1: whether what follows "Answer:"
 * is the same number or the same words, if both have such a line; else by the
 * words that they have in common (F1).  Both are UTF-8. */
double exact_agreement(const char *x, const char *y);

#endif
