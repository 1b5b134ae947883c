#include "backends/engine/kernels/matrix.h"

#include <string.h>

#include "backends/engine/file/gguf.h"
#include "backends/engine/kernels/half.h"

#define ROWS MATRIX_PANEL

static int low_bits(const struct quant_type *t)
{
    return t->bits == 8 ? 8 : t->bits >= 4 ? 4 : 2;
}

void matrix_describe(struct matrix *m, uint32_t type, int rows, int cols)
{
    *m = (struct matrix){.type = type, .quant = quant_type(type),
                         .rows = rows, .cols = cols,
                         .n_panels = (rows + ROWS - 1) / ROWS};
    if (m->quant == NULL) {
        m->panel_bytes = (size_t)ROWS * (size_t)cols *
                         gguf_type_info(type)->bytes;
        return;
    }
    const struct quant_type *t = m->quant;
    size_t group_bytes = (size_t)(t->block / t->group * ROWS);
    m->at_m = type == QUANT_Q8_F32 ? ROWS * 4 : ROWS * 2;
    m->at_scale = m->at_m + (t->has_min ? ROWS * 2 : 0);
    m->at_min = m->at_scale + (t->has_scales ? group_bytes : 0);
    m->at_cells = m->at_min +
                  (t->has_scales && t->has_min ? group_bytes : 0);
    m->low_bytes = (size_t)(ROWS * 32 * low_bits(t) / 8);
    m->cell_bytes = (size_t)(ROWS * 32 * t->bits / 8);
    m->block_bytes = m->at_cells + (size_t)(t->block / 32) * m->cell_bytes;
    m->panel_bytes =
        ((size_t)(cols / t->block) * m->block_bytes + 63) / 64 * 64;
}

size_t matrix_packed_bytes(const struct matrix *m)
{
    return ((size_t)m->n_panels * m->panel_bytes + 63) / 64 * 64;
}

/* --- packing ----------------------------------------------------------- */

/* Four rows are packed at a time: then what belongs together in a cell, four
 * bytes of each, is a vector of 16 bytes. */
#define TOGETHER 4

typedef uint32_t quads __attribute__((vector_size(16))); /* 4 x 4 numbers */

