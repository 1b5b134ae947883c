/* The kernels in plain C: for any machine, and the truth for the others. */
#include "backends/engine/kernels/kern.h"
#include "backends/engine/kernels/rows.h"

#define ROWS MATRIX_PANEL

/* --- packed matrices --------------------------------------------------- */

/* One cell: 16 rows of 32 whole numbers, as the packed layout has them: byte
 * 4 r + k of a quad is column k of row r. */
struct cell {
    uint8_t q[8][64];
    float w[8][64]; /* less the offset; their sums are whole and exact */
};

static void read_low(int bits, const unsigned char *p, struct cell *out)
{
    if (bits == 8) {
        memcpy(out->q, p, sizeof(out->q));
        return;
    }
    if (bits >= 4) {
        for (int j = 0; j < 4; j++)
            for (int i = 0; i < 64; i++) {
                out->q[j][i] = p[64 * j + i] & 15;
                out->q[j + 4][i] = p[64 * j + i] >> 4;
            }
        return;
    }
    for (int quad = 0; quad < 8; quad++)
        for (int i = 0; i < 64; i++)
            out->q[quad][i] = p[64 * (quad / 4) + i] >> 2 * (quad % 4) & 3;
}

static void read_high(int bits, const unsigned char *p, struct cell *out)
{
    if (bits == 6) {
        for (int quad = 0; quad < 8; quad++)
            for (int i = 0; i < 64; i++)
                out->q[quad][i] |= (uint8_t)(
                    (p[64 * (quad / 4) + i] >> 2 * (quad % 4) & 3) << 4);
        return;
    }
    /* A byte has a bit of eight numbers: byte k of v keeps bit k only, and
     * adding 127 carries it to the top. */
    for (int i = 0; i < 64; i++) {
        uint64_t v = p[i] * 0x0101010101010101u & 0x8040201008040201u, old;
        v = (v + 0x7f7f7f7f7f7f7f7fu) >> 7 & 0x0101010101010101u;
        memcpy(&old, &out->q[0][0] + 8 * i, sizeof(old));
        old |= v << (bits - 1);
        memcpy(&out->q[0][0] + 8 * i, &old, sizeof(old));
    }
}

static void read_cell(const struct matrix *m, const unsigned char *cell,
                      struct cell *out)
{
    const struct quant_type *t = m->quant;
    read_low(t->bits, cell, out);
    if (t->bits == 3 || t->bits == 5 || t->bits == 6)
        read_high(t->bits, cell + m->low_bytes, out);
    uint8_t *q = &out->q[0][0];
    float *w = &out->w[0][0];
    for (int i = 0; t->values && i < 512; i++)
        q[i] = t->values[q[i]];
    for (int i = 0; i < 512; i++)
        w[i] = (float)(q[i] - t->offset);
}

/* Scales and minima of a group for its 16 rows. */
static void read_scales(const struct matrix *m, const unsigned char *block,
                        int group, float *d, float *min)
{
    const struct quant_type *t = m->quant;
    for (int r = 0; r < ROWS; r++) {
        int at = group * ROWS + r;
        min[r] = 0;
        if (m->type == QUANT_Q8_F32)
            memcpy(&d[r], block + 4 * r, 4);
        else
            d[r] = load_half(block + 2 * r);
        if (t->has_min)
            min[r] = load_half(block + m->at_m + 2 * r);
        if (t->has_scales)
            d[r] *= (float)(int8_t)block[m->at_scale + (size_t)at];
        if (t->has_scales && t->has_min)
            min[r] *= (float)block[m->at_min + (size_t)at];
    }
}

/* acc[r] += a group of the cell times a block; quads [first, first + n). */
static void times_group(const struct cell *w, int first, int n,
                        const struct kern_block *x, const float *d,
                        const float *min, float x_sum, float *acc)
{
    float lane[64] = {0};
    for (int quad = first; quad < first + n; quad++) {
        const int8_t *q = x->q + 4 * quad;
        float v[4] = {q[0], q[1], q[2], q[3]};
        for (int r = 0; r < ROWS; r++)
            for (int k = 0; k < 4; k++)
                lane[4 * r + k] += w->w[quad][4 * r + k] * v[k];
    }
    for (int r = 0; r < ROWS; r++) {
        const float *s = lane + 4 * r;
        acc[r] += d[r] * (x->d * (s[0] + s[1] + s[2] + s[3])) - min[r] * x_sum;
    }
}

#define MAX_ROWS 64 /* of x that a panel is taken apart for */

/* Rows of x, each where its blocks begin and how far apart they are. */
struct some_rows {
    int n;
    const struct kern_block *at[MAX_ROWS];
    int width[MAX_ROWS];
};

