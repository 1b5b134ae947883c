/* models_private: what the files of the verb `models` share. */
#ifndef TUI_MODELS_PRIVATE_H
#define TUI_MODELS_PRIVATE_H

#include <stdbool.h>

#include "arena/config/config.h"
#include "backends/stream.h"
#include "tui/command.h"

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

/* Takes what a backend's call, which returned `result`, has begun on a stream:
 * waits for its end (cancels it after two minutes) and releases it.  0, or -1
 * with the error of the call or of the answer. */
int models_take(struct stream *s, int result, int wake_fd,
                struct models_answer *a, struct err *e);

/* Asks a backend for its models and prints them. */
int models_list_backend(const struct invocation *in, const struct config *c,
                        const char *backend, struct err *e);

/* argv[2] on are the operands. */
int models_pull(struct invocation *in, const struct models_settings *s,
                struct err *e);
int models_test(struct invocation *in, struct err *e);

#endif
