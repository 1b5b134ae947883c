/* csv: prompts as a table with a header. */
#ifndef ARENA_RUN_CSV_H
#define ARENA_RUN_CSV_H

#include "arena/run/reader.h"

/* What s[0..n) is as a table. */
enum table_kind {
    TABLE_NONE,     /* no table */
    TABLE_HEADLESS, /* of several columns, and none is known to hold prompts */
    TABLE_PROMPTS,
};
enum table_kind prompts_table_kind(const char *s, size_t n);

/* Reads s[0..n), UTF-8 without NUL.  0, or -1. */
int prompts_read_csv(struct prompts_reader *r, const char *s, size_t n,
                     struct err *e);

#endif
