/* responses: OpenAI's Responses API, for models that speak nothing else.
 *
 * Published at platform.openai.com/docs/api-reference/responses.  Every event
 * names its type; an answer ends with "response.completed", "incomplete" or
 * "failed", which carry the whole response once more, with its usage.  The
 * server is asked not to keep what was said. */
#include <string.h>

#include "backends/remote/remote.h"

enum responses_lacks {
    LACKS_LIMIT = 1, /* "max_output_tokens" */
    LACKS_STORE = 2, /* the wish that nothing is kept */
    LACKS_THINK = 4, /* switching thinking on or off */
    LACKS_EFFORT = 8,
};

static const struct remote_lack lack_keys[] = {
    {LACKS_LIMIT, "max_tokens"},
    {LACKS_THINK, "think"},
    {LACKS_EFFORT, "think_effort"},
    {0, NULL},
};

/* --- the request ------------------------------------------------------- */

/* What is said of thinking is said by its effort; NULL: nothing. */
static const char *effort_of(const struct remote *r)
{
    const char *effort = remote_think_effort(r);
    int think = remote_model(r)->think;
    if (effort != NULL)
        return remote_lacks(r, LACKS_EFFORT) ? NULL : effort;
    if (think < 0 || remote_lacks(r, LACKS_THINK))
        return NULL;
    return think ? "medium" : "none";
}

static void responses_request(struct remote *r, struct buf *path,
                              struct buf *body)
{
    const char *effort = effort_of(r);
    buf_add_str(path, remote_is_listing(r) ? "/models" : "/responses");
    if (remote_is_listing(r))
        return;
    buf_add_char(body, '{');
    json_put_text(body, "model", remote_model(r)->id);
    if (remote_system(r) != NULL)
        json_put_text(body, "instructions", remote_system(r));
    remote_add_messages(r, "input", false, body);
    json_put_bool(body, "stream", true);
    if (!remote_lacks(r, LACKS_STORE))
        json_put_bool(body, "store", false);
    if (remote_max_tokens(r) > 0 && !remote_lacks(r, LACKS_LIMIT))
        json_put_whole(body, "max_output_tokens", remote_max_tokens(r));
    remote_add_settings(r, body);
    if (effort != NULL) {
        buf_add_str(body, ",\"reasoning\":{");
        json_put_text(body, "effort", effort);
        buf_add_char(body, '}');
    }
    buf_add_char(body, '}');
}

static unsigned responses_lacks(const struct remote *r, const struct fault *f)
{
    if (fault_refuses(f, "max_output_tokens"))
        return LACKS_LIMIT;
    if (fault_refuses(f, "store"))
        return LACKS_STORE;
    if (effort_of(r) == NULL || !(fault_refuses(f, "reasoning.effort") ||
                                  fault_refuses(f, "reasoning")))
        return 0;
    return remote_think_effort(r) != NULL ? LACKS_EFFORT : LACKS_THINK;
}

/* --- the answer -------------------------------------------------------- */

static void read_usage(struct remote *r, const cJSON *usage)
{
    struct remote_usage u;
    remote_usage_init(&u);
    remote_count(usage, "input_tokens", &u.n_in);
    remote_count(json_get(usage, "input_tokens_details"), "cached_tokens",
                 &u.n_cached);
    remote_count(usage, "output_tokens", &u.n_out);
    remote_count(json_get(usage, "output_tokens_details"), "reasoning_tokens",
                 &u.n_think);
    remote_usage(r, &u);
}

/* A part of a message, or of what was thought. */
static void read_part(struct remote *r, const cJSON *part, bool is_thinking)
{
    const char *text = json_get_string(part, "text", NULL);
    if (is_thinking)
        remote_thinking(r, text);
    else
        remote_text(r, text);
    remote_refusal(r, json_get_string(part, "refusal", NULL));
}

/* Output of which no text has come; thoughts may have. */
static void read_output(struct remote *r, const cJSON *output)
{
    const cJSON *item, *part;
    bool has_thoughts = remote_n_content(r) > 0;
    cJSON_ArrayForEach(item, output) {
        const char *type = json_get_string(item, "type", "");
        bool is_thinking = strcmp(type, "reasoning") == 0;
        if (strcmp(type, "function_call") == 0)
            remote_call(r, item);
        if (is_thinking ? has_thoughts : strcmp(type, "message") != 0)
            continue;
        cJSON_ArrayForEach(part, json_get(item, "summary"))
            read_part(r, part, is_thinking);
        cJSON_ArrayForEach(part, json_get(item, "content"))
            read_part(r, part, is_thinking);
    }
}

/* A response with its status.  What a stream has brought stands in it, too. */
static void read_response(struct remote *r, const cJSON *response)
{
    static const struct remote_reason statuses[] = {
        {"completed", FINISH_STOP},
        {NULL, FINISH_ERROR}, /* failed, cancelled */
    };
    static const struct remote_reason reasons[] = {
        {"max_output_tokens", FINISH_LENGTH},
        {"content_filter", FINISH_FILTER},
        {NULL, FINISH_ERROR},
    };
    const char *status = json_get_string(response, "status", "completed");
    const char *reason = json_get_string(json_get(response,
                                                  "incomplete_details"),
                                         "reason", status);
    if (remote_fault_in(r, response))
        return;
    if (!remote_has_text(r))
        read_output(r, json_get(response, "output"));
    read_usage(r, json_get(response, "usage"));
    if (strcmp(status, "incomplete") == 0)
        remote_finish_by(r, reasons, reason);
    else
        remote_finish_by(r, statuses, status);
    remote_done(r);
}

static bool is_thought(const char *type)
{
    return strcmp(type, "response.reasoning_text.delta") == 0 ||
           strcmp(type, "response.reasoning_summary_text.delta") == 0;
}

static bool is_end(const char *type)
{
    static const char *const ends[] = {
        "response.completed", "response.incomplete", "response.failed",
        "response.cancelled"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (strcmp(type, ends[i]) == 0)
            return true;
    return false;
}

static bool responses_event(struct remote *r, const char *name,
                            const char *data, const cJSON *tree)
{
    (void)data;
    const char *type = json_get_string(tree, "type", name);
    const char *delta = json_get_string(tree, "delta", NULL);
    if (strcmp(type, "response.output_text.delta") == 0)
        remote_text(r, delta);
    else if (strcmp(type, "response.refusal.delta") == 0)
        remote_refusal(r, delta);
    else if (is_thought(type))
        remote_thinking(r, delta);
    else if (is_end(type))
        read_response(r, json_get(tree, "response"));
    else
        return false;
    return true;
}

static bool responses_whole(struct remote *r, const cJSON *tree)
{
    if (!cJSON_IsArray(json_get(tree, "output")))
        return false;
    read_response(r, tree);
    return true;
}

static bool responses_list(struct remote *r, const cJSON *tree)
{
    return remote_listed_all(r, json_get(tree, "data"), "id");
}

/* --- the backend ------------------------------------------------------- */

static const struct dialect dialect_responses = {
    .speaks = "a server of OpenAI's Responses API",
    .wire = WIRE_RESPONSES,
    .base_end = "/v1",
    .request = responses_request,
    .event = responses_event,
    .whole = responses_whole,
    .list = responses_list,
    .lacks = responses_lacks,
    .lack_keys = lack_keys,
};

REMOTE_BACKEND(responses, "OpenAI's Responses API, by HTTP");
