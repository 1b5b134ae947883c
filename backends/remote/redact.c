#include "backends/remote/redact.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char mark[] = "[key]";

_Static_assert(sizeof(mark) - 1 <= REDACT_MIN, "the mark must fit in place");

static size_t common_run(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t n = 0;
    while (n < n_a && n < n_b &&
           tolower((unsigned char)a[n]) == tolower((unsigned char)b[n]))
        n++;
    return n;
}

/* How many bytes at the beginning of the text stand in the key too. */
static size_t run_in_key(const char *text, size_t n, const char *key,
                         size_t n_key)
{
    size_t best = 0;
    for (size_t i = 0; i + best < n_key; i++) {
        size_t run = common_run(text, n, key + i, n_key - i);
        if (run > best)
            best = run;
    }
    return best;
}

/* What manuals tell to send to a server that wants any key: vLLM, Ollama, LM
 * Studio, llama.cpp.  Words, some of them, that messages have a use for. */
static bool is_placeholder(const char *key, size_t n)
{
    static const char *const known[] = {"EMPTY", "ollama", "lm-studio",
                                        "sk-no-key-required"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (n == strlen(known[i]) && strncasecmp(key, known[i], n) == 0)
            return true;
    return false;
}

static size_t redact_one(char *text, size_t n, const char *key, size_t n_key)
{
    size_t len = 0;
    size_t enough = n_key < REDACT_RUN ? n_key : REDACT_RUN;
    if (n_key < REDACT_MIN || is_placeholder(key, n_key))
        return n;
    for (size_t at = 0; at < n;) {
        size_t run = run_in_key(text + at, n - at, key, n_key);
        if (run >= enough) {
            memcpy(text + len, mark, sizeof(mark) - 1);
            len += sizeof(mark) - 1;
            at += run;
        } else {
            text[len++] = text[at++];
        }
    }
    return len;
}

size_t redact(char *text, size_t n, const char *key)
{
    size_t len = n;
    while (key != NULL && *key != '\0') {
        size_t n_key = strcspn(key, "\n");
        len = redact_one(text, len, key, n_key);
        key += n_key + (key[n_key] == '\n');
    }
    if (len < n)
        text[len] = '\0';
    return len;
}
