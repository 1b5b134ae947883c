/* What schema.c does to a schema before it compiles it: reading, following
 * references, joining schemas that hold together.  Private to sampling. */
#ifndef BACKENDS_ENGINE_SAMPLING_SCHEMA_TREE_H
#define BACKENDS_ENGINE_SAMPLING_SCHEMA_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

#define SCHEMA_MAX_BYTES (1u << 20)

/* Parses a schema (comments are allowed); the caller deletes the tree.  Numbers
 * keep the text that they have there in `valuestring`.  NULL with ERR_FORMAT,
 * for a text with a NUL (\u0000) too, which no tree can hold. */
cJSON *schema_parse(const char *text, size_t n, struct err *e);

/* Appends a value as JSON without blanks: numbers and characters as they stand
 * in the schema. */
void schema_write(const cJSON *node, struct buf *out);

/* A key that only describes, or holds what is referred to. */
bool schema_describes(const char *key);

/* Whether a schema has the key in its "required". */
bool schema_is_required(const cJSON *schema, const char *key);

/* A schema that nothing fits: false, or {"not": {}} as Zod writes it. */
bool schema_is_never(const cJSON *schema);

/* The schema within what servers take beside it: a response format of OpenAI
 * ({"type": "json_schema", "json_schema": {"name": …, "schema": …}}, also its
 * inner objects) or the declaration of a tool ("parameters", "input_schema").
 * Else the tree itself. */
const cJSON *schema_unwrap(const cJSON *tree);

/* The key of further patterns that a joined schema holds beside "pattern". */
#define SCHEMA_PATTERNS "\x01patterns"

/* The schemas of a document that have a name of their own. */
struct schema_named {
    const cJSON **list; /* [n], within the tree */
    size_t n;
};

/* Appends those of the tree; the caller frees the list. */
void schema_list_named(const cJSON *root, struct schema_named *out);

/* What a reference points to, or NULL: a pointer ("#/$defs/x"), the name of an
 * "$anchor" ("#x"), or either behind the "$id" of a schema in this document,
 * whole or its last part. */
const cJSON *schema_resolve(const cJSON *root, const struct schema_named *named,
                            const char *ref);

/* A new object for what both hold; references in them are not followed.  NULL
 * and *key, where they exclude each other or cannot be joined. */
cJSON *schema_join(const cJSON *a, const cJSON *b, const char **key);

#endif
