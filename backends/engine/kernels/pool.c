#define _GNU_SOURCE /* sched_getaffinity: the cores that we may use */
#include "backends/engine/kernels/pool.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

#define POOL_MAX_THREADS 256
#define ROUND 512 /* one more round; below it the number of threads */

/* A thread that waits first looks again and again: a stage of a pass takes
 * microseconds, a sleep and its end tens of them.  But the thread that it waits
 * for may be one that has no core, so looking ends soon and sleeping gives our
 * core away.  Between passes (a token is being chosen) it may take longer. */
#define SPIN_BARRIER_NS 50000
#define SPIN_IDLE_NS 200000

struct pool {
    int n_threads;
    pthread_t threads[POOL_MAX_THREADS]; /* [0] is the caller: not used */

    pthread_mutex_t turn; /* callers of pool_run, one at a time */

    /* Work: given to the threads by raising `round`, whose low bits say how
     * many of them take part: a thread that does not may miss a round. */
    pool_work *work;
    void *arg;
    int n_active;
    _Alignas(64) atomic_ullong round;

    /* Barrier: the last of n_active to come raises `passed`. */
    _Alignas(64) atomic_int arrived;
    _Alignas(64) atomic_ullong passed;

    /* For the sleep: who waits holds the lock while it looks a last time. */
    _Alignas(64) atomic_int n_sleeping;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

struct worker {
    struct pool *pool;
    int number;
};

static inline void pause_briefly(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Waits until *counter is no longer `old`; returns what it is. */
static unsigned long long wait_while(struct pool *p, atomic_ullong *counter,
                                     unsigned long long old, int64_t spin_ns)
{
    unsigned long long now_is;
    int64_t end = 0;
    for (unsigned i = 1;; i++) {
        now_is = atomic_load_explicit(counter, memory_order_acquire);
        if (now_is != old)
            return now_is;
        pause_briefly();
        if (i % 128 != 0)
            continue;
        int64_t now = clock_monotonic_ns();
        if (end == 0)
            end = now + spin_ns;
        else if (now >= end)
            break;
    }
    pthread_mutex_lock(&p->lock);
    atomic_fetch_add(&p->n_sleeping, 1);
    while ((now_is = atomic_load(counter)) == old)
        pthread_cond_wait(&p->changed, &p->lock);
    atomic_fetch_sub(&p->n_sleeping, 1);
    pthread_mutex_unlock(&p->lock);
    return now_is;
}

/* Raises a counter and wakes whoever fell asleep over it.  Both sides use
 * sequentially consistent steps: either the sleeper sees the new count, or we
 * see the sleeper. */
static void raise_counter(struct pool *p, atomic_ullong *counter,
                          unsigned long long value)
{
    atomic_store(counter, value);
    if (atomic_load(&p->n_sleeping) == 0)
        return;
    pthread_mutex_lock(&p->lock);
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

void pool_barrier(struct pool *p)
{
    /* Read first: once we have arrived the next round may begin. */
    int n = p->n_active;
    if (n == 1)
        return;
    unsigned long long passed = atomic_load(&p->passed);
    if (atomic_fetch_add(&p->arrived, 1) + 1 == n) {
        atomic_store(&p->arrived, 0);
        raise_counter(p, &p->passed, passed + 1);
        return;
    }
    wait_while(p, &p->passed, passed, SPIN_BARRIER_NS);
}

static void *worker_main(void *arg)
{
    struct worker w = *(struct worker *)arg;
    free(arg);
    struct pool *p = w.pool;
    unsigned long long round = 0;
    for (;;) {
        round = wait_while(p, &p->round, round, SPIN_IDLE_NS);
        int n_active = (int)(round % ROUND);
        if (n_active == 0) /* the pool is being closed */
            return NULL;
        if (w.number >= n_active)
            continue;
        p->work(p->arg, w.number, n_active);
        pool_barrier(p);
    }
}

static void begin_round(struct pool *p, int n_active)
{
    unsigned long long last = atomic_load(&p->round);
    raise_counter(p, &p->round,
                  last - last % ROUND + ROUND + (unsigned)n_active);
}

void pool_run_some(struct pool *p, int n_threads, pool_work *work, void *arg)
{
    assert(n_threads >= 1 && n_threads <= p->n_threads);
    pthread_mutex_lock(&p->turn);
    p->work = work;
    p->arg = arg;
    p->n_active = n_threads;
    if (n_threads > 1)
        begin_round(p, n_threads);
    work(arg, 0, n_threads);
    pool_barrier(p);
    pthread_mutex_unlock(&p->turn);
}

void pool_run(struct pool *p, pool_work *work, void *arg)
{
    pool_run_some(p, p->n_threads, work, arg);
}

/* The cores that this process may run on. */
static int count_cores(void)
{
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        return CPU_COUNT(&set);
#endif
    return 1;
}

struct pool *pool_open(int n_threads)
{
    if (n_threads <= 0)
        n_threads = count_cores();
    if (n_threads > POOL_MAX_THREADS)
        n_threads = POOL_MAX_THREADS;
    struct pool *p = mem_try_aligned(1, sizeof(*p));
    if (p == NULL)
        p = mem_calloc(1, sizeof(*p)); /* ends the program */
    pthread_mutex_init(&p->turn, NULL);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);

    /* The workers must know how many they are before they begin: they are
     * made first, and read n_threads when the first work comes. */
    int made = 1;
    for (; made < n_threads; made++) {
        struct worker *w = mem_calloc(1, sizeof(*w));
        *w = (struct worker){p, made};
        if (pthread_create(&p->threads[made], NULL, worker_main, w) != 0) {
            free(w);
            break;
        }
    }
    p->n_threads = made;
    return p;
}

void pool_close(struct pool *p)
{
    if (p == NULL)
        return;
    begin_round(p, 0);
    for (int i = 1; i < p->n_threads; i++)
        pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    pthread_mutex_destroy(&p->turn);
    free(p);
}

int pool_n_threads(const struct pool *p)
{
    return p->n_threads;
}
