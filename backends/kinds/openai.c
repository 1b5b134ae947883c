/* openai: any server that speaks the OpenAI chat completions API.
 *
 * Published at platform.openai.com/docs/api-reference/chat, and spoken, with
 * small differences, by Ollama, llama.cpp's server, vLLM, LM Studio,
 * OpenRouter, Groq, Mistral, DeepSeek, Gemini and others.  What differs is
 * read both ways, or found out by asking: a server that refuses a field's name
 * is asked again without it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/remote/remote.h"
#include "base/mem.h"

enum openai_quirks {
    OTHER_LIMIT = 1, /* the limit's other name: see limit_name */
    NO_OPTIONS = 2,  /* the server knows no "stream_options" */
};

/* --- the request ------------------------------------------------------- */

/* OpenAI's newer models refuse "max_tokens", other servers know no other. */
static const char *limit_name(const struct remote *r)
{
    int field = r->setup->model.limit_field;
    if (field < 0)
        field = LIMIT_MAX_TOKENS;
    if (r->setup->quirks & OTHER_LIMIT)
        field = field == LIMIT_MAX_TOKENS ? LIMIT_MAX_COMPLETION_TOKENS
                                          : LIMIT_MAX_TOKENS;
    return setting_limit_field(field);
}

static void add_messages(const struct remote *r, struct buf *out)
{
    buf_add_str(out, ",\"messages\":[");
    for (size_t i = 0; i < r->n_messages; i++) {
        const struct message *m = &r->messages[i];
        buf_add_str(out, i > 0 ? ",{\"role\":" : "{\"role\":");
        json_add_string(out, m->role, strlen(m->role));
        buf_add_str(out, ",\"content\":");
        json_add_string(out, m->content, strlen(m->content));
        buf_add_char(out, '}');
    }
    buf_add_char(out, ']');
}

/* One setting under each of its names. */
static void add_setting(const struct setting *s, const struct model *m,
                        struct buf *out)
{
    for (const char *name = s->wire[WIRE_OPENAI]; *name != '\0';) {
        size_t n = strcspn(name, " ");
        buf_addf(out, ",\"%.*s\":", (int)n, name);
        setting_add_json(s, m, out);
        name += n + strspn(name + n, " ");
    }
}

/* Only what the config has set: the server's own defaults hold for the rest. */
static void add_settings(const struct model *m, struct buf *out)
{
    for (size_t i = 0; i < model_settings.n; i++) {
        const struct setting *s = &model_settings.rows[i];
        if (s->wire[WIRE_OPENAI] != NULL && setting_is_set(s, m))
            add_setting(s, m, out);
    }
}

/* By think_field: what switches thinking off, and on. */
static const char *const think_values[][2] = {
    [THINK_FIELD_TEMPLATE] = {"{\"enable_thinking\":false}",
                              "{\"enable_thinking\":true}"},
    [THINK_FIELD_EFFORT] = {"\"none\"", "\"medium\""},
    [THINK_FIELD_REASONING] = {"{\"enabled\":false}", "{\"enabled\":true}"},
};

static void add_thinking(const struct model *m, struct buf *out)
{
    int field = m->think_field < 0 ? THINK_FIELD_TEMPLATE : m->think_field;
    if (m->think >= 0)
        buf_addf(out, ",\"%s\":%s", setting_think_field(field),
                 think_values[field][m->think]);
}

static void openai_request(struct remote *r, struct buf *path, struct buf *body)
{
    const struct model *m = &r->setup->model;
    if (r->setup->key != NULL)
        remote_header(r, "Authorization: Bearer %s", r->setup->key);
    if (r->listing) {
        buf_add_str(path, "/models");
        return;
    }
    buf_add_str(path, "/chat/completions");
    remote_header(r, "Content-Type: application/json");
    remote_header(r, "Accept: text/event-stream");
    buf_add_str(body, "{\"model\":");
    json_add_string(body, m->id, strlen(m->id));
    add_messages(r, body);
    buf_add_str(body, ",\"stream\":true");
    if (!(r->setup->quirks & NO_OPTIONS))
        buf_add_str(body, ",\"stream_options\":{\"include_usage\":true}");
    if (r->max_tokens > 0)
        buf_addf(body, ",\"%s\":%d", limit_name(r), r->max_tokens);
    add_settings(m, body);
    add_thinking(m, body);
    buf_add_char(body, '}');
}

/* Whether the fault is about a field as such, and not about its value. */
static bool is_unknown(const struct fault *f, const char *field)
{
    static const char *const signs[] = {
        "unsupported", "not supported", "unrecognized", "unknown", "extra",
        "not permitted", "not allowed", "unexpected",
    };
    if (!fault_mentions(f, field))
        return false;
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (fault_mentions(f, signs[i]))
            return true;
    return false;
}

static bool openai_adapt(struct remote *r, const struct fault *f)
{
    unsigned quirk = 0;
    if (is_unknown(f, limit_name(r)))
        quirk = OTHER_LIMIT;
    else if (is_unknown(f, "stream_options"))
        quirk = NO_OPTIONS;
    if (quirk == 0 || (r->setup->quirks & quirk))
        return false;
    r->setup->quirks |= quirk;
    return true;
}

/* --- the answer -------------------------------------------------------- */

