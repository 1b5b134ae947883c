/* kv: the keys and values of a head, over a tile of positions; private to the
 * engine.
 *
 * They are kept in one of two forms, whose layout only kv.c knows: as halves,
 * or as bytes with scales, which take half the memory and half the reading.
 * What is written into a position depends on nothing but its numbers, so
 * positions may come one by one or all at once, be overwritten, and be shared.
 * Pure functions; any thread. */
#ifndef ENGINE_KV_H
#define ENGINE_KV_H

#include <stdbool.h>
#include <stddef.h>

#include "backends/engine/kernels/kern.h"

#define KV_TILE 256 /* positions */
_Static_assert(KV_TILE <= KERN_BYTES_MOST && KV_TILE % 64 == 0, "kern.h");

/* How the heads of a timeline are kept. */
struct kv {
    const struct kv_form *form;
    int d, d_pad; /* numbers of a head; up to a multiple of 16 */
};

/* Queries as a form wants them. */
struct kv_queries {
    float *floats;            /* [n][d], room for d_pad */
    struct kern_split *split; /* [n], of numbers [2][d_pad] each */
    int8_t *numbers;
};

struct kv_form {
    int most; /* numbers of a head that it can keep */

    size_t (*bytes)(const struct kv *kv); /* of a head in a tile */

    /* Writes position p (in the tile) of a head.  Key and value have d_pad
     * numbers, those behind the d-th 0; key may be changed. */
    void (*store)(const struct kv *kv, const struct kern *k, void *head, int p,
                  float *key, const float *value);

    /* Takes a query, as long as a key and as it changed, as the i-th. */
    void (*ask)(const struct kv *kv, const struct kern *k,
                struct kv_queries *q, int i, float *in);

    /* s[i][KV_TILE]: the scores of n_q queries over the first n positions, n a
     * multiple of KERN_KEY_BLOCK. */
    void (*scores)(const struct kv *kv, const struct kern *k,
                   const struct kv_queries *q, int n_q, const void *head,
                   int n, float *s);

    /* o[i][d_pad]: the values of the first n positions, weighted by s[i].
     * `then` is the head that is read next. */
    void (*weigh)(const struct kv *kv, const struct kern *k, const float *s,
                  int n_q, const void *head, int n, float *o,
                  const void *then);
};

extern const struct kv_form kv_halves, kv_bytes;

/* Room for n queries of d numbers.  False: there is no memory;
 * kv_queries_close either way. */
bool kv_queries_open(struct kv_queries *q, int n, int d);
void kv_queries_close(struct kv_queries *q);

#endif
