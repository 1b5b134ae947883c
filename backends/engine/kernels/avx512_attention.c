/* The kernels of attention for AVX-512. */
#include "backends/engine/kernels/avx512.h"

#ifdef KERN_AVX512

#include <math.h>

/* For each token a whole cache is read once, and what is done with a line of it
 * takes as long as its way from memory: lines are asked for so far ahead. */
#define AHEAD_BYTES 8192
#define AHEAD_ROWS (AHEAD_BYTES / (2 * KERN_VALUE_BLOCK))
#define FEW 4 /* queries; with more, reading is the lesser part */

/* The sums of even and of odd columns: twice as many that do not wait for each
 * other. */
KERN_INLINE void add_column(__m512 acc[8], const float *q, const int n_q, int d,
                       const uint16_t *column)
{
    __m512 v = load_halves((const void *)column);
#pragma GCC unroll 8
    for (int i = 0; i < n_q; i++)
        acc[i] = _mm512_fmadd_ps(v, _mm512_set1_ps(q[i * d]), acc[i]);
}

/* n_q queries, a block of 16 positions; `ahead` is a block needed later. */
KERN_INLINE void scores_tile(const float *q, const int n_q, int d,
                        const uint16_t *k, float *s, int n_max,
                        const uint16_t *ahead)
{
    __m512 even[8], odd[8];
    int j = 0;
#pragma GCC unroll 8
    for (int i = 0; i < n_q; i++)
        even[i] = odd[i] = _mm512_setzero_ps();
#pragma GCC unroll 2
    for (; j + 1 < d; j += 2) {
        if (n_q <= FEW)
            kern_ask_for(ahead + KERN_KEY_BLOCK * j);
        add_column(even, q + j, n_q, d, k + KERN_KEY_BLOCK * j);
        add_column(odd, q + j + 1, n_q, d, k + KERN_KEY_BLOCK * (j + 1));
    }
    if (j < d)
        add_column(even, q + j, n_q, d, k + KERN_KEY_BLOCK * j);
#pragma GCC unroll 8
    for (int i = 0; i < n_q; i++)
        _mm512_storeu_ps(s + i * n_max, _mm512_add_ps(even[i], odd[i]));
}

/* Where the values of a tile are. */
struct columns {
    const uint16_t *v; /* [n] rows, `width` apart */
    int n, width;
    const uint16_t *then;
};

/* Adds a position to the sums of n_q queries, n_v vectors of its values. */
KERN_INLINE void add_weighed(__m512 acc[4][4], const float *s, int n_max,
                             const int n_q, const __m512 row[4], const int n_v)
{
    for (int i = 0; i < n_q; i++) {
        __m512 weight = _mm512_set1_ps(s[i * n_max]);
        for (int j = 0; j < n_v; j++)
            acc[i][j] = _mm512_fmadd_ps(weight, row[j], acc[i][j]);
    }
}

KERN_INLINE void keep_sums(__m512 acc[4][4], const int n_q, const int n_v,
                           int d_v, float *o)
{
    for (int i = 0; i < n_q; i++)
        for (int j = 0; j < n_v; j++)
            _mm512_storeu_ps(o + i * d_v + 16 * j, acc[i][j]);
}

/* --- many queries ------------------------------------------------------- */

/* From so many queries on halves become floats once for all of them: where they
 * are multiplied, two of three instructions would else be spent on that.  Sums
 * are made in the same order, so no number changes. */
#define MANY 12

#define AT_ONCE 32 /* positions of keys whose floats are kept */
#define MOST_D 256 /* numbers of a key: so the floats stay in the first cache */
#define VALUES 64  /* positions of values whose floats are kept */

/* n_q queries over n_v blocks of 16 positions, keys[d][n_v][16].  The sums of
 * even columns are kept in s until those of odd ones are there. */
