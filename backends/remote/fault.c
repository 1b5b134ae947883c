#include "backends/remote/fault.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backends/remote/redact.h"
#include "base/mem.h"
#include "base/utf8.h"

#define FAULT_MAX_BODY (1u << 20)
#define FAULT_MAX_WORDS 200 /* bytes of a server's message that are kept */
#define FAULT_LINE_BYTES 2048 /* of it that are looked at */

/* As fault_line, but leaves the key in.  Returns the length. */
static size_t write_line(char *to, size_t size, const char *s, size_t n)
{
    size_t len = 0;
    bool gap = false;
    while (n > 0) {
        uint32_t cp;
        char c[UTF8_MAX_BYTES];
        size_t used = utf8_decode(s, n, &cp);
        s += used;
        n -= used;
        if (cp <= ' ' || (cp >= 0x7F && cp < 0xA0)) {
            gap = len > 0;
            continue;
        }
        size_t n_c = utf8_encode(cp, c);
        if (len + gap + n_c + 1 > size)
            break;
        if (gap)
            to[len++] = ' ';
        gap = false;
        memcpy(to + len, c, n_c);
        len += n_c;
    }
    to[len] = '\0';
    return len;
}

/* The key is taken out before the cut: half of a key is not known as one. */
void fault_line(char *to, size_t size, const char *s, size_t n,
                const char *key)
{
    char line[FAULT_LINE_BYTES];
    size_t len = write_line(line, sizeof(line), s, n);
    write_line(to, size, line, redact(line, len, key));
}

/* A string, or a number as text. */
static void copy_field(char *to, size_t size, const cJSON *node,
                       const char *key)
{
    if (cJSON_IsString(node))
        fault_line(to, size, node->valuestring, strlen(node->valuestring), key);
    else if (cJSON_IsNumber(node))
        snprintf(to, size, "%.0f", node->valuedouble);
}

/* --- how long to wait -------------------------------------------------- */

/* A duration such as "6s", "1m30.5s", "350ms", "20 seconds" or "7" (seconds),
 * in milliseconds; -1 if there is none. */
static int64_t read_duration(const char *s)
{
    static const struct {
        const char *name;
        double ms;
    } units[] = {{"ms", 1},      {"milli", 1},   {"min", 60000}, {"m", 60000},
                 {"s", 1000},    {"h", 3600000}, {"", 1000}};
    double all_ms = -1;
    for (;;) {
        char *end;
        s += strspn(s, " ~");
        if (strspn(s, "0123456789") == 0)
            break;
        double v = strtod(s, &end);
        s = end + strspn(end, " ");
        size_t u = 0;
        while (strncasecmp(s, units[u].name, strlen(units[u].name)) != 0)
            u++;
        all_ms = (all_ms < 0 ? 0 : all_ms) + v * units[u].ms;
        if (units[u].name[0] == '\0')
            break;
        s += strcspn(s, " .,;)0123456789");
    }
    return all_ms >= 0 && all_ms < 1e12 ? (int64_t)all_ms : -1;
}

/* "Please try again in 6s." */
static int64_t wait_in_words(const char *text)
{
    static const char *const phrases[] = {
        "try again in", "try again after", "retry in", "retry after",
        "retry-after:", "retry your request after", "wait for", "wait",
        "available in", "resets in", "reset after",
    };
    for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
        for (const char *p = text; *p != '\0'; p++) {
            size_t n = strlen(phrases[i]);
            if (strncasecmp(p, phrases[i], n) != 0)
                continue;
            int64_t ms = read_duration(p + n);
            if (ms >= 0)
                return ms;
        }
    return -1;
}

/* "45.8s" in the RetryInfo of Google's error details; Anthropic's are an
 * object with a code. */
static void read_details(struct fault *f, const cJSON *details,
                         const char *key)
{
    const cJSON *detail;
    copy_field(f->code, sizeof(f->code), json_get(details, "error_code"), key);
    cJSON_ArrayForEach(detail, details) {
        const char *delay = json_get_string(detail, "retryDelay", NULL);
        const cJSON *violation;
        if (delay != NULL && read_duration(delay) >= 0)
            f->retry_ms = read_duration(delay);
        cJSON_ArrayForEach(violation, json_get(detail, "violations")) {
            const char *id = json_get_string(violation, "quotaId", "");
            if (f->param[0] == '\0')
                snprintf(f->param, sizeof(f->param), "%.63s", id);
        }
    }
}

