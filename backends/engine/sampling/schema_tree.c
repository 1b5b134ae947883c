#include "backends/engine/sampling/schema_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* --- reading ----------------------------------------------------------- */

/* A place in the text of a schema; outside of strings and comments. */
struct scan {
    const char *p, *end;
    bool has_nul; /* a \u0000 was in a string */
};

static void skip_string(struct scan *s)
{
    for (s->p++; s->p < s->end && *s->p != '"'; s->p++)
        if (*s->p == '\\' && s->end - s->p > 1) {
            s->p++;
            s->has_nul = s->has_nul ||
                         (s->end - s->p > 4 && memcmp(s->p, "u0000", 5) == 0);
        }
    s->p += s->p < s->end;
}

static void skip_comment(struct scan *s)
{
    bool line = s->p[1] == '/';
    s->p += 2;
    while (s->p < s->end &&
           (line ? *s->p != '\n'
                 : s->end - s->p < 2 || s->p[0] != '*' || s->p[1] != '/'))
        s->p++;
    s->p += !line && s->p < s->end ? 2 : 0;
}

static bool in_number(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' ||
           c == 'e' || c == 'E';
}

/* The next number of the text, or NULL; *n is its length. */
static const char *next_number(struct scan *s, size_t *n)
{
    while (s->p < s->end) {
        if (*s->p == '"') {
            skip_string(s);
        } else if (*s->p == '/' && s->end - s->p > 1) {
            skip_comment(s);
        } else if (*s->p == '-' || (*s->p >= '0' && *s->p <= '9')) {
            const char *begin = s->p;
            while (s->p < s->end && in_number(*s->p))
                s->p++;
            *n = (size_t)(s->p - begin);
            return begin;
        } else {
            s->p++;
        }
    }
    return NULL;
}

/* Numbers stand in the tree in the order of the text. */
static void note_numbers(cJSON *node, struct scan *s)
{
    for (; node != NULL; node = node->next) {
        size_t n = 0;
        const char *text = cJSON_IsNumber(node) ? next_number(s, &n) : NULL;
        if (text != NULL)
            node->valuestring = mem_strndup(text, n);
        note_numbers(node->child, s);
    }
}

cJSON *schema_parse(const char *text, size_t n, struct err *e)
{
    cJSON *tree = json_parse_commented(text, n, SCHEMA_MAX_BYTES, "schema", e);
    struct scan s = {text, text + n, false};
    if (tree == NULL)
        return NULL;
    note_numbers(tree, &s);
    size_t rest;
    while (next_number(&s, &rest) != NULL)
        continue;
    if (!s.has_nul)
        return tree;
    cJSON_Delete(tree);
    err_set(e, ERR_FORMAT,
            "schema: a text with \\u0000 in it cannot be held "
            "to; leave it out");
    return NULL;
}

/* --- writing ----------------------------------------------------------- */

static void write_string(const char *s, struct buf *out)
{
    buf_add_char(out, '"');
    for (; *s != '\0'; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            buf_addf(out, "\\%c", c);
        else if (c == '\n')
            buf_add_str(out, "\\n");
        else if (c == '\t')
            buf_add_str(out, "\\t");
        else if (c < 0x20)
            buf_addf(out, "\\u%04x", c);
        else
            buf_add_char(out, *s);
    }
    buf_add_char(out, '"');
}

void schema_write(const cJSON *node, struct buf *out)
{
    bool object = cJSON_IsObject(node);
    if (cJSON_IsString(node)) {
        write_string(node->valuestring, out);
    } else if (cJSON_IsNumber(node)) {
        if (node->valuestring != NULL)
            buf_add_str(out, node->valuestring);
        else
            json_add_number(out, node->valuedouble);
    } else if (object || cJSON_IsArray(node)) {
        buf_add_char(out, object ? '{' : '[');
        for (const cJSON *c = node->child; c != NULL; c = c->next) {
            if (c != node->child)
                buf_add_char(out, ',');
            if (object) {
                write_string(c->string, out);
                buf_add_char(out, ':');
            }
            schema_write(c, out);
        }
        buf_add_char(out, object ? '}' : ']');
    } else {
        buf_add_str(out, cJSON_IsTrue(node)    ? "true"
                         : cJSON_IsFalse(node) ? "false"
                                               : "null");
    }
}

/* --- keys -------------------------------------------------------------- */

bool schema_describes(const char *key)
{
    static const char *const known[] = {
        "title",
        "description",
        "markdownDescription",
        "$schema",
        "$id",
        "id",
        "$anchor",
        "$comment",
        "$defs",
        "definitions",
        "default",
        "examples",
        "example",
        "format",
        "deprecated",
        "readOnly",
        "writeOnly",
        "contentMediaType",
        "contentEncoding",
        "discriminator",
        "enumNames",
        "propertyOrdering",
        "externalDocs",
        "errorMessage",
    };
    if (strncmp(key, "x-", 2) == 0)
        return true;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcmp(known[i], key) == 0)
            return true;
    return false;
}

/* --- references -------------------------------------------------------- */

/* The value of two hexadecimal digits, or -1. */
static int hex_byte(const char *s)
{
    char digits[3] = {s[0], s[0] != '\0' ? s[1] : '\0', '\0'}, *end;
    long v = strtol(digits, &end, 16);
    return end == digits + 2 && digits[0] != '-' && digits[0] != '+' ? (int)v
                                                                     : -1;
}

