/* One request: waits that end, headers that are refused, plain text where TLS
 * was wanted. */
#include "test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/remote/http.h"
#include "base/mem.h"
#include "tests/http/server.c"

/* A request as the test thread sees it. */
struct one {
    struct net_task task;
    struct http_request rq;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_done;
    int started; /* of http_start */
    size_t n_bytes;
    struct http_answer answer;
    struct err error; /* of http_start */
};

static struct server *server;
static struct server_reply reply;
static pthread_mutex_t reply_lock = PTHREAD_MUTEX_INITIALIZER;
static struct net *net;

static size_t n_together; /* requests that must come before one is answered */

static struct server_reply serve(void *arg, const struct server_request *rq)
{
    (void)arg;
    (void)rq;
    pthread_mutex_lock(&reply_lock);
    struct server_reply r = reply;
    while (server_n_requests(server) < n_together) {
        pthread_mutex_unlock(&reply_lock);
        poll(NULL, 0, 1);
        pthread_mutex_lock(&reply_lock);
    }
    pthread_mutex_unlock(&reply_lock);
    return r;
}

static void wait_for_together(size_t n)
{
    pthread_mutex_lock(&reply_lock);
    n_together = n;
    pthread_mutex_unlock(&reply_lock);
}

static int set_up(void **state)
{
    (void)state;
    struct err e;
    server = server_open(serve, NULL);
    net = net_open(&e);
    return net == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    net_close(net);
    server_close(server);
    return 0;
}

static enum http_go on_data(void *arg, const struct http_answer *a,
                            const char *bytes, size_t n)
{
    struct one *o = arg;
    (void)a;
    o->n_bytes += n;
    return memchr(bytes, '!', n) != NULL   ? HTTP_END
           : memchr(bytes, 'y', n) != NULL ? HTTP_DONE
           : memchr(bytes, 'x', n) != NULL ? HTTP_FLOW
                                           : HTTP_WAIT;
}

static void on_done(void *arg, const struct http_answer *a)
{
    struct one *o = arg;
    pthread_mutex_lock(&o->lock);
    if (a != NULL)
        o->answer = *a;
    o->is_done = true;
    pthread_cond_signal(&o->changed);
    pthread_mutex_unlock(&o->lock);
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static void start(struct net *n, struct net_task *t)
{
    struct one *o = (struct one *)t;
    o->started = http_start(n, &o->rq, &o->error);
    if (o->started != 0)
        on_done(o, NULL);
}

static void prepare(struct one *o)
{
    pthread_mutex_init(&o->lock, NULL);
    pthread_cond_init(&o->changed, NULL);
    o->rq.arg = o;
    o->rq.data = on_data;
    o->rq.done = on_done;
    o->rq.stop = never;
}

static void await(struct one *o)
{
    pthread_mutex_lock(&o->lock);
    while (!o->is_done)
        pthread_cond_wait(&o->changed, &o->lock);
    pthread_mutex_unlock(&o->lock);
    pthread_cond_destroy(&o->changed);
    pthread_mutex_destroy(&o->lock);
}

static void set_reply(const char *bytes, enum server_end end)
{
    pthread_mutex_lock(&reply_lock);
    reply = (struct server_reply){
        .bytes = bytes, .n = strlen(bytes), .end = end};
    pthread_mutex_unlock(&reply_lock);
}

static void run(struct one *o, const char *scheme, const char *bytes,
                enum server_end end)
{
    char url[100];
    snprintf(url, sizeof(url), "%s://127.0.0.1:%d/", scheme,
             server_port(server));
    set_reply(bytes, end);
    prepare(o);
    if (o->rq.url == NULL)
        o->rq.url = url;
    net_task_init(&o->task, start);
    net_post(net, &o->task);
    await(o);
}

static void every_wait_has_an_end(void **state)
{
    (void)state;
    /* Nothing, not even a header. */
    struct one a = {.rq = {.first_ms = 30}};
    run(&a, "http", "", SERVER_HANG);
    assert_int_equal(a.answer.failure, HTTP_TIMEOUT);
    assert_non_null(strstr(a.answer.error.text, "no answer from 127.0.0.1:"));
    assert_non_null(strstr(a.answer.error.text,
                           "within 0.03 s (\"first_token_timeout_s\")"));

    /* Signs of life, but nothing of worth. */
    struct one b = {.rq = {.first_ms = 30, .stall_ms = 3600000}};
    run(&b, "http", "HTTP/1.1 200 OK\r\n\r\n: ping\n", SERVER_HANG);
    assert_int_equal(b.answer.failure, HTTP_TIMEOUT);
    assert_int_equal(b.answer.status, 200);
    assert_int_equal(b.n_bytes, 7);

    /* A stall. */
    struct one c = {.rq = {.first_ms = 3600000, .stall_ms = 30}};
    run(&c, "http", "HTTP/1.1 200 OK\r\n\r\nx", SERVER_HANG);
    assert_int_equal(c.answer.failure, HTTP_TIMEOUT);
    assert_non_null(strstr(c.answer.error.text, "fell silent"));
    assert_non_null(strstr(c.answer.error.text, "\"stall_timeout_s\""));

    /* The whole. */
    struct one d = {.rq = {.stall_ms = 3600000, .total_ms = 30}};
    run(&d, "http", "HTTP/1.1 200 OK\r\n\r\nx", SERVER_HANG);
    assert_int_equal(d.answer.failure, HTTP_TIMEOUT);
    assert_non_null(strstr(d.answer.error.text,
                           "took longer than 0.03 s (\"total_timeout_s\")"));
    server_wait_left(server, 4);
}

static void the_owner_may_end_it(void **state)
{
    (void)state;
    struct one o = {.rq = {.url = NULL}};
    run(&o, "http", "HTTP/1.1 200 OK\r\n\r\nx!", SERVER_HANG);
    assert_int_equal(o.answer.failure, HTTP_FINE);
    server_wait_left(server, 1);
}

static void header_lines_cannot_be_forged(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "Good: 1", "Authorization: Bearer k\r\nX-Evil: 1", NULL};
    struct one o = {.rq = {.headers = headers}};
    run(&o, "http", "HTTP/1.1 200 OK\r\n\r\n!", SERVER_CLOSE);
    assert_int_equal(o.started, -1);
    assert_int_equal(o.error.code, ERR_CONFIG);
    assert_non_null(strstr(o.error.text, "\"Authorization\""));
    assert_null(strstr(o.error.text, "Bearer"));
    assert_int_equal(server_n_requests(server), 0);
}

