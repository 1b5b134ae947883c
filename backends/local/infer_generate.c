#include <stdlib.h>
#include <string.h>

#include "backends/engine/engine.h"
#include "backends/engine/sampling/constrain.h"
#include "backends/local/infer_private.h"
#include "backends/local/lookup.h"
#include "backends/local/sampling.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

#define MAX_TEXT_BYTES (256u << 20)

struct generation {
    struct infer *f;
    const struct infer_request *rq;
    struct infer_result *out;
    struct engine_session *session;
    struct sampler *sampler;
    struct lookup lookup;
    struct token_list all;   /* prompt and answer, for the lookup */
    struct constraint *form; /* NULL: any text */
    struct buf piece;        /* of a token that the form is asked about */
    size_t cap_logprobs;
    int64_t begin_ms;
    size_t n_sent;   /* bytes of out->text that were handed to rq->piece */
    bool skip_space; /* the next piece may begin with the tokenizer's space */
    size_t left;     /* tokens that may still be chosen */
    bool stopped, ended;
};

void infer_result_init(struct infer_result *r)
{
    *r = (struct infer_result){0};
    buf_init(&r->text, MAX_TEXT_BYTES);
    answer_end_init(&r->end);
}

void infer_result_free(struct infer_result *r)
{
    for (size_t i = 0; i < r->n_logprobs; i++)
        free(r->logprobs[i].top);
    free(r->logprobs);
    token_list_free(&r->ids);
    buf_free(&r->text);
}

static void note_logprob(struct generation *g, const float *logits, int32_t id)
{
    if (g->rq->n_top < 0)
        return;
    struct infer_result *out = g->out;
    if (out->n_logprobs == g->cap_logprobs) {
        g->cap_logprobs = g->cap_logprobs ? 2 * g->cap_logprobs : 64;
        out->logprobs = mem_realloc(out->logprobs, g->cap_logprobs,
                                    sizeof(*out->logprobs));
    }
    size_t k = (size_t)g->rq->n_top;
    struct infer_logprob *lp = &out->logprobs[out->n_logprobs++];
    *lp = (struct infer_logprob){.token.id = id,
                                 .top = mem_calloc(k, sizeof(*lp->top))};
    lp->n_top = sample_top(logits, engine_info(g->f->engine)->n_vocab, lp->top,
                           k, id, &lp->token.logprob);
}

/* Hands on what is whole characters. */
static void send_text(struct generation *g)
{
    struct buf *text = &g->out->text;
    size_t n = text->len - g->n_sent;
    n -= utf8_incomplete(text->data + g->n_sent, n);
    if (n == 0 || g->rq->piece == NULL)
        return;
    if (!g->rq->piece(g->rq->arg, text->data + g->n_sent, n))
        g->stopped = true;
    g->n_sent += n;
}

static void add_text(struct generation *g, int32_t id)
{
    struct buf *text = &g->out->text;
    size_t from = text->len;
    engine_piece(g->f->engine, id, false, text);
    if (text->len == from)
        return;
    if (g->skip_space && text->data[from] == ' ') {
        memmove(text->data + from, text->data + from + 1, text->len - from);
        buf_cut(text, text->len - 1);
    }
    g->skip_space = false;
    send_text(g);
}

/* An answer that ends within a character loses the half character. */
static void drop_half(struct generation *g)
{
    struct buf *text = &g->out->text;
    buf_cut(text, text->len - utf8_incomplete(text->data, text->len));
}

static void note_prompt(void *arg, const float *logits, size_t i)
{
    struct generation *g = arg;
    note_logprob(g, logits, g->rq->prompt->ids[i + 1]);
}

/* Reads a prompt and notes what the model thinks of it. */
static int eval_echo(struct generation *g, struct err *e)
{
    const struct token_list *p = g->rq->prompt;
    return infer_eval_noting(g->f, g->session, p->ids, p->n, note_prompt, g, e);
}

static bool form_allows(void *arg, int32_t id)
{
    struct generation *g = arg;
    if (engine_is_end(g->f->engine, id))
        return constraint_may_end(g->form);
    buf_clear(&g->piece);
    engine_piece(g->f->engine, id, false, &g->piece);
    return constraint_allows(g->form, g->piece.data, g->piece.len);
}

static int open_form(struct generation *g, struct err *e)
{
    const char *schema = g->rq->schema;
    if (schema == NULL)
        return 0;
    if (constraint_open_schema(&g->form, schema, strlen(schema), e) != 0)
        return -1;
    struct sample_filter filter = {form_allows, g};
    sampler_set_filter(g->sampler, &filter);
    return 0;
}

/* Moves the form on; whether nothing may follow. */
static bool form_is_full(struct generation *g, int32_t id)
{
    buf_clear(&g->piece);
    engine_piece(g->f->engine, id, false, &g->piece);
    constraint_accept(g->form, g->piece.data, g->piece.len);
    return constraint_must_end(g->form);
}

/* Chooses tokens for as long as the last pass told what follows.  1: a pass is
 * due, 0: the answer ends, or -1. */
