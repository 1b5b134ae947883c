/* The kernels for AMX (Sapphire Rapids and later): those of AVX-512, but for
 * products of quantized matrices with 16 rows and more.
 *
 * Tiles only add up whole numbers, those of one group of columns at a time,
 * and are exact.  What the sums stand for is added in the order of avx512.c, so
 * that the results are the same to the bit, however many rows there are.
 *
 * Both sides lie in memory as tiles want them.  16 blocks of activations are
 * the rows of A.  A packed cell, its numbers taken apart, is B: that is done
 * for CELLS cells at a time, which stay in the first-level cache while all rows
 * pass by.  Vectors need longer to add the sums than tiles to make them, and
 * loads are the next limit; so two panels are worked on at once, with 8 rows
 * each: they share what belongs to a row.  While the sums of one group are
 * added, the tiles make those of the next. */
#include "backends/engine/kernels/avx512.h"
#include "backends/engine/kernels/tiles.h"

#if defined(KERN_TILES) && defined(KERN_AVX512)

#include "backends/engine/kernels/rows.h"

#define ROWS MATRIX_PANEL
#define INLINE KERN_INLINE
#define TILE_ROWS 16 /* of activations in a tile of blocks */
#define CELLS 16     /* a multiple of a block's 8 */
#define PANELS 2
#define SUMS 16      /* vectors of sums at once: rows times panels */

/* --- cells taken apart ------------------------------------------------- */

struct cells {
    _Alignas(64) int8_t q[PANELS][CELLS][8][64]; /* [quad][4 * row + column] */
    float d[PANELS][CELLS][2][ROWS];             /* of each group */
    float min[PANELS][CELLS][2][ROWS];
};

/* The numbers less their offset fit into 8 bits with a sign. */
INLINE void take_apart(struct cells *out, int panel, int cell,
                       struct place *at, const uint8_t *values,
                       struct form f)
{
    __m512i w[8];
    __m512 d[2], min[2];
    read_scales(at, f, d, min);
    read_cell(at, f, values, w);
    __m512i offset =
        _mm512_set1_epi8(f.offset_shift < 0 ? 0 : (char)(1 << f.offset_shift));
    for (int j = 0; j < 8; j++)
        _mm512_store_si512(out->q[panel][cell][j],
                           _mm512_sub_epi8(w[j], offset));
    for (int k = 0; k < 32 / f.group; k++) {
        _mm512_store_ps(out->d[panel][cell][k], d[k]);
        if (f.has_min)
            _mm512_store_ps(out->min[panel][cell][k], min[k]);
    }
}

/* Cells [first, first + n) of a panel; `at` is moved behind them. */
INLINE void take_cells_apart(struct cells *out, int panel, int first,
                             int n, struct place *at,
                             const uint8_t *values, struct form f)
{
    for (int c = 0; c < n; c++) {
        if (begins_block(f, first + c))
            enter_block(at, f);
        take_apart(out, panel, c, at, values, f);
    }
}

/* --- sums by tiles ----------------------------------------------------- */

/* Numbers of tiles.  Those of C and A are two, since one step's are still in
 * use while the next one's are made. */
enum { TILE_C = 0, TILE_A = 4, TILE_B = 6 };

typedef int32_t sums[PANELS][SUMS][ROWS];

/* For n_panels panels, and rows enough for all sums. */
static void configure(int n_panels, int group)
{
    struct tile_shapes s = {0};
    int rows = SUMS / n_panels;
    for (int t = TILE_C; t < TILE_A; t++)
        tile_shape(&s, t, rows, 4 * ROWS);
    for (int t = TILE_A; t < TILE_B; t++)
        tile_shape(&s, t, rows, group);
    for (int t = TILE_B; t < TILE_B + PANELS; t++)
        tile_shape(&s, t, group / 4, 4 * ROWS);
    tile_configure(&s);
}

/* Where a step is: group k of a cell. */
#define STEPS(f) (32 / (f).group) /* in a cell */

/* The sums of a step; odd tells which tiles it takes. */
INLINE void make_sums(const struct cells *w, int step,
                      const struct kern_block *x, const int n_panels,
                      const int odd, sums out, struct form f)
{
    int cell = step / STEPS(f), k = step % STEPS(f);
    const int a = TILE_A + odd, c = TILE_C + 2 * odd;
    tile_load(a, x[cell * TILE_ROWS].q + k * f.group, sizeof(*x));
    tile_load(TILE_B, w->q[0][cell][k * f.group / 4], 64);
    tile_zero(c);
    tile_multiply(c, a, TILE_B);
    tile_store(c, out[0], 4 * ROWS);
    if (n_panels == 1)
        return;
    tile_load(TILE_B + 1, w->q[1][cell][k * f.group / 4], 64);
    tile_zero(c + 1);
    tile_multiply(c + 1, a, TILE_B + 1);
    tile_store(c + 1, out[1], 4 * ROWS);
}

/* Adds the sums of a step to what stands in acc [row][panel]. */
INLINE void add_step(__m512 acc[SUMS], const struct cells *w, int step,
                     const struct kern_block *x, const int n_panels,
                     sums in, struct form f)
{
    int cell = step / STEPS(f), k = step % STEPS(f);
    __m512 d[PANELS], min[PANELS];
    x += cell * TILE_ROWS;
    for (int p = 0; p < n_panels; p++) {
        d[p] = _mm512_load_ps(w->d[p][cell][k]);
        min[p] = f.has_min ? _mm512_load_ps(w->min[p][cell][k])
                           : _mm512_setzero_ps();
    }
#pragma GCC unroll 16
    for (int i = 0; i < SUMS / n_panels; i++)
        for (int p = 0; p < n_panels; p++)
            acc[i * n_panels + p] =
                add_sums(acc[i * n_panels + p],
                         _mm512_load_si512(in[p][i]), x + i, k, d[p], min[p],
                         f);
}

