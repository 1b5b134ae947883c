/* digest: the sha256 of a file, by which weights are known. */
#ifndef ARENA_WEIGHTS_DIGEST_H
#define ARENA_WEIGHTS_DIGEST_H

#include <stdbool.h>

#include "base/err.h"

#define DIGEST_TEXT_BYTES 65 /* 64 hexadecimal digits and a NUL */

/* Reads the file at `path` to its end and writes its sha256 in lower case.
 * 0, or -1 with ERR_FAILURE. */
int digest_file(const char *path, char out[DIGEST_TEXT_BYTES], struct err *e);

/* Whether a text is 64 hexadecimal digits. */
bool digest_is_valid(const char *text);

#endif