/* A number of these units, or a duration with units of its own, as text: in
 * milliseconds; -1 if it is neither, as a date. */
static double read_wait(const char *s, double ms)
{
    char *end;
    double v = strtod(s, &end);
    const char *rest = end + strspn(end, " ");
    if (end == s)
        return -1;
    if (*rest == '\0')
        return v * ms;
    return isalpha((unsigned char)*rest) ? (double)read_duration(s) : -1;
}

/* Seconds or milliseconds in fields of their own. */
static void read_retry(struct fault *f, const cJSON *o)
{
    static const struct {
        const char *name;
        double ms;
    } fields[] = {{"retry_after_ms", 1}, {"retry_after", 1000},
                  {"retryAfter", 1000}, {"retry_after_seconds", 1000}};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const cJSON *field = json_get(o, fields[i].name);
        double v = cJSON_IsNumber(field)   ? field->valuedouble * fields[i].ms
                   : cJSON_IsString(field) ? read_wait(field->valuestring,
                                                       fields[i].ms)
                                           : -1;
        if (f->retry_ms < 0 && v >= 0 && v < 1e12)
            f->retry_ms = (int64_t)v;
    }
}

/* --- what it says ------------------------------------------------------ */

#define FAULT_MAX_DEPTH 16 /* of values in values, and of errors in errors */

static void fault_init(struct fault *f)
{
    *f = (struct fault){.retry_ms = -1};
}

static bool read_any(struct fault *f, const cJSON *node, const char *key,
                     int depth);

/* Puts words behind those that are there. */
static void add_words(struct fault *f, const char *s, size_t n,
                      const char *key)
{
    char words[FAULT_MAX_WORDS];
    size_t len = strlen(f->message);
    fault_line(words, sizeof(words), s, n, key);
    if (words[0] == '\0' || strstr(f->message, words) != NULL)
        return;
    if (len > 0 && len + 3 < FAULT_MAX_WORDS) {
        memcpy(f->message + len, ": ", 3);
        len += 2;
    }
    write_line(f->message + len, FAULT_MAX_WORDS - len, words,
               strlen(words));
}

/* What the inner of two errors adds to the outer. */
static void take_inner(struct fault *f, const struct fault *inner)
{
    add_words(f, inner->message, strlen(inner->message), NULL);
    if (inner->type[0] != '\0')
        memcpy(f->type, inner->type, sizeof(f->type));
    if (inner->code[0] != '\0')
        memcpy(f->code, inner->code, sizeof(f->code));
    if (inner->param[0] != '\0')
        memcpy(f->param, inner->param, sizeof(f->param));
    if (inner->retry_ms >= 0)
        f->retry_ms = inner->retry_ms;
}

/* A text, which may be JSON itself, or have some at its end. */
static bool read_words(struct fault *f, const char *s, const char *key,
                       int depth)
{
    const char *open = strchr(s, '{');
    cJSON *tree = open != NULL && depth < FAULT_MAX_DEPTH
                      ? json_parse_repaired(open, strlen(open), FAULT_MAX_BODY,
                                            "error", NULL)
                      : NULL;
    struct fault inner;
    fault_init(&inner);
    bool has_inner = tree != NULL && read_any(&inner, tree, key, depth + 1);
    cJSON_Delete(tree);
    if (!has_inner) {
        add_words(f, s, strlen(s), key);
        return f->message[0] != '\0';
    }
    add_words(f, s, (size_t)(open - s), key);
    take_inner(f, &inner);
    return true;
}

/* Where in the request something is wrong: "body.temperature". */
static void read_place(struct fault *f, const cJSON *loc, const char *key)
{
    struct buf place;
    const cJSON *step;
    buf_init(&place, sizeof(f->param) - 1);
    cJSON_ArrayForEach(step, loc) {
        buf_add_str(&place, place.len > 0 ? "." : "");
        if (cJSON_IsString(step))
            buf_add_str(&place, step->valuestring);
        else if (cJSON_IsNumber(step))
            buf_addf(&place, "%.0f", step->valuedouble);
    }
    add_words(f, place.data, place.len, key);
    const char *last = strrchr(place.data, '.');
    last = last ? last + 1 : place.data;
    fault_line(f->param, sizeof(f->param), last, strlen(last), key);
    buf_free(&place);
}