KERN_INLINE void many_scores_tile(const float *q, const int n_q, int d,
                                  const float *keys, const int n_v, float *s,
                                  int n_max)
{
    for (int odd = 0; odd < 2; odd++) {
        __m512 acc[8][2];
#pragma GCC unroll 16
        for (int i = 0; i < n_q; i++)
            for (int v = 0; v < n_v; v++)
                acc[i][v] = _mm512_setzero_ps();
        for (int j = odd; j < d; j += 2) {
            __m512 column[2];
            for (int v = 0; v < n_v; v++)
                column[v] = _mm512_load_ps(keys + (j * n_v + v) * 16);
#pragma GCC unroll 8
            for (int i = 0; i < n_q; i++) {
                __m512 x = _mm512_set1_ps(q[i * d + j]);
                for (int v = 0; v < n_v; v++)
                    acc[i][v] = _mm512_fmadd_ps(column[v], x, acc[i][v]);
            }
        }
#pragma GCC unroll 8
        for (int i = 0; i < n_q; i++)
            for (int v = 0; v < n_v; v++) {
                float *to = s + i * n_max + 16 * v;
                __m512 even = odd ? _mm512_loadu_ps(to) : acc[i][v];
                _mm512_storeu_ps(to, odd ? _mm512_add_ps(even, acc[i][v])
                                         : even);
            }
    }
}

KERN_INLINE void many_scores_block(const float *q, int n_q, int d,
                                   const uint16_t *k, const int n_v, float *s,
                                   int n_max)
{
    _Alignas(64) float keys[AT_ONCE * MOST_D];
    for (int j = 0; j < d; j++)
        for (int v = 0; v < n_v; v++)
            _mm512_store_ps(keys + (j * n_v + v) * 16,
                            load_halves((const void *)(k + (v * d + j) * 16)));
    int step;
    for (int i = 0; i < n_q; i += step, q += step * d, s += step * n_max) {
        step = n_q - i >= 8 ? 8 : n_q - i >= 4 ? 4 : 1;
        if (step == 8)
            many_scores_tile(q, 8, d, keys, n_v, s, n_max);
        else if (step == 4)
            many_scores_tile(q, 4, d, keys, n_v, s, n_max);
        else
            many_scores_tile(q, 1, d, keys, n_v, s, n_max);
    }
}

static void many_scores(const float *q, int n_q, int d, const uint16_t *k,
                        int n, float *s, int n_max)
{
    int p = 0;
    for (; p + AT_ONCE <= n; p += AT_ONCE)
        many_scores_block(q, n_q, d, k + p * d, 2, s + p, n_max);
    if (p < n)
        many_scores_block(q, n_q, d, k + p * d, 1, s + p, n_max);
}

/* Adds n positions to o, or begins it; values[n][16 * n_v]. */
KERN_INLINE void many_weigh_tile(const float *s, int n_max, const int n_q,
                                 const float *values, int n, const int n_v,
                                 bool begin, float *o, int d_v)
{
    __m512 acc[4][4];
    for (int i = 0; i < n_q; i++)
        for (int j = 0; j < n_v; j++)
            acc[i][j] = begin ? _mm512_setzero_ps()
                              : _mm512_loadu_ps(o + i * d_v + 16 * j);
    for (int p = 0; p < n; p++, values += 16 * n_v) {
        __m512 row[4];
        for (int j = 0; j < n_v; j++)
            row[j] = _mm512_load_ps(values + 16 * j);
        add_weighed(acc, s + p, n_max, n_q, row, n_v);
    }
    keep_sums(acc, n_q, n_v, d_v, o);
}

/* 16 * n_v numbers of all values. */
KERN_INLINE void many_weigh_columns(const float *s, int n_max, int n_q,
                                    struct columns c, int d_v, const int n_v,
                                    float *o)
{
    _Alignas(64) float values[VALUES * KERN_VALUE_BLOCK];
    for (int p = 0; p < c.n; p += VALUES) {
        int n = c.n - p < VALUES ? c.n - p : VALUES, i = 0;
        for (int k = 0; k < n; k++)
            for (int j = 0; j < n_v; j++)
                _mm512_store_ps(values + (k * n_v + j) * 16,
                                load_halves((const void *)(
                                    c.v + (p + k) * c.width + 16 * j)));
        for (; i + 4 <= n_q; i += 4)
            many_weigh_tile(s + i * n_max + p, n_max, 4, values, n, n_v, p == 0,
                            o + i * d_v, d_v);
        for (; i < n_q; i++)
            many_weigh_tile(s + i * n_max + p, n_max, 1, values, n, n_v, p == 0,
                            o + i * d_v, d_v);
    }
}

