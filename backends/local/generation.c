#include "backends/local/generation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/kernels/kern.h"
#include "backends/local/rendering.h"
#include "backends/local/sampling.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/utf8.h"

/* Fewer tokens are read faster than what holds them is copied. */
#define WORTH_SHARING 16

/* The most that a token and the bytes held before it may have. */
#define MAX_PIECE_BYTES (STREAM_MAX_BYTES + UTF8_MAX_BYTES)

struct generation *generation_open(const struct model *m,
                                   const struct request *rq, struct stream *s)
{
    struct generation *g = mem_calloc(1, sizeof(*g));
    model_copy(&g->model, m);
    if (rq->temperature != NULL)
        g->model.temperature = *rq->temperature;
    g->stream = s;
    g->max_tokens = rq->max_tokens;
    g->seed = rq->seed;
    g->clock = rq->clock;
    g->notes_chances = rq->chances;
    g->n_messages = rq->n_messages;
    g->messages = request_copy_messages(rq);
    lookup_init(&g->lookup, m->lookup == 0);
    think_init(&g->think, THINK_OUTSIDE);
    buf_init(&g->held, MAX_PIECE_BYTES);
    answer_end_init(&g->end);
    g->start_ms = g->ready_ms = clock_monotonic_ms();
    return g;
}

void generation_close(struct generation *g)
{
    /* What is still held is half a character: no text. */
    think_end(&g->think, g->stream, &g->end);
    g->end.total_ms = clock_monotonic_ms() - g->ready_ms;
    stream_end(g->stream, &g->end);
    stream_release(g->stream);

    engine_session_close(g->session);
    sampler_close(g->sampler);
    lookup_free(&g->lookup);
    think_free(&g->think);
    buf_free(&g->held);
    free(g->odds);
    token_list_free(&g->ids);
    request_free_messages(g->messages, g->n_messages);
    model_free(&g->model);
    free(g);
}

void generation_fail(struct generation *g, const struct err *why)
{
    g->end.finish = FINISH_ERROR;
    g->end.error = *why;
}

void generation_delay(struct generation *g, int64_t ms)
{
    g->ready_ms += ms;
    if (g->end.first_ms < 0)
        g->end.load_ms += ms;
}

/* Whether the template has opened a block of thinking for the model. */
static bool opens_thinking(const struct buf *text)
{
    static const char tag[] = "<think>";
    size_t n = text->len, n_tag = sizeof(tag) - 1;
    while (n > 0 && (text->data[n - 1] == '\n' || text->data[n - 1] == ' '))
        n--;
    return n >= n_tag && memcmp(text->data + n - n_tag, tag, n_tag) == 0;
}

int generation_render(struct generation *g, struct engine *engine,
                      struct err *e)
{
    struct buf text;
    g->engine = engine;
    buf_init(&text, 64u << 20);
    struct rendering how = rendering_of(&g->model, g->clock);
    int result = engine_render(engine, &how, g->messages, g->n_messages,
                               &text, &g->ids, e);
    if (result == 0 && g->ids.n == 0)
        result = err_set(e, ERR_BACKEND, "the prompt is empty, and %s has no "
                         "token to begin with", path_name(g->model.file));
    if (opens_thinking(&text))
        think_init(&g->think, THINK_INSIDE);
    buf_free(&text);
    return result;
}

static int open_sampler(struct generation *g, struct err *e)
{
    g->sampler = sampling_open(&g->model, g->engine, g->seed, e);
    if (g->sampler == NULL)
        return -1;
    for (size_t i = 0; i < g->ids.n; i++)
        sampler_accept(g->sampler, g->ids.ids[i]);
    return 0;
}

int generation_begin(struct generation *g, struct engine_session *session,
                     const struct token_list *held, struct err *e)
{
    g->session = session;
    /* Whatever comes of it, the session holds no other tokens than g->ids. */
    engine_session_rewind(session, (int)token_list_known(&g->ids, held));
    int limit = engine_session_limit(session);
    if (g->ids.n >= (size_t)limit)
        return err_set(e, ERR_BACKEND, "the prompt has %zu tokens, the context "
                       "of %s %d: raise \"context\", or shorten it", g->ids.n,
                       path_name(g->model.file), limit);
    if (open_sampler(g, e) != 0)
        return -1;
    g->end.n_in = (int64_t)g->ids.n;
    g->end.n_out = 0;
    g->ready_ms = clock_monotonic_ms();
    g->end.load_ms = g->ready_ms - g->start_ms;
    return 0;
}

