#include "backends/engine/forward.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

/* Scratch memory that a pass may take; fewer rows at once in large models. */
#define SCRATCH_BYTES ((size_t)16 << 20)
/* The limit if 16 rows, or the experts of a pass, need more than that. */
#define SCRATCH_MOST ((size_t)256 << 20)
#define HEAD_ROWS 16 /* rows whose logits are made together */

/* --- sharing work ------------------------------------------------------ */

void forward_split(const struct forward *f, int n, int thread, int *first,
                   int *last)
{
    *first = (int)((long)n * thread / f->n_threads);
    *last = (int)((long)n * (thread + 1) / f->n_threads);
}

void forward_share(const struct forward *f, int n, int thread, int *first,
                   int *last)
{
    *first = 0;
    *last = n;
    if (!f->alone)
        forward_split(f, n, thread, first, last);
}

void forward_rows_done(const struct forward *f)
{
    if (!f->alone)
        pool_barrier(f->pool);
}

const struct forward_lane *forward_lane(const struct forward *f, int thread)
{
    return f->alone ? &f->lanes[thread] : &f->shared;
}

void forward_quantize(const struct forward *f, bool wanted, const float *x,
                      int n, int r, int cols, struct kern_block *blocks)
{
    int width;
    if (!wanted)
        return;
    size_t at = kern_block_at(n, r, cols / 32, &width);
    f->kern->quantize(x, cols, blocks + at, width);
}

/* --- stages of rows ---------------------------------------------------- */

static void embed(struct forward *f, int thread)
{
    const struct forward_lane *lane = forward_lane(f, thread);
    const struct hparams *h = &f->weights->h;
    int first, last;
    forward_share(f, f->n_rows, thread, &first, &last);
    for (int r = first; r < last; r++) {
        const struct forward_row *row = &f->rows[r];
        float *x = lane->x + (size_t)r * (size_t)h->n_embd;
        matrix_row(&f->weights->embed, row->id, x);
        adapt_embedding(f, row->session, row->id, x);
        for (int i = 0; i < h->n_embd; i++)
            x[i] *= h->embed_scale;
        float *angles = lane->angles + (size_t)(2 * r) * (size_t)h->n_rot;
        const struct rope *ropes = f->weights->ropes;
        rope_angles(row->session->long_rope ? &ropes[WEIGHTS_ROPE_LONG]
                                            : &ropes[WEIGHTS_ROPE_GLOBAL],
                    row->position, angles);
        if (h->window > 0)
            rope_angles(&ropes[WEIGHTS_ROPE_LOCAL], row->position,
                        angles + h->n_rot);
    }
}

/* x += delta, normed and with a bias if the architecture says so. */
static void add_delta(const struct forward *f, const struct forward_lane *lane,
                      int r, const float *bias, const float *post_norm)
{
    const struct hparams *h = &f->weights->h;
    size_t at = (size_t)r * (size_t)h->n_embd;
    const float *delta = f->delta + at;
    float *x = lane->x + at,
          *normed = lane->normed + at; /* free at this moment */
    if (bias) {
        memcpy(normed, delta, (size_t)h->n_embd * sizeof(*delta));
        f->kern->add(normed, bias, 1, h->n_embd);
        delta = normed;
    }
    if (post_norm) {
        f->kern->rmsnorm(delta, post_norm, h->n_embd, h->eps, normed);
        delta = normed;
    }
    f->kern->add(x, delta, h->residual_scale, h->n_embd);
}

/* Makes the input of the next matrices: x, normed if there is a norm. */
static void norm_input(const struct forward *f, const struct forward_lane *lane,
                       int r, const float *norm, bool quantized)
{
    const struct hparams *h = &f->weights->h;
    size_t at = (size_t)r * (size_t)h->n_embd;
    if (norm)
        f->kern->rmsnorm(lane->x + at, norm, h->n_embd, h->eps,
                         lane->normed + at);
    else
        memcpy(lane->normed + at, lane->x + at,
               (size_t)h->n_embd * sizeof(*lane->normed));
    forward_quantize(f, quantized, lane->normed + at, f->n_rows, r, h->n_embd,
                     lane->blocks);
}

static struct kern_rows rows_of(const struct forward *f,
                                const struct forward_lane *lane,
                                const float *floats, int cols)
{
    return (struct kern_rows){f->n_rows, cols, lane->blocks, floats};
}

/* --- a layer ----------------------------------------------------------- */

