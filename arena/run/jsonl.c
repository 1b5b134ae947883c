#include "arena/run/jsonl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/run/reference.h"
#include "arena/run/temperature.h"
#include "base/buf.h"
#include "base/extent.h"
#include "base/json.h"
#include "base/mem.h"

#define LINE_MAX_BYTES (16u << 20)

int prompts_read_content(struct prompts_reader *r, const cJSON *content,
                         struct buf *out, struct err *e)
{
    const cJSON *part;
    if (cJSON_IsString(content)) {
        buf_add_str(out, content->valuestring);
        return 0;
    }
    if (!cJSON_IsArray(content))
        return reader_fail(r, e, "a message without text as \"content\"");
    cJSON_ArrayForEach (part, content) {
        const char *text = json_get_string(part, "text", NULL);
        if (text == NULL)
            return reader_fail(r, e, "a message with something other than "
                                "text in it");
        buf_add_str(out, text);
    }
    return 0;
}

/* What an assistant said goes with the turn before it, as an example or as the
 * conversation so far. */
static int take_answer(struct prompts_reader *r, struct prompt *p,
                       const struct buf *text, struct err *e)
{
    bool has_turn = p->n_turns > 0 &&
                    (p->n_given == 0 ||
                     p->given[p->n_given - 1].before < p->n_turns);
    if (!has_turn)
        return reader_fail(r, e, "a message of role \"assistant\" that "
                           "follows no \"user\" message");
    prompt_give_answer(p, text->data, text->len);
    return 0;
}

static int read_message(struct prompts_reader *r, const cJSON *message,
                        struct prompt *p, struct err *e)
{
    struct buf text;
    const char *role = json_get_string(message, "role", "");
    bool begins = p->n_turns == 0 && p->n_given == 0;
    buf_init(&text, LINE_MAX_BYTES);
    int result =
        prompts_read_content(r, json_get(message, "content"), &text, e);
    if (result == 0 && strcmp(role, "user") == 0)
        prompt_add_turn(p, text.data, text.len);
    else if (result == 0 && strcmp(role, "system") == 0 && p->system == NULL &&
             begins)
        p->system = buf_detach(&text);
    else if (result == 0 && strcmp(role, "assistant") == 0)
        result = take_answer(r, p, &text, e);
    else if (result == 0)
        result = reader_fail(r, e, "a message of role \"%.40s\" here; a prompt "
                             "is \"user\" and \"assistant\" messages, after at "
                             "most one \"system\" message", role);
    buf_free(&text);
    return result;
}

/* A conversation that ends with an answer asks nothing; to leave the answer out
 * would be to read less than the file says. */
static int check_end(const struct prompts_reader *r, const struct prompt *p,
                     struct err *e)
{
    if (p->n_given > 0 && p->given[p->n_given - 1].before == p->n_turns)
        return reader_fail(r, e, "the last message is of role \"assistant\"; it "
                           "must be what is asked, of role \"user\"");
    return 0;
}

static int read_messages(struct prompts_reader *r, const cJSON *messages,
                         struct prompt *p, struct err *e)
{
    const cJSON *message;
    if (!cJSON_IsArray(messages))
        return reader_fail(r, e, "\"messages\" is not a list");
    cJSON_ArrayForEach (message, messages)
        if (read_message(r, message, p, e) != 0)
            return -1;
    return check_end(r, p, e);
}

int prompts_read_turns(struct prompts_reader *r, const cJSON *turns,
                       struct prompt *p, struct err *e)
{
    const cJSON *turn;
    if (!cJSON_IsArray(turns))
        return reader_fail(r, e, "\"turns\" is not a list");
    cJSON_ArrayForEach (turn, turns) {
        const char *text = cJSON_IsString(turn)
                               ? turn->valuestring
                               : json_get_string(turn, "content", NULL);
        if (json_get(turn, "role") != NULL) {
            if (read_message(r, turn, p, e) != 0)
                return -1;
            continue;
        }
        if (text == NULL)
            return reader_fail(r, e, "\"turns\" has something other than "
                               "text in it");
        prompt_add_turn(p, text, strlen(text));
    }
    return check_end(r, p, e);
}

/* An instruction or question, and what it is about below it. */
static void read_instruction(const cJSON *object, const char *instruction,
                             struct prompt *p)
{
    static const char *const keys[] = {"input", "context"};
    struct buf text;
    buf_init(&text, LINE_MAX_BYTES);
    buf_add_str(&text, instruction);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *about = json_get_string(object, keys[i], "");
        if (about[0] != '\0')
            buf_addf(&text, "\n\n%s", about);
    }
    prompt_add_turn(p, text.data, text.len);
    buf_free(&text);
}

