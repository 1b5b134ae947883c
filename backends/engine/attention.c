/* Attention: keys and values into the cache, queries over it.
 *
 * Positions are taken in tiles of KV_TILE.  Within a tile a query has a
 * maximum, a sum of exponentials and a weighted sum of values; tiles are merged
 * in order (Milakov and Gimelshein, "Online normalizer calculation for
 * softmax", 2018).  A prompt's rows walk over their tiles, some rows at a time
 * so that keys are read once for all.  Single rows have their tiles worked on
 * by all threads at once, and merged afterwards in the same order: the numbers
 * are the same. */
#include "backends/engine/forward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A part is what one tile gives one query: the maximum, the sum, the values. */
#define PART_HEAD 2

/* What attends together: more rows waste more on what the first ones may not
 * see yet. */
#define MOST_QUERIES 64
#define MOST_ROWS 32
#define LEAST_ROWS 4
#define ITEMS_OF_THREAD 4 /* so that none waits long for another's last one */

/* Rows of a session that attend together, at most: so many that reading the
 * keys and values of a tile, and making floats of them, is little beside the
 * sums. */
static int rows_at_once(const struct forward *f)
{
    int group = f->weights->h.n_heads / f->weights->h.n_kv_heads;
    int rows = MOST_QUERIES / group;
    if (rows > 8)
        rows = rows / 8 * 8; /* kernels take queries by eight */
    return rows < 1 ? 1 : rows > MOST_ROWS ? MOST_ROWS : rows;
}

static int queries_at_once(const struct forward *f)
{
    int group = f->weights->h.n_heads / f->weights->h.n_kv_heads;
    return group * rows_at_once(f);
}

static size_t part_floats(const struct forward *f)
{
    return PART_HEAD + (size_t)kern_value_padded(f->weights->h.d_head);
}

/* Returns the part of a row, a head and a tile. */
static float *part_of(const struct forward *f, int row, int head, int tile)
{
    size_t i =
        (size_t)(row * f->weights->h.n_heads + head) * (size_t)f->n_tiles;
    return f->parts + (i + (size_t)tile) * part_floats(f);
}

/* --- memory ------------------------------------------------------------ */

bool attention_open(struct forward *f)
{
    size_t n = (size_t)queries_at_once(f),
           d = (size_t)kern_value_padded(f->weights->h.d_head);
    f->attends = mem_calloc((size_t)f->max_threads, sizeof(*f->attends));
    for (int i = 0; i < f->max_threads; i++) {
        struct forward_attend *scratch = &f->attends[i];
        bool opened = kv_queries_open(&scratch->q, (int)n, (int)d);
        scratch->s = mem_try_aligned(n, KV_TILE * sizeof(float));
        scratch->o = mem_try_aligned(n, d * sizeof(float));
        scratch->max = mem_try(n, sizeof(float));
        scratch->sum = mem_try(n, sizeof(float));
        scratch->all_o = mem_try_aligned(n, d * sizeof(float));
        scratch->all_max = mem_try(n, sizeof(float));
        scratch->all_sum = mem_try(n, sizeof(float));
        if (!opened || !scratch->s || !scratch->o || !scratch->max ||
            !scratch->sum || !scratch->all_o || !scratch->all_max ||
            !scratch->all_sum)
            return false;
    }
    return true;
}

void attention_close(struct forward *f)
{
    for (int i = 0; f->attends != NULL && i < f->max_threads; i++) {
        struct forward_attend *scratch = &f->attends[i];
        kv_queries_close(&scratch->q);
        free(scratch->s);
        free(scratch->o);
        free(scratch->max);
        free(scratch->sum);
        free(scratch->all_o);
        free(scratch->all_max);
        free(scratch->all_sum);
    }
    free(f->attends);
    free(f->parts);
}

static void add_blocks(struct forward *f, const struct forward_span *s,
                       int most)
{
    for (int at = 0; at < s->n; at += most) {
        int n = s->n - at < most ? s->n - at : most;
        f->blocks[f->n_blocks++] =
            (struct forward_span){s->session, s->first + at, n};
    }
}

int attention_prepare(struct forward *f, struct err *e)
{
    int longest = 0;
    for (int i = 0; i < f->n_rows; i++)
        if (f->rows[i].position > longest)
            longest = f->rows[i].position;
    f->n_tiles = longest / KV_TILE + 1;
    int most = rows_at_once(f), shared = f->n_rows * f->weights->h.n_kv_heads /
                                         (ITEMS_OF_THREAD * f->max_threads);
    shared = shared < LEAST_ROWS ? LEAST_ROWS : shared;
    f->n_blocks = 0;
    for (int i = 0; i < f->n_spans; i++)
        add_blocks(f, &f->spans[i], shared < most ? shared : most);
    if (!f->singles)
        return 0;
    size_t n = (size_t)(f->n_rows * f->weights->h.n_heads) * (size_t)f->n_tiles;
    if (n <= f->cap_parts)
        return 0;
    free(f->parts);
    f->cap_parts = 0;
    f->parts = mem_try_aligned(n, part_floats(f) * sizeof(float));
    if (f->parts == NULL)
        return err_set(e, ERR_BACKEND, "%s: no memory to attend over %d "
                       "tokens", f->engine->path, longest + 1);
    f->cap_parts = n;
    return 0;
}

