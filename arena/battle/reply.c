#include "arena/battle/reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

int answer_max_tokens(const struct arena *a, size_t model)
{
    const struct model *m = &a->config.models[model];
    int n = config_max_tokens(&a->config, m), cap = a->max_tokens_cap;
    return cap > 0 && (n == 0 || n > cap) ? cap : n;
}

int answer_likely_tokens(const struct arena *a, size_t model)
{
    int n = answer_max_tokens(a, model);
    return n > 0 ? n : CONFIG_MIXED_TOKENS;
}

void reply_init(struct answer *x, const struct model *m)
{
    *x = (struct answer){.model = m, .started_ms = clock_monotonic_ms()};
    buf_init(&x->text, 2 * STREAM_MAX_BYTES);
    buf_init(&x->thinking, 2 * STREAM_MAX_BYTES);
    buf_init(&x->chances, 4 * STREAM_MAX_BYTES);
    buf_init(&x->rhythm, STREAM_MAX_BYTES);
    rhythm_init(&x->pieces);
    answer_end_init(&x->end);
}

int reply_start(struct answer *x, struct arena *a, size_t model,
                      const struct request *rq, struct err *e)
{
    struct backend *b = arena_backend(a, model, e);
    struct err why = {.code = ERR_NONE};
    if (b == NULL)
        return -1;
    reply_init(x, &a->config.models[model]);
    x->stream = stream_open(a->wake[1]);
    if (arena_backend_ops(a, model)->start(b, rq, x->stream, &why) != 0) {
        stream_release(x->stream); /* the producer's reference, and ours */
        stream_release(x->stream);
        x->stream = NULL;
        x->end.finish = FINISH_ERROR;
        x->end.error = why;
    }
    return 0;
}

void reply_free(struct answer *x)
{
    if (x->stream != NULL) {
        stream_cancel(x->stream);
        stream_release(x->stream);
    }
    buf_free(&x->text);
    buf_free(&x->thinking);
    buf_free(&x->chances);
    buf_free(&x->rhythm);
    rhythm_free(&x->pieces);
    free(x->settings);
    *x = (struct answer){0};
}

/* Each NUL byte becomes U+FFFD, so that the text is a string. */
static void replace_nuls(struct buf *b)
{
    char *nul = memchr(b->data, '\0', b->len);
    if (nul == NULL)
        return;
    size_t at = (size_t)(nul - b->data), n = b->len - at;
    char *rest = mem_strndup(nul, n);
    buf_cut(b, at);
    for (size_t i = 0; i < n; i++) {
        if (rest[i] != '\0')
            buf_add_char(b, rest[i]);
        else
            buf_add_utf8(b, 0xFFFD);
    }
    free(rest);
}

static void close_stream(struct answer *x)
{
    stream_chances(x->stream, x->text.data, x->text.len, &x->chances);
    rhythm_write(&x->pieces, x->text.len, &x->rhythm);
    stream_release(x->stream);
    x->stream = NULL;
    if (x->end.total_ms < 0)
        x->end.total_ms = clock_monotonic_ms() - x->started_ms;
    x->end.cost = answer_end_cost(&x->end, x->model->price_in,
                                  x->model->price_cached,
                                  x->model->price_out);
}

/* What was text may have turned out to be thinking. */
static void note_recalls(struct answer *x)
{
    unsigned n = stream_n_recalls(x->stream);
    if (n != x->n_recalls)
        rhythm_restart(&x->pieces);
    x->n_recalls = n;
}

bool reply_step(struct answer *x)
{
    if (x->stream == NULL)
        return false;
    size_t n_text = x->text.len, n_thinking = x->thinking.len;
    bool ended = stream_poll(x->stream, &x->text, &x->thinking, &x->end);
    note_recalls(x);
    bool news = ended || x->text.len != n_text ||
                x->thinking.len != n_thinking;
    replace_nuls(&x->text);
    replace_nuls(&x->thinking);
    rhythm_add(&x->pieces, clock_monotonic_ms() - x->started_ms, x->text.len);
    if (ended)
        close_stream(x);
    return news;
}

bool answer_done(const struct answer *x)
{
    return x->end.finish != FINISH_NONE;
}

void reply_drop(struct answer *x)
{
    if (x->stream == NULL)
        return;
    stream_cancel(x->stream);
    reply_step(x);
    if (x->stream == NULL)
        return;
    x->end.finish = FINISH_CANCEL;
    close_stream(x);
}

bool answer_text_usable(enum finish finish, const char *text)
{
    return finish != FINISH_NONE && finish != FINISH_ERROR &&
           text[strspn(text, " \t\r\n")] != '\0';
}

bool answer_usable(const struct answer *x)
{
    return answer_text_usable(x->end.finish, x->text.data);
}
