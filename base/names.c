#include "base/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

enum { MANY = 4096, HUGE = 1 << 18 };

/* Small, as there may be as many as rows in a file: so all bytes together are
 * bounded by 2 GiB. */
struct names_entry {
    uint32_t at, n;
};

void names_init(struct names *t, size_t max)
{
    struct rng r;
    memset(t, 0, sizeof(*t));
    t->max = max;
    rng_init_system(&r);
    t->seed = rng_next(&r);
}

void names_free(struct names *t)
{
    free(t->entries);
    free(t->bytes);
    free(t->slots);
    memset(t, 0, sizeof(*t));
}

static uint64_t word_at(const char *s)
{
    uint64_t word;
    memcpy(&word, s, 8);
    return word;
}

/* All of s[0..n), n < 8, in a word that no other text of the length has. */
static uint64_t short_word(const char *s, size_t n)
{
    uint32_t first, last;
    if (n >= 4) {
        memcpy(&first, s, 4);
        memcpy(&last, s + n - 4, 4);
        return (uint64_t)last << 32 | first;
    }
    if (n == 0)
        return 0;
    const unsigned char *bytes = (const unsigned char *)s;
    return bytes[0] | (uint64_t)bytes[n / 2] << 8 |
           (uint64_t)bytes[n - 1] << 16;
}

/* Multiplies spread the bits upwards, and folds bring them down again. */
static uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * 0x9E3779B97F4A7C15u;
    return h ^ h >> 32;
}

/* 32 bits of hash, never the same in two processes.  Eight bytes at a time,
 * the last eight overlapping those before; most names take a branch without a
 * loop, whose end could be guessed wrong. */
static uint64_t hash(uint64_t seed, const char *s, size_t n)
{
    uint64_t h = seed ^ n;
    if (n < 8) {
        h = mix(h, short_word(s, n));
    } else if (n < 16) {
        h = mix(h, word_at(s));
        h = mix(h, word_at(s + n - 8));
    } else if (n <= 32) {
        h = mix(h, word_at(s));
        h = mix(h, word_at(s + 8));
        h = mix(h, word_at(s + n - 16));
        h = mix(h, word_at(s + n - 8));
    } else {
        for (size_t at = 0; at + 8 < n; at += 8)
            h = mix(h, word_at(s + at));
        h = mix(h, word_at(s + n - 8));
    }
    return mix(h, 0) >> 32;
}

const char *names_get(const struct names *t, uint32_t id, size_t *n)
{
    if (n != NULL)
        *n = t->entries[id].n;
    return t->bytes + t->entries[id].at;
}

/* The slot of a string, or the free one where it belongs. */
static uint64_t *find_slot(const struct names *t, const char *s, size_t n,
                           uint64_t h)
{
    size_t at = (size_t)h & (t->n_slots - 1);
    for (; t->slots[at] != 0; at = (at + 1) & (t->n_slots - 1)) {
        if (t->slots[at] >> 32 != h)
            continue;
        const struct names_entry *x =
            &t->entries[(uint32_t)t->slots[at] - 1];
        if (x->n == n && memcmp(t->bytes + x->at, s, n) == 0)
            break;
    }
    return &t->slots[at];
}

uint32_t names_find(const struct names *t, const char *s, size_t n)
{
    if (t->n_slots == 0)
        return NAMES_NONE;
    uint64_t slot = *find_slot(t, s, n, hash(t->seed, s, n));
    return (uint32_t)slot - 1; /* free: 0 - 1 is NAMES_NONE */
}

void names_expect(const struct names *t, const char *s, size_t n)
{
    if (t->n_slots > 0)
        __builtin_prefetch(&t->slots[hash(t->seed, s, n) & (t->n_slots - 1)]);
}

static int grow_slots(struct names *t)
{
    /* In large steps, as each is new memory and moves all; but not where they
     * would take much. */
    size_t n = t->n_slots == 0 ? 64 : (t->n_slots < HUGE ? 4 : 2) * t->n_slots;
    uint64_t *slots = calloc(n, sizeof(*slots));
    if (slots == NULL)
        return -1;
    for (size_t i = 0; i < t->n_slots; i++) {
        if (t->slots[i] == 0)
            continue;
        size_t at = (size_t)(t->slots[i] >> 32) & (n - 1);
        while (slots[at] != 0)
            at = (at + 1) & (n - 1);
        slots[at] = t->slots[i];
    }
    free(t->slots);
    t->slots = slots;
    t->n_slots = n;
    return 0;
}

static int grow_entries(struct names *t)
{
    size_t cap = t->cap == 0 ? 32 : 2 * t->cap;
    struct names_entry *entries = realloc(t->entries, cap * sizeof(*entries));
    if (entries == NULL)
        return -1;
    t->entries = entries;
    t->cap = cap;
    return 0;
}

static int grow_bytes(struct names *t, size_t n)
{
    size_t cap = t->cap_bytes == 0 ? 1024 : t->cap_bytes;
    while (cap - t->n_bytes < n)
        cap *= 2;
    if (cap > UINT32_MAX)
        return -1;
    char *bytes = realloc(t->bytes, cap);
    if (bytes == NULL)
        return -1;
    t->bytes = bytes;
    t->cap_bytes = cap;
    return 0;
}

uint32_t names_add(struct names *t, const char *s, size_t n)
{
    uint64_t h = hash(t->seed, s, n);
    uint64_t *slot = t->n_slots > 0 ? find_slot(t, s, n, h) : NULL;
    if (slot != NULL && *slot != 0)
        return (uint32_t)*slot - 1;
    if (t->n == t->max || n >= UINT32_MAX)
        return NAMES_NONE;
    /* A quarter full at most: a search seldom looks twice.  With many names
     * half full, so that more of the slots stay in the cache. */
    size_t sparse = t->n < MANY ? 4 : 2;
    if (sparse * (t->n + 1) > t->n_slots) {
        if (grow_slots(t) != 0)
            return NAMES_NONE;
        slot = find_slot(t, s, n, h);
    }
    if (t->n == t->cap && grow_entries(t) != 0)
        return NAMES_NONE;
    if (t->cap_bytes - t->n_bytes < n + 1 && grow_bytes(t, n + 1) != 0)
        return NAMES_NONE;
    if (n > 0)
        memcpy(t->bytes + t->n_bytes, s, n);
    t->bytes[t->n_bytes + n] = '\0';
    t->entries[t->n] = (struct names_entry){(uint32_t)t->n_bytes, (uint32_t)n};
    t->n_bytes += n + 1;
    *slot = h << 32 | ++t->n;
    return (uint32_t)(t->n - 1);
}
