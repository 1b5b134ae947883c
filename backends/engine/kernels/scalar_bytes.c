/* Attention over bytes in plain C: for any machine, and the truth for the
 * others. */
#include "backends/engine/kernels/bytes.h"

static void bytes_multiply(struct bytes_tile t, const struct kern_split *x,
                           int n_x, int n_v, int32_t *sum)
{
    for (int k = 0; k < n_x; k++)
        for (int lane = 0; lane < 16 * n_v; lane++) {
            const uint8_t *p = t.bytes + (size_t)(lane / 16) * t.apart +
                               lane % 16 * 4;
            uint32_t all = 0; /* of what is no number it may be anything */
            for (int i = 0; i < t.n; i++, p += t.step)
                for (int j = 0; j < 4; j++)
                    all += (uint32_t)((p[j] - 128) *
                                      (128 * x[k].high[4 * i + j] +
                                       x[k].low[4 * i + j]));
            sum[64 * k + lane] = (int32_t)all;
        }
}

KERN_BYTES(scalar)
