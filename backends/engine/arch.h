/* arch: what the architectures have in common, and where they differ.
 *
 * All that this engine runs are decoders of one shape: norm, attention with
 * rotary positions, norm, gated feed-forward, each added to a residual stream.
 * They differ in the choices that `struct arch` lists; the table in arch.c has
 * a row for each, by the name that stands in the file.  What a file may or may
 * not have within one architecture (biases, merged matrices, experts, scaling
 * of positions) is read from its tensors and keys. */
#ifndef ENGINE_ARCH_H
#define ENGINE_ARCH_H

#include <stdbool.h>

#include "backends/engine/file/gguf.h"
#include "backends/engine/kernels/kern.h"
#include "base/err.h"

enum arch_qk_norm {
    QK_NORM_NONE,
    QK_NORM_HEAD, /* each head of q and k by itself */
    QK_NORM_FULL, /* all heads of q (of k) together */
};

struct arch {
    const char *name; /* general.architecture */
    bool rope_halves; /* pairs are (i, i + n/2), not (2 i, 2 i + 1) */
    bool no_pre_norm; /* attention and feed-forward read the stream as it is */
    bool post_norms;  /* their results are normed before they are added */
    enum arch_qk_norm qk_norm;
    enum kern_activation activation;
    bool embed_sqrt;     /* embeddings are scaled by sqrt(n_embd) */
    int window_every;    /* every n-th layer sees all, the others a window,
                            unless the file says more; 0: all see all */
    float local_base;    /* of the positions in window layers; 0: the same */
    int no_rope_every;   /* every n-th layer has no positions; 0: all have */
    bool finetuned_is_rope; /* rope.scaling.finetuned says whether there are
                               positions at all */
    bool deep_head_scale; /* the 27B sizes scale scores by n_embd / n_heads */

    /* What holds if the file has no key for it; 0: as said behind. */
    float eps;           /* of norms */
    int d_head;          /* n_embd / n_heads, as it is if tensors do not fit */
    float rope_base;     /* 10000 */
    float score_cap, logit_cap; /* none */
    float score_scale;   /* 1 / sqrt(d_head) */
    int window;          /* none */
    int old_ctx;         /* the context before it was stretched: n_ctx */
    int n_experts_used;  /* none: a file with experts must say */
};

/* How positions are stretched. */
enum rope_scaling { ROPE_PLAIN, ROPE_LINEAR, ROPE_YARN, ROPE_LONG };

struct hparams {
    const struct arch *arch;
    int n_ctx, n_layers, n_embd, n_ff;
    int n_heads, n_kv_heads, d_head, n_rot;
    int window;       /* 0: no layer has one */
    int window_every; /* every n-th layer has none */
    int n_experts, n_experts_used, n_ff_expert; /* 0: none */
    float eps, score_scale, score_cap, logit_cap; /* cap 0: none */
    float embed_scale, residual_scale, logit_scale;

    enum rope_scaling rope_scaling;
    float rope_base, rope_factor; /* factor: how many times longer */
    float rope_local_base;        /* in window layers */
    float rope_magnitude;         /* of the rotated vectors; 0: by the rule */
    int rope_old_ctx;             /* context before it was stretched */
    float yarn_fast, yarn_slow;   /* turns within it: between, part stretched */
};

/* The row by name, or NULL. */
const struct arch *arch_find(const char *name);

/* Reads and checks a file's hyperparameters.  0, or -1 with ERR_BACKEND (an
 * architecture that is not known) or ERR_FORMAT. */
int arch_read(struct hparams *h, const struct gguf *g, struct err *e);

/* Checks that the numbers fit together; `path` is for the message. */
int arch_check(const struct hparams *h, const char *path, struct err *e);

/* Whether a layer sees only a window, and whether it has positions. */
bool arch_is_local(const struct hparams *h, int layer);
bool arch_has_rope(const struct hparams *h, int layer);

#endif
