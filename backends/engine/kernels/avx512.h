/* avx512: what the files of the AVX-512 and AMX sets share: a packed cell in
 * registers (see matrix.h for the layout), what its sums stand for, and the
 * functions that both sets have.  Nobody else includes it.  KERN_AVX512 says
 * whether they are compiled for such a machine. */
#ifndef BACKENDS_ENGINE_KERNELS_AVX512_H
#define BACKENDS_ENGINE_KERNELS_AVX512_H

#include "backends/engine/kernels/forms.h"
#include "backends/engine/kernels/kern.h"

#if defined(__AVX512F__) && defined(__AVX512VNNI__) &&                         \
    defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)

#define KERN_AVX512

#include <immintrin.h>
#include <string.h>

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

/* --- cells -------------------------------------------------------------- */

KERN_INLINE __m512i load(const unsigned char *p)
{
    return _mm512_loadu_si512((const void *)p);
}

/* 8 vectors of unsigned numbers, one for each quad of columns. */
KERN_INLINE void read_low(struct place *at, struct form f, __m512i w[8])
{
    const __m512i nibble = _mm512_set1_epi8(15), two = _mm512_set1_epi8(3);
    if (f.bits == 8) {
        for (int j = 0; j < 8; j++)
            w[j] = load(at->cell + 64 * j);
        at->cell += 512;
    } else if (f.bits >= 4) {
        for (int j = 0; j < 4; j++) {
            __m512i both = load(at->cell + 64 * j);
            w[j] = _mm512_and_si512(both, nibble);
            w[j + 4] = _mm512_and_si512(_mm512_srli_epi16(both, 4), nibble);
        }
        at->cell += 256;
    } else {
        for (int j = 0; j < 2; j++) {
            __m512i four = load(at->cell + 64 * j);
            w[4 * j] = _mm512_and_si512(four, two);
            w[4 * j + 1] = _mm512_and_si512(_mm512_srli_epi16(four, 2), two);
            w[4 * j + 2] = _mm512_and_si512(_mm512_srli_epi16(four, 4), two);
            w[4 * j + 3] = _mm512_and_si512(_mm512_srli_epi16(four, 6), two);
        }
        at->cell += 128;
    }
}

KERN_INLINE void read_high(struct place *at, struct form f, __m512i w[8])
{
    if (f.bits == 6) {
        const __m512i mask = _mm512_set1_epi8(0x30);
        for (int j = 0; j < 2; j++) {
            __m512i h = load(at->cell + 64 * j);
            /* 0xf8: a | (b & c) */
            w[4 * j] = _mm512_ternarylogic_epi64(
                w[4 * j], _mm512_slli_epi16(h, 4), mask, 0xf8);
            w[4 * j + 1] = _mm512_ternarylogic_epi64(
                w[4 * j + 1], _mm512_slli_epi16(h, 2), mask, 0xf8);
            w[4 * j + 2] =
                _mm512_ternarylogic_epi64(w[4 * j + 2], h, mask, 0xf8);
            w[4 * j + 3] = _mm512_ternarylogic_epi64(
                w[4 * j + 3], _mm512_srli_epi16(h, 2), mask, 0xf8);
        }
        at->cell += 128;
    } else if (f.bits == 5 || f.bits == 3) {
        const __m512i bit = _mm512_set1_epi8((char)(1 << (f.bits - 1)));
        for (int j = 0; j < 8; j++) {
            uint64_t mask;
            memcpy(&mask, at->cell + 8 * j, sizeof(mask));
            w[j] = _mm512_mask_add_epi8(w[j], mask, w[j], bit);
        }
        at->cell += 64;
    }
}

KERN_INLINE void read_cell(struct place *at, struct form f,
                           const uint8_t *values, __m512i w[8])
{
    read_low(at, f, w);
    read_high(at, f, w);
    if (f.non_linear) {
        __m512i table = _mm512_broadcast_i32x4(
            _mm_loadu_si128((const __m128i *)(const void *)values));
        for (int j = 0; j < 8; j++)
            w[j] = _mm512_shuffle_epi8(table, w[j]);
    }
}

KERN_INLINE __m512 load_signed(const unsigned char *p)
{
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(
        _mm_loadu_si128((const __m128i *)(const void *)p)));
}

KERN_INLINE __m512 load_unsigned(const unsigned char *p)
{
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(
        _mm_loadu_si128((const __m128i *)(const void *)p)));
}

/* Scales and minima of cell c for each half (or, groups of 32, for the one
 * whole of it). */
KERN_INLINE void read_scales(struct place *at, struct form f, __m512 d[2],
                             __m512 min[2])
{
    d[0] = f.float_d ? _mm512_loadu_ps((const void *)at->d)
                     : load_halves(at->d);
    min[0] = f.has_min ? load_halves(at->m) : _mm512_setzero_ps();
    if (!f.has_scales)
        return;
    const int groups = 32 / f.group;
    for (int k = groups - 1; k >= 0; k--) {
        const unsigned char *scale = at->scale + MATRIX_PANEL * k;
        const unsigned char *its_min = at->min + MATRIX_PANEL * k;
        d[k] = _mm512_mul_ps(d[0], load_signed(scale));
        if (f.has_min)
            min[k] = _mm512_mul_ps(min[0], load_unsigned(its_min));
    }
    at->scale += MATRIX_PANEL * groups;
    at->min += MATRIX_PANEL * groups;
}

/* Minus the sum of the numbers of a block that meet group k of a cell, and that
 * sum times their scale. */
KERN_INLINE int32_t neg_of(const struct kern_block *x, struct form f, int k)
{
    if (f.group == 32)
        return x->neg;
    return k == 0 ? x->neg_half : x->neg - x->neg_half;
}

KERN_INLINE float sum_of(const struct kern_block *x, struct form f, int k)
{
    return f.group == 32 ? x->sum : x->d * (float)-neg_of(x, f, k);
}

/* acc + the sums s of the products of whole numbers, in what they stand for. */
KERN_INLINE __m512 add_sums(__m512 acc, __m512i s, const struct kern_block *x,
                            int k, __m512 d, __m512 min, struct form f)
{
    acc = _mm512_fmadd_ps(
        _mm512_mul_ps(_mm512_cvtepi32_ps(s), _mm512_set1_ps(x->d)), d, acc);
    if (f.has_min)
        acc = _mm512_fnmadd_ps(min, _mm512_set1_ps(sum_of(x, f, k)), acc);
    return acc;
}

/* --- functions ---------------------------------------------------------- */

/* avx512.c, avx512_attention.c and avx512_bytes.c; see kern.h and bytes.h. */
void avx512_quantize(const float *x, int n, struct kern_block *out, int step);
void avx512_scores(const float *q, int n_q, int d, const uint16_t *k, int n,
                   float *s, int n_max, const uint16_t *then);
float avx512_softmax(float *s, int n, float *max);
void avx512_weigh(const float *s, int n_max, int n_q, const uint16_t *v, int n,
                  int d_v, float *o, const uint16_t *then);
void avx512_to_half(const float *x, int n, uint16_t *out, size_t step);
void avx512_split(const float *x, int n, struct kern_split *out);

#endif
#endif
