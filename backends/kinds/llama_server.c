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
#include "backends/remote/said.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rng.h"

#define SERVER_LOOK_MS 50       /* between looks at one that loads */
#define SERVER_HEALTH_MS 5000   /* for its answer to such a look */
#define SERVER_IDLE_MS 1000     /* between looks whether it still runs */
#define SERVER_LOAD_MS 300000
#define SERVER_CALM_MS 60000    /* after which a crash is forgiven */
#define SERVER_MAX_CRASHES 2
#define SERVER_LOG_LINES 200    /* of what it prints */

enum server_state {
    SERVER_IDLE,
    SERVER_LOADING, /* or for another reason not known to answer */
    SERVER_READY,
    SERVER_FAILED,
};

/* One server.  All but words and next is the net thread's. */
struct server {
    struct server *next; /* of the env's list: the UI thread's */
    char **words;        /* the program and its arguments, NULL-terminated */
    struct net *net;
    struct net_task health; /* looks whether it has loaded */
    bool is_watched;        /* a look has its time, or is under way */
    enum server_state state;
    int port, n_crashes;
    int64_t ready_ms; /* when it had loaded; 0: it has not */
    char key[33];
    struct said said; /* what it prints */
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
    bool is_new; /* has not been looked at */
    int64_t start_ms, limit_ms;
};

struct backend {
    struct backend_env *env;
    struct model model;
};

/* --- the list of servers ----------------------------------------------- */

static void free_words(char **words)
{
    for (char **word = words; *word != NULL; word++)
        free(*word);
    free(words);
}

static size_t count_words(char *const *words)
{
    size_t n = 0;
    while (words != NULL && words[n] != NULL)
        n++;
    return n;
}

static bool same_words(char *const *a, char *const *b)
{
    while (*a != NULL && *b != NULL && strcmp(*a, *b) == 0) {
        a++;
        b++;
    }
    return *a == NULL && *b == NULL;
}

/* The program and its arguments, as far as the config tells. */
static char **words_of(const struct model *m)
{
    char n_ctx[20];
    size_t n = 0, n_command = count_words(m->command);
    size_t n_args = count_words(m->args);
    char **words = mem_calloc(n_command + n_args + 6, sizeof(*words));
    for (size_t i = 0; i < n_command; i++)
        words[n++] = mem_strdup(m->command[i]);
    if (n == 0)
        words[n++] = mem_strdup("llama-server");
    if (m->file != NULL) {
        words[n++] = mem_strdup("--model");
        words[n++] = mem_strdup(m->file);
    }
    if (m->n_ctx > 0) {
        snprintf(n_ctx, sizeof(n_ctx), "%d", m->n_ctx);
        words[n++] = mem_strdup("--ctx-size");
        words[n++] = mem_strdup(n_ctx);
    }
    for (size_t i = 0; i < n_args; i++)
        words[n++] = mem_strdup(m->args[i]);
    return words;
}

