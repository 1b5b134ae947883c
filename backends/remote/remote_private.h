/* remote_private: what the files of remote share: remote.c (an answer's life
 * and its tries), send.c (requests), receive.c (what comes), adapt.c (what a
 * server refuses) and explain.c (failures in one line).  The net thread's,
 * unless it says otherwise. */
#ifndef BACKENDS_REMOTE_PRIVATE_H
#define BACKENDS_REMOTE_PRIVATE_H

#include <stdatomic.h>

#include "backends/remote/gate.h"
#include "backends/remote/http.h"
#include "backends/remote/logprobs.h"
#include "backends/remote/remote.h"
#include "backends/remote/sse.h"
#include "backends/think.h"

#define REMOTE_TRIES 3
#define REMOTE_MAX_WAIT_MS 60000 /* that a server may ask for between them */
#define REMOTE_MAX_HEADERS 48
#define REMOTE_MAX_OWN_HEADERS 32 /* of the config */
#define REMOTE_MAX_PAGES 100
#define REMOTE_MAX_ROWS 128 /* of model_settings */
#define REMOTE_THINK_TOKENS 4096 /* that a model may think for that thinks, but
                                    was not told for how long */
#define REMOTE_MAX_WHOLE_BYTES (2 * STREAM_MAX_BYTES)

/* One model's backend; lives until it is closed and its last answer ended. */
struct backend {
    atomic_int n_references;
    const struct dialect *dialect;
    struct backend_env *env;
    struct model model; /* a copy */
    bool is_local;      /* the server is on this machine */
    char *key;          /* NULL: none, or not fetched yet */
    char **headers;     /* of the config, "Name: value", NULL-terminated */
    char **query;       /* the same: name, value, …, NULL */
    char *secrets;      /* values with variables in both, each ended by LF */

    /* What the server refuses: */
    unsigned lacks;     /* the dialect's bits */
    bool left_out[REMOTE_MAX_ROWS]; /* settings, by row */
    bool no_system;     /* the system message is a part of the user's */

    bool thinks;        /* the server told of thinking, apart from the text */
};

enum remote_kind { REMOTE_UNKNOWN, REMOTE_EVENTS, REMOTE_WHOLE };

/* One answer on its way. */
struct remote {
    struct net_task task; /* first: a task is its answer */
    struct net *net;
    struct gate *gate; /* of the server; NULL before the first try */
    struct gate_waiter waiter;
    bool is_inside;    /* of the gate */
    bool has_waited;   /* for the gate */
    struct backend *backend;
    struct stream *stream;

    bool listing;
    char *page; /* of the list, NULL: the first */
    int n_pages;
    struct message *messages; /* copies */
    size_t n_messages;
    int max_tokens;
    bool has_temperature; /* of the request: */
    double temperature;
    const char *schema; /* as in struct request */

    /* The try that is under way. */
    char *key;     /* that was sent, NULL: none; the backend's may be another */
    char *secrets; /* key and secrets of headers, for redact */
    struct buf headers[REMOTE_MAX_HEADERS];
    size_t n_headers;
    enum remote_kind kind;
    struct sse sse;
    struct buf body; /* whole answer or error; of events, the first bytes */
    size_t n_chunks; /* events that were a part of an answer */
    bool has_content; /* text or thinking came */
    size_t n_content; /* how often */
    bool has_end;     /* how it ended was said, or the marker came */
    bool is_done;     /* the marker came */
    bool is_over;     /* nothing of worth can follow */
    int64_t loaded_ms; /* the server read weights for so long; 0 */
    char note[72];    /* of the dialect, or "" */
    size_t n_pieces;  /* of text, about as many as tokens */
    size_t n_text;    /* bytes of it */
    int n_room;       /* tokens of thinking that the limit sent has room for */
    bool has_refusal; /* the text is the model's refusal to answer */
    bool has_fault;   /* the answer carried an error */
    bool has_call;    /* of a tool */
    bool has_words;   /* text came */
    bool has_more;    /* of the list: `page` is next */
    struct fault fault;
    unsigned half;    /* first half of a surrogate pair, whose other half may
                         begin the next text; 0: none */

    struct think think;
    struct logprobs logprobs;
    bool wants_chances; /* of its tokens, for the person who votes */
    struct answer_end end;
    int n_tries, n_adapted;
    int64_t start_ms, try_ms; /* when the answer and the try began */
};

/* --- remote.c ---------------------------------------------------------- */

/* The callbacks of http: whether to give up, and the end of a try. */
bool remote_stop(void *arg);
void remote_try_done(void *arg, const struct http_answer *a);

/* --- send.c ------------------------------------------------------------ */

/* Writes b->headers, b->query and b->secrets from the config: 0, or -1 with
 * ERR_AUTH (a variable is not set) or ERR_CONFIG.  The UI's thread, at open. */
int remote_expand(struct backend *b, struct err *e);
void remote_words_free(char **words);

/* Overwrites and forgets those of a request. */
void remote_forget_headers(struct remote *r);

/* Whether the setting of a row of model_settings is a part of requests. */
bool remote_sends(const struct remote *r, size_t row);

/* How long the first token may take. */
int64_t remote_first_ms(const struct remote *r);

/* Begins a try.  0, or -1 with ERR_BACKEND (too large) or ERR_CONFIG. */
int remote_send(struct remote *r, struct err *e);

/* --- receive.c --------------------------------------------------------- */

/* Forgets what a try has brought. */
void remote_receive_begin(struct remote *r);

/* The callback of http. */
enum http_go remote_receive(void *arg, const struct http_answer *a,
                            const char *bytes, size_t n);

/* The try is over: what came is judged.  Afterwards either has_fault is set,
 * or end says how the answer ended. */
void remote_receive_end(struct remote *r, const struct http_answer *a);

/* --- adapt.c ----------------------------------------------------------- */

/* The server refused a request: changes the backend so that the next one
 * differs.  False: nothing can be left out. */
bool remote_adapt(struct remote *r, const struct fault *f);

/* Makes the system message a part of the first message of the user. */
void remote_merge_system(struct remote *r);

/* Says in end.note what was left out, and what the dialect noted. */
void remote_note_refusals(struct remote *r);

/* --- explain.c --------------------------------------------------------- */

/* The server answered with an error status, or (status 0) with an error in
 * the stream. */
void remote_explain_fault(struct remote *r, int status,
                          const struct http_answer *a, const struct fault *f);

/* There was no answer, or not all of it. */
void remote_explain_failure(struct remote *r, const struct http_answer *a);

/* It was no answer of this protocol: r->body begins it. */
void remote_explain_nonsense(struct remote *r);

#endif