bool generation_follow(struct generation *g, const struct generation *o)
{
    size_t have = (size_t)engine_session_length(g->session);
    if (g->engine != o->engine || g->model.n_ctx != o->model.n_ctx ||
        have + WORTH_SHARING >= g->ids.n ||
        !engine_session_is_alike(g->session, o->session))
        return false;
    size_t common = token_list_known(&g->ids, &o->ids);
    if (common < have + WORTH_SHARING)
        return false;
    if ((size_t)engine_session_length(o->session) < common)
        return true;
    engine_session_share(g->session, o->session, (int)common);
    return false;
}

/* Tokens that it may still have. */
static size_t n_left(const struct generation *g)
{
    int64_t left = g->max_tokens - g->end.n_out;
    return left > 0 ? (size_t)left : SIZE_MAX;
}

void generation_feed(struct generation *g, bool alone,
                     struct engine_feed *feed)
{
    size_t held = (size_t)engine_session_length(g->session);
    size_t n = g->ids.n - held;
    if (n == 1) {
        lookup_feed(&g->lookup, g->engine, g->session, &g->ids,
                    alone ? n_left(g) - 1 : 0, feed);
        return;
    }
    *feed = (struct engine_feed){
        .session = g->session,
        .ids = g->ids.ids + held,
        .n_ids = n < GENERATION_CHUNK ? n : GENERATION_CHUNK,
    };
}

/* Appends the token's bytes to those held.  Control tokens have none, except
 * for tags around thinking that a file makes control tokens (Magistral's).
 * Without them the thinking would count as the answer, before the vote. */
static void hold_token(struct generation *g, int32_t id)
{
    size_t from = g->held.len;
    engine_piece(g->engine, id, false, &g->held);
    if (g->held.len > from)
        return;
    engine_piece(g->engine, id, true, &g->held);
    if (!think_is_tag(g->held.data + from, g->held.len - from))
        buf_cut(&g->held, from);
}

/* How probable a token was before any sampling setting; NaN: not known. */
static double chance_of(struct generation *g, const float *logits, int32_t id)
{
    size_t n = (size_t)engine_info(g->engine)->n_vocab;
    float max;
    if (g->odds == NULL)
        g->odds = mem_try(n, sizeof(*g->odds));
    if (g->odds == NULL)
        return NAN;
    memcpy(g->odds, logits, n * sizeof(*g->odds));
    float sum = kern_best()->softmax(g->odds, (int)n, &max);
    return (double)g->odds[id] / (double)sum;
}

/* Pushes the token's bytes, as far as they are whole characters. */
static bool push_token(struct generation *g, int32_t id, double chance)
{
    size_t from = g->held.len;
    hold_token(g, id);
    if (g->notes_chances)
        stream_add_chance(g->stream, g->held.data + from, g->held.len - from,
                          chance);
    size_t n = g->held.len - utf8_incomplete(g->held.data, g->held.len);
    bool going = n == 0 || think_add(&g->think, g->stream, g->held.data, n);
    buf_shift(&g->held, n);
    return going;
}

/* Chooses the next token and hands it on.  False: the answer has ended. */
static bool take_token(struct generation *g)
{
    struct err e;
    const float *logits = lookup_logits(&g->lookup, g->engine, g->session);
    int32_t id = sampler_pick(g->sampler, logits, &e);
    if (id < 0) {
        generation_fail(g, &e);
        return false;
    }
    if (g->end.first_ms < 0)
        g->end.first_ms = clock_monotonic_ms() - g->ready_ms;
    if (engine_is_end(g->engine, id)) {
        g->end.finish = FINISH_STOP;
        return false;
    }
    double chance = g->notes_chances ? chance_of(g, logits, id) : NAN;
    sampler_accept(g->sampler, id);
    token_list_add(&g->ids, id);
    g->end.n_out++;
    bool going = push_token(g, id, chance);
    if (g->think.state == THINK_IN_BLOCK)
        g->end.n_think = (g->end.n_think < 0 ? 0 : g->end.n_think) + 1;
    if (g->end.n_out == g->max_tokens ||
        g->ids.n > (size_t)engine_session_limit(g->session)) {
        g->end.finish = FINISH_LENGTH;
        return false;
    }
    return going;
}

bool generation_step(struct generation *g)
{
    bool going = true;
    if ((size_t)engine_session_length(g->session) < g->ids.n)
        return true; /* the prompt is not all read */
    if (g->lookup.n_fed > 0)
        lookup_passed(&g->lookup);
    do
        going = take_token(g);
    while (going && lookup_take(&g->lookup, g->session,
                                g->ids.ids[g->ids.n - 1]));
    lookup_drop(&g->lookup, g->session);
    return going;
}

struct engine_session *generation_detach_session(struct generation *g,
                                                 struct token_list *held)
{
    struct engine_session *session = g->session;
    *held = g->ids;
    held->n = (size_t)engine_session_length(session);
    g->ids = (struct token_list){0};
    g->session = NULL;
    return session;
}
