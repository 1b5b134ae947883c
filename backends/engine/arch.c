#include "backends/engine/arch.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "backends/engine/file/kind.h"

#define MAX_LAYERS 1024

/* Sources: the models' reference code in the transformers package, and the
 * names and keys of the GGUF specification.  What holds without a key is what
 * the class of the model's configuration says there (version 4.57,
 * configuration_NAME.py). */
static const struct arch archs[] = {
    {
        .name = "llama",
        .eps = 1e-5f, /* norm_eps of Meta's own model.py, as all Llamas but the
                         first have it; LlamaConfig says 1e-6 */
        .n_experts_used = 2, /* MixtralConfig */
    },
    {.name = "llama2.c", .eps = 1e-5f}, /* run.c */
    {.name = "qwen2", .rope_halves = true, .eps = 1e-6f}, /* Qwen2Config */
    {
        .name = "qwen3", /* Qwen3Config */
        .rope_halves = true,
        .qk_norm = QK_NORM_HEAD,
        .eps = 1e-6f,
        .d_head = 128,
    },
    {
        .name = "qwen3moe", /* Qwen3MoeConfig */
        .rope_halves = true,
        .qk_norm = QK_NORM_HEAD,
        .eps = 1e-6f,
        .n_experts_used = 8,
    },
    {
        .name = "phi3", /* Phi3Config */
        .rope_halves = true,
        .eps = 1e-5f,
        .old_ctx = 4096,
    },
    {
        .name = "smollm3", /* SmolLM3Config */
        .no_rope_every = 4,
        .eps = 1e-6f,
        .rope_base = 2000000,
    },
    {
        .name = "granite", /* GraniteConfig */
        .finetuned_is_rope = true,
        .eps = 1e-6f,
        .score_scale = 1, /* attention_multiplier */
    },
    {
        .name = "olmo2", /* Olmo2Config */
        .rope_halves = true,
        .no_pre_norm = true,
        .post_norms = true,
        .qk_norm = QK_NORM_FULL,
        .window_every = 4, /* OLMo 3, whose files have a window */
        .eps = 1e-5f,
    },
    {
        .name = "gemma2", /* Gemma2Config */
        .rope_halves = true,
        .post_norms = true,
        .activation = KERN_GELU,
        .embed_sqrt = true,
        .window_every = 2,
        .deep_head_scale = true,
        .eps = 1e-6f,
        .d_head = 256,
        .score_cap = 50,
        .logit_cap = 30,
        .window = 4096,
    },
    {
        .name = "gemma3", /* Gemma3TextConfig */
        .rope_halves = true,
        .post_norms = true,
        .qk_norm = QK_NORM_HEAD,
        .activation = KERN_GELU,
        .embed_sqrt = true,
        .window_every = 6,
        .local_base = 10000,
        .deep_head_scale = true,
        .eps = 1e-6f,
        .d_head = 256,
        .rope_base = 1000000,
        .window = 4096,
    },
};

#define N_ARCHS (sizeof(archs) / sizeof(*archs))

const struct arch *arch_find(const char *name)
{
    for (size_t i = 0; i < N_ARCHS; i++)
        if (strcmp(archs[i].name, name) == 0)
            return &archs[i];
    return NULL;
}

bool arch_is_local(const struct hparams *h, int layer)
{
    int every = h->window_every;
    return h->window > 0 && every > 0 && layer % every != every - 1;
}

bool arch_has_rope(const struct hparams *h, int layer)
{
    int every = h->arch->no_rope_every;
    return every == 0 || layer % every != every - 1;
}

/* --- keys -------------------------------------------------------------- */

/* "llama.block_count" from "block_count". */
struct key {
    char text[96];
};

static struct key key_of(const struct hparams *h, const char *name)
{
    struct key k;
    snprintf(k.text, sizeof(k.text), "%s.%s", h->arch->name, name);
    return k;
}

static int refuse_key(const struct gguf *g, struct key k, const char *why,
                      struct err *e)
{
    return err_set(e, ERR_FORMAT, "%s: %s is %s: the file is damaged, or was "
                   "made in a way that this engine does not know", gguf_path(g),
                   k.text, why);
}

/* A whole number, or a list of one for each layer that are all the same.  1:
 * read; 0: there is no such key, *out is as it was; -1. */
