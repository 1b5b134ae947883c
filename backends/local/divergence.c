#include "backends/local/divergence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/engine.h"
#include "base/mem.h"

/* One model of the two. */
struct side {
    struct engine *engine;
    struct engine_session *session;
    float *logits; /* [n_pass][n_vocab] */
};

struct pair {
    struct side sides[2];
    size_t n_pass; /* tokens of the longest pass */
};

/* Tokens of the same number must be the same bytes: without that a divergence
 * of numbers means nothing. */
int divergence_check(struct infer *a, struct infer *b, struct err *e)
{
    const struct engine *g[2] = {infer_engine(a), infer_engine(b)};
    int n = engine_info(g[0])->n_vocab, n_b = engine_info(g[1])->n_vocab;
    if (n != n_b)
        return err_set(e, ERR_USAGE, "the models have %d and %d tokens; a "
                       "divergence needs the same vocabulary", n, n_b);
    struct buf piece[2];
    bool same = true;
    int id = 0;
    buf_init(&piece[0], 1 << 20);
    buf_init(&piece[1], 1 << 20);
    for (; id < n && same; id++) {
        for (int i = 0; i < 2; i++) {
            buf_clear(&piece[i]);
            engine_piece(g[i], id, true, &piece[i]);
        }
        same = piece[0].len == piece[1].len &&
               (piece[0].len == 0 ||
                memcmp(piece[0].data, piece[1].data, piece[0].len) == 0);
    }
    buf_free(&piece[0]);
    buf_free(&piece[1]);
    return same ? 0
                : err_set(e, ERR_USAGE, "token %d is not the same in both "
                          "models; a divergence needs the same vocabulary",
                          id - 1);
}

/* log(sum(exp(x))), and the place of the largest. */
static double log_sum(const float *x, int n, int *top)
{
    double sum = 0;
    *top = 0;
    for (int i = 1; i < n; i++)
        if (x[i] > x[*top])
            *top = i;
    for (int i = 0; i < n; i++)
        sum += exp((double)x[i] - (double)x[*top]);
    return log(sum) + (double)x[*top];
}

/* KL(a || b) = sum of p_a (log p_a - log p_b). */
static void compare(const float *a, const float *b, int n,
                    struct divergence *out)
{
    int top_a, top_b;
    double all_a = log_sum(a, n, &top_a), all_b = log_sum(b, n, &top_b);
    double kl = 0;
    for (int i = 0; i < n; i++) {
        double log_a = (double)a[i] - all_a, log_b = (double)b[i] - all_b;
        kl += exp(log_a) * (log_a - log_b);
    }
    if (out->first == out->n && top_a == top_b)
        out->first++;
    out->n++;
    out->n_same += top_a == top_b;
    out->kl += kl;
}

/* --- reading -------------------------------------------------------------- */

static int open_side(struct side *s, struct infer *f, size_t n, size_t n_pass,
                     struct err *e)
{
    s->engine = infer_engine(f);
    s->logits = mem_try(n_pass, (size_t)engine_info(s->engine)->n_vocab *
                                    sizeof(*s->logits));
    if (s->logits == NULL)
        return err_set(e, ERR_BACKEND, "no memory for the logits of %zu tokens",
                       n_pass);
    return infer_open_session(&s->session, f, (int)n, e);
}

/* For texts of at most n tokens.  0 or -1: close_pair either way. */
static int open_pair(struct pair *p, struct infer *a, struct infer *b, size_t n,
                     struct err *e)
{
    size_t n_pass = infer_pass_tokens(a);
    *p = (struct pair){.n_pass = n_pass < n ? n_pass : n};
    if (open_side(&p->sides[0], a, n, p->n_pass, e) != 0)
        return -1;
    return open_side(&p->sides[1], b, n, p->n_pass, e);
}

static void close_pair(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        engine_session_close(p->sides[i].session);
        free(p->sides[i].logits);
    }
}

static int eval(struct side *s, const int32_t *ids, size_t n, bool wanted,
                struct err *e)
{
    struct engine_feed feed = {s->session, ids, n, wanted ? s->logits : NULL};
    return engine_eval(s->engine, &feed, 1, e);
}