/* --- one head ---------------------------------------------------------- */

struct attention {
    struct forward *f;
    const struct weights_layer *layer;
    const struct forward_lane *lane;
    struct forward_attend *scratch;
    int index;        /* of the layer */
    int row, kv_head; /* whose queries are in scratch->q; row -1: nobody's */
};

static const struct rope *rope_of(const struct attention *attn, int row)
{
    const struct weights *w = attn->f->weights;
    if (attn->layer->local)
        return &w->ropes[WEIGHTS_ROPE_LOCAL];
    return &w->ropes[attn->f->rows[row].session->long_rope
                         ? WEIGHTS_ROPE_LONG
                         : WEIGHTS_ROPE_GLOBAL];
}

/* Takes numbers [at, at + d) of a row's q, k and v: bias added, a query or key
 * normed and rotated. */
static void take_head(const struct attention *attn, int row, int at,
                      const float *norm, bool rotate, float *out)
{
    const struct forward *f = attn->f;
    const struct hparams *h = &f->weights->h;
    const float *in = f->qkv + (size_t)row * (size_t)f->n_qkv + at;
    memcpy(out, in, (size_t)h->d_head * sizeof(*out));
    if (attn->layer->qkv_bias != NULL)
        f->kern->add(out, attn->layer->qkv_bias + at, 1, h->d_head);
    if (norm != NULL && h->arch->qk_norm == QK_NORM_HEAD)
        f->kern->rmsnorm(out, norm, h->d_head, h->eps, out);
    if (rotate && attn->layer->has_rope)
        rope_apply(rope_of(attn, row),
                   attn->lane->angles + (size_t)(2 * row + attn->layer->local) *
                                            (size_t)h->n_rot,
                   out);
}

static void store_key_value(const struct attention *attn, int row, int head)
{
    const struct forward *f = attn->f;
    const struct forward_row *r = &f->rows[row];
    const struct kv *kv = &r->session->kv;
    int rest = kv->d_pad - kv->d;
    float *key = attn->scratch->o, *value = key + kv->d_pad; /* free by now */
    take_head(attn, row, f->n_q + head * kv->d, attn->layer->k_norm, true,
              key);
    take_head(attn, row, f->n_q + f->n_kv + head * kv->d, NULL, false, value);
    memset(key + kv->d, 0, (size_t)rest * sizeof(*key));
    memset(value + kv->d, 0, (size_t)rest * sizeof(*value));
    kv->form->store(kv, f->kern,
                    session_head(r->session, r->position / KV_TILE,
                                 attn->index, head),
                    r->position % KV_TILE, key, value);
}

/* Queries of a group of heads of rows [row, row + n): [row][head][d]. */
static void take_queries(struct attention *attn, int row, int n, int kv_head)
{
    const struct hparams *h = &attn->f->weights->h;
    const struct kv *kv = &attn->f->rows[row].session->kv;
    int group = h->n_heads / h->n_kv_heads;
    if (attn->row == row && attn->kv_head == kv_head)
        return; /* from the tile before */
    attn->row = row;
    attn->kv_head = kv_head;
    for (int i = 0; i < n * group; i++) {
        int head = kv_head * group + i % group;
        float *q = attn->scratch->o; /* free by now */
        take_head(attn, row + i / group, head * h->d_head, attn->layer->q_norm,
                  true, q);
        for (int j = 0; j < h->d_head; j++)
            q[j] *= h->score_scale;
        kv->form->ask(kv, attn->f->kern, &attn->scratch->q, i, q);
    }
}

/* The first position that a row sees in this layer. */
static int first_seen(const struct attention *attn, int position)
{
    int window = attn->f->weights->h.window;
    return attn->layer->local && position >= window ? position - window + 1 : 0;
}

/* Scores of one query of a row, in a tile that begins at `begin` and of which
 * n were computed, to weights.  Returns their sum. */
static float weights_of(const struct attention *attn, int position, int begin,
                        int n, float *s, float *max)
{
    float cap = attn->f->weights->h.score_cap;
    int first = first_seen(attn, position) - begin, last = position + 1 - begin;
    for (int i = 0; cap > 0 && i < n; i++)
        s[i] = cap * tanhf(s[i] / cap);
    for (int i = 0; i < first && i < n; i++)
        s[i] = -INFINITY;
    for (int i = last < 0 ? 0 : last; i < n; i++)
        s[i] = -INFINITY;
    return attn->f->kern->softmax(s, n, max);
}

