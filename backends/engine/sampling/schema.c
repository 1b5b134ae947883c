/* From JSON Schema to nodes. */
#include "backends/engine/sampling/constrain_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/nearest.h"

#define MAX_SCHEMA_BYTES (1u << 20)
#define MAX_SCHEMA_DEPTH FORM_MAX_DEPTH

struct form *form_new(enum form_kind kind)
{
    struct form *f = mem_calloc(1, sizeof(*f));
    f->kind = kind;
    f->max = UINT32_MAX;
    return f;
}

void form_free(struct form *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->n; i++) {
        if (f->texts != NULL)
            free(f->texts[i]);
        if (f->parts != NULL)
            form_free(f->parts[i]);
    }
    form_free(f->items);
    free(f->texts);
    free(f->lengths);
    free(f->parts);
    free(f->required);
    free(f);
}

void form_add_text(struct form *f, const char *text, size_t n)
{
    f->texts = mem_realloc(f->texts, f->n + 1, sizeof(*f->texts));
    f->lengths = mem_realloc(f->lengths, f->n + 1, sizeof(*f->lengths));
    f->texts[f->n] = mem_strndup(text, n);
    f->lengths[f->n++] = n;
}

/* Where in the schema the compiler is, for errors. */
struct place {
    const struct place *up;
    const char *key;
    int depth;
};

static void write_place(const struct place *at, struct buf *out)
{
    if (at->up == NULL)
        return;
    write_place(at->up, out);
    buf_addf(out, "%s%s", at->up->up ? "." : " ", at->key);
}

static int refuse(const struct place *at, struct err *e, const char *why)
{
    struct buf place;
    buf_init(&place, 200);
    write_place(at, &place);
    err_set(e, ERR_FORMAT, "schema%s: %s", place.data, why);
    buf_free(&place);
    return -1;
}

static int compile(struct form **out, const cJSON *schema,
                   const struct place *at, struct err *e);

/* Keys that only describe are passed over; the rest must be understood. */
static int check_keys(const cJSON *schema, const struct place *at,
                      struct err *e)
{
    static const char *const known[] = {
        "type", "properties", "required", "items", "minItems", "maxItems",
        "minLength", "maxLength", "enum", "const", "additionalProperties",
        "title", "description", "$schema", "$id", "default", "examples",
    };
    const cJSON *node;
    cJSON_ArrayForEach(node, schema) {
        struct place here = {at, node->string, 0};
        bool found = false;
        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
            found |= strcmp(known[i], node->string) == 0;
        if (!found)
            return refuse(&here, e, "this key is not understood");
        if (json_get(schema, node->string) != node)
            return refuse(&here, e, "this key stands there twice");
    }
    return 0;
}

static int read_limits(struct form *f, const cJSON *schema, const char *min,
                       const char *max, const struct place *at, struct err *e)
{
    const char *keys[] = {min, max};
    uint32_t *to[] = {&f->min, &f->max};
    for (int i = 0; i < 2; i++) {
        const cJSON *node = json_get(schema, keys[i]);
        int64_t v;
        if (node == NULL)
            continue;
        struct place here = {at, keys[i], 0};
        if (!json_is_whole(node, 0, INT32_MAX, &v))
            return refuse(&here, e, "not a count");
        *to[i] = (uint32_t)v;
    }
    struct place here = {at, max, 0};
    return f->min <= f->max ? 0 : refuse(&here, e, "less than the minimum");
}

/* Literal values, as JSON writes them without blanks; `others` is what the rest
 * of the schema allows. */
static int compile_enum(struct form **out, const cJSON *list, bool single,
                        const struct form *others, const struct place *at,
                        struct err *e)
{
    struct place here = {at, single ? "const" : "enum", 0};
    if (!single && !cJSON_IsArray(list))
        return refuse(&here, e, "not a list of values");
    *out = form_new(FORM_TEXT);
    const cJSON *node = single ? list : list->child;
    for (; node != NULL; node = single ? NULL : node->next) {
        bool endless = cJSON_IsNumber(node) && !isfinite(node->valuedouble);
        char *text = endless ? NULL : cJSON_PrintUnformatted(node);
        if (text == NULL)
            return refuse(&here, e, "a value that cannot be written");
        form_add_text(*out, text, strlen(text));
        bool fits = form_takes(others, text, strlen(text));
        cJSON_free(text);
        if (!fits)
            return refuse(&here, e, "a value that the type or another key "
                          "does not allow");
    }
    return (*out)->n > 0 ? 0 : refuse(&here, e, "a list of no values");
}

