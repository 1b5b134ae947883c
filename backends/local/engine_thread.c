#include "backends/local/engine_thread.h"

#include <pthread.h>
#include <stdlib.h>

#include "backends/engine/kernels/pool.h"
#include "backends/local/cache.h"
#include "backends/local/timeslice.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"

/* Answers in one pass; more of them take turns of this many. */
#define ENGINE_THREAD_FEEDS 16

struct engine_thread {
    pthread_t thread;
    int n_threads;
    struct cache cache;        /* the thread's own */
    struct generation *active; /* the thread's own */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t posted;
    struct generation *inbox;
    bool closing;
};

/* Ends an answer; its session is kept for a further turn. */
static void finish(struct engine_thread *w, struct generation *g)
{
    struct loaded *l = g->loaded;
    if (g->session != NULL && g->end.finish != FINISH_ERROR) {
        struct token_list held;
        struct engine_session *s = generation_detach_session(g, &held);
        cache_keep_session(&w->cache, l, &g->model, s, &held);
    }
    generation_close(g);
    if (l != NULL)
        cache_return(&w->cache, l);
}

/* Weights, tokens, a session: all before the first pass. */
static int prepare(struct engine_thread *w, struct generation *g, struct err *e)
{
    struct engine_session *session;
    struct engine_adapted list[LORA_MOST];
    struct token_list held;
    if (cache_take(&w->cache, g->model.file, g->model.tokenizer, &g->loaded,
                   e) != 0 ||
        cache_take_adapters(g->loaded, &g->model.lora, list, e) != 0 ||
        generation_render(g, g->loaded->engine, e) != 0 ||
        cache_take_session(&w->cache, g->loaded, &g->model, list, &g->ids,
                           &session, &held, e) != 0)
        return -1;
    int result = generation_begin(g, session, &held, e);
    token_list_free(&held);
    return result;
}

/* Takes what was posted, in its order; sleeps while there is nothing to do.
 * False: the thread ends. */
static bool take_inbox(struct engine_thread *w, struct generation **first)
{
    pthread_mutex_lock(&w->lock);
    while (w->inbox == NULL && w->active == NULL && !w->closing)
        pthread_cond_wait(&w->posted, &w->lock);
    struct generation *g = w->inbox;
    bool going = !w->closing;
    w->inbox = NULL;
    pthread_mutex_unlock(&w->lock);
    *first = NULL;
    while (g != NULL) {
        struct generation *next = g->next;
        g->next = *first;
        *first = g;
        g = next;
    }
    return going;
}

static void start(struct engine_thread *w, struct generation *first)
{
    struct generation **end = &w->active;
    while (*end != NULL)
        end = &(*end)->next;
    while (first != NULL) {
        struct generation *g = first;
        struct err e;
        int64_t begin_ms = clock_monotonic_ms();
        first = g->next;
        g->next = NULL;
        bool ready = !stream_cancelled(g->stream) && prepare(w, g, &e) == 0;
        for (struct generation *o = w->active; o != NULL; o = o->next)
            generation_delay(o, clock_monotonic_ms() - begin_ms);
        if (ready) {
            *end = g;
            end = &g->next;
            continue;
        }
        if (!stream_cancelled(g->stream))
            generation_fail(g, &e);
        finish(w, g);
    }
}

/* Takes the answers that will not go on off the list and ends them. */
static void drop(struct engine_thread *w, const struct generation *which)
{
    struct generation **p = &w->active;
    while (*p != which)
        p = &(*p)->next;
    struct generation *g = *p;
    *p = g->next;
    finish(w, g);
}

/* One pass over answers on the same weights.  If it fails, each is tried
 * alone, so that only the faulty one ends. */
