/* Attention over bytes for AMX, if there are queries enough to fill a tile; the
 * sums are exact, so that the results are those of AVX-512 to the bit. */
#include "backends/engine/kernels/avx512.h"
#include "backends/engine/kernels/tiles.h"

#if defined(KERN_TILES) && defined(KERN_AVX512)

#define BYTES_X 16
#define BYTES_SPLIT avx512_split
#include "backends/engine/kernels/bytes.h"

#define FEW 6 /* queries for which tiles do not pay */

/* Numbers of tiles.  The depth is taken 16 quads at a time, and what is left
 * has tiles of its own shape. */
enum {
    HIGH, LOW,
    X_HIGH, X_LOW, QUADS,
    X_HIGH_REST, X_LOW_REST, QUADS_REST,
};

static void configure(int n_quads)
{
    struct tile_shapes s = {0};
    tile_shape(&s, HIGH, BYTES_X, 64);
    tile_shape(&s, LOW, BYTES_X, 64);
    if (n_quads >= 16) {
        tile_shape(&s, X_HIGH, BYTES_X, 64);
        tile_shape(&s, X_LOW, BYTES_X, 64);
        tile_shape(&s, QUADS, 16, 64);
    }
    if (n_quads % 16 > 0) {
        tile_shape(&s, X_HIGH_REST, BYTES_X, 4 * (n_quads % 16));
        tile_shape(&s, X_LOW_REST, BYTES_X, 4 * (n_quads % 16));
        tile_shape(&s, QUADS_REST, n_quads % 16, 64);
    }
    tile_configure(&s);
}

/* The rows of a product, one behind the other. */
struct rows {
    size_t step;
    int8_t high[BYTES_X * KERN_DEPTH_MOST], low[BYTES_X * KERN_DEPTH_MOST];
};

static void line_up(const struct kern_split *x, int n_x, size_t step,
                    struct rows *out)
{
    out->step = step;
    for (int i = 0; i < n_x; i++) {
        memcpy(out->high + (size_t)i * step, x[i].high, step);
        memcpy(out->low + (size_t)i * step, x[i].low, step);
    }
}

/* Adds up to HIGH and LOW what 16 quads give, or the rest of them. */
KERN_INLINE void add_quads(const struct rows *x, const uint8_t *bytes,
                           size_t step, int at, const int high, const int low,
                           const int quads)
{
    tile_load(high, x->high + at, x->step);
    tile_load(low, x->low + at, x->step);
    tile_load(quads, bytes, step);
    tile_multiply_unsigned(HIGH, high, quads);
    tile_multiply_unsigned(LOW, low, quads);
}

/* One vector of lanes. */
static void multiply(const struct bytes_tile *t, const uint8_t *bytes,
                     const struct rows *x, int32_t high[BYTES_X][16],
                     int32_t low[BYTES_X][16])
{
    int i = 0;
    tile_zero(HIGH);
    tile_zero(LOW);
    for (; i + 16 <= t->n; i += 16, bytes += 16 * t->step)
        add_quads(x, bytes, t->step, 4 * i, X_HIGH, X_LOW, QUADS);
    if (i < t->n)
        add_quads(x, bytes, t->step, 4 * i, X_HIGH_REST, X_LOW_REST,
                  QUADS_REST);
    tile_store(HIGH, high, 64);
    tile_store(LOW, low, 64);
}

static void bytes_multiply(struct bytes_tile t, const struct kern_split *x,
                           int n_x, int n_v, int32_t *sum)
{
    _Alignas(64) int32_t high[BYTES_X][16], low[BYTES_X][16];
    struct rows rows;
    line_up(x, n_x, (size_t)(4 * t.n), &rows);
    for (int v = 0; v < n_v; v++) {
        multiply(&t, t.bytes + (size_t)v * t.apart, &rows, high, low);
        for (int k = 0; k < n_x; k++) {
            __m512i s = _mm512_add_epi32(_mm512_load_si512(low[k]),
                                         _mm512_set1_epi32((int32_t)x[k].neg));
            s = _mm512_add_epi32(
                s, _mm512_slli_epi32(_mm512_load_si512(high[k]), 7));
            _mm512_storeu_si512(sum + 64 * k + 16 * v, s);
        }
    }
}

static void scores(const struct kern_split *q, int n_q, int d,
                   const struct kern_bytes *k, int n, float *s)
{
    if (n_q <= FEW) {
        kern_bytes_avx512.scores(q, n_q, d, k, n, s);
        return;
    }
    configure(d / 4);
    bytes_scores(q, n_q, d, k, n, s);
    tile_release();
}

static void weigh(const float *s, int n_q, const struct kern_bytes *v, int n,
                  int d_v, float *o)
{
    if (n_q <= FEW) {
        kern_bytes_avx512.weigh(s, n_q, v, n, d_v, o);
        return;
    }
    configure((n + 3) / 4);
    bytes_weigh(s, n_q, v, n, d_v, o);
    tile_release();
}

const struct kern_on_bytes kern_bytes_amx = {
    .key = bytes_key,
    .value = bytes_pack,
    .query = bytes_query,
    .scores = scores,
    .weigh = weigh,
};

#endif
