#include "backends/engine/sampling/sample.h"

#include <math.h>
#include <stdlib.h>

#include "backends/engine/sampling/adjust.h"
#include "backends/engine/sampling/candidates.h"
#include "base/mem.h"
#include "base/rng.h"

/* Mostly some of the first ones are allowed; only if too few are, the rest of
 * the vocabulary is asked. */
#define FILTER_FIRST 512

/* With a filter no more than this many stay, even if top-k is off. */
#define FILTER_MOST 256

struct sampler {
    struct sample_params params;
    int n_vocab;
    struct rng rng;
    struct candidates cands;
    struct adjuster adjuster;
    struct sample_filter filter; /* allows NULL: none */
    float mirostat_mu;           /* surprise beyond which tokens are dropped */
};

struct sample_params sample_defaults(void)
{
    return (struct sample_params){
        .temperature = 0.8f,
        .top_k = 40,
        .top_p = 0.95f,
        .min_p = 0.05f,
        .typical_p = 1,
        .mirostat_eta = 0.1f,
        .repeat_penalty = 1,
        .repeat_last_n = 64,
        .dry_base = 1.75f,
        .dry_allowed_length = 2,
        .dry_last_n = -1,
    };
}

struct sampler *sampler_open(const struct sample_params *p, int n_vocab)
{
    struct sampler *s = mem_calloc(1, sizeof(*s));
    s->params = *p;
    s->n_vocab = n_vocab;
    rng_init(&s->rng, p->seed);
    adjuster_init(&s->adjuster, &s->params, n_vocab);
    s->mirostat_mu = 2 * p->mirostat_tau;
    return s;
}

void sampler_close(struct sampler *s)
{
    if (s == NULL)
        return;
    candidates_free(&s->cands);
    adjuster_free(&s->adjuster);
    free(s);
}

void sampler_set_filter(struct sampler *s, const struct sample_filter *f)
{
    s->filter = *f;
}

void sampler_accept(struct sampler *s, int32_t id)
{
    adjuster_accept(&s->adjuster, id);
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

/* --- mirostat 2 --------------------------------------------------------
 *
 * Basu et al. 2020, algorithm 2: tokens of more surprise than mu are dropped,
 * and mu follows the surprise of what was drawn, so that on average it is tau
 * bits. */
static int32_t draw_mirostat(struct sampler *s, struct candidates *c)
{
    if (s->params.temperature != 1)
        step_temperature(s, c);
    candidates_softmax(c);
    candidates_sort(c, 1); /* the likeliest stays in any case */
    struct candidate best = c->v[0];
    float least = exp2f(-s->mirostat_mu);
    size_t keep = 1;
    for (size_t i = 1; i < c->n; i++)
        if (c->v[i].p >= least)
            c->v[keep++] = c->v[i];
    c->n = keep;
    int32_t id = sampler_draw(s, c);
    size_t at = 0;
    while (c->v[at].id != id)
        at++;
    /* The surprise before anything was dropped. */
    float bits = (best.logit - c->v[at].logit) / logf(2) - log2f(best.p);
    s->mirostat_mu -= s->params.mirostat_eta * (bits - s->params.mirostat_tau);
    return id;
}

/* --- choosing ---------------------------------------------------------- */

/* Keeps the first `most` that the filter allows. */
static void filter_candidates(struct sampler *s, struct candidates *c,
                              size_t most)
{
    size_t keep = 0, at = 0;
    candidates_sort(c, FILTER_FIRST);
    for (; at < c->n; at++) {
        if (at < c->n_sorted && keep == most)
            break;
        if (s->filter.allows(s->filter.arg, c->v[at].id))
            c->v[keep++] = c->v[at];
    }
    c->n = keep;
    c->n_sorted = 0;
    candidates_sort(c, most);
    candidates_cut(c, most);
}

static void find_candidates(struct sampler *s, const float *logits)
{
    const struct sample_params *p = &s->params;
    struct candidates *c = &s->cands;
    size_t most = p->top_k > 0 ? (size_t)p->top_k : 0;
    if (p->mirostat_tau > 0)
        most = 0;
    if (!(p->temperature > 0))
        most = 1;
    candidates_fill(c, logits, s->n_vocab, s->filter.allows ? 0 : most);
    if (s->filter.allows != NULL && c->n > 0)
        filter_candidates(s, c, most > 0 ? most : FILTER_MOST);
}

int32_t sampler_pick(struct sampler *s, const float *logits, struct err *e)
{
    const struct sample_params *p = &s->params;
    struct candidates *c = &s->cands;
    find_candidates(s, adjuster_apply(&s->adjuster, logits));
    if (c->n == 0 && s->filter.allows != NULL)
        return err_set(e, ERR_BACKEND, "no token may follow here: the answer "
                                       "cannot take the form asked for");
    if (c->n == 0 && s->adjuster.n_biases > 0)
        return err_set(e, ERR_BACKEND, "no token is left to choose: "
                       "\"logit_bias\" forbids them, or the weights file is "
                       "damaged");
    if (c->n == 0)
        return err_set(e, ERR_BACKEND, "the model computed no usable number: "
                                       "its weights file is damaged");
    if (!(p->temperature > 0))
        return c->v[0].id;
    if (p->mirostat_tau > 0)
        return draw_mirostat(s, c);
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
