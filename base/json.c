#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static void json_place(const char *text, size_t at, size_t *line, size_t *col)
{
    *line = 1;
    *col = 1;
    for (size_t i = 0; i < at; i++) {
        (*col)++;
        if (text[i] == '\n') {
            (*line)++;
            *col = 1;
        }
    }
}

/* Where a zero byte or a \u0000 is, or n.  Outside of strings neither is JSON,
 * so that it does not matter whether it is in one. */
static size_t json_first_nul(const char *text, size_t n)
{
    const char *zero = memchr(text, 0, n);
    const char *end = zero != NULL ? zero : text + n;
    for (const char *p = text;
         (p = memchr(p, '\\', (size_t)(end - p))) != NULL && end - p >= 6;
         p += 2)
        if (memcmp(p, "\\u0000", 6) == 0)
            return (size_t)(p - text);
    return (size_t)(end - text);
}

cJSON *json_parse(const char *text, size_t n, size_t max_bytes,
                  const char *name, struct err *e)
{
    size_t line, col;
    if (n > max_bytes) {
        err_set(e, ERR_FORMAT, "%s: %zu bytes, more than the %zu allowed", name,
                n, max_bytes);
        return NULL;
    }
    size_t bad = utf8_first_invalid(text, n);
    if (bad < n) {
        json_place(text, bad, &line, &col);
        err_set(e, ERR_FORMAT, "%s:%zu:%zu: not UTF-8", name, line, col);
        return NULL;
    }
    size_t nul = json_first_nul(text, n);
    if (nul < n) {
        json_place(text, nul, &line, &col);
        err_set(e, ERR_FORMAT, "%s:%zu:%zu: %s, which no text here may hold",
                name, line, col, text[nul] ? "\\u0000" : "a zero byte");
        return NULL;
    }
    const char *end = NULL;
    cJSON *tree = cJSON_ParseWithLengthOpts(text, n, &end, 0);
    size_t at = end ? (size_t)(end - text) : 0;
    if (tree != NULL) {
        while (at < n && memchr(" \t\r\n", text[at], 4) != NULL)
            at++;
        if (at == n)
            return tree;
        cJSON_Delete(tree);
    }
    json_place(text, at < n ? at : n, &line, &col);
    err_set(e, ERR_FORMAT, "%s:%zu:%zu: %s", name, line, col,
            /* cJSON reports the last byte for all that is missing after it. */
            at + 1 >= n ? "the JSON ends too early or is wrong here"
                        : "not JSON from here on");
    return NULL;
}

/* Replaces bytes by spaces but keeps line ends, so that places stay true. */
static void json_blank(char *from, const char *to)
{
    for (; from < to; from++)
        if (*from != '\n')
            *from = ' ';
}

/* The end of the string, comment or single byte that starts at p. */
static char *json_skip(char *p, const char *end, bool *comment)
{
    *comment = false;
    if (*p == '"') {
        for (p++; p < end && *p != '"'; p++)
            if (*p == '\\' && p + 1 < end)
                p++;
        return p < end ? p + 1 : p;
    }
    if (*p != '/' || p + 1 >= end || (p[1] != '/' && p[1] != '*'))
        return p + 1;
    *comment = true;
    bool block = p[1] == '*';
    for (p += 2; p < end; p++) {
        if (!block && *p == '\n')
            return p;
        if (block && *p == '*' && p + 1 < end && p[1] == '/')
            return p + 2;
    }
    return p;
}

cJSON *json_parse_commented(const char *text, size_t n, size_t max_bytes,
                            const char *name, struct err *e)
{
    char *copy = mem_strndup(text, n);
    char *end = copy + n;
    char *comma = NULL; /* a comma with only blanks after it so far */
    for (char *p = copy; p < end;) {
        bool comment;
        char *next = json_skip(p, end, &comment);
        if (comment) {
            json_blank(p, next);
        } else if (*p == ',') {
            comma = p;
        } else if (comma != NULL && (*p == ']' || *p == '}')) {
            *comma = ' ';
            comma = NULL;
        } else if (memchr(" \t\r\n", *p, 4) == NULL) {
            comma = NULL;
        }
        p = next;
    }
    cJSON *tree = json_parse(copy, n, max_bytes, name, e);
    free(copy);
    return tree;
}

