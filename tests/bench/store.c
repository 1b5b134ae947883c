/* What the store costs: a durable vote beside a bare SQLite insert that is as
 * durable, votes of several processes at once, and a leaderboard over ten
 * million votes. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arena/leaderboard.h"
#include "arena/store/db.h"
#include "arena/store/store.h"
#include "base/buf.h"
#include "base/path.h"
#include "tui/print/ratings.h"

#define N_VOTES 400
#define N_PROCESSES 8
#define N_EACH 50

static char *folder;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench/store: %s: %s\n", what, why);
    exit(1);
}

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(double *times, size_t n, double q)
{
    qsort(times, n, sizeof(*times), compare_times);
    return times[(size_t)(q * (double)(n - 1))];
}

static void run_sql(sqlite3 *db, const char *sql)
{
    char *why;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        die(sql, why);
}

static struct store *open_store(const char *name)
{
    struct store *s;
    struct err e;
    struct elo_params elo = elo_defaults();
    char *path = path_join(folder, name);
    if (store_open(&s, path, &elo, &e) != 0)
        die(name, e.text);
    free(path);
    return s;
}

static void vote(struct store *s, int i, const char *key)
{
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    struct err e;
    struct store_vote_result r;
    struct store_vote v = {.voter = "human:bench", .dwell_ms = -1,
                           .external_id = key,
                           .verdict = (enum rating_outcome)(i % 4)};
    if (store_record(s, names[i % 5], names[(i + 1 + i % 3) % 5], NULL, &v, &r,
                     &e) != 0)
        die("vote", e.text);
}

/* --- one vote, and a bare insert ---------------------------------------- */

static sqlite3 *open_bare(void)
{
    sqlite3 *db;
    char *path = path_join(folder, "bare.db");
    bool wal = db_wal_is_safe(sqlite3_libversion_number());
    if (sqlite3_open(path, &db) != SQLITE_OK)
        die(path, sqlite3_errmsg(db));
    run_sql(db, wal ? "PRAGMA journal_mode=WAL" : "PRAGMA journal_mode=DELETE");
    run_sql(db, "PRAGMA synchronous=EXTRA;"
                "CREATE TABLE votes (id INTEGER PRIMARY KEY, external_id TEXT"
                " UNIQUE, a TEXT, b TEXT, verdict TEXT)");
    free(path);
    return db;
}

static void bare_insert(sqlite3_stmt *q, const char *key)
{
    sqlite3_reset(q);
    sqlite3_bind_text(q, 1, key, -1, SQLITE_TRANSIENT);
    if (sqlite3_step(q) != SQLITE_DONE)
        die("bare insert", "failed");
}

/* In turn, so that both meet the same disk. */
static void bench_vote(void)
{
    static double bare[N_VOTES], ours[N_VOTES];
    struct store *s = open_store("votes.db");
    sqlite3 *db = open_bare();
    sqlite3_stmt *q;
    sqlite3_prepare_v2(db, "INSERT INTO votes (external_id, a, b, verdict)"
                           " VALUES (?, 'a', 'b', 'tie')", -1, &q, NULL);
    for (int i = -20; i < N_VOTES; i++) {
        char key[32];
        snprintf(key, sizeof(key), "key-%d", i);
        double t0 = now_ms();
        bare_insert(q, key);
        double t1 = now_ms();
        vote(s, i + 20, key);
        double t2 = now_ms();
        if (i >= 0) {
            bare[i] = t1 - t0;
            ours[i] = t2 - t1;
        }
    }
    sqlite3_finalize(q);
    sqlite3_close(db);
    store_close(s);
    double b = quantile(bare, N_VOTES, 0.5), o = quantile(ours, N_VOTES, 0.5);
    printf("bare durable insert    median %7.3f ms   p99 %7.3f ms\n", b,
           quantile(bare, N_VOTES, 0.99));
    printf("vote with its ratings  median %7.3f ms   p99 %7.3f ms   "
           "%.2f x bare (to reach: under 2)\n", o,
           quantile(ours, N_VOTES, 0.99), o / b);
}

/* --- several processes -------------------------------------------------- */

static void vote_many(int process, int fd)
{
    struct store *s = open_store("crowd.db");
    for (int i = 0; i < N_EACH; i++) {
        char key[32];
        snprintf(key, sizeof(key), "p%d-%d", process, i);
        double t = now_ms();
        vote(s, i, key);
        t = now_ms() - t;
        if (write(fd, &t, sizeof(t)) != sizeof(t))
            _exit(1);
    }
    store_close(s);
    _exit(0);
}

