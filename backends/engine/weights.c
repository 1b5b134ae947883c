#include "backends/engine/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "backends/engine/weights_private.h"
#include "base/mem.h"

/* "blk.3.attn_q.weight" from 3 and "attn_q.weight". */
struct name {
    char text[64];
};

static struct name name_in(int layer, const char *rest)
{
    struct name n;
    snprintf(n.text, sizeof(n.text), "blk.%d.%s", layer, rest);
    return n;
}

static int layer_vector(struct weights_loader *l, int layer, const char *rest,
                        int n, bool required, float **out, struct err *e)
{
    return weights_vector(l, name_in(layer, rest).text, n, required, out, e);
}

static int layer_matrix(struct weights_loader *l, int layer, const char *rest,
                        int rows, int cols, struct matrix *m, struct err *e)
{
    return weights_matrix(l, name_in(layer, rest).text, rows, cols, m, e);
}

/* --- attention --------------------------------------------------------- */

static int load_norms(struct weights_loader *l, int i, struct err *e)
{
    const struct hparams *h = &l->w->h;
    const struct arch *a = h->arch;
    struct weights_layer *y = &l->w->layers[i];
    bool pre = !a->no_pre_norm, post = a->post_norms;
    int q = h->d_head, k = h->d_head;
    if (a->qk_norm == QK_NORM_FULL) {
        q *= h->n_heads;
        k *= h->n_kv_heads;
    }
    if ((pre && layer_vector(l, i, "attn_norm.weight", h->n_embd, true,
                             &y->attn_norm, e) != 0) ||
        (pre && layer_vector(l, i, "ffn_norm.weight", h->n_embd, true,
                             &y->ffn_norm, e) != 0) ||
        (post && layer_vector(l, i, "post_attention_norm.weight", h->n_embd,
                              true, &y->attn_post_norm, e) != 0) ||
        (post && layer_vector(l, i, "post_ffw_norm.weight", h->n_embd, true,
                              &y->ffn_post_norm, e) != 0))
        return -1;
    if (a->qk_norm == QK_NORM_NONE)
        return 0;
    if (layer_vector(l, i, "attn_q_norm.weight", q, true, &y->q_norm, e) != 0)
        return -1;
    return layer_vector(l, i, "attn_k_norm.weight", k, true, &y->k_norm, e);
}

/* Biases of q, k and v into one vector, zeros if one is missing. */
static int load_qkv_bias(struct weights_loader *l, int i, int q, int kv,
                         struct err *e)
{
    struct weights_layer *y = &l->w->layers[i];
    float *b[3];
    if (layer_vector(l, i, "attn_qkv.bias", q + 2 * kv, false, &y->qkv_bias,
                     e) != 0 ||
        layer_vector(l, i, "attn_q.bias", q, false, &b[0], e) != 0 ||
        layer_vector(l, i, "attn_k.bias", kv, false, &b[1], e) != 0 ||
        layer_vector(l, i, "attn_v.bias", kv, false, &b[2], e) != 0)
        return -1;
    if (b[0] == NULL && b[1] == NULL && b[2] == NULL)
        return 0;
    struct weights *w = l->w;
    float *all = mem_calloc((size_t)(q + 2 * kv), sizeof(*all));
    w->vectors = mem_realloc(w->vectors, w->n_vectors + 1, sizeof(*w->vectors));
    w->vectors[w->n_vectors++] = all;
    for (int k = 0, at = 0; k < 3; at += k == 0 ? q : kv, k++)
        if (b[k])
            memcpy(all + at, b[k], (size_t)(k == 0 ? q : kv) * sizeof(*all));
    y->qkv_bias = all;
    return 0;
}

static bool has_tensor(const struct weights_loader *l, const char *name)
{
    return (l->gguf ? gguf_find_tensor(l->gguf, name)
                    : checkpoint_find(l->checkpoint, name)) != NULL;
}

static int load_attention(struct weights_loader *l, int i, struct err *e)
{
    const struct hparams *h = &l->w->h;
    struct weights_layer *y = &l->w->layers[i];
    int q = h->n_heads * h->d_head, kv = h->n_kv_heads * h->d_head;
    if (has_tensor(l, name_in(i, "attn_qkv.weight").text)) {
        y->n_qkv = 1;
        if (layer_matrix(l, i, "attn_qkv.weight", q + 2 * kv, h->n_embd,
                         &y->qkv[0], e) != 0)
            return -1;
    } else {
        y->n_qkv = 3;
        if (layer_matrix(l, i, "attn_q.weight", q, h->n_embd, &y->qkv[0],
                         e) != 0 ||
            layer_matrix(l, i, "attn_k.weight", kv, h->n_embd, &y->qkv[1],
                         e) != 0 ||
            layer_matrix(l, i, "attn_v.weight", kv, h->n_embd, &y->qkv[2],
                         e) != 0)
            return -1;
    }
    if (load_qkv_bias(l, i, q, kv, e) != 0 ||
        layer_matrix(l, i, "attn_output.weight", h->n_embd, q, &y->attn_out,
                     e) != 0)
        return -1;
    return layer_vector(l, i, "attn_output.bias", h->n_embd, false,
                        &y->attn_out_bias, e);
}

