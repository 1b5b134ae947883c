/* The kernels for AVX-512 with VNNI (Ice Lake, Zen 4 and later). */
#include "backends/engine/kernels/avx512.h"

#ifdef KERN_AVX512

#include "backends/engine/kernels/rows.h"

#define ROWS MATRIX_PANEL
#define INLINE KERN_INLINE

/* --- packed matrices --------------------------------------------------- */

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

/* Rows whose sums are made side by side: a sum is a chain, each link of which
 * waits for the one before, and the two threads of a core share the room to
 * wait in.  (Groups of 16 have short chains, and would want more registers.) */
#define SIDE_BY_SIDE 8

INLINE void times_cell(__m512 *acc, const __m512i w[8],
                       const struct kern_block *x, const int n,
                       const __m512 d[2], const __m512 min[2], struct form f)
{
    const int quads = f.group / 4;
    for (int k = 0; k < 32 / f.group; k++) {
        __m512i s[SIDE_BY_SIDE];
        for (int i = 0; i < n; i++)
            s[i] = minus_offset(f, neg_of(x + i, f, k));
        for (int j = quads * k; j < quads * (k + 1); j++)
            for (int i = 0; i < n; i++)
                s[i] = dot(s[i], w[j], x[i].q + 4 * j);
        for (int i = 0; i < n; i++)
            acc[i] = add_sums(acc[i], s[i], x + i, k, d[k], min[k], f);
    }
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
    const int most = f.group == 32 ? SIDE_BY_SIDE : 1;
    const int together = width < most ? width : most;
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
        for (int i = 0; i < width; i += together)
            times_cell(acc + i, w, x + i, together, d, min, f);
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
void avx512_quantize(const float *x, int n, struct kern_block *out, int step)
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

KERN_SET(avx512, avx512_quantize, avx512_scores, avx512_softmax, avx512_weigh,
         avx512_to_half)

#else

const struct kern *kern_avx512(void)
{
    return NULL;
}

#endif
