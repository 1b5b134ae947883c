#include "backends/remote/remote.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "backends/remote/key.h"
#include "backends/remote/redact.h"
#include "backends/remote/url.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/rng.h"

#define REMOTE_MAX_ERROR_BYTES (64u << 10)
#define REMOTE_MAX_WHOLE_BYTES (2 * STREAM_MAX_BYTES)

/* --- setup ------------------------------------------------------------- */

static void setup_release(struct remote_setup *s)
{
    if (atomic_fetch_sub(&s->n_references, 1) > 1)
        return;
    key_free(s->key);
    model_free(&s->model);
    free(s);
}

int remote_open(struct remote_setup **out, const struct dialect *d,
                const struct model *m, struct backend_env *env, struct err *e)
{
    if (m->base_url == NULL)
        return err_set(e, ERR_CONFIG, "no \"base_url\": name the server's "
                                      "address");
    const char *problem = url_problem(m->base_url, m->allow_http);
    if (problem != NULL)
        return err_set(e, ERR_CONFIG, "\"base_url\" %s %s", m->base_url,
                       problem);
    char *key = NULL;
    if (m->key_env != NULL && m->key_command == NULL &&
        (key = key_from_env(m->key_env, e)) == NULL)
        return -1;
    struct remote_setup *s = mem_calloc(1, sizeof(*s));
    atomic_init(&s->n_references, 1);
    s->dialect = d;
    s->env = env;
    model_copy(&s->model, m);
    s->is_local = url_is_loopback(m->base_url);
    s->key = key;
    *out = s;
    return 0;
}

void remote_close(struct remote_setup *setup)
{
    setup_release(setup);
}

/* --- life of an answer ------------------------------------------------- */

static void remote_free(struct remote *r)
{
    for (size_t i = 0; i < r->n_messages; i++) {
        free((char *)r->messages[i].role);
        free((char *)r->messages[i].content);
    }
    for (size_t i = 0; i < r->n_headers; i++) {
        explicit_bzero(r->headers[i].data, r->headers[i].len); /* the key */
        buf_free(&r->headers[i]);
    }
    free(r->messages);
    key_free(r->key);
    sse_free(&r->sse);
    buf_free(&r->body);
    think_free(&r->think);
    stream_release(r->stream);
    setup_release(r->setup);
    free(r);
}

static bool remote_stop(void *arg)
{
    struct remote *r = arg;
    return stream_cancelled(r->stream);
}

static bool task_stop(struct net_task *t)
{
    return remote_stop(t);
}

static void conclude(struct remote *r)
{
    if (!r->listing)
        think_end(&r->think, r->stream, &r->end);
    r->end.total_ms = clock_monotonic_ms() - r->try_ms;
    if (r->n_tries > 1)
        r->end.load_ms = r->try_ms - r->start_ms;
    stream_end(r->stream, &r->end);
    remote_free(r);
}

static void begin_try(struct remote *r);

static void run_try(struct net *n, struct net_task *t)
{
    struct remote *r = (struct remote *)t;
    r->net = n;
    if (net_closing(n) || remote_stop(r)) {
        r->end.finish = FINISH_CANCEL;
        conclude(r);
        return;
    }
    begin_try(r);
}

/* Waits before the next try: as long as the server asks, else 0.5 s and twice
 * that, less up to a quarter, so that many clients do not come at once. */
static void try_again(struct remote *r, int64_t asked_ms)
{
    int64_t wait_ms = asked_ms;
    if (wait_ms < 0) {
        struct rng rng;
        rng_init_system(&rng);
        wait_ms = 500 << (r->n_tries - 1);
        wait_ms -= (int64_t)rng_below(&rng, (uint64_t)wait_ms / 4);
    }
    if (wait_ms > REMOTE_MAX_WAIT_MS)
        wait_ms = REMOTE_MAX_WAIT_MS;
    r->task.due_ms = clock_monotonic_ms() + wait_ms;
    net_add(r->net, &r->task);
}

/* --- what comes -------------------------------------------------------- */

void remote_header(struct remote *r, const char *fmt, ...)
{
    if (r->n_headers == REMOTE_MAX_HEADERS)
        return;
    struct buf *b = &r->headers[r->n_headers++];
    va_list ap;
    va_start(ap, fmt);
    buf_init(b, 2 * KEY_MAX_BYTES);
    buf_vaddf(b, fmt, ap);
    va_end(ap);
}

