/* sample: from logits to a token.
 *
 * A sampler is one answer's settings and state (its random sequence, the
 * tokens it has seen for the penalties).  Same seed, settings and logits: same
 * tokens, on any number of threads.  Owned by one generation, one thread. */
#ifndef BACKENDS_ENGINE_SAMPLING_SAMPLE_H
#define BACKENDS_ENGINE_SAMPLING_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Added to the logit of one token; -INFINITY forbids it.  Ids that are none of
 * the vocabulary's are left out, several of one id add up. */
struct sample_bias {
    int32_t id;
    float add;
};

struct sample_params {
    float temperature;    /* 0: greedy */
    int top_k;            /* 0: off */
    float top_p;          /* 1: off */
    float min_p;          /* 0: off */
    float typical_p;      /* 1: off */
    float mirostat_tau;   /* 0: off; else the surprise to aim at, in bits, in
                             place of the four above */
    float mirostat_eta;   /* how fast */
    float repeat_penalty; /* 1: off; divides (multiplies negative) logits of
                             tokens seen in the last repeat_last_n */
    float frequency_penalty, presence_penalty; /* 0: off */
    int repeat_last_n;    /* tokens the penalties look back at; -1: all */
    float dry_multiplier; /* 0: off; see adjust.c */
    float dry_base;
    int dry_allowed_length; /* repetitions that are shorter are free */
    int dry_last_n;         /* tokens it looks back at; -1: all */
    const int32_t *dry_breakers; /* [n_dry_breakers] no repetition runs across
                                    these; read at sampler_open only */
    size_t n_dry_breakers;
    const struct sample_bias *bias; /* [n_bias]; read at sampler_open only */
    size_t n_bias;
    uint64_t seed;
};

/* Temperature 0.8, top_p 0.95, top_k 40, min_p 0.05, seed 0, all else off; what
 * is turned on looks back at 64 tokens (DRY: at all, base 1.75, allowed 2), and
 * mirostat has eta 0.1. */
struct sample_params sample_defaults(void);

/* What may come next, if not every token may (a grammar). */
struct sample_filter {
    bool (*allows)(void *arg, int32_t id);
    void *arg;
};

struct sampler;
struct sampler *sampler_open(const struct sample_params *p, int n_vocab);
void sampler_close(struct sampler *s);

/* Only tokens that the filter allows are chosen from now on.  It is copied. */
void sampler_set_filter(struct sampler *s, const struct sample_filter *f);

/* A token that the penalties count (prompt or generated). */
void sampler_accept(struct sampler *s, int32_t id);

/* Chooses from logits [n_vocab].  Returns the id, or -1 with ERR_BACKEND if
 * no logit is a finite number (broken weights) or the filter allows none. */
int32_t sampler_pick(struct sampler *s, const float *logits, struct err *e);

struct token_logprob {
    int32_t id;
    float logprob; /* natural logarithm */
};

/* The k most likely tokens under softmax(logits), best first, into top[k]; and
 * the log-probability of `id` (if >= 0) into *of_id.  Settings do not matter.
 * Returns how many were written (min(k, n_vocab)). */
size_t sample_top(const float *logits, int n_vocab, struct token_logprob *top,
                  size_t k, int32_t id, float *of_id);

#endif
