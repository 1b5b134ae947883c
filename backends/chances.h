/* chances: how probable each token of an answer was to the model that wrote it.
 *
 * While an answer is made, tokens are noted with their bytes as the model wrote
 * them.  Once it is whole, the tokens that wrote its text are kept as a line of
 * ASCII, two characters a token: '!' + k, for a probability of k / 93, and
 * ' ' + n, for a token of n bytes.  One of more than 94 bytes stands there in
 * several parts of one probability.  So the line tells for each byte of the
 * text how sure the model was of it.  It gives away whose an answer is, if only
 * because few servers tell it: it stays hidden until the vote.
 * The owner of the struct owns the bytes.  One thread. */
#ifndef BACKENDS_CHANCES_H
#define BACKENDS_CHANCES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct chances {
    struct buf written; /* by the tokens so far */
    struct buf line;    /* of them, as above */
    bool is_lost;       /* of some token it is not known */
};

void chances_init(struct chances *c);
void chances_free(struct chances *c);

/* Notes the next token.  Without bytes it is nothing; a probability that is no
 * number makes the whole unknown. */
void chances_add(struct chances *c, const char *bytes, size_t n, double p);

/* Appends the line of text[0..n), with which what was written ends, but for a
 * few bytes (half a character, a tag).  Nothing if it is not known. */
void chances_of_text(const struct chances *c, const char *text, size_t n,
                     struct buf *out);

/* Takes the next token off a line.  False: it has ended. */
bool chances_next(const char **line, size_t *n_bytes, double *p);

/* Whether a line is one, of a text of n bytes; "" is of any. */
bool chances_fit(const char *line, size_t n);

#endif
