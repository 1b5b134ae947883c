#include "backends/remote/remote_private.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "backends/remote/key.h"
#include "backends/remote/redact.h"
#include "backends/remote/url.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/rng.h"

#define REMOTE_LOAD_LOOK_MS 500 /* between looks at a server that loads */

/* --- the backend ------------------------------------------------------- */

static void headers_free(char **headers)
{
    for (char **p = headers; p != NULL && *p != NULL; p++)
        key_free(*p);
    free(headers);
}

static void backend_release(struct backend *b)
{
    if (atomic_fetch_sub(&b->n_references, 1) > 1)
        return;
    key_free(b->key);
    key_free(b->secrets);
    headers_free(b->headers);
    model_free(&b->model);
    free(b);
}

/* Writes the headers of the config, with the variables in their values. */
static int expand_headers(struct backend *b, struct err *e)
{
    char *const *pairs = b->model.headers;
    struct buf secrets;
    size_t n = 0;
    int result = 0;
    buf_init(&secrets, 1 << 20);
    b->headers = mem_calloc(REMOTE_MAX_OWN_HEADERS + 1, sizeof(*b->headers));
    for (; result == 0 && pairs != NULL && pairs[0] != NULL; pairs += 2) {
        bool secret;
        char *value = key_expand(pairs[1], &secret, e);
        if (value == NULL || n == REMOTE_MAX_OWN_HEADERS) {
            result = value == NULL
                         ? -1 : err_set(e, ERR_CONFIG, "\"headers\" has more "
                                        "than %d", REMOTE_MAX_OWN_HEADERS);
            key_free(value);
            continue;
        }
        struct buf line;
        buf_init(&line, 4 * KEY_MAX_BYTES);
        buf_addf(&line, "%s: %s", pairs[0], value);
        b->headers[n++] = buf_detach(&line);
        if (secret)
            buf_addf(&secrets, "%s\n", value);
        key_free(value);
    }
    b->secrets = buf_detach(&secrets);
    return result;
}

static int check_address(const struct model *m, struct err *e)
{
    if (m->base_url == NULL)
        return err_set(e, ERR_CONFIG, "no \"base_url\": name the server's "
                                      "address");
    const char *problem = url_problem(m->base_url, m->allow_http);
    if (problem != NULL)
        return err_set(e, ERR_CONFIG, "\"base_url\" %s %s", m->base_url,
                       problem);
    if (m->ca_file != NULL && access(m->ca_file, R_OK) != 0)
        return err_set(e, ERR_CONFIG, "\"ca_file\" %s: %s", m->ca_file,
                       strerror(errno));
    return 0;
}

int remote_open(struct backend **out, const struct dialect *d,
                const struct model *m, struct backend_env *env, struct err *e)
{
    assert(model_settings.n <= REMOTE_MAX_ROWS);
    if (check_address(m, e) != 0)
        return -1;
    char *key = NULL;
    if (m->key_env != NULL && m->key_command == NULL &&
        (key = key_from_env(m->key_env, e)) == NULL)
        return -1;
    struct backend *b = mem_calloc(1, sizeof(*b));
    atomic_init(&b->n_references, 1);
    b->dialect = d;
    b->env = env;
    model_copy(&b->model, m);
    b->is_local = url_is_loopback(m->base_url);
    b->key = key;
    if (expand_headers(b, e) != 0) {
        backend_release(b);
        return -1;
    }
    *out = b;
    return 0;
}

void remote_close(struct backend *b)
{
    backend_release(b);
}

/* --- life of an answer ------------------------------------------------- */

/* Header lines hold the key. */
static void forget_headers(struct remote *r)
{
    for (size_t i = 0; i < r->n_headers; i++) {
        explicit_bzero(r->headers[i].data, r->headers[i].len);
        buf_free(&r->headers[i]);
    }
    r->n_headers = 0;
}

