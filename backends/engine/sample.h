/* sample: from logits to a token.
 *
 * A sampler is one answer's settings and state (its random sequence, the
 * tokens it has seen for the penalties).  Same seed, settings and logits: same
 * tokens, on any number of threads.  Owned by one generation, one thread. */
#ifndef ENGINE_SAMPLE_H
#define ENGINE_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct sample_params {
    float temperature;    /* 0: greedy */
    int top_k;            /* 0: off */
    float top_p;          /* 1: off */
    float min_p;          /* 0: off */
    float typical_p;      /* 1: off */
    float repeat_penalty; /* 1: off; divides (multiplies negative) logits of
                              tokens seen in the last repeat_last_n */
    float frequency_penalty, presence_penalty; /* 0: off */
    int repeat_last_n; /* tokens the penalties look back at */
    uint64_t seed;
};

/* Temperature 0.8, top_p 0.95, top_k 40, min_p 0.05, seed 0, all else off;
 * penalties that are turned on look back at 64 tokens. */
struct sample_params sample_defaults(void);

struct sampler;
struct sampler *sampler_open(const struct sample_params *p, int n_vocab);
void sampler_close(struct sampler *s);

/* A token that the penalties count (prompt or generated). */
void sampler_accept(struct sampler *s, int32_t id);

/* Chooses from logits [n_vocab].  Returns the id, or -1 with ERR_BACKEND where
 * no logit is a finite number (broken weights). */
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