static void begin_layer(struct forward *f, int index, int thread)
{
    const struct forward_lane *lane = forward_lane(f, thread);
    const struct weights_layer *layer = &f->weights->layers[index];
    bool quantized = false;
    int first, last;
    for (int i = 0; i < layer->n_qkv; i++)
        quantized = quantized || layer->qkv[i].quant;
    forward_share(f, f->n_rows, thread, &first, &last);
    for (int r = first; r < last; r++) {
        if (index > 0)
            add_delta(f, lane, r, NULL, layer[-1].ffn_post_norm);
        norm_input(f, lane, r, layer->attn_norm, quantized);
    }
    forward_rows_done(f);
}

static void project_qkv(struct forward *f, int index, int thread)
{
    const struct weights_layer *layer = &f->weights->layers[index];
    const struct forward_lane *lane = forward_lane(f, thread);
    struct forward_product p[3];
    int at[3] = {0, f->n_q, f->n_q + f->n_kv};
    for (int i = 0; i < layer->n_qkv; i++)
        p[i] = (struct forward_product){
            &layer->qkv[i],
            rows_of(f, lane, lane->normed, f->weights->h.n_embd),
            f->qkv + at[i], (size_t)f->n_qkv};
    if (thread == 0)
        atomic_store(&f->next_item, 0);
    adapt_multiply(f, index, ADAPTER_Q, p, layer->n_qkv, thread);
}

static void project_attention(struct forward *f, int index, int thread)
{
    const struct weights_layer *layer = &f->weights->layers[index];
    const struct forward_lane *lane = forward_lane(f, thread);
    int first, last;
    forward_share(f, f->n_rows, thread, &first, &last);
    for (int r = first; r < last; r++) {
        float *own = lane->mixed + (size_t)r * (size_t)f->n_q;
        const float *mixed = attention_result(f, r, own);
        forward_quantize(f, layer->attn_out.quant, mixed, f->n_rows, r, f->n_q,
                         lane->blocks);
    }
    forward_rows_done(f);
    const float *mixed = f->singles ? lane->mixed : f->shared.mixed;
    struct forward_product p = {&layer->attn_out,
                                rows_of(f, lane, mixed, f->n_q), f->delta,
                                (size_t)f->weights->h.n_embd};
    adapt_multiply(f, index, ADAPTER_OUT, &p, 1, thread);
}

static void feed_forward(struct forward *f, int index, int thread)
{
    const struct forward_lane *lane = forward_lane(f, thread);
    const struct weights_ffn *ffn = f->weights->layers[index].ffn;
    const struct hparams *h = &f->weights->h;
    size_t ff = (size_t)h->n_ff;
    struct kern_rows x = rows_of(f, lane, lane->normed, h->n_embd);
    struct forward_product pair[2] = {{&ffn->gate, x, f->gate, ff},
                                      {&ffn->up, x, f->up, ff}};
    adapt_multiply_gated(f, index, pair, thread);

    int first, last;
    forward_share(f, f->n_rows, thread, &first, &last);
    for (int r = first; r < last; r++)
        forward_quantize(f, ffn->down.quant, f->gate + (size_t)r * ff,
                         f->n_rows, r, h->n_ff, lane->blocks);
    forward_rows_done(f);
    struct forward_product down = {&ffn->down,
                                   rows_of(f, lane, f->gate, h->n_ff), f->delta,
                                   (size_t)h->n_embd};
    adapt_multiply(f, index, ADAPTER_DOWN, &down, 1, thread);
}

static void run_layer(struct forward *f, int index, int thread)
{
    const struct forward_lane *lane = forward_lane(f, thread);
    const struct weights_layer *layer = &f->weights->layers[index];
    begin_layer(f, index, thread);
    project_qkv(f, index, thread);
    attention_run(f, index, thread);
    pool_barrier(f->pool);
    project_attention(f, index, thread);

    bool quantized = f->experts
                         ? layer->router.quant != NULL
                         : layer->ffn->gate.quant || layer->ffn->up.quant;
    int first, last;
    forward_share(f, f->n_rows, thread, &first, &last);
    for (int r = first; r < last; r++) {
        add_delta(f, lane, r, layer->attn_out_bias, layer->attn_post_norm);
        norm_input(f, lane, r, layer->ffn_norm, quantized);
    }
    forward_rows_done(f);
    if (f->experts)
        experts_run(f, layer, thread);
    else
        feed_forward(f, index, thread);
}

/* --- logits ------------------------------------------------------------ */

