/* Schemas that refer to others, hold together, or are alternatives. */
#include "backends/engine/sampling/schema_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static cJSON *without(const cJSON *schema, const char *key)
{
    cJSON *rest = cJSON_Duplicate(schema, true);
    cJSON_DeleteItemFromObjectCaseSensitive(rest, key);
    return rest;
}

/* Whether a schema holds anything beside one key. */
static bool holds_more(const cJSON *schema, const char *key)
{
    const cJSON *node;
    cJSON_ArrayForEach(node,
                       schema) if (strcmp(node->string, key) != 0 &&
                                   !schema_describes(node->string)) return true;
    return false;
}

static size_t count_nodes(const cJSON *node)
{
    size_t n = 0;
    for (; node != NULL; node = node->next)
        n += 1 + count_nodes(node->child);
    return n;
}

/* Joins two schemas into one that the compiler keeps; NULL on failure. */
static const cJSON *join(struct schema_compiler *k, const cJSON *a,
                         const cJSON *b, const struct schema_place *at,
                         struct err *e)
{
    const char *key;
    cJSON *both = schema_join(a, b, &key);
    if (both == NULL) {
        schema_refuse_key(at, key, e,
                          "two schemas that must hold together differ "
                          "here, and cannot be joined");
        return NULL;
    }
    cJSON_AddItemToArray(k->made, both);
    k->n_made += count_nodes(both->child);
    if (k->n_made <= SCHEMA_MAX_MADE)
        return both;
    schema_refuse(at, e, "the schemas that must hold together are too large");
    return NULL;
}

static const cJSON *resolve(const struct schema_compiler *k, const cJSON *ref,
                            const struct schema_place *at, struct err *e)
{
    const cJSON *to =
        cJSON_IsString(ref)
            ? schema_resolve(k->root, &k->named, ref->valuestring)
            : NULL;
    if (to == NULL)
        schema_refuse_key(at, "$ref", e, "points to nothing in this document");
    return to;
}

/* A schema in which no reference is left at the top. */
static const cJSON *dereference(struct schema_compiler *k, const cJSON *schema,
                                const struct schema_place *at, struct err *e)
{
    for (int i = 0; i < SCHEMA_MAX_DEPTH; i++) {
        const cJSON *ref = json_get(schema, "$ref");
        if (ref == NULL)
            return schema;
        const cJSON *to = resolve(k, ref, at, e);
        if (to == NULL || !holds_more(schema, "$ref")) {
            schema = to;
            continue;
        }
        cJSON *rest = without(schema, "$ref");
        schema = cJSON_IsObject(to) ? join(k, to, rest, at, e) : to;
        cJSON_Delete(rest);
        if (schema == NULL)
            return NULL;
    }
    schema_refuse_key(at, "$ref", e, "refers to itself");
    return NULL;
}

/* What references point to is compiled once: it may refer to itself. */
static int compile_once(struct schema_compiler *k, struct form **out,
                        const cJSON *schema, const struct schema_place *at,
                        struct err *e)
{
    for (size_t i = 0; i < k->n_known; i++)
        if (k->known[i].schema == schema) {
            *out = k->known[i].form;
            return 0;
        }
    struct schema_place here = {at->up, at->key, at->depth + 1};
    *out = NULL;
    if (here.depth > SCHEMA_MAX_DEPTH || k->set->n >= SCHEMA_MAX_FORMS)
        return schema_refuse(at, e, "nested too deep, or too large");
    *out = form_new(k->set, FORM_ANY);
    k->known = mem_realloc(k->known, k->n_known + 1, sizeof(*k->known));
    k->known[k->n_known++] = (struct schema_known){schema, *out};
    return schema_compile_into(k, *out, schema, &here, e);
}

int schema_compile_ref(struct schema_compiler *k, struct form *f,
                       const cJSON *schema, const struct schema_place *at,
                       struct err *e)
{
    struct form *part;
    if (holds_more(schema, "$ref")) {
        const cJSON *both = dereference(k, schema, at, e);
        return both != NULL ? schema_compile_into(k, f, both, at, e) : -1;
    }
    const cJSON *to = resolve(k, json_get(schema, "$ref"), at, e);
    if (to == NULL || compile_once(k, &part, to, at, e) != 0)
        return -1;
    f->kind = FORM_ONE_OF;
    form_add_part(f, part);
    return 0;
}

