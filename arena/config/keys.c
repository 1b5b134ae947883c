#include "arena/config/keys.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/config/config.h"
#include "base/mem.h"
#include "base/nearest.h"

#define LARGE 1e9
#define SEED_MAX 9007199254740991.0 /* 2^53 - 1: JSON numbers are doubles */

#define AT(type, field) offsetof(struct type, field)

static const struct config_key top_keys[] = {
    {"$schema", CONFIG_OTHER, 0, 0, 0, NULL, false,
     "Where this schema is, for editors; not read."},
    {"pace", CONFIG_PACE, AT(config, pace), 0, 0, NULL, false,
     "How answers appear: live, equal (both at the slower one's speed) or hold "
     "(both when both are done)."},
    {"pairing", CONFIG_PAIRING, AT(config, pairing), 0, 0, NULL, false,
     "Who meets whom: uniform, balanced (those that met least), lmarena (where "
     "a vote narrows the interval most), ambiguous (neighbours on the board "
     "whose order is least certain), thompson (who may be the best) or mixed "
     "(half balanced, half ambiguous)."},
    {"system", CONFIG_STRING, AT(config, system), 0, 0, NULL, false,
     "System prompt of every model that has none of its own."},
    {"max_tokens", CONFIG_WHOLE, AT(config, max_tokens), 1, 1e6, NULL, false,
     "Where an answer is cut, in tokens."},
    {"threads", CONFIG_WHOLE, AT(config, n_threads), 0, 1024, NULL, false,
     "Threads of the in-process engine; 0 for all cores."},
    {"vote_early", CONFIG_BOOL, AT(config, vote_early), 0, 0, NULL, false,
     "Take a vote as soon as both sides have text."},
    {"confirm_vote", CONFIG_BOOL, AT(config, confirm_vote), 0, 0, NULL, false,
     "Ask for Enter before a vote is stored and the names appear."},
    {"hide_words", CONFIG_STRINGS, AT(config, hide_words), 0, 0, NULL, false,
     "Further names that would give a model away; hidden before the vote."},
    {"elo", CONFIG_OTHER, 0, 0, 0, NULL, false,
     "How a vote moves the running rating."},
    {"keys", CONFIG_OTHER, 0, 0, 0, NULL, false,
     "Key bindings of the terminal: an action and its key, or keys."},
    {"backends", CONFIG_OTHER, 0, 0, 0, NULL, false,
     "Servers by name, for models to refer to."},
    {"models", CONFIG_OTHER, 0, 0, 0, NULL, false,
     "What meets in the arena; each is a row of the leaderboard."},
};

static const struct config_key elo_keys[] = {
    {"k", CONFIG_NUMBER, AT(elo_params, k), 0, 1000, NULL, false,
     "Points at stake in one vote."},
    {"base", CONFIG_NUMBER, AT(elo_params, base), 1.01, 1000, NULL, false,
     "The odds that a lead of one scale stands for."},
    {"scale", CONFIG_NUMBER, AT(elo_params, scale), 1, 1e6, NULL, false,
     "The lead, in points, at which the odds are base to one."},
    {"start", CONFIG_NUMBER, AT(elo_params, start), -1e6, 1e6, NULL, false,
     "Rating before the first vote."},
};

static const struct config_key backend_keys[] = {
    {"type", CONFIG_WORD, AT(provider, type), 0, 0, NULL, false,
     "The backend that speaks its protocol, or a preset to begin from."},
    {"base_url", CONFIG_WORD, AT(provider, base_url), 0, 0, NULL, false,
     "Address that the protocol's paths are added to."},
    {"allow_http", CONFIG_BOOL, AT(provider, allow_http), 0, 0, NULL, false,
     "Allow plain http to a machine other than this one."},
    {"key_env", CONFIG_WORD, AT(provider, key_env), 0, 0, NULL, false,
     "Environment variable that holds the API key."},
    {"key_command", CONFIG_WORD, AT(provider, key_command), 0, 0, NULL, true,
     "Command that prints the API key."},
};

