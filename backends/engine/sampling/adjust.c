#include "backends/engine/sampling/adjust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* No setting looks back at more tokens than this. */
#define MAX_LAST_N 65536

static size_t window_of(int last_n)
{
    return last_n < 0 || last_n > MAX_LAST_N ? MAX_LAST_N : (size_t)last_n;
}

void adjuster_init(struct adjuster *a, const struct sample_params *p,
                   int n_vocab)
{
    *a = (struct adjuster){.params = p, .n_vocab = n_vocab};
    a->penalties = p->repeat_last_n != 0 &&
                   ((p->repeat_penalty > 0 && p->repeat_penalty != 1) ||
                    p->frequency_penalty != 0 || p->presence_penalty != 0);
    a->dry = p->dry_multiplier > 0 && p->dry_base >= 1 && p->dry_last_n != 0;
    size_t n = (size_t)n_vocab;
    a->biases = mem_calloc(p->n_bias, sizeof(*a->biases));
    for (size_t i = 0; i < p->n_bias; i++)
        if (p->bias[i].id >= 0 && p->bias[i].id < n_vocab)
            a->biases[a->n_biases++] = p->bias[i];
    if (a->penalties || a->dry || a->n_biases > 0)
        a->logits = mem_calloc(n, sizeof(*a->logits));
    if (a->penalties) {
        a->window = a->ring_size = window_of(p->repeat_last_n);
        a->count = mem_calloc(n, sizeof(*a->count));
    }
    if (a->dry) {
        size_t dry = window_of(p->dry_last_n);
        a->ring_size = dry > a->ring_size ? dry : a->ring_size;
        a->match = mem_calloc(n, sizeof(*a->match));
        a->breaks = mem_calloc(n, sizeof(*a->breaks));
        a->z = mem_calloc(a->ring_size, sizeof(*a->z));
        for (size_t i = 0; i < p->n_dry_breakers; i++)
            if (p->dry_breakers[i] >= 0 && p->dry_breakers[i] < n_vocab)
                a->breaks[p->dry_breakers[i]] = true;
    }
    if (a->ring_size > 0)
        a->ring = mem_calloc(a->ring_size, sizeof(*a->ring));
}

void adjuster_free(struct adjuster *a)
{
    free(a->logits);
    free(a->ring);
    free(a->count);
    free(a->biases);
    free(a->breaks);
    free(a->match);
    free(a->z);
    *a = (struct adjuster){0};
}

/* The token accepted i ones before the last. */
static int32_t nth_last(const struct adjuster *a, size_t i)
{
    return a->ring[(a->ring_at + 2 * a->ring_size - 1 - i) % a->ring_size];
}

void adjuster_accept(struct adjuster *a, int32_t id)
{
    if (a->ring == NULL || id < 0 || id >= a->n_vocab)
        return;
    if (a->count != NULL) {
        if (a->n_ring >= a->window)
            a->count[nth_last(a, a->window - 1)]--;
        a->count[id]++;
    }
    a->ring[a->ring_at] = id;
    a->ring_at = (a->ring_at + 1) % a->ring_size;
    a->n_ring += a->n_ring < a->ring_size;
}

/* --- penalties --------------------------------------------------------- */

/* Repetition: Keskar et al. 2019 (CTRL), section 4.1, with the sign rule that
 * keeps it a penalty for negative logits.  Frequency and presence: the OpenAI
 * API's definition, logit - count * frequency - presence. */
static void penalize(const struct sample_params *p, float *logit,
                     int32_t count)
{
    if (p->repeat_penalty > 0)
        *logit *= *logit > 0 ? 1 / p->repeat_penalty : p->repeat_penalty;
    *logit -= (float)count * p->frequency_penalty + p->presence_penalty;
}

static void apply_penalties(struct adjuster *a)
{
    size_t n = a->n_ring < a->window ? a->n_ring : a->window;
    /* A token is penalized once, however often it is there: a negative count
     * marks those that are done. */
    for (size_t i = 0; i < n; i++) {
        int32_t id = nth_last(a, i);
        if (a->count[id] < 0)
            continue;
        penalize(a->params, &a->logits[id], a->count[id]);
        a->count[id] = -a->count[id];
    }
    for (size_t i = 0; i < n; i++) {
        int32_t id = nth_last(a, i);
        a->count[id] = abs(a->count[id]);
    }
}

/* --- DRY ---------------------------------------------------------------
 *
 * "Don't Repeat Yourself" (p-e-w, 2024, text-generation-webui, pull request
 * 5677): a token that would prolong a repetition of length n >= allowed is
 * penalized by multiplier * base^(n - allowed). */

/* Read backwards, the end of the text is a prefix; z[k] is how many tokens from
 * the k-th last on backwards are the same as from the last on (the Z function,
 * Gusfield 1997), in linear time. */
static void fill_z(struct adjuster *a, size_t n)
{
    size_t left = 0, right = 0; /* the match that reaches furthest back */
    for (size_t k = 1; k < n; k++) {
        size_t z = 0;
        if (k < right) {
            z = a->z[k - left];
            z = z < right - k ? z : right - k;
        }
        while (k + z < n && nth_last(a, z) == nth_last(a, k + z))
            z++;
        a->z[k] = z;
        if (k + z > right) {
            left = k;
            right = k + z;
        }
    }
}

static void apply_dry(struct adjuster *a)
{
    const struct sample_params *p = a->params;
    size_t n = window_of(p->dry_last_n), limit = 0;
    n = n < a->n_ring ? n : a->n_ring;
    /* No repetition runs across a breaker at the end of the text. */
    while (limit < n && !a->breaks[nth_last(a, limit)])
        limit++;
    if (n < 2 || limit == 0)
        return;
    fill_z(a, n);
    for (size_t k = 1; k < n; k++) {
        int32_t next = nth_last(a, k - 1); /* what followed it back then */
        size_t length = a->z[k] < limit ? a->z[k] : limit;
        if (!a->breaks[next] && (int32_t)length > a->match[next])
            a->match[next] = (int32_t)length;
    }
    for (size_t k = 1; k < n; k++) {
        int32_t next = nth_last(a, k - 1);
        int32_t over = a->match[next] - p->dry_allowed_length;
        if (a->match[next] > 0 && over >= 0)
            a->logits[next] -= fminf(
                p->dry_multiplier * powf(p->dry_base, (float)over), 1e30f);
        a->match[next] = 0;
    }
}

/* --- all --------------------------------------------------------------- */

const float *adjuster_apply(struct adjuster *a, const float *logits)
{
    if (a->logits == NULL || (a->n_biases == 0 && a->n_ring == 0))
        return logits;
    memcpy(a->logits, logits, (size_t)a->n_vocab * sizeof(*logits));
    if (a->penalties)
        apply_penalties(a);
    if (a->dry)
        apply_dry(a);
    for (size_t i = 0; i < a->n_biases; i++)
        a->logits[a->biases[i].id] += a->biases[i].add;
    return a->logits;
}