static int find_whole(const struct gguf *g, struct key k, uint64_t *out,
                      struct err *e)
{
    int32_t list[MAX_LAYERS];
    size_t n = gguf_array_i32(g, k.text, list, MAX_LAYERS);
    if (!gguf_has(g, k.text))
        return 0;
    if (n == 0 && gguf_get_u64(g, k.text, out))
        return 1;
    if (n == 0 || n > MAX_LAYERS || list[0] < 0)
        return refuse_key(g, k, "not a whole number", e);
    for (size_t i = 1; i < n; i++)
        if (list[i] != list[0])
            return refuse_key(g, k, "not the same in all layers", e);
    *out = (uint64_t)list[0];
    return 1;
}

/* A whole number in [1, max]; a missing key leaves *out as it is, so that 0
 * there (no default) is refused. */
static int read_int(const struct hparams *h, const struct gguf *g,
                    const char *name, int max, int *out, struct err *e)
{
    struct key k = key_of(h, name);
    uint64_t v = (uint64_t)*out;
    if (find_whole(g, k, &v, e) < 0)
        return -1;
    if (v == 0 || v > (uint64_t)max)
        return err_set(e, ERR_FORMAT, "%s: %s is missing or not a number "
                       "from 1 to %d", gguf_path(g), k.text, max);
    *out = (int)v;
    return 0;
}

/* A missing key leaves *out as it is. */
static int read_float(const struct hparams *h, const struct gguf *g,
                      const char *name, float *out, struct err *e)
{
    struct key k = key_of(h, name);
    double v;
    if (!gguf_has(g, k.text))
        return 0;
    if (!gguf_get_f64(g, k.text, &v))
        return refuse_key(g, k, "not a number", e);
    *out = (float)v;
    return 0;
}

/* A key for a variant of the computation that we do not have.  It may only say
 * what we do anyway. */
static int only_if(const struct hparams *h, const struct gguf *g,
                   const char *name, double a, double b, struct err *e)
{
    float v = (float)a;
    if (read_float(h, g, name, &v, e) != 0)
        return -1;
    if (fabs((double)v - a) < 1e-3 * fabs(a) + 1e-9 ||
        fabs((double)v - b) < 1e-3 * fabs(b) + 1e-9)
        return 0;
    return err_set(e, ERR_BACKEND, "%s: %s is %g, and this engine knows no "
                   "model with that; try a server (llama-server, Ollama)",
                   gguf_path(g), key_of(h, name).text, (double)v);
}

/* The rows of a tensor of the first layer; 0 if there is none. */
static uint64_t rows_of(const struct gguf *g, const char *name)
{
    const struct gguf_tensor *t = gguf_find_tensor(g, name);
    return t != NULL && t->dims[1] <= 1 << 24 ? t->dims[1] : 0;
}

static int read_heads(struct hparams *h, const struct gguf *g, struct err *e)
{
    uint64_t n_q = rows_of(g, "blk.0.attn_q.weight");
    uint64_t n_k = rows_of(g, "blk.0.attn_k.weight");
    uint64_t n_heads = (uint64_t)h->n_heads;
    h->d_head = h->n_embd / h->n_heads;
    if (h->arch->d_head > 0 && n_q == n_heads * (uint64_t)h->arch->d_head)
        h->d_head = h->arch->d_head;
    if (read_int(h, g, "attention.key_length", 4096, &h->d_head, e) != 0)
        return -1;
    h->n_kv_heads = h->n_heads;
    if (n_k > 0 && h->d_head > 0 && n_k % (uint64_t)h->d_head == 0)
        h->n_kv_heads = (int)(n_k / (uint64_t)h->d_head);
    return read_int(h, g, "attention.head_count_kv", 1024, &h->n_kv_heads, e);
}

static int read_shape(struct hparams *h, const struct gguf *g, struct err *e)
{
    if (read_int(h, g, "context_length", 1 << 26, &h->n_ctx, e) != 0 ||
        read_int(h, g, "block_count", MAX_LAYERS, &h->n_layers, e) != 0 ||
        read_int(h, g, "embedding_length", 1 << 17, &h->n_embd, e) != 0 ||
        read_int(h, g, "feed_forward_length", 1 << 20, &h->n_ff, e) != 0 ||
        read_int(h, g, "attention.head_count", 1024, &h->n_heads, e) != 0 ||
        read_heads(h, g, e) != 0)
        return -1;
    int d_value = h->d_head;
    if (read_int(h, g, "attention.value_length", 4096, &d_value, e) != 0)
        return -1;
    if (d_value != h->d_head)
        return err_set(e, ERR_BACKEND, "%s: keys of %d and values of %d "
                       "numbers; this engine needs them equal", gguf_path(g),
                       h->d_head, d_value);
    h->n_rot = h->d_head;
    return read_int(h, g, "rope.dimension_count", 4096, &h->n_rot, e);
}

