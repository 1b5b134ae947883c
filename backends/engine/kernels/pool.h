/* pool: the kernel threads.
 *
 * pool_run hands one function to all threads of the pool, the caller's
 * included, and returns when all are done.  Inside, work is split by (thread,
 * n_threads), and pool_barrier separates stages without going back to the
 * caller.  Idle threads sleep.  Any thread may call; callers take turns. */
#ifndef BACKENDS_ENGINE_KERNELS_POOL_H
#define BACKENDS_ENGINE_KERNELS_POOL_H

struct pool;

/* A pool of n_threads in all (0: one for each core that this process may run
 * on); the caller of pool_run is one of them.  Never NULL; if a thread
 * cannot be made the pool is smaller. */
struct pool *pool_open(int n_threads);
void pool_close(struct pool *p);
int pool_n_threads(const struct pool *p);

typedef void pool_work(void *arg, int thread, int n_threads);
void pool_run(struct pool *p, pool_work *work, void *arg);

/* The same on the first n_threads of them (1: the caller alone). */
void pool_run_some(struct pool *p, int n_threads, pool_work *work, void *arg);

/* Called by every thread inside a pool_run: none goes on until all are here. */
void pool_barrier(struct pool *p);

#endif
