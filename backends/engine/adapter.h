/* adapter: what a LoRA file adds to the matrices of a model; private to the
 * engine, so in a circle with engine, whose header has the public half, and by
 * it in a circle with session and in a circle with forward.
 *
 * Of a matrix W [rows][cols] an adapter makes W + scale B A, with A [rank]
 * [cols] and B [rows][rank].  It is not added to W, which stays for answers
 * without it: the forward pass adds scale B (A x) to W x (adapt.c).
 *
 * Beside a W of floats, A and B are floats, too.  Beside a quantized one they
 * have 8 bits, which are more than its own, if that takes less, from a rank of
 * 10 on: half the memory, and half of what a pass reads.
 *
 * Source of the format: GGUF files as convert_lora_to_gguf.py of llama.cpp
 * writes them and llama-adapter.cpp reads them: general.type "adapter",
 * adapter.type "lora", tensors NAME.lora_a and NAME.lora_b, and
 * adapter.lora.alpha, which is divided by the rank; 0 or none: the user's scale
 * alone.  Of the embedding A has a row for each token.
 *
 * Immutable once open; any thread. */
#ifndef ENGINE_ADAPTER_H
#define ENGINE_ADAPTER_H

#include "backends/engine/engine_private.h"
#include "backends/engine/kernels/matrix.h"

#define ADAPTER_MOST_RANK 4096
#define ADAPTER_MOST_BYTES 256 /* the rank up to which B may be bytes */

/* The matrices of a layer; Q is all three if they are one matrix. */
enum adapter_place {
    ADAPTER_Q,
    ADAPTER_K,
    ADAPTER_V,
    ADAPTER_OUT,
    ADAPTER_GATE,
    ADAPTER_UP,
    ADAPTER_DOWN,
    ADAPTER_PLACES
};

struct adapter_pair {
    struct matrix a; /* floats or quantized, as W is; gate and up have the same
                      * data if they are one matrix */
    int rank;        /* 0: there is none */
    int rows;        /* of B */
    float scale;     /* of what a and b hold */

    /* B in one of two forms.  Halves, in blocks of 64 rows (what is left: up to
     * a multiple of 16): [block][rank][rows].  Or bytes, as kern.h has those of
     * keys: a row for a position, of `padded` numbers, the last of which are 0,
     * with its scale. */
    const uint16_t *halves;
    const uint8_t *bytes;   /* [rows / 16][padded / 4][16][4] */
    const uint16_t *scales; /* [rows], up to a multiple of 16 */
    int padded;       /* the rank, up to a multiple of 16 */
};

struct engine_adapter {
    const struct engine *engine;
    struct adapter_pair *layers; /* [layer][ADAPTER_PLACES] */
    struct adapter_pair head, embed;
    int max_rank;
    void **owned; /* [n_owned] what the pairs point to */
    size_t n_owned;
};

/* What it adds to a matrix, or NULL if that is nothing. */
static inline const struct adapter_pair *
adapter_pair(const struct engine_adapter *a, int layer, enum adapter_place at)
{
    const struct adapter_pair *p = &a->layers[layer * ADAPTER_PLACES + (int)at];
    return p->rank > 0 ? p : NULL;
}

#endif
