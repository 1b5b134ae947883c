/* tiles: the matrix registers of AMX; for the files of the AMX set only.
 *
 * A thread has eight tiles.  A configuration gives each its shape: up to 16
 * rows of up to 64 bytes.  With it, tile_multiply adds to C [m][n] the product
 * of A [m][4 k] and B [4 k][n], whole numbers of 8 bits, in 32: a row of B is
 * a quad, four numbers of each of its n columns side by side.  (Intel 64 and
 * IA-32 Architectures Software Developer's Manual, volume 1, chapter 18.)
 *
 * The instructions are written here, since the compilers' own words for them
 * do not say that they read memory (gcc 12).  All functions are static; t, c, a
 * and b are numbers of tiles and must be constants. */
#ifndef BACKENDS_ENGINE_KERNELS_TILES_H
#define BACKENDS_ENGINE_KERNELS_TILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/kernels/inline.h"

/* Assemblers know them since binutils 2.36 and clang 11; a gcc from before 11
 * is likely to be beside an older one. */
#if defined(__x86_64__) && defined(__linux__) && \
    (defined(__clang__) ? __clang_major__ >= 11 : __GNUC__ >= 11)

#define KERN_TILES

struct tile_shapes {
    uint8_t palette; /* 1: eight tiles of 1 KiB */
    uint8_t start_row;
    uint8_t reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};
_Static_assert(sizeof(struct tile_shapes) == 64, "as the processor reads it");

KERN_INLINE void tile_shape(struct tile_shapes *s, int t, int rows,
                            int row_bytes)
{
    s->palette = 1;
    s->rows[t] = (uint8_t)rows;
    s->row_bytes[t] = (uint16_t)row_bytes;
}

/* Until tile_release, this thread's tiles have these shapes. */
KERN_INLINE void tile_configure(const struct tile_shapes *s)
{
    __asm__ volatile("ldtilecfg %0" : : "m"(*s));
}

KERN_INLINE void tile_release(void)
{
    __asm__ volatile("tilerelease" : : : "memory");
}

KERN_INLINE void tile_zero(const int t)
{
    __asm__ volatile("tilezero %%tmm%c0" : : "i"(t));
}

/* Rows are `step` bytes apart. */
KERN_INLINE void tile_load(const int t, const void *p, size_t step)
{
    __asm__ volatile("tileloadd (%1,%2,1), %%tmm%c0"
                     : : "i"(t), "r"(p), "r"(step) : "memory");
}

KERN_INLINE void tile_store(const int t, void *p, size_t step)
{
    __asm__ volatile("tilestored %%tmm%c0, (%1,%2,1)"
                     : : "i"(t), "r"(p), "r"(step) : "memory");
}

/* c += a * b, both signed. */
KERN_INLINE void tile_multiply(const int c, const int a, const int b)
{
    __asm__ volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0"
                     : : "i"(c), "i"(a), "i"(b));
}

/* The same, b unsigned. */
KERN_INLINE void tile_multiply_unsigned(const int c, const int a, const int b)
{
    __asm__ volatile("tdpbsud %%tmm%c2, %%tmm%c1, %%tmm%c0"
                     : : "i"(c), "i"(a), "i"(b));
}

#endif

/* Whether this processor has tiles, the system grants them and they multiply
 * as they should; found out once a process.  Any thread. */
bool tiles_work(void);

/* Whether they multiply as they should.  A virtual machine may name what it
 * does not have, and the processor calls the instructions illegal; so SIGILL is
 * caught meanwhile.  One thread at a time. */
bool tiles_multiply_well(void);

#endif
