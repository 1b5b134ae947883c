#include "backends/engine/sample.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/candidates.h"
#include "base/mem.h"
#include "base/rng.h"

/* The penalties look back at no more than this; it bounds the ring. */
#define SAMPLE_MAX_LAST_N 65536

struct sampler {
    struct sample_params params;
    int n_vocab;
    struct rng rng;
    struct candidates cands;
    float *adjusted; /* [n_vocab] logits after the penalties; NULL: none */
    int32_t *count;  /* [n_vocab] how often each token is in the ring */
    int32_t *ring;   /* [ring_size] the last tokens accepted */
    size_t ring_size, n_ring, ring_at;
};

struct sample_params sample_defaults(void)
{
    return (struct sample_params){
        .temperature = 0.8f,
        .top_k = 40,
        .top_p = 0.95f,
        .min_p = 0.05f,
        .typical_p = 1,
        .repeat_penalty = 1,
        .repeat_last_n = 64,
    };
}

static bool sample_has_penalties(const struct sample_params *p)
{
    return p->repeat_last_n != 0 &&
           ((p->repeat_penalty > 0 && p->repeat_penalty != 1) ||
            p->frequency_penalty != 0 || p->presence_penalty != 0);
}

struct sampler *sampler_open(const struct sample_params *p, int n_vocab)
{
    struct sampler *s = mem_calloc(1, sizeof(*s));
    s->params = *p;
    s->n_vocab = n_vocab;
    rng_init(&s->rng, p->seed);
    if (sample_has_penalties(p)) {
        bool all = p->repeat_last_n < 0 || p->repeat_last_n > SAMPLE_MAX_LAST_N;
        s->ring_size = all ? SAMPLE_MAX_LAST_N : (size_t)p->repeat_last_n;
        s->ring = mem_calloc(s->ring_size, sizeof(*s->ring));
        s->count = mem_calloc((size_t)n_vocab, sizeof(*s->count));
        s->adjusted = mem_calloc((size_t)n_vocab, sizeof(*s->adjusted));
    }
    return s;
}

void sampler_close(struct sampler *s)
{
    if (s == NULL)
        return;
    candidates_free(&s->cands);
    free(s->adjusted);
    free(s->count);
    free(s->ring);
    free(s);
}

void sampler_accept(struct sampler *s, int32_t id)
{
    if (s->ring == NULL || id < 0 || id >= s->n_vocab)
        return;
    if (s->n_ring == s->ring_size)
        s->count[s->ring[s->ring_at]]--;
    else
        s->n_ring++;
    s->ring[s->ring_at] = id;
    s->ring_at = (s->ring_at + 1) % s->ring_size;
    s->count[id]++;
}

/* Repetition: Keskar et al. 2019 (CTRL), section 4.1, with the sign rule that
 * keeps it a penalty for negative logits.  Frequency and presence: the OpenAI
 * API's definition, logit - count * frequency - presence. */
static void sampler_penalize(const struct sample_params *p, float *logit,
                             int32_t count)
{
    if (p->repeat_penalty > 0)
        *logit *= *logit > 0 ? 1 / p->repeat_penalty : p->repeat_penalty;
    *logit -= (float)count * p->frequency_penalty + p->presence_penalty;
}

/* The logits to choose from: the model's own, or a copy with penalties. */
static const float *sampler_adjust(struct sampler *s, const float *logits)
{
    if (s->ring == NULL || s->n_ring == 0)
        return logits;
    memcpy(s->adjusted, logits, (size_t)s->n_vocab * sizeof(*logits));
    /* A token is penalized once, however often the ring has it: a negative
     * count marks those that are done. */
    for (size_t i = 0; i < s->n_ring; i++) {
        int32_t id = s->ring[i];
        if (s->count[id] < 0)
            continue;
        sampler_penalize(&s->params, &s->adjusted[id], s->count[id]);
        s->count[id] = -s->count[id];
    }
    for (size_t i = 0; i < s->n_ring; i++)
        s->count[s->ring[i]] = abs(s->count[s->ring[i]]);
    return s->adjusted;
}

/* --- the chain ---------------------------------------------------------
 *
 * Each step narrows or reshapes the candidates and leaves at least one.
 * top-k is not among them: it is fused with the scan of the vocabulary. */

/* Keeps the first ones in order that together hold `mass`, at least one.  They
 * are sorted in growing portions: mostly the first holds enough. */
static void keep_mass(struct candidates *c, double mass)
{
    double held = 0;
    size_t keep = 0;
    while (keep < c->n && (keep == 0 || held < mass)) {
        if (keep >= c->n_sorted)
            candidates_sort(c, keep == 0 ? 64 : 4 * keep);
        held += (double)c->v[keep++].p;
    }
    candidates_cut(c, keep);
}

/* Locally typical sampling, Meister et al. 2022: keeps the tokens whose
 * surprise is nearest to the expected one, until they hold typical_p. */
