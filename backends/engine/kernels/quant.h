/* quant: what the numbers in a quantized block are.
 *
 * Every block format is a way to store the same thing: small whole numbers q,
 * a scale for each group of 16 or 32 of them, sometimes a minimum.  An element
 * i of group k is
 *
 *     (d * scale[k]) * (q[i] - offset)  -  m * min[k]
 *
 * (the non-linear types have values[q[i]] in place of q[i]).  So a format is
 * one function that takes a block apart and one row in a table; the floats of
 * a row and the packing for the kernels are made from that.  The layouts and
 * formulas are those of ggml (ggml-common.h, ggml-quants.c), evaluated in the
 * same order and so equal to the last bit.  Pure; any thread. */
#ifndef BACKENDS_ENGINE_KERNELS_QUANT_H
#define BACKENDS_ENGINE_KERNELS_QUANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/file/gguf.h"

#define QUANT_MAX_BLOCK 256

/* A type of our own: int8 with float scales, from llama2.c checkpoints.  A
 * block is the scale and then 32 numbers. */
#define QUANT_Q8_F32 64

struct quant_block {
    uint8_t q[QUANT_MAX_BLOCK];
    uint16_t d, m; /* halves */
    float d_float; /* in place of d: QUANT_Q8_F32 */
    int8_t scale[QUANT_MAX_BLOCK / 16]; /* 1 if the format has none */
    uint8_t min[QUANT_MAX_BLOCK / 16];  /* 1 */
};

struct quant_type {
    uint32_t type;   /* enum gguf_tensor_type or QUANT_Q8_F32 */
    int block;       /* elements: 32 or 256 */
    int block_bytes;
    int group;       /* elements that share a scale: 16 or 32 */
    int bits;        /* that hold any q: 2, 3, 4, 5, 6 or 8 */
    int offset;      /* a power of two, or 0 */
    bool has_scales; /* scale[] (and min[]) are not all 1 */
    bool has_min;    /* m is not always 0 */
    const uint8_t *values; /* [16] of a non-linear type, else NULL */
    void (*take_apart)(const unsigned char *block, struct quant_block *out);
};

/* The row of a quantized type, or NULL (floats are not quantized). */
const struct quant_type *quant_type(uint32_t type);

/* Converts n elements (a multiple of the block) of any type to floats. */
void quant_to_float(uint32_t type, const void *src, float *out, size_t n);

#endif
