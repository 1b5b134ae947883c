/* bytes: attention over keys and values in 8 bits; for the files of the kernel
 * sets only, each of which adds the inner product.
 *
 * All numbers that meet are whole, and their sums exact: the sets give equal
 * bits.  Both products are of one kind.  A tile has lanes (positions of keys,
 * or numbers of values) and along each a sum over some depth (numbers of a
 * key, or positions).  Bytes lie as quads of the depth, lane by lane, each 128
 * too large, so that they are unsigned.  What they are multiplied with, a query
 * or the weights of the positions, has 15 bits, as two bytes; see kern.h.
 *
 * A query and keys are rotated by a Hadamard matrix, which changes no product
 * of the two: a number of a key that stands out, as some models have them at
 * the same place of all keys, would else take the bits from all others
 * (Ashkboos and others, "QuaRot", 2024).  All functions are static. */
#ifndef BACKENDS_ENGINE_KERNELS_BYTES_H
#define BACKENDS_ENGINE_KERNELS_BYTES_H

#ifdef __F16C__
#include <immintrin.h>
#endif
#include <math.h>
#include <string.h>

#include "backends/engine/kernels/forms.h"
#include "backends/engine/kernels/half.h"
#include "backends/engine/kernels/kern.h"

/* 127 * 128: the upper byte of a number in 15 bits must fit. */
#define BYTES_MOST 16256

/* --- rotation ----------------------------------------------------------- */

/* An entry of the Hadamard matrix of order 16: by the parity of j & k. */
#define BYTES_SIGN(j, k) (0x6996 >> ((j) & (k)) & 1 ? -1.0f : 1.0f)
#define BYTES_SIGNS(j)                                                        \
    {                                                                         \
        BYTES_SIGN(j, 0), BYTES_SIGN(j, 1), BYTES_SIGN(j, 2),                 \
        BYTES_SIGN(j, 3), BYTES_SIGN(j, 4), BYTES_SIGN(j, 5),                 \
        BYTES_SIGN(j, 6), BYTES_SIGN(j, 7), BYTES_SIGN(j, 8),                 \
        BYTES_SIGN(j, 9), BYTES_SIGN(j, 10), BYTES_SIGN(j, 11),               \
        BYTES_SIGN(j, 12), BYTES_SIGN(j, 13), BYTES_SIGN(j, 14),              \
        BYTES_SIGN(j, 15)                                                     \
    }

typedef float bytes_vector __attribute__((vector_size(64))); /* 16 numbers */

/* Rotates d numbers (a multiple of 16) by the largest such matrix that fits a
 * whole number of times.  Returns its order, by which the product of two
 * rotated rows is too large. */
KERN_INLINE int bytes_rotate(float *x, int d)
{
    static const bytes_vector signs[16] = {
        BYTES_SIGNS(0),  BYTES_SIGNS(1),  BYTES_SIGNS(2),  BYTES_SIGNS(3),
        BYTES_SIGNS(4),  BYTES_SIGNS(5),  BYTES_SIGNS(6),  BYTES_SIGNS(7),
        BYTES_SIGNS(8),  BYTES_SIGNS(9),  BYTES_SIGNS(10), BYTES_SIGNS(11),
        BYTES_SIGNS(12), BYTES_SIGNS(13), BYTES_SIGNS(14), BYTES_SIGNS(15),
    };
    for (int at = 0; at < d; at += 16) {
        bytes_vector sum = {0};
        for (int j = 0; j < 16; j++)
            sum += signs[j] * x[at + j];
        memcpy(x + at, &sum, sizeof(sum));
    }
    int order = 16;
    for (; d % (2 * order) == 0; order *= 2)
        for (int at = 0; at < d; at += 2 * order)
            for (int k = at; k < at + order; k += 16) {
                bytes_vector a, b, sum, rest;
                memcpy(&a, x + k, sizeof(a));
                memcpy(&b, x + k + order, sizeof(b));
                sum = a + b;
                rest = a - b;
                memcpy(x + k, &sum, sizeof(sum));
                memcpy(x + k + order, &rest, sizeof(rest));
            }
    return order;
}

/* --- to bytes ----------------------------------------------------------- */

/* The largest of n numbers without their signs, or no number if one is none:
 * by their bits, whose order is the same. */