/* Reads ids from the start, in passes; compares the logits from `from` on. */
static int walk(struct pair *p, const int32_t *ids, size_t n, size_t from,
                struct divergence *out, struct err *e)
{
    struct side *s = p->sides;
    int n_vocab = engine_info(s[0].engine)->n_vocab;
    *out = (struct divergence){.n = 0};
    for (int i = 0; i < 2; i++)
        engine_session_rewind(s[i].session, 0);
    for (size_t at = 0; at < n;) {
        bool wanted = at >= from;
        size_t k = wanted ? n - at : from - at;
        k = k < p->n_pass ? k : p->n_pass;
        for (int i = 0; i < 2; i++)
            if (eval(&s[i], ids + at, k, wanted, e) != 0)
                return -1;
        for (size_t j = 0; j < k && wanted; j++)
            compare(s[0].logits + j * (size_t)n_vocab,
                    s[1].logits + j * (size_t)n_vocab, n_vocab, out);
        at += k;
    }
    return 0;
}

/* --- along answers -------------------------------------------------------- */

/* The model that reads along, and what came of it. */
struct reader {
    struct infer *f;
    struct engine_session **sessions; /* [n] */
    struct engine_feed *feeds;        /* [n] of a pass */
    struct divergence *one;           /* [n] */
};

static int read_along(void *arg, const struct infer_pass *list, size_t n,
                      struct err *e)
{
    struct reader *r = arg;
    struct engine *engine = infer_engine(r->f);
    for (size_t k = 0; k < n; k++) {
        struct engine_session *s = r->sessions[list[k].request];
        const struct token_list *all = list[k].tokens;
        size_t n_past = (size_t)engine_session_length(s);
        r->feeds[k] = (struct engine_feed){s, all->ids + n_past,
                                           all->n - n_past, NULL};
    }
    if (engine_eval(engine, r->feeds, n, e) != 0)
        return -1;
    for (size_t k = 0; k < n; k++)
        compare(list[k].logits, engine_session_logits(r->feeds[k].session),
                engine_info(engine)->n_vocab, &r->one[list[k].request]);
    return 0;
}

int divergence_of_answers(struct infer *a, struct infer *b,
                          const struct infer_request *rq, size_t n,
                          struct infer_result *out, struct divergence *one,
                          struct err *e)
{
    struct reader r = {b, mem_calloc(n, sizeof(*r.sessions)),
                       mem_calloc(n, sizeof(*r.feeds)), one};
    struct infer_watch watch = {read_along, &r};
    struct infer_request *same = mem_calloc(n, sizeof(*same));
    for (size_t i = 0; i < n; i++) {
        one[i] = (struct divergence){.n = 0};
        same[i] = rq[i];
        same[i].n_ctx = infer_context(a, &rq[i]);
    }
    int result = infer_open_together(r.sessions, b, same, n, e);
    if (result == 0)
        result = infer_generate_together(a, rq, n, out, &watch, e);
    for (size_t i = 0; i < n; i++)
        engine_session_close(r.sessions[i]);
    free(r.sessions);
    free(r.feeds);
    free(same);
    return result;
}

/* --- along a text --------------------------------------------------------- */

void divergence_add(struct divergence *sum, const struct divergence *one)
{
    sum->n += one->n;
    sum->n_same += one->n_same;
    sum->kl += one->kl;
}

static int compare_chunks(struct infer *a, struct infer *b,
                          struct token_list *ids, size_t n_ctx,
                          struct divergence *out, struct err *e)
{
    const struct engine_info *info = engine_info(infer_engine(a));
    bool begins = info->add_bos && info->bos >= 0;
    struct pair p;
    int result = open_pair(&p, a, b, n_ctx - 1, e);
    for (size_t at = 0; result == 0 && at + n_ctx <= ids->n; at += n_ctx) {
        struct divergence one;
        if (begins)
            ids->ids[at] = info->bos;
        result = walk(&p, ids->ids + at, n_ctx - 1, n_ctx / 2, &one, e);
        if (result == 0)
            divergence_add(out, &one);
    }
    close_pair(&p);
    return result;
}

int divergence_of_text(struct infer *a, struct infer *b, const char *text,
                       size_t n, size_t n_ctx, struct divergence *out,
                       struct err *e)
{
    struct token_list ids = {0};
    *out = (struct divergence){.n = 0};
    int result = infer_tokenize(a, text, n, false, INFER_BEGIN, &ids, e);
    if (result == 0 && ids.n < n_ctx)
        result = err_set(e, ERR_USAGE, "the text has %zu tokens, and a chunk "
                         "takes %zu: give a longer text, or a smaller --ctx",
                         ids.n, n_ctx);
    if (result == 0)
        result = compare_chunks(a, b, &ids, n_ctx, out, e);
    token_list_free(&ids);
    return result;
}
