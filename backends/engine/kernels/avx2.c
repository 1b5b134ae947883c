/* The kernels for AVX2 with FMA and F16C (Haswell, Zen and later).
 *
 * A panel's 16 rows are two vectors of 8.  Every number is made by the same
 * steps as in avx512.c: the two sets give equal bits. */
#include "backends/engine/kernels/kern.h"

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)

#include <immintrin.h>

#include "backends/engine/kernels/forms.h"
#include "backends/engine/kernels/rows.h"

#define ROWS MATRIX_PANEL
#define INLINE KERN_INLINE

/* --- packed matrices --------------------------------------------------- */

/* In the functions below `half` is 0 for the rows 0 to 7, 1 for 8 to 15. */

INLINE __m256i load(const unsigned char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* 8 vectors of unsigned numbers, one for each quad of columns. */
INLINE void read_low(const unsigned char *cell, int half, struct form f,
                     __m256i w[8])
{
    const __m256i nibble = _mm256_set1_epi8(15), two = _mm256_set1_epi8(3);
    const unsigned char *p = cell + 32 * half;
    if (f.bits == 8) {
        for (int j = 0; j < 8; j++)
            w[j] = load(p + 64 * j);
    } else if (f.bits >= 4) {
        for (int j = 0; j < 4; j++) {
            __m256i both = load(p + 64 * j);
            w[j] = _mm256_and_si256(both, nibble);
            w[j + 4] = _mm256_and_si256(_mm256_srli_epi16(both, 4), nibble);
        }
    } else {
        for (int j = 0; j < 2; j++) {
            __m256i four = load(p + 64 * j);
            w[4 * j] = _mm256_and_si256(four, two);
            w[4 * j + 1] = _mm256_and_si256(_mm256_srli_epi16(four, 2), two);
            w[4 * j + 2] = _mm256_and_si256(_mm256_srli_epi16(four, 4), two);
            w[4 * j + 3] = _mm256_and_si256(_mm256_srli_epi16(four, 6), two);
        }
    }
}

/* Bit i of 32 to the byte i: 0 or `value`. */
INLINE __m256i spread_bits(uint32_t bits, int value)
{
    const __m256i bytes = _mm256_setr_epi8(
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2,
        3, 3, 3, 3, 3, 3, 3, 3);
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201ull);
    __m256i all = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), bytes);
    __m256i is_set = _mm256_cmpeq_epi8(_mm256_and_si256(all, bit), bit);
    return _mm256_and_si256(is_set, _mm256_set1_epi8((char)value));
}

INLINE void read_high(const unsigned char *high, int half, struct form f,
                      __m256i w[8])
{
    if (f.bits == 6) {
        const __m256i mask = _mm256_set1_epi8(0x30);
        for (int j = 0; j < 2; j++) {
            __m256i h = load(high + 64 * j + 32 * half);
            __m256i at[4] = {_mm256_slli_epi16(h, 4), _mm256_slli_epi16(h, 2),
                             h, _mm256_srli_epi16(h, 2)};
            for (int k = 0; k < 4; k++)
                w[4 * j + k] = _mm256_or_si256(
                    w[4 * j + k], _mm256_and_si256(at[k], mask));
        }
    } else if (f.bits == 5 || f.bits == 3) {
        for (int j = 0; j < 8; j++) {
            uint32_t bits;
            memcpy(&bits, high + 8 * j + 4 * half, sizeof(bits));
            w[j] = _mm256_or_si256(w[j], spread_bits(bits, 1 << (f.bits - 1)));
        }
    }
}

/* Numbers of 8 bits are multiplied as signed ones: as unsigned ones the sum of
 * two products would not fit 16 bits. */
INLINE bool is_signed(struct form f)
{
    return f.bits == 8 || f.non_linear;
}

