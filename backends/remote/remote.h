/* remote: what all backends that ask a server have in common.
 *
 * A server's API is a `struct dialect`: how a request is written and an answer
 * is read.  All else is done once, here: keys, tries and waits, framing,
 * limits, thinking, usage, and errors that say what to do.  Adding an API is
 * one file with a dialect and a backend_ops of five short lines.
 *
 * An answer is retried only before its first byte of content, and never counts
 * as whole without its protocol's sign of the end: a connection that closes is
 * not one.
 *
 * Threads: backend_ops calls come from the UI's; dialect calls are made on the
 * net thread. */
#ifndef BACKENDS_REMOTE_H
#define BACKENDS_REMOTE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/backend.h"
#include "backends/remote/fault.h"
#include "backends/remote/http.h"
#include "backends/remote/sse.h"
#include "backends/think.h"
#include "base/buf.h"
#include "base/json.h"

#define REMOTE_TRIES 3
#define REMOTE_MAX_WAIT_MS 60000 /* that a server may ask for between them */
#define REMOTE_MAX_HEADERS 8

struct remote;

struct dialect {
    const char *speaks; /* "an OpenAI-compatible server", for errors */

    /* Appends what follows the base URL, the headers (each one added by
     * remote_header) and, for an answer, the JSON of the request. */
    void (*request)(struct remote *r, struct buf *path, struct buf *body);

    /* One event of the stream: data as text, and parsed (NULL where it is no
     * JSON).  Calls remote_text and so on.  False: it makes no sense. */
    bool (*event)(struct remote *r, const char *name, const char *data,
                  const cJSON *tree);

    /* An answer that came in one piece, or the list of models. */
    bool (*whole)(struct remote *r, const cJSON *tree);

    /* The server refused the request (400, 422): changes setup->quirks so that
     * the next one differs, or returns false: it was not for its form. */
    bool (*adapt)(struct remote *r, const struct fault *f);
};

/* One model's backend; lives until it is closed and its last answer ended. */
struct remote_setup {
    atomic_int n_references;
    const struct dialect *dialect;
    struct backend_env *env;
    struct model model; /* a copy */
    bool is_local;      /* the server is on this machine */
    char *key;          /* NULL: none, or not fetched yet.  Net thread */
    unsigned quirks;    /* the dialect's.  Net thread */
};

enum remote_kind { REMOTE_UNKNOWN, REMOTE_EVENTS, REMOTE_WHOLE };

/* One answer on its way. */
struct remote {
    struct net_task task; /* first: a task is its answer */
    struct net *net;
    struct remote_setup *setup;
    struct stream *stream;

    bool listing;
    struct message *messages; /* copies */
    size_t n_messages;
    int max_tokens;

    /* The try that is under way. */
    char *key; /* that was sent, NULL: none; setup's may be another by now */
    struct buf headers[REMOTE_MAX_HEADERS];
    size_t n_headers;
    enum remote_kind kind;
    struct sse sse;
    struct buf body; /* whole answer or error; of events, the first bytes */
    size_t n_events;
    bool has_content; /* text or thinking came */
    bool has_end;     /* the protocol's sign of the end was seen */
    bool is_over;     /* nothing of worth can follow */
    bool has_refusal; /* the text is the model's refusal to answer */
    bool has_fault;   /* the stream carried an error */
    struct fault fault;

    struct think think;
    struct answer_end end;
    int n_tries, n_adapted;
    int64_t start_ms, try_ms; /* when the answer and the try began */
};

/* --- for backend_ops --------------------------------------------------- */

int remote_open(struct remote_setup **out, const struct dialect *d,
                const struct model *m, struct backend_env *env, struct err *e);
int remote_start(struct remote_setup *setup, const struct request *rq,
                 struct stream *s, struct err *e);
int remote_list(struct remote_setup *setup, struct stream *s, struct err *e);
void remote_close(struct remote_setup *setup);

/* --- for dialects ------------------------------------------------------ */

void remote_header(struct remote *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What came.  Text passes through think; "" and NULL are nothing. */
void remote_text(struct remote *r, const char *text);
void remote_thinking(struct remote *r, const char *text);

/* The sign of the end, with how it ended. */
void remote_finish(struct remote *r, enum finish f);

/* The server reports an error in place of (the rest of) an answer. */
void remote_fault(struct remote *r, const struct fault *f);

/* --- explain.c: failures in one line ------------------------------ */

/* The server answered with an error status, or (status 0) with an error in
 * the stream. */
void remote_explain_fault(struct remote *r, int status, const char *location,
                          const struct fault *f);

/* There was no answer, or not all of it. */
void remote_explain_failure(struct remote *r, const struct http_answer *a);

/* It was no answer of this protocol: r->body begins it. */
void remote_explain_nonsense(struct remote *r);

#endif
