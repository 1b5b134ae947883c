/* matrix: weights in the layout that the kernels read.
 *
 * Float matrices keep the layout of the file, row by row.  Quantized ones are
 * packed into panels of 16 rows, in the order in which a kernel reads them, so
 * that it reads one stream.  A panel holds for each block of columns
 *
 *   d, m        16 halves each (d: 16 floats for QUANT_Q8_F32), m if the
 *               type has minima
 *   scale, min  16 bytes each for every group, if the type has them
 *   cells       one for each 32 columns (8 quads of 4), in it
 *     low bits  64-byte vectors; byte 4 r + k of one belongs to row r, column
 *               k of a quad.  8 bits: a vector for each quad.  4 bits: vector
 *               j has quad j in the low halves of its bytes and quad j + 4 in
 *               the high ones.  2 bits: vector j has the quads 4 j … 4 j + 3.
 *     high bits of the types with 3 or 5 bits: for each quad 64 bits, bit
 *               4 r + k; of 6 bits: like the low bits of a 2-bit type
 *
 * so that one 512-bit integer dot product multiplies 16 rows by 4 columns, and
 * 256- and 128-bit ones read the same memory.  Scales are kept exactly. */
#ifndef BACKENDS_ENGINE_KERNELS_MATRIX_H
#define BACKENDS_ENGINE_KERNELS_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#include "backends/engine/kernels/quant.h"

#define MATRIX_PANEL 16 /* rows */

struct matrix {
    uint32_t type; /* GGUF_F32, GGUF_F16, GGUF_BF16 or a quantized one */
    const struct quant_type *quant; /* NULL: floats */
    int rows, cols;
    int n_panels;              /* the last one may be filled up with zeros */
    size_t panel_bytes;        /* 16 rows, of either layout */
    size_t block_bytes;        /* a packed block of 16 rows */
    size_t at_m, at_scale, at_min, at_cells; /* inside of it; d is at 0 */
    size_t low_bytes, cell_bytes;            /* of a cell */
    const unsigned char *data; /* packed; borrowed */
};

/* Fills all but data.  cols is a multiple of the type's block. */
void matrix_describe(struct matrix *m, uint32_t type, int rows, int cols);

/* Bytes that the packed panels take, a multiple of 64. */
size_t matrix_packed_bytes(const struct matrix *m);

/* Packs the rows of panels [first, last) from the file's layout (`src` is the
 * whole matrix) into `out` (the whole packed one).  Threads may pack different
 * panels at the same time. */
void matrix_pack(const struct matrix *m, const void *src, unsigned char *out,
                 int first, int last);

/* One row as floats [cols], equal to what the file says to the last bit. */
void matrix_row(const struct matrix *m, int row, float *out);

#endif
