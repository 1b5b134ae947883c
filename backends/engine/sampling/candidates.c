#include "backends/engine/sampling/candidates.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

void candidates_free(struct candidates *c)
{
    free(c->v);
    *c = (struct candidates){0};
}

/* Whether a comes before b. */
static bool before(struct candidate a, struct candidate b)
{
    return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

/* h[0..n) is a heap with the last in order at the root, but for h[at], which
 * may have to sink. */
static void heap_sink(struct candidate *h, size_t n, size_t at)
{
    struct candidate moved = h[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && before(h[child], h[child + 1]))
            child++;
        if (!before(moved, h[child]))
            break;
        h[at] = h[child];
    }
    h[at] = moved;
}

static void heap_make(struct candidate *h, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        heap_sink(h, n, i);
}

/* Turns a heap into a sorted array. */
static void heap_sort(struct candidate *h, size_t n)
{
    while (n > 1) {
        struct candidate last = h[0];
        h[0] = h[--n];
        h[n] = last;
        heap_sink(h, n, 0);
    }
}

static void candidates_reserve(struct candidates *c, size_t n)
{
    if (c->cap >= n)
        return;
    c->v = mem_realloc(c->v, n, sizeof(*c->v));
    c->cap = n;
}

/* As candidates_fill with 0 < most < n_vocab, fused with the scan. */
static void fill_largest(struct candidates *c, const float *logits, int n_vocab,
                         size_t most)
{
    struct candidate *h = c->v;
    int i = 0;
    for (; i < n_vocab && c->n < most; i++)
        if (isfinite(logits[i]))
            h[c->n++] = (struct candidate){i, logits[i], 0};
    heap_make(h, c->n);
    for (; i < n_vocab; i++) {
        /* Equal logits lose: their id is larger than any in the heap. */
        if (!(logits[i] > h[0].logit) || !isfinite(logits[i]))
            continue;
        h[0] = (struct candidate){i, logits[i], 0};
        heap_sink(h, c->n, 0);
    }
    heap_sort(h, c->n);
    c->n_sorted = c->n;
}

void candidates_fill(struct candidates *c, const float *logits, int n_vocab,
                     size_t most)
{
    c->n = c->n_sorted = 0;
    if (most > 0 && most < (size_t)n_vocab) {
        candidates_reserve(c, most);
        fill_largest(c, logits, n_vocab, most);
        return;
    }
    candidates_reserve(c, (size_t)n_vocab);
    for (int i = 0; i < n_vocab; i++)
        if (isfinite(logits[i]))
            c->v[c->n++] = (struct candidate){i, logits[i], 0};
}

void candidates_sort(struct candidates *c, size_t m)
{
    m = m < c->n ? m : c->n;
    if (m <= c->n_sorted)
        return;
    /* What is sorted stays; the heap takes the next ones from the rest. */
    struct candidate *h = c->v + c->n_sorted;
    size_t n_heap = m - c->n_sorted;
    heap_make(h, n_heap);
    for (struct candidate *p = c->v + m; p < c->v + c->n; p++) {
        if (!before(*p, h[0]))
            continue;
        struct candidate out = h[0];
        h[0] = *p;
        *p = out;
        heap_sink(h, n_heap, 0);
    }
    heap_sort(h, n_heap);
    c->n_sorted = m;
}

void candidates_cut(struct candidates *c, size_t m)
{
    c->n = m < c->n ? m : c->n;
    c->n_sorted = c->n_sorted < c->n ? c->n_sorted : c->n;
}

float candidates_max(const struct candidates *c)
{
    if (c->n_sorted > 0)
        return c->v[0].logit;
    float max = c->v[0].logit;
    for (size_t i = 1; i < c->n; i++)
        max = c->v[i].logit > max ? c->v[i].logit : max;
    return max;
}

void candidates_softmax(struct candidates *c)
{
    float max = candidates_max(c);
    double sum = 0;
    for (size_t i = 0; i < c->n; i++) {
        c->v[i].p = expf(c->v[i].logit - max);
        sum += (double)c->v[i].p;
    }
    float scale = (float)(1 / sum);
    for (size_t i = 0; i < c->n; i++)
        c->v[i].p *= scale;
}