/* One tile for the n_q queries in scratch->q, of rows from `row` on: its
 * results are scratch->max, sum and o.  `then` is the head that this thread
 * reads next, or NULL. */
static void attend_tile(const struct attention *attn, int row, int n_rows,
                        int kv_head, int tile, const void *then)
{
    const struct forward *f = attn->f;
    struct forward_attend *scratch = attn->scratch;
    const struct engine_session *session = f->rows[row].session;
    const struct kv *kv = &session->kv;
    int group = f->weights->h.n_heads / f->weights->h.n_kv_heads,
        n_q = n_rows * group;
    int begin = tile * KV_TILE;
    int end = f->rows[row + n_rows - 1].position + 1;
    int n = end - begin < KV_TILE ? end - begin : KV_TILE;
    const void *head = session_head(session, tile, attn->index, kv_head);
    int whole = (n + KERN_KEY_BLOCK - 1) / KERN_KEY_BLOCK * KERN_KEY_BLOCK;
    kv->form->scores(kv, f->kern, &scratch->q, n_q, head, whole, scratch->s);
    for (int i = 0; i < n_q; i++)
        scratch->sum[i] =
            weights_of(attn, f->rows[row + i / group].position, begin, n,
                       scratch->s + i * KV_TILE, &scratch->max[i]);
    kv->form->weigh(kv, f->kern, scratch->s, n_q, head, n, scratch->o,
                    then ? then : head);
}

/* --- tiles together ---------------------------------------------------- */

/* Adds a tile to those before it; *all_sum is 0 if there is none. */
static void merge(const struct kern *k, float *all_max, float *all_sum,
                  float *all_o, float max, float sum, const float *o,
                  int d_head)
{
    if (sum == 0) /* the query sees nothing of this tile */
        return;
    float top = *all_sum > 0 && *all_max > max ? *all_max : max;
    float old = *all_sum > 0 ? expf(*all_max - top) : 0, new = expf(max - top);
    k->blend(all_o, old, o, new, d_head);
    *all_sum = *all_sum * old + sum * new;
    *all_max = top;
}

static void finish(const float *all_o, float all_sum, int d_head, float *out)
{
    float scale = 1.0f / all_sum;
    for (int i = 0; i < d_head; i++)
        out[i] = all_o[i] * scale;
}

static int first_tile(const struct attention *attn, int row)
{
    return first_seen(attn, attn->f->rows[row].position) / KV_TILE;
}

/* Some rows of a prompt over all their tiles, into shared.mixed. */
static void attend_rows(struct attention *attn, int row, int n_rows,
                        int kv_head)
{
    const struct forward *f = attn->f;
    struct forward_attend *scratch = attn->scratch;
    const struct hparams *h = &f->weights->h;
    int d_head = h->d_head, pad = kern_value_padded(d_head),
        group = h->n_heads / h->n_kv_heads;
    int last = f->rows[row + n_rows - 1].position / KV_TILE;
    int n_q = n_rows * group;
    take_queries(attn, row, n_rows, kv_head);
    memset(scratch->all_o, 0, (size_t)(n_q * pad) * sizeof(*scratch->all_o));
    memset(scratch->all_sum, 0, (size_t)n_q * sizeof(*scratch->all_sum));
    for (int t = first_tile(attn, row); t <= last; t++) {
        attend_tile(attn, row, n_rows, kv_head, t, NULL);
        for (int i = 0; i < n_q; i++)
            merge(f->kern, &scratch->all_max[i], &scratch->all_sum[i],
                  scratch->all_o + i * pad, scratch->max[i], scratch->sum[i],
                  scratch->o + i * pad, d_head);
    }
    for (int i = 0; i < n_q; i++) {
        int head = kv_head * group + i % group;
        finish(scratch->all_o + i * pad, scratch->all_sum[i], d_head,
               f->shared.mixed + (size_t)(row + i / group) * (size_t)f->n_q +
                   head * d_head);
    }
}

/* A piece of work: one tile of one head of a single row. */
struct single {
    int row, kv_head, tile;
};

static struct single single_at(const struct forward *f, int i)
{
    int per_row = f->weights->h.n_kv_heads * f->n_tiles, in_row = i % per_row;
    return (struct single){i / per_row, in_row / f->n_tiles,
                           f->n_tiles - 1 - in_row % f->n_tiles};
}

static bool is_seen(const struct attention *attn, struct single s)
{
    return s.tile >= first_tile(attn, s.row) &&
           s.tile <= attn->f->rows[s.row].position / KV_TILE;
}

