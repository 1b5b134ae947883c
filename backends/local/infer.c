#include "backends/local/infer.h"

#include <stdlib.h>
#include <string.h>

#include "backends/engine/engine.h"
#include "backends/engine/kernels/kern.h"
#include "backends/engine/kernels/pool.h"
#include "backends/engine/sampling/constrain.h"
#include "backends/local/lookup.h"
#include "backends/local/rendering.h"
#include "backends/local/sampling.h"
#include "backends/local/timeline.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"

#define MAX_TEXT_BYTES (256u << 20)

/* Logits of a pass over many tokens: 32 MiB, at least 8 tokens. */
#define LOGITS_BYTES (32u << 20)

struct infer {
    const struct model *model;
    struct pool *pool;
    bool borrows; /* the pool is another's */
    struct engine *engine;
    struct engine_adapter *adapters[LORA_MOST];
    struct engine_adapted adapted[LORA_MOST];
    size_t n_adapted;
};

static int open_adapters(struct infer *f, struct err *e)
{
    const struct lora_list *l = &f->model->lora;
    for (; f->n_adapted < l->n; f->n_adapted++) {
        const struct lora *a = &l->v[f->n_adapted];
        struct engine_adapter **to = &f->adapters[f->n_adapted];
        if (engine_adapter_open(to, f->engine, lora_path(a), e) != 0)
            return -1;
        f->adapted[f->n_adapted] =
            (struct engine_adapted){*to, (float)a->scale};
    }
    return 0;
}

/* Takes the pool (NULL: only words), or borrows it. */
static int open_engine(struct infer **out, const struct model *m,
                       struct pool *pool, bool borrows, struct err *e)
{
    struct infer *f = mem_calloc(1, sizeof(*f));
    f->model = m;
    f->pool = pool;
    f->borrows = borrows;
    struct engine_options options = {.pool = pool,
                                     .words_only = pool == NULL,
                                     .tokenizer_path = m->tokenizer};
    if (engine_open(&f->engine, m->file, &options, e) != 0 ||
        (pool != NULL && open_adapters(f, e) != 0)) {
        infer_close(f);
        return -1;
    }
    *out = f;
    return 0;
}

int infer_open(struct infer **out, const struct model *m, int n_threads,
               struct err *e)
{
    return open_engine(out, m, pool_open(n_threads), false, e);
}

int infer_open_beside(struct infer **out, const struct model *m,
                      const struct infer *other, struct err *e)
{
    return open_engine(out, m, other->pool, true, e);
}

int infer_open_words(struct infer **out, const struct model *m, struct err *e)
{
    return open_engine(out, m, NULL, false, e);
}

void infer_close(struct infer *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->n_adapted; i++)
        engine_adapter_close(f->adapters[i]);
    engine_close(f->engine);
    if (f->pool != NULL && !f->borrows)
        pool_close(f->pool);
    free(f);
}

int infer_n_threads(const struct infer *f)
{
    return pool_n_threads(f->pool);
}

struct engine *infer_engine(struct infer *f)
{
    return f->engine;
}

int infer_open_session(struct engine_session **out, struct infer *f, int n_ctx,
                       struct err *e)
{
    return timeline_open(out, f->engine, f->model, n_ctx, f->adapted,
                         f->n_adapted, e);
}

const char *infer_kernels(void)
{
    return kern_best()->name;
}

/* --- tokens ------------------------------------------------------------ */

int infer_tokenize(const struct infer *f, const char *text, size_t n,
                   bool special, enum infer_ends ends, struct token_list *out,
                   struct err *e)
{
    unsigned flags = (special ? TOKENIZE_SPECIAL : 0u) |
                     (ends >= INFER_BEGIN ? TOKENIZE_BOS : 0u) |
                     (ends == INFER_BOTH_ENDS ? TOKENIZE_EOS : 0u);
    return engine_tokenize(f->engine, text, n, flags, out, e);
}

void infer_decode(const struct infer *f, const struct token_list *l,
                  struct buf *out)
{
    for (size_t i = 0; i < l->n; i++)
        engine_piece(f->engine, l->ids[i], true, out);
}

int infer_render(const struct infer *f, const struct message *messages,
                 size_t n, bool generation_prompt, int64_t clock,
                 struct buf *text, struct token_list *sent, struct err *e)
{
    struct rendering how = rendering_of(f->model, clock);
    how.no_generation_prompt = !generation_prompt;
    return engine_render(f->engine, &how, messages, n, text, sent, e);
}

int infer_describe_template(const struct model *m, struct buf *out,
                            struct err *e)
{
    struct rendering how = rendering_of(m, 0);
    return engine_describe_template(m->file, &how, out, e);
}

/* --- generating -------------------------------------------------------- */

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
    bool stopped;
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

size_t infer_pass_tokens(const struct infer *f)
{
    size_t n_vocab = (size_t)engine_info(f->engine)->n_vocab;
    size_t n = LOGITS_BYTES / sizeof(float) / n_vocab;
    return n < 8 ? 8 : n;
}

