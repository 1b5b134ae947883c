/* The kernels for AVX-512 with VNNI (Ice Lake, Zen 4 and later). */
#include "backends/engine/kernels/avx512.h"

#ifdef KERN_AVX512

#include "backends/engine/kernels/forms.h"
#include "backends/engine/kernels/rows.h"

#define ROWS MATRIX_PANEL
#define INLINE KERN_INLINE

/* --- packed matrices --------------------------------------------------- */

INLINE __m512i load(const unsigned char *p)
{
    return _mm512_loadu_si512((const void *)p);
}

/* 8 vectors of unsigned numbers, one for each quad of columns. */
INLINE void read_low(struct place *at, struct form f, __m512i w[8])
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

INLINE void read_high(struct place *at, struct form f, __m512i w[8])
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

INLINE void read_cell(struct place *at, struct form f, const uint8_t *values,
                      __m512i w[8])
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

INLINE __m512 load_signed(const unsigned char *p)
{
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(
        _mm_loadu_si128((const __m128i *)(const void *)p)));
}

INLINE __m512 load_unsigned(const unsigned char *p)
{
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(
        _mm_loadu_si128((const __m128i *)(const void *)p)));
}

/* Scales and minima of cell c for each half (or, groups of 32, for the one
 * whole of it). */
INLINE void read_scales(struct place *at, struct form f, __m512 d[2],
                        __m512 min[2])
{
    d[0] = f.float_d ? _mm512_loadu_ps((const void *)at->d)
                     : load_halves(at->d);
    min[0] = f.has_min ? load_halves(at->m) : _mm512_setzero_ps();
    if (!f.has_scales)
        return;
    for (int k = 32 / f.group - 1; k >= 0; k--) {
        d[k] = _mm512_mul_ps(d[0], load_signed(at->scale + ROWS * k));
        if (f.has_min)
            min[k] = _mm512_mul_ps(min[0], load_unsigned(at->min + ROWS * k));
    }
    at->scale += ROWS * (32 / f.group);
    at->min += ROWS * (32 / f.group);
}

/* sum + 16 rows of a quad times 4 activations. */
INLINE __m512i dot(__m512i sum, __m512i w, const int8_t *x)
{
    int32_t four;
    memcpy(&four, x, sizeof(four));
    return _mm512_dpbusd_epi32(sum, w, _mm512_set1_epi32(four));
}

INLINE __m512i minus_offset(struct form f, int32_t neg)
{
    if (f.offset_shift < 0)
        return _mm512_setzero_si512();
    return _mm512_slli_epi32(_mm512_set1_epi32(neg),
                             (unsigned)f.offset_shift);
}

/* One group of quads times one block. */
INLINE __m512 times(__m512 acc, const __m512i *w, int n_quads,
                    const struct kern_block *x, const int8_t *q, int32_t neg,
                    float sum, __m512 d, __m512 min, struct form f)
{
    __m512i s = minus_offset(f, neg);
    for (int j = 0; j < n_quads; j++)
        s = dot(s, w[j], q + 4 * j);
    acc = _mm512_fmadd_ps(
        _mm512_mul_ps(_mm512_cvtepi32_ps(s), _mm512_set1_ps(x->d)), d, acc);
    if (f.has_min)
        acc = _mm512_fnmadd_ps(min, _mm512_set1_ps(sum), acc);
    return acc;
}

INLINE __m512 times_cell(__m512 acc, const __m512i w[8],
                         const struct kern_block *x, const __m512 d[2],
                         const __m512 min[2], struct form f)
{
    if (f.group == 32)
        return times(acc, w, 8, x, x->q, x->neg, x->sum, d[0], min[0], f);
    int32_t second = x->neg - x->neg_half;
    acc = times(acc, w, 4, x, x->q, x->neg_half, x->d * (float)-x->neg_half,
                d[0], min[0], f);
    return times(acc, w + 4, 4, x, x->q + 16, second, x->d * (float)-second,
                 d[1], min[1], f);
}

