#include "backends/engine/sampling/schema_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* --- reading ----------------------------------------------------------- */

/* A place in the text of a schema; outside of strings and comments. */
struct scan {
    const char *p, *end;
};

static void skip_string(struct scan *s)
{
    for (s->p++; s->p < s->end && *s->p != '"'; s->p++)
        s->p += *s->p == '\\' && s->end - s->p > 1;
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
    struct scan s = {text, text + n};
    if (tree != NULL)
        note_numbers(tree, &s);
    return tree;
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
        "$dynamicAnchor",
        "$recursiveAnchor",
        "$vocabulary",
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
        "contentSchema",
        "discriminator",
        "enumNames",
        "enumDescriptions",
        "markdownEnumDescriptions",
        "env_names",
        "strict",
        "xml",
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

/* What a JSON pointer (RFC 6901) leads to from a node, or NULL. */
static const cJSON *follow_pointer(const cJSON *at, const char *pointer)
{
    struct buf part;
    buf_init(&part, SCHEMA_MAX_BYTES);
    while (at != NULL && *pointer == '/') {
        buf_clear(&part);
        pointer = take_part(pointer + 1, &part);
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
    return *pointer == '\0' ? at : NULL;
}

/* Whether a key of the schema is a text that says name[0..n); if `last`, its
 * part behind the last slash may say it, too. */
static bool is_named(const cJSON *schema, const char *key, const char *name,
                     size_t n, bool last)
{
    const char *have = cJSON_GetStringValue(json_get(schema, key));
    if (have == NULL)
        return false;
    const char *tail = last ? strrchr(have, '/') : NULL;
    return (strlen(have) == n && memcmp(have, name, n) == 0) ||
           (tail != NULL && strlen(tail + 1) == n &&
            memcmp(tail + 1, name, n) == 0);
}

void schema_list_named(const cJSON *root, struct schema_named *out)
{
    static const char *const keys[] = {"$id", "id", "$anchor"};
    bool any = false;
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        any |= cJSON_IsString(json_get(root, keys[i]));
    if (any) {
        out->list = mem_realloc(out->list, out->n + 1, sizeof(*out->list));
        out->list[out->n++] = root;
    }
    for (const cJSON *node = root->child; node != NULL; node = node->next)
        schema_list_named(node, out);
}

/* The first schema that one of two keys names. */
static const cJSON *find_named(const struct schema_named *named,
                               const char *const keys[2], const char *name,
                               size_t n, bool last)
{
    for (size_t i = 0; i < named->n; i++)
        if (is_named(named->list[i], keys[0], name, n, last) ||
            is_named(named->list[i], keys[1], name, n, last))
            return named->list[i];
    return NULL;
}

const cJSON *schema_resolve(const cJSON *root, const struct schema_named *named,
                            const char *ref)
{
    static const char *const ids[2] = {"$id", "id"};
    static const char *const anchors[2] = {"$anchor", "$id"};
    size_t n = strcspn(ref, "#");
    const cJSON *at = n > 0 ? find_named(named, ids, ref, n, true) : root;
    if (at == NULL || ref[n] == '\0' || ref[n + 1] == '\0')
        return at;
    const char *name = ref + n + 1;
    if (*name == '/')
        return follow_pointer(at, name);
    const cJSON *found = find_named(named, anchors, name, strlen(name), false);
    return found != NULL /* draft 7 says {"$id": "#x"} */
               ? found
               : find_named(named, anchors, ref + n, strlen(ref + n), false);
}

bool schema_is_required(const cJSON *schema, const char *key)
{
    const cJSON *node;
    cJSON_ArrayForEach(node, json_get(schema, "required"))
    {
        if (cJSON_IsString(node) && strcmp(node->valuestring, key) == 0)
            return true;
    }
    return false;
}

/* --- what is around a schema, and what nothing fits --------------------- */

bool schema_is_never(const cJSON *schema)
{
    const cJSON *not = json_get(schema, "not");
    return cJSON_IsFalse(schema) || cJSON_IsTrue(not) ||
           (cJSON_IsObject(not) && not->child == NULL);
}

const cJSON *schema_unwrap(const cJSON *tree)
{
    static const char *const ways[][3] = {
        {"json_schema", "schema", NULL},  {"schema", NULL, NULL},
        {"function", "parameters", NULL}, {"parameters", NULL, NULL},
        {"input_schema", NULL, NULL},
    };
    const char *type = cJSON_GetStringValue(json_get(tree, "type"));
    bool named = cJSON_IsString(json_get(tree, "name"));
    if (json_get(tree, "properties") != NULL || json_get(tree, "$ref") != NULL)
        return tree;
    bool wrapped = type != NULL && (strcmp(type, "json_schema") == 0 ||
                                    strcmp(type, "function") == 0);
    for (size_t i = 0; (named || wrapped) && i < sizeof(ways) / sizeof(*ways);
         i++) {
        const cJSON *at = tree;
        for (const char *const *key = ways[i]; *key != NULL; key++)
            at = json_get(at, *key);
        if (cJSON_IsObject(at))
            return at;
    }
    return tree;
}