/* The n rows outs[from…] of x, normed, as rows 0 to n - 1 of the input. */
static void gather_outs(struct forward *f, int from, int n, int thread)
{
    const struct forward_lane *lane = forward_lane(f, thread);
    const struct hparams *h = &f->weights->h;
    int first, last;
    forward_share(f, n, thread, &first, &last);
    for (int j = first; j < last; j++) {
        float *x = lane->x + (size_t)f->outs[from + j] * (size_t)h->n_embd;
        float *normed = lane->normed + (size_t)j * (size_t)h->n_embd;
        f->kern->rmsnorm(x, f->weights->out_norm, h->n_embd, h->eps, normed);
        forward_quantize(f, f->weights->head.quant, normed, n, j, h->n_embd,
                         lane->blocks);
    }
    forward_rows_done(f);
}

/* From raw results to logits, for tokens [begin, end) of n rows. */
static void finish_logits(struct forward *f, int from, int n,
                          const float *raw, int begin, int end)
{
    const struct hparams *h = &f->weights->h;
    size_t vocab = (size_t)f->weights->n_vocab;
    for (int j = 0; j < n; j++) {
        const float *in = raw + (size_t)j * vocab + begin;
        float *out = f->rows[f->outs[from + j]].out + begin;
        if (!f->kern->finish(in, h->logit_scale, h->logit_cap, end - begin,
                             out))
            atomic_store(&f->broken, true);
    }
}

struct head_part {
    struct forward *f;
    int from, n;
    const float *raw;
};

static void finish_part(void *arg, int first, int last)
{
    const struct head_part *part = arg;
    int end = last * MATRIX_PANEL, rows = part->f->weights->n_vocab;
    finish_logits(part->f, part->from, part->n, part->raw, first * MATRIX_PANEL,
                  end < rows ? end : rows);
}

/* Logits of the rows outs[from, from + n): this thread's part of the
 * vocabulary. */
static void head(struct forward *f, int from, int n, int thread)
{
    const struct forward_lane *lane = forward_lane(f, thread);
    float *raw = n == 1 ? f->rows[f->outs[from]].out : f->logits;
    int n_vocab = f->weights->n_vocab;
    struct forward_product p = {
        &f->weights->head,
        {n, f->weights->h.n_embd, lane->blocks, lane->normed},
        raw,
        (size_t)n_vocab};
    struct head_part part = {f, from, n, raw};
    if (f->n_ranks == 0) {
        forward_multiply_then(f, &p, 1, thread, finish_part, &part);
        return;
    }
    int first, last;
    adapt_multiply_head(f, from, &p, thread);
    forward_split(f, p.m->n_panels, thread, &first, &last);
    finish_part(&part, first, last);
}

static void add_last(struct forward *f, int thread)
{
    const struct forward_lane *lane = forward_lane(f, thread);
    const float *norm =
        f->weights->layers[f->weights->h.n_layers - 1].ffn_post_norm;
    int first, last;
    forward_share(f, f->n_rows, thread, &first, &last);
    for (int r = first; r < last; r++)
        add_delta(f, lane, r, NULL, norm);
    forward_rows_done(f);
}

static void run(void *arg, int thread, int n_threads)
{
    struct forward *f = arg;
    (void)n_threads;
    embed(f, thread);
    for (int i = 0; i < f->weights->h.n_layers; i++)
        run_layer(f, i, thread);
    if (f->n_outs == 0)
        return;
    add_last(f, thread);
    for (int from = 0; from < f->n_outs; from += HEAD_ROWS) {
        int n = f->n_outs - from < HEAD_ROWS ? f->n_outs - from : HEAD_ROWS;
        gather_outs(f, from, n, thread);
        head(f, from, n, thread);
        pool_barrier(f->pool);
    }
}

/* --- memory ------------------------------------------------------------ */

/* Numbers in the hidden layer of a row. */
static size_t hidden_width(const struct hparams *h)
{
    return h->n_experts ? (size_t)h->n_experts_used * (size_t)h->n_ff_expert
                        : (size_t)h->n_ff;
}

size_t forward_row_blocks(const struct forward *f)
{
    const struct hparams *h = &f->weights->h;
    int widest = h->n_embd > f->n_q ? h->n_embd : f->n_q;
    widest = widest > h->n_ff ? widest : h->n_ff;
    return (size_t)(widest + 31) / 32;
}

