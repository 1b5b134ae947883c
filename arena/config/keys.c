#include "arena/config/keys.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/nearest.h"

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
static const char *key_meant(const char *name, const struct setting_table *t)
{
    struct nearest near;
    nearest_init(&near, name);
    for (size_t i = 0; i < t->n; i++)
        nearest_offer(&near, t->rows[i].key);
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < sizeof(synonyms) / sizeof(synonyms[0]); k++)
            if (strcmp(synonyms[k].name, name) == 0 &&
                strcmp(synonyms[k].ours, t->rows[i].key) == 0)
                return synonyms[k].ours;
    return near.best;
}

static int unknown_key(const struct config_place *at, const char *name,
                       const struct setting_table *t, struct err *e)
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
                       const struct setting *k, const cJSON *node,
                       char **into, struct err *e)
{
    if (!cJSON_IsString(node))
        return wrong_type(at, k->key, "a string", node, e);
    const char *s = node->valuestring;
    if (k->type == SETTING_WORD) {
        if (s[0] == '\0')
            return config_fail(at, e, "\"%s\" is empty", k->key);
        if (config_has_control(s))
            return config_fail(at, e, "\"%s\" has a control character",
                               k->key);
    }
    free(*into);
    *into = mem_strdup(s);
    return 0;
}

static int read_strings(const struct config_place *at,
                        const struct setting *k, const cJSON *node,
                        char ***into, struct err *e)
{
    if (!cJSON_IsArray(node))
        return wrong_type(at, k->key, "a list of strings", node, e);
    const cJSON *item;
    size_t n = 0;
    cJSON_ArrayForEach (item, node) {
        if (!cJSON_IsString(item))
            return config_fail(at, e, "\"%s\"[%zu] must be a string, not %s",
                               k->key, n, config_type_found(item));
        n++;
    }
    if (n == 0)
        return config_fail(at, e, "\"%s\" is empty", k->key);
    char **list = mem_calloc(n + 1, sizeof(*list));
    n = 0;
    cJSON_ArrayForEach (item, node)
        list[n++] = mem_strdup(item->valuestring);
    *into = list;
    return 0;
}

static int read_pairs(const struct config_place *at, const struct setting *k,
                      const cJSON *node, char ***into, struct err *e)
{
    if (!cJSON_IsObject(node))
        return wrong_type(at, k->key, "an object of names and strings", node,
                          e);
    const cJSON *item;
    cJSON_ArrayForEach (item, node) {
        if (!cJSON_IsString(item))
            return config_fail(at, e, "\"%s\": \"%.64s\" must be a string, not "
                               "%s", k->key, item->string,
                               config_type_found(item));
        if (item->string[0] == '\0' || config_has_control(item->string) ||
            config_has_control(item->valuestring))
            return config_fail(at, e, "\"%s\" has an empty name, or a control "
                               "character", k->key);
        if (json_get(node, item->string) != item)
            return config_fail(at, e, "\"%s\" has \"%.64s\" twice", k->key,
                               item->string);
    }
    size_t n = 0;
    char **list = mem_calloc(2 * (size_t)cJSON_GetArraySize(node) + 1,
                             sizeof(*list));
    cJSON_ArrayForEach (item, node) {
        list[n++] = mem_strdup(item->string);
        list[n++] = mem_strdup(item->valuestring);
    }
    *into = list;
    return 0;
}

static int read_number(const struct config_place *at,
                       const struct setting *k, const cJSON *node,
                       void *into, struct err *e)
{
    bool whole = k->type != SETTING_NUMBER;
    if (!cJSON_IsNumber(node))
        return wrong_type(at, k->key, whole ? "a whole number" : "a number",
                          node, e);
    double v = node->valuedouble;
    if (!(v >= k->min && v <= k->max))
        return config_fail(at, e, "\"%s\" is %.16g, must be from %.16g to "
                           "%.16g", k->key, v, k->min, k->max);
    int64_t n = 0;
    if (whole && !json_is_whole(node, INT64_MIN, INT64_MAX, &n))
        return config_fail(at, e, "\"%s\" is %.16g, must be a whole number",
                           k->key, v);
    if (k->type == SETTING_NUMBER)
        *(double *)into = v;
    else if (k->type == SETTING_LONG)
        *(int64_t *)into = n;
    else
        *(int *)into = (int)n;
    return 0;
}