static quads load_quads(const uint8_t *p)
{
    quads v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static void store_quads(unsigned char *p, quads v)
{
    memcpy(p, &v, sizeof(v));
}

/* From gcc 12 on all know the second; clang never knew the first. */
#if defined(__clang__) || __GNUC__ >= 12
#define CHOOSE(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#else
#define CHOOSE(x, y, ...) __builtin_shuffle(x, y, (quads){__VA_ARGS__})
#endif

/* Element j of v[i] goes to element i of v[j]. */
static inline void transpose(quads v[4])
{
    quads a = CHOOSE(v[0], v[1], 0, 4, 1, 5);
    quads b = CHOOSE(v[2], v[3], 0, 4, 1, 5);
    quads c = CHOOSE(v[0], v[1], 2, 6, 3, 7);
    quads d = CHOOSE(v[2], v[3], 2, 6, 3, 7);
    v[0] = CHOOSE(a, b, 0, 1, 4, 5);
    v[1] = CHOOSE(a, b, 2, 3, 6, 7);
    v[2] = CHOOSE(c, d, 0, 1, 4, 5);
    v[3] = CHOOSE(c, d, 2, 3, 6, 7);
}

/* In the functions below b are blocks of 4 rows, the first of which is row r;
 * `at` is the first of 32 numbers in each. */

static void put_8(const struct quant_block *b, int at, int r,
                  unsigned char *cell)
{
    for (int half = 0; half < 2; half++) {
        quads v[4];
        for (int i = 0; i < 4; i++)
            v[i] = load_quads(b[i].q + at + 16 * half);
        transpose(v);
        for (int j = 0; j < 4; j++)
            store_quads(cell + 64 * (4 * half + j) + 4 * r, v[j]);
    }
}

static void put_4(const struct quant_block *b, int at, int r,
                  unsigned char *cell)
{
    const quads low_half = {0x0f0f0f0f, 0x0f0f0f0f, 0x0f0f0f0f, 0x0f0f0f0f};
    quads v[4];
    for (int i = 0; i < 4; i++)
        v[i] = (load_quads(b[i].q + at) & low_half) |
               (load_quads(b[i].q + at + 16) & low_half) << 4;
    transpose(v);
    for (int j = 0; j < 4; j++)
        store_quads(cell + 64 * j + 4 * r, v[j]);
}

/* Two bits of each number, those from `shift` on. */
static void put_2(const struct quant_block *b, int at, int shift, int r,
                  unsigned char *cell)
{
    const quads two = {0x03030303, 0x03030303, 0x03030303, 0x03030303};
    for (int half = 0; half < 2; half++) {
        quads v[4], all = {0};
        for (int i = 0; i < 4; i++)
            v[i] = load_quads(b[i].q + at + 16 * half) >> shift & two;
        transpose(v);
        for (int s = 0; s < 4; s++)
            all |= v[s] << 2 * s;
        store_quads(cell + 64 * half + 4 * r, all);
    }
}

/* One bit of each number: 4 bits of each row into each of 8 words. */
static void put_1(const struct quant_block *b, int at, int shift, int r,
                  unsigned char *cell)
{
    for (int quad = 0; quad < 8; quad++) {
        unsigned bits = 0;
        for (int i = 0; i < 4; i++) {
            /* The product brings bits 0, 8, 16, 24 side by side to the top. */
            uint32_t v;
            memcpy(&v, b[i].q + at + 4 * quad, sizeof(v));
            v = v >> shift & 0x01010101;
            bits |= (v * 0x10204080u >> 28) << 4 * i;
        }
        cell[8 * quad + r / 2] = (unsigned char)bits;
        cell[8 * quad + r / 2 + 1] = (unsigned char)(bits >> 8);
    }
}

static void put_numbers(const struct matrix *m, const struct quant_block *b,
                        int at, int r, unsigned char *cell)
{
    int low = low_bits(m->quant);
    if (low == 8)
        put_8(b, at, r, cell);
    else if (low == 4)
        put_4(b, at, r, cell);
    else
        put_2(b, at, 0, r, cell);
    if (m->quant->bits - low == 2)
        put_2(b, at, low, r, cell + m->low_bytes);
    else if (m->quant->bits - low == 1)
        put_1(b, at, low, r, cell + m->low_bytes);
}

static void put_scales(const struct matrix *m, const struct quant_block *b,
                       int r, unsigned char *block)
{
    const struct quant_type *t = m->quant;
    if (m->type == QUANT_Q8_F32)
        memcpy(block + 4 * r, &b->d_float, 4);
    else
        memcpy(block + 2 * r, &b->d, 2);
    if (t->has_min)
        memcpy(block + m->at_m + 2 * (size_t)r, &b->m, 2);
    for (int k = 0; t->has_scales && k < t->block / t->group; k++) {
        size_t at = (size_t)(k * ROWS + r);
        block[m->at_scale + at] = (unsigned char)b->scale[k];
        if (t->has_min)
            block[m->at_min + at] = b->min[k];
    }
}

/* The same block of the next rows: four short streams at once are more than
 * processors foresee.  (Beyond the end of the file it does nothing.) */
static void fetch_ahead(const unsigned char *src, size_t row_bytes, int bytes)
{
    for (int k = 0; k < TOGETHER; k++)
        for (int i = 0; i < bytes; i += 64)
            __builtin_prefetch(src + (size_t)k * row_bytes + i);
}

/* Packs rows [r, r + 4) of a panel, n of which there are; the others are
 * zeros. */
static void pack_rows(const struct matrix *m, const unsigned char *src,
                      int n, int r, unsigned char *panel)
{
    const struct quant_type *t = m->quant;
    size_t row_bytes = (size_t)(m->cols / t->block * t->block_bytes);
    struct quant_block b[TOGETHER] = {{.d = 0}};
    for (int i = 0; i < m->cols / t->block; i++) {
        unsigned char *block = panel + (size_t)i * m->block_bytes;
        for (int k = 0; k < n; k++)
            t->take_apart(src + (size_t)k * row_bytes, &b[k]);
        fetch_ahead(src + TOGETHER * row_bytes, row_bytes, t->block_bytes);
        for (int k = 0; k < TOGETHER; k++)
            put_scales(m, &b[k], r + k, block);
        for (int c = 0; c < t->block / 32; c++)
            put_numbers(m, b, 32 * c, r,
                        block + m->at_cells + (size_t)c * m->cell_bytes);
        src += t->block_bytes;
    }
}

/* Floats keep their layout. */
static void copy_panels(const struct matrix *m, const unsigned char *src,
                        unsigned char *out, int first, int last)
{
    size_t row_bytes = m->panel_bytes / ROWS;
    size_t begin = (size_t)(first * ROWS) * row_bytes;
    int end = last * ROWS < m->rows ? last * ROWS : m->rows;
    memcpy(out + begin, src + begin, (size_t)end * row_bytes - begin);
}

void matrix_pack(const struct matrix *m, const void *src, unsigned char *out,
                 int first, int last)
{
    if (m->quant == NULL) {
        copy_panels(m, src, out, first, last);
        return;
    }
    size_t row_bytes = (size_t)(m->cols / m->quant->block) *
                       (size_t)m->quant->block_bytes;
    for (int p = first; p < last; p++)
        for (int r = 0; r < ROWS; r += TOGETHER) {
            int row = p * ROWS + r, left = m->rows - row;
            int n = left < 0 ? 0 : left < TOGETHER ? left : TOGETHER;
            const unsigned char *from = src;
            pack_rows(m, n > 0 ? from + (size_t)row * row_bytes : from, n, r,
                      out + (size_t)p * m->panel_bytes);
        }
}

/* --- reading back ------------------------------------------------------ */

static unsigned get_number(const struct matrix *m, const unsigned char *cell,
                           int r, int col)
{
    const unsigned char *high = cell + m->low_bytes;
    int low = low_bits(m->quant), quad = col / 4, lane = 4 * r + col % 4;
    unsigned q;
    if (low == 8)
        q = cell[64 * quad + lane];
    else if (low == 4)
        q = cell[64 * (quad % 4) + lane] >> 4 * (quad / 4) & 15;
    else
        q = cell[64 * (quad / 4) + lane] >> 2 * (quad % 4) & 3;
    if (m->quant->bits - low == 2)
        q |= (high[64 * (quad / 4) + lane] >> 2 * (quad % 4) & 3u) << low;
    else if (m->quant->bits - low == 1)
        q |= (high[8 * quad + lane / 8] >> lane % 8 & 1u) << low;
    return q;
}

/* Scale and minimum of a group of a row. */
static void get_scales(const struct matrix *m, const unsigned char *block,
                       int r, int group, float *d, float *min)
{
    const struct quant_type *t = m->quant;
    size_t at = (size_t)(group * ROWS + r);
    *min = 0;
    if (m->type == QUANT_Q8_F32)
        memcpy(d, block + 4 * r, 4);
    else
        *d = load_half(block + 2 * r);
    if (t->has_min)
        *min = load_half(block + m->at_m + 2 * (size_t)r);
    if (t->has_scales)
        *d *= (float)(int8_t)block[m->at_scale + at];
    if (t->has_scales && t->has_min)
        *min *= (float)block[m->at_min + at];
}

static void packed_row(const struct matrix *m, int row, float *out)
{
    const struct quant_type *t = m->quant;
    const unsigned char *panel =
        m->data + (size_t)(row / ROWS) * m->panel_bytes;
    int r = row % ROWS;
    float d = 0, min = 0;
    for (int i = 0; i < m->cols; i++) {
        int in = i % t->block; /* the block */
        const unsigned char *block =
            panel + (size_t)(i / t->block) * m->block_bytes;
        if (in % t->group == 0)
            get_scales(m, block, r, in / t->group, &d, &min);
        const unsigned char *cell = block + m->at_cells +
                                    (size_t)(in / 32) * m->cell_bytes;
        unsigned q = get_number(m, cell, r, in % 32);
        int value = t->values ? t->values[q] : (int)q;
        out[i] = d * (float)(value - t->offset) - min;
    }
}

void matrix_row(const struct matrix *m, int row, float *out)
{
    if (m->quant)
        packed_row(m, row, out);
    else
        quant_to_float(m->type, m->data + (size_t)row * (m->panel_bytes / ROWS),
                       out, (size_t)m->cols);
}
