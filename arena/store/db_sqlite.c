#include "arena/store/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/path.h"

#define BUSY_TIMEOUT_MS 5000
#define HURRY_TIMEOUT_MS 50
#define CROWDED_MS 1000
#define CROWDED_PAUSE_US 2000
#define MAX_VALUE_BYTES (64 << 20) /* of one text or row */

static int patience_ms(const struct store *s)
{
    return s->hurry ? HURRY_TIMEOUT_MS : BUSY_TIMEOUT_MS;
}

void store_hurry(struct store *s, bool hurry)
{
    s->hurry = hurry;
}

/* --- errors ------------------------------------------------------------- */

int db_fail(struct store *s, struct err *e)
{
    int code = sqlite3_extended_errcode(s->db);
    int system = sqlite3_system_errno(s->db);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_set(e, ERR_DB,
                       "%s: another program has held the database for more "
                       "than %g s; nothing was stored; end that program or try "
                       "again", s->path, patience_ms(s) / 1000.0);
    case SQLITE_READONLY:
        return err_set(e, ERR_DB,
                       "%s: cannot write: the file or its folder is read-only; "
                       "nothing was stored", s->path);
    case SQLITE_FULL:
        return err_set(e, ERR_DB,
                       "%s: the disk is full; nothing was stored; free some "
                       "space and try again", s->path);
    case SQLITE_CANTOPEN:
        return err_set(e, ERR_DB, "%s: cannot open the database: %s", s->path,
                       system ? strerror(system) : sqlite3_errmsg(s->db));
    case SQLITE_IOERR:
        return err_set(e, ERR_DB,
                       "%s: reading or writing failed: %s; nothing was stored",
                       s->path,
                       system ? strerror(system) : sqlite3_errmsg(s->db));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return db_fail_damaged(s, e, "%.160s", sqlite3_errmsg(s->db));
    default:
        return err_set(e, ERR_DB, "%s: %.160s; \"arena db check\" may say more",
                       s->path, sqlite3_errmsg(s->db));
    }
}

int db_fail_damaged(struct store *s, struct err *e, const char *fmt, ...)
{
    char what[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    return err_set(e, ERR_DB,
                   "%s: the database is damaged: %s; put a backup in its place",
                   s->path, what);
}

/* --- statements --------------------------------------------------------- */

static sqlite3_stmt *prepare(struct store *s, struct err *e, const char *sql)
{
    for (int i = 0; i < s->n_statements; i++)
        if (s->statements[i].sql == sql)
            return s->statements[i].stmt;
    assert(s->n_statements < DB_MAX_STATEMENTS);
    struct db_statement *new = &s->statements[s->n_statements];
    if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                           &new->stmt, NULL) != SQLITE_OK) {
        db_fail(s, e);
        return NULL;
    }
    new->sql = sql;
    s->n_statements++;
    return new->stmt;
}

static int bind(sqlite3_stmt *q, const char *types, va_list ap)
{
    assert((int)strlen(types) == sqlite3_bind_parameter_count(q));
    int rc = SQLITE_OK;
    for (int i = 0; types[i] != '\0' && rc == SQLITE_OK; i++) {
        switch (types[i]) {
        case 'i':
            rc = sqlite3_bind_int64(q, i + 1, va_arg(ap, int64_t));
            break;
        case 'd': /* a NaN is stored as NULL by SQLite itself */
            rc = sqlite3_bind_double(q, i + 1, va_arg(ap, double));
            break;
        default:
            rc = sqlite3_bind_text(q, i + 1, va_arg(ap, const char *), -1,
                                   SQLITE_STATIC);
        }
    }
    return rc;
}

static sqlite3_stmt *query(struct store *s, struct err *e, const char *sql,
                           const char *types, va_list ap)
{
    sqlite3_stmt *q = prepare(s, e, sql);
    if (q == NULL)
        return NULL;
    assert(!sqlite3_stmt_busy(q));
    if (bind(q, types, ap) != SQLITE_OK) {
        db_fail(s, e);
        return NULL;
    }
    return q;
}

