/* avx512: what the files of the AVX-512 set share; nobody else includes
 * it.  KERN_AVX512 says whether they are compiled for such a machine. */
#ifndef BACKENDS_ENGINE_KERNELS_AVX512_H
#define BACKENDS_ENGINE_KERNELS_AVX512_H

#include "backends/engine/kernels/forms.h"
#include "backends/engine/kernels/kern.h"

#if defined(__AVX512F__) && defined(__AVX512VNNI__) &&                         \
    defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)

#define KERN_AVX512

#include <immintrin.h>

/* The first n of 16 lanes, all of them from 16 on. */
KERN_INLINE __mmask16 first_of(int n)
{
    return n >= 16 ? 0xffff : (__mmask16)((1u << n) - 1);
}

KERN_INLINE __m512 load_halves(const unsigned char *p)
{
    return _mm512_cvtph_ps(
        _mm256_loadu_si256((const __m256i *)(const void *)p));
}

/* avx512_attention.c; see kern.h. */
void avx512_scores(const float *q, int n_q, int d, const uint16_t *k, int n,
                   float *s, int n_max, const uint16_t *then);
float avx512_softmax(float *s, int n, float *max);
void avx512_weigh(const float *s, int n_max, int n_q, const uint16_t *v, int n,
                  int d_v, float *o, const uint16_t *then);
void avx512_to_half(const float *x, int n, uint16_t *out, size_t step);

#endif
#endif
