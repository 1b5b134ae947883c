/* inserts: rows for one table, inserted some at a time: a statement for many
 * rows takes half the time of one for each, for it opens the table and its
 * indexes once.
 *
 * Rows are inserted in the order in which they were added.  They wait in memory
 * until there are INSERTS_MANY of them, or until inserts_flush; whoever reads
 * the table flushes first.  Inside a transaction, which is undone after an
 * error: "OR FAIL" leaves the rows before the one that failed, and spares
 * SQLite a copy of each page.  One thread; 0 or -1. */
#ifndef ARENA_STORE_INSERTS_H
#define ARENA_STORE_INSERTS_H

#include "arena/store/private.h"
#include "base/buf.h"

#define INSERTS_MANY 16

#define INSERTS_FOUR(row) row ", " row ", " row ", " row
#define INSERTS_SIXTEEN(row) INSERTS_FOUR(INSERTS_FOUR(row))

/* Of "table (column, ...)" and the marks of a row, "(?, ...)": literals. */
#define INSERTS_SQL(table, row)                                                \
    {                                                                          \
        .one = "INSERT OR FAIL INTO " table " VALUES " row,                    \
        .many =                                                                \
            "INSERT OR FAIL INTO " table " VALUES " INSERTS_SIXTEEN(row),      \
    }

struct inserts_sql {
    const char *one, *many;
};

struct inserts {
    struct db *db;
    const struct inserts_sql *sql;
    /* [INSERTS_MANY][n_columns]; of a text its place in `texts`. */
    struct db_value *values;
    size_t n_columns, n_rows;
    struct buf texts; /* of the rows that wait, with a NUL after each */
};

/* The db and sql outlive it.  The owner frees; what waits then is dropped. */
void inserts_init(struct inserts *x, struct db *db,
                  const struct inserts_sql *sql, size_t n_columns);
void inserts_free(struct inserts *x);

/* Adds a row of n_columns values, whose texts are copied. */
#define inserts_add(x, e, ...)                                                 \
    inserts_add_values(x, e, DB_LIST("", __VA_ARGS__),                         \
                       DB_COUNT("", __VA_ARGS__))
int inserts_add_values(struct inserts *x, struct err *e,
                       const struct db_value *values, size_t n);

/* Inserts what waits. */
int inserts_flush(struct inserts *x, struct err *e);

/* Drops what waits. */
void inserts_clear(struct inserts *x);

#endif
