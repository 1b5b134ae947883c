/* json: reading foreign JSON through cJSON with the checks it leaves out, and
 * building our own.
 *
 * cJSON 1.7.15 (Debian 12) accepts invalid UTF-8 and duplicate keys, and looks
 * keys up without regard to case; these helpers do not: input is checked for
 * size, UTF-8 and zero bytes, also as \u0000 (at which it would end a string),
 * first, keys match to the letter, and of duplicate keys the first counts.  Its
 * parser recurses up to 1000 deep, so threads that call it need stacks of 1 MB
 * or more.  Trees are cJSON's own: cJSON_Delete frees. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Parses text[0..n), n <= max_bytes, as one JSON value with nothing but white
 * space after it.  `name` is what the error calls it, with line and column:
 * "NAME:3:14: not JSON here".  Returns the tree (caller frees) or NULL with
 * ERR_FORMAT. */
cJSON *json_parse(const char *text, size_t n, size_t max_bytes,
                  const char *name, struct err *e);

/* The same after blanking out // and C comments and trailing commas outside
 * of strings (what editors call JSONC); line and column stay true. */
cJSON *json_parse_commented(const char *text, size_t n, size_t max_bytes,
                            const char *name, struct err *e);

/* The same for what servers send: bytes that are no UTF-8, halves of surrogate
 * pairs and NULs (which cJSON would end the string at) become U+FFFD. */
cJSON *json_parse_repaired(const char *text, size_t n, size_t max_bytes,
                           const char *name, struct err *e);

/* The same for what Python writes: NaN, Infinity and -Infinity outside of
 * strings, which JSON has not, are read as null. */
cJSON *json_parse_python(const char *text, size_t n, size_t max_bytes,
                         const char *name, struct err *e);

/* The member of an object, or NULL if it has none or is no object. */
const cJSON *json_get(const cJSON *object, const char *key);

/* The string, number or truth of a member, or the fallback if there is none
 * or it is of another type.  The string belongs to the tree. */
const char *json_get_string(const cJSON *object, const char *key,
                            const char *fallback);
double json_get_number(const cJSON *object, const char *key, double fallback);
bool json_get_bool(const cJSON *object, const char *key, bool fallback);

/* A number as a whole one within [min, max]; false if it is not that. */
bool json_is_whole(const cJSON *node, int64_t min, int64_t max, int64_t *out);

/* Appends s[0..n) as a JSON string with its quotes.  Invalid UTF-8 becomes
 * U+FFFD; what a terminal would obey or hide (controls, bidi controls,
 * zero-width and tag characters, U+2028/9) is escaped. */
void json_add_string(struct buf *out, const char *s, size_t n);

/* Appends a double so that reading it gives the same double; null if it is
 * not finite. */
void json_add_number(struct buf *out, double v);

/* Writing objects and arrays.  json_comma puts a comma unless nothing is
 * written yet or the object or array has just begun; the others put it by
 * themselves, then the key (plain ASCII, written as it is) and the value.  A
 * text that is NULL and a number that is not finite are null. */
void json_comma(struct buf *out);
void json_key(struct buf *out, const char *key);
void json_put_text(struct buf *out, const char *key, const char *text);
void json_put_whole(struct buf *out, const char *key, int64_t n);
void json_put_number(struct buf *out, const char *key, double v);
void json_put_bool(struct buf *out, const char *key, bool v);

#endif
