/* table: rows of cells, printed aligned for people, or as CSV, Markdown or
 * HTML.
 *
 * Cells are raw: every one passes clean on its way out, so names from files
 * and servers may stand in them.  The owner of the struct owns the cells. */
#ifndef TUI_PRINT_TABLE_H
#define TUI_PRINT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum table_format { TABLE_TEXT, TABLE_CSV, TABLE_MARKDOWN, TABLE_HTML };

struct table_column {
    const char *title;
    bool number; /* right-aligned; a spreadsheet may read it as a number */
    int max;     /* display columns of a cell as text; 0: any; or TABLE_NAME */
};

/* Cells that are names: they are cut in the middle, only as far as the width of
 * the table asks for it, and so that different ones stay different. */
#define TABLE_NAME (-1)

struct table {
    const struct table_column *columns;
    size_t n_columns;
    char **cells; /* [n_cells], row by row */
    size_t n_cells, cap;
    int width;    /* display columns of a line as text that names are cut for,
                     and then a last column with a max; 0, as table_init sets
                     it: any */
};

/* `columns` must live as long as the table. */
void table_init(struct table *t, const struct table_column *columns,
                size_t n_columns);
void table_free(struct table *t);

/* Adds the next cell; a row is full after n_columns of them.  NULL is "". */
void table_add(struct table *t, const char *text);
void table_addf(struct table *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends the title line and all full rows. */
void table_print(const struct table *t, enum table_format format,
                 struct buf *out);

/* Appends cleaned text cut to `max` display columns (0: whole) with a "~"
 * if it was cut.  Returns the columns it takes. */
int table_add_clipped(const char *text, int max, struct buf *out);

/* The same, cut in the middle. */
int table_add_middle(const char *text, int max, struct buf *out);

#endif
