/* backend: what can produce an answer, and the list of them.
 *
 * Adding a backend is one file that defines a `const struct backend_ops` and
 * one word in BACKEND_LIST.  docs/adding-a-backend.md walks through it.
 *
 * Threads: all calls come from one thread (the UI's) and return at once; the
 * work is done on the net thread (HTTP) or the engine thread (local), which
 * live in the backend_env and are started when first needed. */
#ifndef BACKENDS_BACKEND_H
#define BACKENDS_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/chat/message.h"
#include "backends/model.h"
#include "backends/stream.h"
#include "base/buf.h"
#include "base/err.h"

/* A few words of which an answer says one, behind `begin`: the verdicts of a
 * judge. */
struct request_words {
    const char *begin;
    const char *const *list;
    int n; /* ANSWER_MAX_WORDS at most */
};

/* What is asked: the same for both sides of a battle, but for the system
 * message of a model that has its own. */
struct request {
    const struct message *messages; /* in order; a system message is first */
    size_t n_messages;
    int max_tokens;  /* the answer is cut there; 0: where the server does, and
                        an answer of the engine at once */
    uint64_t seed;   /* for backends that sample or pass it on */
    int64_t clock;   /* what chat templates say is the time, in seconds since
                        1970; 0: now */
    const double *temperature; /* in place of the model's; NULL: that one */

    /* How probable its tokens were is wanted for the person who votes.  Weights
     * on this machine tell it, and servers whose model has "logprobs". */
    bool chances;

    /* For servers whose model says that they can ("json_schema", "logprobs");
     * others do not look.  Both outlive the answer; NULL: nothing. */
    const char *schema; /* JSON Schema that the answer is to be held to */
    const struct request_words *words; /* how probable each was is asked for:
                                          p_word of struct answer_end */
};

/* Appends `[{"role":…,"content":…},…]`. */
void request_add_messages(struct buf *out, const struct message *messages,
                          size_t n);

/* What was asked: the last message of the user, or "". */
const char *request_prompt(const struct request *rq);

/* Copies of a request's messages, to be released with their number. */
struct message *request_copy_messages(const struct request *rq);
void request_free_messages(struct message *messages, size_t n);

/* The clock of whoever asks for answers that can be had again (--seed): the
 * day that Meta's templates fall back to, 26 July 2024. */
#define REQUEST_FIXED_CLOCK 1721952000

/* A thread that backends share, with the function that ends it. */
struct backend_thread {
    void *it; /* NULL: not needed so far */
    void (*close)(void *it);
};

/* What backends share.  The threads are made at first use, by net_of
 * (backends/remote/net.h) and engine_thread_of (backends/local). */
struct backend_env {
    struct backend_thread net, engine;
    struct backend_thread servers; /* that llama-server was started for */
    int n_threads; /* kernel threads of the engine; 0: all cores */
};

void backend_env_init(struct backend_env *env);

/* Cancels what still runs and joins the threads. */
void backend_env_free(struct backend_env *env);

struct backend; /* one model's open backend; each ops file has its own */
struct dialect;

struct backend_ops {
    const char *name;    /* as in the config: "local" */
    const char *summary; /* one line for the help */
    const char *needs;   /* the config's key that every model of it must set:
                            "file", "id", "command" or "script" */
    const struct dialect *dialect; /* the protocol (backends/remote/remote.h),
                                      if it asks a server; else NULL */
    bool starts_server;  /* it asks one that it starts itself */

    /* Checks what can be seen from here (settings, files, keys) and makes a
     * backend of the model; loads and contacts nothing yet.  `m` and `env`
     * must outlive the backend.  0, or -1 with ERR_CONFIG (a setting), ERR_AUTH
     * (no key) or ERR_BACKEND (a weights file that cannot be used). */
    int (*open)(struct backend **out, const struct model *m,
                struct backend_env *env, struct err *e);

    /* Begins an answer.  Copies the request.  On 0 the producer's reference of
     * `s` is the backend's, which will end it; on -1 it is dropped by the
     * caller. */
    int (*start)(struct backend *b, const struct request *rq, struct stream *s,
                 struct err *e);

    /* Pushes the ids that the server knows, one a line, and ends.  NULL if
     * there is nothing to list. */
    int (*list)(struct backend *b, struct stream *s, struct err *e);

    /* Appends what a person should know before the model answers, a sentence a
     * line: that its file lacks something, say.  Loads and contacts nothing.
     * NULL: there never is anything. */
    void (*remarks)(const struct model *m, struct buf *out);

    /* Streams that are still running go on to their end by themselves. */
    void (*close)(struct backend *b);
};

/* X(name) for each backend, in the order of the help. */
#define BACKEND_LIST(X) \
    X(local) X(openai) X(responses) X(anthropic) X(gemini) X(ollama) \
    X(llama_server) X(exec) X(replay)

#define BACKEND_DECLARE(name) extern const struct backend_ops backend_##name;
BACKEND_LIST(BACKEND_DECLARE)
#undef BACKEND_DECLARE

/* By name, or NULL. */
const struct backend_ops *backend_find(const char *name);

/* Whether a server answers for the model. */
bool backend_is_served(const struct model *m);

/* The i-th of the list, NULL beyond its end. */
const struct backend_ops *backend_at(size_t i);

#endif
