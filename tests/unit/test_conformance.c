/* What every backend that asks a server makes of all that servers do, right
 * and wrong: each row of tests/http/protocols.h through each case of
 * tests/http/faults.h, cut at every byte, and cancelled at every state.
 * Prints a table with a row a backend. */
#include "test.h"

#include <stdio.h>

#include "answers.h"
#include "backends/remote/remote.h"
#include "base/clock.h"
#include "base/log.h"
#include "tests/http/play.h"
#include "tests/http/server.c"

#define N_AT_ONCE 48
#define AMPLE_S 60 /* a limit that must not be what ends an answer */
#define N_GROUPS (TRANSPORT + 1)

/* One answer that is asked for, and what the server says. */
struct session {
    const struct protocol *protocol;
    const struct fault_case *fault;
    struct buf first, then, drip; /* replies */
    struct server_reply reply;    /* how `first` is sent */
    size_t begin;                 /* of the body, in `first` */
    int n_requests;               /* the server's threads count */
    struct model model;
    char url[160];
    struct stream *stream; /* NULL: not begun, or over */
    bool is_over;
    struct answer answer;
    void (*judge)(struct session *s, struct buf *complaint);
};

static struct server *server, *other;
static struct backend_env env;
static struct session *sessions;
static size_t n_sessions;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of n_requests */
static char log_path[256];
static int n_bad;
static struct {
    int n, n_good;
} table[N_PROTOCOLS][N_GROUPS];

/* --- the server -------------------------------------------------------- */

/* The path begins with the number of the session. */
static struct server_reply serve(void *arg, const struct server_request *rq)
{
    struct session *s = &sessions[strtoul(rq->path + 1, NULL, 10)];
    (void)arg;
    pthread_mutex_lock(&lock);
    int n = s->n_requests++;
    pthread_mutex_unlock(&lock);
    if (n > 0 && s->then.len > 0)
        return (struct server_reply){s->then.data, s->then.len, 0, 0,
                                     SERVER_CLOSE, 0, NULL};
    return s->reply;
}

/* Where redirects lead: nobody may come. */
static struct server_reply serve_nobody(void *arg,
                                        const struct server_request *rq)
{
    (void)arg;
    (void)rq;
    return (struct server_reply){.end = SERVER_CLOSE};
}

static int set_up(void **state)
{
    (void)state;
    const char *folder = getenv("TMPDIR");
    snprintf(log_path, sizeof(log_path), "%s/conformance.%d.log",
             folder ? folder : "/tmp", (int)getpid());
    log_open(log_path);
    setenv("TEST_KEY", FAULTS_KEY, 1);
    backend_env_init(&env);
    server = server_open(serve, NULL);
    other = server_open(serve_nobody, NULL);
    n_bad = 0;
    return answer_open_wake();
}

static int tear_down(void **state)
{
    (void)state;
    backend_env_free(&env);
    server_close(server);
    server_close(other);
    answer_close_wake();
    for (size_t i = 0; i < n_sessions; i++) {
        struct session *s = &sessions[i];
        struct buf *all[] = {&s->first, &s->then, &s->drip};
        for (size_t k = 0; k < 3; k++)
            buf_free(all[k]);
        answer_free(&s->answer);
    }
    free(sessions);
    sessions = NULL;
    n_sessions = 0;
    struct buf log;
    buf_init(&log, 1 << 20);
    buf_read_file(&log, log_path);
    assert_null(strstr(log.data, FAULTS_KEY));
    buf_free(&log);
    return unlink(log_path);
}

/* --- sessions ---------------------------------------------------------- */

static struct session *add_session(const struct protocol *p,
                                   const struct fault_case *c)
{
    if (n_sessions % 1024 == 0)
        sessions = realloc(sessions, (n_sessions + 1024) * sizeof(*sessions));
    struct session *s = &sessions[n_sessions++];
    *s = (struct session){.protocol = p, .fault = c};
    buf_init(&s->first, PLAY_MAX_BYTES);
    buf_init(&s->then, PLAY_MAX_BYTES);
    buf_init(&s->drip, PLAY_MAX_BYTES);
    answer_init(&s->answer);
    return s;
}

/* "@" and "#" in a text are the ports of the other server and of ours. */
static void with_ports(char *to, size_t size, const char *from)
{
    size_t n = strcspn(from, "@#");
    int port = server_port(from[n] == '@' ? other : server);
    if (from[n] == '\0')
        snprintf(to, size, "%s", from);
    else
        snprintf(to, size, "%.*s%d%s", (int)n, from, port, from + n + 1);
}