static void pass(struct engine_thread *w, struct generation **g, size_t n)
{
    struct engine_feed feeds[ENGINE_THREAD_FEEDS];
    struct err e;
    for (size_t i = 0; i < n; i++)
        generation_feed(g[i], n == 1, &feeds[i]);
    if (engine_eval(g[0]->engine, feeds, n, &e) == 0) {
        for (size_t i = 0; i < n; i++)
            if (!generation_step(g[i]))
                drop(w, g[i]);
    } else if (n > 1) {
        for (size_t i = 0; i < n; i++)
            pass(w, &g[i], 1);
    } else {
        generation_fail(g[0], &e);
        drop(w, g[0]);
    }
}

/* Whether an answer before this one is reading the prompt for both. */
static bool is_led(const struct engine_thread *w, struct generation *g)
{
    bool led = false;
    for (struct generation *o = w->active; o != g; o = o->next)
        led |= generation_follow(g, o);
    return led;
}

static void drop_cancelled(struct engine_thread *w)
{
    for (struct generation *g = w->active, *next; g != NULL; g = next) {
        next = g->next;
        if (stream_cancelled(g->stream))
            drop(w, g);
    }
}

/* One step of the answers on the same weights; false: there are none. */
static bool step(struct engine_thread *w, const struct loaded *l)
{
    struct generation *g = w->active;
    bool any = false;
    while (g != NULL) {
        struct generation *group[ENGINE_THREAD_FEEDS];
        size_t n = 0;
        for (; g != NULL && n < ENGINE_THREAD_FEEDS; g = g->next)
            if (g->loaded == l && !is_led(w, g))
                group[n++] = g;
        if (n > 0)
            pass(w, group, n);
        any = any || n > 0;
    }
    return any;
}

/* Whether answers wait that are on other weights. */
static bool others_wait(const struct engine_thread *w, const struct loaded *l)
{
    const struct generation *g = w->active;
    while (g != NULL && g->loaded == l)
        g = g->next;
    return g != NULL;
}

/* A turn of every weights file that answers are made on. */
static void turn(struct engine_thread *w)
{
    drop_cancelled(w);
    for (struct loaded *l = w->cache.first; l != NULL; l = l->next) {
        int64_t begin = clock_monotonic_ns(), now = begin, last;
        do {
            last = now;
            if (!step(w, l))
                break;
            now = clock_monotonic_ns();
        } while (others_wait(w, l) &&
                 timeslice_goes_on(now - begin, now - last));
    }
}

static void cancel_all(struct engine_thread *w, struct generation *g)
{
    while (g != NULL) {
        struct generation *next = g->next;
        stream_cancel(g->stream);
        finish(w, g);
        g = next;
    }
}

static void *engine_thread_main(void *arg)
{
    struct engine_thread *w = arg;
    struct generation *first;
    struct pool *pool = pool_open(w->n_threads); /* inherits blocked signals */
    cache_init(&w->cache, pool);
    while (take_inbox(w, &first)) {
        start(w, first);
        turn(w);
    }
    cancel_all(w, first);
    cancel_all(w, w->active);
    cache_free(&w->cache);
    pool_close(pool);
    return NULL;
}

struct engine_thread *engine_thread_open(int n_threads, struct err *e)
{
    struct engine_thread *w = mem_calloc(1, sizeof(*w));
    w->n_threads = n_threads;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->posted, NULL);
    if (thread_start(&w->thread, engine_thread_main, w, "engine", e) == 0)
        return w;
    pthread_cond_destroy(&w->posted);
    pthread_mutex_destroy(&w->lock);
    free(w);
    return NULL;
}

void engine_thread_post(struct engine_thread *w, struct generation *g)
{
    pthread_mutex_lock(&w->lock);
    g->next = w->inbox;
    w->inbox = g;
    pthread_cond_signal(&w->posted);
    pthread_mutex_unlock(&w->lock);
}

void engine_thread_close(struct engine_thread *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    pthread_cond_signal(&w->posted);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->posted);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

static void close_shared(void *thread)
{
    engine_thread_close(thread);
}

struct engine_thread *engine_thread_of(struct backend_env *env, struct err *e)
{
    if (env->engine.it == NULL)
        env->engine = (struct backend_thread){
            engine_thread_open(env->n_threads, e), close_shared};
    return env->engine.it;
}
