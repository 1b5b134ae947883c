#include "backends/engine/arch.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Sources: the models' reference code in the transformers package, and the
 * names and keys of the GGUF specification. */
static const struct arch archs[] = {
    {.name = "llama"},
    {.name = "llama2.c"},
    {.name = "qwen2", .rope_halves = true},
    {.name = "qwen3", .rope_halves = true, .qk_norm = QK_NORM_HEAD},
    {.name = "qwen3moe", .rope_halves = true, .qk_norm = QK_NORM_HEAD},
    {.name = "phi3", .rope_halves = true},
    {.name = "smollm3", .no_rope_every = 4},
    {.name = "granite"},
    {
        .name = "olmo2",
        .rope_halves = true,
        .no_pre_norm = true,
        .post_norms = true,
        .qk_norm = QK_NORM_FULL,
    },
    {
        .name = "gemma2",
        .rope_halves = true,
        .post_norms = true,
        .activation = KERN_GELU,
        .embed_sqrt = true,
        .window_every = 2,
        .default_window = 4096,
        .deep_head_scale = true,
    },
    {
        .name = "gemma3",
        .rope_halves = true,
        .post_norms = true,
        .qk_norm = QK_NORM_HEAD,
        .activation = KERN_GELU,
        .embed_sqrt = true,
        .window_every = 6,
        .local_base = 10000,
        .deep_head_scale = true,
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
    int every = h->arch->window_every;
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

/* A whole number in [1, max]; a missing key leaves *out as it is, so that 0
 * there (no default) is refused. */
static int read_int(const struct hparams *h, const struct gguf *g,
                    const char *name, int max, int *out, struct err *e)
{
    struct key k = key_of(h, name);
    uint64_t v = (uint64_t)*out;
    gguf_get_u64(g, k.text, &v);
    if (v == 0 || v > (uint64_t)max)
        return err_set(e, ERR_FORMAT, "%s: %s is missing or not a number "
                       "from 1 to %d", gguf_path(g), k.text, max);
    *out = (int)v;
    return 0;
}

static void read_float(const struct hparams *h, const struct gguf *g,
                       const char *name, float *out)
{
    double v;
    if (gguf_get_f64(g, key_of(h, name).text, &v))
        *out = (float)v;
}

static int read_shape(struct hparams *h, const struct gguf *g, struct err *e)
{
    if (read_int(h, g, "context_length", 1 << 26, &h->n_ctx, e) != 0 ||
        read_int(h, g, "block_count", 1024, &h->n_layers, e) != 0 ||
        read_int(h, g, "embedding_length", 1 << 17, &h->n_embd, e) != 0 ||
        read_int(h, g, "feed_forward_length", 1 << 20, &h->n_ff, e) != 0 ||
        read_int(h, g, "attention.head_count", 1024, &h->n_heads, e) != 0)
        return -1;
    h->n_kv_heads = h->n_heads;
    h->d_head = h->n_embd / h->n_heads;
    if (read_int(h, g, "attention.head_count_kv", 1024, &h->n_kv_heads, e) ||
        read_int(h, g, "attention.key_length", 4096, &h->d_head, e) != 0)
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

static int read_experts(struct hparams *h, const struct gguf *g,
                        struct err *e)
{
    uint64_t n = 0;
    gguf_get_u64(g, key_of(h, "expert_count").text, &n);
    if (n == 0)
        return 0;
    h->n_ff_expert = h->n_ff;
    if (read_int(h, g, "expert_count", 1024, &h->n_experts, e) != 0 ||
        read_int(h, g, "expert_used_count", 64, &h->n_experts_used, e) != 0 ||
        read_int(h, g, "expert_feed_forward_length", 1 << 20, &h->n_ff_expert,
                 e) != 0)
        return -1;
    if (h->n_experts_used > h->n_experts)
        return err_set(e, ERR_FORMAT, "%s: uses %d experts of %d",
                       gguf_path(g), h->n_experts_used, h->n_experts);
    return 0;
}

static void read_scales(struct hparams *h, const struct gguf *g)
{
    const struct arch *a = h->arch;
    float d = (float)h->d_head;
    bool deep = a->deep_head_scale && (h->n_layers == 46 || h->n_layers == 62);
    if (deep)
        d = (float)h->n_embd / (float)h->n_heads;
    h->score_scale = 1 / sqrtf(d);
    h->embed_scale = a->embed_sqrt ? sqrtf((float)h->n_embd) : 1;
    h->residual_scale = 1;
    h->eps = 1e-5f;
    read_float(h, g, "attention.layer_norm_rms_epsilon", &h->eps);
    read_float(h, g, "attn_logit_softcapping", &h->score_cap);
    read_float(h, g, "final_logit_softcapping", &h->logit_cap);

    /* Granite scales everything; its logits are divided. */
    float divisor = 1;
    read_float(h, g, "attention.scale", &h->score_scale);
    read_float(h, g, "embedding_scale", &h->embed_scale);
    read_float(h, g, "residual_scale", &h->residual_scale);
    read_float(h, g, "logit_scale", &divisor);
    h->logit_scale = 1 / divisor;
}

static int read_rope(struct hparams *h, const struct gguf *g, struct err *e)
{
    static const char *const kinds[] = {
        [ROPE_PLAIN] = "none",
        [ROPE_LINEAR] = "linear",
        [ROPE_YARN] = "yarn",
        [ROPE_LONG] = "longrope",
    };
    h->rope_base = 10000;
    h->rope_factor = 1;
    h->rope_old_ctx = h->n_ctx;
    read_float(h, g, "rope.freq_base", &h->rope_base);
    read_float(h, g, "rope.scaling.factor", &h->rope_factor);
    read_float(h, g, "rope.scaling.attn_factor", &h->rope_magnitude);
    if (read_int(h, g, "rope.scaling.original_context_length", 1 << 26,
                 &h->rope_old_ctx, e) != 0)
        return -1;
    struct gguf_string kind;
    struct key k = key_of(h, "rope.scaling.type");
    if (!gguf_get_string(g, k.text, &kind)) {
        if (h->rope_factor != 1 && h->rope_factor != 0)
            h->rope_scaling = ROPE_LINEAR;
        return 0;
    }
    for (int i = ROPE_PLAIN; i <= ROPE_LONG; i++)
        if (gguf_string_is(kind, kinds[i])) {
            h->rope_scaling = (enum rope_scaling)i;
            return 0;
        }
    return err_set(e, ERR_BACKEND, "%s: %s is %.*s, which this engine does "
                   "not know", gguf_path(g), k.text,
                   (int)(kind.n < 32 ? kind.n : 32), kind.data);
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
    if (find_arch(h, g, e) != 0 || read_shape(h, g, e) != 0 ||
        read_experts(h, g, e) != 0 || read_rope(h, g, e) != 0)
        return -1;
    read_scales(h, g);
    if (h->arch->window_every > 0) {
        uint64_t window = (uint64_t)h->arch->default_window;
        gguf_get_u64(g, key_of(h, "attention.sliding_window").text, &window);
        h->window = window < INT32_MAX ? (int)window : 0;
    }
    return arch_check(h, gguf_path(g), e);
}

/* A number that divides or scales must be one. */
static bool is_sane(float v)
{
    return isfinite(v) && v > 0;
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
    if (!is_sane(h->rope_base) || !is_sane(h->rope_factor) ||
        !is_sane(h->logit_scale) || !is_sane(h->embed_scale) ||
        !is_sane(h->residual_scale) || !is_sane(h->score_scale) ||
        !isfinite(h->eps) || h->eps < 0 || !isfinite(h->score_cap) ||
        h->score_cap < 0 || !isfinite(h->logit_cap) || h->logit_cap < 0 ||
        !isfinite(h->rope_magnitude) || h->rope_magnitude < 0)
        return err_set(e, ERR_FORMAT, "%s: a scale or base in the metadata is "
                       "no positive number", path);
    return 0;
}
