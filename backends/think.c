#include "backends/think.h"

#include <inttypes.h>
#include <string.h>

static const struct {
    const char *opening, *closing;
} think_tags[] = {
    {"<think>", "</think>"},       /* DeepSeek R1, Qwen 3, SmolLM 3, … */
    {"<thinking>", "</thinking>"}, /* asked for by many system prompts */
    {"<thought>", "</thought>"},   /* Gemini's OpenAI protocol */
    {"<reasoning>", "</reasoning>"},
    {"<seed:think>", "</seed:think>"},             /* Seed-OSS */
    {"[THINK]", "[/THINK]"},                       /* Magistral */
    {"<|START_THINKING|>", "<|END_THINKING|>"},    /* Command A Reasoning */
    {"<|begin_of_thought|>", "<|end_of_thought|>"}, /* OpenThinker, Sky-T1 */
    {"<|channel>thought", "<channel|>"},            /* Gemma 4 */
    {"<unused94>", "<unused95>"},                   /* MedGemma */
    {"<THINK>", "</THINK>"},
    {"\u25C1think\u25B7", "\u25C1/think\u25B7"}, /* Kimi-VL-Thinking */
};
#define N_TAGS (sizeof(think_tags) / sizeof(think_tags[0]))
#define THINK_MAX_TAG 24 /* no tag is longer */

/* OpenAI's Harmony format, of gpt-oss: an answer is a row of messages
 * `<|channel|>NAME<|message|>TEXT<|end|>`, with `<|start|>assistant` between;
 * the person reads the channel "final" alone. */
static const char harmony_channel[] = "<|channel|>";
static const char harmony_message[] = "<|message|>";
static const char harmony_start[] = "<|start|>";
static const char *const harmony_ends[] = {
    "<|end|>", "<|return|>", "<|call|>", harmony_start, harmony_channel,
};
#define N_ENDS (sizeof(harmony_ends) / sizeof(harmony_ends[0]))
#define THINK_MAX_HEAD 256 /* of a Harmony message, with its <|message|> */

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

/* Whether s[0..n) begins with the tag, or could if more came. */
static bool begins(const char *s, size_t n, const char *tag, bool *perhaps)
{
    size_t n_tag = strlen(tag);
    *perhaps = *perhaps || (n < n_tag && memcmp(s, tag, n) == 0);
    return n >= n_tag && memcmp(s, tag, n_tag) == 0;
}

/* At the begin, or behind a block.  False: more bytes are needed. */
static bool look_for_opening(struct think *t)
{
    const char *s = t->held.data;
    size_t skip = n_blanks(s, t->held.len), n = t->held.len - skip;
    bool perhaps = n == 0;
    for (size_t i = 0; i < N_TAGS; i++) {
        if (!begins(s + skip, n, think_tags[i].opening, &perhaps))
            continue;
        buf_shift(&t->held, skip + strlen(think_tags[i].opening));
        t->closing = think_tags[i].closing;
        t->state = THINK_IN_BLOCK;
        t->may_recall = false;
        return true;
    }
    if (begins(s + skip, n, harmony_channel, &perhaps) ||
        begins(s + skip, n, harmony_start, &perhaps)) {
        t->state = THINK_IN_HEAD;
        t->may_recall = false;
        return true;
    }
    if (perhaps)
        return false;
    if (t->after_block)
        buf_shift(&t->held, skip);
    t->state = THINK_IN_TEXT;
    return true;
}

/* --- Harmony ----------------------------------------------------------- */

/* In the head of a message.  False: more bytes are needed. */
static bool look_for_message(struct think *t)
{
    const char *s = t->held.data;
    size_t most = THINK_MAX_HEAD, n = t->held.len < most ? t->held.len : most;
    const char *found = find(s, n, harmony_message);
    if (found == NULL && n < most)
        return false;
    if (found == NULL) { /* no head of a message after all */
        t->state = THINK_IN_TEXT;
        return true;
    }
    const char *name = NULL, *at = s;
    while ((at = find(at, (size_t)(found - at), harmony_channel)) != NULL)
        name = at += sizeof(harmony_channel) - 1;
    if (name != NULL)
        name += strspn(name, " ");
    t->is_final = name == NULL || strncmp(name, "final", 5) == 0;
    buf_shift(&t->held, (size_t)(found - s) + sizeof(harmony_message) - 1);
    t->state = THINK_IN_MESSAGE;
    return true;
}

