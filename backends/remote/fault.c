#include "backends/remote/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backends/remote/redact.h"
#include "base/utf8.h"

#define FAULT_MAX_BODY (1u << 20)
#define FAULT_MAX_WORDS 200 /* bytes of a server's message that are kept */
#define FAULT_LINE_BYTES 2048 /* of it that are looked at */

/* Writes text as one line of valid UTF-8, cut at a character.  Returns its
 * length. */
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
        if (cp <= ' ' || cp == 0x7F) {
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

/* The same without the key, which is taken out before the cut: half of a key
 * is not known as one. */
static void copy_line(char *to, size_t size, const char *s, size_t n,
                      const char *key)
{
    char line[FAULT_LINE_BYTES];
    size_t len = write_line(line, sizeof(line), s, n);
    write_line(to, size, line, redact(line, len, key));
}

static void copy_words(struct fault *f, const char *s, size_t n,
                       const char *key)
{
    copy_line(f->message, FAULT_MAX_WORDS, s, n, key);
}

/* A string, or a number as text. */
static void copy_field(char *to, size_t size, const cJSON *node,
                       const char *key)
{
    if (cJSON_IsString(node))
        copy_line(to, size, node->valuestring, strlen(node->valuestring), key);
    else if (cJSON_IsNumber(node))
        snprintf(to, size, "%.0f", node->valuedouble);
}

/* "45.8s" in the RetryInfo of Google's error details. */
static void read_details(struct fault *f, const cJSON *details)
{
    const cJSON *detail;
    cJSON_ArrayForEach(detail, details) {
        const char *delay = json_get_string(detail, "retryDelay", NULL);
        if (delay == NULL)
            continue;
        double s = strtod(delay, NULL);
        if (s >= 0 && s < 1e6)
            f->retry_ms = (int64_t)(s * 1000);
    }
}

/* The object that says what is wrong, wherever it was found. */
static void read_object(struct fault *f, const cJSON *o, const char *key)
{
    const char *message = json_get_string(o, "message", NULL);
    if (message == NULL)
        message = json_get_string(o, "msg", NULL);
    if (message == NULL)
        message = json_get_string(o, "detail", "");
    copy_words(f, message, strlen(message), key);
    copy_field(f->type, sizeof(f->type), json_get(o, "type"), key);
    if (f->type[0] == '\0')
        copy_field(f->type, sizeof(f->type), json_get(o, "status"), key);
    copy_field(f->code, sizeof(f->code), json_get(o, "code"), key);
    copy_field(f->param, sizeof(f->param), json_get(o, "param"), key);
    read_details(f, json_get(o, "details"));
}

static bool read_any(struct fault *f, const cJSON *node, const char *key)
{
    if (cJSON_IsString(node) && node->valuestring[0] != '\0')
        copy_words(f, node->valuestring, strlen(node->valuestring), key);
    else if (cJSON_IsObject(node))
        read_object(f, node, key);
    else if (cJSON_IsArray(node) && node->child != NULL)
        return read_any(f, node->child, key);
    else
        return false;
    return true;
}

static void fault_init(struct fault *f)
{
    *f = (struct fault){.retry_ms = -1};
}

bool fault_in(struct fault *f, const cJSON *tree, const char *key)
{
    fault_init(f);
    if (cJSON_IsArray(tree))
        tree = tree->child;
    const cJSON *error = json_get(tree, "error");
    if (read_any(f, error, key))
        return true;
    if (read_any(f, json_get(tree, "errors"), key))
        return true;
    if (strcmp(json_get_string(tree, "object", ""), "error") != 0)
        return false;
    read_object(f, tree, key);
    return true;
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
        copy_words(f, title, end ? (size_t)(end - title) : n - i - 7, key);
        return;
    }
    copy_words(f, body, n, key);
}

void fault_read(struct fault *f, const char *body, size_t n, const char *key)
{
    cJSON *tree = json_parse(body, n, FAULT_MAX_BODY, "error", NULL);
    if (tree == NULL) {
        fault_init(f);
        read_text(f, body, n, key);
        return;
    }
    if (!fault_in(f, tree, key) && !read_any(f, json_get(tree, "detail"), key))
        read_any(f, tree, key);
    cJSON_Delete(tree);
}

bool fault_mentions(const struct fault *f, const char *word)
{
    const char *const places[] = {f->message, f->type, f->code, f->param};
    size_t n = strlen(word);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        for (const char *p = places[i]; *p != '\0'; p++)
            if (strncasecmp(p, word, n) == 0)
                return true;
    return false;
}

int fault_status(const struct fault *f)
{
    char *end;
    long status = strtol(f->code, &end, 10);
    return *end == '\0' && status >= 400 && status < 600 ? (int)status : 0;
}
