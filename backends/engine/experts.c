/* The feed-forward part of layers with experts: a router gives each row a few
 * of them, with weights.  Rows that chose the same expert are multiplied
 * together. */
#include "backends/engine/forward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* One of the experts of a row. */
struct choice {
    int row, expert;
    float weight;
    int place; /* among all choices, ordered by expert */
};

struct forward_experts {
    int cap_rows;
    float *scores;          /* [row][n_experts] of the router */
    struct choice *choices; /* [row][n_experts_used] */
    int *order;             /* [place]: the choice that stands there */
    int *first;             /* [n_experts + 1] places of each expert */
    float *in, *out;        /* [place][n_embd] */
    struct kern_block *blocks; /* of in; then of the hidden layer */
    struct forward_product *wide; /* [2 n_wanted] gate and up of an expert */
    struct forward_product *down; /* [n_wanted] */
    int n_wanted;                 /* experts that some row chose */
};

/* Blocks of the widest input of an expert. */
static size_t blocks_of_place(const struct hparams *h)
{
    int wide = h->n_embd > h->n_ff_expert ? h->n_embd : h->n_ff_expert;
    return ((size_t)wide + 31) / 32;
}

size_t experts_row_bytes(const struct hparams *h)
{
    const struct forward_experts *experts = NULL; /* for the sizes */
    size_t place = sizeof(*experts->choices) + sizeof(*experts->order) +
                   2 * (size_t)h->n_embd * sizeof(*experts->in) +
                   blocks_of_place(h) * sizeof(*experts->blocks);
    return (size_t)h->n_experts * sizeof(*experts->scores) +
           (size_t)h->n_experts_used * place;
}

struct forward_experts *experts_open(const struct forward *f)
{
    const struct hparams *h = &f->weights->h;
    struct forward_experts *experts = mem_calloc(1, sizeof(*experts));
    size_t rows = (size_t)f->max_rows, n = (size_t)h->n_experts;
    size_t places = rows * (size_t)h->n_experts_used;
    experts->scores = mem_try(rows * n, sizeof(*experts->scores));
    experts->choices = mem_try(places, sizeof(*experts->choices));
    experts->order = mem_try(places, sizeof(*experts->order));
    experts->first = mem_try(n + 1, sizeof(*experts->first));
    experts->in = mem_try(places * (size_t)h->n_embd, sizeof(*experts->in));
    experts->out = mem_try(places * (size_t)h->n_embd, sizeof(*experts->out));
    experts->blocks =
        mem_try(places * blocks_of_place(h), sizeof(*experts->blocks));
    experts->wide = mem_try(2 * n, sizeof(*experts->wide));
    experts->down = mem_try(n, sizeof(*experts->down));
    if (experts->scores && experts->choices && experts->order &&
        experts->first && experts->in && experts->out && experts->blocks &&
        experts->wide && experts->down)
        return experts;
    experts_close(experts);
    return NULL;
}

void experts_close(struct forward_experts *experts)
{
    if (experts == NULL)
        return;
    free(experts->scores);
    free(experts->choices);
    free(experts->order);
    free(experts->first);
    free(experts->in);
    free(experts->out);
    free(experts->blocks);
    free(experts->wide);
    free(experts->down);
    free(experts);
}

/* --- routing ----------------------------------------------------------- */

/* The best n_used experts of a row; their weights are the softmax over them. */
static void choose(const struct forward *f, int row)
{
    const struct hparams *h = &f->weights->h;
    struct forward_experts *experts = f->experts;
    float *s = experts->scores + (size_t)row * (size_t)h->n_experts;
    struct choice *choices =
        experts->choices + (size_t)row * (size_t)h->n_experts_used;
    float sum = 0;
    for (int k = 0; k < h->n_experts_used; k++) {
        int best = 0;
        for (int i = 1; i < h->n_experts; i++)
            if (s[i] > s[best])
                best = i;
        choices[k] =
            (struct choice){.row = row, .expert = best, .weight = s[best]};
        s[best] = -INFINITY;
    }
    for (int k = h->n_experts_used - 1; k >= 0; k--) {
        choices[k].weight = expf(choices[k].weight - choices[0].weight);
        sum += choices[k].weight;
    }
    for (int k = 0; k < h->n_experts_used; k++)
        choices[k].weight /= sum;
}

/* Orders all choices by expert. */
static void order_choices(const struct forward *f)
{
    const struct hparams *h = &f->weights->h;
    struct forward_experts *experts = f->experts;
    int n = f->n_rows * h->n_experts_used, at = 0;
    for (int k = 0; k < h->n_experts; k++) {
        experts->first[k] = at;
        for (int i = 0; i < n; i++)
            if (experts->choices[i].expert == k) {
                experts->choices[i].place = at;
                experts->order[at++] = i;
            }
    }
    experts->first[h->n_experts] = at;
}

/* --- the products ------------------------------------------------------ */

static bool wants_blocks(const struct weights_ffn *f)
{
    return f->gate.quant != NULL || f->up.quant != NULL;
}

/* The places of an expert, of inputs x [place][cols]. */
static struct kern_rows rows_of(const struct forward *f, int expert,
                                const float *x, int cols)
{
    const struct forward_experts *experts = f->experts;
    size_t first = (size_t)experts->first[expert];
    return (struct kern_rows){
        experts->first[expert + 1] - experts->first[expert], cols,
        experts->blocks + first * (size_t)(cols / 32),
        x + first * (size_t)cols};
}