static void bench_crowd(void)
{
    static double times[N_PROCESSES * N_EACH];
    int fds[2];
    if (pipe(fds) != 0)
        die("pipe", "failed");
    store_close(open_store("crowd.db"));
    fflush(stdout);
    double begin = now_ms();
    for (int i = 0; i < N_PROCESSES; i++)
        if (fork() == 0)
            vote_many(i, fds[1]);
    close(fds[1]);
    size_t n = 0;
    while (n < N_PROCESSES * N_EACH &&
           read(fds[0], &times[n], sizeof(times[n])) == sizeof(times[n]))
        n++;
    while (wait(NULL) > 0)
        continue;
    close(fds[0]);
    double seconds = (now_ms() - begin) / 1e3;
    if (n != N_PROCESSES * N_EACH)
        die("crowd", "a voter failed");
    printf("%d voters at once       median %7.3f ms   p99 %7.3f ms   "
           "%.0f votes/s (to reach: p99 under 1000 ms)\n", N_PROCESSES,
           quantile(times, n, 0.5), quantile(times, n, 0.99),
           (double)n / seconds);
}

/* --- a leaderboard over ten million votes ------------------------------- */

/* The counts as ten million votes would have left them. */
static void fill_counts(int n_models)
{
    char *path = path_join(folder, "many.db");
    sqlite3 *db;
    char sql[1600];
    store_close(open_store("many.db"));
    if (sqlite3_open(path, &db) != SQLITE_OK)
        die(path, sqlite3_errmsg(db));
    /* Votes a pair, category and kind; half of 0.7 * 2 is what a logistic
     * leaves to each side on the average, so the sum of all shares is 1.7. */
    double each = 1e7 / 1.7 / ((double)n_models * (n_models - 1) * 4);
    snprintf(sql, sizeof(sql),
             "PRAGMA synchronous=OFF; BEGIN;"
             "DELETE FROM pair_counts; DELETE FROM pair_totals; DELETE FROM models;"
             "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i"
             "  WHERE n < %d)"
             " INSERT INTO models SELECT n, 'model-' || n, '', 0 FROM i;"
             "INSERT INTO pair_counts"
             " SELECT a.id, b.id, c.column1, k.column1,"
             "  round(%f * 0.7 * 2 / (1 + exp((b.id - a.id) / 100.0))),"
             "  round(%f * 0.7 * 2 / (1 + exp((a.id - b.id) / 100.0))),"
             "  round(%f * 0.2), round(%f * 0.1)"
             " FROM models a JOIN models b ON a.id <> b.id"
             " JOIN (VALUES ('code'), ('chat')) c"
             " JOIN (VALUES ('human'), ('judge:j')) k;"
             "INSERT INTO pair_totals SELECT first, second, sum(n_a), sum(n_b),"
             "  sum(n_tie), sum(n_bad) FROM pair_counts GROUP BY 1, 2; COMMIT",
             n_models, each, each, each, each);
    run_sql(db, sql);
    sqlite3_close(db);
    free(path);
}

static uint64_t show_leaderboard(struct buf *out)
{
    struct leaderboard l;
    struct rating_counts counts;
    struct err e;
    struct leaderboard_params p = {
        .method = LEADERBOARD_BT, .bt = bt_defaults(), .remarks = true};
    struct store_filter filter = {.category = NULL};
    struct store *s = open_store("many.db");
    if (leaderboard_load(&l, &counts, s, &filter, &p, &e))
        die("leaderboard", e.text);
    struct ratings_view v = {.board = &l, .counts = &counts};
    buf_clear(out);
    if (ratings_print(&v, RATINGS_TEXT, out, &e) != 0)
        die("leaderboard", e.text);
    uint64_t n = l.n_votes;
    leaderboard_free(&l);
    rating_counts_free(&counts);
    store_close(s);
    return n;
}

static void bench_leaderboard(int n_models)
{
    double times[21];
    struct buf out;
    uint64_t n = 0;
    buf_init(&out, 1 << 24);
    fill_counts(n_models);
    for (int i = 0; i < 21; i++) {
        double t = now_ms();
        n = show_leaderboard(&out);
        times[i] = now_ms() - t;
    }
    buf_free(&out);
    printf("leaderboard            median %7.3f ms   %.3g votes x %d models, "
           "opened, fitted, printed%s\n", quantile(times, 21, 0.5),
           (double)n, n_models,
           n_models == 100 ? " (to reach: under 20)" : "");
}

int main(void)
{
    const char *tmp = getenv("TMPDIR");
    folder = path_join(tmp ? tmp : "/tmp", "arena-bench-XXXXXX");
    if (mkdtemp(folder) == NULL)
        die(folder, "cannot be made");
    printf("store, SQLite %s\n", sqlite3_libversion());
    bench_vote();
    bench_crowd();
    bench_leaderboard(20);
    bench_leaderboard(100);
    bench_leaderboard(300);
    static const char *const names[] = {"votes.db", "bare.db", "crowd.db",
                                        "many.db"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = path_join(folder, names[i]);
        unlink(path);
        free(path);
    }
    rmdir(folder);
    free(folder);
    return 0;
}
