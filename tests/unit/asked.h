/* asked: what tests of backends that ask a server share: a server on loopback
 * that answers as it is told, and a model that is asked there. */
#ifndef TESTS_UNIT_ASKED_H
#define TESTS_UNIT_ASKED_H

#include "test.h"

#include <math.h>
#include <stdio.h>

#include "answers.h"
#include "backends/remote/net.h"
#include "backends/remote/remote.h"
#include "base/json.h"
#include "base/log.h"
#include "tests/http/server.c"

#define CANARY "sk-canary-0123456789"
#define SSE_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" \
                 "X-Request-Id: req-7\r\n\r\n"
#define JSON_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
#define DELTA(text)                                                   \
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" text  \
    "\"},\"finish_reason\":null}]}\n\n"
#define STOP "data: {\"choices\":[{\"index\":0,\"delta\":{}," \
             "\"finish_reason\":\"stop\"}]}\n\n"
#define USAGE "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9," \
              "\"completion_tokens\":4,\"completion_tokens_details\":" \
              "{\"reasoning_tokens\":1},\"cost\":0.5}}\n\n"
#define DONE "data: [DONE]\n\n"
#define ERROR(status, body) \
    "HTTP/1.1 " status "\r\nretry-after-ms: 1\r\n\r\n" body

/* The backend that is tried. */
static const struct backend_ops *asked_ops = &backend_openai;

/* Shared by the test thread and the server's. */
static struct server *server;
static struct backend_env env;
static struct server_reply reply;
static const char *second_reply; /* of the next requests, where it is set */
static int n_served;
static pthread_mutex_t reply_lock = PTHREAD_MUTEX_INITIALIZER;

static inline struct server_reply serve(void *arg,
                                        const struct server_request *rq)
{
    (void)arg;
    (void)rq;
    pthread_mutex_lock(&reply_lock);
    struct server_reply r = reply;
    if (n_served++ > 0 && second_reply != NULL) {
        r.bytes = second_reply;
        r.n = strlen(second_reply);
    }
    pthread_mutex_unlock(&reply_lock);
    return r;
}

static inline void set_reply(struct server_reply r, const char *second)
{
    pthread_mutex_lock(&reply_lock);
    reply = r;
    second_reply = second;
    n_served = 0;
    pthread_mutex_unlock(&reply_lock);
}

static char log_path[256];

static inline int set_up(void **state)
{
    (void)state;
    const char *folder = getenv("TMPDIR");
    snprintf(log_path, sizeof(log_path), "%s/asked.%d.log",
             folder ? folder : "/tmp", (int)getpid());
    log_open(log_path);
    setenv("TEST_KEY", CANARY "\n", 1);
    setenv("http_proxy", "http://127.0.0.1:1", 1); /* not for loopback */
    backend_env_init(&env);
    server = server_open(serve, NULL);
    return answer_open_wake();
}

static inline int tear_down(void **state)
{
    (void)state;
    backend_env_free(&env);
    server_close(server);
    answer_close_wake();
    struct buf log;
    buf_init(&log, 1 << 20);
    buf_read_file(&log, log_path);
    assert_null(strstr(log.data, CANARY));
    buf_free(&log);
    return unlink(log_path);
}

static inline void serve_text(const char *bytes, enum server_end end)
{
    set_reply((struct server_reply){.bytes = bytes, .n = strlen(bytes),
                                    .end = end}, NULL);
}

static inline void serve_two(const char *first, const char *second)
{
    set_reply((struct server_reply){.bytes = first, .n = strlen(first)},
              second);
}

static inline void serve_buf(const struct buf *b)
{
    set_reply((struct server_reply){.bytes = b->data, .n = b->len}, NULL);
}

/* A model of the server, at a base of its own. */
struct asked {
    struct model model;
    char url[128];
    struct backend *backend;
};

static inline void ask_open(struct asked *a)
{
    model_init(&a->model);
    snprintf(a->url, sizeof(a->url), "http://127.0.0.1:%d/v1",
             server_port(server));
    a->model.base_url = a->url;
    a->model.id = (char *)"m-1";
    a->model.key_env = (char *)"TEST_KEY";
}

static inline struct stream *ask_begin(struct asked *a)
{
    struct message messages[] = {{"system", "Be brief."},
                                 {"user", "H\xC3\xA9 \"quoted\"\n?"}};
    struct request rq = {.messages = messages, .n_messages = 2,
                         .max_tokens = 64, .seed = 5};
    struct err e;
    if (asked_ops->open(&a->backend, &a->model, &env, &e) != 0)
        fail_msg("%s", e.text);
    struct stream *s = stream_open(answer_wake[1]);
    if (asked_ops->start(a->backend, &rq, s, &e) != 0)
        fail_msg("%s", e.text);
    return s;
}