static void read_usage(struct remote *r, const cJSON *usage)
{
    const struct {
        const cJSON *node;
        int64_t *to;
    } counts[] = {
        {json_get(usage, "prompt_tokens"), &r->end.n_in},
        {json_get(usage, "completion_tokens"), &r->end.n_out},
        {json_get(json_get(usage, "completion_tokens_details"),
                  "reasoning_tokens"), &r->end.n_think},
    };
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        json_is_whole(counts[i].node, 0, INT64_C(1) << 40, counts[i].to);
    double cost = json_get_number(usage, "cost", NAN);
    if (cost >= 0)
        r->end.cost = cost;
}

/* Text, or a list of parts (Mistral's thinking models). */
static void read_content(struct remote *r, const cJSON *content)
{
    if (cJSON_IsString(content))
        remote_text(r, content->valuestring);
    const cJSON *part, *inner;
    if (!cJSON_IsArray(content))
        return;
    cJSON_ArrayForEach(part, content) {
        remote_text(r, json_get_string(part, "text", NULL));
        const cJSON *thinking = json_get(part, "thinking");
        if (cJSON_IsString(thinking))
            remote_thinking(r, thinking->valuestring);
        if (cJSON_IsArray(thinking))
            cJSON_ArrayForEach(inner, thinking)
                remote_thinking(r, json_get_string(inner, "text", NULL));
    }
}

static void read_message(struct remote *r, const cJSON *message)
{
    /* Two names for one thing; a server that sends both sends it twice. */
    const char *thinking = json_get_string(message, "reasoning_content", "");
    if (thinking[0] == '\0')
        thinking = json_get_string(message, "reasoning", NULL);
    remote_thinking(r, thinking);
    read_content(r, json_get(message, "content"));
    const char *refusal = json_get_string(message, "refusal", "");
    if (refusal[0] != '\0')
        r->has_refusal = true;
    remote_text(r, refusal);
}

static void read_finish(struct remote *r, const char *reason)
{
    struct fault f = {.message = "", .retry_ms = -1};
    if (strcmp(reason, "error") == 0 ||
        strcmp(reason, "insufficient_system_resource") == 0) {
        memcpy(f.type, reason, strlen(reason));
        remote_fault(r, &f);
    } else if (strcmp(reason, "length") == 0) {
        remote_finish(r, FINISH_LENGTH);
    } else if (strcmp(reason, "content_filter") == 0 || r->has_refusal) {
        remote_finish(r, FINISH_FILTER);
    } else {
        remote_finish(r, FINISH_STOP);
    }
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
        read_message(r, message ? message : json_get(choice, "message"));
        const char *reason = json_get_string(choice, "finish_reason", "");
        if (reason[0] != '\0')
            read_finish(r, reason);
    }
    return true;
}

static bool openai_event(struct remote *r, const char *name, const char *data,
                         const cJSON *tree)
{
    (void)name;
    if (strcmp(data, "[DONE]") == 0) {
        remote_finish(r, r->has_refusal ? FINISH_FILTER : FINISH_STOP);
        r->is_over = true;
        return true;
    }
    if (tree == NULL)
        return r->has_end; /* a broken tail harms nothing any more */
    read_choices(r, tree); /* what has none is a ping or the like */
    return true;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool read_list(struct remote *r, const cJSON *tree)
{
    const cJSON *data = json_get(tree, "data"), *model;
    if (!cJSON_IsArray(data))
        return false;
    size_t n = 0;
    const char **ids = mem_calloc((size_t)cJSON_GetArraySize(data) + 1,
                                  sizeof(*ids));
    cJSON_ArrayForEach(model, data)
        if (json_get_string(model, "id", NULL) != NULL)
            ids[n++] = json_get_string(model, "id", NULL);
    qsort(ids, n, sizeof(*ids), by_text);
    for (size_t i = 0; i < n; i++) {
        remote_text(r, ids[i]);
        remote_text(r, "\n");
    }
    free(ids);
    remote_finish(r, FINISH_STOP);
    return true;
}

static bool openai_whole(struct remote *r, const cJSON *tree)
{
    if (r->listing)
        return read_list(r, tree);
    return read_choices(r, tree) && (r->has_end || r->has_fault);
}

/* --- the backend ------------------------------------------------------- */

static const struct dialect dialect_openai = {
    .speaks = "an OpenAI-compatible server",
    .request = openai_request,
    .event = openai_event,
    .whole = openai_whole,
    .adapt = openai_adapt,
};

struct backend {
    struct remote_setup *setup;
};

static int openai_open(struct backend **out, const struct model *m,
                       struct backend_env *env, struct err *e)
{
    struct remote_setup *setup;
    if (remote_open(&setup, &dialect_openai, m, env, e) != 0)
        return -1;
    *out = mem_calloc(1, sizeof(**out));
    (*out)->setup = setup;
    return 0;
}

static int openai_start(struct backend *b, const struct request *rq,
                        struct stream *s, struct err *e)
{
    const char *id = b->setup->model.id;
    if (id == NULL || id[0] == '\0') /* to list, none is needed */
        return err_set(e, ERR_CONFIG, "no \"id\": the server's name of the "
                                      "model; \"arena models list\" asks it");
    return remote_start(b->setup, rq, s, e);
}

static int openai_list(struct backend *b, struct stream *s, struct err *e)
{
    return remote_list(b->setup, s, e);
}

static void openai_close(struct backend *b)
{
    remote_close(b->setup);
    free(b);
}

const struct backend_ops backend_openai = {
    .name = "openai",
    .summary = "any OpenAI-compatible server, by HTTP",
    .needs = "id",
    .open = openai_open,
    .start = openai_start,
    .list = openai_list,
    .close = openai_close,
};
