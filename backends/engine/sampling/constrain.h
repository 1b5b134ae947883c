/* constrain: holds an answer to JSON of a schema.
 *
 * A schema is compiled to nodes; a constraint is a place in them (or several,
 * if alternatives begin alike) that moves with each byte of the answer.  A
 * token may follow if its bytes lead somewhere, so the sampler asks for each
 * token that it considers (sampler_set_filter).
 *
 * Of JSON Schema (2020-12, and what draft 7 and OpenAPI 3.0 write otherwise)
 * these are held:
 *   any type   type (also a list), enum, const, nullable, anyOf, oneOf, allOf,
 *              $ref into the same document (#, #/…, an $anchor, an $id)
 *   strings    minLength, maxLength (characters), pattern (pattern.h)
 *   numbers    minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf
 *   arrays     items, prefixItems, additionalItems, minItems, maxItems
 *   objects    properties, required, additionalProperties, propertyNames,
 *              unevaluatedProperties, patternProperties (one, without
 *              properties), minProperties, maxProperties
 * Those that only describe are passed over: title, description, default,
 * examples, format, contentSchema, deprecated, readOnly, writeOnly, $comment,
 * discriminator, x-… and the like.  Without a type that of the other keys is
 * meant.  Objects have the listed properties in the listed order and no other.
 * The alternatives of a oneOf must exclude each other by type or by a property
 * of constant text.  Numbers of enum and const are written as the schema has
 * them.  Nothing fits false and {"not": {}}.  A schema may stand within a
 * response format or the declaration of a tool (schema_unwrap).
 * White space is allowed if JSON allows it, but no more than a little.
 *
 * Schemas come from whoever configures a model; what is not understood is
 * refused, so that no answer looks checked that is not.  One thread. */
#ifndef BACKENDS_ENGINE_SAMPLING_CONSTRAIN_H
#define BACKENDS_ENGINE_SAMPLING_CONSTRAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct constraint;

/* JSON of the schema text[0..n).  0, or -1 with ERR_FORMAT that names the place
 * in the schema ("schema verdict.type: not a type of JSON values"). */
int constraint_open_schema(struct constraint **out, const char *text, size_t n,
                           struct err *e);

void constraint_close(struct constraint *c); /* NULL is allowed */

/* Whether these bytes may follow what was accepted so far; c is as before. */
bool constraint_allows(struct constraint *c, const char *bytes, size_t n);

/* Moves on by bytes that are allowed. */
void constraint_accept(struct constraint *c, const char *bytes, size_t n);

/* Whether the answer may end here; and whether it must, since nothing may
 * follow. */
bool constraint_may_end(const struct constraint *c);
bool constraint_must_end(const struct constraint *c);

#endif
