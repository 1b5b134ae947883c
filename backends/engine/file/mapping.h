/* mapping: a file mapped read-only, that may change under us.
 *
 * When a mapped file is truncated, or its disk fails, reading it raises
 * SIGBUS.  The handler that mapping_open installs puts zero pages in place of
 * the lost ones and marks the mapping broken, so the reader runs on, and asks
 * mapping_broken before it trusts what it made.  Other SIGBUS signals kill the
 * program as ever.
 *
 * Any thread may read; one opens and closes. */
#ifndef BACKENDS_ENGINE_FILE_MAPPING_H
#define BACKENDS_ENGINE_FILE_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct mapping;

/* Maps a regular file that is not empty.  0, or -1 with ERR_BACKEND (not
 * there, not readable, no memory) or ERR_FORMAT (empty, not a file). */
int mapping_open(struct mapping **out, const char *path, struct err *e);

/* Unmaps; NULL is allowed. */
void mapping_close(struct mapping *m);

const unsigned char *mapping_data(const struct mapping *m);
size_t mapping_bytes(const struct mapping *m);
const char *mapping_path(const struct mapping *m);

/* Some page was lost since it was mapped. */
bool mapping_broken(const struct mapping *m);

/* Sets e to say so and returns -1 if it is broken, else 0. */
int mapping_check(const struct mapping *m, struct err *e);

/* These bytes of the mapping are about to be read: their pages are mapped at
 * once, instead of one fault after the other, and the disk is asked for what
 * lies a little further on. */
void mapping_fetch(const struct mapping *m, const void *bytes, size_t n);

/* These bytes of the mapping are not needed soon: their pages stop counting
 * as ours, and come back from the file when they are read again. */
void mapping_drop(const struct mapping *m, const void *bytes, size_t n);

#endif