static const struct config_key model_keys[] = {
    {"name", CONFIG_WORD, AT(model, name), 0, 0, NULL, false,
     "Name on the leaderboard."},
    {"backend", CONFIG_WORD, AT(model, provider), 0, 0, NULL, false,
     "What answers: local, a preset such as ollama or openai, or an entry of "
     "backends."},
    {"file", CONFIG_WORD, AT(model, file_name), 0, 0, "local", false,
     "Weights file (GGUF or llama2.c); beside this file, else in the weights "
     "folder."},
    {"tokenizer", CONFIG_WORD, AT(model, tokenizer), 0, 0, "local", false,
     "Tokenizer file of a llama2.c checkpoint."},
    {"template", CONFIG_WORD, AT(model, template_name), 0, 0, "local", false,
     "Chat template by name, where the weights file has none."},
    {"raw", CONFIG_BOOL, AT(model, raw), 0, 0, "local", false,
     "Complete the bare prompt, without a chat template."},
    {"context", CONFIG_WHOLE, AT(model, n_ctx), 16, 1 << 24, "local", false,
     "Tokens of context; by default what the weights and memory allow."},
    {"id", CONFIG_WORD, AT(model, id), 0, 0, CONFIG_REMOTE, false,
     "The server's name of the model."},
    {"base_url", CONFIG_WORD, AT(model, base_url), 0, 0, CONFIG_REMOTE, false,
     "Address of the server, where it is not the backend's."},
    {"allow_http", CONFIG_BOOL, AT(model, allow_http), 0, 0, CONFIG_REMOTE,
     false, "Allow plain http to a machine other than this one."},
    {"key_env", CONFIG_WORD, AT(model, key_env), 0, 0, CONFIG_REMOTE, false,
     "Environment variable that holds the API key."},
    {"key_command", CONFIG_WORD, AT(model, key_command), 0, 0, CONFIG_REMOTE,
     true, "Command that prints the API key."},
    {"command", CONFIG_STRINGS, AT(model, command), 0, 0, "exec", true,
     "Program and arguments: reads the prompt, prints the answer."},
    {"script", CONFIG_WORD, AT(model, script), 0, 0, "replay", false,
     "File with the answers to replay."},
    {"system", CONFIG_STRING, AT(model, system), 0, 0, NULL, false,
     "System prompt; \"\" for none at all."},
    {"temperature", CONFIG_NUMBER, AT(model, temperature), 0, 10, NULL, false,
     "0 takes the likeliest token; higher is more varied."},
    {"top_p", CONFIG_NUMBER, AT(model, top_p), 0, 1, NULL, false,
     "Sample from the likeliest tokens that make up this probability."},
    {"top_k", CONFIG_WHOLE, AT(model, top_k), 0, 1e6, NULL, false,
     "Sample from this many of the likeliest tokens; 0 for all."},
    {"min_p", CONFIG_NUMBER, AT(model, min_p), 0, 1, NULL, false,
     "Drop tokens less likely than this part of the likeliest."},
    {"typical_p", CONFIG_NUMBER, AT(model, typical_p), 0, 1, NULL, false,
     "Locally typical sampling: keep this much of the probability."},
    {"repeat_penalty", CONFIG_NUMBER, AT(model, repeat_penalty), 0.01, 100,
     NULL, false, "Makes tokens that were there before less likely; 1 is off."},
    {"repeat_last_n", CONFIG_WHOLE, AT(model, repeat_last_n), 0, 65536,
     "local", false, "How many tokens back the penalties look; 64 if not set."},
    {"frequency_penalty", CONFIG_NUMBER, AT(model, frequency_penalty), -100,
     100, NULL, false, "The same, by how often a token was there; 0 is off."},
    {"presence_penalty", CONFIG_NUMBER, AT(model, presence_penalty), -100, 100,
     NULL, false, "The same, by whether a token was there; 0 is off."},
    {"dry_multiplier", CONFIG_NUMBER, AT(model, dry_multiplier), 0, 100,
     "local", false, "DRY: makes tokens less likely that would prolong a "
     "repetition; 0 is off, 0.8 usual."},
    {"dry_base", CONFIG_NUMBER, AT(model, dry_base), 1, 100, "local", false,
     "DRY: how the penalty grows with each token of the repetition."},
    {"dry_allowed_length", CONFIG_WHOLE, AT(model, dry_allowed_length), 0,
     1e6, "local", false, "DRY: repetitions that are shorter are free."},
    {"mirostat_tau", CONFIG_NUMBER, AT(model, mirostat_tau), 0, 100, "local",
     false, "Mirostat 2: the surprise to aim at in bits, in place of top_k, "
     "top_p, min_p and typical_p; 0 is off, 5 usual."},
    {"mirostat_eta", CONFIG_NUMBER, AT(model, mirostat_eta), 0, 10, "local",
     false, "Mirostat 2: how fast it corrects itself."},
    {"logit_bias", CONFIG_BIAS, AT(model, logit_bias), 0, 0, NULL, false,
     "Tokens, by number or (local) by text, and what is added to the logit of "
     "each; -100 forbids it."},
    {"max_tokens", CONFIG_WHOLE, AT(model, max_tokens), 1, 1e6, NULL, false,
     "Where its answers are cut, where it is not the arena's limit."},
    {"think", CONFIG_SWITCH, AT(model, think), 0, 1, NULL, false,
     "Whether the model thinks before it answers, where it can be told."},
    {"seed", CONFIG_LONG, AT(model, seed), 0, SEED_MAX, NULL, false,
     "Seed of its sampling; by default a new one for each battle."},
    {"weight", CONFIG_NUMBER, AT(model, weight), 0, LARGE, NULL, false,
     "How often it is drawn, against the others' 1; 0 for never."},
    {"price_in", CONFIG_NUMBER, AT(model, price_in), 0, LARGE, NULL, false,
     "Price of a million tokens read."},
    {"price_out", CONFIG_NUMBER, AT(model, price_out), 0, LARGE, NULL, false,
     "Price of a million tokens written."},
    {"tags", CONFIG_STRINGS, AT(model, tags), 0, 0, NULL, false,
     "Words to choose models by."},
};

