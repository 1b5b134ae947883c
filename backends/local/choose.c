#include "backends/local/choose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/backend.h"
#include "backends/engine/engine.h"
#include "backends/local/infer.h"
#include "base/mem.h"

/* Tokens that are read between two looks at whether to stop.  Each piece costs
 * logits of its last token, which of a small model are a tenth of a pass. */
#define PIECE_TOKENS 1024

struct timeline {
    struct engine_session *session;
    struct token_list held; /* the tokens of it */
};

struct choose {
    const struct model *model;
    struct infer *infer;
    struct engine *engine; /* of it */
    struct timeline lines[2];
    bool (*is_stopped)(void); /* or NULL */
};

int choose_open(struct choose **out, const struct model *m, int n_threads,
                struct err *e)
{
    struct choose *c = mem_calloc(1, sizeof(*c));
    c->model = m;
    int result = infer_open(&c->infer, m, n_threads, e);
    if (result == 0)
        c->engine = infer_engine(c->infer);
    for (int k = 0; k < 2 && result == 0; k++) {
        int n_ctx = m->n_ctx > 0 ? m->n_ctx
                                 : engine_info(c->engine)->n_ctx_train;
        result = infer_open_session(&c->lines[k].session, c->infer, n_ctx, e);
    }
    if (result != 0) {
        choose_close(c);
        return -1;
    }
    *out = c;
    return 0;
}

void choose_close(struct choose *c)
{
    if (c == NULL)
        return;
    for (int k = 0; k < 2; k++) {
        engine_session_close(c->lines[k].session);
        token_list_free(&c->lines[k].held);
    }
    infer_close(c->infer);
    free(c);
}

void choose_set_stop(struct choose *c, bool (*is_stopped)(void))
{
    c->is_stopped = is_stopped;
}

/* --- the words ------------------------------------------------------------ */

static int tokenize(const struct choose *c, const char *begin,
                    const char *word, struct token_list *out, struct err *e)
{
    struct buf text;
    buf_init(&text, 1000);
    buf_addf(&text, "%s%s", begin, word);
    int result = infer_tokenize(c->infer, text.data, text.len, false,
                                INFER_NO_ENDS, out, e);
    buf_free(&text);
    return result;
}

/* Appends the tokens of `begin` to both questions, and finds the token of each
 * word that comes behind them. */
static int find_words(const struct choose *c, const char *begin,
                      const char *const *words, size_t n,
                      struct token_list ids[2], int32_t *tokens,
                      struct err *e)
{
    struct token_list *texts = mem_calloc(n, sizeof(*texts));
    int result = 0;
    size_t common = SIZE_MAX;
    for (size_t i = 0; i < n && result == 0; i++) {
        result = tokenize(c, begin, words[i], &texts[i], e);
        size_t same = token_list_common(&texts[0], &texts[i]);
        common = i > 0 && same < common ? same : common;
    }
    for (size_t i = 0; i < n && result == 0; i++) {
        bool whole = common < texts[i].n;
        tokens[i] = whole ? texts[i].ids[common] : -1;
        for (size_t k = 0; k < i; k++)
            whole = whole && tokens[k] != tokens[i];
        if (!whole)
            result = err_set(e, ERR_CONFIG, "its tokens do not tell \"%s\" "
                             "from the other verdicts in one step; let it "
                             "write (--write)", words[i]);
    }
    for (int k = 0; k < 2 && result == 0; k++)
        for (size_t i = 0; i < common; i++)
            token_list_add(&ids[k], texts[0].ids[i]);
    for (size_t i = 0; i < n; i++)
        token_list_free(&texts[i]);
    free(texts);
    return result;
}

/* --- reading -------------------------------------------------------------- */

static size_t length(const struct timeline *t)
{
    return (size_t)engine_session_length(t->session);
}

static void remember(struct timeline *t, const struct token_list *ids)
{
    for (size_t i = 0; i < ids->n; i++)
        token_list_add(&t->held, ids->ids[i]);
}

/* Reads what the feeds hold, piece by piece. */
static int read_feeds(struct choose *c, struct engine_feed *feeds, size_t n,
                      struct err *e)
{
    for (;;) {
        struct engine_feed piece[2];
        size_t n_feeds = 0, room = PIECE_TOKENS;
        for (size_t k = 0; k < n; k++) {
            struct engine_feed *f = &feeds[k];
            size_t taken = f->n_ids < room ? f->n_ids : room;
            if (taken > 0)
                piece[n_feeds++] =
                    (struct engine_feed){f->session, f->ids, taken, NULL};
            f->ids += taken;
            f->n_ids -= taken;
            room -= taken;
        }
        if (n_feeds == 0)
            return 0;
        if (c->is_stopped != NULL && c->is_stopped())
            return err_set(e, ERR_INTERRUPTED, "interrupted");
        if (engine_eval(c->engine, piece, n_feeds, e) != 0)
            return -1;
    }
}

