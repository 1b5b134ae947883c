/* jsonl: prompts as JSON objects: MT-bench's and arena-hard's question files,
 * alpaca_eval's lists, chat data with messages. */
#ifndef ARENA_RUN_JSONL_H
#define ARENA_RUN_JSONL_H

#include "arena/run/reader.h"

/* Reads s[0..n), UTF-8 without NUL.  0, or -1. */
int prompts_read_jsonl(struct prompts_reader *r, const char *s, size_t n,
                     struct err *e);

#endif