static int take_tokens(struct generation *g, struct err *e)
{
    struct engine *engine = g->f->engine;
    while (g->left-- > 0 && !g->stopped) {
        const float *logits = lookup_logits(&g->lookup, engine, g->session);
        int32_t id = sampler_pick(g->sampler, logits, e);
        if (id < 0)
            return -1;
        if (g->out->end.first_ms < 0)
            g->out->end.first_ms = clock_monotonic_ms() - g->begin_ms;
        note_logprob(g, logits, id);
        if (engine_is_end(engine, id)) {
            g->out->end.finish = FINISH_STOP;
            return 0;
        }
        sampler_accept(g->sampler, id);
        token_list_add(&g->out->ids, id);
        token_list_add(&g->all, id);
        add_text(g, id);
        if (g->form != NULL && form_is_full(g, id)) {
            g->out->end.finish = FINISH_STOP;
            return 0;
        }
        if (g->left > 0 && !lookup_take(&g->lookup, g->session, id))
            return engine_session_length(g->session) <
                   engine_session_limit(g->session);
    }
    return 0;
}

/* How many tokens may be generated: --raw counts the prompt's, but a begin
 * token is none of the text's. */
static size_t allowed_tokens(const struct infer *f,
                             const struct infer_request *rq)
{
    const struct engine_info *info = engine_info(f->engine);
    size_t n = rq->max_tokens > 0 ? (size_t)rq->max_tokens : 0;
    size_t counted = 0;
    if (rq->raw)
        counted = rq->prompt->n -
                  (rq->prompt->n > 0 && rq->prompt->ids[0] == info->bos);
    return n > counted ? n - counted : 0;
}

int infer_context(const struct infer *f, const struct infer_request *rq)
{
    if (rq->n_ctx > 0)
        return rq->n_ctx;
    const struct engine_info *info = engine_info(f->engine);
    size_t want = rq->prompt->n + allowed_tokens(f, rq);
    size_t most = info->n_ctx_train > 0 ? (size_t)info->n_ctx_train : 4096;
    return (int)(want < 1 ? 1 : want < most ? want : most);
}

static int check_request(const struct infer *f, const struct infer_request *rq,
                         struct err *e)
{
    const struct token_list *p = rq->prompt;
    if (p->n == 0)
        return err_set(e, ERR_USAGE, "nothing to continue: the prompt has no "
                       "tokens");
    if (infer_check_ids(f, p, e) != 0)
        return -1;
    int n_ctx = infer_context(f, rq);
    if (p->n > (size_t)n_ctx)
        return err_set(e, ERR_BACKEND, "the prompt has %zu tokens, the context "
                       "%d; shorten it, or ask for more with --ctx", p->n,
                       n_ctx);
    return 0;
}

static int open_generation(struct generation *g, struct err *e)
{
    const struct token_list *p = g->rq->prompt;
    g->left = allowed_tokens(g->f, g->rq);
    g->sampler = sampling_open(g->f->model, g->f->engine, g->rq->seed, e);
    if (g->sampler == NULL)
        return -1;
    for (size_t i = 0; i < p->n; i++) {
        sampler_accept(g->sampler, p->ids[i]);
        token_list_add(&g->all, p->ids[i]);
    }
    return open_form(g, e);
}

/* How many tokens all the prompts begin with, one token less than the whole of
 * any; 0 if one is to be noted. */
static size_t head_length(const struct infer_request *rq, size_t n)
{
    size_t same = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        if (rq[i].echo)
            return 0;
        size_t known = token_list_known(rq[i].prompt, rq[0].prompt);
        same = known < same ? known : same;
    }
    return same;
}

int infer_open_together(struct engine_session **out, struct infer *f,
                        const struct infer_request *rq, size_t n,
                        struct err *e)
{
    for (size_t i = 0; i < n; i++)
        if (check_request(f, &rq[i], e) != 0 ||
            infer_open_session(&out[i], f, infer_context(f, &rq[i]), e) != 0)
            return -1;
    size_t n_head = n > 1 ? head_length(rq, n) : 0;
    if (n_head == 0)
        return 0;
    struct engine_feed head = {out[0], rq[0].prompt->ids, n_head, NULL};
    if (engine_eval(f->engine, &head, 1, e) != 0)
        return -1;
    for (size_t i = 1; i < n; i++)
        engine_session_share(out[i], out[0], (int)n_head);
    return 0;
}

/* Answers that are given at once. */
struct chorus {
    struct infer *f;
    struct generation *g;             /* [n] */
    struct engine_session **sessions; /* [n] */
    struct engine_feed *feeds;        /* [n] of a pass */
    struct infer_pass *passes;        /* [n] of a pass */
    const struct infer_watch *watch;
    size_t n, n_pass; /* answers; those of the pass */
};