#define TABLE(name) {name, sizeof(name) / sizeof(name[0])}
const struct config_table config_keys_top = TABLE(top_keys);
const struct config_table config_keys_elo = TABLE(elo_keys);
const struct config_table config_keys_backend = TABLE(backend_keys);
const struct config_table config_keys_model = TABLE(model_keys);

int config_fail(const struct config_place *at, struct err *e, const char *fmt,
                ...)
{
    char text[ERR_TEXT_BYTES / 2];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    return err_set(e, ERR_CONFIG, "%s: %s%s%s", at->file, at->where,
                   at->where[0] != '\0' ? ": " : "", text);
}

const char *config_choice(enum config_type type, int k)
{
    if (type == CONFIG_PACE)
        return k <= PACE_HOLD ? pace_name((enum pace)k) : NULL;
    if (type == CONFIG_PAIRING)
        return rating_policy_word((enum rating_policy)k);
    return NULL;
}

const char *config_type_found(const cJSON *node)
{
    if (cJSON_IsString(node))
        return "a string";
    if (cJSON_IsNumber(node))
        return "a number";
    if (cJSON_IsBool(node))
        return "true or false";
    if (cJSON_IsArray(node))
        return "a list";
    return cJSON_IsObject(node) ? "an object" : "null";
}

/* Whether a key looks as if a secret would follow: "api_key", "apiKey",
 * "openai-api-key", "token", … */
static bool names_secret(const char *key)
{
    char plain[64];
    size_t n = 0;
    for (; *key != '\0' && n < sizeof(plain) - 1; key++)
        if (isalnum((unsigned char)*key))
            plain[n++] = (char)tolower((unsigned char)*key);
    plain[n] = '\0';
    static const char *const words[] = {"key",    "token",    "accesstoken",
                                        "secret", "password", "authtoken",
                                        "bearer", "authorization"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(plain, words[i]) == 0)
            return true;
    return strstr(plain, "apikey") != NULL;
}

