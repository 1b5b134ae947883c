/* Attention over bytes for AVX2. */
#include "backends/engine/kernels/kern.h"

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)

#include <immintrin.h>

#include "backends/engine/kernels/bytes.h"

/* 4 numbers of 15 bits as 16, for the quads of 4 lanes. */
KERN_INLINE __m256i quad(const struct kern_split *x, int i)
{
    int32_t high, low;
    memcpy(&high, x->high + 4 * i, sizeof(high));
    memcpy(&low, x->low + 4 * i, sizeof(low));
    __m128i whole = _mm_add_epi16(
        _mm_slli_epi16(_mm_cvtepi8_epi16(_mm_cvtsi32_si128(high)), 7),
        _mm_cvtepi8_epi16(_mm_cvtsi32_si128(low)));
    return _mm256_broadcastq_epi64(whole);
}

/* One vector of lanes; each sum is made of two halves, side by side. */
KERN_INLINE void multiply(const struct bytes_tile *t, const uint8_t *bytes,
                          const struct kern_split *x, const int n_x,
                          int32_t *sum)
{
    __m256i acc[2][4];
    for (int k = 0; k < n_x; k++)
        for (int v = 0; v < 4; v++)
            acc[k][v] = _mm256_setzero_si256();
    for (int i = 0; i < t->n; i++, bytes += t->step) {
        bytes_ask(t, bytes);
        __m256i row[4];
        for (int v = 0; v < 4; v++)
            row[v] = _mm256_cvtepu8_epi16(_mm_loadu_si128(
                (const __m128i *)(const void *)(bytes + 16 * v)));
        for (int k = 0; k < n_x; k++) {
            __m256i q = quad(&x[k], i);
            for (int v = 0; v < 4; v++)
                acc[k][v] = _mm256_add_epi32(
                    acc[k][v], _mm256_madd_epi16(row[v], q));
        }
    }
    for (int k = 0; k < n_x; k++)
        for (int v = 0; v < 4; v += 2) {
            __m256i both = _mm256_permute4x64_epi64(
                _mm256_hadd_epi32(acc[k][v], acc[k][v + 1]), 0xd8);
            both = _mm256_add_epi32(both,
                                    _mm256_set1_epi32((int32_t)x[k].neg));
            _mm256_storeu_si256(
                (__m256i *)(void *)(sum + 64 * k + 4 * v), both);
        }
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

KERN_BYTES(avx2)

#endif
