/* From JSON Schema to nodes. */
#include "backends/engine/sampling/schema_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void write_place(const struct schema_place *at, struct buf *out)
{
    if (at->up == NULL)
        return;
    write_place(at->up, out);
    buf_addf(out, "%s%s", at->up->up ? "." : " ", at->key);
}

int schema_refuse(const struct schema_place *at, struct err *e, const char *why)
{
    struct buf place;
    buf_init(&place, 200);
    write_place(at, &place);
    err_set(e, ERR_FORMAT, "schema%s: %s", place.data, why);
    buf_free(&place);
    return -1;
}

int schema_refuse_key(const struct schema_place *at, const char *key,
                      struct err *e, const char *why)
{
    struct schema_place here = {at, key, 0};
    return schema_refuse(&here, e, why);
}

/* Compiles the schema of a key, which has one; a missing one is *out NULL. */
static int compile_key(struct schema_compiler *k, struct form **out,
                       const cJSON *schema, const char *key,
                       const struct schema_place *at, struct err *e)
{
    struct schema_place here = {at, key, at->depth};
    const cJSON *node = json_get(schema, key);
    *out = NULL;
    return node != NULL ? schema_compile(k, out, node, &here, e) : 0;
}

/* Keys that only describe are passed over; the rest must be understood. */
static int check_keys(const cJSON *schema, const struct schema_place *at,
                      struct err *e)
{
    static const char *const known[] = {
        "type",
        "properties",
        "required",
        "items",
        "prefixItems",
        "additionalItems",
        "minItems",
        "maxItems",
        "minLength",
        "maxLength",
        "pattern",
        SCHEMA_PATTERNS,
        "enum",
        "const",
        "additionalProperties",
        "unevaluatedProperties",
        "propertyNames",
        "patternProperties",
        "minProperties",
        "maxProperties",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "anyOf",
        "oneOf",
        "allOf",
        "not",
        "$ref",
        "nullable",
    };
    const cJSON *node;
    cJSON_ArrayForEach(node, schema)
    {
        bool found = schema_describes(node->string);
        for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
            found |= strcmp(known[i], node->string) == 0;
        if (!found && strcmp(node->string, "uniqueItems") == 0 &&
            cJSON_IsFalse(node))
            found = true;
        if (!found)
            return schema_refuse_key(at, node->string, e,
                                     "this key is not understood; take it out "
                                     "if answers may do without it");
        if (json_get(schema, node->string) != node)
            return schema_refuse_key(at, node->string, e,
                                     "this key stands there twice");
    }
    return 0;
}

static int read_limits(struct form *f, const cJSON *schema, const char *min,
                       const char *max, const struct schema_place *at,
                       struct err *e)
{
    const char *keys[] = {min, max};
    uint32_t *to[] = {&f->min, &f->max};
    for (int i = 0; i < 2; i++) {
        const cJSON *node = json_get(schema, keys[i]);
        int64_t v;
        if (node == NULL)
            continue;
        if (!json_is_whole(node, 0, INT32_MAX, &v))
            return schema_refuse_key(at, keys[i], e, "not a count");
        *to[i] = (uint32_t)v;
    }
    return f->min <= f->max
               ? 0
               : schema_refuse_key(at, max, e, "less than the minimum");
}

/* --- strings and numbers ----------------------------------------------- */

/* Holds the form to a pattern, beside those that it has. */
static int add_pattern(struct form *f, const char *text,
                       const struct schema_place *at, struct err *e)
{
    const char *why = "not a text";
    struct pattern *p = text != NULL ? pattern_open(text, &why) : NULL;
    if (p != NULL && f->pattern != NULL) {
        struct pattern *both = pattern_join(f->pattern, p, false, &why);
        pattern_close(p);
        p = both;
    }
    if (p == NULL)
        return schema_refuse_key(at, "pattern", e, why);
    pattern_close(f->pattern);
    f->pattern = p;
    return 0;
}

