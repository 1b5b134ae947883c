#include "backends/engine/tokenizer/vocab.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"

int vocab_init(struct vocab *v, size_t n_tokens, size_t n_bytes, struct err *e)
{
    struct rng random;
    rng_init_system(&random);
    *v = (struct vocab){.cap = n_tokens, .max_bytes = n_bytes, .n_slots = 16,
                        .seed = rng_next(&random)};
    /* At most half full, so that probing stays short. */
    while (v->n_slots < 2 * n_tokens)
        v->n_slots *= 2;
    v->tokens = mem_try(n_tokens, sizeof(*v->tokens));
    v->bytes = mem_try(n_bytes, 1);
    v->slots = mem_try(v->n_slots, sizeof(*v->slots));
    if (v->tokens == NULL || v->bytes == NULL || v->slots == NULL)
        return err_set(e, ERR_BACKEND, "no memory for %zu tokens", n_tokens);
    memset(v->slots, 0xFF, v->n_slots * sizeof(*v->slots));
    memset(v->byte_ids, 0xFF, sizeof(v->byte_ids));
    return 0;
}

void vocab_free(struct vocab *v)
{
    free(v->tokens);
    free(v->bytes);
    free(v->slots);
    *v = (struct vocab){0};
}

/* The slot that holds the text a + b, or the free one where it would go. */
static struct vocab_slot *find_slot(const struct vocab *v, const char *a,
                                    size_t n_a, const char *b, size_t n_b,
                                    uint32_t *hash)
{
    uint64_t h = hash_bytes(v->seed, a, n_a);
    h = hash_bytes(h, b, n_b);
    *hash = (uint32_t)(h ^ h >> 32);
    size_t at = *hash & (v->n_slots - 1);
    for (;; at = (at + 1) & (v->n_slots - 1)) {
        struct vocab_slot *slot = &v->slots[at];
        if (slot->id < 0)
            return slot;
        if (slot->hash != *hash)
            continue;
        const struct token *t = &v->tokens[slot->id];
        const char *text = v->bytes + t->at;
        if (t->n == n_a + n_b && memcmp(text, a, n_a) == 0 &&
            memcmp(text + n_a, b, n_b) == 0)
            return slot;
    }
}

int32_t vocab_add(struct vocab *v, const char *text, size_t n, float score,
                  enum token_type type)
{
    struct token *t = &v->tokens[v->n];
    *t = (struct token){.at = (uint32_t)v->n_bytes,
                        .n = (uint32_t)n,
                        .score = score,
                        .type = (uint8_t)type};
    int32_t id = (int32_t)v->n++;
    if (n == 0)
        return -1;
    memcpy(v->bytes + v->n_bytes, text, n);
    v->n_bytes += n;
    v->longest = n > v->longest ? n : v->longest;
    uint32_t hash;
    struct vocab_slot *slot = find_slot(v, text, n, "", 0, &hash);
    if (slot->id >= 0)
        return slot->id;
    *slot = (struct vocab_slot){hash, id};
    return -1;
}

int32_t vocab_find_joined(const struct vocab *v, const char *a, size_t n_a,
                          const char *b, size_t n_b)
{
    uint32_t hash;
    if (n_a + n_b == 0 || n_a + n_b > v->longest)
        return -1;
    return find_slot(v, a, n_a, b, n_b, &hash)->id;
}

int32_t vocab_find(const struct vocab *v, const char *text, size_t n)
{
    return vocab_find_joined(v, text, n, "", 0);
}

/* --- sorted ------------------------------------------------------------ */

/* qsort has no argument to pass a vocabulary by, so it sorts these. */
struct sort_key {
    const char *text;
    size_t n;
    int32_t id;
};

static int by_text(const void *va, const void *vb)
{
    const struct sort_key *a = va, *b = vb;
    size_t n = a->n < b->n ? a->n : b->n;
    int c = memcmp(a->text, b->text, n);
    if (c != 0)
        return c;
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    return a->id < b->id ? -1 : 1; /* of equal texts the first one */
}

void vocab_sort(const struct vocab *v, bool (*wanted)(const struct token *k),
                struct vocab_sorted *out)
{
    size_t n = 0;
    for (size_t i = 0; i < v->n; i++)
        n += v->tokens[i].n > 0 && wanted(&v->tokens[i]);
    struct sort_key *keys = mem_calloc(n, sizeof(*keys));
    n = 0;
    for (size_t i = 0; i < v->n; i++) {
        const struct token *k = &v->tokens[i];
        if (k->n > 0 && wanted(k))
            keys[n++] = (struct sort_key){v->bytes + k->at, k->n, (int32_t)i};
    }
    qsort(keys, n, sizeof(*keys), by_text);
    *out = (struct vocab_sorted){mem_calloc(n, sizeof(*out->ids)), n};
    for (size_t i = 0; i < n; i++)
        out->ids[i] = keys[i].id;
    free(keys);
}

void vocab_sorted_free(struct vocab_sorted *s)
{
    free(s->ids);
    *s = (struct vocab_sorted){0};
}

/* The first position in a range whose byte number `at` is no less than c;
 * tokens that end before come first. */
static size_t first_at(const struct vocab *v, const struct vocab_sorted *s,
                       struct vocab_range r, size_t at, int c)
{
    while (r.from < r.to) {
        size_t mid = r.from + (r.to - r.from) / 2;
        const struct token *k = &v->tokens[s->ids[mid]];
        int have = at < k->n ? (unsigned char)v->bytes[k->at + at] : -1;
        if (have < c)
            r.from = mid + 1;
        else
            r.to = mid;
    }
    return r.from;
}

struct vocab_range vocab_narrow(const struct vocab *v,
                                const struct vocab_sorted *s,
                                struct vocab_range r, size_t at,
                                unsigned char c)
{
    r.from = first_at(v, s, r, at, c);
    r.to = first_at(v, s, r, at, c + 1);
    return r;
}