int schema_compile_all(struct schema_compiler *k, struct form *f,
                       const cJSON *schema, const struct schema_place *at,
                       struct err *e)
{
    struct schema_place here = {at, "allOf", at->depth + 1};
    const cJSON *list = json_get(schema, "allOf"), *node;
    if (!cJSON_IsArray(list) || here.depth > SCHEMA_MAX_DEPTH)
        return schema_refuse(&here, e,
                             "not a list of schemas, or nested too deep");
    cJSON *rest = without(schema, "allOf");
    cJSON_AddItemToArray(k->made, rest);
    const cJSON *all = NULL;
    cJSON_ArrayForEach(node, list)
    {
        const cJSON *part = dereference(k, node, &here, e);
        if (part != NULL && cJSON_IsTrue(part))
            continue;
        if (part != NULL && schema_is_never(part))
            return schema_compile_into(k, f, part, at, e);
        if (part != NULL && !cJSON_IsObject(part))
            return schema_refuse(&here, e, "not a schema");
        if (part != NULL && all != NULL)
            part = join(k, all, part, &here, e);
        if (part == NULL)
            return -1;
        all = part;
    }
    all = all != NULL ? join(k, all, rest, &here, e) : rest;
    if (all == NULL)
        return -1;
    struct schema_place joined = {at->up, at->key, at->depth + 1};
    return schema_compile_into(k, f, all, &joined, e);
}

int schema_compile_any(struct schema_compiler *k, struct form *f,
                       const cJSON *schema, const char *key,
                       const struct schema_place *at, struct err *e)
{
    struct schema_place here = {at, key, at->depth};
    const cJSON *list = json_get(schema, key), *node;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) == 0)
        return schema_refuse(&here, e, "not a list of schemas");
    cJSON *rest = holds_more(schema, key) ? without(schema, key) : NULL;
    if (rest != NULL)
        cJSON_AddItemToArray(k->made, rest);
    f->kind = FORM_ONE_OF;
    cJSON_ArrayForEach(node, list)
    {
        struct form *part;
        const cJSON *one = node;
        if (rest != NULL) {
            one = dereference(k, node, &here, e);
            if (one != NULL && cJSON_IsObject(one))
                one = join(k, one, rest, &here, e);
        }
        if (one == NULL || schema_compile(k, &part, one, &here, e) != 0)
            return -1;
        form_add_part(f, part);
    }
    return 0;
}

int schema_compile_one(struct schema_compiler *k, struct form *f,
                       const cJSON *schema, const struct schema_place *at,
                       struct err *e)
{
    k->exclusive =
        mem_realloc(k->exclusive, k->n_exclusive + 1, sizeof(struct form *));
    k->exclusive[k->n_exclusive++] = f;
    return schema_compile_any(k, f, schema, "oneOf", at, e);
}

/* The alternatives of a oneOf must exclude each other, or an answer that two of
 * them take would be wrong. */
int schema_check_exclusive(const struct schema_compiler *k, struct err *e)
{
    for (size_t i = 0; i < k->n_exclusive; i++) {
        const struct form *f = k->exclusive[i];
        for (size_t a = 0; a < f->n; a++)
            for (size_t b = a + 1; b < f->n; b++)
                if (!form_excludes(f->parts[a], f->parts[b], 0))
                    return err_set(e, ERR_FORMAT,
                                   "schema oneOf: alternatives "
                                   "%zu and %zu may both fit one answer; say "
                                   "anyOf, or give each a property of a "
                                   "constant text",
                                   a + 1, b + 1);
    }
    return 0;
}

/* "nullable" of OpenAPI 3.0: the same, or null. */
int schema_compile_nullable(struct schema_compiler *k, struct form *f,
                            const cJSON *schema, const struct schema_place *at,
                            struct err *e)
{
    cJSON *rest = without(schema, "nullable");
    cJSON *values = cJSON_GetObjectItemCaseSensitive(rest, "enum"), *value;
    cJSON_AddItemToArray(k->made, rest);
    for (value = values ? values->child : NULL; value != NULL;) {
        cJSON *next = value->next;
        if (cJSON_IsNull(value)) /* said again */
            cJSON_Delete(cJSON_DetachItemViaPointer(values, value));
        value = next;
    }
    struct form *null = form_new(k->set, FORM_TEXT), *part;
    form_add_text(null, "null", 4);
    f->kind = FORM_ONE_OF;
    form_add_part(f, null);
    if (schema_compile(k, &part, rest, at, e) != 0)
        return -1;
    form_add_part(f, part);
    return 0;
}
