/* Attention over bytes for AVX-512. */
#include "backends/engine/kernels/avx512.h"

#ifdef KERN_AVX512

#define BYTES_SPLIT avx512_split
#include "backends/engine/kernels/bytes.h"

/* 64 numbers of 16 bits, as they come from packing twice, in their order. */
KERN_INLINE __m512i in_order(__m512i packed)
{
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10,
                                            14, 3, 7, 11, 15);
    return _mm512_permutexvar_epi32(order, packed);
}

/* 64 numbers, or the first 16 * n of them, to 15 bits and to two bytes each.
 * Returns their sums. */
KERN_INLINE __m512i split_64(const float *x, const int n, __m512 inverse,
                             int8_t *high, int8_t *low)
{
    __m512i q[4];
    for (int i = 0; i < 4; i++)
        q[i] = i < n ? _mm512_cvtps_epi32(_mm512_mul_ps(
                           _mm512_loadu_ps(x + 16 * i), inverse))
                     : _mm512_setzero_si512();
    __m512i a = _mm512_packs_epi32(q[0], q[1]),
            b = _mm512_packs_epi32(q[2], q[3]);
    const __m512i mask = _mm512_set1_epi16(127), one = _mm512_set1_epi16(1);
    __m512i h = in_order(_mm512_packs_epi16(_mm512_srai_epi16(a, 7),
                                            _mm512_srai_epi16(b, 7)));
    __m512i l = in_order(_mm512_packs_epi16(_mm512_and_si512(a, mask),
                                            _mm512_and_si512(b, mask)));
    __mmask64 keep = ~(__mmask64)0 >> (64 - 16 * n);
    _mm512_mask_storeu_epi8(high, keep, h);
    _mm512_mask_storeu_epi8(low, keep, l);
    return _mm512_dpwssd_epi32(
        _mm512_dpwssd_epi32(_mm512_setzero_si512(), a, one), b, one);
}

void avx512_split(const float *x, int n, struct kern_split *out)
{
    const __m512i no_sign = _mm512_set1_epi32(0x7fffffff);
    __m512i most = _mm512_setzero_si512(), sum = most;
    for (int i = 0; i < n; i += 16)
        most = _mm512_max_epu32(
            most, _mm512_and_si512(no_sign, _mm512_loadu_si512(x + i)));
    float max = float_of_bits(_mm512_reduce_max_epu32(most));
    __m512 inverse = _mm512_set1_ps(max > 0 ? (float)BYTES_MOST / max : 0);
    int i = 0;
    for (; i + 64 <= n; i += 64)
        sum = _mm512_add_epi32(
            sum, split_64(x + i, 4, inverse, out->high + i, out->low + i));
    for (; i < n; i += 16)
        sum = _mm512_add_epi32(
            sum, split_64(x + i, 1, inverse, out->high + i, out->low + i));
    out->neg = 0 - 128 * (uint32_t)_mm512_reduce_add_epi32(sum);
    out->scale = max / (float)BYTES_MOST + max * 0.0f; /* inf: none */
}

/* 4 numbers for all lanes. */
KERN_INLINE __m512i quad(const int8_t *p, int i)
{
    int32_t four;
    memcpy(&four, p + 4 * i, sizeof(four));
    return _mm512_set1_epi32(four);
}

KERN_INLINE void multiply(const struct bytes_tile *t, const uint8_t *bytes,
                          const struct kern_split *x, const int n_x,
                          const int n_v, const bool ask, int32_t *sum)
{
    __m512i high[4][4], low[4][4];
    for (int k = 0; k < n_x; k++)
        for (int v = 0; v < n_v; v++) {
            high[k][v] = _mm512_setzero_si512();
            /* Else compilers know that all begin alike, and copy them about. */
            __asm__("" : "+v"(high[k][v]));
            low[k][v] = _mm512_set1_epi32((int32_t)x[k].neg);
        }
    for (int i = 0; i < t->n; i++, bytes += t->step) {
        __m512i row[4];
        for (int v = 0; v < n_v; v++) {
            row[v] = _mm512_loadu_si512(bytes + (size_t)v * t->apart);
            if (ask)
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
                              const int at_once, const bool ask, int n_v,
                              int32_t *sum)
{
    int v = 0;
    for (; v + at_once <= n_v; v += at_once)
        multiply(t, t->bytes + (size_t)v * t->apart, x, n_x, at_once, ask,
                 sum + 16 * v);
    for (; v < n_v; v++)
        multiply(t, t->bytes + (size_t)v * t->apart, x, n_x, 1, ask,
                 sum + 16 * v);
}

static void bytes_multiply(struct bytes_tile t, const struct kern_split *x,
                           int n_x, int n_v, int32_t *sum)
{
    if (n_x == 4 && !t.ask)
        multiply_all(&t, x, 4, 2, false, n_v, sum);
    else if (n_x == 4)
        multiply_all(&t, x, 4, 2, true, n_v, sum);
    else if (n_x == 3)
        multiply_all(&t, x, 3, 4, true, n_v, sum);
    else if (n_x == 2)
        multiply_all(&t, x, 2, 4, true, n_v, sum);
    else
        multiply_all(&t, x, 1, 4, true, n_v, sum);
}

KERN_BYTES(avx512)

#endif