void avx512_scores(const float *q, int n_q, int d, const uint16_t *k, int n,
                   float *s, int n_max, const uint16_t *then)
{
    if (n_q >= MANY && d <= MOST_D) {
        many_scores(q, n_q, d, k, n, s, n_max);
        return;
    }
    int reach = (AHEAD_BYTES / (2 * KERN_KEY_BLOCK * d) + 1) * KERN_KEY_BLOCK;
    for (int p = 0; p < n; p += KERN_KEY_BLOCK) {
        const uint16_t *block = k + p * d;
        const uint16_t *ahead = p + reach < n ? block + reach * d
                                              : then + (p + reach - n) * d;
        int step;
        for (int i = 0; i < n_q; i += step) {
            const float *from = q + i * d;
            float *to = s + i * n_max + p;
            int left = n_q - i;
            step = left >= 8 ? 8 : left >= 4 ? 4 : left >= 3 ? 3 : 1;
            if (step == 8)
                scores_tile(from, 8, d, block, to, n_max, ahead);
            else if (step == 4)
                scores_tile(from, 4, d, block, to, n_max, ahead);
            else if (step == 3)
                scores_tile(from, 3, d, block, to, n_max, ahead);
            else
                scores_tile(from, 1, d, block, to, n_max, ahead);
        }
    }
}

/* n_q queries, n_v vectors of 16 columns of v. */
KERN_INLINE void weigh_tile(const float *s, int n_max, const int n_q,
                       struct columns c, int d_v, const int n_v, float *o)
{
    __m512 acc[4][4];
    for (int i = 0; i < n_q; i++)
        for (int j = 0; j < n_v; j++)
            acc[i][j] = _mm512_setzero_ps();
    for (int p = 0; p < c.n; p++) {
        const uint16_t *v = c.v + p * c.width;
        int later = p + AHEAD_ROWS;
        const uint16_t *ahead = later < c.n ? c.v + later * c.width
                                            : c.then + (later - c.n) * c.width;
        __m512 row[4];
        for (int j = 0; j < n_v; j++) {
            row[j] = load_halves((const void *)(v + 16 * j));
            if (j % 2 == 0)
                kern_ask_for(ahead + 16 * j);
        }
        add_weighed(acc, s + p, n_max, n_q, row, n_v);
    }
    keep_sums(acc, n_q, n_v, d_v, o);
}

/* All of n_v vectors of columns. */
KERN_INLINE void weigh_columns(const float *s, int n_max, int n_q,
                          struct columns c, int d_v, const int n_v, float *o)
{
    int step;
    for (int i = 0; i < n_q; i += step, s += step * n_max, o += step * d_v) {
        step = n_q - i >= 4 ? 4 : n_q - i >= 3 ? 3 : 1;
        if (step == 4)
            weigh_tile(s, n_max, 4, c, d_v, n_v, o);
        else if (step == 3)
            weigh_tile(s, n_max, 3, c, d_v, n_v, o);
        else
            weigh_tile(s, n_max, 1, c, d_v, n_v, o);
    }
}

void avx512_weigh(const float *s, int n_max, int n_q, const uint16_t *v, int n,
                  int d_v, float *o, const uint16_t *then)
{
    int width;
    for (int first = 0; first < d_v; first += width) {
        struct columns c = {v + first * n_max, n,
                            kern_value_width(d_v, first), then};
        width = c.width;
        if (first + width < d_v)
            c.then = v + (first + width) * n_max;
        if (width == KERN_VALUE_BLOCK && n_q >= MANY) {
            many_weigh_columns(s, n_max, n_q, c, d_v, 4, o + first);
            continue;
        }
        if (width == KERN_VALUE_BLOCK) {
            weigh_columns(s, n_max, n_q, c, d_v, 4, o + first);
            continue;
        }
        for (int j = 0; j < width; j += 16, c.v += 16)
            weigh_columns(s, n_max, n_q, c, d_v, 1, o + first + j);
    }
}

