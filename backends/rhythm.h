/* rhythm: when the bytes of an answer came, so that it can be shown once more
 * as it streamed.
 *
 * As text: "MS+BYTES" of each piece, with a space between two: so many
 * milliseconds after the piece before (the first: after it was asked for) came
 * so many bytes.  "" is: not recorded.  Pieces that come closely one after
 * another are one, at the time of the first, so that a long answer needs no
 * more than RHYTHM_MAX_PIECES; what that is grows with the answer.
 * It tells how fast a model is: it stays hidden until the vote.
 * The owner of the struct owns the pieces.  One thread. */
#ifndef BACKENDS_RHYTHM_H
#define BACKENDS_RHYTHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define RHYTHM_MAX_PIECES 2048
#define RHYTHM_GAP_MS 40 /* a screen shows no more: 25 pieces a second */

struct rhythm {
    struct rhythm_piece {
        int64_t ms;     /* since it was asked for */
        size_t n_bytes; /* of the answer, with this piece */
    } *pieces;
    size_t n;
    int64_t gap_ms; /* pieces that are nearer are one */
};

void rhythm_init(struct rhythm *r);
void rhythm_free(struct rhythm *r);

/* So many ms after it was asked for, the answer has n bytes.  Fewer than
 * before: it began anew. */
void rhythm_add(struct rhythm *r, int64_t ms, size_t n_bytes);

/* The text so far was none of the answer. */
void rhythm_restart(struct rhythm *r);

/* Appends the text of an answer of n bytes; nothing if the pieces are not
 * those of so many. */
void rhythm_write(const struct rhythm *r, size_t n_bytes, struct buf *out);

/* How many bytes there were after so many ms.  *next_ms (may be NULL) is when
 * there will be more, -1: never.  The text is one that fits. */
size_t rhythm_at(const char *text, int64_t ms, int64_t *next_ms);

/* Whether a text is one, of an answer of n bytes; "" is of any. */
bool rhythm_fits(const char *text, size_t n_bytes);

#endif
