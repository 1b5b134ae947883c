#include "backends/remote/remote_private.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/remote/key.h"
#include "backends/remote/redact.h"
#include "backends/remote/url.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/rng.h"

#define REMOTE_LOAD_LOOK_MS 500 /* between looks at a server that loads */

/* --- the backend ------------------------------------------------------- */

static void backend_release(struct backend *b)
{
    if (atomic_fetch_sub(&b->n_references, 1) > 1)
        return;
    key_free(b->key);
    key_free(b->secrets);
    remote_words_free(b->headers);
    remote_words_free(b->query);
    model_free(&b->model);
    free(b);
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

/* What the protocol has no word for is refused here, not left out in silence.
 * A config is told the same when it is read. */
static int check_settings(const struct dialect *d, const struct model *m,
                          struct err *e)
{
    for (size_t i = 0; i < model_settings.n; i++) {
        const struct setting *s = &model_settings.rows[i];
        if (s->part == SETTING_HOW && setting_is_set(s, m) &&
            !setting_can_be_sent(s, d->wire))
            return err_set(e, ERR_CONFIG, "\"%s\" cannot be told to %s; "
                           "leave it out", s->key, d->speaks);
    }
    return 0;
}

int remote_open(struct backend **out, const struct dialect *d,
                const struct model *m, struct backend_env *env, struct err *e)
{
    assert(model_settings.n <= REMOTE_MAX_ROWS);
    if (check_address(m, e) != 0 || check_settings(d, m, e) != 0)
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
    if (remote_expand(b, e) != 0) {
        backend_release(b);
        return -1;
    }
    *out = b;
    return 0;
}

void remote_use_key(struct backend *b, const char *key)
{
    key_free(b->key);
    b->key = mem_strdup(key);
}

void remote_close(struct backend *b)
{
    backend_release(b);
}

/* --- life of an answer ------------------------------------------------- */

static void remote_free(struct remote *r)
{
    remote_forget_headers(r);
    request_free_messages(r->messages, r->n_messages);
    free(r->page);
    key_free(r->key);
    key_free(r->secrets);
    sse_free(&r->sse);
    buf_free(&r->body);
    think_free(&r->think);
    logprobs_free(&r->logprobs);
    stream_release(r->stream);
    backend_release(r->backend);
    free(r);
}

bool remote_stop(void *arg)
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

/* Loading and waiting are no part of how fast an answer is. */
static void add_times(struct remote *r)
{
    struct answer_end *end = &r->end;
    end->total_ms = clock_monotonic_ms() - r->try_ms;
    if (r->n_tries > 1 || r->has_waited)
        end->load_ms = r->try_ms - r->start_ms;
    if (r->loaded_ms <= 0 || r->loaded_ms > end->total_ms)
        return; /* a server's clock is not believed against ours */
    end->load_ms = r->loaded_ms + (end->load_ms > 0 ? end->load_ms : 0);
    end->total_ms -= r->loaded_ms;
    if (end->first_ms >= 0)
        end->first_ms = end->first_ms > r->loaded_ms
                            ? end->first_ms - r->loaded_ms : 0;
}

static void conclude(struct remote *r)
{
    leave_gate(r);
    if (!r->listing) {
        think_end(&r->think, r->stream, &r->end);
        remote_note_refusals(r);
    }
    add_times(r);
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

/* --- the end of a try -------------------------------------------------- */

/* An error that no waiting will mend, though its status says "later". */
static bool is_final(const struct fault *f)
{
    static const char *const signs[] = {"insufficient_quota", "billing",
                                        "per-day", "PerDay", "per day",
                                        "spend_limit", "credit", NULL};
    return fault_mentions_any(f, signs);
}

/* A server on this machine that says it is loading is waited for as long as
 * for a first token. */
static bool is_loading(const struct remote *r, int status,
                       const struct fault *f)
{
    return r->backend->is_local && status == 503 && !r->has_content &&
           fault_mentions(f, "loading") &&
           clock_monotonic_ms() - r->start_ms < remote_first_ms(r);
}

static bool may_try_again(const struct remote *r, int status,
                          const struct http_answer *a, const struct fault *f)
{
    if (r->has_content || r->n_tries >= REMOTE_TRIES || is_final(f))
        return false;
    if (a->should_retry >= 0 && status >= 400)
        return a->should_retry;
    return status == 408 || status == 409 || status == 429 || status >= 500 ||
           (status == 0 && fault_is_passing(f));
}

/* Whether the request was refused as it is; some gateways say so by 200, and
 * servers whose chat template knows no system's message by 500. */
static bool is_refused(int status, const struct fault *f)
{
    static const char *const signs[] = {"invalid_request", "unsupported_param",
                                        "unsupported_value",
                                        "unknown_parameter", NULL};
    static const char *const system[] = {"system role", "system message", NULL};
    static const char *const no[] = {"not support", "unsupported", NULL};
    return status == 400 || status == 404 || status == 422 ||
           (status == 0 && fault_mentions_any(f, signs)) ||
           (status == 500 && fault_mentions_any(f, system) &&
            fault_mentions_any(f, no));
}

static void end_with_fault(struct remote *r, int status,
                           const struct http_answer *a, struct fault *f)
{
    if (is_refused(status, f) && !r->has_content && remote_adapt(r, f)) {
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

void remote_try_done(void *arg, const struct http_answer *a)
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

/* Tokens for thinking on top of a person's limit.  Without a word of the person
 * a model is believed not to think, until it does: most do not, and a server
 * that sends several tokens at once would write more than was asked for. */
static int think_room(const struct remote *r)
{
    int budget = remote_think_budget(r);
    bool may = r->backend->model.think != 0 && r->backend->thinks;
    return budget == 0 && may ? REMOTE_THINK_TOKENS : budget;
}

static void send_now(struct remote *r)
{
    struct err e;
    r->n_room = think_room(r);
    if (remote_send(r, &e) != 0)
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
    send_now(r);
}

/* Whether the server may be asked now; if not, the task asks again. */
static bool enter_gate(struct remote *r)
{
    const struct model *m = &r->backend->model;
    if (r->is_inside) /* another try; who waits keeps the place in the row */
        gate_leave(r->gate);
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
        send_now(r);
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

const char *remote_system(const struct remote *r)
{
    return r->n_messages > 0 && strcmp(r->messages[0].role, "system") == 0
               ? r->messages[0].content : NULL;
}

const struct message *remote_messages(const struct remote *r, size_t *n)
{
    size_t first = remote_system(r) != NULL;
    *n = r->n_messages - first;
    return r->messages + first;
}

int remote_think_budget(const struct remote *r)
{
    const struct model *m = &r->backend->model;
    return m->think == 0          ? 0
           : m->think_budget > 0 ? m->think_budget
           : m->think == 1       ? REMOTE_THINK_TOKENS
                                 : 0;
}

const char *remote_think_effort(const struct remote *r)
{
    const struct model *m = &r->backend->model;
    return m->think == 0 ? NULL : m->think_effort;
}

int remote_max_tokens(const struct remote *r)
{
    return r->max_tokens == 0 ? 0 : r->max_tokens + r->n_room;
}

const char *remote_schema(const struct remote *r)
{
    return r->backend->model.json_schema == 1 ? r->schema : NULL;
}

int remote_logprobs(const struct remote *r)
{
    int n = r->backend->model.logprobs;
    return r->logprobs.words == NULL || n < 0 ? 0 : n;
}

bool remote_wants_chances(const struct remote *r)
{
    return r->wants_chances && r->backend->model.logprobs > 0;
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
    logprobs_init(&r->logprobs, rq == NULL ? NULL : rq->words);
    if (rq != NULL) {
        r->schema = rq->schema;
        r->wants_chances = rq->chances;
        r->max_tokens = rq->max_tokens;
        r->has_temperature = rq->temperature != NULL;
        r->temperature = rq->temperature != NULL ? *rq->temperature : 0;
        r->n_messages = rq->n_messages;
        r->messages = request_copy_messages(rq);
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
