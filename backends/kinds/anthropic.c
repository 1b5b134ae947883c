/* anthropic: Anthropic's Messages API.
 *
 * Published at docs.anthropic.com/en/api/messages.  An answer is a row of
 * blocks, each begun, continued and ended by events of its own; those of type
 * "thinking" and "redacted_thinking" are no part of what is read.  The tokens
 * of thinking count as written, and nobody says how many they were. */
#include <math.h>
#include <string.h>

#include "backends/remote/remote.h"

#define ANTHROPIC_VERSION "2023-06-01"
#define ANTHROPIC_MAX_TOKENS 32000    /* for no limit: the field is required */
#define ANTHROPIC_OLD_MAX_TOKENS 4096 /* that the oldest models can write */
#define ANTHROPIC_LEAST_BUDGET 1024   /* of thinking that is accepted */

enum anthropic_lacks {
    LACKS_ROOM = 1,   /* ANTHROPIC_MAX_TOKENS is too much */
    LACKS_BUDGET = 2, /* the model decides for how long it thinks */
    LACKS_THINK = 4,  /* the field that switches thinking */
    LACKS_EFFORT = 8,
};

static const struct remote_lack lack_keys[] = {
    {LACKS_BUDGET, "think_budget"},
    {LACKS_THINK, "think"},
    {LACKS_EFFORT, "think_effort"},
    {0, NULL},
};

/* --- the request ------------------------------------------------------- */

/* A budget that is accepted, of which max_tokens then has to be larger. */
static int budget_of(const struct remote *r)
{
    int n = remote_think_budget(r);
    return n > 0 && n < ANTHROPIC_LEAST_BUDGET ? ANTHROPIC_LEAST_BUDGET : n;
}

static int limit_of(const struct remote *r)
{
    int n = remote_max_tokens(r);
    if (n > 0)
        return n + budget_of(r) - remote_think_budget(r);
    return remote_lacks(r, LACKS_ROOM) ? ANTHROPIC_OLD_MAX_TOKENS
                                       : ANTHROPIC_MAX_TOKENS;
}

static void add_thinking(const struct remote *r, struct buf *out)
{
    const char *effort = remote_think_effort(r);
    int think = remote_model(r)->think, budget = budget_of(r);
    if (remote_lacks(r, LACKS_THINK))
        think = -1;
    if (think == 0)
        buf_add_str(out, ",\"thinking\":{\"type\":\"disabled\"}");
    else if (budget > 0 && !remote_lacks(r, LACKS_BUDGET | LACKS_THINK))
        buf_addf(out, ",\"thinking\":{\"type\":\"enabled\","
                 "\"budget_tokens\":%d}", budget);
    else if (think > 0)
        buf_add_str(out, ",\"thinking\":{\"type\":\"adaptive\"}");
    if (effort != NULL && !remote_lacks(r, LACKS_EFFORT)) {
        buf_add_str(out, ",\"output_config\":{");
        json_put_text(out, "effort", effort);
        buf_add_char(out, '}');
    }
}

static void anthropic_request(struct remote *r, struct buf *path,
                              struct buf *body)
{
    remote_header(r, "anthropic-version", ANTHROPIC_VERSION);
    if (remote_is_listing(r)) {
        remote_add_path(path, "/v1", "/models");
        remote_add_query(path, "limit", "1000");
        if (remote_page(r)[0] != '\0')
            remote_add_query(path, "after_id", remote_page(r));
        return;
    }
    remote_add_path(path, "/v1", "/messages");
    buf_add_char(body, '{');
    json_put_text(body, "model", remote_model(r)->id);
    json_put_whole(body, "max_tokens", limit_of(r));
    json_put_bool(body, "stream", true);
    if (remote_system(r) != NULL)
        json_put_text(body, "system", remote_system(r));
    remote_add_messages(r, "messages", false, body);
    remote_add_settings(r, body);
    add_thinking(r, body);
    buf_add_char(body, '}');
}

static unsigned anthropic_lacks(const struct remote *r, const struct fault *f)
{
    if (remote_max_tokens(r) == 0 && fault_mentions(f, "max_tokens"))
        return LACKS_ROOM;
    if (budget_of(r) > 0 && (fault_refuses(f, "thinking.type.enabled") ||
                             fault_refuses(f, "budget_tokens")))
        return LACKS_BUDGET;
    if (remote_think_effort(r) != NULL &&
        (fault_refuses(f, "effort") || fault_refuses(f, "output_config")))
        return LACKS_EFFORT;
    return remote_model(r)->think == 0 && fault_refuses(f, "thinking")
               ? LACKS_THINK : 0;
}

