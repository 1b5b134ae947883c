/* magic: what a file that is no GGUF may be, by its first bytes, so that a
 * person knows what to do.  Pure; any thread. */
#ifndef BACKENDS_ENGINE_FILE_MAGIC_H
#define BACKENDS_ENGINE_FILE_MAGIC_H

#include <stddef.h>

/* The words for "NAME: is …", or NULL if nothing is known of such bytes. */
const char *magic_name(const void *bytes, size_t n);

#endif