/* How experts are chosen: this engine takes the softmax over those that were
 * chosen, and nothing else. */
static int read_routing(const struct hparams *h, const struct gguf *g,
                        struct err *e)
{
    struct key k = key_of(h, "expert_weights_norm");
    bool normed = true;
    if (gguf_has(g, k.text) && !gguf_get_bool(g, k.text, &normed))
        return refuse_key(g, k, "neither true nor false", e);
    if (!normed)
        return err_set(e, ERR_BACKEND, "%s: %s is false, and this engine knows "
                       "no model with that; try a server (llama-server, "
                       "Ollama)", gguf_path(g), k.text);
    if (only_if(h, g, "expert_gating_func", 1, 1, e) != 0 ||
        only_if(h, g, "expert_weights_scale", 1, 0, e) != 0 ||
        only_if(h, g, "expert_shared_count", 0, 0, e) != 0)
        return -1;
    return 0;
}

static int read_experts(struct hparams *h, const struct gguf *g,
                        struct err *e)
{
    uint64_t n = 0;
    int found = find_whole(g, key_of(h, "expert_count"), &n, e);
    if (found < 0 || n == 0)
        return found < 0 ? -1 : 0;
    uint64_t rows = rows_of(g, "blk.0.ffn_gate_exps.weight");
    h->n_ff_expert = rows > 0 ? (int)rows : h->n_ff;
    h->n_experts_used = h->arch->n_experts_used;
    if (read_int(h, g, "expert_count", 1024, &h->n_experts, e) != 0 ||
        read_int(h, g, "expert_used_count", 64, &h->n_experts_used, e) != 0 ||
        read_int(h, g, "expert_feed_forward_length", 1 << 20, &h->n_ff_expert,
                 e) != 0 ||
        read_routing(h, g, e) != 0)
        return -1;
    if (h->n_experts_used > h->n_experts)
        return err_set(e, ERR_FORMAT, "%s: uses %d experts of %d",
                       gguf_path(g), h->n_experts_used, h->n_experts);
    return 0;
}

static int read_scales(struct hparams *h, const struct gguf *g, struct err *e)
{
    const struct arch *a = h->arch;
    float d = (float)h->d_head, divisor = 1;
    bool deep = a->deep_head_scale && (h->n_layers == 46 || h->n_layers == 62);
    if (deep)
        d = (float)h->n_embd / (float)h->n_heads;
    h->score_scale = a->score_scale > 0 ? a->score_scale : 1 / sqrtf(d);
    h->score_cap = a->score_cap;
    h->logit_cap = a->logit_cap;
    h->embed_scale = a->embed_sqrt ? sqrtf((float)h->n_embd) : 1;
    h->residual_scale = 1;
    h->eps = a->eps;
    const struct {
        const char *key;
        float *to;
    } scales[] = {
        {"attention.layer_norm_rms_epsilon", &h->eps},
        {"attn_logit_softcapping", &h->score_cap},
        {"final_logit_softcapping", &h->logit_cap},
        /* Granite scales everything; its logits are divided. */
        {"attention.scale", &h->score_scale},
        {"embedding_scale", &h->embed_scale},
        {"residual_scale", &h->residual_scale},
        {"logit_scale", &divisor},
    };
    for (size_t i = 0; i < sizeof(scales) / sizeof(*scales); i++)
        if (read_float(h, g, scales[i].key, scales[i].to, e) != 0)
            return -1;
    h->logit_scale = 1 / divisor;
    return 0;
}