char *prompts_read_id(const cJSON *object)
{
    static const char *const keys[] = {"question_id", "uid", "id"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const cJSON *node = json_get(object, keys[i]);
        int64_t number;
        char text[32];
        if (cJSON_IsString(node) && node->valuestring[0] != '\0')
            return mem_strdup(node->valuestring);
        if (json_is_whole(node, INT64_MIN, INT64_MAX, &number)) {
            snprintf(text, sizeof(text), "%" PRId64, number);
            return mem_strdup(text);
        }
    }
    return NULL;
}

/* Keys that may hold the words, in the order in which they are looked for, and
 * as they are told to people. */
static const char *const WORD_KEYS[] = {
    "prompt", "turns", "messages", "question", "instruction", "input", "text",
};
#define KEYS "prompt, turns, messages, question, instruction, input or text"

bool prompts_has_words(const cJSON *object)
{
    for (size_t i = 0; i < sizeof(WORD_KEYS) / sizeof(WORD_KEYS[0]); i++)
        if (json_get(object, WORD_KEYS[i]) != NULL)
            return true;
    return false;
}

static int read_words(struct prompts_reader *r, const cJSON *object,
                      struct prompt *p, struct err *e)
{
    static const char *const plain[] = {"input", "text"};
    const cJSON *prompt = json_get(object, "prompt");
    const char *text = json_get_string(object, "prompt", NULL);
    if (cJSON_IsArray(prompt))
        return prompts_read_turns(r, prompt, p, e);
    if (text == NULL && json_get(object, "turns") != NULL)
        return prompts_read_turns(r, json_get(object, "turns"), p, e);
    if (text == NULL && json_get(object, "messages") != NULL)
        return read_messages(r, json_get(object, "messages"), p, e);
    const char *instruction = json_get_string(object, "instruction", NULL);
    const char *question = json_get_string(object, "question", NULL);
    if (text == NULL && (question != NULL || instruction != NULL)) {
        read_instruction(object, question != NULL ? question : instruction, p);
        return 0;
    }
    for (size_t i = 0; text == NULL && i < sizeof(plain) / sizeof(*plain); i++)
        text = json_get_string(object, plain[i], NULL);
    if (text == NULL)
        return reader_fail(r, e, "no prompt in it; looked for the keys " KEYS);
    prompt_add_turn(p, text, strlen(text));
    return 0;
}

/* A text or nothing under a key: else what is there would not be asked. */
static int check_text(struct prompts_reader *r, const cJSON *object,
                      const char *key, struct err *e)
{
    const cJSON *node = json_get(object, key);
    if (node == NULL || cJSON_IsNull(node) || cJSON_IsString(node))
        return 0;
    return reader_fail(r, e, "the \"%s\" is not text", key);
}

/* What can be chosen from, as tests of knowledge have it beside the question:
 * texts, or {"text": [texts]}. */
static int check_choices(struct prompts_reader *r, const cJSON *object,
                         struct err *e)
{
    static const char *const keys[] = {"choices", "options"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const cJSON *node = json_get(object, keys[i]);
        const cJSON *list =
            cJSON_IsObject(node) ? json_get(node, "text") : node;
        if (cJSON_IsArray(list) && cJSON_IsString(cJSON_GetArrayItem(list, 0)))
            return reader_fail(r, e, "\"%s\" beside the prompt would not be "
                               "asked; write them into it", keys[i]);
    }
    return 0;
}

int prompts_read_question(struct prompts_reader *r, const cJSON *object,
                          struct prompt *p, struct err *e)
{
    const char *system = json_get_string(
        object, "system", json_get_string(object, "system_prompt", NULL));
    if (check_text(r, object, "system", e) != 0 ||
        check_text(r, object, "system_prompt", e) != 0 ||
        check_choices(r, object, e) != 0 || read_words(r, object, p, e) != 0)
        return -1;
    if (p->system == NULL && system != NULL && system[0] != '\0')
        p->system = mem_strdup(system);
    return 0;
}

/* The category, which may be a number, or NULL with e. */
static char *read_category(const struct prompts_reader *r, const cJSON *object,
                           struct err *e)
{
    const cJSON *node = json_get(object, "category");
    struct buf text;
    buf_init(&text, 64);
    if (node == NULL || cJSON_IsNull(node))
        return mem_strdup("");
    if (cJSON_IsString(node))
        return mem_strdup(node->valuestring);
    if (!cJSON_IsNumber(node)) {
        reader_fail(r, e, "\"category\" is not text");
        return NULL;
    }
    json_add_number(&text, node->valuedouble);
    return buf_detach(&text);
}

static int read_temperature(const struct prompts_reader *r,
                            const cJSON *object, struct prompt *p,
                            struct err *e)
{
    if (!temperature_read(object, p))
        return reader_fail(r, e, "\"required_temperature\" is not a number "
                           "within 0 to 2");
    r->out->n_tempered += p->has_temperature;
    return 0;
}