static bool lane_open(const struct forward *f, struct forward_lane *lane, int n)
{
    const struct hparams *h = &f->weights->h;
    size_t rows = (size_t)n, embd = (size_t)h->n_embd;
    lane->x = mem_try_aligned(rows * embd, sizeof(float));
    lane->normed = mem_try_aligned(rows * embd, sizeof(float));
    lane->mixed = mem_try_aligned(rows * (size_t)f->n_q, sizeof(float));
    lane->angles = mem_try(rows * 2 * (size_t)h->n_rot, sizeof(float));
    lane->blocks =
        mem_try_aligned(rows * forward_row_blocks(f), sizeof(*lane->blocks));
    return lane->x && lane->normed && lane->mixed && lane->angles &&
           lane->blocks;
}

static void lane_close(struct forward_lane *lane)
{
    free(lane->x);
    free(lane->normed);
    free(lane->mixed);
    free(lane->angles);
    free(lane->blocks);
    *lane = (struct forward_lane){0};
}

static void buffers_close(struct forward *f)
{
    lane_close(&f->shared);
    free(f->qkv);
    free(f->gate);
    free(f->up);
    free(f->delta);
    f->qkv = f->gate = f->up = f->delta = NULL;
    f->cap_rows = 0;
}

static int refuse_memory(const struct forward *f, struct err *e)
{
    return err_set(e, ERR_BACKEND, "%s: no memory for a pass through layers "
                   "this wide; take a smaller model", f->engine->path);
}

/* Makes room for n rows (few at first: most passes have one). */
static int reserve(struct forward *f, int n, struct err *e)
{
    if (n <= f->cap_rows)
        return 0;
    buffers_close(f);
    size_t rows = (size_t)n, hidden = hidden_width(&f->weights->h);
    bool opened = lane_open(f, &f->shared, n);
    f->qkv = mem_try_aligned(rows * (size_t)f->n_qkv, sizeof(float));
    f->gate = mem_try_aligned(rows * hidden, sizeof(float));
    f->up = mem_try_aligned(rows * hidden, sizeof(float));
    f->delta =
        mem_try_aligned(rows * (size_t)f->weights->h.n_embd, sizeof(float));
    if (!opened || !f->qkv || !f->gate || !f->up || !f->delta) {
        buffers_close(f);
        return refuse_memory(f, e);
    }
    f->cap_rows = n;
    return 0;
}

static int reserve_logits(struct forward *f, struct err *e)
{
    int n = f->n_outs < HEAD_ROWS ? f->n_outs : HEAD_ROWS;
    if (n <= 1 || n <= f->cap_logits)
        return 0;
    free(f->logits);
    f->cap_logits = 0;
    f->logits =
        mem_try_aligned((size_t)n * (size_t)f->weights->n_vocab, sizeof(float));
    if (f->logits == NULL)
        return err_set(e, ERR_BACKEND, "%s: no memory for logits",
                       f->engine->path);
    f->cap_logits = n;
    return 0;
}

static int rows_that_fit(const struct forward *f)
{
    const struct hparams *h = &f->weights->h;
    size_t row = ((size_t)h->n_embd * 3 + (size_t)f->n_q + (size_t)f->n_qkv +
                  2 * hidden_width(h)) * sizeof(float) +
                 forward_row_blocks(f) * sizeof(struct kern_block);
    size_t n = SCRATCH_BYTES / row / 16 * 16;
    n = n < 16 ? 16 : n > FORWARD_MAX_ROWS ? FORWARD_MAX_ROWS : n;
    size_t most = SCRATCH_MOST / (row + experts_row_bytes(h));
    n = n < most ? n : most;
    return n < 1 ? 1 : (int)n;
}

static bool lanes_open(struct forward *f)
{
    f->lanes = mem_calloc((size_t)f->max_threads, sizeof(*f->lanes));
    for (int i = 0; i < f->max_threads; i++)
        if (!lane_open(f, &f->lanes[i], FORWARD_ALONE_ROWS))
            return false;
    return true;
}

struct forward *forward_open(struct engine *g, const struct kern *k,
                             struct err *e)
{
    struct forward *f = mem_calloc(1, sizeof(*f));
    const struct hparams *h = &g->weights->h;
    f->engine = g;
    f->weights = g->weights;
    f->kern = k;
    f->pool = g->pool;
    f->n_threads = f->max_threads = pool_n_threads(g->pool);
    tune_init(&f->tunes[0], f->max_threads, f->weights->core_share);
    tune_init(&f->tunes[1], f->max_threads, f->weights->core_share);
    f->n_q = h->n_heads * h->d_head;
    f->n_kv = h->n_kv_heads * h->d_head;
    f->n_qkv = f->n_q + 2 * f->n_kv;
    f->max_rows = rows_that_fit(f);
    /* Five products a layer at most, and those of the head. */
    f->n_claims = 5 * h->n_layers + FORWARD_MAX_ROWS / HEAD_ROWS;
    f->claims = mem_calloc((size_t)f->n_claims, sizeof(*f->claims));
    f->threads = mem_try_aligned((size_t)f->max_threads, sizeof(*f->threads));
    if (f->threads != NULL && lanes_open(f) && attention_open(f) &&
        (h->n_experts == 0 || (f->experts = experts_open(f)) != NULL))
        return f;
    refuse_memory(f, e);
    forward_close(f);
    return NULL;
}

