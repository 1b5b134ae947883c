#include "backends/engine/kernels/quant.h"

#include <string.h>

#include "backends/engine/kernels/half.h"

/* --- blocks of 32: one scale, perhaps one minimum ---------------------- */

/* A minimum that is added in the file is subtracted here. */
static uint16_t minus(uint16_t half)
{
    return half ^ 0x8000;
}

/* d and m as they stand in a block. */
static void plain(struct quant_block *b, uint16_t d, uint16_t m)
{
    b->d = d;
    b->m = m;
    b->scale[0] = 1;
    b->min[0] = 1;
}

/* 16 bytes: their low halves are the first 16 numbers, the high ones the
 * last. */
static void nibbles(const unsigned char *p, uint8_t *q)
{
    for (int i = 0; i < 16; i++) {
        q[i] = p[i] & 15;
        q[i + 16] = p[i] >> 4;
    }
}

/* Adds bit i of 32 as the fifth bit of number i; eight at a time. */
static void fifth_bits(const unsigned char *p, uint8_t *q)
{
    for (int i = 0; i < 4; i++) {
        /* Byte k of v keeps bit k only; adding 127 carries it to the top. */
        uint64_t v = p[i] * 0x0101010101010101u & 0x8040201008040201u, old;
        v = (v + 0x7f7f7f7f7f7f7f7fu) >> 3 & 0x1010101010101010u;
        memcpy(&old, q + 8 * i, sizeof(old));
        old |= v;
        memcpy(q + 8 * i, &old, sizeof(old));
    }
}

static void take_q4_0(const unsigned char *p, struct quant_block *b)
{
    plain(b, load_u16(p), 0);
    nibbles(p + 2, b->q);
}

static void take_q4_1(const unsigned char *p, struct quant_block *b)
{
    plain(b, load_u16(p), minus(load_u16(p + 2)));
    nibbles(p + 4, b->q);
}

static void take_q5_0(const unsigned char *p, struct quant_block *b)
{
    plain(b, load_u16(p), 0);
    nibbles(p + 6, b->q);
    fifth_bits(p + 2, b->q);
}

static void take_q5_1(const unsigned char *p, struct quant_block *b)
{
    plain(b, load_u16(p), minus(load_u16(p + 2)));
    nibbles(p + 8, b->q);
    fifth_bits(p + 4, b->q);
}

static void signed_bytes(const unsigned char *p, uint8_t *q)
{
    for (int i = 0; i < 32; i++)
        q[i] = p[i] ^ 0x80; /* + 128 */
}

static void take_q8_0(const unsigned char *p, struct quant_block *b)
{
    plain(b, load_u16(p), 0);
    signed_bytes(p + 2, b->q);
}

static void take_q8_f32(const unsigned char *p, struct quant_block *b)
{
    plain(b, 0, 0);
    memcpy(&b->d_float, p, sizeof(b->d_float));
    signed_bytes(p + 4, b->q);
}

/* What the 16 numbers of the non-linear 4-bit types stand for, + 128. */
static const uint8_t non_linear[16] = {
    128 - 127, 128 - 104, 128 - 83, 128 - 65, 128 - 49, 128 - 35,
    128 - 22,  128 - 10,  128 + 1,  128 + 13, 128 + 25, 128 + 38,
    128 + 53,  128 + 69,  128 + 89, 128 + 113,
};

static void take_iq4_nl(const unsigned char *p, struct quant_block *b)
{
    plain(b, load_u16(p), 0);
    nibbles(p + 2, b->q);
}

/* --- blocks of 256: scales of their own for each group ----------------- */

/* d f16, 2 high bits of 8 scales, 4 low bits of them, 128 bytes of nibbles. */
static void take_iq4_xs(const unsigned char *p, struct quant_block *b)
{
    unsigned high = load_u16(p + 2);
    b->d = load_u16(p);
    b->m = 0;
    for (int k = 0; k < 8; k++) {
        unsigned low = p[4 + k / 2] >> 4 * (k % 2) & 15;
        b->scale[k] = (int8_t)((int)(low | (high >> 2 * k & 3) << 4) - 32);
        b->min[k] = 1;
        nibbles(p + 8 + 16 * k, b->q + 32 * k);
    }
}

