/* The kernels for 64-bit ARM with dot products (Cortex-A76, Apple, Graviton 2
 * and later).  A panel's 16 rows are four vectors of 4. */
#include "backends/engine/kernels/kern.h"

#if defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD)

#include <arm_neon.h>

#include "backends/engine/kernels/forms.h"
#include "backends/engine/kernels/rows.h"

#define ROWS MATRIX_PANEL
#define INLINE KERN_INLINE

/* --- packed matrices --------------------------------------------------- */

/* In the functions below `part` is 0 to 3: rows 4 part to 4 part + 3. */

/* 8 vectors of unsigned numbers, one for each quad of columns. */
INLINE void read_low(const unsigned char *cell, int part, struct form f,
                     uint8x16_t w[8])
{
    const uint8x16_t nibble = vdupq_n_u8(15), two = vdupq_n_u8(3);
    const unsigned char *p = cell + 16 * part;
    if (f.bits == 8) {
        for (int j = 0; j < 8; j++)
            w[j] = vld1q_u8(p + 64 * j);
    } else if (f.bits >= 4) {
        for (int j = 0; j < 4; j++) {
            uint8x16_t both = vld1q_u8(p + 64 * j);
            w[j] = vandq_u8(both, nibble);
            w[j + 4] = vshrq_n_u8(both, 4);
        }
    } else {
        for (int j = 0; j < 2; j++) {
            uint8x16_t four = vld1q_u8(p + 64 * j);
            w[4 * j] = vandq_u8(four, two);
            w[4 * j + 1] = vandq_u8(vshrq_n_u8(four, 2), two);
            w[4 * j + 2] = vandq_u8(vshrq_n_u8(four, 4), two);
            w[4 * j + 3] = vshrq_n_u8(four, 6);
        }
    }
}

INLINE void read_high(const unsigned char *high, int part, struct form f,
                      uint8x16_t w[8])
{
    if (f.bits == 6) {
        const uint8x16_t mask = vdupq_n_u8(0x30);
        for (int j = 0; j < 2; j++) {
            uint8x16_t h = vld1q_u8(high + 64 * j + 16 * part);
            uint8x16_t at[4] = {vshlq_n_u8(h, 4), vshlq_n_u8(h, 2), h,
                                vshrq_n_u8(h, 2)};
            for (int k = 0; k < 4; k++)
                w[4 * j + k] = vorrq_u8(w[4 * j + k], vandq_u8(at[k], mask));
        }
    } else if (f.bits == 5 || f.bits == 3) {
        const uint8x16_t bit = vreinterpretq_u8_u64(
            vdupq_n_u64(0x8040201008040201u));
        const uint8x16_t value = vdupq_n_u8((uint8_t)(1 << (f.bits - 1)));
        for (int j = 0; j < 8; j++) {
            const unsigned char *p = high + 8 * j + 2 * part;
            uint8x16_t all = vcombine_u8(vdup_n_u8(p[0]), vdup_n_u8(p[1]));
            w[j] = vorrq_u8(w[j], vandq_u8(vtstq_u8(all, bit), value));
        }
    }
}

/* Numbers of 8 bits are multiplied as signed ones, without an offset. */
INLINE bool is_signed(struct form f)
{
    return f.bits == 8 || f.non_linear;
}

INLINE void read_cell(const unsigned char *cell, int part, struct form f,
                      const uint8_t *values, int8x16_t out[8])
{
    uint8x16_t w[8];
    read_low(cell, part, f, w);
    read_high(cell + (f.bits == 3 ? 128 : 256), part, f, w);
    for (int j = 0; j < 8; j++) {
        if (f.non_linear)
            w[j] = vqtbl1q_u8(vld1q_u8(values), w[j]);
        if (is_signed(f))
            w[j] = veorq_u8(w[j], vdupq_n_u8(0x80));
        out[j] = vreinterpretq_s8_u8(w[j]);
    }
}

INLINE float32x4_t load_halves(const void *p)
{
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)));
}

/* 4 bytes as floats. */
INLINE float32x4_t load_bytes(const unsigned char *p, bool with_sign)
{
    uint32_t four;
    memcpy(&four, p, sizeof(four));
    uint8x8_t bytes = vreinterpret_u8_u32(vdup_n_u32(four));
    if (with_sign)
        return vcvtq_f32_s32(vmovl_s16(
            vget_low_s16(vmovl_s8(vreinterpret_s8_u8(bytes)))));
    return vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(bytes))));
}

