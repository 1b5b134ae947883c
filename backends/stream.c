#include "backends/stream.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/chances.h"
#include "base/mem.h"

struct stream {
    pthread_mutex_t lock; /* guards everything below */
    int n_references;
    int wake_fd;
    bool news;      /* something came since the last poll: the byte that wakes
                       was written, no second one is needed */
    bool cancelled;
    bool too_large;
    bool recalled;  /* the text of earlier polls, too */
    bool ended;
    struct buf text, thinking; /* what the consumer has not taken yet */
    size_t n_bytes;            /* of the whole answer so far */
    unsigned n_recalls;        /* that the consumer has seen */
    struct chances chances;
    struct answer_end end;
    void (*on_cancel)(void *arg);
    void *on_cancel_arg;
};

const char *finish_name(enum finish f)
{
    static const char *const names[] = {
        [FINISH_NONE] = "none",     [FINISH_STOP] = "stop",
        [FINISH_LENGTH] = "length", [FINISH_FILTER] = "filter",
        [FINISH_CANCEL] = "cancel", [FINISH_ERROR] = "error",
    };
    return names[f];
}

bool finish_parse(const char *name, enum finish *out)
{
    for (int f = FINISH_NONE; f <= FINISH_ERROR; f++) {
        if (strcmp(finish_name((enum finish)f), name) == 0) {
            *out = (enum finish)f;
            return true;
        }
    }
    return false;
}

void answer_end_init(struct answer_end *end)
{
    *end = (struct answer_end){
        .finish = FINISH_NONE,
        .n_in = -1,
        .n_out = -1,
        .n_think = -1,
        .n_cached = -1,
        .cost = NAN,
        .load_ms = -1,
        .first_ms = -1,
        .total_ms = -1,
    };
    for (int i = 0; i < ANSWER_MAX_WORDS; i++)
        end->p_word[i] = NAN;
}

double answer_end_speed(const struct answer_end *end)
{
    int64_t ms = end->total_ms - (end->first_ms > 0 ? end->first_ms : 0);
    if (end->n_out < 2 || end->total_ms < 0 || ms <= 0)
        return NAN;
    return 1000.0 * (double)(end->n_out - 1) / (double)ms;
}

double answer_end_cost(const struct answer_end *end, double price_in,
                       double price_cached, double price_out)
{
    if (!isnan(end->cost) || end->n_in < 0 || end->n_out < 0)
        return end->cost;
    int64_t n_cached = end->n_cached < 0           ? 0
                       : end->n_cached > end->n_in ? end->n_in
                                                   : end->n_cached;
    if (isnan(price_cached))
        price_cached = price_in;
    return ((double)(end->n_in - n_cached) * price_in +
            (double)n_cached * price_cached + (double)end->n_out * price_out) /
           1e6;
}

struct stream *stream_open(int wake_fd)
{
    struct stream *s = mem_calloc(1, sizeof(*s));
    pthread_mutex_init(&s->lock, NULL);
    s->n_references = 2;
    s->wake_fd = wake_fd;
    buf_init(&s->text, STREAM_MAX_BYTES);
    buf_init(&s->thinking, STREAM_MAX_BYTES);
    chances_init(&s->chances);
    answer_end_init(&s->end);
    return s;
}

void stream_release(struct stream *s)
{
    if (s == NULL)
        return;
    pthread_mutex_lock(&s->lock);
    int left = --s->n_references;
    pthread_mutex_unlock(&s->lock);
    if (left > 0)
        return;
    pthread_mutex_destroy(&s->lock);
    buf_free(&s->text);
    buf_free(&s->thinking);
    chances_free(&s->chances);
    free(s);
}

/* Called with the lock held, so that the descriptor is not used after the
 * consumer, having seen the end, closed it. */
static void tell_consumer(struct stream *s)
{
    if (s->news)
        return;
    s->news = true;
    if (s->wake_fd < 0)
        return;
    /* A full pipe wakes as well as one more byte would. */
    ssize_t written = write(s->wake_fd, "", 1);
    (void)written;
}