static int compile_string(struct form *f, const cJSON *schema,
                          const struct schema_place *at, struct err *e)
{
    const cJSON *pattern = json_get(schema, "pattern"), *node;
    const cJSON *joined = json_get(schema, SCHEMA_PATTERNS);
    if (read_limits(f, schema, "minLength", "maxLength", at, e) != 0)
        return -1;
    if (pattern == NULL)
        return 0;
    if (add_pattern(f, cJSON_GetStringValue(pattern), at, e) != 0)
        return -1;
    for (node = joined ? joined->child : NULL; node != NULL; node = node->next)
        if (add_pattern(f, cJSON_GetStringValue(node), at, e) != 0)
            return -1;
    if (pattern_reaches(f->pattern, PATTERN_START, f->min, f->max))
        return 0;
    return schema_refuse_key(at, "pattern", e, "no text of this length fits");
}

/* The text of a number; of one that a join has copied, too. */
static const char *text_of(const cJSON *node)
{
    return cJSON_IsNumber(node) && node->valuestring ? node->valuestring : "";
}

/* One limit; draft 4 has exclusiveMinimum and -Maximum as truth values that
 * speak of the other key. */
static int cut(struct bounds *b, const cJSON *schema, const char *key,
               const char *exclusive, bool above, const struct schema_place *at,
               struct err *e)
{
    const cJSON *node = json_get(schema, key);
    const cJSON *ex = json_get(schema, exclusive);
    if (node != NULL && !bounds_cut(b, above, text_of(node), cJSON_IsTrue(ex)))
        return schema_refuse_key(at, key, e, "not a number");
    if (ex != NULL && !cJSON_IsBool(ex) &&
        !bounds_cut(b, above, text_of(ex), true))
        return schema_refuse_key(at, exclusive, e, "not a number");
    return 0;
}

static int compile_number(struct form *f, const cJSON *schema,
                          const struct schema_place *at, struct err *e)
{
    static const char *const keys[] = {"minimum", "maximum", "exclusiveMinimum",
                                       "exclusiveMaximum", "multipleOf"};
    const cJSON *step = json_get(schema, "multipleOf");
    bool any = false;
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        any |= json_get(schema, keys[i]) != NULL;
    if (!any)
        return 0;
    f->bounds = mem_calloc(1, sizeof(*f->bounds));
    bounds_init(f->bounds, f->kind == FORM_INTEGER ? 0 : BOUNDS_MAX_DECIMALS);
    if (cut(f->bounds, schema, "minimum", "exclusiveMinimum", false, at, e) ||
        cut(f->bounds, schema, "maximum", "exclusiveMaximum", true, at, e))
        return -1;
    if (step != NULL && !bounds_set_step(f->bounds, text_of(step)))
        return schema_refuse_key(
            at, "multipleOf", e,
            "not a positive number with few enough decimals");
    return bounds_has_any(f->bounds)
               ? 0
               : schema_refuse(at, e, "no number lies within these limits");
}

/* --- arrays and objects ------------------------------------------------ */

/* Every required key must be a property, or no answer could be right. */
static int check_required(const cJSON *schema, const struct schema_place *at,
                          struct err *e)
{
    const cJSON *list = json_get(schema, "required"), *node;
    if (list != NULL && !cJSON_IsArray(list))
        return schema_refuse_key(at, "required", e, "not a list of keys");
    cJSON_ArrayForEach(
        node,
        list) if (!cJSON_IsString(node) ||
                  json_get(json_get(schema, "properties"), node->valuestring) ==
                      NULL) return schema_refuse_key(at, "required", e,
                                                     "a key that is none of "
                                                     "the properties");
    return 0;
}

/* The form of keys that are not listed, and of their values, by the one
 * pattern that they have. */
static int compile_pattern_keys(struct schema_compiler *k, struct form *f,
                                const cJSON *patterns,
                                const struct schema_place *at, struct err *e)
{
    struct schema_place here = {at, "patternProperties", at->depth};
    if (!cJSON_IsObject(patterns) || cJSON_GetArraySize(patterns) != 1 ||
        !f->open)
        return schema_refuse(&here, e,
                             "this is held only for one pattern without "
                             "\"properties\"");
    f->keys = form_new(k->set, FORM_STRING);
    if (add_pattern(f->keys, patterns->child->string, at, e) != 0)
        return -1;
    return schema_compile(k, &f->items, patterns->child, &here, e);
}

