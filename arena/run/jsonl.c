/* Prompts as JSON objects: MT-bench's and arena-hard's question files,
 * alpaca_eval's lists, chat data with messages. */
#include "arena/run/jsonl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arena/run/reference.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

#define LINE_MAX_BYTES (16u << 20)

/* A message's words: a string, or a list of {"type": "text", "text": …}. */
static int read_content(struct prompts_reader *r, const cJSON *content,
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

static int read_message(struct prompts_reader *r, const cJSON *message,
                        struct prompt *p, struct err *e)
{
    struct buf text;
    const char *role = json_get_string(message, "role", "");
    buf_init(&text, LINE_MAX_BYTES);
    int result = read_content(r, json_get(message, "content"), &text, e);
    if (result == 0 && strcmp(role, "user") == 0)
        prompt_add_turn(p, text.data, text.len);
    else if (result == 0 && strcmp(role, "system") == 0 && p->system == NULL &&
             p->n_turns == 0)
        p->system = buf_detach(&text);
    else if (result == 0 && strcmp(role, "assistant") != 0)
        result = reader_fail(r, e, "a message of role \"%.40s\" here; a prompt "
                              "is \"user\" messages, after at most one "
                              "\"system\" message", role);
    buf_free(&text);
    return result;
}

static int read_messages(struct prompts_reader *r, const cJSON *messages,
                         struct prompt *p, struct err *e)
{
    const cJSON *message;
    if (!cJSON_IsArray(messages))
        return reader_fail(r, e, "\"messages\" is no list");
    cJSON_ArrayForEach (message, messages)
        if (read_message(r, message, p, e) != 0)
            return -1;
    return 0;
}

static int read_turns(struct prompts_reader *r, const cJSON *turns,
                      struct prompt *p, struct err *e)
{
    const cJSON *turn;
    if (!cJSON_IsArray(turns))
        return reader_fail(r, e, "\"turns\" is no list");
    cJSON_ArrayForEach (turn, turns) {
        if (!cJSON_IsString(turn))
            return reader_fail(r, e, "\"turns\" has something other than "
                                "text in it");
        prompt_add_turn(p, turn->valuestring, strlen(turn->valuestring));
    }
    return 0;
}

/* An instruction, and what it is to be applied to below it. */
static void read_instruction(const cJSON *object, const char *instruction,
                             struct prompt *p)
{
    struct buf text;
    const char *input = json_get_string(object, "input", "");
    buf_init(&text, LINE_MAX_BYTES);
    buf_add_str(&text, instruction);
    if (input[0] != '\0')
        buf_addf(&text, "\n\n%s", input);
    prompt_add_turn(p, text.data, text.len);
    buf_free(&text);
}

/* An id is text or a whole number. */
static char *read_id(const cJSON *object)
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

static int read_words(struct prompts_reader *r, const cJSON *object,
                      struct prompt *p, struct err *e)
{
    const cJSON *prompt = json_get(object, "prompt");
    const cJSON *turns = json_get(object, "turns");
    const cJSON *messages = json_get(object, "messages");
    const char *instruction = json_get_string(object, "instruction", NULL);
    if (cJSON_IsString(prompt)) {
        prompt_add_turn(p, prompt->valuestring, strlen(prompt->valuestring));
        return 0;
    }
    if (cJSON_IsArray(prompt))
        return read_messages(r, prompt, p, e);
    if (turns != NULL)
        return read_turns(r, turns, p, e);
    if (messages != NULL)
        return read_messages(r, messages, p, e);
    if (instruction == NULL)
        return reader_fail(r, e, "no \"prompt\", \"turns\", \"messages\" or "
                            "\"instruction\" in it");
    read_instruction(object, instruction, p);
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
    if (!cJSON_IsObject(object))
        return reader_fail(r, e, "not an object { … }");
    if (is_purpose(r, object)) {
        r->out->purpose = mem_strdup(json_get_string(object, "purpose", ""));
        return 0;
    }
    struct prompt p = {.category = mem_strdup(
                           json_get_string(object, "category", ""))};
    const char *system = json_get_string(object, "system", NULL);
    const char *pair = json_get_string(object, "pair", NULL);
    if (read_words(r, object, &p, e) != 0 ||
        prompts_read_reference(r, object, &p, e) != 0) {
        prompt_free(&p);
        return -1;
    }
    if (p.system == NULL && system != NULL && system[0] != '\0')
        p.system = mem_strdup(system);
    p.pair = pair != NULL ? mem_strdup(pair) : NULL;
    p.id = read_id(object);
    return reader_add(r, &p, e);
}

static int read_line(struct prompts_reader *r, const char *s, size_t n,
                     struct err *e)
{
    struct err found;
    if (n > LINE_MAX_BYTES)
        return reader_fail(r, e, "a line of more than %u MB",
                            LINE_MAX_BYTES >> 20);
    cJSON *object = json_parse(s, n, LINE_MAX_BYTES, "", &found);
    if (object == NULL) /* found is ":1:COLUMN: text" */
        return err_set(e, ERR_FORMAT, "%s:%zu:%s", r->name, r->line,
                       found.text + strlen(":1:"));
    int result = read_object(r, object, e);
    cJSON_Delete(object);
    return result;
}

static int read_list(struct prompts_reader *r, const char *s, size_t n,
                     struct err *e)
{
    cJSON *list = json_parse(s, n, PROMPTS_MAX_BYTES, r->name, e);
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

static const char *skip_blanks(const char *s, const char *end)
{
    while (s < end && strchr(" \t\r\n", *s) != NULL)
        s++;
    return s;
}

int prompts_read_jsonl(struct prompts_reader *r, const char *s, size_t n,
                       struct err *e)
{
    const char *end = s + n;
    const char *first = skip_blanks(s, end);
    if (first < end && *first == '[')
        return read_list(r, s, n, e);
    for (r->line = 1; s < end; r->line++) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        const char *stop = newline ? newline : end;
        if (skip_blanks(s, stop) < stop &&
            read_line(r, s, (size_t)(stop - s), e) != 0)
            return -1;
        s = newline ? newline + 1 : end;
    }
    return 0;
}
