/* plan: which battles a run consists of, known before it begins.
 *
 * The plan depends on prompts, models, pairs and seed alone, so an interrupted
 * run is planned again and continues.  Pure: the caller frees what it gets. */
#ifndef ARENA_RUN_PLAN_H
#define ARENA_RUN_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "arena/arena.h"
#include "base/err.h"

#define RUN_MAX_BATTLES 10000000

enum run_pairs_kind {
    RUN_ALL,      /* every pair on every prompt */
    RUN_BASELINE, /* every model against one, on every prompt */
    RUN_SAMPLE,   /* n_sample of all (prompt, pair), each as likely */
};

struct run_pairs {
    enum run_pairs_kind kind;
    size_t baseline;  /* model index of the config */
    size_t n_sample;
};

/* Reads "all", "baseline:NAME" or "sample:N".  0, or -1 with ERR_USAGE. */
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
};

/* All battles, by prompt.  *probability is that of a pair on a prompt to be
 * among them.  0, or -1 with ERR_USAGE: too many. */
int run_make_plan(const struct run_pairs *pairs, const size_t *models,
                  size_t n_models, size_t n_prompts, uint64_t seed,
                  struct run_planned **plan, size_t *n, double *probability,
                  struct err *e);

#endif