sqlite3_stmt *db_query(struct store *s, struct err *e, const char *sql,
                       const char *types, ...)
{
    va_list ap;
    va_start(ap, types);
    sqlite3_stmt *q = query(s, e, sql, types, ap);
    va_end(ap);
    return q;
}

int db_step(struct store *s, sqlite3_stmt *q, struct err *e)
{
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        return 1;
    /* The error must be read before the reset, which may set another. */
    int result = rc == SQLITE_DONE ? 0 : db_fail(s, e);
    sqlite3_reset(q);
    return result;
}

/* Runs a statement to its first row, whose first number goes to *out.  As
 * db_number. */
static int first_number(struct store *s, struct err *e, int64_t *out,
                        const char *sql, const char *types, va_list ap)
{
    sqlite3_stmt *q = query(s, e, sql, types, ap);
    int row = q == NULL ? -1 : db_step(s, q, e);
    if (row == 1) {
        *out = sqlite3_column_int64(q, 0);
        sqlite3_reset(q);
    }
    return row;
}

int db_run(struct store *s, struct err *e, const char *sql, const char *types,
           ...)
{
    int64_t ignored;
    va_list ap;
    va_start(ap, types);
    int row = first_number(s, e, &ignored, sql, types, ap);
    va_end(ap);
    return row < 0 ? -1 : 0;
}

int db_number(struct store *s, struct err *e, int64_t *out, const char *sql,
              const char *types, ...)
{
    va_list ap;
    va_start(ap, types);
    int row = first_number(s, e, out, sql, types, ap);
    va_end(ap);
    return row;
}

int db_script(struct store *s, struct err *e, const char *sql)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : db_fail(s, e);
}

char *db_text(sqlite3_stmt *q, int column)
{
    const char *text = (const char *)sqlite3_column_text(q, column);
    return mem_strdup(text ? text : "");
}

/* --- transactions ------------------------------------------------------- */

/* Whoever has just let go of the lock would have it again before anyone who
 * waits looks; where others were met lately, they come first. */
static void let_others_go_first(const struct store *s)
{
    struct timespec pause = {.tv_nsec = CROWDED_PAUSE_US * 1000};
    if (clock_monotonic_ms() < s->crowded_until_ms)
        nanosleep(&pause, NULL);
}

int db_begin(struct store *s, struct err *e)
{
    let_others_go_first(s);
    return db_run(s, e, "BEGIN IMMEDIATE", "");
}

