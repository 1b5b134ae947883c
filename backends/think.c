#include "backends/think.h"

#include <inttypes.h>
#include <string.h>

static const struct {
    const char *opening, *closing;
} think_tags[] = {
    {"<think>", "</think>"},       /* DeepSeek R1, Qwen 3, SmolLM 3, … */
    {"<thinking>", "</thinking>"}, /* asked for by many system prompts */
    {"[THINK]", "[/THINK]"},       /* Magistral */
};
#define N_TAGS (sizeof(think_tags) / sizeof(think_tags[0]))
#define THINK_MAX_TAG 16 /* no tag is longer */

bool think_is_tag(const char *s, size_t n)
{
    for (size_t i = 0; i < 2 * N_TAGS; i++) {
        const char *tag = i % 2 ? think_tags[i / 2].closing
                                : think_tags[i / 2].opening;
        if (strlen(tag) == n && memcmp(s, tag, n) == 0)
            return true;
    }
    return false;
}

void think_init(struct think *t, enum think_begin begin)
{
    *t = (struct think){.closing = think_tags[0].closing,
                        .may_recall = begin == THINK_OUTSIDE,
                        .last = '\n'};
    t->state = begin == THINK_INSIDE   ? THINK_IN_BLOCK
               : begin == THINK_LIKELY ? THINK_IN_GUESS
                                       : THINK_AT_START;
    buf_init(&t->held, 2 * STREAM_MAX_BYTES);
}

void think_free(struct think *t)
{
    buf_free(&t->held);
}

static bool is_blank(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strchr(" \t\r\n", s[i]) == NULL || s[i] == '\0')
            return false;
    return true;
}

static size_t n_blanks(const char *s, size_t n)
{
    size_t i = 0;
    while (i < n && is_blank(s + i, 1))
        i++;
    return i;
}

static bool push_text(struct think *t, struct stream *s, size_t n)
{
    if (n == 0)
        return true;
    t->has_text = t->has_text || !is_blank(t->held.data, n);
    t->last = t->held.data[n - 1];
    bool going = stream_push_text(s, t->held.data, n);
    buf_shift(&t->held, n);
    return going;
}

static bool push_thinking(struct think *t, struct stream *s, size_t n)
{
    if (n == 0)
        return true;
    t->has_thinking = t->has_thinking || !is_blank(t->held.data, n);
    bool going = stream_push_thinking(s, t->held.data, n);
    buf_shift(&t->held, n);
    return going;
}

/* How many bytes at the end of s[0..n) could begin the tag. */
static size_t n_partial(const char *s, size_t n, const char *tag)
{
    size_t most = strlen(tag) - 1;
    for (size_t k = most < n ? most : n; k > 0; k--)
        if (memcmp(s + n - k, tag, k) == 0)
            return k;
    return 0;
}

static const char *find(const char *s, size_t n, const char *tag)
{
    size_t n_tag = strlen(tag);
    for (size_t i = 0; i + n_tag <= n; i++)
        if (s[i] == tag[0] && memcmp(s + i, tag, n_tag) == 0)
            return s + i;
    return NULL;
}

static void close_block(struct think *t)
{
    t->state = THINK_AT_START;
    t->after_block = true;
}

/* At a place where a block may begin.  False: more bytes are needed. */
static bool look_for_opening(struct think *t)
{
    const char *s = t->held.data;
    size_t skip = n_blanks(s, t->held.len), n = t->held.len - skip;
    bool perhaps = n == 0;
    for (size_t i = 0; i < N_TAGS; i++) {
        const char *tag = think_tags[i].opening;
        size_t n_tag = strlen(tag);
        if (n >= n_tag && memcmp(s + skip, tag, n_tag) == 0) {
            buf_shift(&t->held, skip + n_tag);
            t->closing = think_tags[i].closing;
            t->state = THINK_IN_BLOCK;
            t->may_recall = false;
            return true;
        }
        perhaps = perhaps || (n < n_tag && memcmp(s + skip, tag, n) == 0);
    }
    if (perhaps)
        return false;
    if (t->after_block)
        buf_shift(&t->held, skip);
    t->state = THINK_IN_TEXT;
    return true;
}

/* Inside a block: pushes all that cannot belong to the closing tag. */
static bool look_for_closing(struct think *t, struct stream *s, bool *going)
{
    const char *found = find(t->held.data, t->held.len, t->closing);
    if (found == NULL) {
        size_t keep = n_partial(t->held.data, t->held.len, t->closing);
        *going = push_thinking(t, s, t->held.len - keep);
        return false;
    }
    *going = push_thinking(t, s, (size_t)(found - t->held.data));
    buf_shift(&t->held, strlen(t->closing));
    close_block(t);
    return true;
}

