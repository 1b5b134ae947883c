/* lanes: sums in 16 lanes that are added up in a fixed order.
 *
 * That is what lets a compiler make vectors of a loop, and what makes the
 * result the same for vectors of any length.  All functions are static. */
#ifndef BACKENDS_ENGINE_KERNELS_LANES_H
#define BACKENDS_ENGINE_KERNELS_LANES_H

#define LANES 16

static inline float lanes_sum(const float *s)
{
    float a[8], b[4];
    for (int i = 0; i < 8; i++)
        a[i] = s[i] + s[i + 8];
    for (int i = 0; i < 4; i++)
        b[i] = a[i] + a[i + 4];
    return (b[0] + b[2]) + (b[1] + b[3]);
}

static inline float lanes_larger(float a, float b)
{
    return a > b ? a : b;
}

static inline float lanes_max(const float *s)
{
    float a[8], b[4];
    for (int i = 0; i < 8; i++)
        a[i] = lanes_larger(s[i], s[i + 8]);
    for (int i = 0; i < 4; i++)
        b[i] = lanes_larger(a[i], a[i + 4]);
    return lanes_larger(lanes_larger(b[0], b[2]), lanes_larger(b[1], b[3]));
}

#endif
