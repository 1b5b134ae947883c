/* One schema of two that hold together. */
#include "backends/engine/sampling/schema_tree.h"

#include <string.h>

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

/* --- types and values that both allow ---------------------------------- */

static bool list_has(const cJSON *list, const cJSON *value)
{
    const cJSON *node;
    cJSON_ArrayForEach(node, list) if (cJSON_Compare(node, value, true)) return
        true;
    return false;
}

/* Keeps the values of an enum that another has, too; false: none. */
static bool join_enum(cJSON *have, const cJSON *more)
{
    for (cJSON *node = have->child, *next; node != NULL; node = next) {
        next = node->next;
        if (!list_has(more, node))
            cJSON_Delete(cJSON_DetachItemViaPointer(have, node));
    }
    return have->child != NULL;
}

static bool has_type(const cJSON *types, const char *name)
{
    const cJSON *node = cJSON_IsArray(types) ? types->child : types;
    for (; node != NULL; node = cJSON_IsArray(types) ? node->next : NULL)
        if (cJSON_IsString(node) && strcmp(node->valuestring, name) == 0)
            return true;
    return false;
}

/* Puts the types that both allow in place of those that are there; false:
 * none.  A whole number is a number. */
static bool join_types(cJSON *to, const cJSON *have, const cJSON *more)
{
    static const char *const names[] = {"string",  "number", "object", "array",
                                        "boolean", "null",   "integer"};
    cJSON *both = cJSON_CreateArray();
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        bool whole = strcmp(names[i], "integer") == 0;
        bool a = has_type(have, names[i]) || (whole && has_type(have, "number"));
        bool b = has_type(more, names[i]) || (whole && has_type(more, "number"));
        if (a && b && !(whole && has_type(both, "number")))
            cJSON_AddItemToArray(both, cJSON_CreateString(names[i]));
    }
    if (both->child == NULL) {
        cJSON_Delete(both);
        return false;
    }
    if (both->child->next == NULL) {
        cJSON *one = cJSON_DetachItemFromArray(both, 0);
        cJSON_Delete(both);
        both = one;
    }
    cJSON_ReplaceItemInObjectCaseSensitive(to, "type", both);
    return true;
}

/* --- keys -------------------------------------------------------------- */

/* A pattern beside another one. */
static void add_pattern(cJSON *to, const cJSON *pattern)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(to, SCHEMA_PATTERNS);
    if (list == NULL)
        list = cJSON_AddArrayToObject(to, SCHEMA_PATTERNS);
    cJSON_AddItemToArray(list, cJSON_Duplicate(pattern, true));
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
    if (strcmp(key, "type") == 0)
        return join_types(to, have, more);
    if (strcmp(key, "enum") == 0 && cJSON_IsArray(have))
        return join_enum(have, more);
    if (strcmp(key, "pattern") == 0) {
        add_pattern(to, more);
        return true;
    }
    if (strcmp(key, "properties") == 0 && cJSON_IsObject(have)) {
        join_properties(have, more);
        return true;
    }
    if ((strcmp(key, "required") == 0 || strcmp(key, "allOf") == 0 ||
         strcmp(key, SCHEMA_PATTERNS) == 0) &&
        cJSON_IsArray(have)) {
        append(have, more);
        return true;
    }
    if (strcmp(key, "items") == 0 ||
        strcmp(key, "additionalProperties") == 0) {
        join_schemas(to, key, more);
        return true;
    }
    return join_limits(to, have, more);
}

/* What one of the two says of properties that it does not list holds for those
 * that only the other one lists.  False: that cannot be said, or nothing fits.
 */
static bool hold_others(cJSON *to, const cJSON *closed, const cJSON *other)
{
    const cJSON *rest = json_get(closed, "additionalProperties"), *node;
    const cJSON *listed = json_get(closed, "properties");
    if (rest == NULL || cJSON_IsTrue(rest))
        return true;
    cJSON *all = cJSON_GetObjectItemCaseSensitive(to, "properties");
    cJSON_ArrayForEach(node, json_get(other, "properties"))
    {
        if (json_get(listed, node->string) != NULL)
            continue;
        if (json_get(closed, "patternProperties") != NULL ||
            (cJSON_IsFalse(rest) && schema_is_required(to, node->string)))
            return false;
        join_schemas(all, node->string, rest);
    }
    return true;
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
    if (hold_others(to, a, b) && hold_others(to, b, a))
        return to;
    *key = "additionalProperties";
    cJSON_Delete(to);
    return NULL;
}