/* A panel times a tile of `width` rows, which is a constant: so all sums stay
 * in registers. */
INLINE void tile_of_width(const struct matrix *m, int panel,
                          const struct kern_block *x, const int width,
                          float *out, size_t stride, struct form f)
{
    struct place at = {.cell = m->data + (size_t)panel * m->panel_bytes};
    const uint8_t *values = m->quant->values;
    __m512 acc[16];
    int cells = m->cols / 32, rows = m->rows - panel * ROWS;
#pragma GCC unroll 16
    for (int i = 0; i < width; i++)
        acc[i] = _mm512_setzero_ps();
    for (int c = 0; c < cells; c++, x += width) {
        __m512i w[8];
        __m512 d[2], min[2];
        if (begins_block(f, c))
            enter_block(&at, f);
        read_scales(&at, f, d, min);
        read_cell(&at, f, values, w);
#pragma GCC unroll 16
        for (int i = 0; i < width; i++)
            acc[i] = times_cell(acc[i], w, x + i, d, min, f);
    }
    __mmask16 keep = first_of(rows);
#pragma GCC unroll 16
    for (int i = 0; i < width; i++)
        _mm512_mask_storeu_ps(out + (size_t)i * stride + panel * ROWS, keep,
                              acc[i]);
}

INLINE void panel_times_tile(const struct matrix *m, int panel,
                             const struct kern_block *x, int width, float *out,
                             size_t stride, struct form f)
{
    switch (width) {
    case 16: tile_of_width(m, panel, x, 16, out, stride, f); break;
    case 8: tile_of_width(m, panel, x, 8, out, stride, f); break;
    case 4: tile_of_width(m, panel, x, 4, out, stride, f); break;
    case 2: tile_of_width(m, panel, x, 2, out, stride, f); break;
    default: tile_of_width(m, panel, x, 1, out, stride, f); break;
    }
}

#include "backends/engine/kernels/panels.h"

/* --- floats ------------------------------------------------------------ */