static void server_free(struct server *s)
{
    explicit_bzero(s->key, sizeof(s->key));
    said_free(&s->said);
    free_words(s->words);
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

/* The server of a model, made if there is none yet; not started. */
static struct server *server_of(struct backend_env *env, const struct model *m)
{
    char **words = words_of(m);
    for (struct server *s = env->servers.it; s != NULL; s = s->next) {
        if (!same_words(s->words, words))
            continue;
        free_words(words);
        return s;
    }
    struct server *s = mem_calloc(1, sizeof(*s));
    s->words = words;
    said_init(&s->said, words[0], SERVER_LOG_LINES);
    s->said.key = s->key;
    s->next = env->servers.it;
    env->servers = (struct backend_thread){s, servers_free};
    return s;
}

/* --- the program ------------------------------------------------------- */

static void on_words(void *arg, const char *bytes, size_t n)
{
    struct server *s = arg;
    said_add(&s->said, bytes, n);
}

static bool on_look(void *arg, struct net *n, bool is_silent)
{
    (void)arg;
    (void)is_silent;
    return !net_closing(n);
}

/* The waiters hear of it. */
static void set_state(struct server *s, enum server_state state)
{
    s->state = state;
    net_wake(s->net);
}

/* why: NULL for the last line that it printed. */
static void server_fail(struct server *s, const char *what, const char *why)
{
    if (why == NULL)
        why = s->said.last;
    set_state(s, SERVER_FAILED);
    err_set(&s->failure, ERR_BACKEND, "%s %s%s%s", s->words[0], what,
            why[0] ? ": " : "", why);
}

static void on_end(void *arg, int status)
{
    struct server *s = arg;
    bool was_calm = s->ready_ms > 0 &&
                    clock_monotonic_ms() - s->ready_ms > SERVER_CALM_MS;
    said_end(&s->said);
    log_line("%s ended (%d)", s->words[0], process_exit_code(status));
    s->n_crashes = was_calm ? 1 : s->n_crashes + 1;
    set_state(s, SERVER_IDLE);
    if (s->n_crashes >= SERVER_MAX_CRASHES)
        server_fail(s, "was started twice and did not stay", NULL);
}

/* A port that nobody has now, or 0 with errno. */
static int free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t n = sizeof(at);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), port = 0;
    if (fd < 0)
        return 0;
    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
        getsockname(fd, (struct sockaddr *)&at, &n) == 0)
        port = ntohs(at.sin_port);
    int failed = errno;
    close(fd);
    errno = failed;
    return port;
}

static void make_key(struct server *s)
{
    struct rng rng;
    rng_init_system(&rng);
    for (size_t i = 0; i + 1 < sizeof(s->key); i++)
        s->key[i] = "0123456789abcdef"[rng_below(&rng, 16)];
}

/* The shell becomes the server; what it leaves beside it ends the group when
 * the pipe from us is closed.  No word of the config is the shell's. */
static const char server_watcher[] =
    "exec 3<&0 </dev/null\n"
    "(trap '' TERM; exec >/dev/null 2>&1; cat <&3; kill -s TERM 0; sleep 1\n"
    " kill -s KILL 0) &\n"
    "exec \"$@\" 3<&-\n";

static void run_health(struct net *n, struct net_task *t);

static void look_in(struct server *s, int64_t wait_ms)
{
    net_task_init(&s->health, run_health);
    s->health.due_ms = clock_monotonic_ms() + wait_ms;
    s->is_watched = true;
    net_add(s->net, &s->health);
}

/* Starts the program on the server's port.  0, or errno. */
static int start_program(struct server *s)
{
    char port[20];
    const char *const before[] = {"/bin/sh", "-c", server_watcher,
                                  "llama-server"};
    const char *const behind[] = {"--host", "127.0.0.1", "--port", port};
    size_t n_words = count_words(s->words);
    const char **argv = mem_calloc(4 + n_words + 4 + 1, sizeof(*argv));
    char key[sizeof("LLAMA_API_KEY=") + sizeof(s->key)];
    snprintf(key, sizeof(key), "LLAMA_API_KEY=%s", s->key);
    char **env = process_environment(NULL, key);
    snprintf(port, sizeof(port), "%d", s->port);
    memcpy(argv, before, sizeof(before));
    memcpy(argv + 4, s->words, n_words * sizeof(*argv));
    memcpy(argv + 4 + n_words, behind, sizeof(behind));
    struct program_plan plan = {.argv = argv, .env = env, .tether = true,
                                .arg = s, .out = on_words, .err = on_words,
                                .look = on_look, .look_ms = SERVER_IDLE_MS,
                                .ended = on_end};
    int failed = program_start(s->net, &plan);
    explicit_bzero(key, sizeof(key));
    free(env);
    free(argv);
    return failed;
}

