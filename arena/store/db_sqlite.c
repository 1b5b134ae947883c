#include "arena/store/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
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

#define BUSY_TIMEOUT_MS 10000
#define HURRY_TIMEOUT_MS 50
#define CROWDED_MS 1000
#define CROWDED_PAUSE_US 2000
#define MAX_VALUE_BYTES (64 << 20) /* of one text or row */

struct db_query {
    const char *sql; /* the literal; its address is the key */
    sqlite3_stmt *stmt;
};

struct db {
    sqlite3 *db;
    char *path;
    bool hurry;               /* waits for the lock are short */
    bool in_group;            /* begins and ends are the group's */
    bool group_failed;        /* something in it did, so it cannot stay */
    int64_t waiting_since_ms; /* for the lock */
    int64_t crowded_until_ms; /* another program was using it a moment ago */
    int failed; /* code of the last error that was reported */
    struct db_query **queries;
    size_t n_queries;
};

static int patience_ms(const struct db *db)
{
    return db->hurry ? HURRY_TIMEOUT_MS : BUSY_TIMEOUT_MS;
}

void db_hurry(struct db *db, bool hurry)
{
    db->hurry = hurry;
}

/* --- errors ------------------------------------------------------------- */

/* Says what SQLite's last error means to a person, and what to do about it.
 * Returns -1. */
static int fail(struct db *db, struct err *e)
{
    int code = sqlite3_extended_errcode(db->db);
    db->failed = code & 0xff;
    int system = sqlite3_system_errno(db->db);
    const char *text = sqlite3_errmsg(db->db);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_set(e, ERR_DB,
                       "%s: another program has held the database for more "
                       "than %g s; nothing was stored; end that program or try "
                       "again",
                       db->path, patience_ms(db) / 1000.0);
    case SQLITE_READONLY:
        return err_set(e, ERR_DB,
                       "%s: cannot write: the file or its folder is read-only; "
                       "nothing was stored",
                       db->path);
    case SQLITE_FULL:
        return err_set(e, ERR_DB,
                       "%s: the disk is full; nothing was stored; free some "
                       "space and try again",
                       db->path);
    case SQLITE_CANTOPEN:
        return err_set(e, ERR_DB, "%s: cannot open the database: %s", db->path,
                       system ? strerror(system) : text);
    case SQLITE_IOERR:
        return err_set(e, ERR_DB,
                       "%s: reading or writing failed: %s; nothing was stored",
                       db->path, system ? strerror(system) : text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return db_fail_damaged(db, e, "%.160s", text);
    default:
        return err_set(e, ERR_DB, "%s: %.160s; \"arena db check\" may say more",
                       db->path, text);
    }
}

