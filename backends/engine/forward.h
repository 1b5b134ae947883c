/* forward: one pass of tokens through the layers; private to the engine, so in
 * a circle with engine, and by it in a circle with session.
 *
 * A pass has rows: one for each token that is read, of any sessions.  It is a
 * sequence of stages that all threads of the pool go through together:
 *
 *   embed            the residual stream x of each row
 *   for each layer
 *     norm           x, normed, quantized to blocks
 *     project        q, k and v
 *     attend         keys and values stored, scores, weighted values
 *     project        back to the width of x
 *     add, norm      to x; the input of the feed-forward part
 *     gate, up       the wide hidden layer
 *     down           back to the width of x, added by the next layer
 *   head             logits, of the rows that somebody asked them of
 *
 * The threads share a product by rows of its matrix, and each stage ends at a
 * barrier.  If a pass has few rows, the work between products is tiny.  Then
 * each thread does all of it in memory of its own, which saves the barriers.
 * How work is split changes no number. */
#ifndef ENGINE_FORWARD_H
#define ENGINE_FORWARD_H

#include <stdatomic.h>

#include "backends/engine/adapter.h"
#include "backends/engine/engine_private.h"
#include "backends/engine/kernels/kern.h"
#include "backends/engine/kernels/pool.h"
#include "backends/engine/session.h"
#include "backends/engine/tune.h"
#include "backends/engine/weights.h"

#define FORWARD_MAX_ROWS 256  /* in one pass; more tokens take several */
#define FORWARD_ALONE_ROWS 2  /* up to which threads do row work alone */

struct forward_row {
    struct engine_session *session;
    int position;
    int32_t id;
    float *out; /* where its logits go, or NULL */
};

/* Rows [first, first + n) of a pass that belong to one session. */
struct forward_span {
    struct engine_session *session;
    int first, n;
};

/* What the work on rows reads and writes: of one thread, or of all. */
struct forward_lane {
    float *x;      /* [row][n_embd] residual stream */
    float *normed; /* [row][n_embd] */
    float *mixed;  /* [row][n_heads * d_head] what attention gives */
    float *angles; /* [row][2][n_rot]: of global layers, of local ones */
    struct kern_block *blocks; /* of whatever is multiplied next */
};

/* What one thread attends with; see attention.c. */
struct forward_attend {
    struct kv_queries q;
    float *s;         /* [query][KV_TILE] scores, then weights */
    float *o;         /* [query][d_pad] values of a tile, weighted */
    float *max, *sum; /* [query] of the exponentials of a tile */
    float *all_o, *all_max, *all_sum; /* the same of the tiles up to now */
};

struct forward_thread {
    _Alignas(64) int n_products; /* that were begun in this pass */
};

struct forward {
    struct engine *engine;
    const struct weights *weights;
    const struct kern *kern;
    struct pool *pool;
    int n_threads;     /* of this pass */
    int max_threads;   /* of the pool */
    struct tune tunes[2]; /* of small passes, of large ones */
    atomic_int *claims; /* [n_claims] see forward_multiply */
    int n_claims;
    struct forward_thread *threads; /* [max_threads] */
    int n_q, n_kv, n_qkv; /* widths of q, of k, of all three together */
    int n_ff;             /* width of the hidden layer */
    int max_rows;         /* of a pass, so that the buffers stay small */

    /* Buffers, for cap_rows rows. */
    int cap_rows;
    struct forward_lane shared;
    struct forward_lane *lanes;     /* [thread], for FORWARD_ALONE_ROWS */
    struct forward_attend *attends; /* [thread] */
    float *qkv;      /* [row][n_qkv] */
    float *gate, *up; /* [row][n_ff], with experts [row][used][n_ff_expert] */
    float *delta;    /* [row][n_embd] to be added to x */
    float *logits;   /* [cap_logits][n_vocab] */
    int cap_logits;
    float *parts;    /* of attention, see attention.c */
    size_t cap_parts;
    struct forward_experts *experts; /* NULL if there are none */
    /* Of adapters, see adapt.c. */
    float *ranks;              /* [product][row][n_ranks] */
    struct kern_block *picked; /* [thread][cap_picked] of one session */
    size_t cap_ranks, cap_picked, cap_all_picked;

