/* The kernel threads: all of them run, barriers hold, sleep ends. */
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "backends/engine/kernels/pool.h"

enum { N = 4, STAGES = 200 };

struct work {
    struct pool *pool;
    int seen[N];           /* calls of each thread */
    int stage[STAGES][N];  /* what each thread wrote in each stage */
    atomic_int n_wrong;
};

static void count(void *arg, int thread, int n_threads)
{
    struct work *w = arg;
    if (n_threads != pool_n_threads(w->pool))
        atomic_fetch_add(&w->n_wrong, 1);
    w->seen[thread]++;
}

static void test_all_run(void **state)
{
    (void)state;
    struct work w = {.pool = pool_open(N)};
    assert_int_equal(pool_n_threads(w.pool), N);
    for (int i = 0; i < 1000; i++)
        pool_run(w.pool, count, &w);
    for (int t = 0; t < N; t++)
        assert_int_equal(w.seen[t], 1000);
    assert_int_equal(w.n_wrong, 0);
    pool_close(w.pool);
}

/* Reads in each stage what the others wrote in the one before. */
static void chain(void *arg, int thread, int n_threads)
{
    struct work *w = arg;
    for (int s = 0; s < STAGES; s++) {
        for (int t = 0; s > 0 && t < n_threads; t++)
            if (w->stage[s - 1][t] != s)
                atomic_fetch_add(&w->n_wrong, 1);
        w->stage[s][thread] = s + 1;
        pool_barrier(w->pool);
    }
}

static void test_barrier(void **state)
{
    (void)state;
    for (int n = 1; n <= N; n++) {
        static struct work w;
        memset(&w, 0, sizeof(w));
        w.pool = pool_open(n);
        for (int i = 0; i < 20; i++) {
            memset(w.stage, 0, sizeof(w.stage));
            pool_run(w.pool, chain, &w);
        }
        assert_int_equal(w.n_wrong, 0);
        pool_close(w.pool);
    }
}

/* Two callers take turns. */
static void *caller(void *arg)
{
    struct work *w = arg;
    for (int i = 0; i < 300; i++)
        pool_run(w->pool, count, w);
    return NULL;
}

static void test_two_callers(void **state)
{
    (void)state;
    struct work w = {.pool = pool_open(2)};
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, caller, &w), 0);
    caller(&w);
    pthread_join(other, NULL);
    assert_int_equal(w.seen[0], 600);
    assert_int_equal(w.seen[1], 600);
    pool_close(w.pool);
}

/* A thread that comes to the barrier long after the others fell asleep there:
 * it is late by more looks than they take. */
static void one_is_late(void *arg, int thread, int n_threads)
{
    struct work *w = arg;
    (void)n_threads;
    if (thread == 1) {
        volatile unsigned spent = 0;
        for (unsigned i = 0; i < 30000000; i++)
            spent += i;
    }
    w->seen[thread]++;
    pool_barrier(w->pool);
    for (int t = 0; t < 3; t++)
        if (w->seen[t] != w->seen[thread])
            atomic_fetch_add(&w->n_wrong, 1);
    pool_barrier(w->pool);
}

static void test_sleepers_wake(void **state)
{
    (void)state;
    struct work w = {.pool = pool_open(3)};
    for (int i = 0; i < 3; i++)
        pool_run(w.pool, one_is_late, &w);
    assert_int_equal(w.n_wrong, 0);
    assert_int_equal(w.seen[2], 3);
    pool_close(w.pool);
}

/* Rounds of all threads and of some in turn: those who sit out miss none of
 * the rounds that they are meant for. */
static void count_some(void *arg, int thread, int n_threads)
{
    struct work *w = arg;
    (void)n_threads;
    w->seen[thread]++;
}

static void test_some(void **state)
{
    (void)state;
    struct work w = {.pool = pool_open(N)};
    int expected[N] = {0};
    for (int i = 0; i < 4000; i++) {
        int n = i * 7 % 11 % N + 1;
        pool_run_some(w.pool, n, count_some, &w);
        for (int t = 0; t < n; t++)
            expected[t]++;
    }
    for (int t = 0; t < N; t++)
        assert_int_equal(w.seen[t], expected[t]);
    pool_close(w.pool);
}

static void test_counts(void **state)
{
    (void)state;
    struct pool *p = pool_open(0);
    assert_true(pool_n_threads(p) >= 1);
    pool_close(p);
    pool_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_run),
        cmocka_unit_test(test_barrier),
        cmocka_unit_test(test_two_callers),
        cmocka_unit_test(test_sleepers_wake),
        cmocka_unit_test(test_some),
        cmocka_unit_test(test_counts),
    };
    return TEST_RUN(tests);
}