/* The head of a set of prompts: what it is for. */
static bool is_purpose(const struct prompts_reader *r, const cJSON *object)
{
    return r->out->n == 0 && r->out->purpose == NULL &&
           cJSON_IsString(json_get(object, "purpose")) &&
           object->child->next == NULL;
}

static int read_object(struct prompts_reader *r, const cJSON *object,
                       struct err *e)
{
    if (cJSON_IsString(object) && r->taker == NULL) {
        struct prompt p = {0};
        prompt_add_turn(&p, object->valuestring, strlen(object->valuestring));
        return reader_add(r, &p, e);
    }
    if (!cJSON_IsObject(object))
        return reader_fail(r, e, "not an object { … }");
    if (r->taker != NULL)
        return r->taker->object(r->taker->arg, r, object, e);
    if (is_purpose(r, object)) {
        r->out->purpose = mem_strdup(json_get_string(object, "purpose", ""));
        return 0;
    }
    struct prompt p = {.category = read_category(r, object, e)};
    if (p.category == NULL)
        return -1;
    const char *pair = json_get_string(object, "pair", NULL);
    if (prompts_read_question(r, object, &p, e) != 0 ||
        prompts_read_reference(r, object, &p, e) != 0 ||
        read_temperature(r, object, &p, e) != 0) {
        prompt_free(&p);
        return -1;
    }
    p.pair = pair != NULL ? mem_strdup(pair) : NULL;
    p.id = prompts_read_id(object);
    return reader_add(r, &p, e);
}

/* Reads an object of s[0..n), which begins at r->line. */
static int read_value(struct prompts_reader *r, const char *s, size_t n,
                      struct err *e)
{
    struct err found;
    if (n > LINE_MAX_BYTES)
        return reader_fail(r, e, "an object of more than %u MB",
                           LINE_MAX_BYTES >> 20);
    cJSON *object = json_parse_python(s, n, LINE_MAX_BYTES, "", &found);
    if (object == NULL) { /* found is ":LINE:COLUMN: text", from s on */
        char *rest;
        unsigned long line = strtoul(found.text + 1, &rest, 10);
        return err_set(e, ERR_FORMAT, "%s:%zu%s", r->name,
                       r->line + (size_t)line - 1, rest);
    }
    int result = read_object(r, object, e);
    cJSON_Delete(object);
    return result;
}

static int read_list(struct prompts_reader *r, const char *s, size_t n,
                     struct err *e)
{
    cJSON *list = json_parse_python(s, n, PROMPTS_MAX_BYTES, r->name, e);
    const cJSON *object;
    int result = list ? 0 : -1;
    r->in_list = true;
    r->line = 0;
    cJSON_ArrayForEach (object, list) {
        r->line++;
        if (result == 0)
            result = read_object(r, object, e);
    }
    cJSON_Delete(list);
    return result;
}

/* Moves behind blanks, counting lines. */
static const char *skip_blanks(struct prompts_reader *r, const char *s,
                               const char *end)
{
    for (; s < end && strchr(" \t\r\n", *s) != NULL; s++)
        r->line += *s == '\n';
    return s;
}

/* How much of s[0..n) to read as one value: up to its end, or, if that is not
 * found, up to the end of the line that shows it to be no JSON. */
static size_t value_length(const char *s, size_t n)
{
    struct extent x = {0};
    if (extent_find(&x, s, n) == EXTENT_WHOLE)
        return x.at;
    const char *end = memchr(s + x.at, '\n', n - x.at);
    return end == NULL ? n : (size_t)(end - s);
}

int prompts_read_jsonl(struct prompts_reader *r, const char *s, size_t n,
                       struct err *e)
{
    const char *end = s + n, *first = s;
    r->line = 1;
    s = skip_blanks(r, s, end);
    if (s < end && *s == '[')
        return read_list(r, first, n, e);
    while (s < end) {
        size_t length = value_length(s, (size_t)(end - s));
        if (read_value(r, s, length, e) != 0)
            return -1;
        for (const char *p = s; p < s + length; p++)
            r->line += *p == '\n';
        s = skip_blanks(r, s + length, end);
    }
    return 0;
}

bool prompts_is_json(const char *s, size_t n)
{
    struct err e;
    const char *end = s + n;
    while (s < end && strchr(" \t\r\n", *s) != NULL)
        s++;
    size_t length = value_length(s, (size_t)(end - s));
    cJSON *value = json_parse_python(s, length, n, "", &e);
    cJSON_Delete(value);
    for (s += length; s < end && (*s == ' ' || *s == '\t'); s++)
        continue;
    return value != NULL && (s == end || strchr("\r\n{", *s) != NULL);
}
