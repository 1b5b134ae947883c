/* fault: what a server's error message says.
 *
 * Every server wraps its errors in its own way; this reads them all: an object
 * or text under "error", a list of "errors", "message" or "detail" at the top,
 * any of it in an array; and where there is no JSON, the title of a web page or
 * the first words of the text.  What it says has the key taken out of it (see
 * backends/remote/redact.h); `key` may be NULL.  Pure; any thread. */
#ifndef BACKENDS_REMOTE_FAULT_H
#define BACKENDS_REMOTE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

struct fault {
    char message[256]; /* one line, UTF-8, "" where nothing is said */
    char type[64], code[64], param[64]; /* as the server has them, or "" */
    int64_t retry_ms;  /* how long to wait, where the body tells; -1 */
};

/* Reads the body of an HTTP error. */
void fault_read(struct fault *f, const char *body, size_t n, const char *key);

/* Reads a part of a stream or a whole answer: true where it is an error, and
 * not an answer that has none. */
bool fault_in(struct fault *f, const cJSON *tree, const char *key);

/* Whether type, code, or message has the word; case does not matter. */
bool fault_mentions(const struct fault *f, const char *word);

/* The HTTP status that the code stands for; 0 where it is none. */
int fault_status(const struct fault *f);

#endif