static void step_typical(struct sampler *s, struct candidates *c)
{
    candidates_softmax(c);
    double entropy = 0;
    for (size_t i = 0; i < c->n; i++)
        if (c->v[i].p > 0)
            entropy -= (double)c->v[i].p * log((double)c->v[i].p);
    /* The key takes the logit's place for the sorting; a logit is only known
     * up to a constant, so log p can stand for it afterwards. */
    for (size_t i = 0; i < c->n; i++) {
        double surprise = -log((double)c->v[i].p);
        c->v[i].logit = (float)-fabs(surprise - entropy);
    }
    c->n_sorted = 0;
    keep_mass(c, (double)s->params.typical_p);
    for (size_t i = 0; i < c->n; i++)
        c->v[i].logit = logf(c->v[i].p);
    c->n_sorted = 0;
}

/* Nucleus sampling, Holtzman et al. 2019: the fewest tokens that hold top_p. */
static void step_top_p(struct sampler *s, struct candidates *c)
{
    candidates_softmax(c);
    keep_mass(c, (double)s->params.top_p);
}

/* min-p, Nguyen et al. 2024: at least min_p times as likely as the best. */
static void step_min_p(struct sampler *s, struct candidates *c)
{
    float least = candidates_max(c) + logf(fminf(s->params.min_p, 1));
    size_t keep = 0, n_sorted = c->n_sorted;
    for (size_t i = 0; i < c->n; i++) {
        if (c->v[i].logit < least)
            continue;
        c->v[keep++] = c->v[i];
    }
    c->n = keep;
    /* Of a sorted beginning a beginning is kept. */
    c->n_sorted = n_sorted < keep ? n_sorted : keep;
}

static void step_temperature(struct sampler *s, struct candidates *c)
{
    float max = candidates_max(c);
    for (size_t i = 0; i < c->n; i++)
        c->v[i].logit = (c->v[i].logit - max) / s->params.temperature;
}

static bool wants_typical(const struct sample_params *p)
{
    return p->typical_p < 1;
}

static bool wants_top_p(const struct sample_params *p)
{
    return p->top_p < 1;
}

static bool wants_min_p(const struct sample_params *p)
{
    return p->min_p > 0;
}

static bool wants_temperature(const struct sample_params *p)
{
    return p->temperature != 1;
}

/* In the order of application. */
static const struct sample_step {
    bool (*wanted)(const struct sample_params *p);
    void (*apply)(struct sampler *s, struct candidates *c);
} sample_chain[] = {
    {wants_typical, step_typical},
    {wants_top_p, step_top_p},
    {wants_min_p, step_min_p},
    {wants_temperature, step_temperature},
};

/* One of the candidates, each with its probability. */
static int32_t sampler_draw(struct sampler *s, struct candidates *c)
{
    candidates_softmax(c);
    double left = rng_double(&s->rng);
    for (size_t i = 0; i < c->n; i++) {
        left -= (double)c->v[i].p;
        if (left < 0)
            return c->v[i].id;
    }
    /* Rounding left a crumb: it belongs to the last that had any chance. */
    size_t i = c->n - 1;
    while (i > 0 && c->v[i].p <= 0)
        i--;
    return c->v[i].id;
}

int32_t sampler_pick(struct sampler *s, const float *logits, struct err *e)
{
    const struct sample_params *p = &s->params;
    struct candidates *c = &s->cands;
    bool greedy = !(p->temperature > 0);
    logits = sampler_adjust(s, logits);
    size_t most = greedy ? 1 : p->top_k > 0 ? (size_t)p->top_k : 0;
    candidates_fill(c, logits, s->n_vocab, most);
    if (c->n == 0)
        return err_set(e, ERR_BACKEND,
                       "the model computed no usable number: "
                       "its weights file is damaged");
    if (greedy)
        return c->v[0].id;
    for (size_t i = 0; i < sizeof(sample_chain) / sizeof(*sample_chain); i++)
        if (sample_chain[i].wanted(p))
            sample_chain[i].apply(s, c);
    return sampler_draw(s, c);
}

size_t sample_top(const float *logits, int n_vocab, struct token_logprob *top,
                  size_t k, int32_t id, float *of_id)
{
    struct candidates c = {0};
    candidates_fill(&c, logits, n_vocab, k > 0 ? k : 1);
    float max = c.n > 0 ? candidates_max(&c) : 0;
    double sum = 0;
    for (int i = 0; i < n_vocab; i++)
        if (isfinite(logits[i]))
            sum += (double)expf(logits[i] - max);
    double log_sum = (double)max + log(sum);
    size_t n = k < c.n ? k : c.n;
    candidates_sort(&c, n);
    for (size_t i = 0; i < n; i++) {
        top[i].id = c.v[i].id;
        top[i].logprob = (float)((double)c.v[i].logit - log_sum);
    }
    if (of_id != NULL && id >= 0 && id < n_vocab)
        *of_id = (float)((double)logits[id] - log_sum);
    candidates_free(&c);
    return n;
}
