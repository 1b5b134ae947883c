/* gemini: Google's generateContent API.
 *
 * Published at ai.google.dev/api/generate-content.  A stream is a row of
 * answers of the same form, without an end marker: it is whole once a reason
 * was given and the connection has closed in order.  Without "alt=sse", and
 * from some gateways, it is one array.  Parts with "thought" are thinking; its
 * tokens are counted beside those of the answer, but limited with them. */
#include <math.h>
#include <string.h>

#include "backends/remote/remote.h"

enum gemini_lacks {
    LACKS_THOUGHTS = 1, /* showing them */
    LACKS_BUDGET = 2,   /* the model takes levels alone */
    LACKS_THINK = 4,    /* switching it off */
    LACKS_EFFORT = 8,
};

static const struct remote_lack lack_keys[] = {
    {LACKS_BUDGET, "think_budget"},
    {LACKS_THINK, "think"},
    {LACKS_EFFORT, "think_effort"},
    {0, NULL},
};

/* --- the request ------------------------------------------------------- */

/* role: NULL for what the system says, which has none. */
static void add_content(const char *role, const char *text, struct buf *out)
{
    buf_add_char(out, '{');
    if (role != NULL)
        json_put_text(out, "role",
                      strcmp(role, "assistant") == 0 ? "model" : "user");
    json_key(out, "parts");
    buf_add_str(out, "[{");
    json_put_text(out, "text", text);
    buf_add_str(out, "}]}");
}

static void add_contents(const struct remote *r, struct buf *out)
{
    size_t n;
    const struct message *m = remote_messages(r, &n);
    if (remote_system(r) != NULL) {
        json_key(out, "systemInstruction");
        add_content(NULL, remote_system(r), out);
    }
    json_key(out, "contents");
    buf_add_char(out, '[');
    for (size_t i = 0; i < n; i++) {
        json_comma(out);
        add_content(m[i].role, m[i].content, out);
    }
    buf_add_char(out, ']');
}

/* How it thinks, if anything is said of it.  A budget of 0 switches it off. */
static void add_thinking(const struct remote *r, struct buf *out)
{
    const char *effort = remote_think_effort(r);
    int think = remote_model(r)->think, budget = remote_think_budget(r);
    if (think < 0 && effort == NULL && budget == 0)
        return;
    json_key(out, "thinkingConfig");
    buf_add_char(out, '{');
    if (think != 0 && !remote_lacks(r, LACKS_THOUGHTS))
        json_put_bool(out, "includeThoughts", true);
    if (effort != NULL && !remote_lacks(r, LACKS_EFFORT)) {
        json_put_text(out, "thinkingLevel", effort);
    } else if (budget > 0 && !remote_lacks(r, LACKS_BUDGET)) {
        json_put_whole(out, "thinkingBudget", budget);
    } else if (think == 0 && !remote_lacks(r, LACKS_THINK)) {
        json_put_whole(out, "thinkingBudget", 0);
    }
    buf_add_char(out, '}');
}

/* A model's id may stand with its folder, "models/x" or "tunedModels/x", as in
 * Google's lists. */
static void add_path(const char *id, struct buf *path)
{
    remote_add_path(path, "/v1beta", strchr(id, '/') ? "/" : "/models/");
    remote_add_escaped(path, id, "/");
    buf_add_str(path, ":streamGenerateContent");
    remote_add_query(path, "alt", "sse");
}

static void gemini_request(struct remote *r, struct buf *path,
                           struct buf *body)
{
    if (remote_is_listing(r)) {
        remote_add_path(path, "/v1beta", "/models");
        remote_add_query(path, "pageSize", "1000");
        if (remote_page(r)[0] != '\0')
            remote_add_query(path, "pageToken", remote_page(r));
        return;
    }
    add_path(remote_model(r)->id, path);
    buf_add_char(body, '{');
    add_contents(r, body);
    json_key(body, "generationConfig");
    buf_add_char(body, '{');
    if (remote_max_tokens(r) > 0)
        json_put_whole(body, "maxOutputTokens", remote_max_tokens(r));
    remote_add_settings(r, body);
    add_thinking(r, body);
    buf_add_str(body, "}}");
}

static unsigned gemini_lacks(const struct remote *r, const struct fault *f)
{
    static const char *const levels[] = {"thinking_level", "thinkingLevel",
                                         "thinking level", NULL};
    static const char *const budgets[] = {"thinking_budget", "thinkingBudget",
                                          "thinking budget", NULL};
    /* "This model only works in thinking mode" */
    if (remote_model(r)->think == 0)
        return fault_mentions(f, "thinking") ? LACKS_THINK : 0;
    if (remote_think_effort(r) != NULL && fault_mentions_any(f, levels))
        return LACKS_EFFORT;
    if (remote_think_budget(r) > 0 && fault_mentions_any(f, budgets))
        return LACKS_BUDGET;
    return fault_mentions(f, "thoughts") ? LACKS_THOUGHTS : 0;
}

/* --- the answer -------------------------------------------------------- */

