#include "backends/local/infer.h"

#include <stdlib.h>
#include <string.h>

#include "backends/engine/kernels/kern.h"
#include "backends/engine/kernels/pool.h"
#include "backends/local/infer_private.h"
#include "backends/local/rendering.h"
#include "backends/local/timeline.h"
#include "base/mem.h"

/* Logits of a pass over many tokens: 32 MiB, at least 8 tokens. */
#define LOGITS_BYTES (32u << 20)

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

int infer_check_ids(const struct infer *f, const struct token_list *l,
                    struct err *e)
{
    int n_vocab = engine_info(f->engine)->n_vocab;
    for (size_t i = 0; i < l->n; i++)
        if (l->ids[i] < 0 || l->ids[i] >= n_vocab)
            return err_set(e, ERR_USAGE, "token %d is none of the model's %d",
                           (int)l->ids[i], n_vocab);
    return 0;
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

/* --- likelihood -------------------------------------------------------- */

size_t infer_pass_tokens(const struct infer *f)
{
    size_t n_vocab = (size_t)engine_info(f->engine)->n_vocab;
    size_t n = LOGITS_BYTES / sizeof(float) / n_vocab;
    return n < 8 ? 8 : n;
}

int infer_eval_noting(struct infer *f, struct engine_session *s,
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
        rc = infer_eval_noting(f, session, ids, n_ctx, score, &s, e);
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
