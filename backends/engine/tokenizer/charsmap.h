/* charsmap: the table by which SentencePiece rewrites text before it
 * cuts it into tokens (Unicode's NFKC with exceptions, mostly).
 *
 * Source of the form: google/sentencepiece, normalizer.cc, and s-yata/
 * darts-clone.  A "precompiled_charsmap" is the size of a double-array trie,
 * the trie, and the NUL-terminated texts that its values point to.  It came
 * with a download: nothing in it is believed, and a step to where it has
 * nothing ends the search.  Immutable once open; any thread. */
#ifndef BACKENDS_ENGINE_TOKENIZER_CHARSMAP_H
#define BACKENDS_ENGINE_TOKENIZER_CHARSMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct charsmap;

/* Copies bytes[0..n).  0, or -1 with ERR_FORMAT (or ERR_BACKEND: no memory). */
int charsmap_open(struct charsmap **out, const void *bytes, size_t n,
                  struct err *e);
void charsmap_close(struct charsmap *c); /* NULL is allowed */

/* What the beginning of text[0..n), n > 0, is rewritten to: returns how many
 * of its bytes are replaced (the longest beginning in the table; what is not
 * there is one character that stays, or a byte that is no UTF-8, for which
 * U+FFFD stands), and *to [*n_to] is the replacement, in the map or in the
 * text.  c may be NULL: an empty table. */
size_t charsmap_replace(const struct charsmap *c, const char *text, size_t n,
                        const char **to, size_t *n_to);

#endif