int db_end(struct store *s, int result, struct err *e)
{
    if (result == 0 && db_run(s, e, "COMMIT", "") == 0)
        return 0;
    /* SQLite may have rolled back by itself, as after a full disk. */
    if (!sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

/* --- waiting for others -------------------------------------------------- */

/* Between two votes of a busy program the lock is free for a moment only.  So
 * whoever has waited long looks more often than who came just now: without
 * that, SQLite's own handler, which looks ever less often, starves. */
int db_wait_for_lock(void *arg, int n_tries)
{
    struct store *s = arg;
    int64_t now = clock_monotonic_ms();
    if (n_tries == 0)
        s->waiting_since_ms = now;
    s->crowded_until_ms = now + CROWDED_MS;
    int64_t waited_ms = now - s->waiting_since_ms;
    if (waited_ms >= patience_ms(s))
        return 0;
    int64_t most_us = waited_ms < 2000 ? 10000 - 49 * waited_ms / 10 : 200;
    unsigned char part; /* at random, lest they look all at once */
    sqlite3_randomness(1, &part);
    struct timespec pause = {.tv_nsec = most_us * (64 + part) * 1000 / 320};
    nanosleep(&pause, NULL);
    return 1;
}

/* --- opening ------------------------------------------------------------ */

bool db_wal_is_safe(int v)
{
    return v >= 3051003 || (v >= 3050007 && v < 3051000) ||
           (v >= 3044006 && v < 3045000);
}

static int set_journal(struct store *s, struct err *e)
{
    if (sqlite3_db_readonly(s->db, "main") == 1)
        return 0;
    if (!db_wal_is_safe(sqlite3_libversion_number()))
        /* EXTRA syncs the folder too: with less, a vote that was acknowledged
         * may be undone by a journal that comes back after a power loss. */
        return db_script(s, e, "PRAGMA journal_mode=DELETE;"
                               "PRAGMA synchronous=EXTRA");
    /* Where others have the file open in the other mode, that mode stays. */
    sqlite3_busy_handler(s->db, NULL, NULL);
    sqlite3_exec(s->db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
    sqlite3_busy_handler(s->db, db_wait_for_lock, s);
    /* In WAL mode EXTRA is the same as FULL: each commit is synced. */
    return db_script(s, e, "PRAGMA synchronous=EXTRA");
}

/* What a file from elsewhere may not do: run triggers or views, call functions
 * that are not harmless, change the schema tables. */
static void harden(sqlite3 *db)
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    /* Until the file is known to be ours, not even closing may write. */
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

static int configure(struct store *s, struct err *e)
{
    harden(s->db);
    sqlite3_busy_handler(s->db, db_wait_for_lock, s);
    if (db_script(s, e, "PRAGMA foreign_keys=ON;"
                        "PRAGMA trusted_schema=OFF;"
                        "PRAGMA cell_size_check=ON;"
                        "PRAGMA mmap_size=0;"
                        "PRAGMA temp_store=MEMORY;"
                        "PRAGMA synchronous=EXTRA") != 0 ||
        db_prepare_schema(s, e) != 0)
        return -1;
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return set_journal(s, e);
}

/* NULL with *code as SQLite's where it could not be opened. */
static struct store *open_as(const char *path, const char *name, int flags,
                             const struct elo_params *elo, int *code,
                             struct err *e)
{
    struct store *s = mem_calloc(1, sizeof(*s));
    s->path = mem_strdup(path);
    s->elo = *elo;
    int result;
    if (sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        result = s->db ? db_fail(s, e)
                       : err_set(e, ERR_DB, "%s: no memory", path);
    else
        result = configure(s, e);
    *code = s->db ? sqlite3_errcode(s->db) & 0xff : SQLITE_NOMEM;
    if (result == 0)
        return s;
    store_close(s);
    return NULL;
}

/* Nobody's log waits beside the file, and we could make none. */
static bool is_frozen(const char *path)
{
    struct buf log;
    buf_init(&log, 1 << 16);
    buf_addf(&log, "%s-wal", path);
    char *folder = path_folder(path);
    bool frozen = !path_exists(log.data) &&
                  faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) != 0;
    free(folder);
    buf_free(&log);
    return frozen;
}

/* SQLite would make a file that all may read, prompts and answers too.  Its
 * journals have the mode of the file.  Where this fails, SQLite says why. */
static void make_private_file(const char *path)
{
    /* Closing a file that is there would drop the locks that this process may
     * have on it. */
    if (path_exists(path))
        return;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

int store_open(struct store **out, const char *path,
               const struct elo_params *elo, struct err *e)
{
    int code;
    *out = NULL;
    if (path[0] == '\0')
        return err_set(e, ERR_USAGE, "the database has no name; give --db a "
                       "file, or leave it out");
    if (db_check_file(path, e) != 0)
        return -1;
    make_private_file(path);
    char *name = db_literal(path);
    *out = open_as(path, name, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, elo,
                   &code, e);
    free(name);
    /* Even reading a file with a write-ahead log makes files beside it; where
     * these cannot be made, it is read as it lies there. */
    if (*out == NULL && (code == SQLITE_READONLY || code == SQLITE_CANTOPEN) &&
        path_exists(path) && is_frozen(path)) {
        char *uri = db_uri(path, "mode=ro&immutable=1");
        *out = open_as(path, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, elo,
                       &code, e);
        free(uri);
    }
    return *out ? 0 : -1;
}

void store_close(struct store *s)
{
    if (s == NULL)
        return;
    for (int i = 0; i < s->n_statements; i++)
        sqlite3_finalize(s->statements[i].stmt);
    store_release_run(s);
    sqlite3_close(s->db);
    free(s->path);
    free(s);
}
