/* text: prompts as plain text: a prompt a line, or blocks between lines ---. */
#ifndef ARENA_RUN_TEXT_H
#define ARENA_RUN_TEXT_H

#include "arena/run/reader.h"

/* Reads s[0..n), UTF-8 without NUL.  0, or -1. */
int prompts_read_text(struct prompts_reader *r, const char *s, size_t n,
                     struct err *e);

#endif
