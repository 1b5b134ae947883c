/* openai: any server that speaks the OpenAI chat completions API.
 *
 * Published at platform.openai.com/docs/api-reference/chat, and spoken, with
 * small differences, by Ollama, llama.cpp's server, vLLM, LM Studio,
 * OpenRouter, Groq, Mistral, DeepSeek, Gemini and others.  What differs is
 * read both ways, or found out by asking: a server that refuses a field's name
 * is asked again without it. */
#include <math.h>
#include <string.h>

#include "backends/remote/remote.h"

#define OPENAI_MAX_DEPTH 4 /* of parts in parts */

enum openai_lacks {
    LACKS_LIMIT = 1,   /* the limit's name: the other one is used */
    LACKS_OPTIONS = 2, /* "stream_options" */
    LACKS_THINK = 4,   /* the field that switches thinking */
    LACKS_CHANCES = 8, /* "logprobs", asked for a person */
};

static const struct remote_lack lack_keys[] = {
    {LACKS_THINK, "think"},
    {0, NULL},
};

/* --- the request ------------------------------------------------------- */

/* OpenAI's newer models refuse "max_tokens", other servers know no other. */
static const char *limit_field(const struct remote *r)
{
    int field = remote_model(r)->limit_field;
    if (field < 0)
        field = LIMIT_MAX_TOKENS;
    if (remote_lacks(r, LACKS_LIMIT))
        field = field == LIMIT_MAX_TOKENS ? LIMIT_MAX_COMPLETION_TOKENS
                                          : LIMIT_MAX_TOKENS;
    return setting_limit_field(field);
}

static int think_field(const struct remote *r)
{
    int field = remote_model(r)->think_field;
    return field < 0 ? THINK_FIELD_TEMPLATE : field;
}

static void add_thinking(const struct remote *r, struct buf *out)
{
    int think = remote_model(r)->think;
    bool is_told = remote_think_effort(r) != NULL &&
                   think_field(r) == THINK_FIELD_EFFORT;
    if (think < 0 || is_told || remote_lacks(r, LACKS_THINK))
        return;
    json_key(out, setting_think_field(think_field(r)));
    buf_add_str(out, setting_think_value(think_field(r), think != 0));
}

static bool asks_chances(const struct remote *r)
{
    return remote_wants_chances(r) && !remote_lacks(r, LACKS_CHANCES);
}

/* What a judge's verdict is to be read from. */
static void add_verdict(const struct remote *r, struct buf *out)
{
    if (remote_logprobs(r) > 0) {
        json_put_bool(out, "logprobs", true);
        json_put_whole(out, "top_logprobs", remote_logprobs(r));
    } else if (asks_chances(r)) {
        json_put_bool(out, "logprobs", true);
    }
    if (remote_schema(r) != NULL) {
        json_key(out, "response_format");
        buf_addf(out, "{\"type\":\"json_schema\",\"json_schema\":{\"name\":"
                 "\"verdict\",\"strict\":true,\"schema\":%s}}",
                 remote_schema(r));
    }
}

static void openai_request(struct remote *r, struct buf *path, struct buf *body)
{
    if (remote_is_listing(r)) {
        buf_add_str(path, "/models");
        return;
    }
    buf_add_str(path, "/chat/completions");
    buf_add_char(body, '{');
    json_put_text(body, "model", remote_model(r)->id);
    remote_add_messages(r, "messages", true, body);
    json_put_bool(body, "stream", true);
    if (!remote_lacks(r, LACKS_OPTIONS))
        buf_add_str(body, ",\"stream_options\":{\"include_usage\":true}");
    if (remote_max_tokens(r) > 0)
        json_put_whole(body, limit_field(r), remote_max_tokens(r));
    remote_add_settings(r, body);
    add_thinking(r, body);
    add_verdict(r, body);
    buf_add_char(body, '}');
}

static unsigned openai_lacks(const struct remote *r, const struct fault *f)
{
    if (!remote_lacks(r, LACKS_LIMIT) && fault_refuses(f, limit_field(r)))
        return LACKS_LIMIT;
    if (fault_refuses(f, "stream_options"))
        return LACKS_OPTIONS;
    if (asks_chances(r) && remote_logprobs(r) == 0 &&
        fault_refuses(f, "logprobs"))
        return LACKS_CHANCES;
    return remote_model(r)->think == 0 &&
                   fault_refuses(f, setting_think_field(think_field(r)))
               ? LACKS_THINK : 0;
}

/* --- the answer -------------------------------------------------------- */

static void read_usage(struct remote *r, const cJSON *usage)
{
    struct remote_usage u;
    remote_usage_init(&u);
    remote_count(usage, "prompt_tokens", &u.n_in);
    remote_count(usage, "completion_tokens", &u.n_out);
    remote_count(json_get(usage, "prompt_tokens_details"), "cached_tokens",
                 &u.n_cached);
    remote_count(usage, "prompt_cache_hit_tokens", &u.n_cached);
    remote_count(json_get(usage, "completion_tokens_details"),
                 "reasoning_tokens", &u.n_think);
    u.cost = json_get_number(usage, "cost", NAN);
    remote_usage(r, &u);
}

