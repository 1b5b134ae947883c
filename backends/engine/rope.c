#include "backends/engine/rope.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define PI 3.14159265358979323846

/* YaRN (Peng et al., 2023): frequencies that turn often within the old context
 * stay, those that do not are stretched, with a ramp in between.  The pair
 * that turns n times within the old context. */
static double yarn_pair(const struct hparams *h, int n_rot, double base,
                        double n)
{
    return n_rot * log(h->rope_old_ctx / (n * 2 * PI)) / (2 * log(base));
}

/* How much of pair i stays as it is, 0 to 1. */
static double yarn_keep(const struct hparams *h, int n_rot, double base, int i)
{
    double low = floor(yarn_pair(h, n_rot, base, (double)h->yarn_fast));
    double high = ceil(yarn_pair(h, n_rot, base, (double)h->yarn_slow));
    low = low > 0 ? low : 0;
    high = high < n_rot - 1 ? high : n_rot - 1;
    double ramp = (i - low) / (high - low > 0.001 ? high - low : 0.001);
    return 1 - (ramp < 0 ? 0 : ramp > 1 ? 1 : ramp);
}

/* LongRoPE (Ding et al., 2024) says its magnitude in the file, which need not
 * name the rule.  YaRN's follows from the factor; what the file says multiplies
 * it.  But OLMo 3's converter writes the model's own attention_factor, which is
 * the rule's result: that is the whole magnitude, and not to be squared. */
static double magnitude_of(const struct hparams *h)
{
    double factor = (double)h->rope_factor, rule = 1;
    double given = h->rope_magnitude > 0 ? (double)h->rope_magnitude : 1;
    if (h->rope_scaling == ROPE_YARN && factor > 1)
        rule = 1 + 0.1 * log(factor);
    return fabs(given - rule) < 1e-3 ? rule : given * rule;
}

void rope_init(struct rope *r, const struct hparams *h, float base, bool local,
               const float *factors)
{
    int n = h->n_rot / 2;
    r->n_rot = h->n_rot;
    r->halves = h->arch->rope_halves;
    r->magnitude = local ? 1.0f : (float)magnitude_of(h);
    r->frequency = mem_calloc((size_t)n, sizeof(*r->frequency));
    for (int i = 0; i < n; i++) {
        double f = pow((double)base, -2.0 * i / h->n_rot);
        double stretched = f / (double)h->rope_factor;
        if (factors)
            f /= (double)factors[i];
        if (!local && h->rope_scaling == ROPE_LINEAR)
            f = stretched;
        if (!local && h->rope_scaling == ROPE_YARN) {
            double keep = yarn_keep(h, h->n_rot, (double)base, i);
            f = stretched * (1 - keep) + f * keep;
        }
        r->frequency[i] = (float)f;
    }
}

void rope_free(struct rope *r)
{
    free(r->frequency);
}

void rope_angles(const struct rope *r, int position, float *angles)
{
    int n = r->n_rot / 2;
    for (int i = 0; i < n; i++) {
        float a = (float)position * r->frequency[i];
        angles[i] = cosf(a) * r->magnitude;
        angles[n + i] = sinf(a) * r->magnitude;
    }
}

/* Turns the pair (*a, *b). */
static inline void turn(float *a, float *b, float c, float s)
{
    float x = *a, y = *b;
    *a = x * c - y * s;
    *b = x * s + y * c;
}

void rope_apply(const struct rope *r, const float *angles, float *head)
{
    int n = r->n_rot / 2;
    const float *restrict c = angles, *restrict s = angles + n;
    float *restrict first = head, *restrict second = head + n;
    if (r->halves)
        for (int i = 0; i < n; i++)
            turn(first + i, second + i, c[i], s[i]);
    else
        for (int i = 0; i < n; i++)
            turn(head + 2 * i, head + 2 * i + 1, c[i], s[i]);
}
