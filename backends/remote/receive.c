/* What comes from a server, until the try is over. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backends/remote/redact.h"
#include "backends/remote/remote_private.h"
#include "base/clock.h"
#include "base/mem.h"

#define RECEIVE_MAX_ERROR_BYTES (64u << 10)
#define RECEIVE_QUOTE_BYTES 200 /* of what makes no sense, for the error */
#define RECEIVE_TOKEN_BYTES 16  /* that a piece of one token has at most; few
                                   have more */
#define RECEIVE_MEAN_BYTES 3    /* of a token at least, over a text */

/* --- calls of the dialects --------------------------------------------- */

static void note_content(struct remote *r)
{
    if (!r->has_content)
        r->end.first_ms = clock_monotonic_ms() - r->try_ms;
    r->has_content = true;
    r->n_content++;
}

/* The server was given more tokens than the person wants to read, so that the
 * model can think.  Servers that send a token at a time are cut where they
 * would have stopped, or a little later; those that send several at once, or a
 * letter at a time, go on for longer: a good answer is never cut early. */
static bool is_at_limit(struct remote *r)
{
    size_t most = (size_t)r->max_tokens;
    if (r->n_room == 0 || most == 0 || r->n_pieces < most ||
        r->n_text < most * RECEIVE_MEAN_BYTES)
        return false;
    remote_finish(r, FINISH_LENGTH);
    r->is_over = true;
    return true;
}

static void push_text(struct remote *r, const char *text)
{
    if (is_at_limit(r))
        return;
    if (!think_add(&r->think, r->stream, text, strlen(text)))
        r->is_over = true;
    if (!r->think.has_text)
        return;
    r->n_pieces += 1 + (strlen(text) - 1) / RECEIVE_TOKEN_BYTES;
    r->n_text += strlen(text);
}

/* A first half of a character whose other half did not come. */
static void give_up_half(struct remote *r)
{
    if (r->half != 0)
        push_text(r, "\xEF\xBF\xBD");
    r->half = 0;
}

void remote_text(struct remote *r, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    note_content(r);
    r->has_words = true;
    give_up_half(r);
    push_text(r, text);
}

void remote_refusal(struct remote *r, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    r->has_refusal = true;
    remote_text(r, text);
}

void remote_thinking(struct remote *r, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    note_content(r);
    r->backend->thinks = true;
    if (!think_add_thinking(&r->think, r->stream, text, strlen(text)))
        r->is_over = true;
}

void remote_finish(struct remote *r, enum finish f)
{
    r->has_end = true;
    r->end.finish = f;
}

void remote_finish_by(struct remote *r, const struct remote_reason *table,
                      const char *reason)
{
    if (reason == NULL || reason[0] == '\0' || strcmp(reason, "null") == 0)
        return;
    while (table->reason != NULL && strcasecmp(table->reason, reason) != 0)
        table++;
    if (table->finish != FINISH_ERROR) {
        remote_finish(r, table->finish);
        return;
    }
    struct fault f = {.message = "", .retry_ms = -1};
    fault_line(f.type, sizeof(f.type), reason, strlen(reason), r->secrets);
    snprintf(f.message, sizeof(f.message), "it ended with \"%s\"", f.type);
    remote_fault(r, &f);
}

void remote_done(struct remote *r)
{
    if (r->end.finish == FINISH_NONE)
        r->end.finish = FINISH_STOP;
    r->has_end = r->is_done = r->is_over = true;
}

void remote_fault(struct remote *r, const struct fault *f)
{
    if (!r->has_fault)
        r->fault = *f;
    r->has_fault = r->is_over = true;
}

void remote_call(struct remote *r, const cJSON *call)
{
    r->has_call = r->has_call || (call != NULL && call->child != NULL);
}

void remote_loaded(struct remote *r, int64_t ms)
{
    r->loaded_ms = ms;
}

void remote_note(struct remote *r, const char *fmt, ...)
{
    struct buf words;
    va_list ap;
    buf_init(&words, SIZE_MAX / 2);
    va_start(ap, fmt);
    buf_vaddf(&words, fmt, ap);
    va_end(ap);
    fault_line(r->note, sizeof(r->note), words.data, words.len, r->secrets);
    buf_free(&words);
}

bool remote_fault_in(struct remote *r, const cJSON *object)
{
    struct fault f;
    if (!fault_in(&f, object, r->secrets))
        return false;
    remote_fault(r, &f);
    return true;
}

size_t remote_n_content(const struct remote *r)
{
    return r->n_content;
}

bool remote_has_text(const struct remote *r)
{
    return r->has_words;
}

