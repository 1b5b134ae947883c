/* sql_number: asks a database file what the store has no call for. */
#ifndef TESTS_UNIT_SQL_NUMBER_H
#define TESTS_UNIT_SQL_NUMBER_H

#include "tests/unit/test.h"

#include <sqlite3.h>

/* The first column of the first row. */
static inline int64_t sql_number(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(q), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    sqlite3_close(db);
    return n;
}

#endif