static void addresses_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "file:///etc/passwd",  "http://example.com/",
        "http://u:p@127.0.0.1/", "gopher://127.0.0.1/",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct one o = {.rq = {.url = bad[i]}};
        run(&o, "http", "", SERVER_CLOSE);
        assert_int_equal(o.started, -1);
        assert_int_equal(o.error.code, ERR_CONFIG);
    }
}

/* An answer that is whole leaves its connection for the next one. */
static void connections_are_used_again(void **state)
{
    (void)state;
    static const char whole[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
                                "y\n";
    for (int i = 0; i < 3; i++) {
        struct one o = {.rq = {.url = NULL}};
        run(&o, "http", whole, SERVER_KEEP);
        assert_int_equal(o.answer.failure, HTTP_FINE);
        assert_int_equal(o.answer.status, 200);
    }
    assert_int_equal(server_n_requests(server), 3);
    assert_int_equal(server_n_accepted(server), 1);
}

/* Starts all in one turn of the net thread. */
#define N_AT_ONCE 3

struct company {
    struct net_task task;
    struct one list[N_AT_ONCE];
};

static void start_all(struct net *n, struct net_task *t)
{
    struct company *c = (struct company *)t;
    for (int i = 0; i < N_AT_ONCE; i++)
        start(n, &c->list[i].task);
}

/* None waits for what another's server makes of its request: that would be the
 * whole of a long answer. */
static void requests_go_out_at_once(void **state)
{
    (void)state;
    char url[100];
    struct company c = {.list = {{.n_bytes = 0}}};
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", server_port(server));
    set_reply("HTTP/1.1 200 OK\r\n\r\n!", SERVER_CLOSE);
    wait_for_together(N_AT_ONCE);
    for (int i = 0; i < N_AT_ONCE; i++) {
        c.list[i].rq.url = url;
        c.list[i].rq.first_ms = 20000;
        prepare(&c.list[i]);
    }
    net_task_init(&c.task, start_all);
    net_post(net, &c.task);
    for (int i = 0; i < N_AT_ONCE; i++)
        await(&c.list[i]);
    wait_for_together(0);
    for (int i = 0; i < N_AT_ONCE; i++)
        assert_int_equal(c.list[i].answer.failure, HTTP_FINE);
}

/* All of worth is there, but the server does not come to an end: the owner is
 * told at once, and the connection closed. */
static void a_whole_answer_waits_for_nothing(void **state)
{
    (void)state;
    struct one o = {.rq = {.url = NULL}};
    run(&o, "http", "HTTP/1.1 200 OK\r\n\r\ny", SERVER_HANG);
    assert_int_equal(o.answer.failure, HTTP_FINE);
    server_wait_left(server, 1);
}

static void compressed_answers_are_named(void **state)
{
    (void)state;
    struct one o = {.rq = {.url = NULL}};
    run(&o, "http", "HTTP/1.1 200 OK\r\ncontent-encoding: br\r\n\r\nx",
        SERVER_CLOSE);
    assert_int_equal(o.answer.failure, HTTP_FAILED);
    assert_non_null(strstr(o.answer.error.text, "compressed answer (br)"));
    assert_int_equal(o.n_bytes, 0);
    struct one p = {.rq = {.url = NULL}};
    run(&p, "http", "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n\r\nx",
        SERVER_CLOSE);
    assert_int_equal(p.answer.failure, HTTP_FINE);
}

static void plain_text_is_no_tls(void **state)
{
    (void)state;
    struct one o = {.rq = {.url = NULL}};
    run(&o, "https", "HTTP/1.1 200 OK\r\n\r\n!", SERVER_CLOSE);
    assert_int_equal(o.answer.failure, HTTP_UNTRUSTED);
    assert_non_null(strstr(o.answer.error.text, "does not speak TLS"));
    assert_int_equal(o.answer.status, 0);
    assert_int_equal(o.n_bytes, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_wait_has_an_end),         TEST(the_owner_may_end_it),
        TEST(header_lines_cannot_be_forged), TEST(addresses_are_checked),
        TEST(connections_are_used_again),
        TEST(requests_go_out_at_once),
        TEST(a_whole_answer_waits_for_nothing),
        TEST(compressed_answers_are_named),
        TEST(plain_text_is_no_tls),
    };
    return TEST_RUN(tests);
}