/* The code of an error, by one of its names, or NULL. */
static const cJSON *code_of(const cJSON *o)
{
    static const char *const names[] = {"code", "status_code", "error_code",
                                        "statusCode"};
    const cJSON *code = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (code == NULL || cJSON_IsNull(code))
            code = json_get(o, names[i]);
    return code;
}

/* The object that says what is wrong, wherever it was found. */
static bool read_object(struct fault *f, const cJSON *o, const char *key,
                        int depth)
{
    static const char *const names[] = {
        "message", "msg", "detail", "error", "errors", "error_message",
        "error_msg", "status_msg", "description", "reason", "title",
        "Message", "fault", "faultstring", "base_resp",
    };
    bool says = false;
    if (cJSON_IsArray(json_get(o, "loc")))
        read_place(f, json_get(o, "loc"), key);
    copy_field(f->type, sizeof(f->type), json_get(o, "type"), key);
    if (f->type[0] == '\0')
        copy_field(f->type, sizeof(f->type), json_get(o, "status"), key);
    copy_field(f->code, sizeof(f->code), code_of(o), key);
    if (cJSON_IsString(json_get(o, "param")))
        copy_field(f->param, sizeof(f->param), json_get(o, "param"), key);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !says; i++)
        says = read_any(f, json_get(o, names[i]), key, depth);
    const cJSON *raw = json_get(json_get(o, "metadata"), "raw");
    says = read_any(f, raw, key, depth) || says;
    read_details(f, json_get(o, "details"), key);
    read_retry(f, o);
    return says || f->type[0] != '\0' ||
           (f->code[0] != '\0' && strcmp(f->code, "0") != 0);
}

/* Any value that stands where an error may.  False: it says nothing. */
static bool read_any(struct fault *f, const cJSON *node, const char *key,
                     int depth)
{
    if (node == NULL || depth > FAULT_MAX_DEPTH)
        return false;
    if (cJSON_IsString(node))
        return read_words(f, node->valuestring, key, depth + 1);
    struct fault inner;
    fault_init(&inner);
    bool says = false;
    const cJSON *item;
    if (cJSON_IsNumber(node) && node->valuedouble != 0) {
        copy_field(inner.code, sizeof(inner.code), node, key);
        says = true;
    } else if (cJSON_IsObject(node))
        says = read_object(&inner, node, key, depth + 1);
    else if (cJSON_IsArray(node))
        cJSON_ArrayForEach(item, node)
            says = read_any(&inner, item, key, depth + 1) || says;
    if (says)
        take_inner(f, &inner);
    return says;
}

/* Whether an object has words that say how it went, and not that all is well:
 * "code": 0, or 200. */
static bool tells_of_failure(const cJSON *o)
{
    static const char *const names[] = {"message", "msg", "error_msg",
                                        "status_msg", "Message"};
    const cJSON *code = code_of(o);
    const char *text = cJSON_IsString(code) ? code->valuestring : "";
    double number = cJSON_IsNumber(code) ? code->valuedouble
                    : text[0] != '\0'    ? strtod(text, NULL)
                                         : -1;
    if ((number == 0 && strspn(text, "0") == strlen(text)) || number == 200)
        return false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (json_get_string(o, names[i], "")[0] != '\0')
            return true;
    return false;
}

/* An error that a part of an answer names, in the fields for it. */
static bool find_error(struct fault *f, const cJSON *tree, const char *key)
{
    const cJSON *choices = json_get(tree, "choices");
    const cJSON *choice = choices ? choices->child : NULL;
    const cJSON *places[] = {tree, choice, json_get(choice, "delta")};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (read_any(f, json_get(places[i], "error"), key, 0))
            return true;
    if (read_any(f, json_get(tree, "errors"), key, 0) ||
        read_any(f, json_get(tree, "fault"), key, 0))
        return true;
    if (cJSON_IsTrue(json_get(tree, "error")) ||
        strcmp(json_get_string(tree, "object", ""), "error") == 0 ||
        strcmp(json_get_string(tree, "type", ""), "error") == 0) {
        read_object(f, tree, key, 0);
        return true;
    }
    const cJSON *state = json_get(tree, "base_resp"); /* MiniMax */
    if (tells_of_failure(state))
        return read_object(f, state, key, 0);
    /* Words at the top, where an answer has an object or nothing. */
    return choices == NULL && json_get(tree, "candidates") == NULL &&
           (read_any(f, json_get(tree, "detail"), key, 0) ||
            (tells_of_failure(tree) && read_object(f, tree, key, 0)));
}