/* Where results go; they are also kept there from some cells to the next. */
struct place_out {
    float *at[PANELS];
    __mmask16 keep[PANELS]; /* the last panel may have fewer rows */
    size_t stride;
};

/* n cells times SUMS / n_panels rows, added to what is in `out` if the cells
 * before them are. */
INLINE void times_cells(const struct cells *w, int n,
                        const struct kern_block *x, const int n_panels,
                        bool begun, struct place_out out, struct form f)
{
    _Alignas(64) sums even, odd;
    __m512 acc[SUMS];
    int steps = n * STEPS(f);
    make_sums(w, 0, x, n_panels, 0, even, f);
#pragma GCC unroll 16
    for (int i = 0; i < SUMS; i++)
        acc[i] = _mm512_maskz_loadu_ps(
            begun ? out.keep[i % n_panels] : 0,
            out.at[i % n_panels] + (size_t)(i / n_panels) * out.stride);
    for (int s = 0; s < steps; s += 2) {
        bool both = s + 1 < steps;
        if (both)
            make_sums(w, s + 1, x, n_panels, 1, odd, f);
        add_step(acc, w, s, x, n_panels, even, f);
        if (s + 2 < steps)
            make_sums(w, s + 2, x, n_panels, 0, even, f);
        if (both)
            add_step(acc, w, s + 1, x, n_panels, odd, f);
    }
#pragma GCC unroll 16
    for (int i = 0; i < SUMS; i++)
        _mm512_mask_storeu_ps(
            out.at[i % n_panels] + (size_t)(i / n_panels) * out.stride,
            out.keep[i % n_panels], acc[i]);
}

/* --- products ---------------------------------------------------------- */

/* n_panels panels from `panel` on, times n rows of x, a multiple of 16. */
INLINE void panels_times_tiles(const struct matrix *m, int panel,
                               const int n_panels,
                               const struct kern_rows *x, int n,
                               float *out, size_t stride, struct form f)
{
    struct cells w;
    struct place at[PANELS];
    struct place_out to = {.stride = stride};
    int cells = m->cols / 32, at_once = SUMS / n_panels, some;
    for (int p = 0; p < n_panels; p++) {
        at[p] = (struct place){
            .cell = m->data + (size_t)(panel + p) * m->panel_bytes};
        to.keep[p] = first_of(m->rows - (panel + p) * ROWS);
    }
    configure(n_panels, f.group);
    for (int c = 0; c < cells; c += some) {
        some = cells - c < CELLS ? cells - c : CELLS;
        for (int p = 0; p < n_panels; p++)
            take_cells_apart(&w, p, c, some, &at[p], m->quant->values, f);
        for (int i = 0; i < n; i += at_once) {
            int tile = i / TILE_ROWS * TILE_ROWS;
            for (int p = 0; p < n_panels; p++)
                to.at[p] = out + (size_t)i * stride + (panel + p) * ROWS;
            times_cells(&w, some,
                        x->blocks + (size_t)tile * (size_t)cells +
                            (size_t)(c * TILE_ROWS + i - tile),
                        n_panels, c > 0, to, f);
        }
    }
}

#define DEFINE(type, ...)                                                     \
    static void tiles_##type(const struct matrix *m, int first, int last,     \
                             const struct kern_rows *x, int n, float *out,    \
                             size_t stride)                                   \
    {                                                                         \
        const struct form f = {__VA_ARGS__};                                  \
        int p = first;                                                        \
        for (; p + PANELS <= last; p += PANELS)                               \
            panels_times_tiles(m, p, PANELS, x, n, out, stride, f);           \
        if (p < last)                                                         \
            panels_times_tiles(m, p, 1, x, n, out, stride, f);                \
    }
KERN_FORMS(DEFINE)
#undef DEFINE

static void tiles_times(const struct matrix *m, int first, int last,
                        const struct kern_rows *x, int n, float *out,
                        size_t stride)
{
    switch (m->type) {
#define CASE(type, ...)                                                       \
    case type: tiles_##type(m, first, last, x, n, out, stride); break;
        KERN_FORMS(CASE)
#undef CASE
    }
    tile_release();
}

/* Rows beyond the last 16 of them, and floats, are for vectors. */
static void matmul(const struct matrix *m, int first, int last,
                   const struct kern_rows *x, float *out, size_t stride)
{
    int n = m->quant ? x->n_rows / TILE_ROWS * TILE_ROWS : 0;
    struct kern_rows rest = *x;
    if (n > 0 && first < last)
        tiles_times(m, first, last, x, n, out, stride);
    rest.n_rows -= n;
    rest.blocks += (size_t)n * (size_t)(x->cols / 32);
    if (rest.n_rows > 0)
        kern_avx512()->matmul(m, first, last, &rest, out + (size_t)n * stride,
                              stride);
}

KERN_SET(amx, avx512_quantize, avx512_scores, avx512_softmax, avx512_weigh,
         avx512_to_half)

#else

const struct kern *kern_amx(void)
{
    return NULL;
}

#endif
