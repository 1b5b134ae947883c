#include "backends/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"

void model_init(struct model *m)
{
    *m = (struct model){
        .temperature = NAN,
        .top_p = NAN,
        .min_p = NAN,
        .typical_p = NAN,
        .repeat_penalty = NAN,
        .frequency_penalty = NAN,
        .presence_penalty = NAN,
        .dry_multiplier = NAN,
        .dry_base = NAN,
        .dry_allowed_length = -1,
        .repeat_last_n = -1,
        .mirostat_tau = NAN,
        .mirostat_eta = NAN,
        .top_k = -1,
        .max_tokens = -1,
        .n_ctx = -1,
        .think = -1,
        .seed = -1,
        .weight = 1,
        .price_in = NAN,
        .price_out = NAN,
    };
}

static void list_free(char **list)
{
    for (char **p = list; p != NULL && *p != NULL; p++)
        free(*p);
    free(list);
}

static char **list_copy(char *const *list)
{
    if (list == NULL)
        return NULL;
    size_t n = 0;
    while (list[n] != NULL)
        n++;
    char **copy = mem_calloc(n + 1, sizeof(*copy));
    for (size_t i = 0; i < n; i++)
        copy[i] = mem_strdup(list[i]);
    return copy;
}

/* X(field) for each string that a model owns. */
#define MODEL_STRINGS(X)                                              \
    X(name) X(backend) X(provider) X(file) X(file_name) X(tokenizer) \
    X(template_name) X(id) X(base_url) X(key_env) X(key_command)     \
    X(script) X(system)

void model_free(struct model *m)
{
#define X(field) free(m->field);
    MODEL_STRINGS(X)
#undef X
    list_free(m->command);
    list_free(m->tags);
    bias_free(&m->logit_bias);
    model_init(m);
}

void model_copy(struct model *to, const struct model *from)
{
    *to = *from;
#define X(field) to->field = mem_strdup(from->field);
    MODEL_STRINGS(X)
#undef X
    to->command = list_copy(from->command);
    to->tags = list_copy(from->tags);
    to->logit_bias = bias_copy(&from->logit_bias);
}

static void describe_key(struct buf *out, const char *key)
{
    buf_addf(out, "%s\"%s\":", out->data[out->len - 1] == '{' ? "" : ",", key);
}

static void describe_string(struct buf *out, const char *key, const char *s)
{
    if (s == NULL)
        return;
    describe_key(out, key);
    json_add_string(out, s, strlen(s));
}

static void describe_number(struct buf *out, const char *key, double v)
{
    if (isnan(v))
        return;
    describe_key(out, key);
    json_add_number(out, v);
}

/* -1 stands for a whole number that was not configured. */
static void describe_whole(struct buf *out, const char *key, int64_t v)
{
    if (v != -1)
        describe_number(out, key, (double)v);
}

static void describe_command(struct buf *out, char *const *command)
{
    if (command == NULL)
        return;
    describe_key(out, "command");
    for (size_t i = 0; command[i] != NULL; i++) {
        const char *word = i == 0 ? path_name(command[0]) : command[i];
        buf_add_char(out, i == 0 ? '[' : ',');
        json_add_string(out, word, strlen(word));
    }
    buf_add_char(out, ']');
}

static void describe_sampling(const struct model *m, struct buf *out)
{
    describe_number(out, "temperature", m->temperature);
    describe_number(out, "top_p", m->top_p);
    describe_number(out, "min_p", m->min_p);
    describe_number(out, "typical_p", m->typical_p);
    describe_whole(out, "top_k", m->top_k);
    describe_number(out, "repeat_penalty", m->repeat_penalty);
    describe_whole(out, "repeat_last_n", m->repeat_last_n);
    describe_number(out, "frequency_penalty", m->frequency_penalty);
    describe_number(out, "presence_penalty", m->presence_penalty);
    describe_number(out, "dry_multiplier", m->dry_multiplier);
    describe_number(out, "dry_base", m->dry_base);
    describe_whole(out, "dry_allowed_length", m->dry_allowed_length);
    describe_number(out, "mirostat_tau", m->mirostat_tau);
    describe_number(out, "mirostat_eta", m->mirostat_eta);
    if (m->logit_bias.n > 0) {
        describe_key(out, "logit_bias");
        bias_add_json(&m->logit_bias, out);
    }
}

void model_describe(const struct model *m, struct buf *out)
{
    buf_add_char(out, '{');
    describe_string(out, "backend", m->provider ? m->provider : m->backend);
    describe_string(out, "file", m->file_name ? m->file_name : m->file);
    describe_string(out, "tokenizer",
                    m->tokenizer ? path_name(m->tokenizer) : NULL);
    describe_string(out, "template", m->template_name);
    if (m->raw)
        describe_number(out, "raw", 1);
    describe_string(out, "id", m->id);
    describe_string(out, "base_url", m->own_url ? m->base_url : NULL);
    describe_command(out, m->command);
    describe_string(out, "script", m->script ? path_name(m->script) : NULL);
    describe_string(out, "system", m->system);
    describe_sampling(m, out);
    describe_whole(out, "max_tokens", m->max_tokens);
    describe_whole(out, "context", m->n_ctx);
    describe_whole(out, "think", m->think);
    describe_whole(out, "seed", m->seed);
    buf_add_char(out, '}');
}