KERN_INLINE float bytes_largest(const float *x, int n)
{
    uint32_t most = 0;
    for (int i = 0; i < n; i++) {
        uint32_t u = bits_of_float(x[i]) & 0x7fffffffu;
        most = u > most ? u : most;
    }
    return float_of_bits(most);
}

/* Rounds as rows_exp does.  What is no number becomes any. */
KERN_INLINE int32_t bytes_round(float x)
{
    return (int32_t)(bits_of_float(x + 12582912.0f) - 0x4b400000u);
}

static inline uint16_t bytes_pack(const float *x, int n, uint8_t *out)
{
    float max = bytes_largest(x, n);
    uint16_t half = half_of_float(max / 127.0f + max * 0.0f);
    float scale = float_of_half(half);
    float inverse = scale > 0 ? 1.0f / scale : 0;
    for (int i = 0; i < n; i++) {
        /* The half may be a little less than the largest needs. */
        int32_t q = bytes_round(x[i] * inverse);
        q = q > 127 ? 127 : q;
        out[i] = (uint8_t)(128 + (q < -127 ? -127 : q));
    }
    return half;
}

static inline uint16_t bytes_key(float *x, int d, uint8_t *out)
{
    bytes_rotate(x, d);
    return bytes_pack(x, d, out);
}

/* n numbers in 15 bits; n is a multiple of 16.  A set may name a function of
 * its own that gives the same numbers. */
#ifndef BYTES_SPLIT
#define BYTES_SPLIT bytes_split
KERN_INLINE void bytes_split(const float *x, int n, struct kern_split *out)
{
    float max = bytes_largest(x, n);
    float inverse = max > 0 ? (float)BYTES_MOST / max : 0;
    uint32_t sum = 0; /* of what is no number it may be anything */
    int8_t *restrict high = out->high, *restrict low = out->low;
    for (int i = 0; i < n; i++) {
        int32_t q = bytes_round(x[i] * inverse);
        high[i] = (int8_t)(q >> 7);
        low[i] = (int8_t)(q & 127);
        sum += (uint32_t)q;
    }
    out->neg = 0 - 128 * sum;
    out->scale = max / (float)BYTES_MOST + max * 0.0f; /* inf: none */
}
#endif

static inline void bytes_query(float *x, int d, struct kern_split *out)
{
    int order = bytes_rotate(x, d);
    BYTES_SPLIT(x, d, out);
    out->scale /= (float)order;
}

/* --- products ----------------------------------------------------------- */

/* Where the bytes of some vectors of 16 lanes are: quad i of vector v at
 * bytes + i * step + v * apart, for n quads. */
struct bytes_tile {
    const uint8_t *bytes, *end; /* what lies behind `end` is read later, and */
    const uint8_t *then;        /* this before it */
    size_t step, apart;
    int n;
    bool ask; /* for what is read later: few rows, so reading is the work */
};

/* Each set defines it: sum[x * 64 + 16 * v + lane] over the depth, for n_x
 * rows and n_v <= 4 vectors. */
static void bytes_multiply(struct bytes_tile t, const struct kern_split *x,
                           int n_x, int n_v, int32_t *sum);

/* Memory answers late: a line is asked for this long before it is read. */
#define BYTES_AHEAD 8192

KERN_INLINE void bytes_ask(const struct bytes_tile *t, const uint8_t *p)
{
    if (!t->ask)
        return;
    const uint8_t *ahead = p + BYTES_AHEAD;
    kern_ask_for(ahead < t->end ? ahead : t->then + (ahead - t->end));
}

#ifndef BYTES_X
#define BYTES_X 4 /* rows that are multiplied at once, at most */
#endif

typedef int32_t bytes_sums __attribute__((vector_size(64)));

/* 16 sums as floats, times their scales. */
KERN_INLINE void bytes_scale(const int32_t *sum, const bytes_vector *scale,
                             float *out)
{
    bytes_sums whole;
    memcpy(&whole, sum, sizeof(whole));
    bytes_vector x = __builtin_convertvector(whole, bytes_vector) * *scale;
    memcpy(out, &x, sizeof(x));
}

/* n halves to floats. */
KERN_INLINE void bytes_floats(const uint16_t *half, int n, float *out)
{
    int i = 0;
#ifdef __F16C__
    for (; i + 8 <= n; i += 8) {
        __m128i eight;
        memcpy(&eight, half + i, sizeof(eight));
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(eight));
    }
