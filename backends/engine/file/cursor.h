/* cursor: reads foreign bytes within bounds.
 *
 * A read beyond the end gives zero (an empty string) and sets `bad`, which
 * stays set: a caller reads a whole record and asks once.  Numbers are little
 * endian, at any alignment.  The struct borrows the bytes. */
#ifndef BACKENDS_ENGINE_FILE_CURSOR_H
#define BACKENDS_ENGINE_FILE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor {
    const unsigned char *p, *end;
    bool bad; /* something was asked for that is not there */
};

static inline struct cursor cursor_of(const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    return (struct cursor){.p = p, .end = p + n};
}

static inline size_t cursor_left(const struct cursor *c)
{
    return (size_t)(c->end - c->p);
}

/* The next n bytes, or NULL. */
static inline const unsigned char *cursor_take(struct cursor *c, uint64_t n)
{
    if (c->bad || n > cursor_left(c)) {
        c->bad = true;
        return NULL;
    }
    const unsigned char *p = c->p;
    c->p += n;
    return p;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
    const unsigned char *p = cursor_take(c, 1);
    return p ? *p : 0;
}

static inline uint32_t cursor_u32(struct cursor *c)
{
    const unsigned char *p = cursor_take(c, 4);
    return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                   (uint32_t)p[3] << 24
             : 0;
}

static inline uint64_t cursor_u64(struct cursor *c)
{
    uint64_t low = cursor_u32(c);
    return low | (uint64_t)cursor_u32(c) << 32;
}

static inline float cursor_f32(struct cursor *c)
{
    uint32_t bits = cursor_u32(c);
    float f;
    memcpy(&f, &bits, sizeof(f));
    return f;
}

#endif
