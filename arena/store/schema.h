/* schema: the tables, and which files are refused. */
#ifndef ARENA_STORE_SCHEMA_H
#define ARENA_STORE_SCHEMA_H

#include "arena/store/private.h"

#define SCHEMA_APPLICATION_ID 0x4172656e /* "Aren", at offset 68 of the file */

/* Refuses a file that is not ours or newer than we are, without a write. */
int schema_check_file(const char *path, struct err *e);

/* The same on the open database; then makes or migrates what is there, and
 * refuses what does not have our tables or has triggers. */
int schema_prepare(struct store *s, struct err *e);

#endif