INLINE void read_cell(const unsigned char *cell, int half, struct form f,
                      const uint8_t *values, __m256i w[8])
{
    read_low(cell, half, f, w);
    read_high(cell + (f.bits == 3 ? 128 : 256), half, f, w);
    if (f.non_linear) {
        __m256i table = _mm256_broadcastsi128_si256(
            _mm_loadu_si128((const __m128i *)(const void *)values));
        for (int j = 0; j < 8; j++)
            w[j] = _mm256_shuffle_epi8(table, w[j]);
    }
    for (int j = 0; is_signed(f) && j < 8; j++)
        w[j] = _mm256_xor_si256(w[j], _mm256_set1_epi8((char)0x80));
}

INLINE __m256 load_halves(const unsigned char *p)
{
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)p));
}

INLINE __m256 load_signed(const unsigned char *p)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(
        _mm_loadl_epi64((const __m128i *)(const void *)p)));
}

INLINE __m256 load_unsigned(const unsigned char *p)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(
        _mm_loadl_epi64((const __m128i *)(const void *)p)));
}

INLINE void read_scales(const struct place *at, int half, struct form f,
                        __m256 d[2], __m256 min[2])
{
    d[0] = f.float_d ? _mm256_loadu_ps((const void *)(at->d + 32 * half))
                     : load_halves(at->d + 16 * half);
    min[0] = f.has_min ? load_halves(at->m + 16 * half) : _mm256_setzero_ps();
    for (int k = 32 / f.group - 1; f.has_scales && k >= 0; k--) {
        int from = ROWS * k + 8 * half;
        d[k] = _mm256_mul_ps(d[0], load_signed(at->scale + from));
        if (f.has_min)
            min[k] = _mm256_mul_ps(min[0], load_unsigned(at->min + from));
    }
}

/* How many products of pairs can be added up in 16 bits. */
INLINE int pairs_that_fit(struct form f)
{
    return is_signed(f) ? 1 : f.bits == 6 ? 2 : f.bits == 5 ? 4 : 8;
}

/* 8 rows of some quads times 4 activations each. */
INLINE __m256i dot(const __m256i *w, int n_quads, const int8_t *x,
                   struct form f)
{
    const __m256i ones = _mm256_set1_epi16(1);
    const int step = pairs_that_fit(f) < n_quads ? pairs_that_fit(f) : n_quads;
    __m256i sum = _mm256_setzero_si256();
    for (int j = 0; j < n_quads; j += step) {
        __m256i pairs = _mm256_setzero_si256();
        for (int k = j; k < j + step; k++) {
            int32_t four;
            memcpy(&four, x + 4 * k, sizeof(four));
            __m256i v = _mm256_set1_epi32(four), p;
            if (is_signed(f))
                p = _mm256_maddubs_epi16(_mm256_abs_epi8(w[k]),
                                         _mm256_sign_epi8(v, w[k]));
            else
                p = _mm256_maddubs_epi16(w[k], v);
            pairs = k == j ? p : _mm256_add_epi16(pairs, p);
        }
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
    }
    return sum;
}

INLINE __m256 times(__m256 acc, const __m256i *w, int n_quads,
                    const struct kern_block *x, const int8_t *q, int32_t neg,
                    float sum, __m256 d, __m256 min, struct form f)
{
    __m256i s = dot(w, n_quads, q, f);
    if (f.offset_shift >= 0 && !is_signed(f))
        s = _mm256_add_epi32(
            s, _mm256_slli_epi32(_mm256_set1_epi32(neg), f.offset_shift));
    acc = _mm256_fmadd_ps(
        _mm256_mul_ps(_mm256_cvtepi32_ps(s), _mm256_set1_ps(x->d)), d, acc);
    if (f.has_min)
        acc = _mm256_fnmadd_ps(min, _mm256_set1_ps(sum), acc);
    return acc;
}

INLINE __m256 times_cell(__m256 acc, const __m256i w[8],
                         const struct kern_block *x, const __m256 d[2],
                         const __m256 min[2], struct form f)
{
    if (f.group == 32)
        return times(acc, w, 8, x, x->q, x->neg, x->sum, d[0], min[0], f);
    int32_t second = x->neg - x->neg_half;
    acc = times(acc, w, 4, x, x->q, x->neg_half, x->d * (float)-x->neg_half,
                d[0], min[0], f);
    return times(acc, w + 4, 4, x, x->q + 16, second, x->d * (float)-second,
                 d[1], min[1], f);
}