/* 16 bytes with a scale and a minimum of 4 bits for each 16 numbers, 64 bytes
 * of 2-bit numbers, d and m. */
static void take_q2_k(const unsigned char *p, struct quant_block *b)
{
    const unsigned char *q = p + 16;
    b->d = load_u16(p + 80);
    b->m = load_u16(p + 82);
    for (int k = 0; k < 16; k++) {
        b->scale[k] = p[k] & 15;
        b->min[k] = p[k] >> 4;
    }
    for (int half = 0; half < 2; half++)
        for (int s = 0; s < 4; s++)
            for (int i = 0; i < 32; i++)
                b->q[128 * half + 32 * s + i] = q[32 * half + i] >> 2 * s & 3;
}

/* The third bits of 256 numbers, their low two bits, 16 scales of 6 bits less
 * 32, d. */
static void take_q3_k(const unsigned char *p, struct quant_block *b)
{
    const unsigned char *q = p + 32, *s = p + 96;
    b->d = load_u16(p + 108);
    b->m = 0;
    for (int k = 0; k < 16; k++) {
        unsigned low = k < 8 ? s[k] & 15 : s[k - 8] >> 4;
        unsigned high = s[8 + k % 4] >> 2 * (k / 4) & 3;
        b->scale[k] = (int8_t)((int)(low | high << 4) - 32);
        b->min[k] = 1;
    }
    for (int j = 0; j < 8; j++)
        for (int i = 0; i < 32; i++)
            b->q[32 * j + i] =
                (uint8_t)((q[32 * (j / 4) + i] >> 2 * (j % 4) & 3) |
                          (p[i] >> j & 1) << 2);
}

/* The 8 scales and minima of 6 bits that Q4_K and Q5_K keep in 12 bytes. */
static void scales_k4(const unsigned char *s, struct quant_block *b)
{
    for (int k = 0; k < 4; k++) {
        b->scale[k] = s[k] & 63;
        b->min[k] = s[k + 4] & 63;
        b->scale[k + 4] = (int8_t)((s[k + 8] & 15) | s[k] >> 6 << 4);
        b->min[k + 4] = (uint8_t)(s[k + 8] >> 4 | s[k + 4] >> 6 << 4);
    }
}

/* 32 bytes hold 32 numbers in their low halves, the next 32 in the high. */
static void wide_nibbles(const unsigned char *p, uint8_t *q)
{
    for (int i = 0; i < 32; i++) {
        q[i] = p[i] & 15;
        q[i + 32] = p[i] >> 4;
    }
}

static void take_q4_k(const unsigned char *p, struct quant_block *b)
{
    b->d = load_u16(p);
    b->m = load_u16(p + 2);
    scales_k4(p + 4, b);
    for (int j = 0; j < 4; j++)
        wide_nibbles(p + 16 + 32 * j, b->q + 64 * j);
}

static void take_q5_k(const unsigned char *p, struct quant_block *b)
{
    const unsigned char *high = p + 16;
    b->d = load_u16(p);
    b->m = load_u16(p + 2);
    scales_k4(p + 4, b);
    for (int j = 0; j < 4; j++)
        wide_nibbles(p + 48 + 32 * j, b->q + 64 * j);
    for (int k = 0; k < 8; k++)
        for (int i = 0; i < 32; i++)
            b->q[32 * k + i] |= (uint8_t)((high[i] >> k & 1) << 4);
}

/* Low 4 bits, high 2 bits, 16 signed scales, d. */
static void take_q6_k(const unsigned char *p, struct quant_block *b)
{
    b->d = load_u16(p + 208);
    b->m = 0;
    for (int k = 0; k < 16; k++) {
        b->scale[k] = (int8_t)p[192 + k];
        b->min[k] = 1;
    }
    for (int half = 0; half < 2; half++) {
        const unsigned char *low = p + 64 * half, *high = p + 128 + 32 * half;
        uint8_t *q = b->q + 128 * half;
        for (int i = 0; i < 32; i++) {
            q[i] = (uint8_t)((low[i] & 15) | (high[i] & 3) << 4);
            q[i + 32] = (uint8_t)((low[i + 32] & 15) | (high[i] & 12) << 2);
            q[i + 64] = (uint8_t)(low[i] >> 4 | (high[i] & 48));
            q[i + 96] = (uint8_t)(low[i + 32] >> 4 | (high[i] & 192) >> 2);
        }
    }
}

