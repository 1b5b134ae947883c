#include "backends/remote/http.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backends/remote/easy.h"
#include "backends/remote/proxy.h"
#include "backends/remote/url.h"
#include "base/clock.h"
#include "base/mem.h"

#define HTTP_MAX_DRAINED (64u << 10) /* bytes of a rest that is read */
#define HTTP_MAX_WAIT_S 1e9 /* longer ones are not told apart */

struct http {
    struct net_transfer transfer; /* first: a transfer is its request */
    struct net_task watch; /* runs when time is up or the owner gives up */
    struct net *net;
    struct http_request rq; /* only numbers and callbacks, see below */
    char *url, *body, *ca_file; /* copies */
    struct curl_slist *headers;
    struct http_answer answer;
    enum http_go go;
    bool draining; /* the owner has been told; nobody listens any more */
    int64_t total_due_ms;
    size_t n_bytes, n_header_bytes, n_drained;
    char encoding[32]; /* Content-Encoding of the answer, or "" */
    char detail[CURL_ERROR_SIZE]; /* curl's own words */
};

/* --- the end ----------------------------------------------------------- */

static void http_free(struct http *h)
{
    curl_easy_cleanup(h->transfer.easy);
    for (struct curl_slist *l = h->headers; l != NULL; l = l->next)
        explicit_bzero(l->data, strlen(l->data)); /* one holds the key */
    curl_slist_free_all(h->headers);
    free(h->url);
    free(h->body);
    free(h->ca_file);
    free(h);
}

static void finish(struct http *h)
{
    net_remove(h->net, &h->watch);
    h->rq.done(h->rq.arg, &h->answer);
    http_free(h);
}

static const struct {
    CURLcode code;
    enum http_failure failure;
    const char *words; /* %s is host:port */
    bool authority;    /* the certificate authorities have a part in it */
} verdicts[] = {
    {CURLE_COULDNT_RESOLVE_HOST, HTTP_UNREACHED,
     "cannot find the host of %s", false},
    {CURLE_COULDNT_RESOLVE_PROXY, HTTP_UNREACHED,
     "cannot find the proxy for %s", false},
    {CURLE_COULDNT_CONNECT, HTTP_UNREACHED, "cannot connect to %s", false},
    {CURLE_PEER_FAILED_VERIFICATION, HTTP_UNTRUSTED,
     "the certificate of %s cannot be trusted", true},
    {CURLE_SSL_CONNECT_ERROR, HTTP_UNTRUSTED,
     "%s does not speak TLS; is it plain http?", false},
    {CURLE_SSL_CACERT_BADFILE, HTTP_UNTRUSTED,
     "the certificate authorities for %s cannot be read", true},
    {CURLE_GOT_NOTHING, HTTP_CUT, "%s closed the connection without a word",
     false},
    {CURLE_PARTIAL_FILE, HTTP_CUT, "the connection to %s broke off", false},
    {CURLE_RECV_ERROR, HTTP_CUT, "the connection to %s broke off", false},
    {CURLE_SEND_ERROR, HTTP_CUT, "the connection to %s broke off", false},
    {CURLE_HTTP2, HTTP_CUT, "the connection to %s broke off", false},
    {CURLE_HTTP2_STREAM, HTTP_CUT, "the connection to %s broke off", false},
    {CURLE_WEIRD_SERVER_REPLY, HTTP_FAILED, "%s does not speak HTTP", false},
    {CURLE_UNSUPPORTED_PROTOCOL, HTTP_FAILED, "%s does not speak HTTP", false},
};

static void fail(struct http *h, enum http_failure failure, const char *words)
{
    struct buf place;
    buf_init(&place, 300);
    url_place(h->url, &place);
    h->answer.failure = failure;
    const char *gap = strstr(words, "%s");
    if (gap == NULL)
        err_set(&h->answer.error, ERR_BACKEND, "%s", words);
    else
        err_set(&h->answer.error, ERR_BACKEND, "%.*s%s%s",
                (int)(gap - words), words, place.data, gap + 2);
    buf_free(&place);
}