/* The first of all tags in s[0..n): its row, or N_TAGS if there is none. */
static size_t first_tag(const char *s, size_t n, bool *is_closing)
{
    const char *first = NULL;
    size_t row = N_TAGS;
    for (size_t i = 0; i < 2 * N_TAGS; i++) {
        const char *tag = i % 2 ? think_tags[i / 2].closing
                                : think_tags[i / 2].opening;
        const char *at = find(s, n, tag);
        if (at == NULL || (first != NULL && at > first))
            continue;
        first = at;
        row = i / 2;
        *is_closing = i % 2;
    }
    return row;
}

/* All was held: was it thinking?  The first tag tells. */
static bool look_back(struct think *t)
{
    bool is_closing;
    size_t n = t->held.len - t->n_seen;
    size_t row = first_tag(t->held.data + t->n_seen, n, &is_closing);
    if (row < N_TAGS && is_closing) {
        t->closing = think_tags[row].closing;
        t->state = THINK_IN_BLOCK;
    } else if (row < N_TAGS) {
        t->state = THINK_AT_START;
    } else if (t->held.len > STREAM_MAX_BYTES) {
        t->state = THINK_IN_TEXT; /* which the stream will refuse */
    } else if (n > THINK_MAX_TAG) {
        t->n_seen = t->held.len - THINK_MAX_TAG;
    }
    return t->state != THINK_IN_GUESS;
}

/* The most bytes at the end that could begin any tag. */
static size_t n_partial_any(const struct buf *b)
{
    size_t most = 0;
    for (size_t i = 0; i < 2 * N_TAGS; i++) {
        const char *tag = i % 2 ? think_tags[i / 2].closing
                                : think_tags[i / 2].opening;
        size_t n = n_partial(b->data, b->len, tag);
        most = n > most ? n : most;
    }
    return most;
}

/* Inside of text: a line that begins with a closing tag, before any other, ends
 * thinking that the template began.  Returns whether to look again. */
static bool look_for_recall(struct think *t, struct stream *s, bool *going)
{
    bool is_closing;
    size_t row = t->may_recall
                     ? first_tag(t->held.data, t->held.len, &is_closing)
                     : N_TAGS;
    if (row == N_TAGS) {
        size_t keep = t->may_recall ? n_partial_any(&t->held) : 0;
        *going = push_text(t, s, t->held.len - keep);
        return false;
    }
    t->may_recall = false;
    if (!is_closing)
        return true;
    const char *tag = think_tags[row].closing;
    size_t at = (size_t)(find(t->held.data, t->held.len, tag) - t->held.data);
    if ((at > 0 ? t->held.data[at - 1] : t->last) != '\n')
        return true;
    *going = push_text(t, s, at);
    stream_recall_text(s);
    buf_shift(&t->held, strlen(tag));
    t->has_thinking = t->has_thinking || t->has_text;
    t->has_text = false;
    close_block(t);
    return true;
}

bool think_add(struct think *t, struct stream *s, const char *bytes, size_t n)
{
    bool going = true, again = true;
    buf_add(&t->held, bytes, n);
    while (going && again) {
        switch (t->state) {
        case THINK_AT_START: again = look_for_opening(t); break;
        case THINK_IN_BLOCK: again = look_for_closing(t, s, &going); break;
        case THINK_IN_GUESS: again = look_back(t); break;
        case THINK_IN_TEXT: again = look_for_recall(t, s, &going); break;
        }
    }
    return going && !stream_cancelled(s);
}

bool think_add_thinking(struct think *t, struct stream *s, const char *bytes,
                        size_t n)
{
    t->may_recall = false;
    if (t->state == THINK_IN_GUESS)
        t->state = THINK_AT_START;
    t->has_thinking = t->has_thinking || !is_blank(bytes, n);
    return stream_push_thinking(s, bytes, n);
}

void think_end(struct think *t, struct stream *s, struct answer_end *end)
{
    if (t->state == THINK_IN_BLOCK)
        push_thinking(t, s, t->held.len);
    else if (t->state != THINK_AT_START || !t->after_block ||
             !is_blank(t->held.data, t->held.len))
        push_text(t, s, t->held.len);
    bool whole = end->finish == FINISH_STOP || end->finish == FINISH_LENGTH;
    if (!whole || t->has_text || !t->has_thinking)
        return;
    int64_t n = end->n_think > 0 ? end->n_think : end->n_out;
    end->finish = FINISH_ERROR;
    if (n > 0)
        err_set(&end->error, ERR_BACKEND,
                "no answer: thinking used all %" PRIi64
                " tokens; raise \"max_tokens\", or set \"think\": false", n);
    else
        err_set(&end->error, ERR_BACKEND, "no answer after the thinking; raise "
                "\"max_tokens\", or set \"think\": false");
}