int db_fail_damaged(struct db *db, struct err *e, const char *fmt, ...)
{
    char what[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    return err_set(e, ERR_DB,
                   "%s: the database is damaged: %s; put a backup in its place",
                   db->path, what);
}

static int64_t big_endian(const unsigned char b[4])
{
    return (int64_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
}

/* Offsets: sqlite.org/fileformat2.html, "The Database Header".  The file is
 * read by SQLite's own handle: to open and close another one would drop the
 * locks that this process may have on it. */
bool db_file_marks(struct db *db, int64_t *application, int64_t *version)
{
    unsigned char head[100];
    sqlite3_file *file = NULL;
    if (db->db == NULL ||
        sqlite3_file_control(db->db, "main", SQLITE_FCNTL_FILE_POINTER,
                             &file) != SQLITE_OK ||
        file == NULL || file->pMethods == NULL ||
        file->pMethods->xRead(file, head, sizeof(head), 0) != SQLITE_OK ||
        memcmp(head, "SQLite format 3", 16) != 0)
        return false;
    *version = big_endian(head + 60);
    *application = big_endian(head + 68);
    return true;
}

bool db_failed_to_write(const struct db *db)
{
    return db->failed == SQLITE_READONLY || db->failed == SQLITE_CANTOPEN;
}

bool db_failed_by_row(const struct db *db)
{
    return db->failed == SQLITE_CONSTRAINT;
}

/* --- statements --------------------------------------------------------- */

static struct db_query *prepare(struct db *db, struct err *e, const char *sql)
{
    for (size_t i = 0; i < db->n_queries; i++)
        if (db->queries[i]->sql == sql)
            return db->queries[i];
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v3(db->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt,
                           NULL) != SQLITE_OK) {
        fail(db, e);
        return NULL;
    }
    db->queries =
        mem_realloc(db->queries, db->n_queries + 1, sizeof(struct db_query *));
    struct db_query *q = mem_calloc(1, sizeof(*q));
    *q = (struct db_query){sql, stmt};
    return db->queries[db->n_queries++] = q;
}

static int bind(sqlite3_stmt *stmt, int place, const struct db_value *v)
{
    switch (v->type) {
    case DB_WHOLE: return sqlite3_bind_int64(stmt, place, v->as.whole);
    case DB_REAL: /* SQLite itself stores a NaN as NULL */
        return sqlite3_bind_double(stmt, place, v->as.real);
    default:
        return sqlite3_bind_text(stmt, place, v->as.text, -1, SQLITE_STATIC);
    }
}

struct db_query *db_query_values(struct db *db, struct err *e, const char *sql,
                                 const struct db_value *values, size_t n)
{
    struct db_query *q = prepare(db, e, sql);
    if (q == NULL)
        return NULL;
    assert(!sqlite3_stmt_busy(q->stmt));
    assert((int)n == sqlite3_bind_parameter_count(q->stmt));
    for (size_t i = 0; i < n; i++) {
        if (bind(q->stmt, (int)i + 1, &values[i]) != SQLITE_OK) {
            fail(db, e);
            return NULL;
        }
    }
    return q;
}

int db_step(struct db *db, struct db_query *q, struct err *e)
{
    int rc = sqlite3_step(q->stmt);
    if (rc == SQLITE_ROW)
        return 1;
    /* The error must be read before the reset, which may set another. */
    int result = rc == SQLITE_DONE ? 0 : fail(db, e);
    sqlite3_reset(q->stmt);
    return result;
}

void db_reset(struct db_query *q)
{
    sqlite3_reset(q->stmt);
}

int db_number_values(struct db *db, struct err *e, int64_t *out,
                     const char *sql, const struct db_value *values, size_t n)
{
    struct db_query *q = db_query_values(db, e, sql, values, n);
    int row = q == NULL ? -1 : db_step(db, q, e);
    if (row == 1) {
        *out = db_whole(q, 0);
        db_reset(q);
    }
    return row;
}

int db_run_values(struct db *db, struct err *e, const char *sql,
                  const struct db_value *values, size_t n)
{
    int64_t ignored;
    int row = db_number_values(db, e, &ignored, sql, values, n);
    return row < 0 ? -1 : 0;
}

int db_insert_values(struct db *db, struct err *e, int64_t *id,
                     const char *sql, const struct db_value *values, size_t n)
{
    if (db_run_values(db, e, sql, values, n) != 0)
        return -1;
    *id = sqlite3_last_insert_rowid(db->db);
    return 0;
}

bool db_is_null(const struct db_query *q, int column)
{
    return sqlite3_column_type(q->stmt, column) == SQLITE_NULL;
}

int64_t db_whole(const struct db_query *q, int column)
{
    return sqlite3_column_int64(q->stmt, column);
}

double db_real(const struct db_query *q, int column)
{
    return sqlite3_column_double(q->stmt, column);
}

const char *db_text(const struct db_query *q, int column)
{
    return (const char *)sqlite3_column_text(q->stmt, column);
}

char *db_copy(const struct db_query *q, int column)
{
    const char *text = db_text(q, column);
    return mem_strdup(text ? text : "");
}

int db_script(struct db *db, struct err *e, const char *sql)
{
    return sqlite3_exec(db->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : fail(db, e);
}

/* --- transactions ------------------------------------------------------- */

/* Without a pause we would take the lock again before a waiting program looks
 * for it. */
static void let_others_go_first(const struct db *db)
{
    struct timespec pause = {.tv_nsec = CROWDED_PAUSE_US * 1000};
    if (clock_monotonic_ms() < db->crowded_until_ms)
        nanosleep(&pause, NULL);
}

int db_begin(struct db *db, struct err *e)
{
    if (db->in_group)
        return 0;
    let_others_go_first(db);
    return db_run(db, e, "BEGIN IMMEDIATE");
}

int db_begin_read(struct db *db, struct err *e)
{
    return db_run(db, e, "BEGIN");
}

int db_end(struct db *db, int result, struct err *e)
{
    if (db->in_group) {
        db->group_failed = db->group_failed || result != 0;
        return result;
    }
    if (result == 0 && db_run(db, e, "COMMIT") == 0)
        return 0;
    /* SQLite may have rolled back by itself, as after a full disk. */
    if (!sqlite3_get_autocommit(db->db))
        sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
    return -1;
}

int db_begin_group(struct db *db, struct err *e)
{
    if (db_begin(db, e) != 0)
        return -1;
    db->in_group = true;
    db->group_failed = false;
    return 0;
}

int db_end_group(struct db *db, int result, struct err *e)
{
    db->in_group = false;
    return db_end(db, db->group_failed ? -1 : result, e);
}

int db_mark(struct db *db, struct err *e)
{
    return db_run(db, e, "SAVEPOINT mark");
}

int db_unmark(struct db *db, int result, struct err *e)
{
    if (result == 0)
        return db_run(db, e, "RELEASE mark");
    sqlite3_exec(db->db, "ROLLBACK TO mark; RELEASE mark", NULL, NULL, NULL);
    return result;
}

/* --- waiting for others -------------------------------------------------- */

/* SQLite's busy handler: waits a moment, or gives up.  A busy program frees the
 * lock only for a moment between two votes.  So the longer we have waited, the
 * more often we look.  SQLite's own handler looks ever less often and starves.
 */
static int wait_for_lock(void *arg, int n_tries)
{
    struct db *db = arg;
    int64_t now = clock_monotonic_ms();
    if (n_tries == 0)
        db->waiting_since_ms = now;
    db->crowded_until_ms = now + CROWDED_MS;
    int64_t waited_ms = now - db->waiting_since_ms;
    if (waited_ms >= patience_ms(db))
        return 0;
    int64_t most_us = waited_ms < 2000 ? 10000 - 49 * waited_ms / 10 : 200;
    unsigned char part; /* at random, so that they do not look all at once */
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

/* The path so that SQLite takes it for nothing but a file's: without a folder,
 * "", ":memory:" and "file:..." would be something else.  The caller frees. */
static char *literal_path(const char *path)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_addf(&b, "%s%s", path[0] == '/' ? "" : "./", path);
    return buf_detach(&b);
}

/* "file:PATH?QUERY", what is special in an URI escaped.  The caller frees. */
static char *make_uri(const char *path, const char *query)
{
    struct buf b;
    char *name = literal_path(path);
    buf_init(&b, 1 << 20);
    buf_add_str(&b, "file:");
    for (const unsigned char *p = (const unsigned char *)name; *p; p++) {
        if (*p <= ' ' || *p >= 0x7f || strchr("%?#", *p))
            buf_addf(&b, "%%%02x", *p);
        else
            buf_add_char(&b, (char)*p);
    }
    buf_addf(&b, "?%s", query);
    free(name);
    return buf_detach(&b);
}

/* SQLite would make a file that all may read, prompts and answers too.  Its
 * journals have the mode of the file.  If this fails, SQLite says why. */
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

/* The name by which SQLite opens a file in a mode, and the flags for it. */
static char *name_for(const char *path, enum db_mode mode, int *flags)
{
    *flags = SQLITE_OPEN_NOMUTEX;
    if (mode == DB_WRITE) {
        make_private_file(path);
        *flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        return literal_path(path);
    }
    *flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
    return make_uri(path, mode == DB_READ ? "mode=ro" : "mode=ro&immutable=1");
}

int db_open(struct db **out, const char *path, enum db_mode mode, struct err *e)
{
    int flags;
    char *name = name_for(path, mode, &flags);
    struct db *db = *out = mem_calloc(1, sizeof(*db));
    db->path = mem_strdup(path);
    /* Nobody asks how much memory SQLite has, and counting takes a lock. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    int rc = sqlite3_open_v2(name, &db->db, flags, NULL);
    free(name);
    if (db->db == NULL)
        return err_set(e, ERR_DB, "%s: no memory", path);
    if (rc != SQLITE_OK)
        return fail(db, e);
    harden(db->db);
    sqlite3_busy_handler(db->db, wait_for_lock, db);
    return db_script(db, e,
                     "PRAGMA foreign_keys=ON;"
                     "PRAGMA trusted_schema=OFF;"
                     "PRAGMA cell_size_check=ON;"
                     "PRAGMA mmap_size=0;"
                     "PRAGMA temp_store=MEMORY;"
                     "PRAGMA synchronous=EXTRA");
}

int db_trust(struct db *db, struct err *e)
{
    sqlite3_db_config(db->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    if (db_is_read_only(db))
        return 0;
    if (!db_wal_is_safe(sqlite3_libversion_number()))
        /* EXTRA syncs the folder too: with less, a vote that was acknowledged
         * may be undone by a journal that comes back after a power loss. */
        return db_script(db, e,
                         "PRAGMA journal_mode=DELETE;"
                         "PRAGMA synchronous=EXTRA");
    /* If others have the file open in the other mode, that mode stays. */
    sqlite3_busy_handler(db->db, NULL, NULL);
    sqlite3_exec(db->db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
    sqlite3_busy_handler(db->db, wait_for_lock, db);
    /* In WAL mode EXTRA is the same as FULL: each commit is synced. */
    return db_script(db, e, "PRAGMA synchronous=EXTRA");
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    for (size_t i = 0; i < db->n_queries; i++) {
        sqlite3_finalize(db->queries[i]->stmt);
        free(db->queries[i]);
    }
    free(db->queries);
    sqlite3_close(db->db);
    free(db->path);
    free(db);
}

int db_expect_much(struct db *db, struct err *e)
{
    return db_script(db, e, "PRAGMA cache_size=-98304;"
                            "PRAGMA foreign_keys=OFF;"
                            "PRAGMA ignore_check_constraints=ON");
}

int db_expect_little(struct db *db, struct err *e)
{
    return db_script(db, e, "PRAGMA foreign_keys=ON;"
                            "PRAGMA ignore_check_constraints=OFF");
}

const char *db_path(const struct db *db)
{
    return db->path;
}

bool db_is_read_only(const struct db *db)
{
    return sqlite3_db_readonly(db->db, "main") == 1;
}

const char *db_version(void)
{
    return sqlite3_libversion();
}

bool db_has_full_text(void)
{
    return sqlite3_compileoption_used("ENABLE_FTS5") != 0;
}

/* --- copying ------------------------------------------------------------ */

static int copy_pages(struct db *db, sqlite3 *to, const char *path,
                      struct err *e)
{
    sqlite3_busy_timeout(to, BUSY_TIMEOUT_MS);
    /* EXTRA also syncs the folder, and with it the new file's name. */
    sqlite3_exec(to, "PRAGMA synchronous=EXTRA", NULL, NULL, NULL);
    sqlite3_backup *b = sqlite3_backup_init(to, "main", db->db, "main");
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

int db_copy_file(struct db *db, const char *path, struct err *e)
{
    sqlite3 *to = NULL;
    char *name = literal_path(path);
    int result;
    if (sqlite3_open_v2(name, &to, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        result = err_set(e, ERR_DB, "%s: cannot make the copy: %s", path,
                         to ? sqlite3_errmsg(to) : "no memory");
    else
        result = copy_pages(db, to, path, e);
    free(name);
    if (sqlite3_close(to) != SQLITE_OK && result == 0)
        result = err_set(e, ERR_DB, "%s: cannot close the copy", path);
    return result;
}
