/* forms: the quantized types as the vector kernels see them.
 *
 * A kernel is written once for all types, with a `struct form` whose fields
 * are constants where it is used, so that the compiler makes one function of
 * each; KERN_FORMS lists them.  All functions are static. */
#ifndef BACKENDS_ENGINE_KERNELS_FORMS_H
#define BACKENDS_ENGINE_KERNELS_FORMS_H

#include "backends/engine/kernels/inline.h"
#include "backends/engine/kernels/kern.h"

/* Asks memory for a line, into the second-level cache.  Processors foresee a
 * stream by themselves, but none beyond the end of a page. */
KERN_INLINE void kern_ask_for(const void *p)
{
    __builtin_prefetch(p, 0, 2);
}

/* How far ahead floats are asked for that are read row by row. */
#define KERN_FLOATS_AHEAD 4096

/* Rows of a float matrix that are taken together.  Four are four streams, which
 * memory gives slower than one: that pays only if there is more to do than
 * to read, or if rows are so short that their ends are most of the work.
 * The numbers are the same. */
KERN_INLINE int kern_float_rows(const struct matrix *m, int left, int n_x)
{
    bool is_long = m->panel_bytes / MATRIX_PANEL >= 1024;
    return left >= 4 && (n_x >= 4 || !is_long) ? 4 : 1;
}

struct form {
    int bits, group, offset_shift; /* offset 1 << shift; -1: none */
    bool has_scales, has_min, float_d, non_linear;
};

/* name, then the fields of its form. */
#define KERN_FORMS(T)                                                         \
    T(GGUF_Q4_0, .bits = 4, .group = 32, .offset_shift = 3)                   \
    T(GGUF_Q4_1, .bits = 4, .group = 32, .offset_shift = -1, .has_min = true) \
    T(GGUF_Q5_0, .bits = 5, .group = 32, .offset_shift = 4)                   \
    T(GGUF_Q5_1, .bits = 5, .group = 32, .offset_shift = -1, .has_min = true) \
    T(GGUF_Q8_0, .bits = 8, .group = 32, .offset_shift = 7)                   \
    T(GGUF_Q2_K, .bits = 2, .group = 16, .offset_shift = -1, .has_min = true, \
      .has_scales = true)                                                     \
    T(GGUF_Q3_K, .bits = 3, .group = 16, .offset_shift = 2,                   \
      .has_scales = true)                                                     \
    T(GGUF_Q4_K, .bits = 4, .group = 32, .offset_shift = -1, .has_min = true, \
      .has_scales = true)                                                     \
    T(GGUF_Q5_K, .bits = 5, .group = 32, .offset_shift = -1, .has_min = true, \
      .has_scales = true)                                                     \
    T(GGUF_Q6_K, .bits = 6, .group = 16, .offset_shift = 5,                   \
      .has_scales = true)                                                     \
    T(GGUF_IQ4_NL, .bits = 4, .group = 32, .offset_shift = 7,                 \
      .non_linear = true)                                                     \
    T(GGUF_IQ4_XS, .bits = 4, .group = 32, .offset_shift = 7,                 \
      .has_scales = true, .non_linear = true)                                 \
    T(QUANT_Q8_F32, .bits = 8, .group = 32, .offset_shift = 7,                \
      .float_d = true)


/* Where the next cell is, and the scales of its block; see matrix.h. */
struct place {
    const unsigned char *cell, *d, *m, *scale, *min;
};

/* Steps over the scales at the beginning of a block. */
KERN_INLINE void enter_block(struct place *at, struct form f)
{
    int groups = f.has_scales ? 256 / f.group : 0;
    at->d = at->cell;
    at->m = at->d + (f.float_d ? 64 : 32);
    at->scale = at->m + (f.has_min ? 32 : 0);
    at->min = at->scale + MATRIX_PANEL * groups;
    at->cell = at->min + (f.has_min ? MATRIX_PANEL * groups : 0);
}

KERN_INLINE bool begins_block(struct form f, int cell)
{
    return !f.has_scales || cell % 8 == 0;
}

#endif