/* What keys and values an object has beside its properties.  If there are
 * properties, no others are written, whatever may be. */
static int compile_others(struct schema_compiler *k, struct form *f,
                          const cJSON *schema, const struct schema_place *at,
                          struct err *e)
{
    const cJSON *patterns = json_get(schema, "patternProperties");
    const cJSON *names = json_get(schema, "propertyNames");
    const char *key = json_get(schema, "additionalProperties") != NULL
                          ? "additionalProperties"
                          : "unevaluatedProperties";
    const cJSON *others = json_get(schema, key);
    f->open = json_get(schema, "properties") == NULL &&
              (!cJSON_IsFalse(others) || patterns != NULL);
    if (patterns != NULL)
        return compile_pattern_keys(k, f, patterns, at, e);
    if (names != NULL && json_get(schema, "properties") != NULL)
        return schema_refuse_key(at, "propertyNames", e,
                                 "held only without \"properties\"");
    if (f->open && names != NULL) {
        if (compile_key(k, &f->keys, schema, "propertyNames", at, e) != 0)
            return -1;
        while (f->keys->kind == FORM_ONE_OF && f->keys->n == 1) /* a $ref */
            f->keys = f->keys->parts[0];
        if (f->keys->kind == FORM_ANY)
            f->keys = NULL;
        else if (f->keys->kind != FORM_STRING && f->keys->kind != FORM_TEXT)
            return schema_refuse_key(at, "propertyNames", e,
                                     "not the schema of a text");
    }
    if (others == NULL || cJSON_IsFalse(others) || !f->open)
        return 0;
    return compile_key(k, &f->items, schema, key, at, e);
}

static int compile_properties(struct schema_compiler *k, struct form *f,
                              const cJSON *schema,
                              const struct schema_place *at, struct err *e)
{
    const cJSON *list = json_get(schema, "properties"), *node;
    size_t n = list != NULL ? (size_t)cJSON_GetArraySize(list) : 0;
    f->required = mem_calloc(n, sizeof(*f->required));
    f->parts = mem_calloc(n, sizeof(struct form *));
    cJSON_ArrayForEach(node, list)
    {
        struct buf key;
        struct schema_place here = {at, node->string, at->depth};
        if (json_get(list, node->string) != node)
            return schema_refuse(&here, e, "this property stands there twice");
        struct form *part;
        if (schema_compile(k, &part, node, &here, e) != 0)
            return -1;
        buf_init(&key, SCHEMA_MAX_BYTES);
        json_add_string(&key, node->string, strlen(node->string));
        f->parts[f->n] = part;
        f->required[f->n] = schema_is_required(schema, node->string);
        form_add_text(f, key.data, key.len);
        buf_free(&key);
    }
    return 0;
}

static int compile_object(struct schema_compiler *k, struct form *f,
                          const cJSON *schema, const struct schema_place *at,
                          struct err *e)
{
    const cJSON *list = json_get(schema, "properties");
    if (list != NULL && !cJSON_IsObject(list))
        return schema_refuse_key(at, "properties", e,
                                 "not an object of schemas");
    if (check_required(schema, at, e) != 0 ||
        compile_others(k, f, schema, at, e) != 0 ||
        compile_properties(k, f, schema, at, e) != 0 ||
        read_limits(f, schema, "minProperties", "maxProperties", at, e) != 0)
        return -1;
    if (f->open)
        return 0;
    size_t n_required = 0;
    for (size_t i = 0; i < f->n; i++)
        n_required += f->required[i];
    if (f->min > n_required || f->max < f->n)
        return schema_refuse_key(
            at, f->min > n_required ? "minProperties" : "maxProperties", e,
            "held only without \"properties\"");
    return 0;
}

