/* models_private: what the files of the verb `models` share. */
#ifndef TUI_MODELS_PRIVATE_H
#define TUI_MODELS_PRIVATE_H

#include <stdbool.h>

#include "arena/config/config.h"
#include "backends/stream.h"
#include "tui/command.h"

#define MODELS_TEXT_BYTES (1u << 20)

struct models_settings {
    bool defaults;      /* pull --default */
    bool yes;           /* pull --yes: the terms are accepted */
    const char *sha256; /* pull --sha256 */
    const char *backend; /* list --backend */
};

/* Reads the config that the invocation means.  0, or -1 with ERR_CONFIG. */
int models_load_config(const struct invocation *in, struct config *c,
                       struct err *e);

/* An answer of a backend: its text, how it ended, and how long it took. */
struct models_answer {
    struct buf text;
    struct buf remarks; /* what the model's file lacks, a sentence a line */
    struct answer_end end;
    int64_t took_ms;
};

#define MODELS_ASK_MS 120000 /* weights may have to be loaded first */

/* Takes what a backend's call, which returned `result`, has begun on a stream:
 * waits for its end (cancels it after so long) and releases it.  0, or -1 with
 * the error of the call or of the answer. */
int models_take(struct stream *s, int result, int wake_fd, int64_t limit_ms,
                struct models_answer *a, struct err *e);

/* Appends the ids that a model's server lists, a line each.  0, or -1 with
 * ERR_USAGE (it is no server) or as of the backend. */
int models_ids(const struct model *m, int64_t limit_ms, struct buf *ids,
               struct err *e);

/* Whether a line of them, n bytes, is this id: Ollama's "m" is "m:latest". */
bool models_is_id(const char *line, size_t n, const char *id);

/* Asks a backend for its models and prints them. */
int models_list_backend(const struct invocation *in, const struct config *c,
                        const char *backend, struct err *e);

/* Says what was done ("added") to which file. */
void models_say_done(const struct invocation *in, const char *done,
                     const char *path);

/* argv[2] on are the operands. */
int models_add(const struct invocation *in, struct err *e);
int models_pull(struct invocation *in, const struct models_settings *s,
                struct err *e);
int models_test(struct invocation *in, struct err *e);

#endif