void remote_tokens(struct remote *r, const cJSON *tokens)
{
    logprobs_read(&r->logprobs, tokens, r->end.p_word);
    if (remote_wants_chances(r))
        logprobs_push(tokens, r->stream);
}

void remote_usage_init(struct remote_usage *u)
{
    *u = (struct remote_usage){-1, -1, -1, -1, NAN};
}

void remote_count(const cJSON *object, const char *key, int64_t *to)
{
    json_is_whole(json_get(object, key), 0, INT64_C(1) << 40, to);
}

void remote_usage(struct remote *r, const struct remote_usage *u)
{
    const struct {
        int64_t from, *to;
    } counts[] = {{u->n_in, &r->end.n_in},
                  {u->n_cached, &r->end.n_cached},
                  {u->n_out, &r->end.n_out},
                  {u->n_think, &r->end.n_think}};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        if (counts[i].from >= 0)
            *counts[i].to = counts[i].from;
    if (u->n_think > 0)
        r->backend->thinks = true;
    if (u->cost >= 0)
        r->end.cost = u->cost;
}

void remote_listed(struct remote *r, const char *id)
{
    if (id == NULL || id[0] == '\0')
        return;
    char *copy = mem_strdup(id);
    bool going = stream_push_text(r->stream, copy,
                                  redact(copy, strlen(copy), r->secrets)) &&
                 stream_push_text(r->stream, "\n", 1);
    r->is_over = r->is_over || !going;
    free(copy);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool remote_listed_all(struct remote *r, const cJSON *models, const char *key)
{
    const cJSON *model;
    size_t n = 0;
    if (!cJSON_IsArray(models))
        return false;
    const char **ids = mem_calloc((size_t)cJSON_GetArraySize(models) + 1,
                                  sizeof(*ids));
    cJSON_ArrayForEach(model, models)
        if (json_get_string(model, key, NULL) != NULL)
            ids[n++] = json_get_string(model, key, NULL);
    qsort(ids, n, sizeof(*ids), by_text);
    for (size_t i = 0; i < n; i++)
        remote_listed(r, ids[i]);
    free(ids);
    return true;
}

void remote_more(struct remote *r, const char *page)
{
    char *copy = mem_strdup(page);
    free(r->page);
    r->page = copy;
    r->has_more = true;
}

/* --- events ------------------------------------------------------------ */

/* What keeps a connection alive: nothing, null, empty values, a comment, or a
 * word or two such as "ping". */
static bool is_noise(const char *data, const cJSON *tree)
{
    if (tree != NULL)
        return true; /* JSON that the dialect does not know */
    data += strspn(data, " \t\r\n[");
    return data[0] == '\0' || data[0] == ':' ||
           strncasecmp(data, "ping", 4) == 0 ||
           strncasecmp(data, "keep-alive", 10) == 0 ||
           strncasecmp(data, "keepalive", 9) == 0 ||
           strncasecmp(data, "heartbeat", 9) == 0;
}

/* The end marker of OpenAI's streams, which gateways put behind those of other
 * protocols, too. */
static bool is_done_marker(const char *s)
{
    static const char marker[] = "[DONE]", others[] = " \t\r\n\"";
    s += strspn(s, others);
    if (strncasecmp(s, marker, sizeof(marker) - 1) != 0)
        return false;
    s += sizeof(marker) - 1;
    return s[strspn(s, others)] == '\0';
}

/* The event is of no protocol that we know: quoted in the error. */
static void stop_at_nonsense(struct remote *r, const char *data, size_t n)
{
    buf_clear(&r->body);
    buf_add(&r->body, data, n);
    remote_explain_nonsense(r);
    r->is_over = true;
}

static void take_event(struct remote *r, const char *name, const char *data,
                       size_t n)
{
    struct fault f;
    /* Servers are forgiven bytes that are no UTF-8. */
    cJSON *tree = json_parse_repaired(data, n, SSE_MAX_BYTES, "answer", NULL);
    if (strcasecmp(name, "error") == 0) {
        fault_read(&f, data, n, r->secrets);
        remote_fault(r, &f);
    } else if (tree != NULL && remote_fault_in(r, tree)) {
        /* and is over */
    } else if (is_done_marker(data)) {
        if (r->has_end || r->backend->dialect->done_ends)
            remote_done(r);
    } else if (r->backend->dialect->event(r, name, data, tree)) {
        r->n_chunks++;
    } else if (!r->is_over && !is_noise(data, tree)) {
        if (strncasecmp(data, "error", 5) == 0) {
            fault_read(&f, data, n, r->secrets);
            remote_fault(r, &f);
        } else {
            stop_at_nonsense(r, data, n);
        }
    }
    cJSON_Delete(tree);
}

/* The value of \uXXXX at s, or -1. */
static long unit_at(const char *s, const char *end)
{
    char digits[5] = "";
    if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
        return -1;
    memcpy(digits, s + 2, 4);
    return strspn(digits, "0123456789abcdefABCDEF") == 4
               ? strtol(digits, NULL, 16) : -1;
}

/* A pair of surrogates may be parted between two events: the first half at the
 * end of a text, the other at the start of the next. */
struct halves {
    unsigned first; /* of the event before; 0: none */
    bool joined;    /* its other half was here */
    unsigned next;  /* the half that this event ends with; 0: none */
};

/* Copies the JSON of an event, with the half of the one before put in place,
 * and its own last half taken out. */
static void join_halves(const char *s, size_t n, struct halves *h,
                        struct buf *out)
{
    const char *end = s + n;
    bool opened = false, inside = false; /* a string, right before s */
    while (s < end) {
        long unit = inside ? unit_at(s, end) : -1;
        if (unit >= 0xDC00 && unit < 0xE000 && opened && h->first != 0) {
            buf_addf(out, "\\u%04x", h->first);
            h->joined = true;
        }
        opened = false;
        if (unit >= 0xD800 && unit < 0xDC00 && s + 6 < end && s[6] == '"') {
            h->next = (unsigned)unit;
            s += 6;
            continue;
        }
        size_t len = unit >= 0                                ? 6
                     : inside && *s == '\\' && s + 1 < end ? 2
                                                             : 1;
        if (*s == '"')
            opened = inside = !inside;
        buf_add(out, s, len);
        s += len;
    }
}

static bool on_event(void *arg, const char *name, const char *data, size_t n)
{
    struct remote *r = arg;
    if (strstr(data, "\\u") == NULL) {
        take_event(r, name, data, n);
        return !r->is_over;
    }
    struct buf joined;
    struct halves h = {.first = r->half};
    buf_init(&joined, n + 8);
    join_halves(data, n, &h, &joined);
    if (h.joined)
        r->half = 0;
    take_event(r, name, joined.data, joined.len);
    if (h.next != 0)
        r->half = h.next;
    buf_free(&joined);
    return !r->is_over;
}

/* --- bytes ------------------------------------------------------------- */

void remote_receive_begin(struct remote *r)
{
    sse_free(&r->sse);
    sse_init(&r->sse, r->backend->dialect->framing == FRAMING_LINES, on_event,
             r);
    buf_clear(&r->body);
    r->kind = REMOTE_UNKNOWN;
    r->n_chunks = 0;
    r->n_pieces = r->n_text = 0;
    r->loaded_ms = 0;
    r->note[0] = '\0';
    r->has_fault = r->has_end = r->is_done = r->is_over = false;
    r->has_more = r->has_refusal = r->has_call = r->has_words = false;
    r->half = 0;
    r->end.finish = FINISH_NONE;
    logprobs_clear(&r->logprobs);
}

/* Events, or one JSON (or a web page): the first byte tells, behind a byte
 * order mark that may come in pieces. */
static void find_kind(struct remote *r)
{
    static const char mark[] = "\xEF\xBB\xBF";
    const char *s = r->body.data;
    bool lines = r->backend->dialect->framing == FRAMING_LINES;
    if (r->body.len < 3 && memcmp(s, mark, r->body.len) == 0)
        return;
    if (r->body.len >= 3 && memcmp(s, mark, 3) == 0)
        s += 3;
    s += strspn(s, " \t\r\n");
    if (r->listing || *s == '<' || *s == '[' || (*s == '{' && !lines))
        r->kind = REMOTE_WHOLE;
    else if (*s != '\0')
        r->kind = REMOTE_EVENTS;
}

/* Only what brings the answer on is progress: keep-alives are none. */
static enum http_go take_events(struct remote *r, const char *bytes, size_t n)
{
    struct err e;
    size_t before = r->n_content;
    if (sse_add(&r->sse, bytes, n, &e) != 0) {
        r->end.finish = FINISH_ERROR;
        r->end.error = e;
        r->is_over = true;
    }
    return r->is_done && !r->has_fault ? HTTP_DONE
           : r->is_over                ? HTTP_END
           : r->n_content > before     ? HTTP_FLOW
                                       : HTTP_WAIT;
}

enum http_go remote_receive(void *arg, const struct http_answer *a,
                            const char *bytes, size_t n)
{
    struct remote *r = arg;
    if (a->status < 200 || a->status > 299) {
        buf_add(&r->body, bytes, n);
        return r->body.len > RECEIVE_MAX_ERROR_BYTES ? HTTP_END : HTTP_FLOW;
    }
    if (r->kind == REMOTE_EVENTS)
        return take_events(r, bytes, n);
    buf_add(&r->body, bytes, n);
    if (r->kind == REMOTE_UNKNOWN)
        find_kind(r);
    if (r->kind == REMOTE_UNKNOWN && !r->body.overflow)
        return HTTP_WAIT; /* blanks */
    if (r->kind == REMOTE_EVENTS) { /* what was held so far, blanks and all */
        struct buf held = r->body;
        buf_init(&r->body, held.max);
        buf_add(&r->body, held.data, held.len < RECEIVE_QUOTE_BYTES
                                         ? held.len : RECEIVE_QUOTE_BYTES);
        enum http_go go = take_events(r, held.data, held.len);
        buf_free(&held);
        return go;
    }
    if (!r->body.overflow)
        return HTTP_FLOW;
    r->end.finish = FINISH_ERROR;
    err_set(&r->end.error, ERR_BACKEND, "the answer is larger than %u MB",
            REMOTE_MAX_WHOLE_BYTES >> 20);
    return HTTP_END;
}

/* --- the end of a try -------------------------------------------------- */

/* The length of the JSON value that s begins with, 0 if it is not whole. */
static size_t value_length(const char *s, size_t n)
{
    int depth = 0;
    bool inside = false; /* a string */
    for (size_t i = 0; i < n; i++) {
        if (inside && s[i] == '\\')
            i++;
        else if (s[i] == '"')
            inside = !inside;
        else if (!inside && (s[i] == '{' || s[i] == '['))
            depth++;
        else if (!inside && (s[i] == '}' || s[i] == ']') && --depth == 0)
            return i + 1;
    }
    return 0;
}

/* Some servers that answer in one piece still send the end marker of a stream
 * behind it. */
static bool is_nothing_or_marker(const char *s)
{
    s += strspn(s, " \t\r\n");
    return *s == '\0' ||
           (strncmp(s, "data:", 5) == 0 && is_done_marker(s + 5));
}

/* An answer, or an array of one. */
static bool read_whole(struct remote *r, const cJSON *tree)
{
    const struct dialect *d = r->backend->dialect;
    bool (*read)(struct remote *r, const cJSON *tree) = r->listing ? d->list
                                                                   : d->whole;
    return read(r, tree) || (cJSON_IsArray(tree) && read(r, tree->child));
}

static void end_whole(struct remote *r)
{
    size_t n = value_length(r->body.data, r->body.len);
    if (n == 0 || !is_nothing_or_marker(r->body.data + n))
        n = r->body.len;
    cJSON *tree = json_parse_repaired(r->body.data, n, REMOTE_MAX_WHOLE_BYTES,
                                      "answer", NULL);
    if (tree != NULL && remote_fault_in(r, tree)) {
        /* whatever else it says */
    } else if (tree == NULL || !read_whole(r, tree)) {
        if (!r->has_fault)
            remote_explain_nonsense(r);
    } else if (r->end.finish == FINISH_NONE) {
        r->end.finish = FINISH_STOP; /* the JSON is whole */
    }
    cJSON_Delete(tree);
}

static void end_events(struct remote *r, const struct http_answer *a)
{
    struct err e;
    if (r->kind == REMOTE_EVENTS && a->failure == HTTP_FINE && !r->is_over &&
        sse_end(&r->sse, &e) != 0) {
        r->end.finish = FINISH_ERROR;
        r->end.error = e;
    }
    give_up_half(r);
    if (r->has_fault || r->end.finish == FINISH_ERROR ||
        (r->is_over && !r->has_end))
        return; /* it has said why, or the stream knows */
    if (a->failure != HTTP_FINE && !r->is_done)
        remote_explain_failure(r, a);
    else if (r->n_chunks == 0)
        remote_explain_nonsense(r);
    else if (!r->has_end)
        remote_explain_failure(r, a);
}

void remote_receive_end(struct remote *r, const struct http_answer *a)
{
    if (r->kind == REMOTE_WHOLE && a->failure == HTTP_FINE &&
        r->end.finish == FINISH_NONE)
        end_whole(r);
    else
        end_events(r, a);
    if (r->end.finish != FINISH_STOP)
        return;
    if (r->has_refusal) {
        r->end.finish = FINISH_FILTER;
    } else if (r->has_call && !r->has_words) {
        r->end.finish = FINISH_ERROR;
        err_set(&r->end.error, ERR_BACKEND, "no answer: the model called a "
                "tool instead, and there is none here");
    }
}
