#include "backends/settings.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

#define SETTING_MAX_CELLS 24 /* of a text, in a line for people */

const struct setting *setting_find(const struct setting_table *t,
                                   const char *key)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->rows[i].key, key) == 0)
            return &t->rows[i];
    return NULL;
}

void *setting_field(const struct setting *s, void *owner)
{
    return (char *)owner + s->offset;
}

const void *setting_value(const struct setting *s, const void *owner)
{
    return (const char *)owner + s->offset;
}

void setting_unset(const struct setting *s, void *owner)
{
    void *field = setting_field(s, owner);
    switch (s->type) {
    case SETTING_STRING:
    case SETTING_WORD:
    case SETTING_OBJECT:
        *(char **)field = NULL;
        break;
    case SETTING_STRINGS:
    case SETTING_PAIRS:
        *(char ***)field = NULL;
        break;
    case SETTING_NUMBER:
        *(double *)field = NAN;
        break;
    case SETTING_WHOLE:
    case SETTING_SWITCH:
    case SETTING_CHOICE:
        *(int *)field = -1;
        break;
    case SETTING_LONG:
        *(int64_t *)field = -1;
        break;
    case SETTING_BOOL:
        *(bool *)field = false;
        break;
    case SETTING_BIAS:
        *(struct bias_list *)field = (struct bias_list){0};
        break;
    case SETTING_LORA:
        *(struct lora_list *)field = (struct lora_list){0};
        break;
    case SETTING_OTHER:
        break;
    }
}

