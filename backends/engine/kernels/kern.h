/* kern: the inner loops, one set of functions for each instruction set.
 *
 * A set is chosen by what the processor can do or by the environment
 * (ARENA_KERNELS=scalar|avx2|avx512|amx|neon), and reached through one struct.
 * scalar.c is the twin that tests compare the others with.
 *
 * Every number of a result is made by the same sequence of roundings however
 * many rows are worked on at once and on however many threads: a prompt read
 * in one pass or token by token, alone or beside others, gives the same bits
 * (within one set).  Pure functions; any thread. */
#ifndef BACKENDS_ENGINE_KERNELS_KERN_H
#define BACKENDS_ENGINE_KERNELS_KERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/kernels/matrix.h"

/* 32 activations, quantized to 8 bits: x[i] is about d * q[i]. */
struct kern_block {
    int8_t q[32];
    float d;
    float sum;        /* d * (q[0] + … + q[31]) */
    int32_t neg;      /* -(q[0] + … + q[31]) */
    int32_t neg_half; /* -(q[0] + … + q[15]) */
};
_Static_assert(sizeof(struct kern_block) == 48, "kernels rely on it");

/* The rows that a matrix is multiplied with, in the two forms that matrices
 * want.  Rows of blocks are kept in tiles of 16, 8, 4, 2 and 1 rows, largest
 * first; block b of row i of a tile of w rows is number b * w + i in it. */
struct kern_rows {
    int n_rows, cols;
    const struct kern_block *blocks; /* [n_rows * cols / 32], for packed */
    const float *floats;             /* [n_rows][cols], for floats */
};

