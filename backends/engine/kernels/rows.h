/* rows: the kernels that plain C says well enough.
 *
 * Included by each kern_*.c, so that the compiler makes vectors of these loops
 * with that file's instructions.  All functions are static. */
#ifndef BACKENDS_ENGINE_KERNELS_ROWS_H
#define BACKENDS_ENGINE_KERNELS_ROWS_H

#include <math.h>

#include "backends/engine/kernels/half.h"
#include "backends/engine/kernels/kern.h"
#include "backends/engine/kernels/lanes.h"

/* a * b + c, rounded once if the instructions have it. */
static inline float rows_fma(float a, float b, float c)
{
#ifdef __FMA__
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

/* e^x.  x = n ln 2 + r with |r| <= ln 2 / 2, and e^r by its Taylor series to
 * the 7th power (error below 2^-26); 0 below e^-87.  x may not exceed 88. */
static inline float rows_exp(float x)
{
    float c = x < -87.0f ? -87.0f : x;
    /* Adding 1.5 * 2^23 leaves the rounded whole number in the low bits. */
    float shifted = rows_fma(c, 1.44269504f, 12582912.0f);
    float n = shifted - 12582912.0f;
    float r = rows_fma(n, -0.693359375f, c); /* ln 2 in two parts */
    r = rows_fma(n, 2.12194440e-4f, r);
    float p = 1.0f / 5040;
    p = rows_fma(p, r, 1.0f / 720);
    p = rows_fma(p, r, 1.0f / 120);
    p = rows_fma(p, r, 1.0f / 24);
    p = rows_fma(p, r, 1.0f / 6);
    p = rows_fma(p, r, 0.5f);
    p = rows_fma(p, r, 1.0f);
    p = rows_fma(p, r, 1.0f);
    uint32_t power = (bits_of_float(shifted) - 0x4b400000u + 127u) << 23;
    float y = p * float_of_bits(power);
    return x < -87.0f ? 0.0f : y;
}

/* What a block says beside its numbers: their scale, and their sums over its
 * first half and all of it. */
static inline void rows_end_block(struct kern_block *out, float d,
                                  uint32_t first, uint32_t all)
{
    out->d = d;
    out->sum = d * (float)(int32_t)all;
    out->neg = (int32_t)(0 - all);
    out->neg_half = (int32_t)(0 - first);
}

static inline void rows_quantize(const float *x, int n,
                                 struct kern_block *out, int step)
{
    for (int b = 0; b < n / 32; b++, x += 32, out += step) {
        /* What is no number must stay so: times 0 it gives no 0. */
        float lane[LANES], zero[LANES];
        for (int i = 0; i < LANES; i++) {
            float u = fabsf(x[i]), v = fabsf(x[i + 16]);
            lane[i] = lanes_larger(u, v);
            zero[i] = u * 0.0f + v * 0.0f;
        }
        float max = lanes_max(lane);
        float inverse = max > 0 ? 127.0f / max : 0;
        /* Unsigned: of what is no number the sums may be anything. */
        uint32_t q[32], first = 0, second = 0;
        for (int i = 0; i < 32; i++) /* rounds as in rows_exp */
            q[i] = bits_of_float(x[i] * inverse + 12582912.0f) - 0x4b400000u;
        for (int i = 0; i < 16; i++) {
            first += q[i];
            second += q[i + 16];
        }
        for (int i = 0; i < 32; i++)
            out->q[i] = (int8_t)q[i];
        rows_end_block(out, max / 127.0f + lanes_sum(zero), first,
                       first + second);
    }
}

static void rows_rmsnorm(const float *x, const float *w, int n, float eps,
                         float *out)
{
    float s[LANES] = {0};
    int whole = n / LANES * LANES;
    for (int i = 0; i < whole; i += LANES)
        for (int k = 0; k < LANES; k++)
            s[k] = rows_fma(x[i + k], x[i + k], s[k]);
    for (int i = whole; i < n; i++)
        s[i - whole] = rows_fma(x[i], x[i], s[i - whole]);
    float scale = 1.0f / sqrtf(lanes_sum(s) / (float)n + eps);
    for (int i = 0; i < n; i++)
        out[i] = x[i] * scale * w[i];
}

static void rows_activate(enum kern_activation a, float *gate, const float *up,
                          int n)
{
    /* x / (1 + e^-x); if e^-x is huge, it may as well be less so. */
    if (a == KERN_SILU) {
        for (int i = 0; i < n; i++) {
            float x = gate[i], z = x < -80.0f ? -80.0f : x;
            gate[i] = x / (1.0f + rows_exp(-z)) * up[i];
        }
        return;
    }
    /* x (1 + tanh z) / 2 = x / (1 + e^-2z), z = sqrt(2 / pi) (x + 0.044715
     * x^3): Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016. */
    for (int i = 0; i < n; i++) {
        float x = gate[i];
        float z = 1.59576912f * (x + 0.044715f * x * x * x);
        z = z < -80.0f ? -80.0f : z;
        gate[i] = x / (1.0f + rows_exp(-z)) * up[i];
    }
}

static void rows_add(float *x, const float *y, float scale, int n)
{
    for (int i = 0; i < n; i++)
        x[i] = rows_fma(scale, y[i], x[i]);
}

static void rows_blend(float *x, float a, const float *y, float b, int n)
{
    for (int i = 0; i < n; i++)
        x[i] = rows_fma(b, y[i], a * x[i]);
}

static bool rows_finish(const float *x, float scale, float cap, int n,
                        float *out)
{
    float zero[LANES] = {0}; /* times a number it stays so */
    int whole = n / LANES * LANES;
    for (int i = 0; i < whole; i += LANES)
        for (int k = 0; k < LANES; k++) {
            out[i + k] = scale * x[i + k];
            zero[k] += 0.0f * out[i + k];
        }
    for (int i = whole; i < n; i++) {
        out[i] = scale * x[i];
        zero[i - whole] += 0.0f * out[i];
    }
    for (int i = 0; cap > 0 && i < n; i++)
        out[i] = cap * tanhf(out[i] / cap);
    return lanes_sum(zero) == 0;
}

static inline float rows_softmax(float *s, int n, float *max)
{
    float lane[LANES], sum[LANES] = {0}, top;
    int whole = n / LANES * LANES;
    for (int k = 0; k < LANES; k++)
        lane[k] = -INFINITY;
    for (int i = 0; i < whole; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] = lanes_larger(s[i + k], lane[k]);
    top = lanes_max(lane);
    for (int i = whole; i < n; i++)
        top = lanes_larger(s[i], top);
    *max = top;
    float base = top > -INFINITY ? top : 0; /* -inf less -inf is no number */
    for (int i = 0; i < whole; i += LANES)
        for (int k = 0; k < LANES; k++) {
            s[i + k] = rows_exp(s[i + k] - base);
            sum[k] += s[i + k];
        }
    for (int i = whole; i < n; i++) {
        s[i] = rows_exp(s[i] - base);
        sum[i - whole] += s[i];
    }
    return lanes_sum(sum);
}

/* Ends a kern_*.c: the set of what it defined itself and what is above. */
#define KERN_SET(set_name, its_quantize, its_scores, its_softmax, its_weigh, \
                 its_to_half)                        \
    const struct kern *kern_##set_name(void)         \
    {                                                \
        static const struct kern set = {             \
            .name = #set_name,                       \
            .matmul = matmul,                        \
            .quantize = its_quantize,                \
            .rmsnorm = rows_rmsnorm,                 \
            .activate = rows_activate,               \
            .add = rows_add,                         \
            .blend = rows_blend,                     \
            .finish = rows_finish,                   \
            .scores = its_scores,                    \
            .softmax = its_softmax,                  \
            .weigh = its_weigh,                      \
            .to_half = its_to_half,                  \
            .on_bytes = &kern_bytes_##set_name,      \
        };                                           \
        return &set;                                 \
    }

#endif
