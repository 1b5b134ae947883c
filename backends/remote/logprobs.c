#include "backends/remote/logprobs.h"

#include <math.h>
#include <string.h>

#define LOGPROBS_KEEP_BYTES 64 /* more than a mark without its end */
#define LOGPROBS_MAX_BYTES 65536

void logprobs_init(struct logprobs *l, const struct request_words *words)
{
    l->words = words;
    buf_init(&l->before, LOGPROBS_MAX_BYTES);
}

void logprobs_free(struct logprobs *l)
{
    buf_free(&l->before);
}

void logprobs_clear(struct logprobs *l)
{
    buf_clear(&l->before);
}

/* Where the last mark of a word ends in a text; 0: there is none. */
static size_t mark_end(const char *text, const char *begin, const char *word)
{
    size_t n_begin = strlen(begin), n_word = strlen(word), end = 0;
    const char *at = text;
    while ((at = strstr(at, begin)) != NULL) {
        if (strncmp(at + n_begin, word, n_word) == 0)
            end = (size_t)(at - text) + n_begin + n_word;
        at++;
    }
    return end;
}

/* The word whose mark a token ends behind the text so far; -1: none. */
static int word_ended(const struct logprobs *l, const char *token)
{
    struct buf text;
    int found = -1;
    size_t last = l->before.len;
    buf_init(&text, 2 * LOGPROBS_MAX_BYTES);
    buf_addf(&text, "%s%s", l->before.data, token);
    for (int k = 0; k < l->words->n; k++) {
        size_t end = mark_end(text.data, l->words->begin, l->words->list[k]);
        if (end > last) {
            last = end;
            found = k;
        }
    }
    buf_free(&text);
    return found;
}

/* Adds an entry {"token", "logprob"} to the word that it ends. */
static void weigh(const struct logprobs *l, const cJSON *entry, double *sums)
{
    int word = word_ended(l, json_get_string(entry, "token", ""));
    double p = exp(json_get_number(entry, "logprob", -INFINITY));
    if (word >= 0 && p <= 1)
        sums[word] += p;
}

static void read_mark(const struct logprobs *l, const cJSON *token, double *p)
{
    const cJSON *others = json_get(token, "top_logprobs"), *other;
    const char *own = json_get_string(token, "token", "");
    double sums[ANSWER_MAX_WORDS] = {0}, all = 0;
    bool has_own = false;
    if (cJSON_IsArray(others))
        cJSON_ArrayForEach(other, others) {
            has_own |= strcmp(json_get_string(other, "token", ""), own) == 0;
            weigh(l, other, sums);
        }
    if (!has_own)
        weigh(l, token, sums);
    for (int k = 0; k < l->words->n; k++)
        all += sums[k];
    for (int k = 0; k < l->words->n && all > 0; k++)
        p[k] = sums[k] / all;
}

void logprobs_read(struct logprobs *l, const cJSON *tokens, double *p)
{
    const cJSON *token;
    if (l->words == NULL || !cJSON_IsArray(tokens))
        return;
    cJSON_ArrayForEach(token, tokens) {
        const char *text = json_get_string(token, "token", "");
        if (word_ended(l, text) >= 0)
            read_mark(l, token, p);
        buf_add_str(&l->before, text);
        if (l->before.len > LOGPROBS_KEEP_BYTES)
            buf_shift(&l->before, l->before.len - LOGPROBS_KEEP_BYTES);
    }
}

/* The bytes of a token: a token may be a part of a character, which no string
 * of JSON can be. */
static void read_bytes(const cJSON *token, struct buf *out)
{
    const cJSON *list = json_get(token, "bytes"), *byte;
    int64_t value;
    buf_clear(out);
    if (!cJSON_IsArray(list)) {
        buf_add_str(out, json_get_string(token, "token", ""));
        return;
    }
    cJSON_ArrayForEach(byte, list)
        if (json_is_whole(byte, 0, 255, &value))
            buf_add_char(out, (char)value);
}

void logprobs_push(const cJSON *tokens, struct stream *s)
{
    const cJSON *token;
    struct buf bytes;
    if (!cJSON_IsArray(tokens))
        return;
    buf_init(&bytes, LOGPROBS_MAX_BYTES);
    cJSON_ArrayForEach(token, tokens) {
        read_bytes(token, &bytes);
        stream_add_chance(s, bytes.data, bytes.len,
                          exp(json_get_number(token, "logprob", NAN)));
    }
    buf_free(&bytes);
}