/* Lets the second timeline have what both questions begin with, read by the
 * first. */
static int read_common(struct choose *c, const struct token_list ids[2],
                       int64_t *n_read, struct err *e)
{
    struct timeline *a = &c->lines[0], *b = &c->lines[1];
    size_t common = token_list_common(&ids[0], &ids[1]);
    size_t most = (ids[0].n < ids[1].n ? ids[0].n : ids[1].n) - 1;
    common = common < most ? common : most;
    if (common <= length(b))
        return 0;
    size_t have = length(a);
    if (common > have) {
        struct engine_feed feed = {a->session, ids[0].ids + have, common - have,
                                   NULL};
        if (read_feeds(c, &feed, 1, e) != 0)
            return -1;
        *n_read += (int64_t)(common - have);
    }
    engine_session_share(b->session, a->session, (int)common);
    return 0;
}

static int read_rest(struct choose *c, const struct token_list ids[2],
                     int64_t *n_read, struct err *e)
{
    struct engine_feed feeds[2];
    for (int k = 0; k < 2; k++) {
        size_t have = length(&c->lines[k]);
        feeds[k] = (struct engine_feed){c->lines[k].session, ids[k].ids + have,
                                        ids[k].n - have, NULL};
        *n_read += (int64_t)(ids[k].n - have);
    }
    return read_feeds(c, feeds, 2, e);
}

static int check_room(const struct choose *c, const struct token_list ids[2],
                      struct err *e)
{
    for (int k = 0; k < 2; k++) {
        int limit = engine_session_limit(c->lines[k].session);
        if (ids[k].n == 0)
            return err_set(e, ERR_BACKEND, "the judge prompt is empty");
        if (ids[k].n > (size_t)limit)
            return err_set(e, ERR_BACKEND, "the judge prompt has %zu tokens, "
                           "the context %d: raise \"context\"", ids[k].n,
                           limit);
    }
    return 0;
}

/* Softmax over the words alone. */
static void weigh(const float *logits, const int32_t *tokens, size_t n,
                  double *p)
{
    double most = -INFINITY, sum = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, (double)logits[tokens[i]]);
    for (size_t i = 0; i < n; i++)
        sum += p[i] = exp((double)logits[tokens[i]] - most);
    for (size_t i = 0; i < n; i++)
        p[i] /= sum;
}

static int read_pair(struct choose *c, const struct token_list ids[2],
                     const int32_t *tokens, size_t n_words,
                     double *const p[2], int64_t *n_read, struct err *e)
{
    int result = check_room(c, ids, e);
    if (result != 0)
        return -1;
    for (int k = 0; k < 2; k++) {
        struct timeline *t = &c->lines[k];
        engine_session_rewind(t->session,
                              (int)token_list_known(&ids[k], &t->held));
        t->held.n = 0;
    }
    result = read_common(c, ids, n_read, e);
    if (result == 0)
        result = read_rest(c, ids, n_read, e);
    for (int k = 0; k < 2; k++) {
        struct timeline *t = &c->lines[k];
        if (result == 0) {
            weigh(engine_session_logits(t->session), tokens, n_words, p[k]);
            remember(t, &ids[k]);
        } else {
            engine_session_rewind(t->session, 0);
        }
    }
    return result;
}

int choose_read_pair(struct choose *c, const struct choose_question q[2],
                     const char *begin, const char *const *words,
                     size_t n_words, double *const p[2], int64_t *n_read,
                     struct err *e)
{
    struct token_list ids[2] = {{0}, {0}};
    int32_t *tokens = mem_calloc(n_words, sizeof(*tokens));
    struct buf text;
    int result = 0;
    *n_read = 0;
    buf_init(&text, 256u << 20);
    for (int k = 0; k < 2 && result == 0; k++)
        result = infer_render(c->infer, q[k].messages, q[k].n_messages, true,
                              REQUEST_FIXED_CLOCK, &text, &ids[k], e);
    if (result == 0)
        result = find_words(c, begin, words, n_words, ids, tokens, e);
    if (result == 0)
        result = read_pair(c, ids, tokens, n_words, p, n_read, e);
    for (int k = 0; k < 2; k++)
        token_list_free(&ids[k]);
    buf_free(&text);
    free(tokens);
    return result;
}