/* A panel times a tile of `width` rows. */
INLINE void panel_times_tile(const struct matrix *m, int panel,
                             const struct kern_block *x, int width,
                             float *out, size_t stride, struct form f)
{
    struct place at = {.cell = m->data + (size_t)panel * m->panel_bytes};
    __m256 acc[2][16];
    int rows = m->rows - panel * ROWS;
    for (int i = 0; i < width; i++)
        acc[0][i] = acc[1][i] = _mm256_setzero_ps();
    for (int c = 0; c < m->cols / 32; c++, x += width) {
        if (begins_block(f, c))
            enter_block(&at, f);
        for (int half = 0; half < 2; half++) {
            __m256i w[8];
            __m256 d[2], min[2];
            read_cell(at.cell, half, f, m->quant->values, w);
            read_scales(&at, half, f, d, min);
            for (int i = 0; i < width; i++)
                acc[half][i] = times_cell(acc[half][i], w, x + i, d, min, f);
        }
        at.cell += m->cell_bytes;
        at.scale += ROWS * (32 / f.group);
        at.min += ROWS * (32 / f.group);
    }
    for (int i = 0; i < width; i++) {
        float all[ROWS];
        _mm256_storeu_ps(all, acc[0][i]);
        _mm256_storeu_ps(all + 8, acc[1][i]);
        memcpy(out + (size_t)i * stride + panel * ROWS, all,
               (size_t)(rows < ROWS ? rows : ROWS) * sizeof(*out));
    }
}

#include "backends/engine/kernels/panels.h"

/* --- floats ------------------------------------------------------------ */

/* 8 numbers of a row of any float type. */
INLINE __m256 load_floats(const unsigned char *p, uint32_t type)
{
    if (type == GGUF_F32)
        return _mm256_loadu_ps((const void *)p);
    __m128i half = _mm_loadu_si128((const __m128i *)(const void *)p);
    if (type == GGUF_F16)
        return _mm256_cvtph_ps(half);
    return _mm256_castsi256_ps(
        _mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
}

/* n_w rows of weights times one row of floats. */
INLINE void floats_tile(const unsigned char *w, size_t row_bytes,
                        uint32_t type, const float *x, int cols, float *out,
                        const int n_w)
{
    size_t size = type == GGUF_F32 ? 4 : 2;
    __m256 acc[4][2];
    int whole = cols / 16 * 16;
    for (int r = 0; r < n_w; r++)
        acc[r][0] = acc[r][1] = _mm256_setzero_ps();
    for (int c = 0; c < whole; c += 16)
        for (int r = 0; r < n_w; r++) {
            const unsigned char *p = w + (size_t)r * row_bytes +
                                     (size_t)c * size;
            if (n_w == 1)
                kern_ask_for(p + KERN_FLOATS_AHEAD);
            acc[r][0] = _mm256_fmadd_ps(load_floats(p, type),
                                        _mm256_loadu_ps(x + c), acc[r][0]);
            acc[r][1] = _mm256_fmadd_ps(load_floats(p + 8 * size, type),
                                        _mm256_loadu_ps(x + c + 8), acc[r][1]);
        }
    for (int r = 0; r < n_w; r++) {
        float lanes[LANES], rest[LANES];
        _mm256_storeu_ps(lanes, acc[r][0]);
        _mm256_storeu_ps(lanes + 8, acc[r][1]);
        quant_to_float(type, w + (size_t)r * row_bytes + (size_t)whole * size,
                       rest, (size_t)(cols - whole));
        for (int i = 0; i < cols - whole; i++)
            lanes[i] = fmaf(rest[i], x[whole + i], lanes[i]);
        out[r] = lanes_sum(lanes);
    }
}

INLINE void floats_panels(const struct matrix *m, int first, int last,
                          const struct kern_rows *x, float *out,
                          size_t stride, uint32_t type)
{
    size_t row_bytes = m->panel_bytes / ROWS;
    int end = last * ROWS < m->rows ? last * ROWS : m->rows;
    int n;
    for (int r = first * ROWS; r < end; r += n) {
        const unsigned char *w = m->data + (size_t)r * row_bytes;
        n = kern_float_rows(m, end - r, x->n_rows);
        for (int i = 0; i < x->n_rows; i++) {
            const float *v = x->floats + (size_t)i * (size_t)x->cols;
            float *o = out + (size_t)i * stride + r;
            if (n == 4)
                floats_tile(w, row_bytes, type, v, m->cols, o, 4);
            else
                floats_tile(w, row_bytes, type, v, m->cols, o, 1);
        }
    }
}

static void matmul(const struct matrix *m, int first, int last,
                   const struct kern_rows *x, float *out, size_t stride)
{
    if (m->type == GGUF_F32)
        floats_panels(m, first, last, x, out, stride, GGUF_F32);
    else if (m->type == GGUF_F16)
        floats_panels(m, first, last, x, out, stride, GGUF_F16);
    else if (m->type == GGUF_BF16)
        floats_panels(m, first, last, x, out, stride, GGUF_BF16);
    else
        panels_times(m, first, last, x, out, stride);
}

/* --- rows -------------------------------------------------------------- */

/* 8 floats as whole numbers of 32 bits. */
INLINE __m256i to_whole(const float *x, __m256 inverse)
{
    return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x), inverse));
}