static int read_choice(const struct config_place *at,
                       const struct setting *k, const cJSON *node,
                       int *into, struct err *e)
{
    struct buf words;
    const char *word;
    buf_init(&words, ERR_TEXT_BYTES);
    for (*into = 0; (word = k->word(*into)) != NULL; ++*into) {
        if (cJSON_IsString(node) && strcmp(node->valuestring, word) == 0) {
            buf_free(&words);
            return 0;
        }
        bool last = k->word(*into + 1) == NULL;
        buf_addf(&words, "%s\"%s\"", *into == 0 ? "" : last ? " or " : ", ",
                 word);
    }
    config_fail(at, e, "\"%s\" must be %s", k->key, words.data);
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

static int read_lora(const struct config_place *at, const cJSON *node,
                     struct lora_list *into, struct err *e)
{
    struct err why;
    if (lora_read(node, into, &why) != 0)
        return config_fail(at, e, "%s", why.text);
    return 0;
}

/* Keeps it as the line of JSON that it is. */
static int read_json_object(const struct config_place *at,
                            const struct setting *k, const cJSON *node,
                            char **into, struct err *e)
{
    if (!cJSON_IsObject(node))
        return wrong_type(at, k->key, "an object", node, e);
    char *text = cJSON_PrintUnformatted(node);
    free(*into);
    *into = mem_strdup(text);
    cJSON_free(text);
    return 0;
}

static int read_value(const struct config_place *at, const struct setting *k,
                      const cJSON *node, void *owner, struct err *e)
{
    void *field = setting_field(k, owner);
    switch (k->type) {
    case SETTING_STRING:
    case SETTING_WORD:
        return read_string(at, k, node, field, e);
    case SETTING_STRINGS:
        return read_strings(at, k, node, field, e);
    case SETTING_PAIRS:
        return read_pairs(at, k, node, field, e);
    case SETTING_NUMBER:
    case SETTING_WHOLE:
    case SETTING_LONG:
        return read_number(at, k, node, field, e);
    case SETTING_BOOL:
    case SETTING_SWITCH:
        if (!cJSON_IsBool(node))
            return wrong_type(at, k->key, "true or false", node, e);
        if (k->type == SETTING_BOOL)
            *(bool *)field = cJSON_IsTrue(node);
        else
            *(int *)field = cJSON_IsTrue(node);
        return 0;
    case SETTING_BIAS:
        return read_bias(at, node, field, e);
    case SETTING_LORA:
        return read_lora(at, node, field, e);
    case SETTING_OBJECT:
        return read_json_object(at, k, node, field, e);
    case SETTING_CHOICE:
        return read_choice(at, k, node, field, e);
    case SETTING_OTHER:
        break;
    }
    return 0;
}

void config_mistakes_add(struct config_mistakes *m, const struct err *e)
{
    m->list = mem_realloc(m->list, m->n + 1, sizeof(*m->list));
    m->list[m->n++] = *e;
}

void config_mistakes_free(struct config_mistakes *m)
{
    free(m->list);
    *m = (struct config_mistakes){NULL, 0};
}

bool config_goes_on(const struct config_place *at, const struct err *e)
{
    if (at->mistakes == NULL)
        return false;
    config_mistakes_add(at->mistakes, e);
    return true;
}

static int read_member(const struct config_place *at, const cJSON *object,
                       const cJSON *node, const struct setting_table *t,
                       void *into, struct err *e)
{
    const struct setting *k = setting_find(t, node->string);
    if (k == NULL)
        return unknown_key(at, node->string, t, e);
    if (json_get(object, node->string) != node)
        return config_fail(at, e, "\"%s\" is set twice", k->key);
    if (k->trusted && at->foreign)
        return config_fail(at, e, "\"%s\" is not allowed in a config found in "
                           "the current folder; if you trust it, name it with "
                           "--config", k->key);
    return read_value(at, k, node, into, e);
}

int config_read_object(const struct config_place *at, const cJSON *object,
                       const struct setting_table *t, void *into, struct err *e)
{
    if (!cJSON_IsObject(object))
        return config_fail(at, e, "must be an object { … }, not %s",
                           config_type_found(object));
    const cJSON *node;
    cJSON_ArrayForEach (node, object)
        if (read_member(at, object, node, t, into, e) != 0 &&
            !config_goes_on(at, e))
            return -1;
    return 0;
}
