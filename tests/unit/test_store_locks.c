/* The store while another program holds the database. */
#include "tests/unit/store_place.h"

#include <poll.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_lock_that_is_let_go_is_waited_for),
        T(a_lock_that_stays_is_an_error),
    };
    return TEST_RUN(tests);
}
