#include "backends/remote/net.h"

#include <pthread.h>
#include <stdlib.h>

#include "backends/backend.h"
#include "backends/remote/gate.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"

/* More descriptors than this wait for their time only: each belongs to a child
 * process of ours, and there are never so many. */
#define NET_MAX_FDS 1024

struct net {
    pthread_t thread;
    CURLM *multi;
    struct net_task *tasks; /* the thread's own */
    struct gate *gates;     /* the thread's own */
    bool is_closing;        /* the thread's own */

    pthread_mutex_t lock; /* guards what follows */
    struct net_task *inbox;
    bool close_asked;
};

void net_task_init(struct net_task *t,
                   void (*run)(struct net *n, struct net_task *t))
{
    *t = (struct net_task){.run = run, .fd = -1};
}

bool net_closing(const struct net *n)
{
    return n->is_closing;
}

struct gate **net_gates(struct net *n)
{
    return &n->gates;
}

void net_wake(void *net)
{
    struct net *n = net;
    curl_multi_wakeup(n->multi);
}

void net_post(struct net *n, struct net_task *t)
{
    pthread_mutex_lock(&n->lock);
    t->next = n->inbox;
    n->inbox = t;
    pthread_mutex_unlock(&n->lock);
    net_wake(n);
}

void net_add(struct net *n, struct net_task *t)
{
    t->now = false;
    t->next = n->tasks;
    n->tasks = t;
}

void net_remove(struct net *n, struct net_task *t)
{
    for (struct net_task **p = &n->tasks; *p != NULL; p = &(*p)->next) {
        if (*p == t) {
            *p = t->next;
            return;
        }
    }
}

void net_transfer_start(struct net *n, struct net_transfer *t)
{
    curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
    curl_multi_add_handle(n->multi, t->easy);
}

void net_transfer_stop(struct net *n, struct net_transfer *t)
{
    curl_multi_remove_handle(n->multi, t->easy);
}

/* Moves what other threads posted to the thread's own list, in the order in
 * which it came. */
static void take_inbox(struct net *n)
{
    pthread_mutex_lock(&n->lock);
    struct net_task *t = n->inbox;
    n->inbox = NULL;
    n->is_closing = n->close_asked;
    pthread_mutex_unlock(&n->lock);

    struct net_task *first = NULL;
    while (t != NULL) {
        struct net_task *next = t->next;
        t->next = first;
        first = t;
        t = next;
    }
    struct net_task **end = &n->tasks;
    while (*end != NULL)
        end = &(*end)->next;
    *end = first;
}

static bool is_due(const struct net *n, struct net_task *t, int64_t now_ms)
{
    return t->now || n->is_closing || t->due_ms <= now_ms ||
           (t->stop != NULL && t->stop(t));
}

/* Runs what is due.  Marks first and looks from the start after each, because
 * a task may add and remove others, itself included. */
static void run_due(struct net *n)
{
    int64_t now_ms = clock_monotonic_ms();
    for (struct net_task *t = n->tasks; t != NULL; t = t->next)
        t->now = is_due(n, t, now_ms);
    struct net_task *t = n->tasks;
    while (t != NULL) {
        if (!t->now) {
            t = t->next;
            continue;
        }
        net_remove(n, t);
        t->now = false;
        t->run(n, t);
        t = n->tasks;
    }
}

static void reap_transfers(struct net *n)
{
    int left;
    CURLMsg *m;
    while ((m = curl_multi_info_read(n->multi, &left)) != NULL) {
        if (m->msg != CURLMSG_DONE)
            continue;
        CURL *easy = m->easy_handle;
        CURLcode verdict = m->data.result; /* m is gone after the removal */
        char *owner = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owner);
        curl_multi_remove_handle(n->multi, easy);
        struct net_transfer *t = (struct net_transfer *)(void *)owner;
        t->done(t, verdict);
    }
}

/* Sleeps until curl, a descriptor, a wake or the next time calls. */
static void wait_for_news(struct net *n)
{
    struct curl_waitfd fds[NET_MAX_FDS];
    struct net_task *owners[NET_MAX_FDS];
    unsigned n_fds = 0;
    int64_t due_ms = NET_NEVER;
    for (struct net_task *t = n->tasks; t != NULL; t = t->next) {
        if (t->due_ms < due_ms)
            due_ms = t->due_ms;
        if (t->fd < 0 || n_fds == NET_MAX_FDS)
            continue;
        fds[n_fds] = (struct curl_waitfd){
            .fd = t->fd,
            .events = t->writing ? CURL_WAIT_POLLOUT : CURL_WAIT_POLLIN};
        owners[n_fds++] = t;
    }
    int64_t wait_ms = 60 * 1000; /* curl has its own, shorter, when it works */
    int64_t now_ms = clock_monotonic_ms();
    if (due_ms - now_ms < wait_ms)
        wait_ms = due_ms > now_ms ? due_ms - now_ms : 0;
    curl_multi_poll(n->multi, fds, n_fds, (int)wait_ms, NULL);
    for (unsigned i = 0; i < n_fds; i++)
        owners[i]->now = fds[i].revents != 0;
}

static bool has_ended(struct net *n)
{
    pthread_mutex_lock(&n->lock);
    bool empty = n->inbox == NULL;
    pthread_mutex_unlock(&n->lock);
    return n->is_closing && empty && n->tasks == NULL;
}

static void *net_main(void *arg)
{
    struct net *n = arg;
    for (;;) {
        take_inbox(n);
        run_due(n);
        int running;
        curl_multi_perform(n->multi, &running);
        reap_transfers(n);
        if (has_ended(n))
            return NULL;
        if (!n->is_closing)
            wait_for_news(n);
    }
}

struct net *net_open(struct err *e)
{
    struct net *n = mem_calloc(1, sizeof(*n));
    pthread_mutex_init(&n->lock, NULL);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
        n->multi = curl_multi_init();
    if (n->multi == NULL)
        err_set(e, ERR_FAILURE, "%s", libcurl_problem() ? libcurl_problem()
                : "libcurl cannot be set up");
    else if (thread_start(&n->thread, net_main, n, "network", e) == 0)
        return n;
    curl_multi_cleanup(n->multi);
    pthread_mutex_destroy(&n->lock);
    free(n);
    return NULL;
}

void net_close(struct net *n)
{
    if (n == NULL)
        return;
    pthread_mutex_lock(&n->lock);
    n->close_asked = true;
    pthread_mutex_unlock(&n->lock);
    net_wake(n);
    pthread_join(n->thread, NULL);
    gate_free_all(&n->gates);
    curl_multi_cleanup(n->multi);
    pthread_mutex_destroy(&n->lock);
    free(n);
}

static void close_shared(void *net)
{
    net_close(net);
}

struct net *net_of(struct backend_env *env, struct err *e)
{
    if (env->net.it == NULL)
        env->net = (struct backend_thread){net_open(e), close_shared};
    return env->net.it;
}
