/* rows: the rows of a table (CSV) in a window, one after the other.
 *
 *     rows_begin(&r, &window, path, is_known, &header, e)
 *     while (rows_next(&r, &record, &line, &fault, e) == 1)
 *         …
 *
 * Fields are unquoted and lie in the window until the next call.  Owns
 * nothing; window and path outlive it.  One thread. */
#ifndef ARENA_EXCHANGE_ROWS_H
#define ARENA_EXCHANGE_ROWS_H

#include <stdint.h>

#include "arena/votelog/window.h"
#include "base/csv.h"
#include "base/err.h"

#define ROWS_MAX_FIELDS 256

struct rows {
    struct window *window;
    const char *path;
    uint64_t line; /* lines before the next record */
    char separator;
    int n_fields;  /* of the header */
    struct csv_field fields[ROWS_MAX_FIELDS + 1]; /* one more: too many */
};

/* Reads the header.  `is_known` says which names of columns a file of this
 * form has, by which the separator is guessed.  0, or -1. */
int rows_begin(struct rows *r, struct window *w, const char *path,
               bool (*is_known)(const struct csv_field *f),
               struct csv_record *header, struct err *e);

/* The next record that is not an empty line, and the line on which it begins.
 * *fault: why it cannot be used, or NULL.  1; 0: there are no more; -1. */
int rows_next(struct rows *r, struct csv_record *record, uint64_t *line,
              const char **fault, struct err *e);

#endif