static void move(struct buf *from, struct buf *to)
{
    if (to != NULL)
        buf_add(to, from->data, from->len);
    buf_clear(from);
}

static bool push(struct stream *s, struct buf *to, const char *bytes, size_t n)
{
    pthread_mutex_lock(&s->lock);
    if (n > STREAM_MAX_BYTES - s->n_bytes)
        s->too_large = true;
    bool going = !s->cancelled && !s->too_large && !s->ended;
    if (going && n > 0) {
        s->n_bytes += n;
        buf_add(to, bytes, n);
        tell_consumer(s);
    }
    pthread_mutex_unlock(&s->lock);
    return going;
}

bool stream_push_text(struct stream *s, const char *bytes, size_t n)
{
    return push(s, &s->text, bytes, n);
}

bool stream_push_thinking(struct stream *s, const char *bytes, size_t n)
{
    return push(s, &s->thinking, bytes, n);
}

void stream_recall_text(struct stream *s)
{
    pthread_mutex_lock(&s->lock);
    if (!s->ended) {
        s->recalled = true;
        move(&s->text, &s->thinking);
        tell_consumer(s);
    }
    pthread_mutex_unlock(&s->lock);
}

void stream_add_chance(struct stream *s, const char *bytes, size_t n, double p)
{
    pthread_mutex_lock(&s->lock);
    if (!s->cancelled && !s->ended)
        chances_add(&s->chances, bytes, n, p);
    pthread_mutex_unlock(&s->lock);
}

void stream_chances(struct stream *s, const char *text, size_t n,
                    struct buf *out)
{
    pthread_mutex_lock(&s->lock);
    chances_of_text(&s->chances, text, n, out);
    pthread_mutex_unlock(&s->lock);
}

void stream_end(struct stream *s, const struct answer_end *end)
{
    pthread_mutex_lock(&s->lock);
    if (!s->ended) {
        s->ended = true;
        s->on_cancel = NULL;
        s->end = *end;
        if (s->cancelled) {
            s->end.finish = FINISH_CANCEL;
            s->end.error = (struct err){.code = ERR_NONE};
        } else if (s->too_large) {
            s->end.finish = FINISH_ERROR;
            err_set(&s->end.error, ERR_BACKEND,
                    "the answer is larger than %u MB", STREAM_MAX_BYTES >> 20);
        }
        tell_consumer(s);
    }
    pthread_mutex_unlock(&s->lock);
}

bool stream_cancelled(struct stream *s)
{
    pthread_mutex_lock(&s->lock);
    bool cancelled = s->cancelled;
    pthread_mutex_unlock(&s->lock);
    return cancelled;
}

void stream_on_cancel(struct stream *s, void (*call)(void *arg), void *arg)
{
    pthread_mutex_lock(&s->lock);
    s->on_cancel = call;
    s->on_cancel_arg = arg;
    if (s->cancelled)
        call(arg);
    pthread_mutex_unlock(&s->lock);
}

bool stream_poll(struct stream *s, struct buf *text, struct buf *thinking,
                 struct answer_end *end)
{
    pthread_mutex_lock(&s->lock);
    s->news = false;
    s->n_recalls += s->recalled;
    if (s->recalled && text != NULL)
        move(text, thinking);
    s->recalled = false;
    move(&s->text, text);
    move(&s->thinking, thinking);
    bool ended = s->ended;
    if (ended)
        *end = s->end;
    pthread_mutex_unlock(&s->lock);
    return ended;
}

unsigned stream_n_recalls(struct stream *s)
{
    pthread_mutex_lock(&s->lock);
    unsigned n = s->n_recalls;
    pthread_mutex_unlock(&s->lock);
    return n;
}

void stream_cancel(struct stream *s)
{
    pthread_mutex_lock(&s->lock);
    if (!s->ended && !s->cancelled) {
        s->cancelled = true;
        if (s->on_cancel != NULL)
            s->on_cancel(s->on_cancel_arg);
    }
    pthread_mutex_unlock(&s->lock);
}