static void remote_free(struct remote *r)
{
    for (size_t i = 0; i < r->n_messages; i++) {
        free((char *)r->messages[i].role);
        free((char *)r->messages[i].content);
    }
    forget_headers(r);
    free(r->messages);
    free(r->page);
    key_free(r->key);
    key_free(r->secrets);
    sse_free(&r->sse);
    buf_free(&r->body);
    think_free(&r->think);
    stream_release(r->stream);
    backend_release(r->backend);
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

static void leave_gate(struct remote *r)
{
    if (r->gate != NULL)
        gate_give_up(r->gate, &r->waiter);
    if (r->is_inside)
        gate_leave(r->gate);
    r->is_inside = false;
}

static void conclude(struct remote *r)
{
    leave_gate(r);
    if (!r->listing) {
        think_end(&r->think, r->stream, &r->end);
        remote_note_refusals(r);
    }
    r->end.total_ms = clock_monotonic_ms() - r->try_ms;
    if (r->n_tries > 1 || r->has_waited)
        r->end.load_ms = r->try_ms - r->start_ms;
    stream_end(r->stream, &r->end);
    remote_free(r);
}

static void conclude_failed(struct remote *r, const struct err *why)
{
    r->end.finish = FINISH_ERROR;
    r->end.error = *why;
    conclude(r);
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

static void wait_and_try(struct remote *r, int64_t wait_ms)
{
    r->task.due_ms = clock_monotonic_ms() + wait_ms;
    net_add(r->net, &r->task);
}

/* Without a word of the server: 0.5 s and twice that, less up to a quarter, so
 * that many clients do not come at once. */
static int64_t usual_wait_ms(const struct remote *r)
{
    struct rng rng;
    rng_init_system(&rng);
    int64_t wait_ms = 500 << (r->n_tries - 1);
    return wait_ms - (int64_t)rng_below(&rng, (uint64_t)wait_ms / 4);
}

/* A limit of the config in milliseconds; 0: the usual one. */
static int64_t limit_ms(double s)
{
    return isnan(s) ? 0 : (int64_t)ceil(s * 1000);
}

static int64_t first_ms(const struct remote *r)
{
    const struct model *m = &r->backend->model;
    return !isnan(m->first_token_timeout_s)
               ? limit_ms(m->first_token_timeout_s)
           : r->listing           ? HTTP_STALL_MS
           : r->backend->is_local ? HTTP_FIRST_LOCAL_MS
                                  : HTTP_FIRST_MS;
}

/* --- the end of a try -------------------------------------------------- */

/* An error that no waiting will mend, though its status says "later". */
static bool is_final(const struct fault *f)
{
    static const char *const signs[] = {"insufficient_quota", "billing",
                                        "per-day", "PerDay", "per day",
                                        "spend_limit", "credit"};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (fault_mentions(f, signs[i]))
            return true;
    return false;
}

/* A server on this machine that says it is loading is waited for as long as
 * for a first token. */
static bool is_loading(const struct remote *r, int status,
                       const struct fault *f)
{
    return r->backend->is_local && status == 503 && !r->has_content &&
           fault_mentions(f, "loading") &&
           clock_monotonic_ms() - r->start_ms < first_ms(r);
}

static bool may_try_again(const struct remote *r, int status,
                          const struct http_answer *a, const struct fault *f)
{
    if (r->has_content || r->n_tries >= REMOTE_TRIES || is_final(f))
        return false;
    if (a->should_retry >= 0 && status >= 400)
        return a->should_retry;
    return status == 408 || status == 409 || status == 429 || status >= 500;
}

static void end_with_fault(struct remote *r, int status,
                           const struct http_answer *a, struct fault *f)
{
    bool refused = status == 400 || status == 404 || status == 422;
    if (refused && !r->has_content && remote_adapt(r, f)) {
        r->n_tries--;
        begin_try(r);
        return;
    }
    if (is_loading(r, status, f)) {
        r->n_tries--;
        wait_and_try(r, REMOTE_LOAD_LOOK_MS);
        return;
    }
    if (a->retry_after_ms >= 0)
        f->retry_ms = a->retry_after_ms;
    if (may_try_again(r, status, a, f) && f->retry_ms <= REMOTE_MAX_WAIT_MS) {
        wait_and_try(r, f->retry_ms >= 0 ? f->retry_ms : usual_wait_ms(r));
        return;
    }
    if (status == 401 && r->backend->model.key_command != NULL) {
        key_free(r->backend->key); /* the command may print another one */
        r->backend->key = NULL;
    }
    remote_explain_fault(r, status, a, f);
    conclude(r);
}

static void end_listing(struct remote *r)
{
    if (r->has_more && r->end.finish != FINISH_ERROR &&
        ++r->n_pages < REMOTE_MAX_PAGES) {
        r->n_tries = 0;
        begin_try(r);
        return;
    }
    conclude(r);
}

static bool broke_before_content(const struct remote *r,
                                 const struct http_answer *a)
{
    return (a->failure == HTTP_UNREACHED || a->failure == HTTP_CUT) &&
           !r->has_content && !r->has_end && !r->backend->is_local;
}

/* What the answer means for those who wait for the same server. */
static void tell_gate(struct remote *r, const struct http_answer *a,
                      int64_t wait_ms)
{
    if (wait_ms > REMOTE_MAX_WAIT_MS)
        wait_ms = -1; /* nobody is made to wait for so long */
    if (a->status == 429)
        gate_refused(r->gate, r->try_ms, clock_monotonic_ms(), wait_ms);
    else if (a->status >= 200 && a->status < 300)
        gate_passed(r->gate);
    leave_gate(r);
}

static void on_done(void *arg, const struct http_answer *a)
{
    struct remote *r = arg;
    memcpy(r->end.request_id, a->request_id, sizeof(r->end.request_id));
    redact(r->end.request_id, strlen(r->end.request_id), r->secrets);
    if (a->failure == HTTP_STOPPED) {
        r->end.finish = FINISH_CANCEL;
        conclude(r);
        return;
    }
    if (a->status >= 300 && a->failure == HTTP_FINE) {
        struct fault f;
        fault_read(&f, r->body.data, r->body.len, r->secrets);
        tell_gate(r, a, a->retry_after_ms >= 0 ? a->retry_after_ms
                                               : f.retry_ms);
        end_with_fault(r, a->status, a, &f);
        return;
    }
    tell_gate(r, a, -1);
    if (broke_before_content(r, a) && r->n_tries < REMOTE_TRIES) {
        wait_and_try(r, usual_wait_ms(r));
        return;
    }
    remote_receive_end(r, a);
    if (r->has_fault)
        end_with_fault(r, fault_status(&r->fault), a, &r->fault);
    else if (r->listing)
        end_listing(r);
    else
        conclude(r);
}

/* --- a try ------------------------------------------------------------- */

void remote_header(struct remote *r, const char *fmt, ...)
{
    assert(r->n_headers < REMOTE_MAX_HEADERS);
    struct buf *b = &r->headers[r->n_headers++];
    va_list ap;
    va_start(ap, fmt);
    buf_init(b, 2 * KEY_MAX_BYTES);
    buf_vaddf(b, fmt, ap);
    va_end(ap);
}

/* Whether the config has this header itself, which is then sent alone. */
static bool has_own_header(const struct remote *r, const char *name)
{
    size_t n = strlen(name);
    for (char **h = r->backend->headers; *h != NULL; h++)
        if (strncasecmp(*h, name, n) == 0 && (*h)[n] == ':')
            return true;
    return false;
}

static void add_key_header(struct remote *r)
{
    const char *name = r->backend->model.key_header;
    if (name == NULL)
        name = r->backend->dialect->key_header;
    if (name == NULL)
        name = "Authorization";
    if (r->key != NULL && !has_own_header(r, name))
        remote_header(r, strcasecmp(name, "Authorization") == 0
                             ? "%s: Bearer %s" : "%s: %s", name, r->key);
}

/* The headers that every request of a kind has, and those of the config. */
static void add_headers(struct remote *r)
{
    add_key_header(r);
    for (char **h = r->backend->headers; *h != NULL; h++)
        remote_header(r, "%s", *h);
    if (r->listing)
        return;
    if (!has_own_header(r, "Content-Type"))
        remote_header(r, "Content-Type: application/json");
    if (!has_own_header(r, "Accept"))
        remote_header(r, "Accept: %s",
                      r->backend->dialect->framing == FRAMING_SSE
                          ? "text/event-stream" : "application/x-ndjson");
}

/* Appends text to an address, with %XX for what cannot stand there. */
static void add_escaped(struct buf *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        bool plain = isalnum((unsigned char)*p) || strchr("-._~", *p) != NULL;
        buf_addf(out, plain ? "%c" : "%%%02X", (unsigned char)*p);
    }
}

static void add_query(const struct remote *r, struct buf *url)
{
    char *const *pairs = r->backend->model.query;
    for (; pairs != NULL && pairs[0] != NULL; pairs += 2) {
        buf_add_char(url, strchr(url->data, '?') == NULL ? '?' : '&');
        add_escaped(url, pairs[0]);
        buf_add_char(url, '=');
        add_escaped(url, pairs[1]);
    }
}

/* Asks by what was written. */
static int send_bytes(struct remote *r, const struct buf *url,
                      const struct buf *body, struct err *e)
{
    const char *headers[REMOTE_MAX_HEADERS + 1] = {NULL};
    if (body->overflow || url->overflow)
        return err_set(e, ERR_BACKEND, "the prompt is too large");
    for (size_t i = 0; i < r->n_headers; i++)
        headers[i] = r->headers[i].data;
    const struct model *m = &r->backend->model;
    struct http_request rq = {
        .url = url->data,
        .headers = headers,
        .body = r->listing ? NULL : body->data,
        .n_body = body->len,
        .allow_http = m->allow_http,
        .ca_file = m->ca_file,
        .connect_ms = limit_ms(m->connect_timeout_s),
        .first_ms = first_ms(r),
        .stall_ms = limit_ms(m->stall_timeout_s),
        .total_ms = limit_ms(m->total_timeout_s),
        .arg = r,
        .data = remote_receive,
        .done = on_done,
        .stop = remote_stop,
    };
    return http_start(r->net, &rq, e);
}

/* Keeps the key that is sent now, and all that no error may tell. */
static void take_secrets(struct remote *r)
{
    struct buf all;
    key_free(r->key);
    key_free(r->secrets);
    r->key = r->backend->key ? mem_strdup(r->backend->key) : NULL;
    buf_init(&all, 1 << 20);
    buf_addf(&all, "%s%s", r->backend->secrets, r->key ? r->key : "");
    r->secrets = buf_detach(&all);
}

static void send_request(struct remote *r)
{
    struct buf url, body;
    struct err e;
    forget_headers(r);
    remote_receive_begin(r);
    take_secrets(r);
    r->n_tries++;
    r->try_ms = clock_monotonic_ms();
    if (r->backend->no_system)
        remote_merge_system(r);
    buf_init(&url, 8192);
    buf_init(&body, 64u << 20);
    buf_add_str(&url, r->backend->model.base_url);
    add_headers(r);
    r->backend->dialect->request(r, &url, &body);
    add_query(r, &url);
    int failed = send_bytes(r, &url, &body, &e);
    buf_free(&url);
    buf_free(&body);
    if (failed != 0)
        conclude_failed(r, &e);
}

static void on_key(void *arg, char *key, const struct err *why)
{
    struct remote *r = arg;
    if (key == NULL) {
        conclude_failed(r, why);
        return;
    }
    key_free(r->backend->key); /* another answer may have asked as well */
    r->backend->key = key;
    send_request(r);
}

/* Whether the server may be asked now; if not, the task asks again. */
static bool enter_gate(struct remote *r)
{
    const struct model *m = &r->backend->model;
    leave_gate(r);
    if (r->gate == NULL) {
        struct buf name;
        buf_init(&name, 8192);
        buf_addf(&name, "%s %s", m->provider ? m->provider : "", m->base_url);
        r->gate = gate_of(net_gates(r->net), name.data, m->max_parallel,
                          m->requests_per_minute);
        r->waiter.due_ms = &r->task.due_ms;
        buf_free(&name);
    }
    r->is_inside = gate_enter(r->gate, &r->waiter, clock_monotonic_ms());
    return r->is_inside;
}

static void begin_try(struct remote *r)
{
    struct err e;
    const char *command = r->backend->model.key_command;
    if (!enter_gate(r)) {
        r->has_waited = true;
        net_add(r->net, &r->task);
        return;
    }
    if (r->backend->key != NULL || command == NULL)
        send_request(r);
    else if (key_from_command(r->net, command, remote_stop, on_key, r, &e) != 0)
        conclude_failed(r, &e);
}

/* --- what is asked ----------------------------------------------------- */

const struct model *remote_model(const struct remote *r)
{
    return &r->backend->model;
}

bool remote_is_listing(const struct remote *r)
{
    return r->listing;
}

const struct message *remote_messages(const struct remote *r, size_t *n)
{
    *n = r->n_messages;
    return r->messages;
}

int remote_max_tokens(const struct remote *r)
{
    return r->max_tokens;
}

bool remote_lacks(const struct remote *r, unsigned bit)
{
    return r->backend->lacks & bit;
}

const char *remote_page(const struct remote *r)
{
    return r->page ? r->page : "";
}

/* --- the beginning ----------------------------------------------------- */

static int begin(struct backend *b, const struct request *rq, struct stream *s,
                 struct err *e)
{
    struct net *net = net_of(b->env, e);
    if (net == NULL)
        return -1;
    struct remote *r = mem_calloc(1, sizeof(*r));
    atomic_fetch_add(&b->n_references, 1);
    r->backend = b;
    r->stream = s;
    r->listing = rq == NULL;
    r->start_ms = r->try_ms = clock_monotonic_ms();
    answer_end_init(&r->end);
    buf_init(&r->body, REMOTE_MAX_WHOLE_BYTES);
    think_init(&r->think, b->model.think == 1 ? THINK_LIKELY : THINK_OUTSIDE);
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

int remote_start(struct backend *b, const struct request *rq, struct stream *s,
                 struct err *e)
{
    const char *id = b->model.id;
    if (id == NULL || id[0] == '\0') /* to list, none is needed */
        return err_set(e, ERR_CONFIG, "no \"id\": the server's name of the "
                                      "model; \"arena models list\" asks it");
    return begin(b, rq, s, e);
}

int remote_list(struct backend *b, struct stream *s, struct err *e)
{
    return begin(b, NULL, s, e);
}
