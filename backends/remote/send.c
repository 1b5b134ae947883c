/* What is sent: address, headers and body of a request. */
#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backends/remote/key.h"
#include "backends/remote/remote_private.h"
#include "base/clock.h"
#include "base/mem.h"

/* --- headers and query of the config ------------------------------------ */

void remote_words_free(char **words)
{
    for (char **p = words; p != NULL && *p != NULL; p++)
        key_free(*p);
    free(words);
}

/* A value with its variables, whose words are secrets from then on: as they
 * are, and as a server is told them in an address. */
static char *expand(const char *text, struct buf *secrets, struct err *e)
{
    bool secret;
    char *value = key_expand(text, &secret, e);
    if (value == NULL || !secret)
        return value;
    buf_addf(secrets, "%s\n", value);
    remote_add_escaped(secrets, value, "");
    buf_add_char(secrets, '\n');
    return value;
}

static int expand_headers(struct backend *b, struct buf *secrets, struct err *e)
{
    char *const *pairs = b->model.headers;
    size_t n = 0;
    b->headers = mem_calloc(REMOTE_MAX_OWN_HEADERS + 1, sizeof(*b->headers));
    for (; pairs != NULL && pairs[0] != NULL; pairs += 2) {
        struct buf line;
        if (n == REMOTE_MAX_OWN_HEADERS)
            return err_set(e, ERR_CONFIG, "\"headers\" has more than %d",
                           REMOTE_MAX_OWN_HEADERS);
        char *value = expand(pairs[1], secrets, e);
        if (value == NULL)
            return -1;
        buf_init(&line, 4 * KEY_MAX_BYTES);
        buf_addf(&line, "%s: %s", pairs[0], value);
        b->headers[n++] = buf_detach(&line);
        key_free(value);
    }
    return 0;
}

static int expand_query(struct backend *b, struct buf *secrets, struct err *e)
{
    char *const *pairs = b->model.query;
    size_t n = 0;
    while (pairs != NULL && pairs[n] != NULL)
        n++;
    b->query = mem_calloc(n + 1, sizeof(*b->query));
    for (size_t i = 0; i < n; i++) {
        b->query[i] = i % 2 == 0 ? mem_strdup(pairs[i])
                                 : expand(pairs[i], secrets, e);
        if (b->query[i] == NULL)
            return -1;
    }
    return 0;
}

int remote_expand(struct backend *b, struct err *e)
{
    struct buf secrets;
    buf_init(&secrets, 1 << 20);
    int result = expand_headers(b, &secrets, e);
    if (result == 0)
        result = expand_query(b, &secrets, e);
    b->secrets = buf_detach(&secrets);
    return result;
}

/* --- headers of a request ---------------------------------------------- */

/* Header lines hold the key. */
void remote_forget_headers(struct remote *r)
{
    for (size_t i = 0; i < r->n_headers; i++) {
        explicit_bzero(r->headers[i].data, r->headers[i].len);
        buf_free(&r->headers[i]);
    }
    r->n_headers = 0;
}

/* Whether the config has this header itself, which is then sent alone. */
static bool has_own_header(const struct remote *r, const char *name)
{
    size_t n = strlen(name);
    for (char **h = r->backend->headers; *h != NULL; h++)
        if (strncasecmp(*h, name, n) == 0 && (*h)[n] == ':')
            return true;
    return false;
}

