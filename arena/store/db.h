/* db: the narrow driver below the store: one open database, statements with
 * typed values, transactions.  db_sqlite.c is the only file that knows which
 * program stores.
 *
 * SQL stands in the part of the store that needs it.  A statement is named by
 * the address of its text (a literal), prepared at its first use and kept; so
 * no text may be built at run time, and a statement may not run inside itself.
 *
 *     struct db_query *q = db_query(db, e, "SELECT name FROM models"
 *                                          " WHERE id > ?", DB(id));
 *     while (q != NULL && (row = db_step(db, q, e)) == 1)
 *         … db_text(q, 0) …
 *
 * Every change goes between db_begin and db_end.  The latter commits or undoes
 * everything, so the functions between need no cleanup of rows.  One thread per
 * struct db.  Errors are ERR_DB, one line with the file and what to do. */
#ifndef ARENA_STORE_DB_H
#define ARENA_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct db;
struct db_query;

/* --- values ------------------------------------------------------------- */

enum db_type { DB_END, DB_WHOLE, DB_REAL, DB_TEXT };

struct db_value {
    enum db_type type;
    union {
        int64_t whole;
        double real;      /* NaN is NULL */
        const char *text; /* NULL is NULL; lives until the last step */
    } as;
};

static inline struct db_value db_of_whole(int64_t x)
{
    return (struct db_value){.type = DB_WHOLE, .as.whole = x};
}

static inline struct db_value db_of_real(double x)
{
    return (struct db_value){.type = DB_REAL, .as.real = x};
}

static inline struct db_value db_of_text(const char *x)
{
    return (struct db_value){.type = DB_TEXT, .as.text = x};
}

/* A number, or NULL if it is the one that stands for an unknown one. */
static inline struct db_value db_unless(int64_t unknown, int64_t x)
{
    return x == unknown ? (struct db_value){.type = DB_TEXT} : db_of_whole(x);
}

/* A value by its C type.  A type that is not listed does not compile, such as
 * size_t, which may not fit. */
#define DB(x)                                                                  \
    _Generic((x), bool: db_of_whole, int: db_of_whole,                     \
             unsigned: db_of_whole, long: db_of_whole,                     \
             long long: db_of_whole, float: db_of_real, double: db_of_real, \
             char *: db_of_text, const char *: db_of_text)(x)

/* Of "SQL, value, value, …" the SQL, the values and their number. */
#define DB_SQL_(sql, ...) sql
#define DB_LIST_(sql, ...) ((const struct db_value[]){__VA_ARGS__})
#define DB_SQL(...) DB_SQL_(__VA_ARGS__, )
#define DB_LIST(...) DB_LIST_(__VA_ARGS__, {.type = DB_END})
#define DB_COUNT(...)                                                          \
    (sizeof(DB_LIST(__VA_ARGS__)) / sizeof(struct db_value) - 1)
#define DB_CALL(...)                                                           \
    DB_SQL(__VA_ARGS__), DB_LIST(__VA_ARGS__), DB_COUNT(__VA_ARGS__)

/* --- statements --------------------------------------------------------- */

/* A statement with its values bound, to be stepped; NULL on error. */
#define db_query(db, e, ...) db_query_values(db, e, DB_CALL(__VA_ARGS__))

/* Runs a statement whose rows, if any, are not wanted.  0 or -1. */
#define db_run(db, e, ...) db_run_values(db, e, DB_CALL(__VA_ARGS__))

/* Inserts a row; *id is its number.  0 or -1. */
#define db_insert(db, e, id, ...)                                              \
    db_insert_values(db, e, id, DB_CALL(__VA_ARGS__))

/* The first column of the first row.  1, 0 if there is no row, or -1. */
#define db_number(db, e, out, ...)                                             \
    db_number_values(db, e, out, DB_CALL(__VA_ARGS__))

struct db_query *db_query_values(struct db *db, struct err *e, const char *sql,
                                 const struct db_value *values, size_t n);
int db_run_values(struct db *db, struct err *e, const char *sql,
                  const struct db_value *values, size_t n);
int db_insert_values(struct db *db, struct err *e, int64_t *id,
                     const char *sql, const struct db_value *values, size_t n);
int db_number_values(struct db *db, struct err *e, int64_t *out,
                     const char *sql, const struct db_value *values, size_t n);

