/* played: prompts of a file that a person is to vote on one after another.
 *
 * A battle on the screen begins with one message, so prompts that are more than
 * that are refused.  The owner of the struct frees it.  One thread. */
#ifndef TUI_PLAYED_H
#define TUI_PLAYED_H

#include <stdint.h>

#include "arena/run/prompts.h"

struct played {
    struct prompts file;
    char **prompts; /* of it, [file.n] */
    const char **categories;
};

/* Reads a file or a set by its name, in a drawn order with `shuffle`; the first
 * `limit` of them (0: all).  0, or -1 and nothing to free. */
int played_read(struct played *p, const char *name, bool shuffle, size_t limit,
                uint64_t seed, struct err *e);
void played_free(struct played *p);

#endif
