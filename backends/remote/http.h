/* http: one request and its answer, on the net thread.
 *
 * The answer is handed over as it comes.  What a server may do to us is
 * limited here: no redirect is followed (libcurl would forward vendors' key
 * headers and the prompt to the new host), nothing is decompressed (1 MB can
 * become 1 GB), certificates are checked, answers have a size, headers too,
 * and every wait has an end.  Keys and bodies are never logged.
 *
 * All calls and callbacks are on the net thread.  `done` is called once for
 * every request that http_start accepted, and the request is gone after it. */
#ifndef BACKENDS_REMOTE_HTTP_H
#define BACKENDS_REMOTE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/remote/net.h"
#include "base/err.h"

#define HTTP_CONNECT_MS 10000      /* name, connection and TLS together */
#define HTTP_FIRST_MS 120000       /* to the first token */
#define HTTP_FIRST_LOCAL_MS 300000 /* of a server here that may load weights */
#define HTTP_STALL_MS 30000        /* without a word after it */
#define HTTP_DRAIN_MS 1000         /* for the rest of an answer that is whole */
#define HTTP_TOTAL_MS 600000
#define HTTP_MAX_BYTES (64u << 20) /* on the wire; an answer's text is limited
                                      to 8 MB by its stream, but each of its
                                      tokens may come wrapped in 300 bytes */
#define HTTP_MAX_HEADER_BYTES (256u << 10)

enum http_failure {
    HTTP_FINE,       /* the answer came to its end, whatever its status */
    HTTP_STOPPED,    /* `stop` said so, or the program ends */
    HTTP_UNREACHED,  /* no connection: nothing was sent */
    HTTP_UNTRUSTED,  /* no TLS, or a certificate that does not hold */
    HTTP_CUT,        /* the connection broke */
    HTTP_TIMEOUT,    /* silence, or too long in all */
    HTTP_TOO_LARGE,
    HTTP_FAILED,     /* anything else */
};

struct http_answer {
    int status;             /* 0 before the first header */
    int64_t retry_after_ms; /* retry-after-ms or Retry-After; -1: absent */
    int should_retry;       /* x-should-retry: 1, 0; -1: absent */
    char request_id[80];    /* x-request-id or request-id, or "" */
    char location[256];     /* of a redirect, or "" */
    enum http_failure failure; /* this and `error`: for `done` */
    struct err error;          /* set unless HTTP_FINE or HTTP_STOPPED */
};

/* What the owner makes of a piece of the body. */
enum http_go {
    HTTP_WAIT, /* nothing of worth: whatever time runs goes on */
    HTTP_FLOW, /* a part of the answer: from now on, so long a time without
                  another is a stall */
    HTTP_DONE, /* all of worth is there: `done` follows with HTTP_FINE; the
                  connection is kept for others if the rest comes soon */
    HTTP_END,  /* close: `done` follows with HTTP_FINE */
};

struct http_request {
    const char *url;            /* checked with url_problem, but its query */
    const char *const *headers; /* "Name: value", NULL-terminated, or NULL */
    const char *body;           /* POST; NULL: GET */
    size_t n_body;
    bool allow_http;            /* plain http to another machine */
    const char *ca_file;        /* of certificate authorities; NULL: usual */
    int64_t connect_ms;         /* 0: HTTP_CONNECT_MS; and so on */
    int64_t first_ms, stall_ms, total_ms;

    void *arg; /* of the callbacks */
    enum http_go (*data)(void *arg, const struct http_answer *a,
                         const char *bytes, size_t n);
    void (*done)(void *arg, const struct http_answer *a);
    bool (*stop)(void *arg); /* asked often: whether to give up */
};

/* Begins.  Copies what it is given.  0, or -1 with ERR_CONFIG: an address that
 * will not do, or a header with a line break or control character in it. */
int http_start(struct net *n, const struct http_request *rq, struct err *e);

#endif
