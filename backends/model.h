/* model: what the arena rates, and all a backend must know to answer as it.
 *
 * The struct is filled by arena/config (from arena.json) and read by backends.
 * Whoever filled it frees it with model_free; a backend copies what it needs
 * beyond its own `open`.  A setting that was not configured is NaN, -1 or
 * NULL, and is then not sent, so that the server's own default holds. */
#ifndef BACKENDS_MODEL_H
#define BACKENDS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/bias.h"
#include "base/buf.h"

struct model {
    char *name;          /* of the leaderboard's row; unique in a config */
    char *backend;       /* which entry of the backend list: "local", … */
    char *provider;      /* the same as the config says it: "local", "ollama",
                            or an entry of its "backends" */

    /* What answers. */
    char *file;          /* local: weights, absolute */
    char *file_name;     /* the same as the config says it */
    char *tokenizer;     /* local: tokenizer file of a llama2.c checkpoint */
    char *template_name; /* local: chat template, where the file has none */
    char *id;            /* remote: the server's name of the model */
    char *base_url;      /* remote: without a trailing slash */
    bool own_url;        /* base_url is the model's own, not its provider's */
    bool allow_http;     /* remote: plain http beyond this machine */
    char *key_env;       /* remote: environment variable with the API key */
    char *key_command;   /* remote: command that prints the API key */
    char **command;      /* exec: argv, NULL-terminated; [0] is absolute, or
                            found by PATH */
    char *script;        /* replay: file with the answers */

    /* How it answers. */
    char *system;        /* system prompt; NULL: none */
    double temperature, top_p, min_p, typical_p;                 /* NaN */
    double repeat_penalty, frequency_penalty, presence_penalty;  /* NaN */
    double dry_multiplier, dry_base, mirostat_tau, mirostat_eta; /* NaN */
    int dry_allowed_length, repeat_last_n; /* -1 */
    int top_k;           /* -1 */
    struct bias_list logit_bias;
    int max_tokens;      /* -1: the arena's */
    int n_ctx;           /* -1: the engine's choice */
    int think;           /* -1: the model's choice, 0 off, 1 on */
    int64_t seed;        /* -1: a new one for each battle */
    bool raw;            /* local: complete the bare prompt, no template */

    /* What the arena does with it. */
    double weight;       /* how often it is drawn, against the others' 1 */
    double price_in, price_out; /* per million tokens; NaN: unknown */
    char **tags;         /* NULL-terminated, or NULL */
};

/* A model with nothing configured (weight 1). */
void model_init(struct model *m);
void model_free(struct model *m);
void model_copy(struct model *to, const struct model *from);

/* Appends the part of a model that makes its answers what they are (provider,
 * weights or id, system prompt, sampling; not its name, weight, price, tags or
 * keys) as one line of JSON with keys in a fixed order: equal text, same
 * model.  Files stand in it as the config says them and programs without their
 * folder, so that a moved home is no new model. */
void model_describe(const struct model *m, struct buf *out);

#endif
