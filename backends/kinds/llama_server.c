/* llama-server: weights that another program runs, which we start.
 *
 * llama.cpp's server is started on a free port of this machine when a model of
 * it is first asked, with "file" or "args"; models with the same of both share
 * one.  It gets a fresh key by its environment, LLAMA_API_KEY, where no list of
 * processes shows it.  Questions wait until it has loaded; then they go the way
 * of the openai backend.  If it crashes it is started anew, once in a minute.
 * It ends with us, in whatever way we end: a watcher in its process group waits
 * for our end of a pipe. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backends/remote/http.h"
#include "backends/remote/program.h"
#include "backends/remote/remote.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rng.h"

#define SERVER_LOOK_MS 50       /* between looks at one that loads */
#define SERVER_HEALTH_MS 5000   /* for its answer to such a look */
#define SERVER_LOAD_MS 300000
#define SERVER_CALM_MS 60000    /* after which a crash is forgiven */
#define SERVER_MAX_CRASHES 2
#define SERVER_LOG_LINES 200    /* of what it prints */
#define SERVER_MAX_ARGS 64

extern char **environ;

enum server_state { SERVER_IDLE, SERVER_LOADING, SERVER_READY, SERVER_FAILED };

/* One server.  All but name, args and next is the net thread's. */
struct server {
    struct server *next; /* of the env's list: the UI thread's */
    char *name;          /* of the program and its arguments, in one line */
    char *args[SERVER_MAX_ARGS + 1]; /* the program, then its arguments */
    struct net *net;
    struct net_task health; /* looks whether it has loaded */
    bool is_looking;
    bool is_waiting;  /* for the health task's time */
    enum server_state state;
    int port, n_crashes, n_lines;
    int64_t ready_ms;
    char key[33], url[64];
    char last[200];  /* line that it printed */
    struct buf said; /* unfinished line */
    struct err failure;
};

/* A question that waits for the server. */
struct waiter {
    struct net_task task; /* first: a task is its waiter */
    struct server *server;
    struct backend_env *env;
    struct model model;
    struct stream *stream;
    struct message *messages;
    struct request rq;
    int64_t start_ms, limit_ms;
};

struct backend {
    struct backend_env *env;
    struct model model;
};

/* --- the list of servers ----------------------------------------------- */

static void server_free(struct server *s)
{
    for (char **arg = s->args; *arg != NULL; arg++)
        free(*arg);
    explicit_bzero(s->key, sizeof(s->key));
    buf_free(&s->said);
    free(s->name);
    free(s);
}

/* After the net thread has ended. */
static void servers_free(void *list)
{
    for (struct server *s = list; s != NULL;) {
        struct server *next = s->next;
        server_free(s);
        s = next;
    }
}

static void add_argument(struct server *s, const char *arg)
{
    size_t n = 0;
    while (s->args[n] != NULL)
        n++;
    if (n < SERVER_MAX_ARGS)
        s->args[n] = mem_strdup(arg);
}

static void add_arguments(struct server *s, char *const *args)
{
    for (; args != NULL && *args != NULL; args++)
        add_argument(s, *args);
}

static struct server *server_new(const struct model *m)
{
    struct server *s = mem_calloc(1, sizeof(*s));
    struct buf name;
    char n_ctx[20];
    if (m->command != NULL)
        add_arguments(s, m->command);
    else
        add_argument(s, "llama-server");
    if (m->file != NULL) {
        add_argument(s, "--model");
        add_argument(s, m->file);
    }
    if (m->n_ctx > 0) {
        snprintf(n_ctx, sizeof(n_ctx), "%d", m->n_ctx);
        add_argument(s, "--ctx-size");
        add_argument(s, n_ctx);
    }
    add_arguments(s, m->args);
    buf_init(&name, SIZE_MAX / 2);
    for (char **arg = s->args; *arg != NULL; arg++)
        buf_addf(&name, "%s\n", *arg);
    s->name = buf_detach(&name);
    buf_init(&s->said, sizeof(s->last));
    return s;
}

