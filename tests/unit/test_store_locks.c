/* The store while another program holds the database. */
#include "tests/unit/store_place.h"

#include <poll.h>
#include <pthread.h>
#include <sys/wait.h>

/* A child that holds the write lock until *release is written to, or for
 * hold_ms once it has it.  Returns its id when the lock is held. */
static pid_t hold_lock(struct place *p, int hold_ms, int *release)
{
    int ready[2], go[2];
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(go), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        sqlite3 *db;
        close(go[1]);
        if (sqlite3_open(p->path, &db) != SQLITE_OK ||
            sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL) ||
            write(ready[1], "r", 1) != 1)
            _exit(1);
        struct pollfd wait = {.fd = go[0], .events = POLLIN};
        poll(&wait, 1, hold_ms);
        sqlite3_close(db);
        _exit(0);
    }
    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    close(go[0]);
    *release = go[1];
    return child;
}

static void let_go(pid_t child, int release)
{
    int status;
    close(release);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int try_vote(struct place *p)
{
    struct store_vote v = {.voter = "human:me", .dwell_ms = -1};
    struct store_vote_result r;
    return store_record(p->s, "x", "y", NULL, &v, &r, &p->e);
}

static void a_lock_that_is_let_go_is_waited_for(void **state)
{
    struct place *p = *state;
    int release;
    pid_t child = hold_lock(p, 200, &release);
    int result = try_vote(p);
    let_go(child, release);
    assert_int_equal(result, 0);
    assert_int_equal(number(p, "SELECT count(*) FROM votes"), 1);
}

static void a_lock_that_stays_is_an_error(void **state)
{
    struct place *p = *state;
    int release;
    pid_t child = hold_lock(p, -1, &release);
    int result = try_vote(p);
    let_go(child, release);
    assert_int_equal(result, -1);
    assert_int_equal(p->e.code, ERR_DB);
    assert_non_null(strstr(p->e.text, "another program has held"));
    assert_int_equal(number(p, "SELECT count(*) FROM votes"), 0);
    assert_int_equal(try_vote(p), 0);
    assert_int_equal(problems(p), 0);
}

/* --- another program makes the tables meanwhile -------------------------- */

static struct {
    const char *path;
    bool begun;
    int made[2]; /* written to once the other store is open */
    pthread_t maker;
} other;

static void *make_tables(void *unused)
{
    (void)unused;
    struct store *s;
    struct err e;
    struct elo_params elo = elo_defaults();
    int result = store_open(&s, other.path, &elo, &e);
    store_close(s);
    if (write(other.made[1], "m", 1) != 1)
        result = -1;
    return result == 0 ? &other : NULL;
}

/* Between two questions of the look at the file.  If the look is one moment,
 * the other must wait for its end, and so we wait for it only a while. */
static int let_other_in(unsigned type, void *arg, void *stmt, void *sql)
{
    (void)type, (void)arg, (void)stmt;
    if (other.begun || strcmp(sql, "PRAGMA user_version") != 0)
        return 0;
    other.begun = true;
    assert_int_equal(pthread_create(&other.maker, NULL, make_tables, NULL), 0);
    struct pollfd made = {.fd = other.made[0], .events = POLLIN};
    poll(&made, 1, 500);
    return 0;
}

static int watch(sqlite3 *db, char **text, const void *api)
{
    (void)text, (void)api;
    return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, let_other_in, NULL);
}

static void two_that_make_one_file_both_open_it(void **state)
{
    struct place *p = *state;
    store_close(p->s);
    p->s = NULL;
    unlink(p->path);
    sqlite3 *db;
    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    /* What is left is a file of one page, without tables. */
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (x); DROP TABLE t;"
                                  "VACUUM", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    other.path = p->path;
    assert_int_equal(pipe(other.made), 0);
    sqlite3_auto_extension((void (*)(void))watch);
    struct elo_params elo = elo_defaults();
    int result = store_open(&p->s, p->path, &elo, &p->e);
    sqlite3_reset_auto_extension();
    void *made;
    assert_true(other.begun);
    assert_int_equal(pthread_join(other.maker, &made), 0);
    close(other.made[0]);
    close(other.made[1]);
    assert_int_equal(result, 0);
    assert_non_null(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_lock_that_is_let_go_is_waited_for),
        T(a_lock_that_stays_is_an_error),
        T(two_that_make_one_file_both_open_it),
    };
    return TEST_RUN(tests);
}