/* Writes the replies.  False: the case is not for this protocol. */
static bool fill_session(struct session *s)
{
    const struct fault_case *c = s->fault;
    size_t begin;
    char head[512];
    if (c->head != NULL)
        with_ports(head, sizeof(head), c->head);
    bool fits = play_reply(&s->first, s->protocol, c, c->head ? head : NULL,
                           c->play, &s->begin);
    if (c->then != NULL)
        fits = play_reply(&s->then, s->protocol, c, NULL, c->then, &begin) &&
               fits;
    if (c->drip != NULL)
        fits = play_bytes(&s->drip, s->protocol, c->drip) && fits;
    s->reply = (struct server_reply){
        s->first.data, s->first.len,
        c->pause_ms ? s->begin + (s->first.len - s->begin) / 2 : 0,
        (c->changes & BYTEWISE) != 0, c->end, c->pause_ms, s->drip.data};
    return fits;
}

static void begin_session(struct session *s)
{
    const struct backend_ops *ops = backend_find(s->protocol->backend);
    const struct fault_case *c = s->fault;
    struct message messages[] = {{"system", "Be brief."}, {"user", "Hi"}};
    struct request rq = {.messages = messages, .n_messages = 2,
                         .max_tokens = 64, .seed = 5};
    struct backend *b;
    struct err e;
    char base[128];
    with_ports(base, sizeof(base), c->url ? c->url : "http://127.0.0.1:#");
    snprintf(s->url, sizeof(s->url), "%s/%zu/v1", base,
             (size_t)(s - sessions));
    model_init(&s->model);
    s->model.base_url = s->url;
    s->model.id = (char *)"m-1";
    s->model.key_env = (char *)"TEST_KEY";
    s->model.connect_timeout_s = AMPLE_S;
    s->model.first_token_timeout_s = c->first_s ? c->first_s : AMPLE_S;
    s->model.stall_timeout_s = c->stall_s ? c->stall_s : AMPLE_S;
    s->model.total_timeout_s = c->total_s ? c->total_s : AMPLE_S;
    if (ops->open(&b, &s->model, &env, &e) != 0)
        fail_msg("%s: %s", c->name, e.text);
    s->stream = stream_open(answer_wake[1]);
    if (ops->start(b, &rq, s->stream, &e) != 0)
        fail_msg("%s: %s", c->name, e.text);
    ops->close(b);
}

static void end_session(struct session *s)
{
    struct buf complaint;
    buf_init(&complaint, 4096);
    stream_release(s->stream);
    s->stream = NULL;
    s->is_over = true;
    s->judge(s, &complaint);
    bool good = complaint.len == 0;
    size_t row = (size_t)(s->protocol - protocols);
    table[row][s->fault->group].n++;
    table[row][s->fault->group].n_good += good;
    if (!good) {
        struct answer *a = &s->answer;
        n_bad++;
        print_message("# %s: %s:%s; text \"%.60s\" thinking \"%.60s\" finish "
                      "%s error \"%s\"\n", s->protocol->backend,
                      s->fault->name, complaint.data, a->text.data,
                      a->thinking.data, finish_name(a->end.finish),
                      a->end.error.text);
    }
    buf_free(&complaint);
    buf_free(&s->answer.text);
    buf_init(&s->answer.text, 0);
}

/* Runs all that are not over, so many at once. */
static void run_sessions(void)
{
    size_t first = 0, next = 0, n_running = 0;
    while (first < n_sessions) {
        for (; next < n_sessions && n_running < N_AT_ONCE; next++) {
            if (sessions[next].is_over)
                continue;
            begin_session(&sessions[next]);
            n_running++;
        }
        struct pollfd p = {.fd = answer_wake[0], .events = POLLIN};
        char bytes[64];
        poll(&p, 1, -1);
        while (read(answer_wake[0], bytes, sizeof(bytes)) > 0)
            ;
        for (size_t i = first; i < next; i++) {
            struct session *s = &sessions[i];
            if (s->stream == NULL ||
                !stream_poll(s->stream, &s->answer.text, &s->answer.thinking,
                             &s->answer.end))
                continue;
            end_session(s);
            n_running--;
        }
        while (first < n_sessions && sessions[first].is_over)
            first++;
    }
}

/* --- what is asked of every answer ------------------------------------- */

