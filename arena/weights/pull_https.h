/* pull_https: a file from an https address, in the middle of which it can go
 * on. */
#ifndef ARENA_WEIGHTS_PULL_HTTPS_H
#define ARENA_WEIGHTS_PULL_HTTPS_H

#include "arena/weights/part.h"
#include "base/err.h"

/* Appends what is still missing to the part file.  0, or -1 with ERR_BACKEND
 * (network), ERR_FORMAT, ERR_FAILURE (disk) or ERR_INTERRUPTED. */
int pull_https(struct part *p, const char *url, struct err *e);

#endif
