#include "backends/remote/http.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backends/remote/easy.h"
#include "backends/remote/url.h"
#include "base/clock.h"
#include "base/mem.h"

struct http {
    struct net_transfer transfer; /* first: a transfer is its request */
    struct net_task watch; /* runs when time is up or the owner gives up */
    struct net *net;
    struct http_request rq; /* only numbers and callbacks, see below */
    char *url, *body;       /* copies */
    struct curl_slist *headers;
    struct http_answer answer;
    enum http_go go;
    int64_t total_due_ms;
    size_t n_bytes, n_header_bytes;
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
} verdicts[] = {
    {CURLE_COULDNT_RESOLVE_HOST, HTTP_UNREACHED,
     "cannot find the host of %s"},
    {CURLE_COULDNT_RESOLVE_PROXY, HTTP_UNREACHED,
     "cannot find the proxy for %s"},
    {CURLE_COULDNT_CONNECT, HTTP_UNREACHED, "cannot connect to %s"},
    {CURLE_PEER_FAILED_VERIFICATION, HTTP_UNTRUSTED,
     "the certificate of %s cannot be trusted"},
    {CURLE_SSL_CONNECT_ERROR, HTTP_UNTRUSTED,
     "%s does not speak TLS; is it plain http?"},
    {CURLE_SSL_CACERT_BADFILE, HTTP_UNTRUSTED,
     "the certificate authorities for %s cannot be read; see "
     "CURL_CA_BUNDLE and SSL_CERT_FILE"},
    {CURLE_GOT_NOTHING, HTTP_CUT, "%s closed the connection without a word"},
    {CURLE_PARTIAL_FILE, HTTP_CUT, "the connection to %s broke off"},
    {CURLE_RECV_ERROR, HTTP_CUT, "the connection to %s broke off"},
    {CURLE_SEND_ERROR, HTTP_CUT, "the connection to %s broke off"},
    {CURLE_HTTP2, HTTP_CUT, "the connection to %s broke off"},
    {CURLE_HTTP2_STREAM, HTTP_CUT, "the connection to %s broke off"},
    {CURLE_WEIRD_SERVER_REPLY, HTTP_FAILED, "%s does not speak HTTP"},
    {CURLE_UNSUPPORTED_PROTOCOL, HTTP_FAILED, "%s does not speak HTTP"},
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

/* Why a certificate was not believed: expired, self-signed, another host's. */
static void add_detail(struct http *h)
{
    struct err *e = &h->answer.error;
    if (h->answer.failure == HTTP_UNTRUSTED && h->detail[0] != '\0')
        err_set(e, e->code, "%s (%s)", e->text, h->detail);
}

static void judge(struct http *h, CURLcode verdict)
{
    long status = 0;
    curl_easy_getinfo(h->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    h->answer.status = (int)status;
    if (verdict == CURLE_OK || h->go == HTTP_END)
        return; /* HTTP_FINE */
    if (h->answer.failure != HTTP_FINE)
        return; /* we broke it off ourselves, and have said why */
    if (verdict == CURLE_OPERATION_TIMEDOUT) {
        /* curl has no other time limit than the one to connect. */
        fail(h, HTTP_UNREACHED, "cannot connect to %s: no answer for 10 s");
        return;
    }
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
        if (verdicts[i].code == verdict) {
            fail(h, verdicts[i].failure, verdicts[i].words);
            add_detail(h);
            return;
        }
    }
    fail(h, HTTP_FAILED, curl_easy_strerror(verdict));
}

static void on_verdict(struct net_transfer *t, CURLcode verdict)
{
    struct http *h = (struct http *)t;
    judge(h, verdict);
    finish(h);
}

static bool watch_stop(struct net_task *t)
{
    struct http *h = (struct http *)(void *)((char *)t -
                                             offsetof(struct http, watch));
    return h->rq.stop(h->rq.arg);
}

static void watch_run(struct net *n, struct net_task *t)
{
    struct http *h = (struct http *)(void *)((char *)t -
                                             offsetof(struct http, watch));
    net_transfer_stop(n, &h->transfer);
    if (net_closing(n) || h->rq.stop(h->rq.arg))
        h->answer.failure = HTTP_STOPPED;
    else if (h->go == HTTP_WAIT)
        fail(h, HTTP_TIMEOUT, "no answer from %s in time");
    else if (clock_monotonic_ms() >= h->total_due_ms)
        fail(h, HTTP_TIMEOUT, "the answer of %s took too long");
    else
        fail(h, HTTP_TIMEOUT, "%s fell silent in the middle of the answer");
    finish(h);
}

/* --- what comes -------------------------------------------------------- */

static size_t on_data(char *bytes, size_t one, size_t n, void *arg)
{
    struct http *h = arg;
    (void)one;
    h->n_bytes += n;
    if (h->n_bytes > HTTP_MAX_BYTES) {
        fail(h, HTTP_TOO_LARGE, "the answer of %s is too large");
        return 0;
    }
    long status = 0;
    curl_easy_getinfo(h->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
    h->answer.status = (int)status;
    enum http_go go = h->rq.data(h->rq.arg, &h->answer, bytes, n);
    if (go > h->go)
        h->go = go;
    if (h->go == HTTP_END)
        return 0; /* curl ends the transfer as one that failed to write */
    if (h->go != HTTP_WAIT) {
        int64_t silence_ms = h->rq.stall_ms > 0 ? h->rq.stall_ms
                                                : HTTP_STALL_MS;
        int64_t due_ms = clock_monotonic_ms() + silence_ms;
        h->watch.due_ms = due_ms < h->total_due_ms ? due_ms : h->total_due_ms;
    }
    return n;
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
    return s >= 0 && s < 1e9 ? (int64_t)(s * 1000) : -1;
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
    } else if ((value = header_value(line, "location")) != NULL) {
        copy_value(a->location, sizeof(a->location), value);
    }
    return n;
}

/* --- the begin --------------------------------------------------------- */

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
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)HTTP_CONNECT_MS);
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

int http_start(struct net *n, const struct http_request *rq, struct err *e)
{
    const char *problem = url_problem(rq->url, rq->allow_http);
    if (problem != NULL)
        return err_set(e, ERR_CONFIG, "%s %s", rq->url, problem);
    struct http *h = mem_calloc(1, sizeof(*h));
    h->net = n;
    h->rq = *rq;
    h->url = mem_strdup(rq->url);
    h->body = rq->body ? mem_strndup(rq->body, rq->n_body) : NULL;
    h->rq.url = h->rq.body = NULL; /* the caller's: not ours to keep */
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
    int64_t now_ms = clock_monotonic_ms();
    h->total_due_ms = now_ms + (rq->total_ms ? rq->total_ms : HTTP_TOTAL_MS);
    net_task_init(&h->watch, watch_run);
    h->watch.stop = watch_stop;
    h->watch.due_ms = now_ms + (rq->first_ms ? rq->first_ms : HTTP_FIRST_MS);
    if (h->watch.due_ms > h->total_due_ms)
        h->watch.due_ms = h->total_due_ms;
    net_add(n, &h->watch);
    net_transfer_start(n, &h->transfer);
    return 0;
}
