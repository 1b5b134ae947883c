#include "backends/engine/kv.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* --- halves ------------------------------------------------------------- */

/* Keys [KV_TILE / 16][d][16], so that a vector of positions is multiplied with
 * one number of a query at a time; then values [d_pad / 64][KV_TILE][64] (what
 * is left of a head that is no multiple of 64: of 16, 32 or 48), so that a sum
 * over positions reads one stream. */

static size_t half_bytes(const struct kv *kv)
{
    return (size_t)KV_TILE * (size_t)(kv->d + kv->d_pad) * sizeof(uint16_t);
}

static const uint16_t *half_values(const struct kv *kv, const void *head)
{
    return (const uint16_t *)head + (size_t)KV_TILE * (size_t)kv->d;
}

static void half_store(const struct kv *kv, const struct kern *k, void *head,
                       int p, float *key, const float *value)
{
    int block = p / KERN_KEY_BLOCK * KERN_KEY_BLOCK;
    k->to_half(key, kv->d, (uint16_t *)head + block * kv->d + p - block,
               KERN_KEY_BLOCK);
    uint16_t *v = (uint16_t *)head + KV_TILE * kv->d;
    for (int j = 0; j < kv->d; j += KERN_VALUE_BLOCK) {
        int width = kern_value_width(kv->d_pad, j), n = kv->d - j;
        k->to_half(value + j, n < width ? n : width,
                   v + j * KV_TILE + p * width, 1);
    }
}

static void half_ask(const struct kv *kv, const struct kern *k,
                     struct kv_queries *q, int i, float *in)
{
    (void)k;
    memcpy(q->floats + (size_t)i * (size_t)kv->d, in,
           (size_t)kv->d * sizeof(*in));
}

static void half_scores(const struct kv *kv, const struct kern *k,
                        const struct kv_queries *q, int n_q, const void *head,
                        int n, float *s)
{
    k->scores(q->floats, n_q, kv->d, head, n, s, KV_TILE,
              half_values(kv, head));
}

static void half_weigh(const struct kv *kv, const struct kern *k,
                       const float *s, int n_q, const void *head, int n,
                       float *o, const void *then)
{
    k->weigh(s, KV_TILE, n_q, half_values(kv, head), n, kv->d_pad, o, then);
}

/* --- bytes -------------------------------------------------------------- */

/* Keys, their scales, values, their scales, as in struct kern_bytes. */

static size_t value_scales(const struct kv *kv)
{
    int blocks = (kv->d_pad + KERN_VALUE_BLOCK - 1) / KERN_VALUE_BLOCK;
    return (size_t)(KV_TILE * blocks);
}

static size_t tile_bytes(const struct kv *kv)
{
    return (size_t)KV_TILE * (size_t)kv->d_pad;
}

static size_t byte_bytes(const struct kv *kv)
{
    return 2 * tile_bytes(kv) +
           (KV_TILE + value_scales(kv)) * sizeof(uint16_t);
}

static const uint8_t *byte_values(const struct kv *kv, const void *head)
{
    return (const uint8_t *)head + tile_bytes(kv) + KV_TILE * sizeof(uint16_t);
}

static void byte_store(const struct kv *kv, const struct kern *k, void *head,
                       int p, float *key, const float *value)
{
    uint8_t bytes[KERN_DEPTH_MOST], *to = head;
    size_t n = tile_bytes(kv);
    ((uint16_t *)(to + n))[p] = k->on_bytes->key(key, kv->d_pad, bytes);
    uint8_t *block = to + p / KERN_KEY_BLOCK * KERN_KEY_BLOCK * kv->d_pad;
    for (int j = 0; j < kv->d_pad; j += 4)
        memcpy(block + KERN_KEY_BLOCK * j + p % KERN_KEY_BLOCK * 4, bytes + j,
               4);
    to += n + KV_TILE * sizeof(uint16_t);
    uint16_t *scales = (uint16_t *)(to + n) + p;
    for (int j = 0; j < kv->d_pad; j += KERN_VALUE_BLOCK, scales += KV_TILE) {
        int width = kern_value_width(kv->d_pad, j);
        *scales = k->on_bytes->value(value + j, width, bytes);
        uint8_t *quad = to + j * KV_TILE + p / 4 * 4 * width + p % 4;
        for (int i = 0; i < width; i++)
            quad[4 * i] = bytes[i];
    }
}

static void byte_ask(const struct kv *kv, const struct kern *k,
                     struct kv_queries *q, int i, float *in)
{
    int8_t *numbers = q->numbers + (size_t)i * 2 * (size_t)kv->d_pad;
    q->split[i].high = numbers;
    q->split[i].low = numbers + kv->d_pad;
    memset(in + kv->d, 0, (size_t)(kv->d_pad - kv->d) * sizeof(*in));
    k->on_bytes->query(in, kv->d_pad, &q->split[i]);
}

static void byte_scores(const struct kv *kv, const struct kern *k,
                        const struct kv_queries *q, int n_q, const void *head,
                        int n, float *s)
{
    const uint8_t *bytes = head;
    struct kern_bytes keys = {bytes, (const void *)(bytes + tile_bytes(kv)),
                              KV_TILE, byte_values(kv, head)};
    k->on_bytes->scores(q->split, n_q, kv->d_pad, &keys, n, s);
}

static void byte_weigh(const struct kv *kv, const struct kern *k,
                       const float *s, int n_q, const void *head, int n,
                       float *o, const void *then)
{
    const uint8_t *bytes = byte_values(kv, head);
    struct kern_bytes values = {bytes, (const void *)(bytes + tile_bytes(kv)),
                                KV_TILE, then};
    k->on_bytes->weigh(s, n_q, &values, n, kv->d_pad, o);
}

/* --- both --------------------------------------------------------------- */

const struct kv_form kv_halves = {
    INT_MAX, half_bytes, half_store, half_ask, half_scores, half_weigh,
};
const struct kv_form kv_bytes = {
    KERN_DEPTH_MOST, byte_bytes, byte_store, byte_ask, byte_scores, byte_weigh,
};

bool kv_queries_open(struct kv_queries *q, int n, int d)
{
    size_t count = (size_t)n, pad = (size_t)kern_value_padded(d);
    *q = (struct kv_queries){
        .floats = mem_try_aligned(count, pad * sizeof(*q->floats)),
        .split = mem_try(count, sizeof(*q->split)),
        .numbers = mem_try_aligned(count, 2 * pad),
    };
    return q->floats != NULL && q->split != NULL && q->numbers != NULL;
}

void kv_queries_close(struct kv_queries *q)
{
    free(q->floats);
    free(q->split);
    free(q->numbers);
}