/* The length of a NaN or Infinity at p, or 0. */
static size_t json_no_number(const char *p, const char *end)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t n = strlen(words[i]);
        if ((size_t)(end - p) >= n && memcmp(p, words[i], n) == 0)
            return n;
    }
    return 0;
}

/* A copy with null for each NaN and Infinity; false if there is none. */
static bool json_null_numbers(const char *text, size_t n, struct buf *copy)
{
    const char *end = text + n, *whole = text;
    for (const char *p = text; p < end;) {
        size_t length = *p == 'N' || *p == 'I' || *p == '-'
                            ? json_no_number(p, end)
                            : 0;
        bool comment;
        if (length == 0) {
            p = *p == '"' ? json_skip((char *)p, end, &comment) : p + 1;
            continue;
        }
        buf_add(copy, whole, (size_t)(p - whole));
        buf_add_str(copy, "null");
        whole = p += length;
    }
    buf_add(copy, whole, (size_t)(end - whole));
    return whole > text;
}

cJSON *json_parse_python(const char *text, size_t n, size_t max_bytes,
                         const char *name, struct err *e)
{
    cJSON *tree = json_parse(text, n, max_bytes, name, e);
    if (tree != NULL || n > max_bytes)
        return tree;
    struct buf copy;
    buf_init(&copy, 2 * n + 1); /* NaN becomes one byte longer */
    if (json_null_numbers(text, n, &copy))
        tree = json_parse(copy.data, copy.len, copy.len, name, e);
    buf_free(&copy);
    return tree;
}

/* The code unit of a \\uXXXX at s, or -1. */
static long json_unit(const char *s, const char *end)
{
    if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
        return -1;
    long unit = 0;
    for (int i = 2; i < 6; i++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF";
        const char *digit = s[i] ? strchr(digits, s[i]) : NULL;
        if (digit == NULL)
            return -1;
        unit = unit * 16 + (digit - digits) % 16;
    }
    return unit;
}

/* Copies an escape and returns its length; what no text can hold is copied as
 * the replacement character. */
static size_t json_repair_escape(const char *s, const char *end,
                                 struct buf *out)
{
    long unit = json_unit(s, end);
    long next = unit >= 0 ? json_unit(s + 6, end) : -1;
    size_t n = unit >= 0 ? 6 : end - s > 1 ? 2 : 1;
    if (unit >= 0xD800 && unit < 0xDC00 && next >= 0xDC00 && next < 0xE000)
        n = 12;
    else if (unit == 0 || (unit >= 0xD800 && unit < 0xE000)) {
        buf_add_str(out, "\\ufffd");
        return n;
    }
    buf_add(out, s, n);
    return n;
}

cJSON *json_parse_repaired(const char *text, size_t n, size_t max_bytes,
                           const char *name, struct err *e)
{
    if (n > max_bytes)
        return json_parse(text, n, max_bytes, name, e); /* which refuses */
    struct buf copy;
    buf_init(&copy, 3 * n); /* one bad byte becomes the three of U+FFFD */
    const char *end = text + n;
    for (const char *p = text; p < end;) {
        if (*p == '\\') {
            p += json_repair_escape(p, end, &copy);
            continue;
        }
        uint32_t cp;
        size_t len = utf8_decode(p, (size_t)(end - p), &cp);
        buf_add_utf8(&copy, cp != 0 ? cp : UTF8_REPLACEMENT);
        p += len;
    }
    cJSON *tree = json_parse(copy.data, copy.len, copy.len, name, e);
    buf_free(&copy);
    return tree;
}

const cJSON *json_get(const cJSON *object, const char *key)
{
    return cJSON_IsObject(object)
               ? cJSON_GetObjectItemCaseSensitive(object, key)
               : NULL;
}