/* --- feed-forward ------------------------------------------------------ */

static struct matrix *gate_or_up(void *arg, int k)
{
    struct weights_ffn *f = arg;
    return k == 0 ? &f->gate : &f->up;
}

static struct matrix *gate_of(void *arg, int k)
{
    return &((struct weights_ffn *)arg)[k].gate;
}

static struct matrix *up_of(void *arg, int k)
{
    return &((struct weights_ffn *)arg)[k].up;
}

static struct matrix *down_of(void *arg, int k)
{
    return &((struct weights_ffn *)arg)[k].down;
}

static int load_experts(struct weights_loader *l, int i, struct err *e)
{
    const struct hparams *h = &l->w->h;
    struct weights_layer *y = &l->w->layers[i];
    int n = h->n_experts, ff = h->n_ff_expert;
    y->ffn = mem_calloc((size_t)n, sizeof(*y->ffn));
    if (layer_matrix(l, i, "ffn_gate_inp.weight", n, h->n_embd, &y->router,
                     e) != 0 ||
        weights_matrices(l, name_in(i, "ffn_gate_exps.weight").text, n, ff,
                         h->n_embd, gate_of, y->ffn, e) != 0 ||
        weights_matrices(l, name_in(i, "ffn_up_exps.weight").text, n, ff,
                         h->n_embd, up_of, y->ffn, e) != 0)
        return -1;
    return weights_matrices(l, name_in(i, "ffn_down_exps.weight").text, n,
                            h->n_embd, ff, down_of, y->ffn, e);
}

/* Whether gate and up are the rows of one matrix, as phi3 has them. */
static bool is_merged(const struct weights_loader *l, int i)
{
    if (l->gguf == NULL || has_tensor(l, name_in(i, "ffn_gate.weight").text))
        return false;
    const struct gguf_tensor *t =
        gguf_find_tensor(l->gguf, name_in(i, "ffn_up.weight").text);
    return t != NULL && t->dims[1] == 2 * (uint64_t)l->w->h.n_ff;
}

static int load_ffn(struct weights_loader *l, int i, struct err *e)
{
    const struct hparams *h = &l->w->h;
    struct weights_layer *y = &l->w->layers[i];
    if (h->n_experts > 0)
        return load_experts(l, i, e);
    y->ffn = mem_calloc(1, sizeof(*y->ffn));
    if (!is_merged(l, i)) {
        if (layer_matrix(l, i, "ffn_gate.weight", h->n_ff, h->n_embd,
                         &y->ffn->gate, e) != 0 ||
            layer_matrix(l, i, "ffn_up.weight", h->n_ff, h->n_embd,
                         &y->ffn->up, e) != 0)
            return -1;
    } else if (weights_matrices(l, name_in(i, "ffn_up.weight").text, 2,
                                h->n_ff, h->n_embd, gate_or_up, y->ffn,
                                e) != 0) {
        return -1;
    }
    return layer_matrix(l, i, "ffn_down.weight", h->n_embd, h->n_ff,
                        &y->ffn->down, e);
}

/* --- the whole --------------------------------------------------------- */

static int load_layers(struct weights_loader *l, struct err *e)
{
    struct weights *w = l->w;
    w->layers = mem_calloc((size_t)w->h.n_layers, sizeof(*w->layers));
    for (int i = 0; i < w->h.n_layers; i++) {
        w->layers[i].local = arch_is_local(&w->h, i);
        w->layers[i].has_rope = arch_has_rope(&w->h, i);
        if (load_norms(l, i, e) != 0 || load_attention(l, i, e) != 0 ||
            load_ffn(l, i, e) != 0)
            return -1;
    }
    return 0;
}

static int load_ends(struct weights_loader *l, struct err *e)
{
    struct weights *w = l->w;
    int n_embd = w->h.n_embd;
    const struct gguf_tensor *t = weights_find(l, "token_embd.weight");
    l->n_claimed -= t != NULL; /* found once more below */
    if (t != NULL && (t->dims[1] == 0 || t->dims[1] > 1 << 24))
        return err_set(e, ERR_FORMAT, "%s: a vocabulary of %llu tokens",
                       l->path, (unsigned long long)t->dims[1]);
    w->n_vocab = t ? (int)t->dims[1] : 0;
    if (weights_matrix(l, "token_embd.weight", w->n_vocab, n_embd, &w->embed,
                       e) != 0 ||
        weights_vector(l, "output_norm.weight", n_embd, true, &w->out_norm,
                       e) != 0)
        return -1;
    if (has_tensor(l, "output.weight"))
        return weights_matrix(l, "output.weight", w->n_vocab, n_embd, &w->head,
                              e);
    return 0;
}

