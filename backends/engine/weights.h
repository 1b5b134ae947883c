/* weights: the parameters of a model, ready for the kernels.
 *
 * Made from a GGUF file or a llama2.c checkpoint: every tensor is looked up by
 * name and its shape compared with the hyperparameters; matrices are packed
 * (see matrix.h) into memory of our own, after which their pages of the file
 * are given back.  A tensor that nothing here reads is refused: a model without
 * a part of it would answer, but wrongly.  Immutable once open; any thread. */
#ifndef ENGINE_WEIGHTS_H
#define ENGINE_WEIGHTS_H

#include <stddef.h>

#include "backends/engine/arch.h"
#include "backends/engine/checkpoint.h"
#include "backends/engine/file/gguf.h"
#include "backends/engine/kernels/matrix.h"
#include "backends/engine/kernels/pool.h"
#include "backends/engine/rope.h"

/* A feed-forward part: the one of a layer, or an expert. */
struct weights_ffn {
    struct matrix gate, up; /* [n_ff][n_embd] */
    struct matrix down;     /* [n_embd][n_ff] */
};

struct weights_layer {
    bool local, has_rope; /* see arch.h */

    /* Norms that the architecture does not have are NULL. */
    float *attn_norm, *attn_post_norm, *ffn_norm, *ffn_post_norm; /* [n_embd] */
    float *q_norm, *k_norm; /* [d_head], or all heads' */

    /* q, k and v: three matrices, or one that is all of them; in either case
     * the results stand side by side. */
    struct matrix qkv[3];
    int n_qkv;
    float *qkv_bias; /* [(n_heads + 2 n_kv_heads) d_head] or NULL */
    struct matrix attn_out;
    float *attn_out_bias; /* [n_embd] or NULL */

    struct weights_ffn *ffn;  /* [1] or [n_experts] */
    struct matrix router;     /* [n_experts][n_embd], if there are experts */
};

enum { WEIGHTS_ROPE_GLOBAL, WEIGHTS_ROPE_LOCAL, WEIGHTS_ROPE_LONG,
       WEIGHTS_N_ROPES };

struct weights {
    struct hparams h;
    int n_vocab;
    struct matrix embed, head; /* [n_vocab][n_embd]; may be the same */
    float *out_norm;           /* [n_embd] */
    struct weights_layer *layers;
    struct rope ropes[WEIGHTS_N_ROPES];
    bool has_long_rope; /* for contexts beyond h.rope_old_ctx */

    uint64_t n_params;
    uint32_t main_type; /* of most parameters */

    double core_share; /* of a core that the slowest thread got while loading */
    unsigned char *packed; /* all packed matrices */
    size_t packed_bytes;   /* of the mapping that holds them */
    float **vectors;       /* all that is float *, to be freed */
    size_t n_vectors;
};

struct weights_source {
    const char *path;
    const struct gguf *gguf;             /* one of these two */
    const struct checkpoint *checkpoint;
    /* Other work that one of the threads does meanwhile, before it packs;
     * left out if the loading fails before. */
    void (*meanwhile)(void *arg);
    void *arg;
};

/* `h` has been checked.  The files must stay open as long as the weights.  0,
 * or -1 with ERR_FORMAT or ERR_BACKEND (no memory). */
int weights_open(struct weights **out, const struct hparams *h,
                 const struct weights_source *source, struct pool *pool,
                 struct err *e);
void weights_close(struct weights *w); /* NULL is allowed */

#endif