/* The head of piece i of n, or NULL if there is none to read. */
static const void *head_at(const struct attention *attn, int i, int n)
{
    struct single s = single_at(attn->f, i);
    if (i >= n || !is_seen(attn, s))
        return NULL;
    return session_head(attn->f->rows[s.row].session, s.tile, attn->index,
                        s.kv_head);
}

/* A piece, into its part; `then` is the head of the next one. */
static void attend_single(struct attention *attn, struct single s,
                          const void *then)
{
    const struct forward *f = attn->f;
    struct forward_attend *scratch = attn->scratch;
    const struct hparams *h = &f->weights->h;
    int group = h->n_heads / h->n_kv_heads, pad = kern_value_padded(h->d_head);
    if (s.tile == f->rows[s.row].position / KV_TILE)
        store_key_value(attn, s.row, s.kv_head);
    bool seen = is_seen(attn, s);
    if (seen) {
        take_queries(attn, s.row, 1, s.kv_head);
        attend_tile(attn, s.row, 1, s.kv_head, s.tile, then);
    }
    for (int i = 0; i < group; i++) {
        float *part = part_of(f, s.row, s.kv_head * group + i, s.tile);
        part[0] = seen ? scratch->max[i] : 0;
        part[1] = seen ? scratch->sum[i] : 0;
        if (seen)
            memcpy(part + PART_HEAD, scratch->o + i * pad,
                   (size_t)pad * sizeof(*part));
    }
}

const float *attention_result(struct forward *f, int r, float *mixed)
{
    if (!f->singles)
        return f->shared.mixed + (size_t)r * (size_t)f->n_q;
    int d_head = f->weights->h.d_head;
    for (int head = 0; head < f->weights->h.n_heads; head++) {
        float max = 0, sum = 0, *out = mixed + head * d_head;
        memset(out, 0, (size_t)d_head * sizeof(*out));
        for (int t = 0; t < f->n_tiles; t++) {
            const float *part = part_of(f, r, head, t);
            merge(f->kern, &max, &sum, out, part[0], part[1], part + PART_HEAD,
                  d_head);
        }
        finish(out, sum, d_head, out);
    }
    return mixed;
}

/* --- the stage --------------------------------------------------------- */

/* q and k of all heads normed together, before they are taken apart. */
static void norm_full(const struct attention *attn, int thread)
{
    struct forward *f = attn->f;
    int first, last;
    forward_split(f, f->n_rows, thread, &first, &last);
    for (int r = first; r < last; r++) {
        float *q = f->qkv + (size_t)r * (size_t)f->n_qkv;
        f->kern->rmsnorm(q, attn->layer->q_norm, f->n_q, f->weights->h.eps, q);
        f->kern->rmsnorm(q + f->n_q, attn->layer->k_norm, f->n_kv,
                         f->weights->h.eps, q + f->n_q);
    }
    pool_barrier(f->pool);
}

static void store_all(const struct attention *attn, int thread)
{
    int heads = attn->f->weights->h.n_kv_heads, first, last;
    forward_split(attn->f, attn->f->n_rows * heads, thread, &first, &last);
    for (int i = first; i < last; i++)
        store_key_value(attn, i / heads, i % heads);
    pool_barrier(attn->f->pool);
}

/* Items of work go to whichever thread comes first.  The last rows of a prompt
 * see the most and are begun first. */
static void attend_all(struct attention *attn)
{
    struct forward *f = attn->f;
    int heads = f->weights->h.n_kv_heads, i;
    while ((i = atomic_fetch_add(&f->next_item, 1)) < f->n_blocks * heads) {
        const struct forward_span *b = &f->blocks[f->n_blocks - 1 - i / heads];
        attend_rows(attn, b->first, b->n, i % heads);
    }
}

/* A thread takes its next piece before it works on one, so that the memory of
 * the next can be asked for in time. */
static void attend_singles(struct attention *attn)
{
    struct forward *f = attn->f;
    int n = f->n_rows * f->weights->h.n_kv_heads * f->n_tiles;
    int i = atomic_fetch_add(&f->next_item, 1);
    while (i < n) {
        int next = atomic_fetch_add(&f->next_item, 1);
        attend_single(attn, single_at(f, i), head_at(attn, next, n));
        i = next;
    }
}

void attention_run(struct forward *f, int index, int thread)
{
    struct attention attn = {.f = f,
                             .layer = &f->weights->layers[index],
                             .lane = forward_lane(f, thread),
                             .scratch = &f->attends[thread],
                             .index = index,
                             .row = -1};
    if (f->weights->h.arch->qk_norm == QK_NORM_FULL)
        norm_full(&attn, thread);
    if (f->singles) {
        attend_singles(&attn);
        return;
    }
    store_all(&attn, thread);
    attend_all(&attn);
}
