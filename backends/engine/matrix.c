#include "backends/engine/matrix.h"

#include <string.h>

#include "backends/engine/gguf.h"
#include "backends/engine/half.h"

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
    return m->quant ? (size_t)m->n_panels * m->panel_bytes : 0;
}

/* --- packing ----------------------------------------------------------- */

static uint32_t load32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static void store32(unsigned char *p, uint32_t v)
{
    memcpy(p, &v, sizeof(v));
}

/* In the functions below q is the first of 32 numbers of a row, r the row. */

static void put_8(const uint8_t *q, int r, unsigned char *cell)
{
    for (int quad = 0; quad < 8; quad++)
        store32(cell + 64 * quad + 4 * r, load32(q + 4 * quad));
}

static void put_4(const uint8_t *q, int r, unsigned char *cell)
{
    for (int j = 0; j < 4; j++) {
        uint32_t low = load32(q + 4 * j) & 0x0f0f0f0f;
        uint32_t high = load32(q + 16 + 4 * j) & 0x0f0f0f0f;
        store32(cell + 64 * j + 4 * r, low | high << 4);
    }
}

/* Two bits of each number, those from `shift` on. */
static void put_2(const uint8_t *q, int shift, int r, unsigned char *cell)
{
    for (int j = 0; j < 2; j++) {
        uint32_t v = 0;
        for (int s = 0; s < 4; s++)
            v |= (load32(q + 16 * j + 4 * s) >> shift & 0x03030303) << 2 * s;
        store32(cell + 64 * j + 4 * r, v);
    }
}

/* One bit of each number: 4 bits of row r into each of 8 words of 64 bits. */
static void put_1(const uint8_t *q, int shift, int r, unsigned char *cell)
{
    for (int quad = 0; quad < 8; quad++) {
        /* The product brings bits 0, 8, 16, 24 side by side to the top. */
        uint32_t v = load32(q + 4 * quad) >> shift & 0x01010101;
        unsigned four = v * 0x10204080u >> 28;
        unsigned char *byte = cell + 8 * quad + r / 2;
        *byte = (unsigned char)(r % 2 ? *byte | four << 4 : four);
    }
}

static void put_numbers(const struct matrix *m, const uint8_t *q, int r,
                        unsigned char *cell)
{
    int low = low_bits(m->quant);
    if (low == 8)
        put_8(q, r, cell);
    else if (low == 4)
        put_4(q, r, cell);
    else
        put_2(q, 0, r, cell);
    if (m->quant->bits - low == 2)
        put_2(q, low, r, cell + m->low_bytes);
    else if (m->quant->bits - low == 1)
        put_1(q, low, r, cell + m->low_bytes);
}

static void put_scales(const struct matrix *m, const struct quant_block *b,
                       int r, unsigned char *block)
{
    const struct quant_type *t = m->quant;
    /* They were halves in the file: the way back is exact. */
    uint16_t d = half_of_float(b->d), min = half_of_float(b->m);
    if (m->type == QUANT_Q8_F32)
        memcpy(block + 4 * r, &b->d, 4);
    else
        memcpy(block + 2 * r, &d, 2);
    if (t->has_min)
        memcpy(block + m->at_m + 2 * (size_t)r, &min, 2);
    for (int k = 0; t->has_scales && k < t->block / t->group; k++) {
        size_t at = (size_t)(k * ROWS + r);
        block[m->at_scale + at] = (unsigned char)b->scale[k];
        if (t->has_min)
            block[m->at_min + at] = b->min[k];
    }
}

static void pack_row(const struct matrix *m, const unsigned char *src, int r,
                     unsigned char *panel)
{
    const struct quant_type *t = m->quant;
    for (int i = 0; i < m->cols / t->block; i++) {
        struct quant_block b;
        unsigned char *block = panel + (size_t)i * m->block_bytes;
        t->take_apart(src, &b);
        put_scales(m, &b, r, block);
        for (int c = 0; c < t->block / 32; c++)
            put_numbers(m, b.q + 32 * c, r,
                        block + m->at_cells + (size_t)c * m->cell_bytes);
        src += t->block_bytes;
    }
}

void matrix_pack(const struct matrix *m, const void *src, unsigned char *out,
                 int first, int last)
{
    size_t row_bytes = (size_t)(m->cols / m->quant->block) *
                       (size_t)m->quant->block_bytes;
    for (int p = first; p < last; p++) {
        unsigned char *panel = out + (size_t)p * m->panel_bytes;
        if ((p + 1) * ROWS > m->rows)
            memset(panel, 0, m->panel_bytes);
        for (int r = 0; r < ROWS && p * ROWS + r < m->rows; r++)
            pack_row(m, (const unsigned char *)src +
                            (size_t)(p * ROWS + r) * row_bytes, r, panel);
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
