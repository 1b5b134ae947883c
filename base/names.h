/* names: many strings, each kept once and known by a number from 0.
 *
 * Numbers are given in the order of the first sight.  Strings may hold any
 * byte, NUL too.  The hash is seeded by the system, so that no file can be
 * made to collide; nothing that is visible depends on it.  One thread at a
 * time on one struct. */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define NAMES_NONE UINT32_MAX

struct names_entry;

struct names {
    struct names_entry *entries; /* [n] */
    size_t n, cap, max;
    char *bytes;
    size_t n_bytes, cap_bytes;
    uint64_t *slots; /* upper half: the hash; lower: 1 + number; 0: free */
    size_t n_slots;
    uint64_t seed;
};

/* Makes an empty set of at most max (< NAMES_NONE) strings. */
void names_init(struct names *t, size_t max);
void names_free(struct names *t);

/* The number of a string, which is added if it is new; NAMES_NONE if the
 * maximum is reached or there is no memory (of 2 GiB for all). */
uint32_t names_add(struct names *t, const char *s, size_t n);

/* The number of a string, or NAMES_NONE if it is not there. */
uint32_t names_find(const struct names *t, const char *s, size_t n);

/* A hint that a string will be looked up soon: among many names its slot is
 * seldom in the cache, and is fetched meanwhile. */
void names_expect(const struct names *t, const char *s, size_t n);

/* The string of a number, with a NUL behind it; *n (may be NULL) is its
 * length.  Good until the next names_add. */
const char *names_get(const struct names *t, uint32_t id, size_t *n);

#endif