/* Evaluates ids, calling note(arg, logits, i) with the logits after ids[i] for
 * all but the last, whose stay in the session. */
static int eval_noting(struct infer *f, struct engine_session *s,
                       const int32_t *ids, size_t n,
                       void (*note)(void *arg, const float *logits, size_t i),
                       void *arg, struct err *e)
{
    size_t n_vocab = (size_t)engine_info(f->engine)->n_vocab;
    size_t step = infer_pass_tokens(f);
    float *logits = mem_try(step < n ? step : n, n_vocab * sizeof(*logits));
    if (logits == NULL)
        return err_set(e, ERR_BACKEND, "no memory for the logits of %zu "
                       "tokens", step);
    int rc = 0;
    for (size_t at = 0; at < n && rc == 0; at += step) {
        size_t k = n - at < step ? n - at : step;
        struct engine_feed feed = {s, ids + at, k, logits};
        rc = engine_eval(f->engine, &feed, 1, e);
        for (size_t i = 0; i < k && rc == 0; i++)
            if (at + i + 1 < n)
                note(arg, logits + i * n_vocab, at + i);
    }
    free(logits);
    return rc;
}

static void note_prompt(void *arg, const float *logits, size_t i)
{
    struct generation *g = arg;
    note_logprob(g, logits, g->rq->prompt->ids[i + 1]);
}

