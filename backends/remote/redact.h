/* redact: takes an API key out of what a server said.
 *
 * Some servers send the key back in an error, a header or an address, whole,
 * shortened ("sk-abcdefgh...") or in another case.  All words of a server but
 * the text of an answer pass through here before they are cut, shown, logged
 * or stored.  Pure; any thread. */
#ifndef BACKENDS_REMOTE_REDACT_H
#define BACKENDS_REMOTE_REDACT_H

#include <stddef.h>

/* So many bytes in a row that also stand in the key are taken for a part of
 * it; a shorter key only if it stands whole. */
#define REDACT_RUN 8

/* Keys below this hide nothing: "none", "x", for servers that want any.  Nor do
 * the longer ones that are sent to such servers, as "EMPTY". */
#define REDACT_MIN 5

/* Replaces, in place, each part of `key` in the n bytes of text by "[key]".
 * `key` may be NULL, and may hold several keys, each but the last ended by a
 * LF.  Returns the new length, at most n; text[it] = '\0' if
 * it is less than n. */
size_t redact(char *text, size_t n, const char *key);

#endif
