/* Care: is everything as it should be, a copy, and making again what follows
 * from the votes. */
#include "arena/store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_REPORTS 100 /* of integrity; a broken page can break many rows */

void db_report_add(struct db_report *r, const char *fmt, ...)
{
    char line[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    r->n_problems++;
    if (r->report)
        r->report(r->arg, line);
}

/* --- check -------------------------------------------------------------- */

static int check_integrity(struct store *s, struct db_report *r, struct err *e)
{
    sqlite3_stmt *q = db_query(s, e, "PRAGMA integrity_check", "");
    int row = -1;
    while (q != NULL && (row = db_step(s, q, e)) == 1) {
        const char *text = (const char *)sqlite3_column_text(q, 0);
        if (text == NULL || strcmp(text, "ok") != 0)
            db_report_add(r, "integrity: %.400s", text ? text : "no answer");
    }
    return row;
}

static int check_references(struct store *s, struct db_report *r,
                            struct err *e)
{
    sqlite3_stmt *q = db_query(s, e, "SELECT \"table\", rowid, parent"
                                     " FROM pragma_foreign_key_check"
                                     " LIMIT 100", "");
    int row = -1;
    while (q != NULL && (row = db_step(s, q, e)) == 1)
        db_report_add(r, "%.60s row %lld: its row in %.60s is not there",
                      sqlite3_column_text(q, 0),
                      (long long)sqlite3_column_int64(q, 1),
                      sqlite3_column_text(q, 2));
    return row;
}

static int check_states(struct store *s, struct db_report *r, struct err *e)
{
    sqlite3_stmt *q = db_query(
        s, e, "SELECT b.id, b.state, count(v.id) AS n,"
              " coalesce(sum(v.voter GLOB 'human:*'), 0) AS n_human"
              " FROM battles b LEFT JOIN votes v ON v.battle_id = b.id"
              "  AND " DB_STANDS("v") " GROUP BY b.id HAVING"
              " (b.state = 'voted') <> (n > 0) AND"
              " (b.state = 'voted') <> (n_human > 0) LIMIT 100", "");
    int row = -1;
    while (q != NULL && (row = db_step(s, q, e)) == 1)
        db_report_add(r, "battle %lld is %.20s, but has %lld votes",
                      (long long)sqlite3_column_int64(q, 0),
                      sqlite3_column_text(q, 1),
                      (long long)sqlite3_column_int64(q, 2));
    return row;
}

/* The index of the full text search compares itself with the answers. */
static int check_search(struct store *s, struct db_report *r, struct err *e)
{
    if (!s->has_search || sqlite3_db_readonly(s->db, "main") == 1)
        return 0;
    if (db_begin(s, e) != 0)
        return -1;
    struct err why;
    if (db_run(s, &why, "INSERT INTO search (search, rank)"
                        " VALUES ('integrity-check', 1)", "") != 0)
        db_report_add(r, "search index: %s", why.text);
    return db_end(s, 0, e);
}

/* All reading in one transaction: others may vote meanwhile. */
static int check_all(struct store *s, struct db_report *r, struct err *e)
{
    size_t before = r->n_problems;
    if (check_integrity(s, r, e) != 0)
        return -1;
    if (r->n_problems > before)
        return 0; /* what stands in broken tables means nothing */
    if (check_references(s, r, e) != 0)
        return -1;
    if (r->n_problems > before)
        return 0;
    if (check_states(s, r, e) != 0)
        return -1;
    if (db_sum_check(s, r, e) != 0)
        return -1;
    return db_replay_check(s, r, e);
}

int store_check(struct store *s, void (*report)(void *arg, const char *line),
                void *arg, size_t *n_problems, struct err *e)
{
    struct db_report r = {.report = report, .arg = arg};
    if (db_run(s, e, "BEGIN", "") != 0)
        return -1;
    int result = db_end(s, check_all(s, &r, e), e);
    if (result == 0 && r.n_problems == 0)
        result = check_search(s, &r, e);
    *n_problems = r.n_problems;
    return result;
}

/* --- rebuild ------------------------------------------------------------ */

#define LIVE_VOTES                                                  \
    "SELECT 1 FROM votes v WHERE v.battle_id = battles.id AND " \
    DB_STANDS("v")

/* A person's vote makes a battle voted, and without any vote it is not. */
static int mend_states(struct store *s, struct err *e)
{
    return db_script(s, e,
                     "UPDATE battles SET state = 'voted'"
                     " WHERE state <> 'voted' AND EXISTS"
                     "  (" LIVE_VOTES " AND v.voter GLOB 'human:*');"
                     "UPDATE battles SET state = CASE WHEN EXISTS"
                     "  (SELECT 1 FROM answers a"
                     "   WHERE a.battle_id = battles.id) THEN 'ready'"
                     "  ELSE 'skipped' END"
                     " WHERE state = 'voted' AND NOT EXISTS (" LIVE_VOTES ")");
}

static int rebuild(struct store *s, struct err *e)
{
    if (mend_states(s, e) != 0 || db_replay_all(s, e) != 0 ||
        db_sum_all(s, e) != 0)
        return -1;
    return s->has_search
               ? db_run(s, e, "INSERT INTO search (search) VALUES ('rebuild')",
                        "")
               : 0;
}

int store_rebuild(struct store *s, struct err *e)
{
    if (db_begin(s, e) != 0)
        return -1;
    return db_end(s, rebuild(s, e), e);
}

/* --- backup ------------------------------------------------------------- */

static int copy_pages(struct store *s, sqlite3 *to, const char *path,
                      struct err *e)
{
    sqlite3_busy_timeout(to, 5000);
    /* EXTRA also syncs the folder, and with it the new file's name. */
    sqlite3_exec(to, "PRAGMA synchronous=EXTRA", NULL, NULL, NULL);
    sqlite3_backup *b = sqlite3_backup_init(to, "main", s->db, "main");
    int rc = SQLITE_ERROR;
    if (b != NULL) {
        /* All pages in one step hold one read lock: one moment's copy. */
        rc = sqlite3_backup_step(b, -1);
        for (int i = 0; i < 100 && (rc & 0xff) == SQLITE_BUSY; i++) {
            sqlite3_sleep(50);
            rc = sqlite3_backup_step(b, -1);
        }
        sqlite3_backup_finish(b);
    }
    if (rc == SQLITE_DONE)
        return 0;
    return err_set(e, ERR_DB, "%s: the copy failed: %s", path,
                   rc == SQLITE_ERROR ? sqlite3_errmsg(to)
                                      : sqlite3_errstr(rc));
}

int store_backup(struct store *s, const char *path, struct err *e)
{
    /* Claims the name: nobody's file is written over. */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set(e, ERR_DB, "%s: cannot make the copy: %s", path,
                       strerror(errno));
    close(fd);
    sqlite3 *to = NULL;
    char *name = db_literal(path);
    int result;
    if (sqlite3_open_v2(name, &to, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        result = err_set(e, ERR_DB, "%s: cannot make the copy: %s", path,
                         to ? sqlite3_errmsg(to) : "no memory");
    else
        result = copy_pages(s, to, path, e);
    free(name);
    if (sqlite3_close(to) != SQLITE_OK && result == 0)
        result = err_set(e, ERR_DB, "%s: cannot close the copy", path);
    if (result != 0)
        unlink(path);
    return result;
}