/* rows_exp of 16 numbers, to the bit. */
KERN_INLINE __m512 exponential(__m512 x)
{
    const __m512 least = _mm512_set1_ps(-87.0f);
    const __m512 magic = _mm512_set1_ps(12582912.0f);
    __mmask16 counts = _mm512_cmp_ps_mask(x, least, _CMP_NLT_UQ);
    __m512 c = _mm512_max_ps(least, x); /* the second, if it is no number */
    __m512 shifted = _mm512_fmadd_ps(c, _mm512_set1_ps(1.44269504f), magic);
    __m512 n = _mm512_sub_ps(shifted, magic);
    __m512 r = _mm512_fmadd_ps(n, _mm512_set1_ps(-0.693359375f), c);
    r = _mm512_fmadd_ps(n, _mm512_set1_ps(2.12194440e-4f), r);
    static const float terms[] = {1.0f / 720, 1.0f / 120, 1.0f / 24,
                                  1.0f / 6, 0.5f, 1.0f, 1.0f};
    __m512 p = _mm512_set1_ps(1.0f / 5040);
#pragma GCC unroll 7
    for (int i = 0; i < 7; i++)
        p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(terms[i]));
    __m512i power = _mm512_slli_epi32(
        _mm512_add_epi32(_mm512_castps_si512(shifted),
                         _mm512_set1_epi32(127 - 0x4b400000)), 23);
    return _mm512_maskz_mul_ps(counts, p, _mm512_castsi512_ps(power));
}

/* The largest of n numbers; what is no number does not count. */
KERN_INLINE float largest(const float *s, int n)
{
    const __m512 nothing = _mm512_set1_ps(-INFINITY);
    __m512 top[4] = {nothing, nothing, nothing, nothing};
    int i = 0;
    for (; i + 64 <= n; i += 64)
        for (int k = 0; k < 4; k++)
            top[k] = _mm512_max_ps(_mm512_loadu_ps(s + i + 16 * k), top[k]);
    for (; i < n; i += 16)
        top[0] = _mm512_max_ps(
            _mm512_mask_loadu_ps(nothing, first_of(n - i), s + i), top[0]);
    return _mm512_reduce_max_ps(_mm512_max_ps(_mm512_max_ps(top[0], top[1]),
                                              _mm512_max_ps(top[2], top[3])));
}

/* Does what rows_softmax does, to the bit, with whole vectors. */
float avx512_softmax(float *s, int n, float *max)
{
    const __m512 nothing = _mm512_set1_ps(-INFINITY);
    __m512 sum = _mm512_setzero_ps();
    int i = 0;
    *max = largest(s, n);
    __m512 base = _mm512_set1_ps(*max > -INFINITY ? *max : 0);
    for (; i + 64 <= n; i += 64)
        for (int k = 0; k < 4; k++) {
            float *at = s + i + 16 * k;
            __m512 e = exponential(_mm512_sub_ps(_mm512_loadu_ps(at), base));
            _mm512_storeu_ps(at, e);
            sum = _mm512_add_ps(sum, e);
        }
    for (; i < n; i += 16) {
        __mmask16 keep = first_of(n - i);
        __m512 x = _mm512_mask_loadu_ps(nothing, keep, s + i);
        __m512 e = exponential(_mm512_sub_ps(x, base));
        _mm512_mask_storeu_ps(s + i, keep, e);
        sum = _mm512_add_ps(sum, e);
    }
    return _mm512_reduce_add_ps(sum);
}

void avx512_to_half(const float *x, int n, uint16_t *out, size_t step)
{
    int i = 0;
    for (; step == 1 && i + 16 <= n; i += 16)
        _mm256_storeu_si256(
            (__m256i *)(void *)(out + i),
            _mm512_cvtps_ph(_mm512_loadu_ps(x + i),
                            _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
    for (; i < n; i++)
        out[(size_t)i * step] = _cvtss_sh(x[i], _MM_FROUND_TO_NEAREST_INT);
}

#endif