/* Rows in the tile that begins at row `first` of n_rows. */
static inline int kern_tile_width(int n_rows, int first)
{
    int left = n_rows - first;
    return left >= 16 ? 16 : left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

/* Where block 0 of a row is, in blocks; block b is b * *width further on. */
static inline size_t kern_block_at(int n_rows, int row, int n_blocks,
                                   int *width)
{
    int first = row / 16 * 16;
    while (*width = kern_tile_width(n_rows, first), row >= first + *width)
        first += *width;
    return (size_t)first * (size_t)n_blocks + (size_t)(row - first);
}

/* Positions that stand side by side in keys, k is [n / 16][d][16]. */
#define KERN_KEY_BLOCK 16

/* Numbers of a value that stand together: v is blocks of them, [n_max][64],
 * and a last one of what is left of d_v. */
#define KERN_VALUE_BLOCK 64

/* The d_v of d numbers, the last of which may be no one's. */
static inline int kern_value_padded(int d)
{
    return (d + 15) / 16 * 16;
}

/* Numbers in the block that begins at `first`. */
static inline int kern_value_width(int d_v, int first)
{
    return d_v - first < KERN_VALUE_BLOCK ? d_v - first : KERN_VALUE_BLOCK;
}

/* --- attention over bytes ------------------------------------------------ */

/* Positions of a tile of bytes, and numbers of a head in bytes, at most: the
 * sums of more may not fit. */
#define KERN_BYTES_MOST 256
#define KERN_DEPTH_MOST 1024

/* n numbers in 15 bits: number i is about scale * (128 * high[i] + low[i]). */
struct kern_split {
    int8_t *high, *low; /* [n]; low[i] is not negative */
    float scale;
    uint32_t neg; /* -128 times the sum of the numbers, without their scale */
};

/* Keys or values of a tile with room for n_max positions, as bytes that are 128
 * too large.  Keys are [n_max / 16][d / 4][16 positions][4]; values are blocks
 * of KERN_VALUE_BLOCK numbers (the last of what is left of d), [n_max / 4]
 * [numbers][4 positions].  Each position has a scale, each block of its values
 * one: [n_max] halves, [blocks][n_max]. */
struct kern_bytes {
    const uint8_t *bytes;
    const uint16_t *scales;
    int n_max;           /* a multiple of 64, at most KERN_BYTES_MOST */
    const uint8_t *then; /* what is read next, to be asked for early */
};

/* d and n are multiples of 16 here, but for n positions of values. */
struct kern_on_bytes {
    /* A key, which is rotated (see bytes.h), or a block of a value to bytes.
     * Returns their scale, as a half. */
    uint16_t (*key)(float *x, int d, uint8_t *out);
    uint16_t (*value)(const float *x, int n, uint8_t *out);
    /* The same of a query, to out->high and low [d]. */
    void (*query)(float *x, int d, struct kern_split *out);

    /* As scores and weigh of struct kern. */
    void (*scores)(const struct kern_split *q, int n_q, int d,
                   const struct kern_bytes *k, int n, float *s);
    void (*weigh)(const float *s, int n_q, const struct kern_bytes *v, int n,
                  int d_v, float *o);
};

extern const struct kern_on_bytes kern_bytes_scalar, kern_bytes_avx2,
    kern_bytes_avx512, kern_bytes_amx,
    kern_bytes_neon; /* as far as they are compiled */

/* --- a set -------------------------------------------------------------- */

enum kern_activation { KERN_SILU, KERN_GELU /* by tanh */ };

struct kern {
    const char *name;

    /* out[i * stride + r] = row r of m times row i of x, for all rows r of the
     * panels [first, last). */
    void (*matmul)(const struct matrix *m, int first, int last,
                   const struct kern_rows *x, float *out, size_t stride);

    /* n floats (a multiple of 32) to blocks that are `step` apart. */
    void (*quantize)(const float *x, int n, struct kern_block *out, int step);

    /* out = x / sqrt(mean(x^2) + eps) * w, elementwise; out may be x. */
    void (*rmsnorm)(const float *x, const float *w, int n, float eps,
                    float *out);

    /* gate = activation(gate) * up, elementwise. */
    void (*activate)(enum kern_activation a, float *gate, const float *up,
                     int n);

    /* x += scale * y, elementwise. */
    void (*add)(float *x, const float *y, float scale, int n);

    /* x = a * x + b * y, elementwise. */
    void (*blend)(float *x, float a, const float *y, float b, int n);

    /* out = scale * x, with cap > 0 cap * tanh(scale * x / cap).  Whether all
     * of them are numbers; out may be x. */
    bool (*finish)(const float *x, float scale, float cap, int n, float *out);

    /* Attention over n positions of a tile with room for n_max; see session.h
     * for k and v.  s[i][n_max] = q[i][d] . k, for the n_q queries; n a
     * multiple of 16.  Memory answers late: `then` is what will be read next,
     * and both functions may ask for its first few thousand bytes. */
    void (*scores)(const float *q, int n_q, int d, const uint16_t *k, int n,
                   float *s, int n_max, const uint16_t *then);
    /* s = exp(s - max(s)); the sum is returned.  *max is set.  All -inf: sum
     * 0 and max -inf. */
    float (*softmax)(float *s, int n, float *max);
    /* o[i][d_v] = sum over the n positions of s[i][p] * v[p]; d_v a multiple
     * of 16. */
    void (*weigh)(const float *s, int n_max, int n_q, const uint16_t *v, int n,
                  int d_v, float *o, const uint16_t *then);

    /* n floats to halves, `step` apart. */
    void (*to_half)(const float *x, int n, uint16_t *out, size_t step);

    const struct kern_on_bytes *on_bytes;
};

/* The set to use: ARENA_KERNELS if it names one that runs here, else the best
 * that does: amx only if it was faster than avx512 in a short trial, which is
 * made once a process.  Never NULL. */
const struct kern *kern_best(void);

/* The set of that name if it was compiled in and runs here, or NULL. */
const struct kern *kern_by_name(const char *name);

/* The sets; NULL if they are not compiled for this machine. */
const struct kern *kern_scalar(void);
const struct kern *kern_avx2(void);
const struct kern *kern_avx512(void);
const struct kern *kern_amx(void); /* gives the numbers of avx512 */
const struct kern *kern_neon(void);

#endif