/* The server of a model, made if there is none yet; not started. */
static struct server *server_of(struct backend_env *env, const struct model *m)
{
    struct server *fresh = server_new(m);
    for (struct server *s = env->servers.it; s != NULL; s = s->next) {
        if (strcmp(s->name, fresh->name) != 0)
            continue;
        server_free(fresh);
        return s;
    }
    fresh->next = env->servers.it;
    env->servers = (struct backend_thread){fresh, servers_free};
    return fresh;
}

/* --- the program ------------------------------------------------------- */

static void end_line(struct server *s)
{
    if (s->said.len > 0) {
        snprintf(s->last, sizeof(s->last), "%s", s->said.data);
        if (s->n_lines++ < SERVER_LOG_LINES)
            log_line("%s: %s", s->args[0], s->last);
    }
    buf_clear(&s->said);
}

static void on_words(void *arg, const char *bytes, size_t n)
{
    struct server *s = arg;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n' || bytes[i] == '\r')
            end_line(s);
        else if (s->said.len + 1 < sizeof(s->last))
            buf_add_char(&s->said, bytes[i] >= ' ' && bytes[i] != 0x7F
                                       ? bytes[i] : ' ');
    }
}

static bool on_look(void *arg, struct net *n, bool is_silent)
{
    (void)arg;
    (void)is_silent;
    return !net_closing(n);
}

static void server_fail(struct server *s, const char *what)
{
    s->state = SERVER_FAILED;
    err_set(&s->failure, ERR_BACKEND, "%s %s%s%s", s->args[0], what,
            s->last[0] ? ": " : "", s->last);
}

static void on_end(void *arg, int status)
{
    struct server *s = arg;
    bool was_calm = s->state == SERVER_READY &&
                    clock_monotonic_ms() - s->ready_ms > SERVER_CALM_MS;
    end_line(s);
    log_line("%s ended (%d)", s->args[0], process_exit_code(status));
    s->n_crashes = was_calm ? 1 : s->n_crashes + 1;
    s->state = SERVER_IDLE;
    if (s->n_crashes >= SERVER_MAX_CRASHES)
        server_fail(s, "was started twice and did not stay");
}

/* A port that nobody has now, or 0. */
static int free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t n = sizeof(at);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int port = 0;
    if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
        getsockname(fd, (struct sockaddr *)&at, &n) == 0)
        port = ntohs(at.sin_port);
    if (fd >= 0)
        close(fd);
    return port;
}

static void make_key(struct server *s)
{
    struct rng rng;
    rng_init_system(&rng);
    for (size_t i = 0; i + 1 < sizeof(s->key); i++)
        s->key[i] = "0123456789abcdef"[rng_below(&rng, 16)];
}

/* Our environment with the key in it.  The caller frees the array and its first
 * entry. */
static char **environment(const struct server *s)
{
    static const char name[] = "LLAMA_API_KEY=";
    size_t n = 0, n_out = 0;
    while (environ[n] != NULL)
        n++;
    char **env = mem_calloc(n + 2, sizeof(*env));
    struct buf key;
    buf_init(&key, 100);
    buf_addf(&key, "%s%s", name, s->key);
    env[n_out++] = buf_detach(&key);
    for (size_t i = 0; i < n; i++)
        if (strncmp(environ[i], name, sizeof(name) - 1) != 0)
            env[n_out++] = environ[i];
    return env;
}

/* The shell becomes the server; what it leaves beside it ends the group when
 * the pipe from us is closed.  No word of the config is the shell's. */
static const char server_watcher[] =
    "exec 3<&0 </dev/null\n"
    "(trap '' TERM; exec >/dev/null 2>&1; cat <&3; kill -s TERM 0; sleep 1\n"
    " kill -s KILL 0) &\n"
    "exec \"$@\" 3<&-\n";

static void run_health(struct net *n, struct net_task *t);