/* What other programs call some of the keys. */
static const struct {
    const char *name, *ours;
} synonyms[] = {
    {"model", "id"},
    {"model_id", "id"},
    {"url", "base_url"},
    {"endpoint", "base_url"},
    {"api_base", "base_url"},
    {"path", "file"},
    {"weights", "file"},
    {"model_path", "file"},
    {"system_prompt", "system"},
    {"chat_template", "template"},
    {"ctx", "context"},
    {"n_ctx", "context"},
    {"num_ctx", "context"},
    {"ctx_size", "context"},
    {"n_predict", "max_tokens"},
    {"num_predict", "max_tokens"},
    {"max_new_tokens", "max_tokens"},
    {"thinking", "think"},
    {"repetition_penalty", "repeat_penalty"},
    {"provider", "backend"},
    {"K", "k"},
};

/* The key of this place that an unknown one stands for, or NULL. */
static const char *key_meant(const char *name, const struct config_table *t)
{
    struct nearest near;
    nearest_init(&near, name);
    for (size_t i = 0; i < t->n_keys; i++)
        nearest_offer(&near, t->keys[i].name);
    for (size_t i = 0; i < t->n_keys; i++)
        for (size_t k = 0; k < sizeof(synonyms) / sizeof(synonyms[0]); k++)
            if (strcmp(synonyms[k].name, name) == 0 &&
                strcmp(synonyms[k].ours, t->keys[i].name) == 0)
                return synonyms[k].ours;
    return near.best;
}

static int unknown_key(const struct config_place *at, const char *name,
                       const struct config_table *t, struct err *e)
{
    if (names_secret(name))
        return config_fail(at, e,
                           "\"%.64s\": keys do not belong in this file; put it "
                           "in an environment variable and name that with "
                           "\"key_env\"", name);
    const char *meant = key_meant(name, t);
    if (meant != NULL)
        return config_fail(at, e,
                           "unknown key \"%.64s\"; did you mean \"%s\"?", name,
                           meant);
    return config_fail(at, e, "unknown key \"%.64s\"", name);
}

static int wrong_type(const struct config_place *at, const char *name,
                      const char *wanted, const cJSON *node, struct err *e)
{
    return config_fail(at, e, "\"%s\" must be %s, not %s", name, wanted,
                       config_type_found(node));
}

bool config_has_control(const char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7F)
            return true;
    return false;
}

static int read_string(const struct config_place *at,
                       const struct config_key *k, const cJSON *node,
                       char **into, struct err *e)
{
    if (!cJSON_IsString(node))
        return wrong_type(at, k->name, "a string", node, e);
    const char *s = node->valuestring;
    if (k->type == CONFIG_WORD) {
        if (s[0] == '\0')
            return config_fail(at, e, "\"%s\" is empty", k->name);
        if (config_has_control(s))
            return config_fail(at, e, "\"%s\" has a control character",
                               k->name);
    }
    free(*into);
    *into = mem_strdup(s);
    return 0;
}

static int read_strings(const struct config_place *at,
                        const struct config_key *k, const cJSON *node,
                        char ***into, struct err *e)
{
    if (!cJSON_IsArray(node))
        return wrong_type(at, k->name, "a list of strings", node, e);
    const cJSON *item;
    size_t n = 0;
    cJSON_ArrayForEach (item, node) {
        if (!cJSON_IsString(item))
            return config_fail(at, e, "\"%s\"[%zu] must be a string, not %s",
                               k->name, n, config_type_found(item));
        n++;
    }
    if (n == 0)
        return config_fail(at, e, "\"%s\" is empty", k->name);
    char **list = mem_calloc(n + 1, sizeof(*list));
    n = 0;
    cJSON_ArrayForEach (item, node)
        list[n++] = mem_strdup(item->valuestring);
    *into = list;
    return 0;
}