/* How positions are stretched; a factor without a kind is linear. */
static int read_scaling(struct hparams *h, const struct gguf *g, struct err *e)
{
    static const char *const kinds[] = {
        [ROPE_PLAIN] = "none",
        [ROPE_LINEAR] = "linear",
        [ROPE_YARN] = "yarn",
        [ROPE_LONG] = "longrope",
    };
    struct gguf_string kind;
    struct key k = key_of(h, "rope.scaling.type");
    if (!gguf_has(g, k.text)) {
        h->rope_scaling = h->rope_factor != 1 ? ROPE_LINEAR : ROPE_PLAIN;
        return 0;
    }
    if (!gguf_get_string(g, k.text, &kind))
        return refuse_key(g, k, "not text", e);
    for (int i = ROPE_PLAIN; i <= ROPE_LONG; i++)
        if (gguf_string_is(kind, kinds[i])) {
            h->rope_scaling = (enum rope_scaling)i;
            return 0;
        }
    return err_set(e, ERR_BACKEND, "%s: %s is %.*s, which this engine does "
                   "not know; try a server (llama-server, Ollama)",
                   gguf_path(g), k.text, (int)(kind.n < 32 ? kind.n : 32),
                   kind.data);
}

/* What YaRN may be told besides its factor. */
static int read_yarn(struct hparams *h, const struct gguf *g, struct err *e)
{
    h->yarn_fast = 32; /* the paper's beta, */
    h->yarn_slow = 1;  /* and its alpha */
    if (h->rope_scaling != ROPE_YARN)
        return 0;
    double rule = 1 + 0.1 * log((double)h->rope_factor);
    if (read_float(h, g, "rope.scaling.yarn_beta_fast", &h->yarn_fast, e) ||
        read_float(h, g, "rope.scaling.yarn_beta_slow", &h->yarn_slow, e) ||
        only_if(h, g, "rope.scaling.yarn_ext_factor", 1, -1, e) != 0 ||
        only_if(h, g, "rope.scaling.yarn_attn_factor", 1, rule, e) != 0 ||
        only_if(h, g, "rope.scaling.yarn_log_multiplier", 0, 0, e) != 0)
        return -1;
    return 0;
}

static int read_rope(struct hparams *h, const struct gguf *g, struct err *e)
{
    h->rope_base = h->arch->rope_base > 0 ? h->arch->rope_base : 10000;
    h->rope_factor = 1;
    h->rope_old_ctx = h->arch->old_ctx > 0 ? h->arch->old_ctx : h->n_ctx;
    /* Old files say scale_linear. */
    if (read_float(h, g, "rope.freq_base", &h->rope_base, e) != 0 ||
        read_float(h, g, "rope.scale_linear", &h->rope_factor, e) != 0 ||
        read_float(h, g, "rope.scaling.factor", &h->rope_factor, e) != 0 ||
        read_float(h, g, "rope.scaling.attn_factor", &h->rope_magnitude, e) ||
        read_int(h, g, "rope.scaling.original_context_length", 1 << 26,
                 &h->rope_old_ctx, e) != 0)
        return -1;
    if (h->rope_factor == 0)
        h->rope_factor = 1; /* so do others read it */
    h->rope_local_base = h->arch->local_base > 0 ? h->arch->local_base
                                                 : h->rope_base;
    if (read_float(h, g, "rope.freq_base_swa", &h->rope_local_base, e) != 0 ||
        read_scaling(h, g, e) != 0 || read_yarn(h, g, e) != 0)
        return -1;
    bool positions = true;
    struct key k = key_of(h, "rope.scaling.finetuned");
    gguf_get_bool(g, k.text, &positions);
    if (positions || !h->arch->finetuned_is_rope)
        return 0;
    return err_set(e, ERR_BACKEND, "%s: %s is false: a Granite without "
                   "positions, which this engine does not know; try a server "
                   "(llama-server, Ollama)", gguf_path(g), k.text);
}

/* Which layers see only a window: a list of all, or every how many one does
 * not. */
static int read_pattern(struct hparams *h, const struct gguf *g, struct err *e)
{
    struct key k = key_of(h, "attention.sliding_window_pattern");
    int32_t local[MAX_LAYERS];
    size_t n = gguf_array_i32(g, k.text, local, MAX_LAYERS);
    if (n == 0)
        return read_int(h, g, "attention.sliding_window_pattern", MAX_LAYERS,
                        &h->window_every, e);
    size_t first = 0; /* that sees all */
    while (first < n && first < MAX_LAYERS && local[first] != 0)
        first++;
    h->window_every = (int)first + 1;
    if (n != (size_t)h->n_layers)
        return refuse_key(g, k, "not as long as there are layers", e);
    for (int i = 0; i < h->n_layers; i++)
        if (arch_is_local(h, i) != (local[i] != 0))
            return refuse_key(g, k, "no period", e);
    return 0;
}