static void look_soon(struct server *s)
{
    if (s->is_waiting)
        return;
    net_task_init(&s->health, run_health);
    s->health.due_ms = clock_monotonic_ms() + SERVER_LOOK_MS;
    s->is_waiting = true;
    net_add(s->net, &s->health);
}

static void server_start(struct server *s)
{
    char port[20];
    const char *argv[SERVER_MAX_ARGS + 12] = {
        "/bin/sh", "-c", server_watcher, "llama-server"};
    size_t n = 4;
    s->port = free_port();
    make_key(s);
    snprintf(port, sizeof(port), "%d", s->port);
    snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d", s->port);
    for (char **arg = s->args; *arg != NULL; arg++)
        argv[n++] = *arg;
    argv[n++] = "--host";
    argv[n++] = "127.0.0.1";
    argv[n++] = "--port";
    argv[n++] = port;
    char **env = environment(s);
    struct program_plan plan = {.argv = argv, .env = env, .tether = true,
                                .arg = s, .out = on_words, .err = on_words,
                                .look = on_look, .ended = on_end};
    s->last[0] = '\0';
    s->n_lines = 0;
    s->state = SERVER_LOADING;
    int failed = program_start(s->net, &plan);
    if (failed != 0) {
        snprintf(s->last, sizeof(s->last), "%s", strerror(failed));
        server_fail(s, "cannot be started");
    } else {
        look_soon(s);
    }
    explicit_bzero(env[0], strlen(env[0]));
    free(env[0]);
    free(env);
}

/* --- whether it has loaded --------------------------------------------- */

static enum http_go on_health(void *arg, const struct http_answer *a,
                              const char *bytes, size_t n)
{
    (void)arg;
    (void)a;
    (void)bytes;
    (void)n;
    return HTTP_FLOW;
}

static bool health_stop(void *arg)
{
    const struct server *s = arg;
    return s->state != SERVER_LOADING;
}

/* 503 says that it loads; before it listens, there is no answer at all. */
static void health_done(void *arg, const struct http_answer *a)
{
    struct server *s = arg;
    s->is_looking = false;
    if (s->state != SERVER_LOADING || net_closing(s->net))
        return;
    if (a->failure == HTTP_FINE && a->status == 200) {
        s->state = SERVER_READY;
        s->ready_ms = clock_monotonic_ms();
    } else {
        look_soon(s);
    }
}

static void run_health(struct net *n, struct net_task *t)
{
    struct server *s = (struct server *)(void *)((char *)t -
                                        offsetof(struct server, health));
    char url[100];
    struct err e;
    s->is_waiting = false;
    if (net_closing(n) || s->state != SERVER_LOADING || s->is_looking)
        return;
    snprintf(url, sizeof(url), "%s/health", s->url);
    struct http_request rq = {
        .url = url, .connect_ms = SERVER_HEALTH_MS,
        .first_ms = SERVER_HEALTH_MS, .stall_ms = SERVER_HEALTH_MS,
        .total_ms = SERVER_HEALTH_MS, .arg = s, .data = on_health,
        .done = health_done, .stop = health_stop};
    s->is_looking = http_start(n, &rq, &e) == 0;
    if (!s->is_looking)
        look_soon(s);
}

/* --- questions --------------------------------------------------------- */

static void waiter_free(struct waiter *w)
{
    request_free_messages(w->messages, w->rq.n_messages);
    model_free(&w->model);
    free(w);
}

static void end_waiter(struct waiter *w, enum finish finish,
                       const struct err *why)
{
    struct answer_end end;
    answer_end_init(&end);
    end.finish = finish;
    if (why != NULL)
        end.error = *why;
    stream_end(w->stream, &end);
    stream_release(w->stream);
    waiter_free(w);
}