static void judge_any(const struct session *s, struct buf *complaint)
{
    const struct answer_end *end = &s->answer.end;
    const char *error = end->error.text;
    if ((end->finish == FINISH_ERROR) != (end->error.code != ERR_NONE))
        buf_add_str(complaint, " finish and error do not agree");
    if (end->finish != FINISH_ERROR)
        error = "";
    if (end->finish == FINISH_NONE || end->finish == FINISH_CANCEL)
        buf_add_str(complaint, " it has not ended");
    if (end->finish == FINISH_ERROR && error[0] == '\0')
        buf_add_str(complaint, " no words");
    for (const char *p = error; *p != '\0'; p++)
        if ((unsigned char)*p < ' ')
            buf_addf(complaint, " a byte %d in the error", *p);
    if (strlen(error) > 400)
        buf_add_str(complaint, " the error is long");
    if (strstr(error, FAULTS_KEY) || strstr(end->request_id, FAULTS_KEY) ||
        strstr(end->note, FAULTS_KEY))
        buf_add_str(complaint, " the key is told");
}

/* One of the choices, with "|" between. */
static bool has_words(const char *text, const char *words)
{
    for (;;) {
        size_t n = strcspn(words, "|");
        for (const char *p = text; *p != '\0'; p++)
            if (strncmp(p, words, n) == 0)
                return true;
        if (words[n] == '\0')
            return false;
        words += n + 1;
    }
}

static void judge_case(struct session *s, struct buf *complaint)
{
    const struct fault_case *c = s->fault;
    const struct answer *a = &s->answer;
    judge_any(s, complaint);
    if (c->text != NULL && strcmp(a->text.data, c->text) != 0)
        buf_addf(complaint, " text is not \"%s\"", c->text);
    if (c->thinking != NULL && strcmp(a->thinking.data, c->thinking) != 0)
        buf_addf(complaint, " thinking is not \"%s\"", c->thinking);
    if (c->finish != FINISH_NONE && a->end.finish != c->finish)
        buf_addf(complaint, " it should end as %s", finish_name(c->finish));
    if (c->words != NULL && !has_words(a->end.error.text, c->words))
        buf_addf(complaint, " no \"%s\"", c->words);
    int want = c->n_requests ? c->n_requests : 1;
    pthread_mutex_lock(&lock);
    int n_requests = s->n_requests;
    pthread_mutex_unlock(&lock);
    bool early = c->group == WAITS && n_requests < want; /* a busy machine */
    if (want >= 0 && n_requests != want && !early)
        buf_addf(complaint, " %d requests, not %d", n_requests, want);
    bool counted = strstr(c->play, "counted") && c->finish == FINISH_STOP;
    if (counted && (a->end.n_in != 9 || a->end.n_out != 4 ||
                    a->end.n_think != (s->protocol->counts_thinking ? 1 : -1)))
        buf_addf(complaint, " usage %d %d %d", (int)a->end.n_in,
                 (int)a->end.n_out, (int)a->end.n_think);
}

/* --- the tests --------------------------------------------------------- */

/* A backend that asks a server has a row. */
static void every_backend_has_a_row(void **state)
{
    (void)state;
    for (size_t i = 0; backend_at(i) != NULL; i++) {
        const struct backend_ops *ops = backend_at(i);
        bool has_row = ops->list != remote_list;
        for (size_t k = 0; k < N_PROTOCOLS; k++)
            has_row = has_row || strcmp(protocols[k].backend, ops->name) == 0;
        if (!has_row)
            fail_msg("%s has no row in tests/http/protocols.h", ops->name);
    }
}

static void every_fault_is_stood(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_PROTOCOLS * N_FAULTS; i++) {
        const struct protocol *p = &protocols[i / N_FAULTS];
        if (backend_find(p->backend) == NULL)
            continue;
        struct session *s = add_session(p, &faults[i % N_FAULTS]);
        s->judge = judge_case;
        s->is_over = !fill_session(s);
    }
    run_sessions();
    assert_int_equal(server_n_requests(other), 0);
    assert_int_equal(n_bad, 0);
}

static const struct fault_case parted = {
    FRAMING, "two pieces", "begin thinking=hm text=H\xC3\xA9 alive text=llo "
    "counted", .text = HELLO, .thinking = "hm", .finish = FINISH_STOP,
    .pause_ms = 1};

/* Where the bytes are parted changes nothing. */
static void parts_change_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_PROTOCOLS; i++) {
        if (backend_find(protocols[i].backend) == NULL)
            continue;
        size_t n = 1;
        for (size_t at = 0; at < n; at++) {
            struct session *s = add_session(&protocols[i], &parted);
            s->judge = judge_case;
            assert_true(fill_session(s));
            s->reply.cut = s->begin + at;
            n = s->first.len - s->begin;
        }
    }
    run_sessions();
    assert_int_equal(n_bad, 0);
}