    /* The pass that is going on. */
    struct forward_row rows[FORWARD_MAX_ROWS];
    struct forward_span spans[FORWARD_MAX_ROWS];
    int n_rows, n_spans;
    int outs[FORWARD_MAX_ROWS]; /* the rows that want logits */
    int n_outs;
    bool alone;   /* row work is done by every thread for itself */
    bool singles; /* every span has one row */
    int n_tiles;  /* of the longest session */
    struct forward_span blocks[FORWARD_MAX_ROWS]; /* that attend together */
    int n_blocks;
    atomic_int next_item;  /* of attention */
    atomic_bool broken;    /* some logit is no number */
    int n_ranks; /* of all adapters of a session; 0: there are none */
};

/* Makes the scratch memory of g, whose weights and pool are set.  NULL with
 * ERR_BACKEND: there is not enough for its shape. */
struct forward *forward_open(struct engine *g, const struct kern *k,
                             struct err *e);
void forward_close(struct forward *f); /* NULL is allowed */

/* Does engine_eval for feeds that were checked; does not move n_past. */
int forward_eval(struct forward *f, const struct engine_feed *feeds,
                 size_t n_feeds, struct err *e);

/* --- between forward.c, products.c, adapt.c, attention.c and experts.c -- */

/* A matrix, what it is multiplied with, where the result goes. */
struct forward_product {
    const struct matrix *m;
    struct kern_rows x;
    float *out; /* [row][stride] */
    size_t stride;
};

/* Does this thread's share of the panels of several products.  In a small pass
 * that is an even part.  In a large one a thread takes a chunk at a time, since
 * a thread that shares its core with another program gets less done.  Each call
 * in a pass has a counter of chunks, and all threads make the same calls. */
void forward_multiply(struct forward *f, const struct forward_product *p,
                      int n, int thread);
/* The same; the thread calls `then` for the panels [first, last) that it has
 * just made. */
typedef void forward_then(void *arg, int first, int last);
void forward_multiply_then(struct forward *f, const struct forward_product *p,
                           int n, int thread, forward_then *then, void *arg);
/* The same for pairs (gate, up) of products: gate = activation(gate) * up. */
void forward_multiply_gated(struct forward *f,
                            const struct forward_product *pairs, int n_pairs,
                            int thread);

/* Only gate = activation(gate) * up, of columns [first, last) of all rows. */
void forward_activate(const struct forward *f,
                      const struct forward_product pair[2], int first,
                      int last);

/* adapt.c: memory for the pass; then the products of a layer, n of them from
 * place `at` on, with what the adapters of each session add, and a barrier. */
int adapt_prepare(struct forward *f, struct err *e);
void adapt_multiply(struct forward *f, int layer, enum adapter_place at,
                    const struct forward_product *p, int n, int thread);
/* The same of gate and up, activated. */
void adapt_multiply_gated(struct forward *f, int layer,
                          const struct forward_product pair[2], int thread);
/* The same of the head, for the rows outs[from, …). */
void adapt_multiply_head(struct forward *f, int from,
                         const struct forward_product *p, int thread);
/* Adds to the embedding of a token. */
void adapt_embedding(const struct forward *f, const struct engine_session *s,
                     int32_t id, float *x);

/* A thread's part of n things: [*first, *last). */
void forward_split(const struct forward *f, int n, int thread, int *first,
                   int *last);
/* The rows that a thread works on in a row stage, of n: its part, or all. */
void forward_share(const struct forward *f, int n, int thread, int *first,
                   int *last);
/* The end of a row stage. */
void forward_rows_done(const struct forward *f);

/* Quantizes x [cols], row r of n, if the matrix that reads it wants that. */
void forward_quantize(const struct forward *f, bool wanted, const float *x,
                      int n, int r, int cols, struct kern_block *blocks);

/* Blocks of the widest input of a row. */
size_t forward_row_blocks(const struct forward *f);

const struct forward_lane *forward_lane(const struct forward *f, int thread);

/* attention.c: memory (false: there is none); from f->qkv to parts or
 * f->shared.mixed; and from there to lane->mixed of row r (the pointer to the
 * row). */
bool attention_open(struct forward *f);
void attention_close(struct forward *f);
int attention_prepare(struct forward *f, struct err *e);
void attention_run(struct forward *f, int index, int thread);
const float *attention_result(struct forward *f, int r, float *mixed);

/* experts.c: the feed-forward part of a layer with experts, from
 * lane->normed to f->delta. */
struct forward_experts *experts_open(const struct forward *f); /* or NULL */
size_t experts_row_bytes(const struct hparams *h); /* of a row in a pass */
void experts_close(struct forward_experts *experts);
void experts_run(struct forward *f, const struct weights_layer *layer,
                 int thread);

#endif