static int read_window(struct hparams *h, const struct gguf *g, struct err *e)
{
    uint64_t window = (uint64_t)h->arch->window;
    /* Other models carry the key too, but were not trained by it, or only see
     * all of what fits into it. */
    if (h->arch->window_every == 0)
        return 0;
    if (find_whole(g, key_of(h, "attention.sliding_window"), &window, e) < 0)
        return -1;
    h->window = window < INT32_MAX ? (int)window : 0;
    h->window_every = h->arch->window_every;
    return h->window > 0 ? read_pattern(h, g, e) : 0;
}

static int find_arch(struct hparams *h, const struct gguf *g, struct err *e)
{
    struct gguf_string name;
    char text[32] = "";
    if (!gguf_get_string(g, "general.architecture", &name))
        return err_set(e, ERR_FORMAT, "%s: no general.architecture: this is "
                       "no model", gguf_path(g));
    if (name.n < sizeof(text))
        memcpy(text, name.data, name.n);
    h->arch = arch_find(text);
    if (h->arch == NULL || h->arch == arch_find("llama2.c"))
        return err_set(e, ERR_BACKEND, "%s: architecture %.*s is not one that "
                       "this engine runs; try a server (llama-server, Ollama)",
                       gguf_path(g), (int)(name.n < 32 ? name.n : 32),
                       name.data);
    return 0;
}

int arch_read(struct hparams *h, const struct gguf *g, struct err *e)
{
    memset(h, 0, sizeof(*h));
    if (kind_check(g, e) != 0 || find_arch(h, g, e) != 0 ||
        read_shape(h, g, e) != 0 ||
        read_experts(h, g, e) != 0 || read_rope(h, g, e) != 0 ||
        read_scales(h, g, e) != 0 || read_window(h, g, e) != 0)
        return -1;
    return arch_check(h, gguf_path(g), e);
}

/* A number that divides or scales must be one. */
static int check_scales(const struct hparams *h, const char *path,
                        struct err *e)
{
    const struct {
        const char *key;
        float value;
        bool may_be_zero;
    } scales[] = {
        {"rope.freq_base", h->rope_base, false},
        {"rope.freq_base_swa", h->rope_local_base, true},
        {"rope.scaling.factor", h->rope_factor, false},
        {"rope.scaling.attn_factor", h->rope_magnitude, true},
        {"rope.scaling.yarn_beta_fast", h->yarn_fast, true},
        {"rope.scaling.yarn_beta_slow", h->yarn_slow, true},
        {"attention.layer_norm_rms_epsilon", h->eps, true},
        {"attention.scale", h->score_scale, false},
        {"attn_logit_softcapping", h->score_cap, true},
        {"final_logit_softcapping", h->logit_cap, true},
        {"embedding_scale", h->embed_scale, false},
        {"residual_scale", h->residual_scale, false},
        {"logit_scale", h->logit_scale, false},
    };
    for (size_t i = 0; i < sizeof(scales) / sizeof(*scales); i++) {
        float v = scales[i].value;
        if (!isfinite(v) || v < 0 || (v == 0 && !scales[i].may_be_zero))
            return err_set(e, ERR_FORMAT, "%s: %s.%s is not a positive number; "
                           "the file is damaged, get it again", path,
                           h->arch->name, scales[i].key);
    }
    return 0;
}

int arch_check(const struct hparams *h, const char *path, struct err *e)
{
    if (h->n_heads % h->n_kv_heads != 0)
        return err_set(e, ERR_FORMAT, "%s: %d heads do not share %d heads of "
                       "keys", path, h->n_heads, h->n_kv_heads);
    if (h->d_head < 2 || h->d_head % 2 != 0 || h->n_rot % 2 != 0 ||
        h->n_rot > h->d_head)
        return err_set(e, ERR_FORMAT, "%s: heads of %d numbers, %d of them "
                       "rotated, cannot be", path, h->d_head, h->n_rot);
    /* Products of these stay below 2^31: the kernels count in int. */
    if ((int64_t)h->n_heads * h->d_head > 1 << 20)
        return err_set(e, ERR_FORMAT, "%s: %d heads of %d are too many", path,
                       h->n_heads, h->d_head);
    return check_scales(h, path, e);
}
