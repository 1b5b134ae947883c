/* What SQLite itself finds wrong with a file. */
#include "arena/store/db.h"

#include <stdio.h>
#include <string.h>

static int check_integrity(struct db *db,
                           void (*say)(void *arg, const char *line), void *arg,
                           size_t *n, struct err *e)
{
    struct db_query *q = db_query(db, e, "PRAGMA integrity_check");
    int row = -1;
    char line[480];
    while (q != NULL && (row = db_step(db, q, e)) == 1) {
        const char *text = db_text(q, 0);
        if (text != NULL && strcmp(text, "ok") == 0)
            continue;
        snprintf(line, sizeof(line), "integrity: %.400s",
                 text ? text : "no answer");
        say(arg, line);
        (*n)++;
    }
    return row;
}

int db_check(struct db *db, void (*say)(void *arg, const char *line), void *arg,
             struct err *e)
{
    size_t n = 0;
    if (check_integrity(db, say, arg, &n, e) != 0)
        return -1;
    if (n > 0)
        return 0; /* references in broken tables mean nothing */
    struct db_query *q = db_query(db, e,
                                  "SELECT \"table\", rowid, parent"
                                  " FROM pragma_foreign_key_check"
                                  " LIMIT 100");
    int row = -1;
    char line[200];
    while (q != NULL && (row = db_step(db, q, e)) == 1) {
        const char *table = db_text(q, 0), *parent = db_text(q, 2);
        snprintf(line, sizeof(line),
                 "%.60s row %lld: its row in %.60s is not there",
                 table ? table : "?", (long long)db_whole(q, 1),
                 parent ? parent : "?");
        say(arg, line);
    }
    return row;
}