static void note_content(struct remote *r)
{
    if (!r->has_content)
        r->end.first_ms = clock_monotonic_ms() - r->try_ms;
    r->has_content = true;
}

/* The id of a model. */
static bool push_listed(struct remote *r, const char *id)
{
    char *copy = mem_strdup(id);
    bool going = stream_push_text(r->stream, copy,
                                  redact(copy, strlen(copy), r->key));
    free(copy);
    return going;
}

void remote_text(struct remote *r, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    note_content(r);
    bool going = r->listing
                     ? push_listed(r, text)
                     : think_add(&r->think, r->stream, text, strlen(text));
    r->is_over = r->is_over || !going;
}

void remote_thinking(struct remote *r, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    note_content(r);
    if (!think_add_thinking(&r->think, r->stream, text, strlen(text)))
        r->is_over = true;
}

void remote_finish(struct remote *r, enum finish f)
{
    r->has_end = true;
    if (r->end.finish == FINISH_NONE)
        r->end.finish = f;
}

void remote_fault(struct remote *r, const struct fault *f)
{
    if (!r->has_fault)
        r->fault = *f;
    r->has_fault = true;
    r->is_over = true;
}

/* Servers are forgiven bytes that are no UTF-8, and halves of surrogates. */
static bool on_event(void *arg, const char *name, const char *data, size_t n)
{
    struct remote *r = arg;
    struct fault f;
    r->n_events++;
    cJSON *tree = json_parse_repaired(data, n, SSE_MAX_BYTES, "answer", NULL);
    if (tree != NULL && fault_in(&f, tree, r->key)) {
        remote_fault(r, &f);
    } else if (!r->setup->dialect->event(r, name, data, tree)) {
        buf_clear(&r->body);
        buf_add(&r->body, data, n);
        remote_explain_nonsense(r);
        r->is_over = true;
    }
    cJSON_Delete(tree);
    return !r->is_over;
}

/* Events, or one JSON (or a web page): the first byte tells. */
static void find_kind(struct remote *r)
{
    const char *s = r->body.data;
    if (r->body.len >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0)
        s += 3;
    s += strspn(s, " \t\r\n");
    if (*s == '{' || *s == '[' || *s == '<' || r->listing)
        r->kind = REMOTE_WHOLE;
    else if (*s != '\0')
        r->kind = REMOTE_EVENTS;
}

static enum http_go take_events(struct remote *r, const char *bytes, size_t n)
{
    struct err e;
    if (sse_add(&r->sse, bytes, n, &e) != 0) {
        r->end.finish = FINISH_ERROR;
        r->end.error = e;
        r->is_over = true;
    }
    return r->is_over      ? HTTP_END
           : r->has_end     ? HTTP_TAIL
           : r->has_content ? HTTP_FLOW
                            : HTTP_WAIT;
}

static enum http_go on_data(void *arg, const struct http_answer *a,
                            const char *bytes, size_t n)
{
    struct remote *r = arg;
    if (a->status < 200 || a->status > 299) {
        buf_add(&r->body, bytes, n);
        return r->body.len > REMOTE_MAX_ERROR_BYTES ? HTTP_END : HTTP_FLOW;
    }
    if (r->kind == REMOTE_EVENTS)
        return take_events(r, bytes, n);
    buf_add(&r->body, bytes, n);
    if (r->kind == REMOTE_UNKNOWN)
        find_kind(r);
    if (r->kind == REMOTE_EVENTS) { /* what was held so far, blanks and all */
        struct buf held = r->body;
        buf_init(&r->body, held.max);
        buf_add(&r->body, held.data, held.len < 200 ? held.len : 200);
        enum http_go go = take_events(r, held.data, held.len);
        buf_free(&held);
        return go;
    }
    if (!r->body.overflow)
        return HTTP_FLOW;
    r->end.finish = FINISH_ERROR;
    err_set(&r->end.error, ERR_BACKEND, "the answer is larger than %u MB",
            REMOTE_MAX_WHOLE_BYTES >> 20);
    return HTTP_END;
}

/* --- the end of a try -------------------------------------------------- */