bool setting_is_set(const struct setting *s, const void *owner)
{
    const void *field = setting_value(s, owner);
    switch (s->type) {
    case SETTING_STRING:
    case SETTING_WORD:
    case SETTING_OBJECT:
        return *(char *const *)field != NULL;
    case SETTING_STRINGS:
    case SETTING_PAIRS:
        return *(char **const *)field != NULL;
    case SETTING_NUMBER:
        return !isnan(*(const double *)field);
    case SETTING_WHOLE:
    case SETTING_SWITCH:
    case SETTING_CHOICE:
        return *(const int *)field != -1;
    case SETTING_LONG:
        return *(const int64_t *)field != -1;
    case SETTING_BOOL:
        return *(const bool *)field;
    case SETTING_BIAS:
        return ((const struct bias_list *)field)->n > 0;
    case SETTING_LORA:
        return ((const struct lora_list *)field)->n > 0;
    case SETTING_OTHER:
        break;
    }
    return false;
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

void setting_free(const struct setting *s, void *owner)
{
    void *field = setting_field(s, owner);
    if (s->type == SETTING_STRING || s->type == SETTING_WORD ||
        s->type == SETTING_OBJECT)
        free(*(char **)field);
    else if (s->type == SETTING_STRINGS || s->type == SETTING_PAIRS)
        list_free(*(char ***)field);
    else if (s->type == SETTING_BIAS)
        bias_free(field);
    else if (s->type == SETTING_LORA)
        lora_free(field);
    setting_unset(s, owner);
}

static void copy_value(enum setting_type type, void *into, const void *field)
{
    switch (type) {
    case SETTING_STRING:
    case SETTING_WORD:
    case SETTING_OBJECT:
        *(char **)into = mem_strdup(*(char *const *)field);
        break;
    case SETTING_STRINGS:
    case SETTING_PAIRS:
        *(char ***)into = list_copy(*(char **const *)field);
        break;
    case SETTING_NUMBER:
        *(double *)into = *(const double *)field;
        break;
    case SETTING_WHOLE:
    case SETTING_SWITCH:
    case SETTING_CHOICE:
        *(int *)into = *(const int *)field;
        break;
    case SETTING_LONG:
        *(int64_t *)into = *(const int64_t *)field;
        break;
    case SETTING_BOOL:
        *(bool *)into = *(const bool *)field;
        break;
    case SETTING_BIAS:
        *(struct bias_list *)into = bias_copy(field);
        break;
    case SETTING_LORA:
        *(struct lora_list *)into = lora_copy(field);
        break;
    case SETTING_OTHER:
        break;
    }
}

void setting_copy(const struct setting *s, void *to, const void *from)
{
    copy_value(s->type, setting_field(s, to), setting_value(s, from));
}

void setting_inherit(const struct setting *s, void *to,
                     const struct setting *s_from, const void *from)
{
    assert(s->type == s_from->type);
    if (!setting_is_set(s, to) && setting_is_set(s_from, from))
        copy_value(s->type, setting_field(s, to), setting_value(s_from, from));
}

static void add_strings(char *const *list, struct buf *out)
{
    for (size_t i = 0; list[i] != NULL; i++) {
        buf_add_char(out, i == 0 ? '[' : ',');
        json_add_string(out, list[i], strlen(list[i]));
    }
    buf_add_char(out, ']');
}

static void add_pairs(char *const *pairs, struct buf *out)
{
    for (size_t i = 0; pairs[i] != NULL; i++) {
        buf_add_str(out, i == 0 ? "{" : i % 2 ? ":" : ",");
        json_add_string(out, pairs[i], strlen(pairs[i]));
    }
    buf_add_char(out, '}');
}

void setting_add_json(const struct setting *s, const void *owner,
                      struct buf *out)
{
    const void *field = setting_value(s, owner);
    const char *text;
    switch (s->type) {
    case SETTING_STRING:
    case SETTING_WORD:
        text = *(char *const *)field;
        json_add_string(out, text, strlen(text));
        break;
    case SETTING_STRINGS:
        add_strings(*(char **const *)field, out);
        break;
    case SETTING_PAIRS:
        add_pairs(*(char **const *)field, out);
        break;
    case SETTING_NUMBER:
        json_add_number(out, *(const double *)field);
        break;
    case SETTING_WHOLE:
        buf_addf(out, "%d", *(const int *)field);
        break;
    case SETTING_CHOICE:
        buf_addf(out, "\"%s\"", s->word(*(const int *)field));
        break;
    case SETTING_LONG:
        buf_addf(out, "%" PRIi64, *(const int64_t *)field);
        break;
    case SETTING_BOOL:
        buf_add_str(out, *(const bool *)field ? "true" : "false");
        break;
    case SETTING_SWITCH:
        buf_add_str(out, *(const int *)field ? "true" : "false");
        break;
    case SETTING_BIAS:
        bias_add_json(field, out);
        break;
    case SETTING_LORA:
        lora_add_json(field, out);
        break;
    case SETTING_OBJECT:
        buf_add_str(out, *(char *const *)field);
        break;
    case SETTING_OTHER:
        break;
    }
}

void setting_say(const struct setting *s, const void *owner, struct buf *out)
{
    const void *field = setting_value(s, owner);
    if (s->type == SETTING_STRING || s->type == SETTING_WORD) {
        const char *text = *(char *const *)field;
        bool cut = strlen(text) > SETTING_MAX_CELLS;
        buf_addf(out, "%s \"%.*s%s\"", s->key,
                 cut ? SETTING_MAX_CELLS : (int)strlen(text), text,
                 cut ? "..." : "");
    } else if (s->type == SETTING_BOOL) {
        buf_add_str(out, s->key);
    } else if (s->type == SETTING_SWITCH) {
        buf_addf(out, "%s %s", s->key, *(const int *)field ? "on" : "off");
    } else if (s->type == SETTING_BIAS) {
        buf_addf(out, "%s of %zu", s->key,
                 ((const struct bias_list *)field)->n);
    } else if (s->type == SETTING_NUMBER) {
        buf_addf(out, "%s %g", s->key, *(const double *)field);
    } else {
        buf_addf(out, "%s ", s->key);
        setting_add_json(s, owner, out);
    }
}

bool setting_next_word(const char **list, char word[64])
{
    size_t n = strcspn(*list, " ");
    if (n == 0)
        return false;
    assert(n < 64);
    memcpy(word, *list, n);
    word[n] = '\0';
    *list += n + strspn(*list + n, " ");
    return true;
}

bool setting_has_word(const char *list, const char *s, size_t n)
{
    char word[64];
    while (setting_next_word(&list, word))
        if (strlen(word) == n && memcmp(word, s, n) == 0)
            return true;
    return false;
}

bool setting_can_be_sent(const struct setting *s, enum wire wire)
{
    if (s->wire[wire] != NULL)
        return true;
    for (int i = 0; i < N_WIRES; i++)
        if (s->wire[i] != NULL)
            return false;
    return s->fits == NULL || setting_has_word(s->fits, "remote", 6);
}

static const char *word_of(const char *const *words, size_t n, int k)
{
    return k >= 0 && (size_t)k < n ? words[k] : NULL;
}

const char *setting_limit_field(int k)
{
    static const char *const words[] = {
        [LIMIT_MAX_TOKENS] = "max_tokens",
        [LIMIT_MAX_COMPLETION_TOKENS] = "max_completion_tokens",
    };
    return word_of(words, sizeof(words) / sizeof(words[0]), k);
}

const char *setting_exec_input(int k)
{
    static const char *const words[] = {[EXEC_INPUT_JSON] = "json",
                                        [EXEC_INPUT_TEXT] = "text"};
    return word_of(words, sizeof(words) / sizeof(words[0]), k);
}

const char *setting_exec_output(int k)
{
    static const char *const words[] = {[EXEC_OUTPUT_TEXT] = "text",
                                        [EXEC_OUTPUT_JSON] = "json"};
    return word_of(words, sizeof(words) / sizeof(words[0]), k);
}

const char *setting_kv(int k)
{
    static const char *const words[] = {[KV_F16] = "f16", [KV_Q8] = "q8"};
    return word_of(words, sizeof(words) / sizeof(words[0]), k);
}

const char *setting_think_field(int k)
{
#define THINK_WORD(name, field, off, on) field,
    static const char *const words[] = {THINK_FIELDS(THINK_WORD)};
#undef THINK_WORD
    return word_of(words, sizeof(words) / sizeof(words[0]), k);
}

const char *setting_think_value(int k, bool on)
{
#define THINK_VALUES(name, field, off, on) {off, on},
    static const char *const values[][2] = {THINK_FIELDS(THINK_VALUES)};
#undef THINK_VALUES
    return values[k][on];
}