/* --- the answer -------------------------------------------------------- */

/* What was read from a cache, or written into one, is not counted in
 * "input_tokens".  All numbers are of the whole answer so far; those that some
 * gateways set to 0 at its end were said at its start. */
static void read_usage(struct remote *r, const cJSON *usage)
{
    struct remote_usage u;
    int64_t n_made = 0, n_new = 0;
    remote_usage_init(&u);
    remote_count(usage, "input_tokens", &n_new);
    remote_count(usage, "cache_creation_input_tokens", &n_made);
    remote_count(usage, "cache_read_input_tokens", &u.n_cached);
    remote_count(usage, "output_tokens", &u.n_out);
    int64_t n_in = n_new + n_made + (u.n_cached > 0 ? u.n_cached : 0);
    if (n_in > 0)
        u.n_in = n_in;
    remote_usage(r, &u);
}

/* A block at its start, a whole one, or a piece of one. */
static void read_block(struct remote *r, const cJSON *block)
{
    remote_text(r, json_get_string(block, "text", NULL));
    remote_thinking(r, json_get_string(block, "thinking", NULL));
    if (strcmp(json_get_string(block, "type", ""), "tool_use") == 0)
        remote_call(r, block);
}

static void read_blocks(struct remote *r, const cJSON *blocks)
{
    const cJSON *block;
    cJSON_ArrayForEach(block, blocks)
        read_block(r, block);
}

static void read_stop(struct remote *r, const cJSON *message)
{
    static const struct remote_reason reasons[] = {
        {"max_tokens", FINISH_LENGTH},
        {"model_context_window_exceeded", FINISH_LENGTH},
        {"refusal", FINISH_FILTER},
        {"pause_turn", FINISH_ERROR}, /* there is more, and nobody asks */
        {NULL, FINISH_STOP},
    };
    remote_finish_by(r, reasons,
                     json_get_string(message, "stop_reason", NULL));
}

static bool anthropic_event(struct remote *r, const char *name,
                            const char *data, const cJSON *tree)
{
    (void)data;
    const char *type = json_get_string(tree, "type", name);
    if (strcmp(type, "message_start") == 0) {
        const cJSON *message = json_get(tree, "message");
        read_blocks(r, json_get(message, "content"));
        read_usage(r, json_get(message, "usage"));
    } else if (strcmp(type, "content_block_start") == 0) {
        read_block(r, json_get(tree, "content_block"));
    } else if (strcmp(type, "content_block_delta") == 0) {
        read_block(r, json_get(tree, "delta"));
    } else if (strcmp(type, "message_delta") == 0) {
        read_usage(r, json_get(tree, "usage"));
        read_stop(r, json_get(tree, "delta"));
    } else {
        if (strcmp(type, "message_stop") == 0)
            remote_done(r);
        return false;
    }
    return true;
}

static bool anthropic_whole(struct remote *r, const cJSON *tree)
{
    const cJSON *content = json_get(tree, "content");
    if (!cJSON_IsArray(content))
        return false;
    read_blocks(r, content);
    read_usage(r, json_get(tree, "usage"));
    read_stop(r, tree);
    return true;
}

static bool anthropic_list(struct remote *r, const cJSON *tree)
{
    const char *last = json_get_string(tree, "last_id", "");
    if (json_get_bool(tree, "has_more", false) && last[0] != '\0')
        remote_more(r, last);
    return remote_listed_all(r, json_get(tree, "data"), "id");
}

/* --- the backend ------------------------------------------------------- */

static const struct dialect dialect_anthropic = {
    .speaks = "an Anthropic server",
    .wire = WIRE_ANTHROPIC,
    .key_header = "x-api-key",
    .request = anthropic_request,
    .event = anthropic_event,
    .whole = anthropic_whole,
    .list = anthropic_list,
    .lacks = anthropic_lacks,
    .lack_keys = lack_keys,
};

REMOTE_BACKEND(anthropic, "Anthropic's Messages API, by HTTP");