/* Puts words behind the error's. */
static void add_words(struct http *h, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void add_words(struct http *h, const char *fmt, ...)
{
    struct err *e = &h->answer.error;
    struct buf words;
    va_list ap;
    va_start(ap, fmt);
    buf_init(&words, ERR_TEXT_BYTES - 1);
    buf_add_str(&words, e->text);
    buf_vaddf(&words, fmt, ap);
    va_end(ap);
    err_set(e, e->code, "%s", words.data);
    buf_free(&words);
}

/* Which authorities were asked. */
static void add_authority(struct http *h)
{
    const char *variable, *file = easy_authority(&variable);
    if (h->ca_file != NULL)
        add_words(h, "; see \"ca_file\" %s", h->ca_file);
    else if (file != NULL)
        add_words(h, "; see %s=%s", variable, file);
    else
        add_words(h, "; name the file of its authority with \"ca_file\"");
}

/* Why a certificate was not believed (expired, self-signed, another host's),
 * and what part authorities and the proxy have in it. */
static void add_details(struct http *h, bool authority)
{
    const char *proxy = proxy_variable(h->url);
    if (h->answer.failure == HTTP_UNTRUSTED && h->detail[0] != '\0')
        add_words(h, " (%s)", h->detail);
    if (authority)
        add_authority(h);
    if (proxy != NULL && h->answer.failure != HTTP_FAILED)
        add_words(h, " (by the proxy of %s)", proxy);
}

static bool proxy_refused(struct http *h)
{
    long status = 0;
    curl_easy_getinfo(h->transfer.easy, CURLINFO_HTTP_CONNECTCODE, &status);
    if (status < 300)
        return false;
    const char *variable = proxy_variable(h->url);
    fail(h, HTTP_FAILED, "the proxy refuses to connect to %s");
    add_words(h, " (HTTP %ld); see %s", status,
              variable ? variable : "https_proxy");
    return true;
}

/* What HTTP/2 calls it: "stream 1 was not closed cleanly: INTERNAL_ERROR". */
static void add_http2(struct http *h, CURLcode verdict)
{
    if ((verdict == CURLE_HTTP2 || verdict == CURLE_HTTP2_STREAM) &&
        h->detail[0] != '\0')
        add_words(h, " (%s)", h->detail);
}

static void judge(struct http *h, CURLcode verdict)
{
    long status = 0;
    curl_easy_getinfo(h->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    h->answer.status = (int)status;
    if (verdict == CURLE_OK || h->go >= HTTP_DONE)
        return; /* HTTP_FINE */
    if (h->answer.failure != HTTP_FINE || proxy_refused(h))
        return; /* we broke it off ourselves, and have said why */
    if (verdict == CURLE_OPERATION_TIMEDOUT) {
        /* curl has no other time limit than the one to connect. */
        fail(h, HTTP_UNREACHED, "cannot connect to %s: no answer for ");
        add_words(h, "%g s (\"connect_timeout_s\")",
                  (double)h->rq.connect_ms / 1000);
        add_details(h, false);
        return;
    }
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
        if (verdicts[i].code == verdict) {
            fail(h, verdicts[i].failure, verdicts[i].words);
            add_http2(h, verdict);
            add_details(h, verdicts[i].authority);
            return;
        }
    }
    fail(h, HTTP_FAILED, curl_easy_strerror(verdict));
}

static void on_verdict(struct net_transfer *t, CURLcode verdict)
{
    struct http *h = (struct http *)t;
    if (h->draining) {
        net_remove(h->net, &h->watch);
        http_free(h);
        return;
    }
    judge(h, verdict);
    finish(h);
}

static bool watch_stop(struct net_task *t)
{
    struct http *h = (struct http *)(void *)((char *)t -
                                             offsetof(struct http, watch));
    return h->rq.stop(h->rq.arg);
}

/* The owner has all it wants.  The rest is read without it, so that the
 * connection can be used again. */
static void drain(struct http *h)
{
    h->draining = true;
    h->watch.stop = NULL;
    h->watch.due_ms = clock_monotonic_ms() + HTTP_DRAIN_MS;
    net_add(h->net, &h->watch);
    h->rq.done(h->rq.arg, &h->answer);
}

static void fail_late(struct http *h)
{
    bool in_all = clock_monotonic_ms() >= h->total_due_ms;
    int64_t limit_ms = in_all                 ? h->rq.total_ms
                       : h->go == HTTP_WAIT ? h->rq.first_ms
                                            : h->rq.stall_ms;
    fail(h, HTTP_TIMEOUT,
         in_all                 ? "the answer of %s took longer than "
         : h->go == HTTP_WAIT ? "no answer from %s within "
                              : "%s fell silent in the middle of the answer "
                                "for ");
    add_words(h, "%g s (\"%s\")", (double)limit_ms / 1000,
              in_all                 ? "total_timeout_s"
              : h->go == HTTP_WAIT ? "first_token_timeout_s"
                                   : "stall_timeout_s");
}

static void watch_run(struct net *n, struct net_task *t)
{
    struct http *h = (struct http *)(void *)((char *)t -
                                             offsetof(struct http, watch));
    bool stop = net_closing(n) || (!h->draining && h->rq.stop(h->rq.arg));
    if (h->go == HTTP_DONE && !h->draining && !stop) {
        drain(h);
        return;
    }
    net_transfer_stop(n, &h->transfer);
    if (h->draining) {
        http_free(h);
        return;
    }
    if (stop)
        h->answer.failure = HTTP_STOPPED;
    else
        fail_late(h);
    finish(h);
}

/* --- what comes -------------------------------------------------------- */

/* From the last part of the answer on, silence is a stall. */
static void restart_watch(struct http *h)
{
    int64_t due_ms = clock_monotonic_ms() + h->rq.stall_ms;
    h->watch.due_ms = due_ms < h->total_due_ms ? due_ms : h->total_due_ms;
}

static size_t on_data(char *bytes, size_t one, size_t n, void *arg)
{
    struct http *h = arg;
    (void)one;
    if (h->go == HTTP_DONE) {
        h->n_drained += n;
        return h->n_drained > HTTP_MAX_DRAINED ? 0 : n;
    }
    h->n_bytes += n;
    if (h->n_bytes > HTTP_MAX_BYTES) {
        fail(h, HTTP_TOO_LARGE, "the answer of %s is too large");
        return 0;
    }
    if (h->encoding[0] != '\0') {
        fail(h, HTTP_FAILED, "%s sends a compressed answer");
        add_words(h, " (%s), though none was asked for; is a proxy or gateway "
                  "in between that can be told not to?", h->encoding);
        return 0;
    }
    long status = 0;
    curl_easy_getinfo(h->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    h->answer.status = (int)status;
    enum http_go go = h->rq.data(h->rq.arg, &h->answer, bytes, n);
    if (go > h->go)
        h->go = go;
    if (go == HTTP_FLOW)
        restart_watch(h);
    else if (go == HTTP_DONE)
        h->watch.due_ms = 0; /* tells the owner, outside of curl */
    return go == HTTP_END ? 0 : n; /* 0: curl ends the transfer */
}

/* The value of the header, if it is `name`, else NULL. */
static const char *header_value(const char *line, const char *name)
{
    size_t n = strlen(name);
    if (strncasecmp(line, name, n) != 0 || line[n] != ':')
        return NULL;
    line += n + 1;
    return line + strspn(line, " \t");
}

static void copy_value(char *to, size_t size, const char *value)
{
    size_t n = strcspn(value, "\r\n");
    if (n >= size)
        n = size - 1;
    memcpy(to, value, n);
    to[n] = '\0';
}

/* Retry-After is seconds, maybe with a fraction, or a date (RFC 9110,
 * 10.2.3). */
static int64_t parse_retry_after(const char *value)
{
    char text[64], *end;
    copy_value(text, sizeof(text), value);
    double s = strtod(text, &end);
    if (end == text) {
        time_t when = curl_getdate(text, NULL);
        s = when < 0 ? -1 : (double)(when - clock_wall_ms() / 1000);
        if (when >= 0 && s < 0)
            s = 0;
    }
    return s >= 0 ? (int64_t)(fmin(s, HTTP_MAX_WAIT_S) * 1000) : -1;
}

static size_t on_header(char *bytes, size_t one, size_t n, void *arg)
{
    struct http *h = arg;
    struct http_answer *a = &h->answer;
    (void)one;
    h->n_header_bytes += n;
    if (h->n_header_bytes > HTTP_MAX_HEADER_BYTES) {
        fail(h, HTTP_TOO_LARGE, "%s sends headers without end");
        return 0;
    }
    char line[1024];
    size_t n_line = n < sizeof(line) - 1 ? n : sizeof(line) - 1;
    memcpy(line, bytes, n_line); /* curl's lines have no NUL at the end */
    line[n_line] = '\0';
    const char *value;
    if ((value = header_value(line, "retry-after-ms")) != NULL) {
        double ms = strtod(value, NULL);
        if (ms >= 0 && ms < 1e12)
            a->retry_after_ms = (int64_t)ms;
    } else if ((value = header_value(line, "retry-after")) != NULL) {
        if (a->retry_after_ms < 0)
            a->retry_after_ms = parse_retry_after(value);
    } else if ((value = header_value(line, "x-should-retry")) != NULL) {
        a->should_retry = strncasecmp(value, "true", 4) == 0;
    } else if ((value = header_value(line, "x-request-id")) != NULL ||
               (value = header_value(line, "request-id")) != NULL) {
        copy_value(a->request_id, sizeof(a->request_id), value);
    } else if ((value = header_value(line, "content-encoding")) != NULL) {
        if (strncasecmp(value, "identity", 8) != 0)
            copy_value(h->encoding, sizeof(h->encoding), value);
    } else if ((value = header_value(line, "location")) != NULL) {
        copy_value(a->location, sizeof(a->location), value);
    }
    return n;
}

/* --- the start --------------------------------------------------------- */

/* A line break in a header value would be a header of its own. */
static int add_headers(struct http *h, const char *const *headers,
                       struct err *e)
{
    h->headers = curl_slist_append(NULL, "Expect:");
    for (; headers != NULL && *headers != NULL; headers++) {
        for (const char *p = *headers; *p != '\0'; p++)
            if ((unsigned char)*p < ' ' || *p == 0x7F)
                return err_set(e, ERR_CONFIG, "the header \"%.*s\" has a "
                               "control character in its value",
                               (int)strcspn(*headers, ":"), *headers);
        h->headers = curl_slist_append(h->headers, *headers);
    }
    return 0;
}

static void set_options(struct http *h)
{
    CURL *c = h->transfer.easy;
    bool plain = url_is_loopback(h->url) || h->rq.allow_http;
    easy_prepare(c, h->url, plain);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->detail);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)h->rq.connect_ms);
    /* HTTP/2 by TLS, and several answers on one connection.  Without TLS there
     * is no HTTP/2, so nothing to wait for: curl would, for seconds. */
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(c, CURLOPT_PIPEWAIT,
                     (long)(strncasecmp(h->url, "https:", 6) == 0));
    if (h->ca_file != NULL)
        curl_easy_setopt(c, CURLOPT_CAINFO, h->ca_file);
    curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
    if (h->body != NULL) {
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)h->rq.n_body);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, h->body);
    }
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, h->headers);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, h);
}

