/* ballot: a vote that was written as a line, and why.
 *
 * The line is a word, as the keys of the screen or as `arena record` takes it;
 * then, if one likes, tags behind "#" and a comment behind ";":
 *
 *     b
 *     b #clear, too short
 *     t #wrong; both miss the second question
 *     a; it ran at once
 *
 * Nothing else may follow the word: a prompt that begins with "a", read in the
 * place of a vote, is none.  Any thread. */
#ifndef TUI_PRINT_BALLOT_H
#define TUI_PRINT_BALLOT_H

#include <stdbool.h>

#include "base/buf.h"
#include "rating/votes/counts.h"

enum ballot_word {
    BALLOT_UNKNOWN, /* neither of the two */
    BALLOT_VOTE,
    BALLOT_SKIP,
};

#define BALLOT_MAX_BYTES 20000 /* of a line */

struct ballot {
    enum ballot_word word;
    enum rating_outcome verdict; /* of BALLOT_VOTE */
    struct buf tags;             /* "clear,too short"; "": none */
    struct buf comment;          /* "": none */
};

void ballot_init(struct ballot *b);
void ballot_free(struct ballot *b);

/* Reads a NUL-terminated line in place of what `b` held.  A reason that is
 * longer than the store takes (REASONS_MAX_BYTES) makes it BALLOT_UNKNOWN. */
void ballot_read(struct ballot *b, const char *line);

#endif