/* Appends a line to those of the request. */
static void add_line(struct remote *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void add_line(struct remote *r, const char *fmt, ...)
{
    assert(r->n_headers < REMOTE_MAX_HEADERS);
    struct buf *b = &r->headers[r->n_headers++];
    va_list ap;
    va_start(ap, fmt);
    buf_init(b, 2 * KEY_MAX_BYTES);
    buf_vaddf(b, fmt, ap);
    va_end(ap);
}

void remote_header(struct remote *r, const char *name, const char *value)
{
    if (!has_own_header(r, name))
        add_line(r, "%s: %s", name, value);
}

static void add_key_header(struct remote *r)
{
    const char *name = r->backend->model.key_header;
    if (name == NULL)
        name = r->backend->dialect->key_header;
    if (name == NULL)
        name = "Authorization";
    if (r->key != NULL && !has_own_header(r, name))
        add_line(r, strcasecmp(name, "Authorization") == 0
                        ? "%s: Bearer %s" : "%s: %s", name, r->key);
}

/* The headers that every request of a kind has, and those of the config. */
static void add_headers(struct remote *r)
{
    add_key_header(r);
    for (char **h = r->backend->headers; *h != NULL; h++)
        add_line(r, "%s", *h);
    if (r->listing)
        return;
    remote_header(r, "Content-Type", "application/json");
    remote_header(r, "Accept", r->backend->dialect->framing == FRAMING_SSE
                                   ? "text/event-stream"
                                   : "application/x-ndjson");
}

void remote_add_escaped(struct buf *out, const char *text, const char *also)
{
    for (const char *p = text; *p != '\0'; p++) {
        bool plain = isalnum((unsigned char)*p) || strchr("-._~", *p) ||
                     strchr(also, *p);
        buf_addf(out, plain ? "%c" : "%%%02X", (unsigned char)*p);
    }
}

void remote_add_query(struct buf *path, const char *name, const char *value)
{
    buf_add_char(path, strchr(path->data, '?') == NULL ? '?' : '&');
    remote_add_escaped(path, name, "");
    buf_add_char(path, '=');
    remote_add_escaped(path, value, "");
}

/* "/v1" or another version, wherever in the path of an address. */
static bool has_version(const char *url)
{
    const char *host = strstr(url, "://");
    const char *p = strstr(host ? host + 3 : url, "/v");
    for (; p != NULL; p = strstr(p + 1, "/v"))
        if (isdigit((unsigned char)p[2]))
            return true;
    return false;
}

void remote_add_path(struct buf *path, const char *version, const char *rest)
{
    if (!buf_ends(path, version) &&
        !(has_version(version) && has_version(path->data)))
        buf_add_str(path, version);
    buf_add_str(path, rest);
}

void remote_add_messages(const struct remote *r, const char *name, bool all,
                         struct buf *out)
{
    size_t n = r->n_messages;
    const struct message *m = all ? r->messages : remote_messages(r, &n);
    json_key(out, name);
    request_add_messages(out, m, n);
}

/* Whether the request sets it, whatever the model's is. */
static bool is_of_request(const struct remote *r, const struct setting *s)
{
    return r->has_temperature &&
           s->offset == offsetof(struct model, temperature);
}

bool remote_sends(const struct remote *r, size_t row)
{
    const struct setting *s = &model_settings.rows[row];
    return s->wire[r->backend->dialect->wire] != NULL &&
           !r->backend->left_out[row] &&
           (setting_is_set(s, &r->backend->model) || is_of_request(r, s)) &&
           (s->offset != offsetof(struct model, think_effort) ||
            remote_think_effort(r) != NULL);
}

void remote_add_settings(const struct remote *r, struct buf *out)
{
    for (size_t i = 0; i < model_settings.n; i++) {
        const struct setting *s = &model_settings.rows[i];
        const char *names = s->wire[r->backend->dialect->wire];
        char name[64];
        while (remote_sends(r, i) && setting_next_word(&names, name)) {
            json_key(out, name);
            if (is_of_request(r, s))
                json_add_number(out, r->temperature);
            else
                setting_add_json(s, &r->backend->model, out);
        }
    }
}

void remote_cut_path(struct buf *path, const char *end)
{
    if (buf_ends(path, end))
        buf_cut(path, path->len - strlen(end));
}

/* What the config has behind the '?'. */
static void add_own_query(const struct remote *r, struct buf *url)
{
    for (char **pairs = r->backend->query; *pairs != NULL; pairs += 2)
        remote_add_query(url, pairs[0], pairs[1]);
}

int64_t remote_first_ms(const struct remote *r)
{
    const struct model *m = &r->backend->model;
    int64_t usual_ms = r->listing             ? HTTP_STALL_MS
                       : r->backend->is_local ? HTTP_FIRST_LOCAL_MS
                                              : HTTP_FIRST_MS;
    return model_limit_ms(m->first_token_timeout_s, usual_ms);
}

/* Asks by what was written. */
static int send_bytes(struct remote *r, const struct buf *url,
                      const struct buf *body, struct err *e)
{
    const char *headers[REMOTE_MAX_HEADERS + 1] = {NULL};
    if (body->overflow || url->overflow)
        return err_set(e, ERR_BACKEND, "the prompt is too large");
    for (size_t i = 0; i < r->n_headers; i++)
        headers[i] = r->headers[i].data;
    const struct model *m = &r->backend->model;
    struct http_request rq = {
        .url = url->data,
        .headers = headers,
        .body = r->listing ? NULL : body->data,
        .n_body = body->len,
        .allow_http = m->allow_http,
        .ca_file = m->ca_file,
        .connect_ms = model_limit_ms(m->connect_timeout_s, HTTP_CONNECT_MS),
        .first_ms = remote_first_ms(r),
        .stall_ms = model_limit_ms(m->stall_timeout_s, HTTP_STALL_MS),
        .total_ms = model_limit_ms(m->total_timeout_s, HTTP_TOTAL_MS),
        .arg = r,
        .data = remote_receive,
        .done = remote_try_done,
        .stop = remote_stop,
    };
    return http_start(r->net, &rq, e);
}

/* Keeps the key that is sent now, and all that no error may tell. */
static void take_secrets(struct remote *r)
{
    struct buf all;
    key_free(r->key);
    key_free(r->secrets);
    r->key = r->backend->key ? mem_strdup(r->backend->key) : NULL;
    buf_init(&all, 1 << 20);
    buf_addf(&all, "%s%s", r->backend->secrets, r->key ? r->key : "");
    r->secrets = buf_detach(&all);
}

int remote_send(struct remote *r, struct err *e)
{
    struct buf url, body;
    remote_forget_headers(r);
    remote_receive_begin(r);
    take_secrets(r);
    r->n_tries++;
    r->try_ms = clock_monotonic_ms();
    if (r->backend->no_system)
        remote_merge_system(r);
    buf_init(&url, 8192);
    buf_init(&body, 64u << 20);
    buf_add_str(&url, r->backend->model.base_url);
    add_headers(r);
    r->backend->dialect->request(r, &url, &body);
    add_own_query(r, &url);
    int result = send_bytes(r, &url, &body, e);
    buf_free(&url);
    buf_free(&body);
    return result;
}
