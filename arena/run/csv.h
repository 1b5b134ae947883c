/* csv: prompts as a table with a header. */
#ifndef ARENA_RUN_CSV_H
#define ARENA_RUN_CSV_H

#include "arena/run/reader.h"

/* Whether the first record is a header with "prompt" in it. */
bool prompts_is_csv(const char *s, size_t n);

/* Reads s[0..n), UTF-8 without NUL.  0, or -1. */
int prompts_read_csv(struct prompts_reader *r, const char *s, size_t n,
                     struct err *e);

#endif