/* --- the table --------------------------------------------------------- */

/* type, block, its bytes, group, bits, function; the rest by name. */
#define FORMAT(t, b, n, g, k, f, ...)                                      \
    {.type = t, .block = b, .block_bytes = n, .group = g, .bits = k,       \
     .take_apart = f, __VA_ARGS__}

static const struct quant_type types[] = {
    FORMAT(GGUF_Q4_0, 32, 18, 32, 4, take_q4_0,
           .offset = 8),
    FORMAT(GGUF_Q4_1, 32, 20, 32, 4, take_q4_1,
           .has_min = true),
    FORMAT(GGUF_Q5_0, 32, 22, 32, 5, take_q5_0,
           .offset = 16),
    FORMAT(GGUF_Q5_1, 32, 24, 32, 5, take_q5_1,
           .has_min = true),
    FORMAT(GGUF_Q8_0, 32, 34, 32, 8, take_q8_0,
           .offset = 128),
    FORMAT(GGUF_Q2_K, 256, 84, 16, 2, take_q2_k,
           .has_scales = true, .has_min = true),
    FORMAT(GGUF_Q3_K, 256, 110, 16, 3, take_q3_k,
           .offset = 4, .has_scales = true),
    FORMAT(GGUF_Q4_K, 256, 144, 32, 4, take_q4_k,
           .has_scales = true, .has_min = true),
    FORMAT(GGUF_Q5_K, 256, 176, 32, 5, take_q5_k,
           .has_scales = true, .has_min = true),
    FORMAT(GGUF_Q6_K, 256, 210, 16, 6, take_q6_k,
           .offset = 32, .has_scales = true),
    FORMAT(GGUF_IQ4_NL, 32, 18, 32, 4, take_iq4_nl,
           .offset = 128, .values = non_linear),
    FORMAT(GGUF_IQ4_XS, 256, 136, 32, 4, take_iq4_xs,
           .offset = 128, .has_scales = true, .values = non_linear),
    FORMAT(QUANT_Q8_F32, 32, 36, 32, 8, take_q8_f32,
           .offset = 128),
};

const struct quant_type *quant_type(uint32_t type)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        if (types[i].type == type)
            return &types[i];
    return NULL;
}

static void block_to_float(const struct quant_type *t,
                           const struct quant_block *b, float *out)
{
    float all_d = t->type == QUANT_Q8_F32 ? b->d_float : float_of_half(b->d);
    float all_m = float_of_half(b->m);
    for (int k = 0; k * t->group < t->block; k++) {
        float d = all_d * (float)b->scale[k], m = all_m * (float)b->min[k];
        for (int i = k * t->group; i < (k + 1) * t->group; i++) {
            int q = t->values ? t->values[b->q[i]] : b->q[i];
            out[i] = d * (float)(q - t->offset) - m;
        }
    }
}

void quant_to_float(uint32_t type, const void *src, float *out, size_t n)
{
    const unsigned char *p = src;
    const struct quant_type *t = quant_type(type);
    if (type == GGUF_F32)
        memcpy(out, src, n * sizeof(*out));
    else if (type == GGUF_F16)
        for (size_t i = 0; i < n; i++)
            out[i] = load_half(p + 2 * i);
    else if (type == GGUF_BF16)
        for (size_t i = 0; i < n; i++)
            out[i] = float_of_bf16(load_u16(p + 2 * i));
    else
        for (size_t i = 0; i < n; i += (size_t)t->block) {
            struct quant_block b;
            t->take_apart(p, &b);
            block_to_float(t, &b, out + i);
            p += t->block_bytes;
        }
}