static int eval_prompt(struct generation *g, struct err *e)
{
    const struct token_list *p = g->rq->prompt;
    if (g->rq->echo && g->rq->n_top >= 0)
        return eval_noting(g->f, g->session, p->ids, p->n, note_prompt, g, e);
    struct engine_feed feed = {g->session, p->ids, p->n, NULL};
    return engine_eval(g->f->engine, &feed, 1, e);
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

/* How many tokens may be generated: --raw counts the prompt's, but a begin
 * token is none of the text's. */
static size_t allowed_tokens(const struct generation *g)
{
    const struct infer_request *rq = g->rq;
    const struct engine_info *info = engine_info(g->f->engine);
    size_t n = rq->max_tokens > 0 ? (size_t)rq->max_tokens : 0;
    size_t counted = 0;
    if (rq->raw)
        counted = rq->prompt->n -
                  (rq->prompt->n > 0 && rq->prompt->ids[0] == info->bos);
    return n > counted ? n - counted : 0;
}

/* Moves the form on; whether nothing may follow. */
static bool form_is_full(struct generation *g, int32_t id)
{
    buf_clear(&g->piece);
    engine_piece(g->f->engine, id, false, &g->piece);
    constraint_accept(g->form, g->piece.data, g->piece.len);
    return constraint_must_end(g->form);
}

/* One pass over the last token, and perhaps over guesses at what follows; at
 * most `left` tokens will be taken. */
static int eval_last(struct generation *g, size_t left, struct err *e)
{
    struct engine_feed feed;
    lookup_feed(&g->lookup, g->f->engine, g->session, &g->all, left - 1, &feed);
    if (engine_eval(g->f->engine, &feed, 1, e) != 0)
        return -1;
    lookup_passed(&g->lookup);
    return 0;
}

static int generate_tokens(struct generation *g, struct err *e)
{
    struct engine *engine = g->f->engine;
    size_t left = allowed_tokens(g);
    g->out->end.finish = FINISH_LENGTH;
    while (left-- > 0 && !g->stopped) {
        const float *logits = lookup_logits(&g->lookup, engine, g->session);
        int32_t id = sampler_pick(g->sampler, logits, e);
        if (id < 0)
            return -1;
        if (g->out->end.first_ms < 0)
            g->out->end.first_ms = clock_monotonic_ms() - g->begin_ms;
        note_logprob(g, logits, id);
        if (engine_is_end(engine, id)) {
            g->out->end.finish = FINISH_STOP;
            break;
        }
        sampler_accept(g->sampler, id);
        token_list_add(&g->out->ids, id);
        token_list_add(&g->all, id);
        add_text(g, id);
        if (g->form != NULL && form_is_full(g, id)) {
            g->out->end.finish = FINISH_STOP;
            break;
        }
        if (left == 0 || lookup_take(&g->lookup, g->session, id))
            continue;
        if (engine_session_length(g->session) >=
            engine_session_limit(g->session))
            break;
        if (eval_last(g, left, e) != 0)
            return -1;
    }
    if (g->stopped)
        g->out->end.finish = FINISH_CANCEL;
    return 0;
}

/* A context that the request fits in, as far as the model was trained. */
static int choose_ctx(const struct generation *g)
{
    if (g->rq->n_ctx > 0)
        return g->rq->n_ctx;
    const struct engine_info *info = engine_info(g->f->engine);
    size_t want = g->rq->prompt->n + allowed_tokens(g);
    size_t most = info->n_ctx_train > 0 ? (size_t)info->n_ctx_train : 4096;
    return (int)(want < 1 ? 1 : want < most ? want : most);
}

static int open_generation(struct generation *g, struct err *e)
{
    const struct token_list *p = g->rq->prompt;
    struct engine *engine = g->f->engine;
    int n_vocab = engine_info(engine)->n_vocab;
    if (p->n == 0)
        return err_set(e, ERR_USAGE, "nothing to continue: the prompt has no "
                       "tokens");
    for (size_t i = 0; i < p->n; i++)
        if (p->ids[i] < 0 || p->ids[i] >= n_vocab)
            return err_set(e, ERR_USAGE, "token %d is none of the model's %d",
                           (int)p->ids[i], n_vocab);
    int n_ctx = choose_ctx(g);
    if (p->n > (size_t)n_ctx)
        return err_set(e, ERR_BACKEND, "the prompt has %zu tokens, the context "
                       "%d; shorten it, or ask for more with --ctx", p->n,
                       n_ctx);
    g->sampler = sampling_open(g->f->model, engine, g->rq->seed, e);
    if (g->sampler == NULL)
        return -1;
    for (size_t i = 0; i < p->n; i++) {
        sampler_accept(g->sampler, p->ids[i]);
        token_list_add(&g->all, p->ids[i]);
    }
    if (open_form(g, e) != 0)
        return -1;
    return infer_open_session(&g->session, g->f, n_ctx, e);
}

int infer_generate(struct infer *f, const struct infer_request *rq,
                   struct infer_result *out, struct err *e)
{
    struct generation g = {.f = f, .rq = rq, .out = out,
                           .begin_ms = clock_monotonic_ms(),
                           .skip_space = rq->raw &&
                                         engine_adds_space(f->engine)};
    buf_init(&g.piece, MAX_TEXT_BYTES);
    lookup_init(&g.lookup, f->model->lookup == 0);
    int rc = open_generation(&g, e);
    if (rc == 0)
        rc = eval_prompt(&g, e);
    for (size_t i = 0; rc == 0 && rq->raw && i < rq->prompt->n; i++)
        add_text(&g, rq->prompt->ids[i]);
    if (rc == 0)
        rc = generate_tokens(&g, e);
    drop_half(&g);
    out->end.n_in = (int64_t)rq->prompt->n;
    out->end.n_out = (int64_t)out->ids.n;
    out->end.total_ms = clock_monotonic_ms() - g.begin_ms;
    engine_session_close(g.session);
    sampler_close(g.sampler);
    lookup_free(&g.lookup);
    token_list_free(&g.all);
    constraint_close(g.form);
    buf_free(&g.piece);
    return rc;
}

/* --- likelihood -------------------------------------------------------- */

struct scoring {
    const int32_t *ids; /* of the chunk */
    int n_vocab;
    double nll;
};

static void score(void *arg, const float *logits, size_t i)
{
    struct scoring *s = arg;
    float logprob = 0;
    sample_top(logits, s->n_vocab, NULL, 0, s->ids[i + 1], &logprob);
    s->nll -= (double)logprob;
}

static int score_chunks(struct infer *f, const struct token_list *text,
                        size_t n_ctx,
                        bool (*progress)(void *arg, size_t done, size_t all),
                        void *arg, struct infer_likelihood *out,
                        struct err *e)
{
    const struct engine_info *info = engine_info(f->engine);
    bool bos = info->add_bos && info->bos >= 0;
    size_t n_own = n_ctx - bos;
    struct engine_session *session;
    if (infer_open_session(&session, f, (int)n_ctx, e) != 0)
        return -1;
    int32_t *ids = mem_calloc(n_ctx, sizeof(*ids));
    struct scoring s = {ids, info->n_vocab, 0};
    int rc = 0;
    out->n_chunks = text->n / n_own;
    for (size_t c = 0; c < out->n_chunks && rc == 0; c++) {
        if (bos)
            ids[0] = info->bos;
        memcpy(ids + bos, text->ids + c * n_own, n_own * sizeof(*ids));
        engine_session_rewind(session, 0);
        rc = eval_noting(f, session, ids, n_ctx, score, &s, e);
        if (rc == 0 && progress != NULL && !progress(arg, c + 1, out->n_chunks))
            rc = err_set(e, ERR_INTERRUPTED, "interrupted");
    }
    out->n_scored = out->n_chunks * (n_ctx - 1);
    out->mean_nll = s.nll / (double)out->n_scored;
    free(ids);
    engine_session_close(session);
    return rc;
}

int infer_perplexity(struct infer *f, const char *text, size_t n, int n_ctx,
                     bool (*progress)(void *arg, size_t done, size_t all),
                     void *arg, struct infer_likelihood *out, struct err *e)
{
    struct token_list ids = {0};
    int rc = infer_tokenize(f, text, n, false, INFER_NO_ENDS, &ids, e);
    *out = (struct infer_likelihood){.n_text_tokens = ids.n};
    if (rc == 0 && (n_ctx < 2 || ids.n < (size_t)n_ctx))
        rc = err_set(e, ERR_USAGE, "the text has %zu tokens, and a chunk takes "
                     "%d: give a longer text, or a smaller --ctx", ids.n,
                     n_ctx);
    if (rc == 0)
        rc = score_chunks(f, &ids, (size_t)n_ctx, progress, arg, out, e);
    token_list_free(&ids);
    return rc;
}
