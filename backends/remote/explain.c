/* What went wrong with a server, in one line that says what to do.
 *
 * The server's own words stand in it, shortened, and without the key (see
 * backends/remote/redact.h). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/remote/redact.h"
#include "backends/remote/remote_private.h"
#include "backends/remote/url.h"

/* What usually listens on a port, and how it is started. */
static const struct {
    const char *port, *start;
} servers[] = {
    {":11434", "ollama serve"},
    {":8080", "llama-server -m WEIGHTS.gguf"},
    {":8000", "vllm serve MODEL"},
    {":1234", "lms server start"},
};

static void fail(struct remote *r, enum err_code code, const struct buf *words)
{
    r->end.finish = FINISH_ERROR;
    err_set(&r->end.error, code, "%s", words->data);
}

static void add_place(const struct remote *r, struct buf *out)
{
    url_place(r->backend->model.base_url, out);
}

/* ": what the server says". */
static void add_message(const struct fault *f, struct buf *out)
{
    const char *words = f->message[0] != '\0' ? f->message
                        : f->type[0] != '\0'  ? f->type
                                              : f->code;
    if (words[0] != '\0')
        buf_addf(out, ": %s", words);
}

/* Where a redirect leads: never the path and query, where a key may stand in
 * a form of its own, such as with %2B for a plus. */
static void add_aim(const struct remote *r, const char *location,
                    struct buf *out)
{
    struct buf here, there;
    buf_init(&here, 400);
    buf_init(&there, 400);
    url_origin(r->backend->model.base_url, NULL, &here);
    if (location[0] == '\0' ||
        !url_origin(r->backend->model.base_url, location, &there)) {
        buf_add_str(out, "nowhere");
    } else {
        buf_cut(&there, redact(there.data, there.len, r->secrets));
        buf_addf(out, "%s%s", strcmp(here.data, there.data) == 0
                                  ? "another path of " : "", there.data);
    }
    buf_free(&here);
    buf_free(&there);
}

static void add_tries(const struct remote *r, struct buf *out)
{
    if (r->n_tries > 1)
        buf_addf(out, " (tried %d times)", r->n_tries);
}

static void explain_key(const struct remote *r, int status,
                        const struct fault *f, struct buf *out)
{
    const struct model *m = &r->backend->model;
    bool has_key = r->backend->key != NULL || m->key_command != NULL;
    buf_addf(out, !has_key        ? "the server wants a key (HTTP %d)"
                  : status == 403 ? "access refused (HTTP %d)"
                                  : "key rejected (HTTP %d)", status);
    add_message(f, out);
    if (!has_key)
        buf_add_str(out, "; name the variable that holds it with \"key_env\"");
    else if (m->key_command != NULL)
        buf_add_str(out, ". It came from \"key_command\"; run that by hand to "
                         "check it");
    else if (m->key_env == NULL) /* remote_use_key */
        buf_add_str(out, ". It is the one that the server was started with; "
                         "do its arguments name another?");
    else
        buf_addf(out, ". Checked %s; export it, or name another with "
                 "\"key_env\"", m->key_env);
}

/* Google's servers say so with status 400. */
static bool is_about_key(const struct fault *f)
{
    return fault_mentions(f, "API key not valid") ||
           fault_mentions(f, "API key expired");
}

static void explain_absence(const struct remote *r, int status,
                            const struct fault *f, struct buf *out)
{
    const struct model *m = &r->backend->model;
    if (fault_mentions(f, "model") && !r->listing) {
        buf_addf(out, "the server has no model \"%s\" (HTTP %d)",
                 m->id ? m->id : "", status);
        add_message(f, out);
        if (r->backend->dialect->bring != NULL)
            buf_addf(out, "; bring it with \"%s %s\"",
                     r->backend->dialect->bring, m->id ? m->id : "");
        return;
    }
    buf_addf(out, "nothing is at %s (HTTP %d)", m->base_url, status);
    add_message(f, out);
    const char *end = r->backend->dialect->base_end;
    if (end != NULL && strstr(m->base_url, end) == NULL)
        buf_addf(out, "; does \"base_url\" lack a %s at its end?", end);
    else
        buf_add_str(out, "; check \"base_url\"");
}

static bool is_too_long(int status, const struct fault *f)
{
    static const char *const signs[] = {
        "context_length", "exceed_context", "context length", "context size",
        "context limit", "prompt is too long", "input token count", NULL,
    };
    return status == 413 || fault_mentions_any(f, signs);
}

/* The setting of ours that the server names as the one it refuses, as we sent
 * it, or NULL. */
static const char *refused_setting(const struct remote *r,
                                   const struct fault *f)
{
    enum wire wire = r->backend->dialect->wire;
    for (int i = 0; setting_limit_field(i) != NULL; i++)
        if (strcmp(f->param, setting_limit_field(i)) == 0)
            return f->param;
    for (size_t i = 0; i < model_settings.n; i++) {
        const char *names = model_settings.rows[i].wire[wire];
        if (names != NULL &&
            setting_has_word(names, f->param, strlen(f->param)))
            return f->param;
    }
    return NULL;
}

