/* pattern: regular expressions of JSON Schema ("pattern") as automata over
 * characters, so that a text can be held to one while it is written.
 *
 * Of ECMA-262's syntax, which JSON Schema recommends, this is understood:
 * characters, ., [a-z], [^a-z], \d \w \s and their opposites, \t \n \r \f \v,
 * \xHH, \uHHHH, \u{H…}, groups (capturing or not), |, *, +, ?, {m}, {m,},
 * {m,n}, lazy or not, ^ and $ anywhere, and (?=…) and (?!…) behind a ^ that the
 * expression begins with.  The rest (other look-around, back references, \b,
 * \p{…}) is refused.  As in the standard, an expression without
 * ^ or $ may match anywhere in the text.
 * Method: Thompson's construction, then that of subsets (Aho, Sethi and Ullman,
 * "Compilers", 3.7).  Immutable once compiled; any thread. */
#ifndef BACKENDS_ENGINE_SAMPLING_PATTERN_H
#define BACKENDS_ENGINE_SAMPLING_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pattern;

#define PATTERN_START 0u     /* the state before the first character */
#define PATTERN_DEAD UINT16_MAX

/* Compiles text, NUL-terminated.  NULL, and *why the reason, for an expression
 * that is not understood or would need too many states. */
struct pattern *pattern_open(const char *text, const char **why);

/* What takes the texts that both take; or, if `negative`, those that a takes
 * and b does not.  NULL, and *why, if it would need too many states. */
struct pattern *pattern_join(const struct pattern *a, const struct pattern *b,
                             bool negative, const char **why);
void pattern_close(struct pattern *p); /* NULL is allowed */

/* The state after a character, or PATTERN_DEAD. */
uint16_t pattern_next(const struct pattern *p, uint16_t state, uint32_t cp);

/* Whether the text may end in a state. */
bool pattern_ends(const struct pattern *p, uint16_t state);

/* Whether some text of `min` to `max` further characters (UINT32_MAX: any)
 * leads from a state to an end.  Exact up to 255 characters. */
bool pattern_reaches(const struct pattern *p, uint16_t state, uint32_t min,
                     uint32_t max);

/* The same after one character out of [first, last]. */
bool pattern_reaches_by(const struct pattern *p, uint16_t state,
                        uint32_t first, uint32_t last, uint32_t min,
                        uint32_t max);

#endif