static int compile_array(struct schema_compiler *k, struct form *f,
                         const cJSON *schema, const struct schema_place *at,
                         struct err *e)
{
    const cJSON *first = json_get(schema, "prefixItems"), *node;
    struct schema_place here = {at, "prefixItems", at->depth};
    const char *rest = "items";
    if (cJSON_IsArray(json_get(schema, "items"))) { /* draft 7 */
        first = json_get(schema, "items");
        rest = "additionalItems";
    }
    if (first != NULL && !cJSON_IsArray(first))
        return schema_refuse(&here, e, "not a list of schemas");
    cJSON_ArrayForEach(node, first)
    {
        struct form *part;
        if (schema_compile(k, &part, node, &here, e) != 0)
            return -1;
        form_add_part(f, part);
    }
    if (read_limits(f, schema, "minItems", "maxItems", at, e) != 0)
        return -1;
    if (cJSON_IsFalse(json_get(schema, rest))) {
        f->max = f->n < f->max ? (uint32_t)f->n : f->max;
        return f->min <= f->max ? 0
                                : schema_refuse_key(at, "minItems", e,
                                                    "more than there may be");
    }
    return compile_key(k, &f->items, schema, rest, at, e);
}

/* --- types ------------------------------------------------------------- */

static const struct {
    const char *name;
    enum form_kind kind;
    const char *texts[2];
} types[] = {
    {"string", FORM_STRING, {NULL}},
    {"number", FORM_NUMBER, {NULL}},
    {"integer", FORM_INTEGER, {NULL}},
    {"object", FORM_OBJECT, {NULL}},
    {"array", FORM_ARRAY, {NULL}},
    {"null", FORM_TEXT, {"null"}},
    {"boolean", FORM_TEXT, {"true", "false"}},
};

static int compile_type(struct schema_compiler *k, struct form *f,
                        const char *type, const cJSON *schema,
                        const struct schema_place *at, struct err *e)
{
    size_t i = 0, n = sizeof(types) / sizeof(*types);
    while (i < n && (type == NULL || strcmp(types[i].name, type) != 0))
        i++;
    if (i == n)
        return schema_refuse_key(at, "type", e, "not a type of JSON values");
    f->kind = types[i].kind;
    for (int t = 0; t < 2 && types[i].texts[t] != NULL; t++)
        form_add_text(f, types[i].texts[t], strlen(types[i].texts[t]));
    switch (f->kind) {
    case FORM_OBJECT: return compile_object(k, f, schema, at, e);
    case FORM_ARRAY: return compile_array(k, f, schema, at, e);
    case FORM_STRING: return compile_string(f, schema, at, e);
    case FORM_NUMBER:
    case FORM_INTEGER: return compile_number(f, schema, at, e);
    default: return 0;
    }
}

static int compile_types(struct schema_compiler *k, struct form *f,
                         const cJSON *list, const cJSON *schema,
                         const struct schema_place *at, struct err *e)
{
    const cJSON *node;
    f->kind = FORM_ONE_OF;
    if (cJSON_GetArraySize(list) == 0)
        return schema_refuse_key(at, "type", e, "a list of no types");
    cJSON_ArrayForEach(node, list)
    {
        struct form *part = form_new(k->set, FORM_ANY);
        form_add_part(f, part);
        const char *type = cJSON_IsString(node) ? node->valuestring : NULL;
        if (compile_type(k, part, type, schema, at, e) != 0)
            return -1;
    }
    return 0;
}

/* The type that a schema without one speaks of: that of its keys.  *type is
 * NULL if there are none. */
static int infer_type(const char **type, const cJSON *schema,
                      const struct schema_place *at, struct err *e)
{
    static const struct {
        const char *key, *type;
    } keys[] = {
        {"properties", "object"},
        {"required", "object"},
        {"additionalProperties", "object"},
        {"propertyNames", "object"},
        {"patternProperties", "object"},
        {"minProperties", "object"},
        {"maxProperties", "object"},
        {"items", "array"},
        {"prefixItems", "array"},
        {"additionalItems", "array"},
        {"minItems", "array"},
        {"maxItems", "array"},
        {"minLength", "string"},
        {"maxLength", "string"},
        {"pattern", "string"},
        {"minimum", "number"},
        {"maximum", "number"},
        {"exclusiveMinimum", "number"},
        {"exclusiveMaximum", "number"},
        {"multipleOf", "number"},
    };
    *type = NULL;
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        if (json_get(schema, keys[i].key) == NULL)
            continue;
        if (*type != NULL && strcmp(*type, keys[i].type) != 0)
            return schema_refuse_key(at, keys[i].key, e,
                                     "keys of several types; add \"type\"");
        *type = keys[i].type;
    }
    return 0;
}