/* "reasoning.text", "reasoning_content" and so on. */
static bool is_thinking_part(const cJSON *part)
{
    static const char *const begins[] = {"thinking", "reasoning", "thought"};
    const char *type = json_get_string(part, "type", "");
    for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
        if (strncmp(type, begins[i], strlen(begins[i])) == 0)
            return true;
    return false;
}

/* Text, a part of it, or a list of parts.  Those of Mistral's thinking models
 * hold thinking, which is such a text itself. */
static void read_content(struct remote *r, const cJSON *content,
                         bool is_thinking, int depth)
{
    void (*push)(struct remote *r, const char *text) =
        is_thinking ? remote_thinking : remote_text;
    const cJSON *part;
    if (depth > OPENAI_MAX_DEPTH)
        return;
    if (cJSON_IsString(content))
        push(r, content->valuestring);
    if (cJSON_IsArray(content))
        cJSON_ArrayForEach(part, content)
            read_content(r, part, is_thinking, depth + 1);
    if (!cJSON_IsObject(content))
        return;
    is_thinking = is_thinking || is_thinking_part(content);
    read_content(r, json_get(content, "text"), is_thinking, depth + 1);
    read_content(r, json_get(content, "thinking"), true, depth + 1);
    remote_refusal(r, json_get_string(content, "refusal", NULL));
}

static void read_message(struct remote *r, const cJSON *message)
{
    /* Names for one thing; a server that sends two sends it twice. */
    static const char *const names[] = {"reasoning_content", "reasoning",
                                        "reasoning_details", "thinking"};
    size_t n_before = remote_n_content(r);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (remote_n_content(r) == n_before)
            read_content(r, json_get(message, names[i]), true, 0);
    read_content(r, json_get(message, "content"), false, 0);
    remote_refusal(r, json_get_string(message, "refusal", NULL));
    remote_call(r, json_get(message, "tool_calls"));
    remote_call(r, json_get(message, "function_call"));
}

static const struct remote_reason reasons[] = {
    {"length", FINISH_LENGTH},
    {"max_tokens", FINISH_LENGTH},
    {"model_length", FINISH_LENGTH},
    {"max_output_tokens", FINISH_LENGTH},
    {"model_context_window_exceeded", FINISH_LENGTH}, /* Z.ai */
    {"content_filter", FINISH_FILTER},
    {"content_filtered", FINISH_FILTER},
    {"sensitive", FINISH_FILTER}, /* Z.ai */
    {"safety", FINISH_FILTER},
    {"recitation", FINISH_FILTER},
    {"error", FINISH_ERROR},
    {"insufficient_system_resource", FINISH_ERROR}, /* DeepSeek */
    {"network_error", FINISH_ERROR},                /* Z.ai */
    {"abort", FINISH_ERROR},                        /* vLLM, SGLang */
    {"cancelled", FINISH_ERROR},
    {"timeout", FINISH_ERROR},
    {NULL, FINISH_STOP},
};

/* MiniMax sends all of the answer again behind its stream. */
static bool is_repeated(const struct remote *r, const cJSON *tree)
{
    return remote_has_text(r) && strcmp(json_get_string(tree, "object", ""),
                                        "chat.completion") == 0;
}

/* A chunk of a stream has "delta", a whole answer "message". */
static bool read_choices(struct remote *r, const cJSON *tree)
{
    const cJSON *choices = json_get(tree, "choices"), *choice;
    if (cJSON_IsObject(json_get(tree, "usage")))
        read_usage(r, json_get(tree, "usage"));
    if (!cJSON_IsArray(choices))
        return false;
    cJSON_ArrayForEach(choice, choices) {
        if (json_get_number(choice, "index", 0) != 0)
            continue;
        const cJSON *message = json_get(choice, "delta");
        bool is_chunk = cJSON_IsObject(message);
        if (!is_chunk)
            message = json_get(choice, "message");
        if (is_chunk || !is_repeated(r, tree)) {
            remote_tokens(r, json_get(json_get(choice, "logprobs"), "content"));
            read_message(r, message);
        }
        if (!cJSON_IsObject(message)) /* of the older completions API */
            remote_text(r, json_get_string(choice, "text", NULL));
        remote_finish_by(r, reasons,
                         json_get_string(choice, "finish_reason", NULL));
    }
    return true;
}

static bool openai_event(struct remote *r, const char *name, const char *data,
                         const cJSON *tree)
{
    (void)name;
    (void)data;
    return read_choices(r, tree);
}

/* Together's list is the array alone. */
static bool openai_list(struct remote *r, const cJSON *tree)
{
    return remote_listed_all(r, tree, "id") ||
           remote_listed_all(r, json_get(tree, "data"), "id");
}

/* --- the backend ------------------------------------------------------- */

static const struct dialect dialect_openai = {
    .speaks = "an OpenAI-compatible server",
    .wire = WIRE_OPENAI,
    .base_end = "/v1",
    .done_ends = true,
    .request = openai_request,
    .event = openai_event,
    .whole = read_choices,
    .list = openai_list,
    .lacks = openai_lacks,
    .lack_keys = lack_keys,
};

REMOTE_BACKEND(openai, "any OpenAI-compatible server, by HTTP");