/* One whole answer of the server as it is set up, with a fresh model. */
static inline void ask(struct answer *answer)
{
    struct asked a;
    ask_open(&a);
    answer_init(answer);
    struct stream *s = ask_begin(&a);
    asked_ops->close(a.backend); /* the answer goes on without it */
    answer_finish(answer, s);
    assert_null(strstr(answer->end.error.text, CANARY));
    assert_null(strchr(answer->end.error.text, '\n'));
    assert_true(strlen(answer->end.error.text) <= 400);
}

/* What a server sends, and what is made of it. */
struct reply_case {
    const char *name, *bytes;
    enum server_end end;
    const char *text, *thinking; /* text: NULL for any */
    enum finish finish;
    const char *words; /* in the error, or NULL */
};

static inline void check_cases(const struct reply_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct reply_case *c = &cases[i];
        struct answer a;
        serve_text(c->bytes, c->end);
        ask(&a);
        if (strcmp(a.text.data, c->text ? c->text : a.text.data) != 0 ||
            strcmp(a.thinking.data, c->thinking) != 0 ||
            a.end.finish != c->finish ||
            (a.end.finish == FINISH_ERROR) != (a.end.error.code != ERR_NONE) ||
            strstr(a.end.error.text, c->words ? c->words : "") == NULL)
            fail_msg("%s: text \"%s\" thinking \"%s\" finish %s error \"%s\"",
                     c->name, a.text.data, a.thinking.data,
                     finish_name(a.end.finish), a.end.error.text);
        answer_free(&a);
    }
}

/* The same whole answer in every way it can be cut in two, and bytewise. */
static inline void check_cuts(const char *stream, const char *text,
                              const char *thinking,
                              const struct remote_usage *usage)
{
    size_t n = strlen(stream);
    const char *id = strstr(stream, "X-Request-Id: req-7") ? "req-7" : "";
    for (size_t cut = 0; cut <= n; cut++) {
        struct answer a;
        set_reply((struct server_reply){.bytes = stream, .n = n, .cut = cut,
                                        .bytewise = cut == 0}, NULL);
        ask(&a);
        assert_string_equal(a.text.data, text);
        assert_string_equal(a.thinking.data, thinking);
        assert_int_equal(a.end.finish, FINISH_STOP);
        assert_int_equal(a.end.n_in, usage->n_in);
        assert_int_equal(a.end.n_cached, usage->n_cached);
        assert_int_equal(a.end.n_out, usage->n_out);
        assert_int_equal(a.end.n_think, usage->n_think);
        assert_true(isnan(usage->cost) ? isnan(a.end.cost)
                                       : a.end.cost == usage->cost);
        assert_string_equal(a.end.request_id, id);
        answer_free(&a);
    }
}

/* The body of the last request is this. */
static inline void check_body(const char *body)
{
    size_t n = server_n_requests(server);
    assert_string_equal(server_request_at(server, n - 1).body, body);
}

/* One whole answer of the server to a model that the caller has set up. */
static inline void ask_as(struct asked *a, struct answer *answer)
{
    answer_init(answer);
    struct stream *s = ask_begin(a);
    asked_ops->close(a->backend);
    answer_finish(answer, s);
}

/* The ids that a server lists, which is begun with *a. */
static inline void check_list(struct asked *a, const char *ids)
{
    struct answer answer;
    struct err e;
    if (asked_ops->open(&a->backend, &a->model, &env, &e) != 0)
        fail_msg("%s", e.text);
    struct stream *s = stream_open(answer_wake[1]);
    assert_int_equal(asked_ops->list(a->backend, s, &e), 0);
    asked_ops->close(a->backend);
    answer_init(&answer);
    answer_finish(&answer, s);
    assert_string_equal(answer.end.error.text, "");
    assert_string_equal(answer.text.data, ids);
    answer_free(&answer);
}

/* The model is refused, in these words and without its key. */
static inline void refuse(const struct model *m, enum err_code code,
                          const char *words)
{
    struct err e;
    struct backend *b;
    assert_int_equal(asked_ops->open(&b, m, &env, &e), -1);
    assert_int_equal(e.code, code);
    if (strstr(e.text, words) == NULL || strstr(e.text, CANARY) != NULL)
        fail_msg("\"%s\" lacks \"%s\"", e.text, words);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