/* An error that no waiting will mend, though its status says "later". */
static bool is_final(const struct fault *f)
{
    static const char *const signs[] = {"insufficient_quota", "billing",
                                        "per-day", "PerDay", "per day",
                                        "spend_limit"};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (fault_mentions(f, signs[i]))
            return true;
    return false;
}

static bool may_try_again(const struct remote *r, int status,
                          const struct http_answer *a)
{
    if (r->has_content || r->n_tries >= REMOTE_TRIES)
        return false;
    if (a->should_retry >= 0 && status >= 400)
        return a->should_retry;
    return status == 408 || status == 409 || status == 429 || status >= 500;
}

static void end_with_fault(struct remote *r, int status,
                           const struct http_answer *a, const struct fault *f)
{
    bool refused = status == 400 || status == 422;
    if (refused && !r->has_content && r->n_adapted < 4 &&
        r->setup->dialect->adapt != NULL && r->setup->dialect->adapt(r, f)) {
        r->n_adapted++;
        r->n_tries--;
        begin_try(r);
        return;
    }
    if (may_try_again(r, status, a) && !is_final(f)) {
        try_again(r, a->retry_after_ms >= 0 ? a->retry_after_ms : f->retry_ms);
        return;
    }
    if (status == 401 && r->setup->model.key_command != NULL) {
        key_free(r->setup->key); /* the command may print another next time */
        r->setup->key = NULL;
    }
    remote_explain_fault(r, status, a->location, f);
    conclude(r);
}

static void end_whole(struct remote *r, const struct http_answer *a)
{
    struct fault f;
    cJSON *tree = json_parse_repaired(r->body.data, r->body.len,
                                      REMOTE_MAX_WHOLE_BYTES, "answer", NULL);
    if (tree != NULL && fault_in(&f, tree, r->key))
        remote_fault(r, &f);
    else if (tree == NULL || !r->setup->dialect->whole(r, tree))
        remote_explain_nonsense(r);
    cJSON_Delete(tree);
    if (r->has_fault)
        end_with_fault(r, fault_status(&r->fault), a, &r->fault);
    else
        conclude(r);
}

static void end_events(struct remote *r, const struct http_answer *a)
{
    struct err e;
    if (r->kind == REMOTE_EVENTS && a->failure == HTTP_FINE && !r->is_over &&
        sse_end(&r->sse, &e) != 0) {
        r->end.finish = FINISH_ERROR;
        r->end.error = e;
    }
    if (r->has_fault) {
        end_with_fault(r, fault_status(&r->fault), a, &r->fault);
        return;
    }
    if (r->end.finish == FINISH_ERROR || (r->is_over && !r->has_end))
        ; /* it has said why, or the stream knows */
    else if (!r->has_end && r->n_events == 0 && a->failure == HTTP_FINE)
        remote_explain_nonsense(r);
    else if (!r->has_end)
        remote_explain_failure(r, a);
    conclude(r);
}

static void on_done(void *arg, const struct http_answer *a)
{
    struct remote *r = arg;
    memcpy(r->end.request_id, a->request_id, sizeof(r->end.request_id));
    redact(r->end.request_id, strlen(r->end.request_id), r->key);
    if (a->failure == HTTP_STOPPED) {
        r->end.finish = FINISH_CANCEL;
        conclude(r);
    } else if (a->status >= 300 && a->failure == HTTP_FINE) {
        struct fault f;
        fault_read(&f, r->body.data, r->body.len, r->key);
        end_with_fault(r, a->status, a, &f);
    } else if (r->kind == REMOTE_WHOLE && a->failure == HTTP_FINE &&
               r->end.finish == FINISH_NONE) {
        end_whole(r, a);
    } else if (a->failure != HTTP_FINE && !r->has_content && !r->has_end &&
               r->n_tries < REMOTE_TRIES && !r->setup->is_local &&
               (a->failure == HTTP_UNREACHED || a->failure == HTTP_CUT)) {
        try_again(r, -1);
    } else {
        end_events(r, a);
    }
}

/* --- a try ------------------------------------------------------------- */

