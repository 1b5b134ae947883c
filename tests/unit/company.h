/* company: local answers alone and beside others, for tests that they are the
 * same.
 *
 * All prompts are asked of one weights file through the local backend, bare or
 * with adapters, some at a time: those of a group share passes, and what they
 * begin with in common is read once. */
#ifndef TESTS_UNIT_COMPANY_H
#define TESTS_UNIT_COMPANY_H

#include <stdio.h>

#include "answers.h"

#define COMPANY_MOST 16  /* prompts at a time */
#define COMPANY_MODELS 3 /* of one weights file */

/* How the answers to a list of prompts are made. */
struct company {
    struct model *models; /* [n_models]: prompt i is the i-th's, in turn */
    size_t n_models;      /* at most COMPANY_MODELS */
    const char *const *prompts; /* [n] */
    size_t n;
    int max_tokens; /* answer i has seed i */

    int n_threads;
    size_t at_once;  /* at most COMPANY_MOST */
    bool last_first; /* in the other order */
};

static inline struct stream *company_begin(const struct company *c,
                                           struct backend *const *b, size_t i,
                                           struct err *e)
{
    struct message message = {"user", c->prompts[i]};
    struct request rq = {.messages = &message, .n_messages = 1,
                         .max_tokens = c->max_tokens, .seed = i,
                         .clock = REQUEST_FIXED_CLOCK};
    struct stream *s = stream_open(answer_wake[1]);
    if (backend_local.start(b[i % c->n_models], &rq, s, e) == 0)
        return s;
    stream_release(s);
    return NULL;
}

/* A group of them, from the k-th of c->n on. */
static inline int company_group(const struct company *c,
                                struct backend *const *b, size_t k,
                                struct answer *out, struct err *e)
{
    struct stream *s[COMPANY_MOST];
    size_t which[COMPANY_MOST], n = 0;
    int rc = 0;
    for (; n < c->at_once && k + n < c->n && rc == 0; n += rc == 0) {
        which[n] = c->last_first ? c->n - 1 - (k + n) : k + n;
        s[n] = company_begin(c, b, which[n], e);
        rc = s[n] != NULL ? 0 : -1;
    }
    for (size_t i = 0; i < n; i++) {
        answer_finish(&out[which[i]], s[i]);
        if (rc == 0 && out[which[i]].end.error.code != ERR_NONE) {
            *e = out[which[i]].end.error;
            rc = -1;
        }
    }
    return rc;
}

/* Fills out[c->n], which the caller has made ready and frees.  0 or -1. */
static inline int company_answer(const struct company *c, struct answer *out,
                                 struct err *e)
{
    struct backend_env env;
    struct backend *b[COMPANY_MODELS];
    size_t n_open = 0;
    int rc = 0;
    backend_env_init(&env);
    env.n_threads = c->n_threads;
    for (; n_open < c->n_models && rc == 0; n_open += rc == 0)
        rc = backend_local.open(&b[n_open], &c->models[n_open], &env, e);
    for (size_t k = 0; rc == 0 && k < c->n; k += c->at_once)
        rc = company_group(c, b, k, out, e);
    while (n_open > 0)
        backend_local.close(b[--n_open]);
    backend_env_free(&env);
    return rc;
}

/* The ways in which answers must be the same; the first is what the others are
 * compared with. */
static const struct company_way {
    const char *name;
    int n_threads;
    size_t at_once;
    bool last_first;
    bool guesses; /* backends/local/lookup.h */
} company_ways[] = {
    {"alone, without guesses", 1, 1, false, false},
    {"alone, 1 thread", 1, 1, true, true},
    {"alone, 2 threads", 2, 1, false, true},
    {"in pairs, 1 thread", 1, 2, true, true},
    {"in pairs, 2 threads", 2, 2, false, false},
    {"in sixteens, 1 thread", 1, 16, false, true},
    {"in sixteens, 2 threads", 2, 16, true, true},
};

#define COMPANY_N_WAYS (sizeof(company_ways) / sizeof(company_ways[0]))

static inline void company_go(struct company *c, const struct company_way *way)
{
    c->n_threads = way->n_threads;
    c->at_once = way->at_once;
    c->last_first = way->last_first;
    for (size_t i = 0; i < c->n_models; i++)
        c->models[i].lookup = way->guesses ? -1 : 0;
}

/* How many answers are not what the first way made of them. */
static inline size_t company_differing(const struct answer *a,
                                       const struct answer *b, size_t n)
{
    size_t differing = 0;
    for (size_t i = 0; i < n; i++)
        differing += a[i].text.len != b[i].text.len ||
                     memcmp(a[i].text.data, b[i].text.data,
                            a[i].text.len) != 0 ||
                     a[i].end.finish != b[i].end.finish;
    return differing;
}

#endif