/* 1: there is a row; 0: there are no more; -1: error.  A caller that stops
 * while there may be rows calls db_reset, which ends the read. */
int db_step(struct db *db, struct db_query *q, struct err *e);
void db_reset(struct db_query *q);

/* Columns of the row that the last step gave, from 0.  A text lives until the
 * next step or reset; it is NULL if the column is. */
bool db_is_null(const struct db_query *q, int column);
int64_t db_whole(const struct db_query *q, int column); /* 0 if NULL */
double db_real(const struct db_query *q, int column);   /* 0 if NULL */
const char *db_text(const struct db_query *q, int column);

/* A copy, "" if the column is NULL.  The caller frees. */
char *db_copy(const struct db_query *q, int column);

/* Several statements without values, not kept.  0 or -1. */
int db_script(struct db *db, struct err *e, const char *sql);

/* Takes the write lock at once (a read lock that is upgraded later would fail
 * without waiting), for up to the busy timeout. */
int db_begin(struct db *db, struct err *e);

/* Begins a transaction that only reads: all of it sees one moment. */
int db_begin_read(struct db *db, struct err *e);

/* Commits if result is 0, else undoes everything since the start.  Returns
 * result, or -1 if the commit failed. */
int db_end(struct db *db, int result, struct err *e);

/* One transaction around several: the begins and ends between do nothing but
 * note a failure, after which the whole group is undone.  0 or -1. */
int db_begin_group(struct db *db, struct err *e);
int db_end_group(struct db *db, int result, struct err *e);

/* Inside a transaction: what comes between can be undone alone.  db_unmark
 * undoes it unless result is 0, and returns result. */
int db_mark(struct db *db, struct err *e);
int db_unmark(struct db *db, int result, struct err *e);

/* --- errors ------------------------------------------------------------- */

/* The file holds what it cannot hold if it is ours and whole.  Returns -1. */
int db_fail_damaged(struct db *db, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* --- opening ------------------------------------------------------------ */

enum db_mode {
    DB_WRITE,  /* made if it is missing, readable by its owner alone */
    DB_READ,   /* not even a journal is rolled back */
    DB_FROZEN, /* as the file lies there: nobody else may be writing */
};

/* Opens a file, of which nothing is trusted: its triggers and views do not
 * run.  0, or -1.  *out must be closed in either case (it may be NULL). */
int db_open(struct db **out, const char *path, enum db_mode mode,
            struct err *e);
void db_close(struct db *db); /* NULL is nothing */

/* Whose the file is, by its first page as it lies on the disk.  False: the file
 * has no such page, or cannot be read. */
bool db_file_marks(struct db *db, int64_t *application, int64_t *version);

/* After an error: whether its cause is a file or folder that may not be
 * written, so that DB_FROZEN may work. */
bool db_failed_to_write(const struct db *db);

/* After an error: whether its cause is a row that the tables refuse, such as
 * one that exists already. */
bool db_failed_by_row(const struct db *db);

/* The file turned out to be ours.  Sets how commits reach the disk. */
int db_trust(struct db *db, struct err *e);

/* Changes wait up to 5 s for another program's lock; in a hurry a moment. */
void db_hurry(struct db *db, bool hurry);

/* Much will be read and written: keeps up to 96 MiB of pages in memory, and
 * leaves it to the caller that rows refer only to rows that are there, and that
 * words and numbers are those that the tables' checks allow.  The second lets
 * SQLite see to that again.  Both outside of transactions. */
int db_expect_much(struct db *db, struct err *e);
int db_expect_little(struct db *db, struct err *e);

const char *db_path(const struct db *db);
bool db_is_read_only(const struct db *db);

/* Says each thing that is wrong with the file, and then each reference to a row
 * that is not there, up to 100.  0, or -1 if it could not be found out. */
int db_check(struct db *db, void (*say)(void *arg, const char *line), void *arg,
             struct err *e);

/* Copies one moment's state into an empty file.  0, or -1 with ERR_DB. */
int db_copy_file(struct db *db, const char *path, struct err *e);

/* --- which program stores ------------------------------------------------ */

const char *db_version(void); /* "3.40.1" */
bool db_has_full_text(void);  /* it can search texts by words */

/* Whether this version of SQLite resets its write-ahead log safely: from
 * 3.51.3, and 3.50.7 and 3.44.6 in their series.  Before that a race of two
 * connections can damage the file. */
bool db_wal_is_safe(int version_number);

#endif