/* Up to 16 numbers (by mask) of a row of any float type. */
INLINE __m512 load_floats(const unsigned char *p, uint32_t type,
                          __mmask16 keep)
{
    if (type == GGUF_F32)
        return _mm512_maskz_loadu_ps(keep, (const void *)p);
    __m256i half = _mm256_maskz_loadu_epi16(keep, (const void *)p);
    if (type == GGUF_F16)
        return _mm512_cvtph_ps(half);
    return _mm512_castsi512_ps(
        _mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

struct floats {
    const unsigned char *w;
    size_t row_bytes;
    uint32_t type;
    const float *x;
    int cols;
};

/* 16 columns, or those by mask, of n_w rows of weights and n_x of floats. */
INLINE void add_columns(__m512 acc[4][4], const struct floats *f, int c,
                        __mmask16 keep, const int n_w, const int n_x)
{
    size_t size = f->type == GGUF_F32 ? 4 : 2;
    __m512 v[4];
    for (int i = 0; i < n_x; i++)
        v[i] = _mm512_maskz_loadu_ps(keep, f->x + (size_t)(i * f->cols + c));
    for (int r = 0; r < n_w; r++) {
        const unsigned char *p =
            f->w + (size_t)r * f->row_bytes + (size_t)c * size;
        __m512 row = load_floats(p, f->type, keep);
        if (n_w == 1)
            kern_ask_for(p + KERN_FLOATS_AHEAD);
        for (int i = 0; i < n_x; i++)
            acc[r][i] = _mm512_fmadd_ps(row, v[i], acc[r][i]);
    }
}

/* n_w rows of weights, n_x rows of floats. */
INLINE void floats_tile(const unsigned char *w, size_t row_bytes,
                        uint32_t type, const float *x, int cols, float *out,
                        size_t stride, const int n_w, const int n_x)
{
    const struct floats f = {w, row_bytes, type, x, cols};
    int c = 0;
    __m512 acc[4][4];
    for (int r = 0; r < n_w; r++)
        for (int i = 0; i < n_x; i++)
            acc[r][i] = _mm512_setzero_ps();
    for (; c + 16 <= cols; c += 16)
        add_columns(acc, &f, c, 0xffff, n_w, n_x);
    if (c < cols)
        add_columns(acc, &f, c, first_of(cols - c), n_w, n_x);
    for (int r = 0; r < n_w; r++)
        for (int i = 0; i < n_x; i++)
            out[(size_t)i * stride + (size_t)r] =
                _mm512_reduce_add_ps(acc[r][i]);
}

INLINE void floats_panels(const struct matrix *m, int first, int last,
                          const struct kern_rows *x, float *out,
                          size_t stride, uint32_t type)
{
    size_t row_bytes = m->panel_bytes / ROWS;
    int end = last * ROWS < m->rows ? last * ROWS : m->rows;
    int n_w, n_x;
    for (int r = first * ROWS; r < end; r += n_w) {
        const unsigned char *w = m->data + (size_t)r * row_bytes;
        n_w = kern_float_rows(m, end - r, x->n_rows);
        for (int i = 0; i < x->n_rows; i += n_x) {
            const float *v = x->floats + (size_t)i * (size_t)x->cols;
            float *o = out + (size_t)i * stride + r;
            n_x = x->n_rows - i >= 4 ? 4 : 1;
            if (n_w == 4 && n_x == 4)
                floats_tile(w, row_bytes, type, v, m->cols, o, stride, 4, 4);
            else if (n_w == 4)
                floats_tile(w, row_bytes, type, v, m->cols, o, stride, 4, 1);
            else if (n_x == 4)
                floats_tile(w, row_bytes, type, v, m->cols, o, stride, 1, 4);
            else
                floats_tile(w, row_bytes, type, v, m->cols, o, stride, 1, 1);
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

/* Does what rows_quantize does, to the bit; compilers make a poor job of its
 * sums. */
static void quantize(const float *x, int n, struct kern_block *out, int step)
{
    const __m512 sign = _mm512_set1_ps(-0.0f);
    for (int b = 0; b < n / 32; b++, x += 32, out += step) {
        __m512 low = _mm512_loadu_ps(x), high = _mm512_loadu_ps(x + 16);
        float max = _mm512_reduce_max_ps(_mm512_max_ps(
            _mm512_andnot_ps(sign, low), _mm512_andnot_ps(sign, high)));
        /* 0x99: not a number, or infinite */
        bool broken = (_mm512_fpclass_ps_mask(low, 0x99) |
                       _mm512_fpclass_ps_mask(high, 0x99)) != 0;
        __m512 inverse = _mm512_set1_ps(max > 0 ? 127.0f / max : 0);
        __m256i q = _mm256_set_m128i(
            _mm512_cvtepi32_epi8(
                _mm512_cvtps_epi32(_mm512_mul_ps(high, inverse))),
            _mm512_cvtepi32_epi8(
                _mm512_cvtps_epi32(_mm512_mul_ps(low, inverse))));
        _mm256_storeu_si256((__m256i *)(void *)out->q, q);
        __m256i sums = _mm256_dpbusd_epi32(_mm256_setzero_si256(),
                                           _mm256_set1_epi8(1), q);
        sums = _mm256_hadd_epi32(sums, sums);
        sums = _mm256_hadd_epi32(sums, sums);
        int32_t first = _mm256_extract_epi32(sums, 0);
        int32_t all = first + _mm256_extract_epi32(sums, 4);
        rows_end_block(out, broken ? NAN : max / 127.0f, (uint32_t)first,
                       (uint32_t)all);
    }
}

KERN_SET(avx512, quantize, avx512_scores, avx512_softmax, avx512_weigh,
         avx512_to_half)

#else

const struct kern *kern_avx512(void)
{
    return NULL;
}

#endif