void forward_close(struct forward *f)
{
    if (f == NULL)
        return;
    for (int i = 0; f->lanes != NULL && i < f->max_threads; i++)
        lane_close(&f->lanes[i]);
    free(f->lanes);
    free(f->claims);
    free(f->threads);
    buffers_close(f);
    attention_close(f);
    experts_close(f->experts);
    free(f->logits);
    free(f->ranks);
    free(f->picked);
    free(f);
}

/* --- passes ------------------------------------------------------------ */

/* How far the feeds are read. */
struct reader {
    const struct engine_feed *feeds;
    size_t n_feeds, feed, token;
};

static float *out_of(const struct forward *f, const struct engine_feed *feed,
                     size_t token)
{
    if (feed->all_logits)
        return feed->all_logits + token * (size_t)f->weights->n_vocab;
    return token + 1 == feed->n_ids ? feed->session->logits : NULL;
}

/* The next rows, as many as fit into a pass. */
static void fill_rows(struct forward *f, struct reader *r)
{
    f->n_rows = f->n_spans = f->n_outs = 0;
    f->singles = true;
    while (r->feed < r->n_feeds && f->n_rows < f->max_rows) {
        const struct engine_feed *feed = &r->feeds[r->feed];
        struct forward_span *span = &f->spans[f->n_spans];
        *span = (struct forward_span){feed->session, f->n_rows, 0};
        for (; r->token < feed->n_ids && f->n_rows < f->max_rows; r->token++) {
            float *out = out_of(f, feed, r->token);
            if (out)
                f->outs[f->n_outs++] = f->n_rows;
            f->rows[f->n_rows++] = (struct forward_row){
                feed->session, feed->session->n_past + (int)r->token,
                feed->ids[r->token], out};
            span->n++;
        }
        f->n_spans += span->n > 0;
        f->singles = f->singles && span->n <= 1;
        if (r->token == feed->n_ids) {
            r->feed++;
            r->token = 0;
        }
    }
}

/* Runs the stages on as many threads as are worth it. */
static void run_stages(struct forward *f)
{
    struct tune *tune = &f->tunes[f->alone ? 0 : 1];
    int choice = tune_pick(tune);
    f->n_threads = tune->threads[choice];
    atomic_store(&f->broken, false);
    for (int i = 0; i < f->n_claims; i++)
        atomic_store_explicit(&f->claims[i], 0, memory_order_relaxed);
    for (int i = 0; i < f->max_threads; i++)
        f->threads[i].n_products = 0;
    int64_t begin = clock_monotonic_ns();
    pool_run_some(f->pool, f->n_threads, run, f);
    int64_t spent = clock_monotonic_ns() - begin;
    int before = tune->best;
    tune_note(tune, choice, 1e-9 * (double)spent / f->n_rows);
    if (f->alone && tune->best != before)
        tune_follow(&f->tunes[1], tune);
}

static int run_pass(struct forward *f, struct err *e)
{
    f->alone = f->n_rows <= FORWARD_ALONE_ROWS;
    int n = f->n_rows > f->max_rows / 2 ? f->max_rows : f->n_rows;
    if (reserve(f, n, e) != 0 || reserve_logits(f, e) != 0 ||
        attention_prepare(f, e) != 0 || adapt_prepare(f, e) != 0)
        return -1;
    run_stages(f);
    if (atomic_load(&f->broken))
        return err_set(e, ERR_BACKEND, "%s: the results are no numbers; the "
                       "weights are damaged", f->engine->path);
    return 0;
}

int forward_eval(struct forward *f, const struct engine_feed *feeds,
                 size_t n_feeds, struct err *e)
{
    struct reader r = {.feeds = feeds, .n_feeds = n_feeds};
    for (;;) {
        fill_rows(f, &r);
        if (f->n_rows == 0)
            return 0;
        if (run_pass(f, e) != 0)
            return -1;
    }
}