/* In the text of a message.  False: more bytes are needed. */
static bool look_for_end(struct think *t, struct stream *s, bool *going)
{
    const char *first = NULL, *tag = NULL;
    size_t keep = 0;
    for (size_t i = 0; i < N_ENDS; i++) {
        const char *at = find(t->held.data, t->held.len, harmony_ends[i]);
        size_t part = n_partial(t->held.data, t->held.len, harmony_ends[i]);
        keep = part > keep ? part : keep;
        if (at != NULL && (first == NULL || at < first)) {
            first = at;
            tag = harmony_ends[i];
        }
    }
    size_t n = first ? (size_t)(first - t->held.data) : t->held.len - keep;
    *going = t->is_final ? push_text(t, s, n) : push_thinking(t, s, n);
    if (first == NULL)
        return false;
    if (tag != harmony_start && tag != harmony_channel)
        buf_shift(&t->held, strlen(tag));
    t->state = THINK_IN_HEAD;
    return true;
}

/* --- blocks ------------------------------------------------------------ */

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
    size_t skip = n_blanks(t->held.data, t->held.len);
    if (strncmp(t->held.data + skip, harmony_channel,
                sizeof(harmony_channel) - 1) == 0 ||
        strncmp(t->held.data + skip, harmony_start,
                sizeof(harmony_start) - 1) == 0) {
        t->state = THINK_AT_START;
        return true;
    }
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
    size_t most = n_partial(b->data, b->len, harmony_channel);
    for (size_t i = 0; i < 2 * N_TAGS; i++) {
        const char *tag = i % 2 ? think_tags[i / 2].closing
                                : think_tags[i / 2].opening;
        size_t n = n_partial(b->data, b->len, tag);
        most = n > most ? n : most;
    }
    return most;
}

/* Calls back the text so far and begins anew behind `n` bytes of it. */
static bool recall(struct think *t, struct stream *s, size_t n)
{
    bool going = push_text(t, s, n);
    stream_recall_text(s);
    t->has_thinking = t->has_thinking || t->has_text;
    t->has_text = false;
    t->may_recall = false;
    return going;
}

/* Inside of text: a closing tag, before any other, ends thinking that the
 * template began; so does a Harmony channel.  In `</think>`, with the marks of
 * code around it, a tag is only talked about.  Returns whether to look
 * again. */
static bool look_for_recall(struct think *t, struct stream *s, bool *going)
{
    bool is_closing;
    const char *text = t->held.data;
    size_t n = t->held.len;
    size_t row = t->may_recall ? first_tag(text, n, &is_closing) : N_TAGS;
    const char *channel = t->may_recall ? find(text, n, harmony_channel) : NULL;
    const char *tag = row == N_TAGS ? NULL
                      : is_closing  ? think_tags[row].closing
                                    : think_tags[row].opening;
    size_t at = tag ? (size_t)(find(text, n, tag) - text) : n;
    if (channel != NULL && (size_t)(channel - text) < at) {
        *going = recall(t, s, (size_t)(channel - text));
        t->state = THINK_IN_HEAD;
        return true;
    }
    if (tag == NULL) {
        *going = push_text(t, s, n - (t->may_recall ? n_partial_any(&t->held)
                                                    : 0));
        return false;
    }
    size_t end = at + strlen(tag);
    bool in_code = (at > 0 ? text[at - 1] : t->last) == '`';
    if (is_closing && in_code && end == n && !t->at_end) {
        *going = push_text(t, s, at);
        return false; /* the byte behind it tells */
    }
    if (!is_closing || (in_code && end < n && text[end] == '`')) {
        t->may_recall = false;
        return true;
    }
    *going = recall(t, s, at);
    buf_shift(&t->held, strlen(tag));
    close_block(t);
    return true;
}

static bool sort_held(struct think *t, struct stream *s)
{
    bool going = true, again = true;
    while (going && again) {
        switch (t->state) {
        case THINK_AT_START: again = look_for_opening(t); break;
        case THINK_IN_BLOCK: again = look_for_closing(t, s, &going); break;
        case THINK_IN_GUESS: again = look_back(t); break;
        case THINK_IN_TEXT: again = look_for_recall(t, s, &going); break;
        case THINK_IN_HEAD: again = look_for_message(t); break;
        case THINK_IN_MESSAGE: again = look_for_end(t, s, &going); break;
        }
    }
    return going;
}

bool think_add(struct think *t, struct stream *s, const char *bytes, size_t n)
{
    buf_add(&t->held, bytes, n);
    return sort_held(t, s) && !stream_cancelled(s);
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
    t->at_end = true;
    if (t->state == THINK_IN_TEXT)
        sort_held(t, s);
    if (t->state == THINK_IN_HEAD)
        ; /* of a message that has not come */
    else if (t->state == THINK_IN_BLOCK ||
             (t->state == THINK_IN_MESSAGE && !t->is_final))
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