static void server_start(struct server *s)
{
    said_clear(&s->said);
    s->port = free_port();
    if (s->port == 0) {
        server_fail(s, "gets no port of 127.0.0.1", strerror(errno));
        return;
    }
    make_key(s);
    s->ready_ms = 0;
    s->state = SERVER_LOADING;
    int failed = start_program(s);
    if (failed != 0)
        server_fail(s, "cannot be started", strerror(failed));
    else if (!s->is_watched)
        look_in(s, SERVER_LOOK_MS);
}

/* Between a crash and our notice, a question would be sent to nobody, and the
 * system may even take connections for the dead: before each, the server has
 * to answer once more. */
static void server_doubt(struct server *s)
{
    s->state = SERVER_LOADING;
    if (!s->is_watched)
        look_in(s, 0);
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
    s->is_watched = false;
    if (s->state != SERVER_LOADING || net_closing(s->net))
        return;
    if (a->failure == HTTP_FINE && a->status == 200) {
        set_state(s, SERVER_READY);
        if (s->ready_ms == 0)
            s->ready_ms = clock_monotonic_ms();
    } else {
        look_in(s, SERVER_LOOK_MS);
    }
}

static void run_health(struct net *n, struct net_task *t)
{
    struct server *s = (struct server *)(void *)((char *)t -
                                        offsetof(struct server, health));
    char url[100];
    struct err e;
    s->is_watched = false;
    if (net_closing(n) || s->state != SERVER_LOADING)
        return;
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/health", s->port);
    struct http_request rq = {
        .url = url, .connect_ms = SERVER_HEALTH_MS,
        .first_ms = SERVER_HEALTH_MS, .stall_ms = SERVER_HEALTH_MS,
        .total_ms = SERVER_HEALTH_MS, .arg = s, .data = on_health,
        .done = health_done, .stop = health_stop};
    s->is_watched = http_start(n, &rq, &e) == 0;
    if (!s->is_watched)
        look_in(s, SERVER_LOOK_MS);
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
    buf_addf(&url, "http://127.0.0.1:%d/v1", w->server->port);
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
    return stream_cancelled(w->stream) || w->server->state != SERVER_LOADING;
}

static void end_late(struct waiter *w)
{
    struct err e;
    err_set(&e, ERR_BACKEND, "%s has not loaded within %g s "
            "(\"first_token_timeout_s\")", w->server->words[0],
            (double)w->limit_ms / 1000);
    end_waiter(w, FINISH_ERROR, &e);
}

static void run_waiter(struct net *n, struct net_task *t)
{
    struct waiter *w = (struct waiter *)t;
    struct server *s = w->server;
    bool is_late = clock_monotonic_ms() - w->start_ms >= w->limit_ms;
    s->net = n;
    if (net_closing(n) || stream_cancelled(w->stream)) {
        end_waiter(w, FINISH_CANCEL, NULL);
        return;
    }
    if (s->state == SERVER_IDLE)
        server_start(s);
    else if (s->state == SERVER_READY && w->is_new)
        server_doubt(s);
    w->is_new = false;
    if (s->state == SERVER_READY) {
        hand_over(w);
    } else if (s->state == SERVER_FAILED) {
        end_waiter(w, FINISH_ERROR, &s->failure);
    } else if (is_late) {
        end_late(w);
    } else {
        t->due_ms = w->start_ms + w->limit_ms;
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
    const char *program = m->command != NULL ? m->command[0] : "llama-server";
    int why = process_find(program);
    if (why != 0)
        return err_set(e, ERR_BACKEND, "cannot run %s: %s; \"command\" names "
                       "the program", program, strerror(why));
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
    w->server = server_of(b->env, &b->model);
    w->env = b->env;
    w->stream = s;
    w->rq = *rq;
    w->rq.messages = w->messages = request_copy_messages(rq);
    model_copy(&w->model, &b->model);
    w->is_new = true;
    w->start_ms = clock_monotonic_ms();
    w->limit_ms = model_limit_ms(b->model.first_token_timeout_s,
                                 SERVER_LOAD_MS);
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
    .starts_server = true,
    .open = server_open,
    .start = server_ask,
    .close = server_close,
};