static bool is_required(const cJSON *schema, const char *key)
{
    const cJSON *node;
    cJSON_ArrayForEach(node, json_get(schema, "required"))
        if (cJSON_IsString(node) && strcmp(node->valuestring, key) == 0)
            return true;
    return false;
}

/* Every required key must be a property, or no answer could be right. */
static int check_required(const cJSON *schema, const struct place *at,
                          struct err *e)
{
    struct place here = {at, "required", 0};
    const cJSON *list = json_get(schema, "required"), *node;
    if (list != NULL && !cJSON_IsArray(list))
        return refuse(&here, e, "not a list of keys");
    cJSON_ArrayForEach(node, list)
        if (!cJSON_IsString(node) ||
            json_get(json_get(schema, "properties"), node->valuestring) ==
                NULL)
            return refuse(&here, e, "a key that is none of the properties");
    return 0;
}

/* What values keys have that are no properties.  If there are properties no
 * others are written, whatever may be. */
static int compile_others(struct form *f, const cJSON *schema,
                          const struct place *at, struct err *e)
{
    struct place here = {at, "additionalProperties", at->depth};
    const cJSON *others = json_get(schema, "additionalProperties");
    f->open = json_get(schema, "properties") == NULL &&
              !cJSON_IsFalse(others);
    if (others == NULL || cJSON_IsFalse(others))
        return 0;
    return compile(&f->items, others, &here, e);
}

static int compile_object(struct form *f, const cJSON *schema,
                          const struct place *at, struct err *e)
{
    const cJSON *list = json_get(schema, "properties"), *node;
    struct place where = {at, "properties", 0};
    if (list != NULL && !cJSON_IsObject(list))
        return refuse(&where, e, "not an object of schemas");
    if (check_required(schema, at, e) != 0 ||
        compile_others(f, schema, at, e) != 0)
        return -1;
    size_t n = list != NULL ? (size_t)cJSON_GetArraySize(list) : 0;
    f->parts = mem_calloc(n, sizeof(*f->parts));
    f->required = mem_calloc(n, sizeof(*f->required));
    cJSON_ArrayForEach(node, list) {
        struct buf key;
        struct place here = {at, node->string, at->depth};
        if (json_get(list, node->string) != node)
            return refuse(&here, e, "this property stands there twice");
        buf_init(&key, MAX_SCHEMA_BYTES);
        json_add_string(&key, node->string, strlen(node->string));
        form_add_text(f, key.data, key.len);
        buf_free(&key);
        f->required[f->n - 1] = is_required(schema, node->string);
        if (compile(&f->parts[f->n - 1], node, &here, e) != 0)
            return -1;
    }
    return 0;
}

static int compile_array(struct form *f, const cJSON *schema,
                         const struct place *at, struct err *e)
{
    struct place here = {at, "items", at->depth};
    const cJSON *items = json_get(schema, "items");
    if (items != NULL && compile(&f->items, items, &here, e) != 0)
        return -1;
    return read_limits(f, schema, "minItems", "maxItems", at, e);
}

static int compile_type(struct form **out, const char *type,
                        const cJSON *schema, const struct place *at,
                        struct err *e)
{
    static const struct {
        const char *name;
        enum form_kind kind;
        const char *texts[2];
    } types[] = {
        {"string", FORM_STRING, {NULL}},   {"number", FORM_NUMBER, {NULL}},
        {"integer", FORM_INTEGER, {NULL}}, {"object", FORM_OBJECT, {NULL}},
        {"array", FORM_ARRAY, {NULL}},     {"null", FORM_TEXT, {"null"}},
        {"boolean", FORM_TEXT, {"true", "false"}},
    };
    struct place here = {at, "type", 0};
    size_t i = 0, n = sizeof(types) / sizeof(*types);
    while (i < n && (type == NULL || strcmp(types[i].name, type) != 0))
        i++;
    if (i == n)
        return refuse(&here, e, "not a type of JSON values");
    struct form *f = *out = form_new(types[i].kind);
    for (int k = 0; k < 2 && types[i].texts[k] != NULL; k++)
        form_add_text(f, types[i].texts[k], strlen(types[i].texts[k]));
    switch (f->kind) {
    case FORM_OBJECT: return compile_object(f, schema, at, e);
    case FORM_ARRAY: return compile_array(f, schema, at, e);
    case FORM_STRING:
        return read_limits(f, schema, "minLength", "maxLength", at, e);
    default: return 0;
    }
}

