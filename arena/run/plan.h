/* plan: which battles a run consists of, known before it begins.
 *
 * The plan depends on prompts, models, pairs, chances and seed alone, so an
 * interrupted run is planned again and continues.  Pure: the caller frees what
 * it gets. */
#ifndef ARENA_RUN_PLAN_H
#define ARENA_RUN_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "arena/run/promptlist.h"
#include "base/err.h"

#define RUN_MAX_BATTLES 10000000

enum run_pairs_kind {
    RUN_ALL,      /* every pair on every prompt */
    RUN_BASELINE, /* every model against one, on every prompt */
    RUN_SAMPLE,   /* n_sample of all (prompt, pair), each as likely */
    RUN_UNCERTAIN, /* n_sample, pairs by how much one more vote would tell */
};

struct run_pairs {
    enum run_pairs_kind kind;
    size_t baseline;  /* model index of the config */
    size_t n_sample;  /* of RUN_SAMPLE and RUN_UNCERTAIN */
};

/* Reads "all", "baseline:NAME", "sample:N" or "uncertain:N".  0, or -1 with
 * ERR_USAGE. */
int run_parse_pairs(const struct arena *a, const char *text,
                    struct run_pairs *out, struct err *e);

/* Reads "NAME,NAME,…" to model indices in the config's order (NULL: all of the
 * config), and adds the baseline.  The caller frees *models.  0, or -1 with
 * ERR_USAGE (unknown, twice) or ERR_CONFIG (fewer than two). */
int run_parse_models(const struct arena *a, const char *text,
                     const struct run_pairs *pairs, size_t **models, size_t *n,
                     struct err *e);

struct run_planned {
    uint32_t prompt;
    uint32_t model[2];  /* indices of the config: A, B */
    double probability; /* that this pair on this prompt is in the plan */
};

/* All battles, by prompt.  `chances` (of RUN_UNCERTAIN, else NULL) are how
 * likely each pair of the n_models is drawn, in the order of
 * rating_pair_index.  0, or -1 with ERR_USAGE: too many. */
int run_make_plan(const struct run_pairs *pairs, const double *chances,
                  const size_t *models, size_t n_models, size_t n_prompts,
                  uint64_t seed, struct run_planned **plan, size_t *n,
                  struct err *e);

/* The prompts that a run takes: with `shuffle` in another order, which depends
 * on the seed; of these the first `limit` (0: all).  The others are freed. */
void run_choose_prompts(struct prompts *p, bool shuffle, size_t limit,
                        uint64_t seed);

#endif
