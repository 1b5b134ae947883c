/* remote: what all backends that ask a server have in common.
 *
 * A server's API is a `struct dialect`: how a request is written and how an
 * answer is read.  All else is done once, here: keys, tries and waits, framing,
 * limits, thinking, usage, what a server refuses, and errors that say what to
 * do.  A backend is one file with a dialect, and a line that makes the
 * backend_ops of it:
 *
 *     static const struct dialect dialect_acme = { … };
 *     REMOTE_BACKEND(acme, "an Acme server");
 *
 * What an answer is:
 *   - It is whole at the protocol's end marker (remote_done), or if the server
 *     closes in order after it said how the answer ended (remote_finish).  A
 *     pause is no end; a connection that breaks is none either.
 *   - Events that the dialect does not know are ignored, and so are comments,
 *     pings and empty ones.  An answer without any event of the protocol is an
 *     error.
 *   - An error wins over what came before it.  Errors are found here, in any
 *     field or event that servers use; a dialect only reports those that none
 *     but its own protocol has (remote_fault).
 *   - It is retried only before its first byte of content.
 *   - A setting that the server refuses is left out, and it is asked again.
 *
 * Threads: backend_ops calls come from the UI's; dialect calls are made on the
 * net thread, and so are all functions for dialects. */
#ifndef BACKENDS_REMOTE_H
#define BACKENDS_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/backend.h"
#include "backends/remote/fault.h"
#include "base/buf.h"
#include "base/json.h"

struct remote; /* one answer, or list of models, on its way */

enum framing {
    FRAMING_SSE,   /* server-sent events: "data: {…}" and a blank line */
    FRAMING_LINES, /* a JSON a line (NDJSON); such an event has no name */
};

/* The setting that cannot be kept for lack of a bit, for the reveal. */
struct remote_lack {
    unsigned bit;
    const char *key;
};

struct dialect {
    const char *speaks;   /* "an OpenAI-compatible server", for errors */
    enum wire wire;       /* the names of settings in a request: the column of
                             backends/settings.h */
    enum framing framing; /* of a stream */
    const char *key_header; /* that carries the key ("x-api-key"); NULL:
                               "Authorization: Bearer KEY" */
    const char *base_end;   /* of the addresses that its servers usually have
                               ("/v1"), for errors; NULL: nothing */
    const char *bring;      /* the command that brings a model to the server
                               ("ollama pull"), for errors; NULL: none */
    bool done_ends;         /* "[DONE]" ends an answer whatever came before;
                               false: only one that has said how it ended */

    /* Appends what follows the base URL and, for an answer, the JSON of the
     * request.  Key, Content-Type and Accept are added for it; further headers
     * by remote_header. */
    void (*request)(struct remote *r, struct buf *path, struct buf *body);

    /* One event of a stream: `data` as text, NUL-terminated, and parsed (NULL
     * if it is no JSON).  Calls remote_text and so on.  Returns whether it was
     * a part of an answer; an end marker without anything else is none. */
    bool (*event)(struct remote *r, const char *name, const char *data,
                  const cJSON *tree);

    /* An answer that came in one piece, though a stream was asked for; the
     * list of models.  False: it makes no sense. */
    bool (*whole)(struct remote *r, const cJSON *tree);
    bool (*list)(struct remote *r, const cJSON *tree);

    /* May be NULL.  The server refused the request: returns a bit for what the
     * next one will do without (remote_lacks is true for it from then on, for
     * this model), or 0.  Settings and the system prompt are seen to already.
     * See fault_refuses. */
    unsigned (*lacks)(const struct remote *r, const struct fault *f);
    const struct remote_lack *lack_keys; /* up to a bit of 0; or NULL */
};

/* --- for backend_ops --------------------------------------------------- */

/* Fails with ERR_CONFIG (no address, or one that will not do) or ERR_AUTH. */
int remote_open(struct backend **out, const struct dialect *d,
                const struct model *m, struct backend_env *env, struct err *e);
int remote_start(struct backend *b, const struct request *rq, struct stream *s,
                 struct err *e);
int remote_list(struct backend *b, struct stream *s, struct err *e);
void remote_close(struct backend *b);

/* Sends this key, which stands in no config; before the first start. */
void remote_use_key(struct backend *b, const char *key);

/* Defines backend_WORD, which asks servers by dialect_WORD. */
#define REMOTE_BACKEND(word, does)                                           \
    static int word##_open(struct backend **out, const struct model *m,      \
                           struct backend_env *env, struct err *e)           \
    {                                                                        \
        return remote_open(out, &dialect_##word, m, env, e);                 \
    }                                                                        \
    const struct backend_ops backend_##word = {                              \
        .name = #word, .summary = does, .needs = "id",                       \
        .dialect = &dialect_##word, .open = word##_open,                     \
        .start = remote_start, .list = remote_list, .close = remote_close}

/* --- for dialects: what is asked --------------------------------------- */

const struct model *remote_model(const struct remote *r);
bool remote_is_listing(const struct remote *r);

/* What the system says, or NULL; the messages behind it, in order, none of
 * which is a system message.  It says nothing to a server that refuses it: its
 * words are then a part of the first user message. */