/* A list of types: JSON tells them apart by their first byte, but for the two
 * kinds of numbers. */
static int compile_types(struct form **out, const cJSON *list,
                         const cJSON *schema, const struct place *at,
                         struct err *e)
{
    struct form *f = *out = form_new(FORM_ONE_OF);
    f->parts = mem_calloc((size_t)cJSON_GetArraySize(list), sizeof(*f->parts));
    const cJSON *node;
    bool number = false;
    struct place empty = {at, "type", 0};
    if (cJSON_GetArraySize(list) == 0)
        return refuse(&empty, e, "a list of no types");
    cJSON_ArrayForEach(node, list) {
        const char *type = cJSON_IsString(node) ? node->valuestring : NULL;
        if (compile_type(&f->parts[f->n++], type, schema, at, e) != 0)
            return -1;
        enum form_kind kind = f->parts[f->n - 1]->kind;
        struct place here = {at, "type", 0};
        if (number && (kind == FORM_NUMBER || kind == FORM_INTEGER))
            return refuse(&here, e, "number includes integer; name one");
        number |= kind == FORM_NUMBER || kind == FORM_INTEGER;
    }
    return 0;
}

/* The type that a schema without one speaks of: that of its keys.  *type is
 * NULL if there are none. */
static int infer_type(const char **type, const cJSON *schema,
                      const struct place *at, struct err *e)
{
    static const struct {
        const char *key, *type;
    } keys[] = {
        {"properties", "object"}, {"required", "object"},
        {"additionalProperties", "object"},
        {"items", "array"},       {"minItems", "array"},
        {"maxItems", "array"},
        {"minLength", "string"},  {"maxLength", "string"},
    };
    *type = NULL;
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        struct place here = {at, keys[i].key, 0};
        if (json_get(schema, keys[i].key) == NULL)
            continue;
        if (*type != NULL && strcmp(*type, keys[i].type) != 0)
            return refuse(&here, e, "keys of several types; add \"type\"");
        *type = keys[i].type;
    }
    return 0;
}

/* All of a schema but its literal values. */
static int compile_keys(struct form **out, const cJSON *schema,
                        const struct place *at, struct err *e)
{
    const cJSON *node = json_get(schema, "type");
    const char *type = cJSON_IsString(node) ? node->valuestring : NULL;
    *out = NULL;
    if (cJSON_IsArray(node))
        return compile_types(out, node, schema, at, e);
    if (node == NULL && infer_type(&type, schema, at, e) != 0)
        return -1;
    if (node != NULL || type != NULL)
        return compile_type(out, type, schema, at, e);
    *out = form_new(FORM_ANY);
    return 0;
}

static int compile(struct form **out, const cJSON *schema,
                   const struct place *at, struct err *e)
{
    struct place here = {at->up, at->key, at->depth + 1};
    *out = NULL;
    if (here.depth > MAX_SCHEMA_DEPTH)
        return refuse(at, e, "nested too deep");
    if (cJSON_IsTrue(schema)) {
        *out = form_new(FORM_ANY);
        return 0;
    }
    if (!cJSON_IsObject(schema))
        return refuse(at, e, "not a schema");
    if (check_keys(schema, at, e) != 0)
        return -1;
    const cJSON *list = json_get(schema, "enum");
    const cJSON *value = json_get(schema, "const");
    if (list == NULL && value == NULL)
        return compile_keys(out, schema, &here, e);
    if (list != NULL && value != NULL)
        return refuse(at, e, "both enum and const; keep one");
    struct form *others;
    int rc = compile_keys(&others, schema, &here, e);
    if (rc == 0)
        rc = compile_enum(out, list != NULL ? list : value, list == NULL,
                          others, at, e);
    form_free(others);
    return rc;
}

int form_compile(struct form **out, const char *schema, size_t n,
                 struct err *e)
{
    cJSON *tree = json_parse_commented(schema, n, MAX_SCHEMA_BYTES, "schema",
                                       e);
    *out = NULL;
    if (tree == NULL)
        return -1;
    struct place top = {NULL, "", 0};
    int rc = compile(out, tree, &top, e);
    cJSON_Delete(tree);
    if (rc != 0) {
        form_free(*out);
        *out = NULL;
    }
    return rc;
}