/* Does what rows_quantize does, to the bit; compilers make a poor job of its
 * sums. */
static void quantize(const float *x, int n, struct kern_block *out, int step)
{
    const __m256 sign = _mm256_set1_ps(-0.0f);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    for (int b = 0; b < n / 32; b++, x += 32, out += step) {
        __m256 largest = _mm256_setzero_ps(), zero = _mm256_setzero_ps();
        for (int i = 0; i < 4; i++) {
            __m256 v = _mm256_andnot_ps(sign, _mm256_loadu_ps(x + 8 * i));
            largest = _mm256_max_ps(largest, v);
            zero = _mm256_fmadd_ps(v, _mm256_setzero_ps(), zero);
        }
        float lane[8], max = 0;
        _mm256_storeu_ps(lane, largest);
        for (int i = 0; i < 8; i++)
            max = lanes_larger(lane[i], max);
        __m256 inverse = _mm256_set1_ps(max > 0 ? 127.0f / max : 0);
        __m256i q = _mm256_packs_epi16(
            _mm256_packs_epi32(to_whole(x, inverse), to_whole(x + 8, inverse)),
            _mm256_packs_epi32(to_whole(x + 16, inverse),
                               to_whole(x + 24, inverse)));
        q = _mm256_permutevar8x32_epi32(q, order); /* undoes the packing's */
        _mm256_storeu_si256((__m256i *)(void *)out->q, q);
        /* Sums of 8 bytes, made positive by 128 each. */
        __m256i sums = _mm256_sad_epu8(
            _mm256_xor_si256(q, _mm256_set1_epi8((char)0x80)),
            _mm256_setzero_si256());
        int32_t first = _mm256_extract_epi32(sums, 0) +
                        _mm256_extract_epi32(sums, 2) - 16 * 128;
        int32_t all = first + _mm256_extract_epi32(sums, 4) +
                      _mm256_extract_epi32(sums, 6) - 16 * 128;
        bool broken = _mm256_movemask_ps(_mm256_cmp_ps(
                          zero, _mm256_setzero_ps(), _CMP_NEQ_UQ)) != 0;
        rows_end_block(out, broken ? NAN : max / 127.0f, (uint32_t)first,
                       (uint32_t)all);
    }
}

/* --- attention --------------------------------------------------------- */

