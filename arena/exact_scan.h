/* exact_scan: which of several numbers or letters in an answer is meant, for
 * arena/exact: the last one, but neither what is rejected ("not 41",
 * "isn't 41", "rather than 41", "instead of 41") nor, if something stands
 * outside of brackets, what stands in them: "12 m (the longer one is 19 m)".
 * Any thread. */
#ifndef ARENA_EXACT_SCAN_H
#define ARENA_EXACT_SCAN_H

#include <stdbool.h>

struct exact_scan {
    const char *begin; /* of the text; the caller sets it, the rest is 0 */
    int depth;         /* brackets open here, on this line */
    bool any, inside;  /* what was taken last, if any: in brackets? */
};

/* Goes over the character at s. */
void exact_scan_pass(struct exact_scan *scan, const char *s);

/* Whether what begins at s, up to which all was passed, takes the place of what
 * was taken before; if so, that is noted. */
bool exact_scan_takes(struct exact_scan *scan, const char *s);

/* Whether the text from begin to s ends with words that reject what follows. */
bool exact_scan_is_rejected(const char *begin, const char *s);

#endif
