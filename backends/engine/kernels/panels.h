/* panels: from a tile to the whole product, for all vector kernels.
 *
 * A kern_*.c defines panel_times_tile (a panel times kern_tile_width rows), and
 * then includes this, which makes a function of it for each quantized type.
 * All functions are static. */
#ifndef BACKENDS_ENGINE_KERNELS_PANELS_H
#define BACKENDS_ENGINE_KERNELS_PANELS_H

#include "backends/engine/kernels/forms.h"

/* Rows go by in tiles, for each of which all panels are read: a tile is larger
 * than a panel and stays in the first-level cache meanwhile. */
#define DEFINE(type, ...)                                                      \
    static void panels_##type(const struct matrix *m, int first, int last,     \
                              const struct kern_rows *x, float *out,           \
                              size_t stride)                                   \
    {                                                                          \
        const struct form f = {__VA_ARGS__};                                   \
        size_t cells = (size_t)(x->cols / 32);                                 \
        int width;                                                             \
        for (int i = 0; i < x->n_rows; i += width) {                           \
            width = kern_tile_width(x->n_rows, i);                             \
            for (int p = first; p < last; p++)                                 \
                panel_times_tile(m, p, x->blocks + (size_t)i * cells, width,   \
                                 out + (size_t)i * stride, stride, f);         \
        }                                                                      \
    }
KERN_FORMS(DEFINE)
#undef DEFINE

/* Panels [first, last) of a matrix of a quantized type. */
static void panels_times(const struct matrix *m, int first, int last,
                         const struct kern_rows *x, float *out, size_t stride)
{
    switch (m->type) {
#define CASE(type, ...)                                                        \
    case type: panels_##type(m, first, last, x, out, stride); return;
        KERN_FORMS(CASE)
#undef CASE
    }
}

#endif
