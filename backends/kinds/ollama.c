/* ollama: Ollama's own API, a JSON a line.
 *
 * Published at github.com/ollama/ollama/blob/main/docs/api.md.  Beside its
 * OpenAI-compatible one it has a size of the context, min_p and top_k, says how
 * long it read weights, and whether a prompt was too long for the context: by
 * default it drops what does not fit and answers what is left. */
#include <string.h>

#include "backends/remote/remote.h"

enum ollama_lacks {
    LACKS_THINK = 1, /* the field that switches thinking */
};

static const struct remote_lack lack_keys[] = {
    {LACKS_THINK, "think"},
    {0, NULL},
};

/* --- the request ------------------------------------------------------- */

static void add_thinking(const struct remote *r, struct buf *out)
{
    const char *effort = remote_think_effort(r);
    int think = remote_model(r)->think;
    if (effort != NULL) {
        json_put_text(out, "think", effort); /* gpt-oss takes words alone */
    } else if (think >= 0 && !remote_lacks(r, LACKS_THINK)) {
        json_put_bool(out, "think", think);
    }
}

static void ollama_request(struct remote *r, struct buf *path,
                           struct buf *body)
{
    remote_cut_path(path, "/v1"); /* of the other API */
    remote_add_path(path, "/api", remote_is_listing(r) ? "/tags" : "/chat");
    if (remote_is_listing(r))
        return;
    buf_add_char(body, '{');
    json_put_text(body, "model", remote_model(r)->id);
    remote_add_messages(r, "messages", true, body);
    /* What does not fit is an error, where the server is new enough. */
    buf_add_str(body, ",\"stream\":true,\"truncate\":false,\"shift\":false");
    add_thinking(r, body);
    if (remote_schema(r) != NULL) {
        json_key(body, "format");
        buf_add_str(body, remote_schema(r));
    }
    json_key(body, "options");
    buf_add_char(body, '{');
    if (remote_max_tokens(r) > 0)
        json_put_whole(body, "num_predict", remote_max_tokens(r));
    remote_add_settings(r, body);
    buf_add_str(body, "}}");
}

static unsigned ollama_lacks(const struct remote *r, const struct fault *f)
{
    return remote_model(r)->think == 0 && fault_refuses(f, "thinking")
               ? LACKS_THINK : 0;
}

/* --- the answer -------------------------------------------------------- */

/* A server that is too old for "truncate" drops the start of what is too long
 * for its context; its counts tell. */
static void check_context(struct remote *r, const struct remote_usage *u)
{
    int n_ctx = remote_model(r)->n_ctx;
    if (n_ctx > 0 && u->n_in >= n_ctx)
        remote_note(r, "the prompt was cut to the context of %d tokens", n_ctx);
    else if (n_ctx > 0 && u->n_in >= 0 && u->n_in + u->n_out > n_ctx)
        remote_note(r, "its beginning was cut: the context has %d tokens",
                    n_ctx);
}

static void read_end(struct remote *r, const cJSON *line)
{
    static const struct remote_reason reasons[] = {
        {"length", FINISH_LENGTH},
        {"load", FINISH_ERROR},   /* it did nothing but to load the model */
        {"unload", FINISH_ERROR}, /* or to make room */
        {NULL, FINISH_STOP},
    };
    struct remote_usage u;
    int64_t load_ns = 0;
    remote_usage_init(&u);
    remote_count(line, "prompt_eval_count", &u.n_in);
    remote_count(line, "eval_count", &u.n_out);
    remote_usage(r, &u);
    check_context(r, &u);
    remote_count(line, "load_duration", &load_ns);
    remote_loaded(r, load_ns / 1000000);
    remote_finish_by(r, reasons, json_get_string(line, "done_reason", NULL));
    remote_done(r);
}

static bool ollama_whole(struct remote *r, const cJSON *line)
{
    const cJSON *message = json_get(line, "message");
    if (!cJSON_IsObject(message))
        return false;
    remote_thinking(r, json_get_string(message, "thinking", NULL));
    remote_text(r, json_get_string(message, "content", NULL));
    remote_call(r, json_get(message, "tool_calls"));
    if (json_get_bool(line, "done", false))
        read_end(r, line);
    return true;
}

static bool ollama_event(struct remote *r, const char *name, const char *data,
                         const cJSON *tree)
{
    (void)name;
    (void)data;
    return ollama_whole(r, tree);
}

static bool ollama_list(struct remote *r, const cJSON *tree)
{
    return remote_listed_all(r, json_get(tree, "models"), "name");
}

/* --- the backend ------------------------------------------------------- */

static const struct dialect dialect_ollama = {
    .speaks = "Ollama",
    .wire = WIRE_OLLAMA,
    .framing = FRAMING_LINES,
    .bring = "ollama pull",
    .request = ollama_request,
    .event = ollama_event,
    .whole = ollama_whole,
    .list = ollama_list,
    .lacks = ollama_lacks,
    .lack_keys = lack_keys,
};

REMOTE_BACKEND(ollama, "Ollama's own API, by HTTP");