/* What is wrong with an address, its query left aside; or NULL. */
static const char *address_problem(const struct http_request *rq)
{
    char *base = mem_strndup(rq->url, strcspn(rq->url, "?"));
    const char *problem = url_problem(base, rq->allow_http);
    free(base);
    for (const char *p = rq->url; *p != '\0'; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7F || *p == '#')
            problem = "has a space, '#' or control character";
    return problem;
}

static void set_limits(struct http_request *rq)
{
    const struct {
        int64_t *limit, usual;
    } limits[] = {{&rq->connect_ms, HTTP_CONNECT_MS},
                  {&rq->first_ms, HTTP_FIRST_MS},
                  {&rq->stall_ms, HTTP_STALL_MS},
                  {&rq->total_ms, HTTP_TOTAL_MS}};
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        if (*limits[i].limit == 0)
            *limits[i].limit = limits[i].usual;
}

static void start_watch(struct http *h)
{
    int64_t now_ms = clock_monotonic_ms();
    h->total_due_ms = now_ms + h->rq.total_ms;
    net_task_init(&h->watch, watch_run);
    h->watch.stop = watch_stop;
    h->watch.due_ms = now_ms + h->rq.first_ms;
    if (h->watch.due_ms > h->total_due_ms)
        h->watch.due_ms = h->total_due_ms;
    net_add(h->net, &h->watch);
}