static int read_number(const struct config_place *at,
                       const struct config_key *k, const cJSON *node,
                       void *into, struct err *e)
{
    bool whole = k->type != CONFIG_NUMBER;
    if (!cJSON_IsNumber(node))
        return wrong_type(at, k->name, whole ? "a whole number" : "a number",
                          node, e);
    double v = node->valuedouble;
    if (!(v >= k->min && v <= k->max))
        return config_fail(at, e, "\"%s\" is %.16g, must be from %.16g to "
                           "%.16g", k->name, v, k->min, k->max);
    int64_t n = 0;
    if (whole && !json_is_whole(node, INT64_MIN, INT64_MAX, &n))
        return config_fail(at, e, "\"%s\" is %.16g, must be a whole number",
                           k->name, v);
    if (k->type == CONFIG_NUMBER)
        *(double *)into = v;
    else if (k->type == CONFIG_LONG)
        *(int64_t *)into = n;
    else
        *(int *)into = (int)n;
    return 0;
}

static int read_choice(const struct config_place *at,
                       const struct config_key *k, const cJSON *node,
                       int *into, struct err *e)
{
    struct buf words;
    const char *word;
    buf_init(&words, ERR_TEXT_BYTES);
    for (*into = 0; (word = config_choice(k->type, *into)) != NULL; ++*into) {
        if (cJSON_IsString(node) && strcmp(node->valuestring, word) == 0) {
            buf_free(&words);
            return 0;
        }
        bool last = config_choice(k->type, *into + 1) == NULL;
        buf_addf(&words, "%s\"%s\"", *into == 0 ? "" : last ? " or " : ", ",
                 word);
    }
    config_fail(at, e, "\"%s\" must be %s", k->name, words.data);
    buf_free(&words);
    return -1;
}

static int read_bias(const struct config_place *at, const cJSON *node,
                     struct bias_list *into, struct err *e)
{
    struct err why;
    if (bias_read(node, into, &why) != 0)
        return config_fail(at, e, "%s", why.text);
    return 0;
}

static int read_value(const struct config_place *at,
                      const struct config_key *k, const cJSON *node,
                      void *into, struct err *e)
{
    char *field = (char *)into + k->offset;
    int choice;
    switch (k->type) {
    case CONFIG_STRING:
    case CONFIG_WORD:
        return read_string(at, k, node, (char **)(void *)field, e);
    case CONFIG_STRINGS:
        return read_strings(at, k, node, (char ***)(void *)field, e);
    case CONFIG_NUMBER:
    case CONFIG_WHOLE:
    case CONFIG_LONG:
        return read_number(at, k, node, field, e);
    case CONFIG_BOOL:
    case CONFIG_SWITCH:
        if (!cJSON_IsBool(node))
            return wrong_type(at, k->name, "true or false", node, e);
        if (k->type == CONFIG_BOOL)
            *(bool *)field = cJSON_IsTrue(node);
        else
            *(int *)(void *)field = cJSON_IsTrue(node);
        return 0;
    case CONFIG_BIAS:
        return read_bias(at, node, (struct bias_list *)(void *)field, e);
    case CONFIG_PACE:
        if (read_choice(at, k, node, &choice, e) != 0)
            return -1;
        *(enum pace *)(void *)field = (enum pace)choice;
        return 0;
    case CONFIG_PAIRING:
        if (read_choice(at, k, node, &choice, e) != 0)
            return -1;
        *(enum rating_policy *)(void *)field = (enum rating_policy)choice;
        return 0;
    case CONFIG_OTHER:
        break;
    }
    return 0;
}

int config_read_object(const struct config_place *at, const cJSON *object,
                       const struct config_table *t, void *into, struct err *e)
{
    if (!cJSON_IsObject(object))
        return config_fail(at, e, "must be an object { … }, not %s",
                           config_type_found(object));
    const cJSON *node;
    cJSON_ArrayForEach (node, object) {
        const struct config_key *k = NULL;
        for (size_t i = 0; i < t->n_keys && k == NULL; i++)
            if (strcmp(t->keys[i].name, node->string) == 0)
                k = &t->keys[i];
        if (k == NULL)
            return unknown_key(at, node->string, t, e);
        if (json_get(object, node->string) != node)
            return config_fail(at, e, "\"%s\" stands there twice", k->name);
        if (k->trusted && at->foreign)
            return config_fail(at, e,
                               "\"%s\" is not allowed in a config found in the "
                               "current folder; if you trust it, name it with "
                               "--config", k->name);
        if (read_value(at, k, node, into, e) != 0)
            return -1;
    }
    return 0;
}