/* One part of a JSON pointer, up to the next slash (RFC 6901, section 6). */
static const char *take_part(const char *p, struct buf *part)
{
    for (; *p != '\0' && *p != '/'; p++) {
        int byte = *p == '%' ? hex_byte(p + 1) : -1;
        if (byte > 0) {
            buf_add_char(part, (char)byte);
            p += 2;
        } else if (p[0] == '~' && (p[1] == '0' || p[1] == '1')) {
            buf_add_char(part, *++p == '0' ? '~' : '/');
        } else {
            buf_add_char(part, *p);
        }
    }
    return p;
}

const cJSON *schema_resolve(const cJSON *root, const char *ref)
{
    const cJSON *at = root;
    struct buf part;
    if (*ref++ != '#')
        return NULL;
    buf_init(&part, SCHEMA_MAX_BYTES);
    while (at != NULL && *ref == '/') {
        buf_clear(&part);
        ref = take_part(ref + 1, &part);
        if (cJSON_IsArray(at)) {
            char *end;
            unsigned long i = strtoul(part.data, &end, 10);
            at = part.len > 0 && *end == '\0' && part.data[0] != '-' &&
                         i < SCHEMA_MAX_BYTES
                     ? cJSON_GetArrayItem(at, (int)i)
                     : NULL;
        } else {
            at = json_get(at, part.data);
        }
    }
    buf_free(&part);
    return *ref == '\0' ? at : NULL;
}

/* --- joining ----------------------------------------------------------- */

/* Both have the key, and neither value holds the other's.  Takes `have` out of
 * `to` and puts {"allOf": [have, more]} in its place. */
static void join_schemas(cJSON *to, const char *key, const cJSON *more)
{
    cJSON *both = cJSON_CreateObject(), *list = cJSON_CreateArray();
    cJSON_AddItemToArray(list,
                         cJSON_DetachItemFromObjectCaseSensitive(to, key));
    cJSON_AddItemToArray(list, cJSON_Duplicate(more, true));
    cJSON_AddItemToObject(both, "allOf", list);
    cJSON_AddItemToObject(to, key, both);
}

static void join_properties(cJSON *to, const cJSON *more)
{
    const cJSON *node;
    cJSON_ArrayForEach(node, more)
    {
        const cJSON *have = json_get(to, node->string);
        if (have == NULL)
            cJSON_AddItemToObject(to, node->string,
                                  cJSON_Duplicate(node, true));
        else if (!cJSON_Compare(have, node, true))
            join_schemas(to, node->string, node);
    }
}

static void append(cJSON *to, const cJSON *more)
{
    const cJSON *node;
    cJSON_ArrayForEach(node, more)
        cJSON_AddItemToArray(to, cJSON_Duplicate(node, true));
}

/* The larger of two lower limits, the smaller of two upper ones. */
static bool join_limits(cJSON *to, const cJSON *have, const cJSON *more)
{
    static const char *const lower[] = {"minimum", "exclusiveMinimum",
                                        "minLength", "minItems",
                                        "minProperties"};
    static const char *const upper[] = {"maximum", "exclusiveMaximum",
                                        "maxLength", "maxItems",
                                        "maxProperties"};
    if (!cJSON_IsNumber(have) || !cJSON_IsNumber(more))
        return false;
    for (size_t i = 0; i < sizeof(lower) / sizeof(*lower); i++) {
        bool low = strcmp(more->string, lower[i]) == 0;
        bool high = strcmp(more->string, upper[i]) == 0;
        if (!low && !high)
            continue;
        if (low ? more->valuedouble > have->valuedouble
                : more->valuedouble < have->valuedouble)
            cJSON_ReplaceItemInObjectCaseSensitive(to, more->string,
                                                   cJSON_Duplicate(more, true));
        return true;
    }
    return false;
}

/* Adds one key of another schema; false: it excludes what is there. */
static bool join_key(cJSON *to, const cJSON *more)
{
    const char *key = more->string;
    cJSON *have = cJSON_GetObjectItemCaseSensitive(to, key);
    if (schema_describes(key) || cJSON_Compare(have, more, true))
        return true;
    if (have == NULL) {
        cJSON_AddItemToObject(to, key, cJSON_Duplicate(more, true));
        return true;
    }
    if (strcmp(key, "properties") == 0 && cJSON_IsObject(have)) {
        join_properties(have, more);
        return true;
    }
    if ((strcmp(key, "required") == 0 || strcmp(key, "allOf") == 0) &&
        cJSON_IsArray(have)) {
        append(have, more);
        return true;
    }
    if (strcmp(key, "items") == 0 || strcmp(key, "additionalProperties") == 0) {
        join_schemas(to, key, more);
        return true;
    }
    return join_limits(to, have, more);
}

cJSON *schema_join(const cJSON *a, const cJSON *b, const char **key)
{
    cJSON *to = cJSON_CreateObject();
    const cJSON *const both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        const cJSON *node;
        cJSON_ArrayForEach(node, both[i])
        {
            if (join_key(to, node))
                continue;
            *key = node->string;
            cJSON_Delete(to);
            return NULL;
        }
    }
    return to;
}