/* n_q queries, a block of 16 positions. */
INLINE void scores_tile(const float *q, const int n_q, int d,
                        const uint16_t *k, float *s, int n_max)
{
    __m256 acc[4][2];
    for (int i = 0; i < n_q; i++)
        acc[i][0] = acc[i][1] = _mm256_setzero_ps();
    for (int j = 0; j < d; j++) {
        __m256 low = load_halves((const void *)(k + KERN_KEY_BLOCK * j));
        __m256 high = load_halves(
            (const void *)(k + KERN_KEY_BLOCK * j + 8));
        for (int i = 0; i < n_q; i++) {
            __m256 v = _mm256_set1_ps(q[i * d + j]);
            acc[i][0] = _mm256_fmadd_ps(low, v, acc[i][0]);
            acc[i][1] = _mm256_fmadd_ps(high, v, acc[i][1]);
        }
    }
    for (int i = 0; i < n_q; i++) {
        _mm256_storeu_ps(s + i * n_max, acc[i][0]);
        _mm256_storeu_ps(s + i * n_max + 8, acc[i][1]);
    }
}

static void scores(const float *q, int n_q, int d, const uint16_t *k, int n,
                   float *s, int n_max, const uint16_t *then)
{
    (void)then;
    for (int p = 0; p < n; p += KERN_KEY_BLOCK, k += KERN_KEY_BLOCK * d) {
        int step;
        for (int i = 0; i < n_q; i += step) {
            const float *from = q + (size_t)(i * d);
            float *to = s + (size_t)(i * n_max + p);
            step = n_q - i >= 4 ? 4 : n_q - i >= 3 ? 3 : 1;
            if (step == 4)
                scores_tile(from, 4, d, k, to, n_max);
            else if (step == 3)
                scores_tile(from, 3, d, k, to, n_max);
            else
                scores_tile(from, 1, d, k, to, n_max);
        }
    }
}

/* n_q queries, 16 columns of v, whose rows are `width` apart. */
INLINE void weigh_tile(const float *s, int n_max, const int n_q,
                       const uint16_t *v, int n, int width, int d_v, float *o)
{
    __m256 acc[4][2];
    for (int i = 0; i < n_q; i++)
        acc[i][0] = acc[i][1] = _mm256_setzero_ps();
    for (int p = 0; p < n; p++, v += width) {
        __m256 low = load_halves((const void *)v);
        __m256 high = load_halves((const void *)(v + 8));
        for (int i = 0; i < n_q; i++) {
            __m256 weight = _mm256_set1_ps(s[i * n_max + p]);
            acc[i][0] = _mm256_fmadd_ps(weight, low, acc[i][0]);
            acc[i][1] = _mm256_fmadd_ps(weight, high, acc[i][1]);
        }
    }
    for (int i = 0; i < n_q; i++) {
        _mm256_storeu_ps(o + i * d_v, acc[i][0]);
        _mm256_storeu_ps(o + i * d_v + 8, acc[i][1]);
    }
}

static void weigh(const float *s, int n_max, int n_q, const uint16_t *v, int n,
                  int d_v, float *o, const uint16_t *then)
{
    (void)then;
    int step;
    for (int i = 0; i < n_q; i += step, s += step * n_max, o += step * d_v) {
        step = n_q - i >= 4 ? 4 : n_q - i >= 3 ? 3 : 1;
        for (int j = 0; j < d_v; j += 16) {
            int first = j / KERN_VALUE_BLOCK * KERN_VALUE_BLOCK;
            int width = kern_value_width(d_v, first);
            const uint16_t *from = v + first * n_max + j - first;
            if (step == 4)
                weigh_tile(s, n_max, 4, from, n, width, d_v, o + j);
            else if (step == 3)
                weigh_tile(s, n_max, 3, from, n, width, d_v, o + j);
            else
                weigh_tile(s, n_max, 1, from, n, width, d_v, o + j);
        }
    }
}

static void to_half(const float *x, int n, uint16_t *out, size_t step)
{
    int i = 0;
    for (; step == 1 && i + 8 <= n; i += 8)
        _mm_storeu_si128((__m128i *)(void *)(out + i),
                         _mm256_cvtps_ph(_mm256_loadu_ps(x + i),
                                         _MM_FROUND_TO_NEAREST_INT));
    for (; i < n; i++)
        out[(size_t)i * step] = _cvtss_sh(x[i], _MM_FROUND_TO_NEAREST_INT);
}

KERN_SET(avx2, quantize, scores, rows_softmax, weigh, to_half)

#else

const struct kern *kern_avx2(void)
{
    return NULL;
}

#endif