/* The openai backend goes on with the stream. */
static void hand_over(struct waiter *w)
{
    struct backend *b;
    struct err e;
    struct buf url;
    struct stream *s = w->stream;
    buf_init(&url, 100);
    buf_addf(&url, "%s/v1", w->server->url);
    free(w->model.base_url);
    w->model.base_url = buf_detach(&url);
    w->model.id = mem_strdup("default"); /* it has one model */
    w->model.n_ctx = -1;                 /* it has been told */
    if (backend_openai.open(&b, &w->model, w->env, &e) != 0) {
        end_waiter(w, FINISH_ERROR, &e);
        return;
    }
    remote_use_key(b, w->server->key);
    if (backend_openai.start(b, &w->rq, s, &e) != 0)
        end_waiter(w, FINISH_ERROR, &e);
    else
        waiter_free(w);
    backend_openai.close(b);
}

static bool waiter_stop(struct net_task *t)
{
    const struct waiter *w = (struct waiter *)t;
    return stream_cancelled(w->stream);
}

static void end_late(struct waiter *w)
{
    struct err e;
    err_set(&e, ERR_BACKEND, "%s has not loaded within %g s "
            "(\"first_token_timeout_s\")", w->server->args[0],
            (double)w->limit_ms / 1000);
    end_waiter(w, FINISH_ERROR, &e);
}

/* Whether it still takes connections: between its crash and our notice, new
 * questions would be sent to nobody. */
static bool server_listens(const struct server *s)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons((uint16_t)s->port);
    bool refused = fd >= 0 &&
                   connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0 &&
                   errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return !refused;
}

static void run_waiter(struct net *n, struct net_task *t)
{
    struct waiter *w = (struct waiter *)t;
    struct server *s = w->server;
    int64_t now_ms = clock_monotonic_ms();
    s->net = n;
    if (net_closing(n) || stream_cancelled(w->stream)) {
        end_waiter(w, FINISH_CANCEL, NULL);
        return;
    }
    if (s->state == SERVER_IDLE)
        server_start(s);
    if (s->state == SERVER_READY && server_listens(s)) {
        hand_over(w);
    } else if (s->state == SERVER_FAILED) {
        end_waiter(w, FINISH_ERROR, &s->failure);
    } else if (now_ms - w->start_ms >= w->limit_ms) {
        end_late(w);
    } else {
        t->due_ms = now_ms + SERVER_LOOK_MS;
        net_add(n, t);
    }
}

/* --- the backend ------------------------------------------------------- */

static int server_open(struct backend **out, const struct model *m,
                       struct backend_env *env, struct err *e)
{
    if (m->file == NULL && m->args == NULL && m->command == NULL)
        return err_set(e, ERR_CONFIG, "no \"file\" (weights) or \"args\" (of "
                                      "llama-server)");
    if (m->file != NULL && access(m->file, R_OK) != 0)
        return err_set(e, ERR_BACKEND, "%s: cannot read: %s", m->file,
                       strerror(errno));
    struct backend *b = mem_calloc(1, sizeof(*b));
    b->env = env;
    model_copy(&b->model, m);
    *out = b;
    return 0;
}

static int server_ask(struct backend *b, const struct request *rq,
                      struct stream *s, struct err *e)
{
    struct net *net = net_of(b->env, e);
    if (net == NULL)
        return -1;
    struct waiter *w = mem_calloc(1, sizeof(*w));
    double limit_s = b->model.first_token_timeout_s;
    w->server = server_of(b->env, &b->model);
    w->env = b->env;
    w->stream = s;
    w->rq = *rq;
    w->rq.messages = w->messages = request_copy_messages(rq);
    model_copy(&w->model, &b->model);
    w->start_ms = clock_monotonic_ms();
    w->limit_ms = isnan(limit_s) ? SERVER_LOAD_MS
                                 : (int64_t)ceil(limit_s * 1000);
    net_task_init(&w->task, run_waiter);
    w->task.stop = waiter_stop;
    stream_on_cancel(s, net_wake, net);
    net_post(net, &w->task);
    return 0;
}

static void server_close(struct backend *b)
{
    model_free(&b->model);
    free(b);
}

const struct backend_ops backend_llama_server = {
    .name = "llama-server",
    .summary = "weights that llama.cpp's server runs, which is started",
    .open = server_open,
    .start = server_ask,
    .close = server_close,
};