static void add_feed(struct chorus *c, size_t i)
{
    struct generation *g = &c->g[i];
    struct engine_feed *feed = &c->feeds[c->n_pass];
    size_t n_past = (size_t)engine_session_length(g->session);
    if (g->out->ids.n == 0)
        *feed = (struct engine_feed){g->session, g->all.ids + n_past,
                                     g->all.n - n_past, NULL};
    else
        lookup_feed(&g->lookup, c->f->engine, g->session, &g->all,
                    c->n == 1 ? g->left - 1 : 0, feed);
    c->passes[c->n_pass++] = (struct infer_pass){i, &g->all, NULL};
}

static int read_pass(struct chorus *c, struct err *e)
{
    if (engine_eval(c->f->engine, c->feeds, c->n_pass, e) != 0)
        return -1;
    for (size_t k = 0; k < c->n_pass; k++) {
        lookup_passed(&c->g[c->passes[k].request].lookup);
        c->passes[k].logits = engine_session_logits(c->feeds[k].session);
    }
    return c->watch ? c->watch->passed(c->watch->arg, c->passes, c->n_pass, e)
                    : 0;
}

static int read_prompts(struct chorus *c, struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct infer_request *rq = c->g[i].rq;
        if (!rq->echo || rq->n_top < 0)
            add_feed(c, i);
        else if (eval_echo(&c->g[i], e) != 0)
            return -1;
    }
    return c->n_pass > 0 ? read_pass(c, e) : 0;
}

/* Chooses what the last pass told, and has all answers that go on read it in
 * one pass.  1: they went on, 0: none does, or -1. */
static int go_on(struct chorus *c, struct err *e)
{
    c->n_pass = 0;
    for (size_t i = 0; i < c->n; i++) {
        int more = c->g[i].ended ? 0 : take_tokens(&c->g[i], e);
        if (more < 0)
            return -1;
        c->g[i].ended = more == 0;
        if (more > 0)
            add_feed(c, i);
    }
    if (c->n_pass == 0)
        return 0;
    return read_pass(c, e) == 0 ? 1 : -1;
}

static void begin_generation(struct chorus *c, size_t i,
                             const struct infer_request *rq,
                             struct infer_result *out)
{
    bool guesses = c->n == 1 && c->watch == NULL && c->f->model->lookup != 0;
    struct generation *g = &c->g[i];
    *g = (struct generation){.f = c->f, .rq = rq, .out = out,
                             .begin_ms = clock_monotonic_ms(),
                             .skip_space = rq->raw &&
                                           engine_adds_space(c->f->engine)};
    out->end.finish = FINISH_LENGTH;
    buf_init(&g->piece, MAX_TEXT_BYTES);
    lookup_init(&g->lookup, !guesses);
}

static void end_generation(struct generation *g)
{
    struct answer_end *end = &g->out->end;
    if (g->stopped)
        end->finish = FINISH_CANCEL;
    drop_half(g);
    end->n_in = (int64_t)g->rq->prompt->n;
    end->n_out = (int64_t)g->out->ids.n;
    end->total_ms = clock_monotonic_ms() - g->begin_ms;
    sampler_close(g->sampler);
    lookup_free(&g->lookup);
    token_list_free(&g->all);
    constraint_close(g->form);
    buf_free(&g->piece);
}

/* From the prompts to the last token of the last answer. */
static int answer_all(struct chorus *c, const struct infer_request *rq,
                      struct err *e)
{
    int rc = infer_open_together(c->sessions, c->f, rq, c->n, e);
    for (size_t i = 0; i < c->n && rc == 0; i++) {
        c->g[i].session = c->sessions[i];
        rc = open_generation(&c->g[i], e);
    }
    if (rc == 0)
        rc = read_prompts(c, e);
    for (size_t i = 0; rc == 0 && i < c->n; i++)
        for (size_t k = 0; rq[i].raw && k < rq[i].prompt->n; k++)
            add_text(&c->g[i], rq[i].prompt->ids[k]);
    int more = 1;
    while (rc == 0 && more > 0)
        more = go_on(c, e);
    return rc == 0 && more == 0 ? 0 : -1;
}

int infer_generate_together(struct infer *f, const struct infer_request *rq,
                            size_t n, struct infer_result *out,
                            const struct infer_watch *watch, struct err *e)
{
    struct chorus c = {.f = f, .n = n, .watch = watch,
                       .g = mem_calloc(n, sizeof(*c.g)),
                       .sessions = mem_calloc(n, sizeof(*c.sessions)),
                       .feeds = mem_calloc(n, sizeof(*c.feeds)),
                       .passes = mem_calloc(n, sizeof(*c.passes))};
    for (size_t i = 0; i < n; i++)
        begin_generation(&c, i, &rq[i], &out[i]);
    int rc = answer_all(&c, rq, e);
    for (size_t i = 0; i < n; i++) {
        end_generation(&c.g[i]);
        engine_session_close(c.sessions[i]);
    }
    free(c.g);
    free(c.sessions);
    free(c.feeds);
    free(c.passes);
    return rc;
}

int infer_generate(struct infer *f, const struct infer_request *rq,
                   struct infer_result *out, struct err *e)
{
    return infer_generate_together(f, rq, 1, out, NULL, e);
}