static int check_factors(const struct weights_loader *l, const float *f, int n,
                         struct err *e)
{
    for (int i = 0; f != NULL && i < n; i++)
        if (!(f[i] > 0 && f[i] < 1e30f))
            return err_set(e, ERR_FORMAT, "%s: a rope factor is not a positive "
                           "number", l->path);
    return 0;
}

static int load_ropes(struct weights_loader *l, struct err *e)
{
    struct weights *w = l->w;
    const struct hparams *h = &w->h;
    int n = h->n_rot / 2;
    float *freqs, *near, *far;
    if (weights_vector(l, "rope_freqs.weight", n, false, &freqs, e) != 0 ||
        weights_vector(l, "rope_factors_short.weight", n, false, &near, e) ||
        weights_vector(l, "rope_factors_long.weight", n, false, &far, e) ||
        check_factors(l, freqs, n, e) != 0 ||
        check_factors(l, near, n, e) != 0 || check_factors(l, far, n, e) != 0)
        return -1;
    rope_init(&w->ropes[WEIGHTS_ROPE_GLOBAL], h, h->rope_base, false,
              freqs ? freqs : near);
    rope_init(&w->ropes[WEIGHTS_ROPE_LOCAL], h, h->rope_local_base, true,
              NULL);
    rope_init(&w->ropes[WEIGHTS_ROPE_LONG], h, h->rope_base, false, far);
    w->has_long_rope = far != NULL;
    return 0;
}

static const struct gguf_tensor *tensor_at(const struct weights_loader *l,
                                           size_t i)
{
    return l->gguf ? gguf_tensor_at(l->gguf, i)
                   : checkpoint_tensor_at(l->checkpoint, i);
}

/* Counts parameters, finds the type of most. */
static void count_params(struct weights_loader *l, size_t n_tensors)
{
    uint64_t of_type[QUANT_Q8_F32 + 1] = {0};
    for (size_t i = 0; i < n_tensors; i++) {
        const struct gguf_tensor *t = tensor_at(l, i);
        uint64_t n = t->dims[0] * t->dims[1] * t->dims[2] * t->dims[3];
        uint32_t type = (uint32_t)t->type;
        l->w->n_params += n;
        of_type[type] += n;
        if (of_type[type] > of_type[l->w->main_type])
            l->w->main_type = type;
    }
}

static int load_all(struct weights_loader *l, struct pool *pool, struct err *e)
{
    if (load_ends(l, e) != 0 || load_layers(l, e) != 0 ||
        load_ropes(l, e) != 0)
        return -1;
    size_t n = l->gguf ? gguf_n_tensors(l->gguf)
                       : checkpoint_n_tensors(l->checkpoint);
    if (l->n_claimed != n)
        return err_set(e, ERR_BACKEND, "%s: has %zu tensors that this engine "
                       "does not know for architecture %s; it would answer "
                       "wrongly", l->path, n - l->n_claimed,
                       l->w->h.arch->name);
    count_params(l, n);
    if (weights_pack(l, pool, e) != 0)
        return -1;
    if (l->w->head.data == NULL)
        l->w->head = l->w->embed;
    return 0;
}

int weights_open(struct weights **out, const struct hparams *h,
                 const struct weights_source *source, struct pool *pool,
                 struct err *e)
{
    struct weights *w = mem_calloc(1, sizeof(*w));
    struct weights_loader l = {.w = w, .source = source,
                               .gguf = source->gguf,
                               .checkpoint = source->checkpoint,
                               .path = source->path};
    w->h = *h;
    int rc = load_all(&l, pool, e);
    free(l.jobs);
    if (rc != 0) {
        weights_close(w);
        return -1;
    }
    *out = w;
    return 0;
}

void weights_close(struct weights *w)
{
    if (w == NULL)
        return;
    for (int i = 0; w->layers != NULL && i < w->h.n_layers; i++)
        free(w->layers[i].ffn);
    free(w->layers);
    for (size_t i = 0; i < w->n_vectors; i++)
        free(w->vectors[i]);
    free(w->vectors);
    for (int i = 0; i < WEIGHTS_N_ROPES; i++)
        rope_free(&w->ropes[i]);
    if (w->packed != NULL)
        munmap(w->packed, w->packed_bytes);
    free(w);
}