#endif
    for (; i < n; i++)
        out[i] = float_of_half(half[i]);
}

static void bytes_scores(const struct kern_split *q, int n_q, int d,
                         const struct kern_bytes *k, int n, float *s)
{
    size_t block = (size_t)(KERN_KEY_BLOCK * d);
    struct bytes_tile t = {k->bytes, k->bytes + (size_t)(k->n_max * d), k->then,
                           4 * KERN_KEY_BLOCK, block, d / 4,
                           n_q <= BYTES_X};
    for (int p = 0; p < n; p += 64, t.bytes += 4 * block) {
        int n_v = n - p < 64 ? (n - p) / KERN_KEY_BLOCK : 4;
        _Alignas(64) float scale[64];
        _Alignas(64) int32_t sum[BYTES_X * 64];
        bytes_floats(k->scales + p, 16 * n_v, scale);
        for (int i = 0; i < n_q; i += BYTES_X) {
            int n_x = n_q - i < BYTES_X ? n_q - i : BYTES_X;
            bytes_multiply(t, q + i, n_x, n_v, sum);
            for (int x = 0; x < n_x; x++)
                for (int j = 0; j < 16 * n_v; j += 16) {
                    bytes_vector some;
                    memcpy(&some, scale + j, sizeof(some));
                    some *= q[i + x].scale;
                    bytes_scale(sum + 64 * x + j, &some,
                                s + (i + x) * k->n_max + p + j);
                }
        }
    }
}

/* Weights of n positions times the scales of their values. */
KERN_INLINE void bytes_weights(const float *s, const float *scale, int n,
                               struct kern_split *out)
{
    _Alignas(64) float x[KERN_BYTES_MOST];
    int whole = kern_value_padded(n);
    for (int i = 0; i < n; i++)
        x[i] = s[i] * scale[i];
    for (int i = n; i < whole; i++)
        x[i] = 0;
    BYTES_SPLIT(x, whole, out);
}

/* A block of `width` numbers of the values. */
KERN_INLINE void bytes_weigh_block(const float *s, int n_q,
                                   const struct kern_bytes *v,
                                   struct bytes_tile t, int n, int width,
                                   const float *scale, int d_v, float *o)
{
    _Alignas(64) int8_t quads[BYTES_X][2][KERN_BYTES_MOST];
    struct kern_split x[BYTES_X];
    _Alignas(64) int32_t sum[BYTES_X * 64];
    for (int i = 0; i < n_q; i += BYTES_X) {
        int n_x = n_q - i < BYTES_X ? n_q - i : BYTES_X;
        for (int k = 0; k < n_x; k++) {
            x[k].high = quads[k][0];
            x[k].low = quads[k][1];
            bytes_weights(s + (i + k) * v->n_max, scale, n, &x[k]);
        }
        bytes_multiply(t, x, n_x, width / 16, sum);
        for (int k = 0; k < n_x; k++) {
            bytes_vector all = x[k].scale + (bytes_vector){0};
            for (int j = 0; j < width; j += 16)
                bytes_scale(sum + 64 * k + j, &all, o + (i + k) * d_v + j);
        }
    }
}

static void bytes_weigh(const float *s, int n_q, const struct kern_bytes *v,
                        int n, int d_v, float *o)
{
    const uint8_t *end = v->bytes + (size_t)(v->n_max * d_v);
    const uint16_t *half = v->scales;
    int width;
    for (int first = 0; first < d_v; first += width, half += v->n_max) {
        _Alignas(64) float scale[KERN_BYTES_MOST];
        width = kern_value_width(d_v, first);
        bytes_floats(half, n, scale);
        struct bytes_tile t = {v->bytes + (size_t)(first * v->n_max), end,
                               v->then, (size_t)(4 * width), 64, (n + 3) / 4,
                               n_q <= BYTES_X};
        bytes_weigh_block(s, n_q, v, t, n, width, scale, d_v, o + first);
    }
}

/* Ends a file: the functions for keys and values in 8 bits of a set. */
#define KERN_BYTES(set_name)                                                  \
    const struct kern_on_bytes kern_bytes_##set_name = {                      \
        .key = bytes_key,                                                     \
        .value = bytes_pack,                                                  \
        .query = bytes_query,                                                 \
        .scores = bytes_scores,                                               \
        .weigh = bytes_weigh,                                                 \
    };

#endif
