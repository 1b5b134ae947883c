/* Attention over bytes for AVX-512. */
#include "backends/engine/kernels/avx512.h"

#ifdef KERN_AVX512

#include "backends/engine/kernels/bytes.h"

/* 4 numbers for all lanes. */
KERN_INLINE __m512i quad(const int8_t *p, int i)
{
    int32_t four;
    memcpy(&four, p + 4 * i, sizeof(four));
    return _mm512_set1_epi32(four);
}

KERN_INLINE void multiply(const struct bytes_tile *t, const uint8_t *bytes,
                          const struct kern_split *x, const int n_x,
                          const int n_v, int32_t *sum)
{
    __m512i high[4][4], low[4][4];
    for (int k = 0; k < n_x; k++)
        for (int v = 0; v < n_v; v++) {
            high[k][v] = _mm512_setzero_si512();
            low[k][v] = _mm512_set1_epi32((int32_t)x[k].neg);
        }
    for (int i = 0; i < t->n; i++, bytes += t->step) {
        __m512i row[4];
        for (int v = 0; v < n_v; v++) {
            row[v] = _mm512_loadu_si512(bytes + (size_t)v * t->apart);
            bytes_ask(t, bytes + (size_t)v * t->apart);
        }
        for (int k = 0; k < n_x; k++) {
            __m512i h = quad(x[k].high, i), l = quad(x[k].low, i);
            for (int v = 0; v < n_v; v++) {
                high[k][v] = _mm512_dpbusd_epi32(high[k][v], row[v], h);
                low[k][v] = _mm512_dpbusd_epi32(low[k][v], row[v], l);
            }
        }
    }
    for (int k = 0; k < n_x; k++)
        for (int v = 0; v < n_v; v++)
            _mm512_storeu_si512(
                sum + 64 * k + 16 * v,
                _mm512_add_epi32(_mm512_slli_epi32(high[k][v], 7), low[k][v]));
}

/* As many vectors at once as there are registers for their sums. */
KERN_INLINE void multiply_all(const struct bytes_tile *t,
                              const struct kern_split *x, const int n_x,
                              const int at_once, int n_v, int32_t *sum)
{
    int v = 0;
    for (; v + at_once <= n_v; v += at_once)
        multiply(t, t->bytes + (size_t)v * t->apart, x, n_x, at_once,
                 sum + 16 * v);
    for (; v < n_v; v++)
        multiply(t, t->bytes + (size_t)v * t->apart, x, n_x, 1, sum + 16 * v);
}

static void bytes_multiply(struct bytes_tile t, const struct kern_split *x,
                           int n_x, int n_v, int32_t *sum)
{
    switch (n_x) {
    case 4: multiply_all(&t, x, 4, 2, n_v, sum); break;
    case 3: multiply_all(&t, x, 3, 4, n_v, sum); break;
    case 2: multiply_all(&t, x, 2, 4, n_v, sum); break;
    default: multiply_all(&t, x, 1, 4, n_v, sum);
    }
}

KERN_BYTES(avx512)

#endif