/* Quantizes the input that stands in a place. */
static void quantize_place(const struct forward *f, int place, bool wanted,
                           const float *x, int cols)
{
    const struct forward_experts *experts = f->experts;
    int expert = experts->choices[experts->order[place]].expert;
    size_t first = (size_t)experts->first[expert];
    int n = experts->first[expert + 1] - experts->first[expert];
    forward_quantize(f, wanted, x, n, place - experts->first[expert], cols,
                     experts->blocks + first * (size_t)(cols / 32));
}

static void list_products(const struct forward *f,
                          const struct weights_layer *layer)
{
    const struct hparams *h = &f->weights->h;
    struct forward_experts *experts = f->experts;
    size_t ff = (size_t)h->n_ff_expert, embd = (size_t)h->n_embd;
    int n = 0;
    for (int k = 0; k < h->n_experts; k++) {
        const struct weights_ffn *w = &layer->ffn[k];
        struct kern_rows in = rows_of(f, k, experts->in, h->n_embd);
        struct kern_rows hidden = rows_of(f, k, f->gate, h->n_ff_expert);
        size_t at = (size_t)experts->first[k];
        if (in.n_rows == 0)
            continue;
        experts->wide[2 * n] =
            (struct forward_product){&w->gate, in, f->gate + at * ff, ff};
        experts->wide[2 * n + 1] =
            (struct forward_product){&w->up, in, f->up + at * ff, ff};
        experts->down[n++] = (struct forward_product){
            &w->down, hidden, experts->out + at * embd, embd};
    }
    experts->n_wanted = n;
}

/* --- the stages -------------------------------------------------------- */

static void route(struct forward *f, const struct weights_layer *layer,
                  int thread)
{
    const struct forward_lane *lane = forward_lane(f, thread);
    const struct hparams *h = &f->weights->h;
    struct forward_product p = {
        &layer->router,
        {f->n_rows, h->n_embd, lane->blocks, lane->normed},
        f->experts->scores,
        (size_t)h->n_experts};
    forward_multiply(f, &p, 1, thread);
    pool_barrier(f->pool);
    int first, last;
    forward_split(f, f->n_rows, thread, &first, &last);
    for (int r = first; r < last; r++)
        choose(f, r);
    pool_barrier(f->pool);
    if (thread == 0) {
        order_choices(f);
        list_products(f, layer);
    }
    pool_barrier(f->pool);
}

static void gather(struct forward *f, const struct weights_layer *layer,
                   int thread)
{
    const struct forward_lane *lane = forward_lane(f, thread);
    const struct hparams *h = &f->weights->h;
    struct forward_experts *experts = f->experts;
    size_t embd = (size_t)h->n_embd;
    int first, last;
    forward_split(f, f->n_rows * h->n_experts_used, thread, &first, &last);
    for (int i = first; i < last; i++) {
        const struct choice *choice = &experts->choices[experts->order[i]];
        float *in = experts->in + (size_t)i * embd;
        memcpy(in, lane->normed + (size_t)choice->row * embd,
               embd * sizeof(*in));
        quantize_place(f, i, wants_blocks(&layer->ffn[choice->expert]), in,
                       h->n_embd);
    }
    pool_barrier(f->pool);
}

static void quantize_hidden(struct forward *f,
                            const struct weights_layer *layer, int thread)
{
    const struct hparams *h = &f->weights->h;
    const struct forward_experts *experts = f->experts;
    int first, last;
    forward_split(f, f->n_rows * h->n_experts_used, thread, &first, &last);
    for (int i = first; i < last; i++) {
        int expert = experts->choices[experts->order[i]].expert;
        quantize_place(f, i, layer->ffn[expert].down.quant != NULL,
                       f->gate + (size_t)i * (size_t)h->n_ff_expert,
                       h->n_ff_expert);
    }
    pool_barrier(f->pool);
}

/* delta = the weighted sum of what the experts of a row say. */
static void sum_up(struct forward *f, int thread)
{
    const struct hparams *h = &f->weights->h;
    const struct forward_experts *experts = f->experts;
    size_t embd = (size_t)h->n_embd;
    int first, last;
    forward_split(f, f->n_rows, thread, &first, &last);
    for (int r = first; r < last; r++) {
        const struct choice *choices = experts->choices + r * h->n_experts_used;
        float *delta = f->delta + (size_t)r * embd;
        memset(delta, 0, embd * sizeof(*delta));
        for (int k = 0; k < h->n_experts_used; k++)
            f->kern->add(delta, experts->out + (size_t)choices[k].place * embd,
                         choices[k].weight, h->n_embd);
    }
    pool_barrier(f->pool);
}

void experts_run(struct forward *f, const struct weights_layer *layer,
                 int thread)
{
    const struct forward_experts *experts = f->experts;
    route(f, layer, thread);
    gather(f, layer, thread);
    forward_multiply_gated(f, experts->wide, experts->n_wanted, thread);
    pool_barrier(f->pool);
    quantize_hidden(f, layer, thread);
    forward_multiply(f, experts->down, experts->n_wanted, thread);
    pool_barrier(f->pool);
    sum_up(f, thread);
}