/* Some rows of x times cell c of a panel. */
static void times_cell(const struct matrix *m, const unsigned char *panel,
                       int c, const struct some_rows *x, float *acc)
{
    struct cell w;
    float d[2][ROWS], min[2][ROWS];
    int halves = 32 / m->quant->group, per_block = m->quant->block / 32;
    const unsigned char *block =
        panel + (size_t)(c / per_block) * m->block_bytes;
    int in = c % per_block; /* the block */
    read_cell(m, block + m->at_cells + (size_t)in * m->cell_bytes, &w);
    for (int k = 0; k < halves; k++)
        read_scales(m, block, in * halves + k, d[k], min[k]);
    for (int i = 0; i < x->n; i++, acc += ROWS) {
        const struct kern_block *b = x->at[i] + (size_t)(c * x->width[i]);
        if (halves == 1) {
            times_group(&w, 0, 8, b, d[0], min[0], b->sum, acc);
            continue;
        }
        times_group(&w, 0, 4, b, d[0], min[0], b->d * (float)-b->neg_half,
                    acc);
        times_group(&w, 4, 4, b, d[1], min[1],
                    b->d * (float)(b->neg_half - b->neg), acc);
    }
}

static void matmul_packed(const struct matrix *m, int p,
                          const struct kern_rows *x, float *out, size_t stride)
{
    const unsigned char *panel = m->data + (size_t)p * m->panel_bytes;
    int rows = m->rows - p * ROWS < ROWS ? m->rows - p * ROWS : ROWS;
    for (int first = 0; first < x->n_rows; first += MAX_ROWS) {
        struct some_rows some = {.n = x->n_rows - first};
        some.n = some.n < MAX_ROWS ? some.n : MAX_ROWS;
        for (int i = 0; i < some.n; i++)
            some.at[i] = x->blocks + kern_block_at(x->n_rows, first + i,
                                                   x->cols / 32,
                                                   &some.width[i]);
        float acc[MAX_ROWS * ROWS] = {0};
        for (int c = 0; c < m->cols / 32; c++)
            times_cell(m, panel, c, &some, acc);
        for (int i = 0; i < some.n; i++)
            memcpy(out + (size_t)(first + i) * stride + p * ROWS,
                   acc + ROWS * i, (size_t)rows * sizeof(*out));
    }
}

/* --- floats ------------------------------------------------------------ */

static float dot(const float *a, const float *b, int n)
{
    float s[LANES] = {0};
    int whole = n / LANES * LANES;
    for (int i = 0; i < whole; i += LANES)
        for (int k = 0; k < LANES; k++)
            s[k] += a[i + k] * b[i + k];
    for (int i = whole; i < n; i++)
        s[i - whole] += a[i] * b[i];
    return lanes_sum(s);
}

#define PIECE 512 /* columns converted at a time */

static void matmul_floats(const struct matrix *m, int row,
                          const struct kern_rows *x, float *out, size_t stride)
{
    size_t bytes = m->panel_bytes / ROWS / (size_t)m->cols; /* of a number */
    const unsigned char *src = m->data + (size_t)row * (size_t)m->cols * bytes;
    for (int i = 0; i < x->n_rows; i++)
        out[(size_t)i * stride + (size_t)row] = 0;
    for (int at = 0; at < m->cols; at += PIECE) {
        int n = m->cols - at < PIECE ? m->cols - at : PIECE;
        float w[PIECE];
        quant_to_float(m->type, src + (size_t)at * bytes, w, (size_t)n);
        for (int i = 0; i < x->n_rows; i++)
            out[(size_t)i * stride + (size_t)row] +=
                dot(w, x->floats + (size_t)i * (size_t)x->cols + at, n);
    }
}

static void matmul(const struct matrix *m, int first, int last,
                   const struct kern_rows *x, float *out, size_t stride)
{
    for (int p = first; p < last; p++) {
        if (m->quant) {
            matmul_packed(m, p, x, out, stride);
            continue;
        }
        for (int r = p * ROWS; r < (p + 1) * ROWS && r < m->rows; r++)
            matmul_floats(m, r, x, out, stride);
    }
}

/* --- attention --------------------------------------------------------- */

static void scores(const float *q, int n_q, int d, const uint16_t *k, int n,
                   float *s, int n_max, const uint16_t *then)
{
    (void)then;
    for (int i = 0; i < n_q; i++)
        for (int p = 0; p < n; p++) {
            int block = p / KERN_KEY_BLOCK * KERN_KEY_BLOCK;
            const uint16_t *column = k + block * d + p - block;
            float sum = 0;
            for (int j = 0; j < d; j++)
                sum += q[i * d + j] * float_of_half(column[KERN_KEY_BLOCK * j]);
            s[i * n_max + p] = sum;
        }
}

static void weigh(const float *s, int n_max, int n_q, const uint16_t *v, int n,
                  int d_v, float *o, const uint16_t *then)
{
    (void)then;
    for (int i = 0; i < n_q; i++) {
        float *row = o + (size_t)(i * d_v);
        memset(row, 0, (size_t)d_v * sizeof(*row));
        for (int p = 0; p < n; p++)
            for (int j = 0; j < d_v; j++) {
                int first = j / KERN_VALUE_BLOCK * KERN_VALUE_BLOCK;
                int width = kern_value_width(d_v, first);
                row[j] += s[i * n_max + p] *
                          float_of_half(v[first * n_max + p * width + j -
                                          first]);
            }
    }
}

static void to_half(const float *x, int n, uint16_t *out, size_t step)
{
    for (int i = 0; i < n; i++)
        out[(size_t)i * step] = half_of_float(x[i]);
}

KERN_SET(scalar, rows_quantize, scores, rows_softmax, weigh, to_half)