INLINE void read_scales(const struct place *at, int part, struct form f,
                        float32x4_t d[2], float32x4_t min[2])
{
    d[0] = f.float_d ? vld1q_f32((const void *)(at->d + 16 * part))
                     : load_halves(at->d + 8 * part);
    min[0] = f.has_min ? load_halves(at->m + 8 * part) : vdupq_n_f32(0);
    for (int k = 32 / f.group - 1; f.has_scales && k >= 0; k--) {
        int from = ROWS * k + 4 * part;
        d[k] = vmulq_f32(d[0], load_bytes(at->scale + from, true));
        if (f.has_min)
            min[k] = vmulq_f32(min[0], load_bytes(at->min + from, false));
    }
}

INLINE float32x4_t times(float32x4_t acc, const int8x16_t *w, int n_quads,
                         const struct kern_block *x, const int8_t *q,
                         int32_t neg, float sum, float32x4_t d,
                         float32x4_t min, struct form f)
{
    int32x4_t s = vdupq_n_s32(0);
    if (f.offset_shift >= 0 && !is_signed(f))
        s = vdupq_n_s32(neg * (1 << f.offset_shift));
    for (int j = 0; j < n_quads; j += 4) {
        int8x16_t v = vld1q_s8(q + 4 * j);
        s = vdotq_laneq_s32(s, w[j], v, 0);
        s = vdotq_laneq_s32(s, w[j + 1], v, 1);
        s = vdotq_laneq_s32(s, w[j + 2], v, 2);
        s = vdotq_laneq_s32(s, w[j + 3], v, 3);
    }
    acc = vfmaq_f32(acc, vmulq_n_f32(vcvtq_f32_s32(s), x->d), d);
    return f.has_min ? vfmsq_n_f32(acc, min, sum) : acc;
}

INLINE float32x4_t times_cell(float32x4_t acc, const int8x16_t w[8],
                              const struct kern_block *x,
                              const float32x4_t d[2], const float32x4_t min[2],
                              struct form f)
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
    float32x4_t acc[4][16];
    int rows = m->rows - panel * ROWS;
    for (int i = 0; i < width; i++)
        acc[0][i] = acc[1][i] = acc[2][i] = acc[3][i] = vdupq_n_f32(0);
    for (int c = 0; c < m->cols / 32; c++, x += width) {
        if (begins_block(f, c))
            enter_block(&at, f);
        for (int part = 0; part < 4; part++) {
            int8x16_t w[8];
            float32x4_t d[2], min[2];
            read_cell(at.cell, part, f, m->quant->values, w);
            read_scales(&at, part, f, d, min);
            for (int i = 0; i < width; i++)
                acc[part][i] = times_cell(acc[part][i], w, x + i, d, min, f);
        }
        at.cell += m->cell_bytes;
        at.scale += ROWS * (32 / f.group);
        at.min += ROWS * (32 / f.group);
    }
    for (int i = 0; i < width; i++) {
        float all[ROWS];
        for (int part = 0; part < 4; part++)
            vst1q_f32(all + 4 * part, acc[part][i]);
        memcpy(out + (size_t)i * stride + panel * ROWS, all,
               (size_t)(rows < ROWS ? rows : ROWS) * sizeof(*out));
    }
}

#include "backends/engine/kernels/panels.h"

/* --- floats ------------------------------------------------------------ */

/* 4 numbers of a row of any float type. */
INLINE float32x4_t load_floats(const unsigned char *p, uint32_t type)
{
    if (type == GGUF_F32)
        return vld1q_f32((const void *)p);
    if (type == GGUF_F16)
        return load_halves(p);
    return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16((const void *)p), 16));
}

/* One row of weights times one row of floats. */
INLINE float floats_dot(const unsigned char *w, uint32_t type, const float *x,
                        int cols)
{
    size_t size = type == GGUF_F32 ? 4 : 2;
    int whole = cols / LANES * LANES;
    float32x4_t acc[4] = {vdupq_n_f32(0), vdupq_n_f32(0), vdupq_n_f32(0),
                          vdupq_n_f32(0)};
    for (int c = 0; c < whole; c += LANES)
        for (int k = 0; k < 4; k++)
            acc[k] = vfmaq_f32(
                acc[k], load_floats(w + (size_t)(c + 4 * k) * size, type),
                vld1q_f32(x + c + 4 * k));
    float lanes[LANES], rest[LANES];
    for (int k = 0; k < 4; k++)
        vst1q_f32(lanes + 4 * k, acc[k]);
    quant_to_float(type, w + (size_t)whole * size, rest,
                   (size_t)(cols - whole));
    for (int i = 0; i < cols - whole; i++)
        lanes[i] = fmaf(rest[i], x[whole + i], lanes[i]);
    return lanes_sum(lanes);
}