static const struct fault_case cut = {
    ENDS, "closed at a byte", "begin thinking=hm text=H\xC3\xA9 text=llo end",
    .finish = FINISH_STOP};

/* Only a whole answer may pass for one. */
static void judge_cut(struct session *s, struct buf *complaint)
{
    judge_any(s, complaint);
    bool whole = strcmp(s->answer.text.data, HELLO) == 0;
    bool all = s->reply.n == s->first.len;
    if (s->answer.end.finish == FINISH_ERROR ? all : !whole)
        buf_addf(complaint, " after %zu bytes of %zu",
                 s->reply.n - s->begin, s->first.len - s->begin);
    if (strncmp(s->answer.text.data, HELLO, s->answer.text.len) != 0)
        buf_add_str(complaint, " the text is none of the answer's");
}

static void no_cut_answer_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_PROTOCOLS; i++) {
        if (backend_find(protocols[i].backend) == NULL)
            continue;
        size_t n = 1;
        for (size_t at = 0; at <= n; at++) {
            struct session *s = add_session(&protocols[i], &cut);
            s->judge = judge_cut;
            assert_true(fill_session(s));
            n = s->first.len - s->begin;
            s->reply.n = s->begin + at;
        }
    }
    run_sessions();
    assert_int_equal(n_bad, 0);
}

/* --- cancel ------------------------------------------------------------ */

static const struct fault_case cancelled[] = {
    {WAITS, "before the headers", "", 0, SERVER_HANG, .head = ""},
    {WAITS, "before a word", "begin", .end = SERVER_HANG},
    {WAITS, "in the middle", "hello", .end = SERVER_HANG},
    {WAITS, "inside of an event", "hello text=x cut=9", .end = SERVER_HANG},
    {WAITS, "while it drips", "hello", 0, SERVER_DRIP, .drip = "text=x"},
    {WAITS, "while it trickles", "", 0, SERVER_DRIP, .drip = "comment"},
    {WAITS, "between two tries", "",
     .head = STATUS("503 Busy", "Retry-After: 50\r\n")},
};
#define N_CANCELLED (sizeof(cancelled) / sizeof(cancelled[0]))

/* Returns how long it took until the consumer had the end. */
static double cancel_once(struct session *s)
{
    size_t n_written = server_n_requests(server);
    begin_session(s);
    if (strncmp(s->fault->play, "hello", 5) == 0)
        answer_take(&s->answer, s->stream, strlen(HELLO));
    else
        server_wait_written(server, n_written + 1);
    int64_t began_ns = clock_monotonic_ns();
    stream_cancel(s->stream);
    answer_finish(&s->answer, s->stream);
    double ms = (double)(clock_monotonic_ns() - began_ns) / 1e6;
    s->is_over = true;
    assert_int_equal(s->answer.end.finish, FINISH_CANCEL);
    return ms;
}

static void cancel_ends_all_at_once(void **state)
{
    (void)state;
    double worst_ms = 0;
    for (size_t i = 0; i < N_PROTOCOLS * N_CANCELLED; i++) {
        const struct protocol *p = &protocols[i / N_CANCELLED];
        const struct fault_case *c = &cancelled[i % N_CANCELLED];
        if (backend_find(p->backend) == NULL)
            continue;
        struct session *s = add_session(p, c);
        assert_true(fill_session(s));
        double ms = cancel_once(s);
        worst_ms = ms > worst_ms ? ms : worst_ms;
    }
    print_message("# cancelled: the end came within %.2f ms\n", worst_ms);
}

static void print_table(void)
{
    static const char *const names[] = FAULT_GROUPS;
    print_message("# %-10s", "backend");
    for (size_t g = 0; g < N_GROUPS; g++)
        print_message(" %12s", names[g]);
    print_message("\n");
    for (size_t i = 0; i < N_PROTOCOLS; i++) {
        if (backend_find(protocols[i].backend) == NULL)
            continue;
        print_message("# %-10s", protocols[i].backend);
        for (size_t g = 0; g < N_GROUPS; g++)
            print_message("  %5d/%5d", table[i][g].n_good, table[i][g].n);
        print_message("\n");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_backend_has_a_row),
        TEST(every_fault_is_stood),
        TEST(parts_change_nothing),
        TEST(no_cut_answer_is_whole),
        TEST(cancel_ends_all_at_once),
    };
    int failed = TEST_RUN(tests);
    print_table();
    return failed;
}
