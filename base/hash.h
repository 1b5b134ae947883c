/* hash: FNV-1a of 64 bits (Fowler, Noll, Vo; in the public domain).  Fast on
 * short texts; not for input that picks its own collisions unless the hash
 * starts from a secret number. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_START 14695981039346656037u

/* Goes on from h (HASH_START at first) over the bytes s[0..n). */
static inline uint64_t hash_bytes(uint64_t h, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 1099511628211u;
    return h;
}

static inline uint64_t hash_text(uint64_t h, const char *s)
{
    return hash_bytes(h, s, strlen(s));
}

#endif