/* All of a schema but its literal values and alternatives. */
int schema_compile_rest(struct schema_compiler *k, struct form *f,
                        const cJSON *schema, const struct schema_place *at,
                        struct err *e)
{
    const cJSON *node = json_get(schema, "type");
    const char *type = cJSON_IsString(node) ? node->valuestring : NULL;
    if (cJSON_IsArray(node))
        return compile_types(k, f, node, schema, at, e);
    if (node == NULL && infer_type(&type, schema, at, e) != 0)
        return -1;
    if (node != NULL || type != NULL)
        return compile_type(k, f, type, schema, at, e);
    return 0; /* any value */
}

/* --- schemas ----------------------------------------------------------- */

int schema_compile_into(struct schema_compiler *k, struct form *f,
                        const cJSON *schema, const struct schema_place *at,
                        struct err *e)
{
    if (cJSON_IsTrue(schema))
        return 0; /* any value */
    if (schema_is_never(schema)) {
        f->kind = FORM_ONE_OF; /* of none */
        return 0;
    }
    if (!cJSON_IsObject(schema))
        return schema_refuse(at, e, "not a schema");
    if (check_keys(schema, at, e) != 0)
        return -1;
    if (json_get(schema, "not") != NULL)
        return schema_refuse_key(at, "not", e, "held only as {\"not\": {}}");
    if (json_get(schema, "$ref") != NULL)
        return schema_compile_ref(k, f, schema, at, e);
    if (json_get(schema, "allOf") != NULL)
        return schema_compile_all(k, f, schema, at, e);
    if (json_get(schema, "anyOf") != NULL)
        return schema_compile_any(k, f, schema, "anyOf", at, e);
    if (json_get(schema, "oneOf") != NULL)
        return schema_compile_one(k, f, schema, at, e);
    if (cJSON_IsTrue(json_get(schema, "nullable")))
        return schema_compile_nullable(k, f, schema, at, e);
    if (json_get(schema, "enum") != NULL || json_get(schema, "const") != NULL)
        return schema_compile_literals(k, f, schema, at, e);
    return schema_compile_rest(k, f, schema, at, e);
}

int schema_compile(struct schema_compiler *k, struct form **out,
                   const cJSON *schema, const struct schema_place *at,
                   struct err *e)
{
    struct schema_place here = {at->up, at->key, at->depth + 1};
    *out = NULL;
    if (here.depth > SCHEMA_MAX_DEPTH)
        return schema_refuse(at, e, "nested too deep");
    if (k->set->n >= SCHEMA_MAX_FORMS)
        return schema_refuse(at, e, "the schema is too large");
    *out = form_new(k->set, FORM_ANY);
    return schema_compile_into(k, *out, schema, &here, e);
}

static int compile_set(struct schema_compiler *k, struct err *e)
{
    struct schema_place top = {NULL, "", 0};
    if (schema_compile(k, &k->set->root, k->root, &top, e) != 0)
        return -1;
    if (!form_set_finish(k->set))
        return err_set(e, ERR_FORMAT,
                       "schema: no answer of at most %d values "
                       "within each other fits it",
                       FORM_MAX_DEPTH);
    if (schema_check_literals(k, e) != 0)
        return -1;
    return schema_check_exclusive(k, e);
}

int form_compile(struct form_set *out, const char *schema, size_t n,
                 struct err *e)
{
    *out = (struct form_set){0};
    cJSON *tree = schema_parse(schema, n, e);
    if (tree == NULL)
        return -1;
    struct schema_compiler k = {.root = schema_unwrap(tree),
                                .set = out,
                                .made = cJSON_CreateArray()};
    schema_list_named(k.root, &k.named);
    int rc = compile_set(&k, e);
    free(k.named.list);
    cJSON_Delete(k.made);
    cJSON_Delete(tree);
    free(k.known);
    free(k.literals);
    free(k.exclusive);
    if (rc != 0)
        form_set_free(out);
    return rc;
}