static void finish_reading(struct fault *f)
{
    if (f->retry_ms < 0)
        f->retry_ms = wait_in_words(f->message);
}

bool fault_in(struct fault *f, const cJSON *tree, const char *key)
{
    fault_init(f);
    bool found = false;
    if (!cJSON_IsArray(tree)) {
        found = find_error(f, tree, key);
    } else {
        const cJSON *item;
        cJSON_ArrayForEach(item, tree)
            found = found || find_error(f, item, key);
    }
    if (found)
        finish_reading(f);
    return found;
}

/* What is between <title> and </title>, else the text as it is. */
static void read_text(struct fault *f, const char *body, size_t n,
                      const char *key)
{
    for (size_t i = 0; i + 7 < n; i++) {
        if (strncasecmp(body + i, "<title>", 7) != 0)
            continue;
        const char *title = body + i + 7;
        const char *end = memchr(title, '<', n - i - 7);
        add_words(f, title, end ? (size_t)(end - title) : n - i - 7, key);
        return;
    }
    if (n >= 5 && memcmp(body, "data:", 5) == 0) { /* as a part of a stream */
        body += 5;
        n -= 5;
    }
    char *text = mem_strndup(body, n); /* perhaps with JSON in it */
    read_words(f, text, key, 0);
    free(text);
}

void fault_read(struct fault *f, const char *body, size_t n, const char *key)
{
    cJSON *tree = json_parse_repaired(body, n, FAULT_MAX_BODY, "error", NULL);
    fault_init(f);
    if (tree == NULL)
        read_text(f, body, n, key);
    else if (!find_error(f, cJSON_IsArray(tree) ? tree->child : tree, key))
        read_any(f, tree, key, 0);
    cJSON_Delete(tree);
    finish_reading(f);
}

static bool has_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = text; *p != '\0'; p++)
        if (strncasecmp(p, word, n) == 0)
            return true;
    return false;
}

bool fault_mentions(const struct fault *f, const char *word)
{
    return has_word(f->message, word) || has_word(f->type, word) ||
           has_word(f->code, word) || has_word(f->param, word);
}

bool fault_mentions_any(const struct fault *f, const char *const *words)
{
    while (*words != NULL && !fault_mentions(f, *words))
        words++;
    return *words != NULL;
}

/* Whether a text has the name of a field, and not as a part of another. */
static bool has_name(const char *text, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = strstr(text, name); p != NULL; p = strstr(p + 1, name))
        if ((p == text || !(isalnum((unsigned char)p[-1]) || p[-1] == '_')) &&
            !isalnum((unsigned char)p[n]) && p[n] != '_')
            return true;
    return false;
}

bool fault_refuses(const struct fault *f, const char *field)
{
    static const char *const signs[] = {
        "unsupported", "not support", "n't support", "unrecognized",
        "unknown", "extra", "not permitted", "not allowed", "unexpected",
        "deprecated", "not available", "only the default", "invalid field",
        "invalid parameter", "no longer", "cannot be used", "use 'max_",
        "not accept", "removed", "may only be", "cannot both", NULL,
    };
    return (strcmp(f->param, field) == 0 || has_name(f->message, field)) &&
           fault_mentions_any(f, signs);
}

bool fault_is_passing(const struct fault *f)
{
    static const char *const types[] = {
        "overloaded_error", "rate_limit_error", "rate_limit_exceeded",
        "api_error", "server_error", "timeout_error", "UNAVAILABLE",
        "RESOURCE_EXHAUSTED", "INTERNAL",
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(f->type, types[i]) == 0 || strcmp(f->code, types[i]) == 0)
            return true;
    return false;
}

int fault_status(const struct fault *f)
{
    char *end;
    long status = strtol(f->code, &end, 10);
    return *end == '\0' && status >= 400 && status < 600 ? (int)status : 0;
}