static void explain_refusal(const struct remote *r, int status,
                            const struct fault *f, struct buf *out)
{
    const char *setting = refused_setting(r, f);
    if (is_too_long(status, f))
        buf_addf(out, "the prompt is too long for this model (HTTP %d)",
                 status);
    else if (setting != NULL)
        buf_addf(out, "the server refuses this \"%s\" (HTTP %d)",
                 setting, status);
    else
        buf_addf(out, "the server refuses the request (HTTP %d)", status);
    add_message(f, out);
}

/* An error inside of a stream that began well. */
static void explain_inner(const struct remote *r, const struct fault *f,
                          struct buf *out)
{
    buf_add_str(out, r->has_content ? "the answer was cut off by an error of "
                                      "the server"
                                    : "the server reports an error");
    add_message(f, out);
}

/* The server wants us to wait for longer than we do. */
static void add_wait(const struct fault *f, struct buf *out)
{
    int64_t s = (f->retry_ms + 999) / 1000;
    if (f->retry_ms <= REMOTE_MAX_WAIT_MS)
        return;
    buf_add_str(out, ". It asks to wait ");
    if (s >= 3600)
        buf_addf(out, "%" PRIi64 " h ", s / 3600);
    if (s >= 60)
        buf_addf(out, "%" PRIi64 " min ", s / 60 % 60);
    buf_addf(out, "%" PRIi64 " s, longer than the %d s that are waited for",
             s % 60, REMOTE_MAX_WAIT_MS / 1000);
}

void remote_explain_fault(struct remote *r, int status,
                          const struct http_answer *a, const struct fault *f)
{
    struct buf words;
    enum err_code code = ERR_BACKEND;
    buf_init(&words, ERR_TEXT_BYTES - 1);
    if (r->has_content || status < 300) {
        explain_inner(r, f, &words);
    } else if (status < 400) {
        buf_addf(&words, "the server redirects (HTTP %d) to ", status);
        add_aim(r, a->location, &words);
        buf_add_str(&words, ", and the key is not to follow; set \"base_url\" "
                            "to where it really is");
    } else if (status == 401 || status == 403 || is_about_key(f)) {
        explain_key(r, status, f, &words);
        code = ERR_AUTH;
    } else if (status == 404 || status == 405) {
        explain_absence(r, status, f, &words);
    } else if (status == 402 || fault_mentions(f, "quota") ||
               fault_mentions(f, "billing")) {
        buf_addf(&words, "no credit or quota is left (HTTP %d)", status);
        add_message(f, &words);
    } else if (status == 429) {
        buf_addf(&words, "too many requests (HTTP %d)", status);
        add_message(f, &words);
        add_tries(r, &words);
        add_wait(f, &words);
    } else if (status >= 500 || status == 408) {
        buf_addf(&words, "the server failed (HTTP %d)", status);
        add_message(f, &words);
        add_tries(r, &words);
        add_wait(f, &words);
    } else {
        explain_refusal(r, status, f, &words);
    }
    fail(r, code, &words);
    buf_free(&words);
}

static void add_how_to_reach(const struct remote *r, struct buf *out)
{
    struct buf place;
    const char *start = NULL;
    buf_init(&place, 300);
    add_place(r, &place);
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
        const char *at = strrchr(place.data, ':');
        if (at != NULL && strcmp(at, servers[i].port) == 0)
            start = servers[i].start;
    }
    if (!r->backend->is_local)
        buf_add_str(out, "; check the network and \"base_url\"");
    else if (start != NULL)
        buf_addf(out, ". Start it with \"%s\", or set \"base_url\"", start);
    else
        buf_add_str(out, ". Start the server there, or set \"base_url\"");
    buf_free(&place);
}

void remote_explain_failure(struct remote *r, const struct http_answer *a)
{
    struct buf words;
    buf_init(&words, ERR_TEXT_BYTES - 1);
    if (r->has_content || a->failure == HTTP_FINE)
        buf_add_str(&words, "the answer was cut off: ");
    if (a->failure == HTTP_FINE) {
        add_place(r, &words);
        buf_add_str(&words, " closed the connection before the end");
    } else {
        buf_add_str(&words, a->error.text);
    }
    if (a->failure == HTTP_UNREACHED)
        add_how_to_reach(r, &words);
    add_tries(r, &words);
    fail(r, ERR_BACKEND, &words);
    buf_free(&words);
}

void remote_explain_nonsense(struct remote *r)
{
    struct buf words;
    struct fault f;
    buf_init(&words, ERR_TEXT_BYTES - 1);
    fault_read(&f, r->body.data, r->body.len < 4096 ? r->body.len : 4096,
               r->secrets);
    add_place(r, &words);
    buf_addf(&words, " does not answer like %s", r->backend->dialect->speaks);
    add_message(&f, &words);
    if (f.message[0] == '\0')
        buf_add_str(&words, ": it sent nothing");
    buf_add_str(&words, "; check \"base_url\"");
    fail(r, ERR_BACKEND, &words);
    buf_free(&words);
}
