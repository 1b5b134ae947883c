/* divergence: how far two models part along the same tokens.
 *
 * Both read the tokens and foretell each next one.  The models must have the
 * same vocabulary: two quantizations of one model, or it and its fine-tuned
 * child.  One thread calls; a second model runs on the threads of the first
 * (infer_open_beside). */
#ifndef BACKENDS_LOCAL_DIVERGENCE_H
#define BACKENDS_LOCAL_DIVERGENCE_H

#include "backends/local/infer.h"
#include "base/err.h"

/* Sums over predictions. */
struct divergence {
    size_t n;        /* predictions compared */
    size_t n_same;   /* that have the same likeliest token */
    size_t first;    /* the first one, from 0, that has not; n: all have */
    double kl;       /* the sum of KL(a || b) in nats, over the whole
                        vocabulary, at temperature 1 */
};

/* 0, or -1 with ERR_USAGE: the models write text in other tokens. */
int divergence_check(struct infer *a, struct infer *b, struct err *e);

/* The greedy answers of a to n > 0 prompts at once, as infer_generate_together
 * gives them, and at each of their tokens, the end token too, what b foretells
 * beside a.  Fills out[n], which the caller has made ready and frees, and
 * one[n].  0 or -1. */
int divergence_of_answers(struct infer *a, struct infer *b,
                          const struct infer_request *rq, size_t n,
                          struct infer_result *out, struct divergence *one,
                          struct err *e);

/* Along text[0..n) as llama-perplexity --kl-divergence goes (tools/perplexity
 * in llama.cpp): chunks of n_ctx tokens, each read on its own, the first token
 * of each being the begin token if the model has one; the second half of each
 * is compared.  -1 with ERR_USAGE for a text shorter than a chunk. */
int divergence_of_text(struct infer *a, struct infer *b, const char *text,
                       size_t n, size_t n_ctx, struct divergence *out,
                       struct err *e);

/* Adds what another text gave; `first` stays. */
void divergence_add(struct divergence *sum, const struct divergence *one);

#endif