/* Each chunk has the numbers so far.  Thoughts are counted apart. */
static void read_usage(struct remote *r, const cJSON *usage)
{
    struct remote_usage u;
    remote_usage_init(&u);
    remote_count(usage, "promptTokenCount", &u.n_in);
    remote_count(usage, "cachedContentTokenCount", &u.n_cached);
    remote_count(usage, "candidatesTokenCount", &u.n_out);
    remote_count(usage, "thoughtsTokenCount", &u.n_think);
    if (u.n_think > 0)
        u.n_out = (u.n_out > 0 ? u.n_out : 0) + u.n_think;
    remote_usage(r, &u);
}

static const struct remote_reason reasons[] = {
    {"STOP", FINISH_STOP},
    {"MAX_TOKENS", FINISH_LENGTH},
    {"MALFORMED_FUNCTION_CALL", FINISH_ERROR},
    {"UNEXPECTED_TOOL_CALL", FINISH_ERROR},
    {"TOO_MANY_TOOL_CALLS", FINISH_ERROR},
    {"MALFORMED_RESPONSE", FINISH_ERROR},
    {"OTHER", FINISH_ERROR},
    {NULL, FINISH_FILTER}, /* SAFETY, RECITATION and what else is withheld */
};

static void read_candidate(struct remote *r, const cJSON *candidate)
{
    const cJSON *parts = json_get(json_get(candidate, "content"), "parts");
    const cJSON *part;
    cJSON_ArrayForEach(part, parts) {
        const char *text = json_get_string(part, "text", NULL);
        if (json_get_bool(part, "thought", false))
            remote_thinking(r, text);
        else
            remote_text(r, text);
        remote_call(r, json_get(part, "functionCall"));
    }
    const char *reason = json_get_string(candidate, "finishReason", "");
    if (strcmp(reason, "FINISH_REASON_UNSPECIFIED") != 0) /* there is none */
        remote_finish_by(r, reasons, reason);
}

/* What is asked may be withheld as well as what is answered. */
static bool read_block(struct remote *r, const cJSON *tree)
{
    static const struct remote_reason blocks[] = {{NULL, FINISH_FILTER}};
    const char *reason = json_get_string(json_get(tree, "promptFeedback"),
                                         "blockReason", NULL);
    if (reason == NULL)
        return false;
    remote_finish_by(r, blocks, reason);
    remote_note(r, "the server blocked the prompt: %s", reason);
    return true;
}

static bool read_answer(struct remote *r, const cJSON *tree)
{
    const cJSON *candidates = json_get(tree, "candidates"), *candidate;
    if (cJSON_IsObject(json_get(tree, "usageMetadata")))
        read_usage(r, json_get(tree, "usageMetadata"));
    if (!cJSON_IsArray(candidates))
        return read_block(r, tree);
    cJSON_ArrayForEach(candidate, candidates)
        if (json_get_number(candidate, "index", 0) == 0)
            read_candidate(r, candidate);
    return true;
}

static bool gemini_event(struct remote *r, const char *name, const char *data,
                         const cJSON *tree)
{
    (void)name;
    (void)data;
    return read_answer(r, tree);
}

/* One answer, or an array of them. */
static bool gemini_whole(struct remote *r, const cJSON *tree)
{
    const cJSON *item;
    bool good = false;
    if (!cJSON_IsArray(tree))
        return read_answer(r, tree);
    cJSON_ArrayForEach(item, tree)
        good = read_answer(r, item) || good;
    return good;
}

/* Models that embed, draw or speak have no "generateContent". */
static bool answers(const cJSON *model)
{
    const cJSON *methods = json_get(model, "supportedGenerationMethods");
    const cJSON *method;
    cJSON_ArrayForEach(method, methods)
        if (cJSON_IsString(method) &&
            strcmp(method->valuestring, "generateContent") == 0)
            return true;
    return methods == NULL;
}

static bool gemini_list(struct remote *r, const cJSON *tree)
{
    static const char folder[] = "models/";
    const char *page = json_get_string(tree, "nextPageToken", "");
    const cJSON *models = json_get(tree, "models"), *model;
    if (page[0] != '\0')
        remote_more(r, page);
    cJSON_ArrayForEach(model, models) {
        const char *name = json_get_string(model, "name", "");
        if (strncmp(name, folder, sizeof(folder) - 1) == 0)
            name += sizeof(folder) - 1;
        if (answers(model))
            remote_listed(r, name);
    }
    return cJSON_IsArray(models);
}

/* --- the backend ------------------------------------------------------- */

static const struct dialect dialect_gemini = {
    .speaks = "a Gemini server",
    .wire = WIRE_GEMINI,
    .key_header = "x-goog-api-key",
    .request = gemini_request,
    .event = gemini_event,
    .whole = gemini_whole,
    .list = gemini_list,
    .lacks = gemini_lacks,
    .lack_keys = lack_keys,
};

REMOTE_BACKEND(gemini, "Google's Gemini API, by HTTP");
