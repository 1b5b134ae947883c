/* fault: what a server's error message says.
 *
 * Every server wraps its errors in its own way; this reads them all: an object
 * or text under "error", a list of "errors", "message" or "detail" at the top,
 * an error within a choice, any of it in an array, or as JSON within a text (a
 * gateway that passes on what another server said, also in "metadata.raw").
 * Without JSON, it is the title of a web page or the first words of the text.
 * What it says has the key taken out of it (see backends/remote/redact.h);
 * `key` may be NULL.  Pure; any thread. */
#ifndef BACKENDS_REMOTE_FAULT_H
#define BACKENDS_REMOTE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

struct fault {
    char message[256]; /* one line, UTF-8, "" if nothing is said */
    char type[64], code[64], param[64]; /* as the server has them, or "" */
    int64_t retry_ms;  /* how long to wait, if a field or the words tell; -1 */
};

/* Reads the body of an HTTP error. */
void fault_read(struct fault *f, const char *body, size_t n, const char *key);

/* Reads a part of a stream or a whole answer: true if it is an error, in any
 * field that servers use for one.  An empty error is none. */
bool fault_in(struct fault *f, const cJSON *tree, const char *key);

/* Writes what a server says as one line: valid UTF-8 without control
 * characters and the key, cut at a character to fit in `size` bytes. */
void fault_line(char *to, size_t size, const char *s, size_t n,
                const char *key);

/* Whether type, code, param or message has the word; case does not matter. */
bool fault_mentions(const struct fault *f, const char *word);

/* Whether they have any of the words; NULL ends the list. */
bool fault_mentions_any(const struct fault *f, const char *const *words);

/* Whether the fault is that a field of the request is not known or not
 * supported, alone or with its value. */
bool fault_refuses(const struct fault *f, const char *field);

/* Whether its type says that the server is busy or failed, and may soon do
 * better: for an error inside of a stream, which has no status. */
bool fault_is_passing(const struct fault *f);

/* The HTTP status that the code stands for; 0 if it is none. */
int fault_status(const struct fault *f);

#endif