int http_start(struct net *n, const struct http_request *rq, struct err *e)
{
    const char *problem = address_problem(rq);
    if (problem != NULL)
        return err_set(e, ERR_CONFIG, "%.*s %s",
                       (int)strcspn(rq->url, "?"), rq->url, problem);
    struct http *h = mem_calloc(1, sizeof(*h));
    h->net = n;
    h->rq = *rq;
    set_limits(&h->rq);
    h->url = mem_strdup(rq->url);
    h->body = rq->body ? mem_strndup(rq->body, rq->n_body) : NULL;
    h->ca_file = mem_strdup(rq->ca_file);
    h->rq.url = h->rq.body = h->rq.ca_file = NULL; /* the caller's */
    h->rq.headers = NULL;
    h->answer.retry_after_ms = -1;
    h->answer.should_retry = -1;
    h->transfer.done = on_verdict;
    h->transfer.easy = curl_easy_init();
    if (h->transfer.easy == NULL ||
        add_headers(h, rq->headers, e) != 0) {
        if (h->transfer.easy == NULL)
            err_set(e, ERR_FAILURE, "libcurl has no memory left");
        http_free(h);
        return -1;
    }
    set_options(h);
    start_watch(h);
    net_transfer_start(n, &h->transfer);
    return 0;
}
