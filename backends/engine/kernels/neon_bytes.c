/* Attention over bytes for 64-bit ARM with dot products. */
#include "backends/engine/kernels/kern.h"

#if defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD)

#include <arm_neon.h>

#include "backends/engine/kernels/bytes.h"

KERN_INLINE int8x16_t quad(const int8_t *p, int i)
{
    int32_t four;
    memcpy(&four, p + 4 * i, sizeof(four));
    return vreinterpretq_s8_s32(vdupq_n_s32(four));
}

/* One vector of lanes. */
KERN_INLINE void multiply(const struct bytes_tile *t, const uint8_t *bytes,
                          const struct kern_split *x, const int n_x,
                          int32_t *sum)
{
    int32x4_t high[2][4], low[2][4];
    for (int k = 0; k < n_x; k++)
        for (int v = 0; v < 4; v++)
            high[k][v] = low[k][v] = vdupq_n_s32(0);
    for (int i = 0; i < t->n; i++, bytes += t->step) {
        int8x16_t row[4];
        for (int v = 0; v < 4; v++) /* less 128: products are of signed ones */
            row[v] = vreinterpretq_s8_u8(
                veorq_u8(vld1q_u8(bytes + 16 * v), vdupq_n_u8(0x80)));
        for (int k = 0; k < n_x; k++) {
            int8x16_t h = quad(x[k].high, i), l = quad(x[k].low, i);
            for (int v = 0; v < 4; v++) {
                high[k][v] = vdotq_s32(high[k][v], row[v], h);
                low[k][v] = vdotq_s32(low[k][v], row[v], l);
            }
        }
    }
    for (int k = 0; k < n_x; k++)
        for (int v = 0; v < 4; v++)
            vst1q_s32(sum + 64 * k + 4 * v,
                      vaddq_s32(vshlq_n_s32(high[k][v], 7), low[k][v]));
}

static void bytes_multiply(struct bytes_tile t, const struct kern_split *x,
                           int n_x, int n_v, int32_t *sum)
{
    for (int v = 0; v < n_v; v++) {
        const uint8_t *bytes = t.bytes + (size_t)v * t.apart;
        int k = 0;
        for (; k + 2 <= n_x; k += 2)
            multiply(&t, bytes, x + k, 2, sum + 64 * k + 16 * v);
        if (k < n_x)
            multiply(&t, bytes, x + k, 1, sum + 64 * k + 16 * v);
    }
}

KERN_BYTES(neon)

#endif