static void forget_try(struct remote *r)
{
    for (size_t i = 0; i < r->n_headers; i++)
        buf_free(&r->headers[i]);
    r->n_headers = 0;
    sse_free(&r->sse);
    sse_init(&r->sse, on_event, r);
    buf_clear(&r->body);
    r->kind = REMOTE_UNKNOWN;
    r->n_events = 0;
    r->has_fault = r->has_end = r->is_over = false;
    r->end.finish = FINISH_NONE;
}

static void send_request(struct remote *r)
{
    struct buf url, body;
    struct err e;
    const char *headers[REMOTE_MAX_HEADERS + 1] = {NULL};
    forget_try(r);
    key_free(r->key);
    r->key = r->setup->key ? mem_strdup(r->setup->key) : NULL;
    r->n_tries++;
    r->try_ms = clock_monotonic_ms();
    buf_init(&url, 4096);
    buf_init(&body, 64u << 20);
    buf_add_str(&url, r->setup->model.base_url);
    r->setup->dialect->request(r, &url, &body);
    for (size_t i = 0; i < r->n_headers; i++)
        headers[i] = r->headers[i].data;
    struct http_request rq = {
        .url = url.data,
        .headers = headers,
        .body = r->listing ? NULL : body.data,
        .n_body = body.len,
        .allow_http = r->setup->model.allow_http,
        .first_ms = r->listing            ? HTTP_STALL_MS
                    : r->setup->is_local ? HTTP_FIRST_LOCAL_MS
                                         : HTTP_FIRST_MS,
        .arg = r,
        .data = on_data,
        .done = on_done,
        .stop = remote_stop,
    };
    int failed = body.overflow || url.overflow
                     ? err_set(&e, ERR_BACKEND, "the prompt is too large")
                     : http_start(r->net, &rq, &e);
    buf_free(&url);
    buf_free(&body);
    if (failed != 0) {
        r->end.finish = FINISH_ERROR;
        r->end.error = e;
        conclude(r);
    }
}

static void on_key(void *arg, char *key, const struct err *why)
{
    struct remote *r = arg;
    if (key == NULL) {
        r->end.finish = FINISH_ERROR;
        r->end.error = *why;
        conclude(r);
        return;
    }
    key_free(r->setup->key); /* another answer may have asked as well */
    r->setup->key = key;
    send_request(r);
}

static void begin_try(struct remote *r)
{
    struct err e;
    const char *command = r->setup->model.key_command;
    if (r->setup->key != NULL || command == NULL) {
        send_request(r);
    } else if (key_from_command(r->net, command, remote_stop, on_key, r,
                                &e) != 0) {
        r->end.finish = FINISH_ERROR;
        r->end.error = e;
        conclude(r);
    }
}

/* --- the beginning ----------------------------------------------------- */

static int begin(struct remote_setup *setup, const struct request *rq,
                 struct stream *s, struct err *e)
{
    struct net *net = net_of(setup->env, e);
    if (net == NULL)
        return -1;
    struct remote *r = mem_calloc(1, sizeof(*r));
    atomic_fetch_add(&setup->n_references, 1);
    r->setup = setup;
    r->stream = s;
    r->listing = rq == NULL;
    r->start_ms = r->try_ms = clock_monotonic_ms();
    answer_end_init(&r->end);
    sse_init(&r->sse, on_event, r);
    buf_init(&r->body, REMOTE_MAX_WHOLE_BYTES);
    think_init(&r->think,
               setup->model.think == 1 ? THINK_LIKELY : THINK_OUTSIDE);
    if (rq != NULL) {
        r->max_tokens = rq->max_tokens;
        r->n_messages = rq->n_messages;
        r->messages = mem_calloc(rq->n_messages, sizeof(*r->messages));
        for (size_t i = 0; i < rq->n_messages; i++) {
            r->messages[i].role = mem_strdup(rq->messages[i].role);
            r->messages[i].content = mem_strdup(rq->messages[i].content);
        }
    }
    net_task_init(&r->task, run_try);
    r->task.stop = task_stop;
    stream_on_cancel(s, net_wake, net);
    net_post(net, &r->task);
    return 0;
}

int remote_start(struct remote_setup *setup, const struct request *rq,
                 struct stream *s, struct err *e)
{
    return begin(setup, rq, s, e);
}

int remote_list(struct remote_setup *setup, struct stream *s, struct err *e)
{
    return begin(setup, NULL, s, e);
}