static void matmul(const struct matrix *m, int first, int last,
                   const struct kern_rows *x, float *out, size_t stride)
{
    if (m->quant) {
        panels_times(m, first, last, x, out, stride);
        return;
    }
    size_t row_bytes = m->panel_bytes / ROWS;
    int end = last * ROWS < m->rows ? last * ROWS : m->rows;
    for (int r = first * ROWS; r < end; r++)
        for (int i = 0; i < x->n_rows; i++) {
            const unsigned char *w = m->data + (size_t)r * row_bytes;
            const float *v = x->floats + (size_t)i * (size_t)x->cols;
            float *o = out + (size_t)i * stride + r;
            if (m->type == GGUF_F32)
                *o = floats_dot(w, GGUF_F32, v, m->cols);
            else if (m->type == GGUF_F16)
                *o = floats_dot(w, GGUF_F16, v, m->cols);
            else
                *o = floats_dot(w, GGUF_BF16, v, m->cols);
        }
}

/* --- attention --------------------------------------------------------- */

/* n_q queries, a block of 16 positions. */
INLINE void scores_tile(const float *q, const int n_q, int d,
                        const uint16_t *k, float *s, int n_max)
{
    float32x4_t acc[4][4];
    for (int i = 0; i < n_q; i++)
        for (int p = 0; p < 4; p++)
            acc[i][p] = vdupq_n_f32(0);
    for (int j = 0; j < d; j++)
        for (int p = 0; p < 4; p++) {
            float32x4_t column = load_halves(k + KERN_KEY_BLOCK * j + 4 * p);
            for (int i = 0; i < n_q; i++)
                acc[i][p] = vfmaq_n_f32(acc[i][p], column, q[i * d + j]);
        }
    for (int i = 0; i < n_q; i++)
        for (int p = 0; p < 4; p++)
            vst1q_f32(s + i * n_max + 4 * p, acc[i][p]);
}

static void scores(const float *q, int n_q, int d, const uint16_t *k, int n,
                   float *s, int n_max, const uint16_t *then)
{
    (void)then;
    for (int p = 0; p < n; p += KERN_KEY_BLOCK, k += KERN_KEY_BLOCK * d) {
        int step;
        for (int i = 0; i < n_q; i += step) {
            step = n_q - i >= 4 ? 4 : 1;
            if (step == 4)
                scores_tile(q + i * d, 4, d, k, s + i * n_max + p, n_max);
            else
                scores_tile(q + i * d, 1, d, k, s + i * n_max + p, n_max);
        }
    }
}

/* n_q queries, 16 columns of v, whose rows are `width` apart. */
INLINE void weigh_tile(const float *s, int n_max, const int n_q,
                       const uint16_t *v, int n, int width, int d_v, float *o)
{
    float32x4_t acc[4][4];
    for (int i = 0; i < n_q; i++)
        for (int j = 0; j < 4; j++)
            acc[i][j] = vdupq_n_f32(0);
    for (int p = 0; p < n; p++, v += width)
        for (int j = 0; j < 4; j++) {
            float32x4_t row = load_halves(v + 4 * j);
            for (int i = 0; i < n_q; i++)
                acc[i][j] = vfmaq_n_f32(acc[i][j], row, s[i * n_max + p]);
        }
    for (int i = 0; i < n_q; i++)
        for (int j = 0; j < 4; j++)
            vst1q_f32(o + i * d_v + 4 * j, acc[i][j]);
}

static void weigh(const float *s, int n_max, int n_q, const uint16_t *v, int n,
                  int d_v, float *o, const uint16_t *then)
{
    (void)then;
    int step;
    for (int i = 0; i < n_q; i += step, s += step * n_max, o += step * d_v) {
        step = n_q - i >= 4 ? 4 : 1;
        for (int j = 0; j < d_v; j += 16) {
            int first = j / KERN_VALUE_BLOCK * KERN_VALUE_BLOCK;
            int width = kern_value_width(d_v, first);
            const uint16_t *from = v + first * n_max + j - first;
            if (step == 4)
                weigh_tile(s, n_max, 4, from, n, width, d_v, o + j);
            else
                weigh_tile(s, n_max, 1, from, n, width, d_v, o + j);
        }
    }
}

static void to_half(const float *x, int n, uint16_t *out, size_t step)
{
    for (int i = 0; i < n; i++) {
        float16x4_t h = vcvt_f16_f32(vdupq_n_f32(x[i]));
        out[(size_t)i * step] = vget_lane_u16(vreinterpret_u16_f16(h), 0);
    }
}

KERN_SET(neon, rows_quantize, scores, rows_softmax, weigh, to_half)

#else

const struct kern *kern_neon(void)
{
    return NULL;
}

#endif