const char *remote_system(const struct remote *r);
const struct message *remote_messages(const struct remote *r, size_t *n);

/* Appends `"name":[{"role":…,"content":…},…]` to an object that is open: the
 * system's message too if `all`, else those behind it. */
void remote_add_messages(const struct remote *r, const char *name, bool all,
                         struct buf *out);

/* Where the server is to cut the answer: what the person set, and on top of it
 * what the model may think, as all servers count both as one: its budget, or
 * REMOTE_THINK_TOKENS if it was told to think, or was seen to.  0: nowhere.
 * What is text is cut here, at the person's limit. */
int remote_max_tokens(const struct remote *r);

/* How many tokens it may think for, if that is limited; else 0. */
int remote_think_budget(const struct remote *r);

/* How hard it thinks, in the server's words; NULL: nothing is said of it, or
 * it is not to think at all ("think" is false). */
const char *remote_think_effort(const struct remote *r);

/* The JSON Schema that the answer is to be held to; NULL: none. */
const char *remote_schema(const struct remote *r);

/* How many of the likeliest tokens the server is to tell with each; 0: none. */
int remote_logprobs(const struct remote *r);

/* Whether it is to tell how probable each token was. */
bool remote_wants_chances(const struct remote *r);

bool remote_lacks(const struct remote *r, unsigned bit);

/* Which page of a list: what remote_more said; "" for the first. */
const char *remote_page(const struct remote *r);

/* A further header; the config's own of that name is sent in its place. */
void remote_header(struct remote *r, const char *name, const char *value);

/* Appends to the path: the version of the API, unless the address ends in it
 * or has another ("/v1" for "/v1beta"), and the rest; text, with %XX for what
 * is neither a letter, a digit, one of "-._~", nor in `also`; a query. */
void remote_add_path(struct buf *path, const char *version, const char *rest);
void remote_add_escaped(struct buf *path, const char *text, const char *also);
void remote_cut_path(struct buf *path, const char *end); /* if it ends so */
void remote_add_query(struct buf *path, const char *name, const char *value);

/* Appends `"name":value` for each setting that is configured, that the
 * protocol knows by a name of the table, and that the server did not refuse;
 * to an object that is open, with commas as needed (see json_key). */
void remote_add_settings(const struct remote *r, struct buf *out);

/* --- for dialects: what came ------------------------------------------- */

/* Text of the answer: tags of thinking are looked for in it.  "" and NULL are
 * nothing.  The text of a refusal marks the answer as one. */
void remote_text(struct remote *r, const char *text);
void remote_thinking(struct remote *r, const char *text);
void remote_refusal(struct remote *r, const char *text);

/* How the answer ended, as far as is known by now: the last word holds.  Text
 * may still follow. */
void remote_finish(struct remote *r, enum finish f);

/* The same by a word of the protocol.  The table ends with a row whose reason
 * is NULL: what a word means that it has not.  NULL, "" and "null" are no word;
 * FINISH_ERROR is a fault that names it. */
struct remote_reason {
    const char *reason;
    enum finish finish;
};
void remote_finish_by(struct remote *r, const struct remote_reason *table,
                      const char *reason);

/* The protocol's end marker: nothing of worth follows. */
void remote_done(struct remote *r);

/* The object that holds a call of a tool, if it is one: an answer of nothing
 * else is an error, as there are no tools. */
void remote_call(struct remote *r, const cJSON *call);

/* An error in place of (the rest of) an answer. */
void remote_fault(struct remote *r, const struct fault *f);

/* The same, if there is one in an object where only this protocol has it. */
bool remote_fault_in(struct remote *r, const cJSON *object);

/* The server read weights for so long, before it began the answer. */
void remote_loaded(struct remote *r, int64_t ms);

/* Something that a person should know of the answer, for the reveal: a server's
 * own words may stand in it as they are (see fault_line); cut at 71 bytes. */
void remote_note(struct remote *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether any text of the answer came in this try, be it thinking by a tag. */
bool remote_has_text(const struct remote *r);

/* How many texts and thoughts that was. */
size_t remote_n_content(const struct remote *r);

/* The tokens that it wrote, in the form of logprobs.h; may be NULL. */
void remote_tokens(struct remote *r, const cJSON *tokens);

/* What the server counted: tokens read, of those cached; written, of those
 * thinking; cost in its currency.  -1 and NaN: not said.  May be called again;
 * the last number holds. */
struct remote_usage {
    int64_t n_in, n_cached, n_out, n_think;
    double cost;
};
void remote_usage_init(struct remote_usage *u);
void remote_usage(struct remote *r, const struct remote_usage *u);

/* A whole number of an object into *to, if it is there. */
void remote_count(const cJSON *object, const char *key, int64_t *to);

/* The id of a model of a list; the member `key` of each of an array, in the
 * order of the alphabet (false: it is no array); there is another page. */
void remote_listed(struct remote *r, const char *id);
bool remote_listed_all(struct remote *r, const cJSON *models, const char *key);
void remote_more(struct remote *r, const char *page);

#endif
