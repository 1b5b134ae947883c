/* half: 16-bit floats (IEEE binary16, and bfloat16) in plain C.  The kernels
 * have instructions for it; these are for the rest, and for comparison. */
#ifndef BACKENDS_ENGINE_KERNELS_HALF_H
#define BACKENDS_ENGINE_KERNELS_HALF_H

#include <stdint.h>
#include <string.h>

static inline float float_of_bits(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof(f));
    return f;
}

static inline uint32_t bits_of_float(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof(bits));
    return bits;
}

static inline float float_of_bf16(uint16_t b)
{
    return float_of_bits((uint32_t)b << 16);
}

static inline float float_of_half(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, rest = h & 0x7fff;
    if (rest >= 0x7c00) /* infinity, not a number */
        return float_of_bits(sign | 0x7f800000 | (rest & 0x3ff) << 13);
    if (rest < 0x400) { /* zero, and numbers with a short mantissa */
        float f = (float)rest * 0x1p-24f;
        return sign ? -f : f;
    }
    return float_of_bits(sign | ((rest << 13) + 0x38000000));
}

/* Rounds to nearest, ties to even; too large becomes infinity. */
static inline uint16_t half_of_float(float f)
{
    uint32_t bits = bits_of_float(f), rest = bits & 0x7fffffff;
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    if (rest > 0x7f800000)
        return sign | 0x7e00;
    if (rest >= 0x477ff000) /* 65520 and more round to infinity */
        return sign | 0x7c00;
    if (rest < 0x38800000) /* below 2^-14: adding 0.5 rounds to 2^-24 */
        return sign | (uint16_t)(bits_of_float(float_of_bits(rest) + 0.5f) -
                                 0x3f000000);
    rest += 0xfff + (rest >> 13 & 1);
    return sign | (uint16_t)((rest - 0x38000000) >> 13);
}

static inline uint16_t load_u16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline float load_half(const unsigned char *p)
{
    return float_of_half(load_u16(p));
}

#endif