const char *json_get_string(const cJSON *object, const char *key,
                            const char *fallback)
{
    const cJSON *node = json_get(object, key);
    return cJSON_IsString(node) ? node->valuestring : fallback;
}

double json_get_number(const cJSON *object, const char *key, double fallback)
{
    const cJSON *node = json_get(object, key);
    return cJSON_IsNumber(node) ? node->valuedouble : fallback;
}

bool json_get_bool(const cJSON *object, const char *key, bool fallback)
{
    const cJSON *node = json_get(object, key);
    return cJSON_IsBool(node) ? cJSON_IsTrue(node) : fallback;
}

bool json_is_whole(const cJSON *node, int64_t min, int64_t max, int64_t *out)
{
    if (!cJSON_IsNumber(node))
        return false;
    double v = node->valuedouble;
    /* 2^53: beyond it a double no longer tells whole numbers apart. */
    if (v != floor(v) || fabs(v) > 0x1p53)
        return false;
    int64_t whole = (int64_t)v;
    if (whole < min || whole > max)
        return false;
    *out = whole;
    return true;
}

/* What a terminal would obey or not show, should our JSON be printed on one:
 * controls, separators, bidi controls, zero-width and tag characters. */
static bool json_must_escape(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0xAD ||
           cp == 0x61C || cp == 0x180E || (cp >= 0x200B && cp <= 0x200F) ||
           (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x206F) ||
           cp == 0xFEFF || (cp >= 0xFFF9 && cp <= 0xFFFB) ||
           (cp >= 0xE0000 && cp <= 0xE0FFF);
}

static void json_add_escaped(struct buf *out, uint32_t cp)
{
    switch (cp) {
    case '"': buf_add_str(out, "\\\""); break;
    case '\\': buf_add_str(out, "\\\\"); break;
    case '\n': buf_add_str(out, "\\n"); break;
    case '\r': buf_add_str(out, "\\r"); break;
    case '\t': buf_add_str(out, "\\t"); break;
    default:
        if (!json_must_escape(cp))
            buf_add_utf8(out, cp);
        else if (cp < 0x10000)
            buf_addf(out, "\\u%04x", (unsigned)cp);
        else /* as UTF-16 would have it (RFC 8259, 7) */
            buf_addf(out, "\\u%04x\\u%04x",
                     0xD800u + (unsigned)((cp - 0x10000) >> 10),
                     0xDC00u + (unsigned)((cp - 0x10000) & 0x3FF));
    }
}

void json_add_string(struct buf *out, const char *s, size_t n)
{
    buf_add_char(out, '"');
    while (n > 0) {
        uint32_t cp;
        size_t len = utf8_decode(s, n, &cp);
        json_add_escaped(out, cp);
        s += len;
        n -= len;
    }
    buf_add_char(out, '"');
}

void json_add_number(struct buf *out, double v)
{
    if (!isfinite(v)) {
        buf_add_str(out, "null");
        return;
    }
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    buf_add_str(out, text);
}

void json_comma(struct buf *out)
{
    char last = out->len > 0 ? out->data[out->len - 1] : '\n';
    if (last != '{' && last != '[' && last != '\n')
        buf_add_char(out, ',');
}

void json_key(struct buf *out, const char *key)
{
    json_comma(out);
    buf_addf(out, "\"%s\":", key);
}

void json_put_text(struct buf *out, const char *key, const char *text)
{
    json_key(out, key);
    if (text == NULL)
        buf_add_str(out, "null");
    else
        json_add_string(out, text, strlen(text));
}

void json_put_whole(struct buf *out, const char *key, int64_t n)
{
    json_key(out, key);
    buf_addf(out, "%" PRId64, n);
}

void json_put_number(struct buf *out, const char *key, double v)
{
    json_key(out, key);
    json_add_number(out, v);
}

void json_put_bool(struct buf *out, const char *key, bool v)
{
    json_key(out, key);
    buf_add_str(out, v ? "true" : "false");
}
