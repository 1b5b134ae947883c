/* values: the JSON values of a file, one after the other: a value a line, or
 * the elements of one array; or the rows of a table as objects, whose keys are
 * the names of its columns.  Memory is bounded by the longest value.  The
 * opener closes it.  One thread. */
#ifndef ARENA_EXCHANGE_VALUES_H
#define ARENA_EXCHANGE_VALUES_H

#include "arena/exchange/rows.h"
#include "arena/votelog/window.h"
#include "base/err.h"
#include "base/json.h"

struct values {
    struct window window;
    const char *path;
    uint64_t line; /* lines before the window */
    bool is_array, has_begun;
    bool is_open;      /* an array that has not ended */
    struct rows *rows; /* of a table, else NULL */
    char **keys;       /* [rows->n_fields] */
};

/* `is_known` (NULL: no tables): which columns a table of this form has.  What
 * does not begin with a brace or a bracket is then taken for a table.  0 or
 * -1. */
int values_open(struct values *v, const char *path,
                bool (*is_known)(const struct csv_field *f), struct err *e);
void values_close(struct values *v);

/* The next value and the line on which it begins.  1 and *out (the caller
 * frees); 1 and *out NULL: it is broken, or the array has no end, *e says why,
 * and the next one may be read; 0: there are no more; -1. */
int values_next(struct values *v, cJSON **out, uint64_t *line, struct err *e);

#endif
