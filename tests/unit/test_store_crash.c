/* The store under faults: an operation on a file fails, the process ends, or
 * the power goes, at every single point; and memory that runs out. */
#include "tests/unit/store_place.h"

#include <errno.h>
#include <sys/wait.h>

#include "tests/unit/crash_vfs.h"

/* --- the things that are interrupted ------------------------------------- */

static int first_vote(struct store *s, struct err *e)
{
    struct store_vote v = {.voter = "human:me", .external_id = "the-one",
                           .dwell_ms = -1};
    struct store_vote_result r;
    return store_record(s, "new-1", "new-2", "new", &v, &r, e);
}

static int further_vote(struct store *s, struct err *e)
{
    struct store_vote v = {.voter = "human:me", .external_id = "the-one",
                           .verdict = RATING_TIE, .dwell_ms = -1};
    struct store_vote_result r;
    return store_record(s, "m1", "m2", "test", &v, &r, e);
}

static int undo_vote(struct store *s, struct err *e)
{
    return store_undo(s, 3, "human:me", NULL, e);
}

static const struct scenario {
    const char *name;
    int (*run)(struct store *s, struct err *e);
    const char *done; /* a query that says 1 where it is done, else 0 */
} scenarios[] = {
    {"first vote", first_vote,
     "SELECT count(*) FROM votes WHERE external_id = 'the-one'"},
    {"further vote", further_vote,
     "SELECT count(*) FROM votes WHERE external_id = 'the-one'"},
    {"undo", undo_vote, "SELECT count(*) FROM withdrawals"},
};

#define N_SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

/* --- folders ------------------------------------------------------------- */

/* place.folder/{seed,live,durable,torn}/arena.db; seed holds thirty votes. */
static const char *const parts[] = {"seed", "live", "durable", "torn"};
static const char *const files[] = {"arena.db", "arena.db-journal",
                                    "arena.db-wal", "arena.db-shm"};

static char *part_path(struct place *p, const char *part, const char *file)
{
    char *folder = path_join(p->folder, part);
    char *path = path_join(folder, file);
    free(folder);
    return path;
}

static void part_clear(struct place *p, const char *part)
{
    for (size_t i = 0; i < 4; i++) {
        char *path = part_path(p, part, files[i]);
        unlink(path);
        free(path);
    }
}

static void open_part(struct place *p, const char *part)
{
    store_close(p->s);
    p->s = NULL;
    free(p->path);
    p->path = part_path(p, part, "arena.db");
}

static void make_seed(struct place *p)
{
    for (size_t i = 0; i < 4; i++) {
        char *folder = path_join(p->folder, parts[i]);
        assert_int_equal(path_make_folder(folder, &p->e), 0);
        free(folder);
    }
    char *usual = mem_strdup(p->path);
    open_part(p, "seed");
    place_reopen(p);
    many_votes(p, -1);
    battle(p, "a prompt with answers", false);
    store_close(p->s);
    p->s = NULL;
    unlink(usual);
    free(usual);
    char *from = part_path(p, "seed", "arena.db");
    for (size_t i = 1; i < 4; i++) {
        char *to = part_path(p, parts[i], "arena.db");
        crash_copy(from, to);
        free(to);
    }
    free(from);
}

static void reset_parts(struct place *p)
{
    char *from = part_path(p, "seed", "arena.db");
    for (size_t i = 1; i < 4; i++) {
        part_clear(p, parts[i]);
        char *to = part_path(p, parts[i], "arena.db");
        crash_copy(from, to);
        free(to);
    }
    free(from);
}

static void remove_parts(struct place *p)
{
    for (size_t i = 0; i < 4; i++) {
        part_clear(p, parts[i]);
        char *folder = path_join(p->folder, parts[i]);
        rmdir(folder);
        free(folder);
    }
}

/* The store of a part opens, is whole, and has done it or not. */
static int64_t state_of(struct place *p, const char *part,
                        const struct scenario *sc, long at)
{
    open_part(p, part);
    struct elo_params elo = elo_defaults();
    if (store_open(&p->s, p->path, &elo, &p->e) != 0)
        fail_msg("%s, operation %ld, %s: %s", sc->name, at, part, p->e.text);
    if (problems(p) != 0)
        fail_msg("%s, operation %ld, %s: not whole", sc->name, at, part);
    return number(p, sc->done);
}

/* --- the end of the process, the loss of power --------------------------- */

/* Runs a scenario in a process that ends at an operation.  Returns whether it
 * was acknowledged; *ended whether it came to that operation. */
static bool run_and_end(struct place *p, const struct scenario *sc, long at,
                        bool *ended)
{
    int ack[2];
    assert_int_equal(pipe(ack), 0);
    fflush(stdout);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store *s;
        struct err e;
        struct elo_params elo = elo_defaults();
        crash.durable = path_join(p->folder, "durable");
        crash.torn = path_join(p->folder, "torn");
        crash.seed = (uint64_t)at;
        char *path = part_path(p, "live", "arena.db");
        crash_set(CRASH_NEVER, 0);
        if (store_open(&s, path, &elo, &e) != 0)
            _exit(1);
        crash_set(CRASH_END, at);
        if (sc->run(s, &e) != 0)
            _exit(1);
        if (write(ack[1], "k", 1) != 1)
            _exit(1);
        crash.at = 1; /* and now, without closing anything */
        crash_count(SQLITE_OK);
    }
    close(ack[1]);
    char byte;
    bool acknowledged = read(ack[0], &byte, 1) == 1;
    close(ack[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 137);
    *ended = !acknowledged;
    return acknowledged;
}

static void every_end_leaves_all_or_nothing(void **state)
{
    struct place *p = *state;
    crash_install();
    crash_set(CRASH_NEVER, 0);
    make_seed(p);
    for (size_t i = 0; i < N_SCENARIOS; i++) {
        bool ended = true;
        long at;
        for (at = 1; ended; at++) {
            assert_true(at < 1000);
            reset_parts(p);
            bool acknowledged = run_and_end(p, &scenarios[i], at, &ended);
            for (size_t k = 1; k < 4; k++) {
                int64_t done = state_of(p, parts[k], &scenarios[i], at);
                if (acknowledged && done != 1)
                    fail_msg("%s: acknowledged, but lost in %s",
                             scenarios[i].name, parts[k]);
                assert_true(done == 0 || done == 1);
            }
        }
        assert_true(at > 5); /* the layer was there */
    }
    store_close(p->s);
    p->s = NULL;
    remove_parts(p);
}

/* --- operations that fail ------------------------------------------------ */

/* With no operation failing any more, the same call succeeds. */
static void fail_at(struct place *p, const struct scenario *sc,
                    enum crash_kind kind, long at, bool *reached)
{
    reset_parts(p);
    open_part(p, "live");
    place_reopen(p);
    crash_set(kind, at);
    p->e.code = ERR_NONE;
    int result = sc->run(p->s, &p->e);
    *reached = crash.n_done >= at;
    crash_set(CRASH_NEVER, 0);
    if (result != 0 && (p->e.code != ERR_DB || p->e.text[0] == '\0'))
        fail_msg("%s, operation %ld: no error said", sc->name, at);
    int64_t done = state_of(p, "live", sc, at);
    if (result == 0 && done != 1)
        fail_msg("%s, operation %ld failed: acknowledged, not stored",
                 sc->name, at);
    if (done == 0 && sc->run(p->s, &p->e) != 0)
        fail_msg("%s, after operation %ld failed: %s", sc->name, at,
                 p->e.text);
    assert_int_equal(problems(p), 0);
}

static void every_failing_operation_is_an_error(void **state)
{
    struct place *p = *state;
    crash_install();
    crash_set(CRASH_NEVER, 0);
    make_seed(p);
    for (size_t i = 0; i < N_SCENARIOS; i++) {
        for (int sticky = 0; sticky < 2; sticky++) {
            bool reached = true;
            for (long at = 1; reached; at++)
                fail_at(p, &scenarios[i],
                        sticky ? CRASH_FAIL_ON : CRASH_FAIL_ONCE, at,
                        &reached);
        }
    }
    store_close(p->s);
    p->s = NULL;
    remove_parts(p);
}

/* --- memory -------------------------------------------------------------- */

static sqlite3_mem_methods real_memory;
static long memory_left = -1; /* allocations until one fails; -1: never */
static bool memory_sticky;

static bool memory_fails(void)
{
    if (memory_left < 0)
        return false;
    if (memory_left > 0) {
        memory_left--;
        return false;
    }
    if (!memory_sticky)
        memory_left = -1;
    return true;
}

static void *failing_malloc(int n)
{
    return memory_fails() ? NULL : real_memory.xMalloc(n);
}

static void *failing_realloc(void *p, int n)
{
    return memory_fails() ? NULL : real_memory.xRealloc(p, n);
}

/* Opens, votes, lists, checks; each may fail, and then says so. */
static void go_without_memory(struct place *p, long allocations)
{
    struct elo_params elo = elo_defaults();
    struct store_vote_result r;
    struct store_vote v = {.voter = "human:me", .dwell_ms = -1};
    struct store_entry *rows;
    struct store_query q = {.search = "answer"};
    size_t n;
    memory_left = allocations;
    p->e.text[0] = '\0';
    int result = store_open(&p->s, p->path, &elo, &p->e);
    if (result == 0)
        result = store_record(p->s, "x", "y", NULL, &v, &r, &p->e);
    if (result == 0)
        result = store_list_entries(p->s, &q, &rows, &n, &p->e);
    if (result == 0) {
        store_free_entries(rows, n);
        result = store_undo(p->s, 0, "human:me", NULL, &p->e);
    }
    memory_left = -1;
    if (result != 0 && p->e.text[0] == '\0')
        fail_msg("allocation %ld failed: no error said", allocations);
    store_close(p->s);
    p->s = NULL;
}

static void memory_that_runs_out_is_an_error(void **state)
{
    struct place *p = *state;
    crash_install();
    crash_set(CRASH_NEVER, 0);
    battle(p, "a prompt with answers", false);
    store_close(p->s);
    p->s = NULL;
    for (int sticky = 0; sticky < 2; sticky++) {
        memory_sticky = sticky;
        /* Steps that grow: all early points, a sample of the later ones. */
        for (long at = 0; at < 4000; at += 1 + at / 20)
            go_without_memory(p, at);
    }
    place_reopen(p);
    assert_int_equal(problems(p), 0);
}

int main(void)
{
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
    sqlite3_mem_methods failing = real_memory;
    failing.xMalloc = failing_malloc;
    failing.xRealloc = failing_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
    const struct CMUnitTest tests[] = {
        T(memory_that_runs_out_is_an_error),
        T(every_failing_operation_is_an_error),
        T(every_end_leaves_all_or_nothing),
    };
    return TEST_RUN(tests);
}
