#include "backends/engine/chat/template/value.h"

#include <string.h>

struct value value_undefined(const char *name, size_t n)
{
    return (struct value){.kind = VALUE_UNDEFINED, .s = name,
                          .n = (uint32_t)n};
}

struct value value_none(void)
{
    return (struct value){.kind = VALUE_NONE};
}

struct value value_bool(bool b)
{
    return (struct value){.kind = VALUE_BOOL, .b = b};
}

struct value value_int(int64_t i)
{
    return (struct value){.kind = VALUE_INT, .i = i};
}

struct value value_float(double f)
{
    return (struct value){.kind = VALUE_FLOAT, .f = f};
}

struct value value_string(const char *s)
{
    return (struct value){.kind = VALUE_STRING, .s = s,
                          .n = (uint32_t)strlen(s)};
}

struct value value_new_list(struct cage *c, size_t n, enum value_form form)
{
    struct value_list *l = cage_alloc(c, 1, sizeof(*l));
    l->items = cage_alloc(c, n, sizeof(*l->items));
    l->n = n;
    return (struct value){.kind = VALUE_LIST, .form = (uint8_t)form, .list = l};
}

struct value value_pair(struct cage *c, struct value a, struct value b)
{
    struct value v = value_new_list(c, 2, FORM_TUPLE);
    v.list->items[0] = a;
    v.list->items[1] = b;
    return v;
}

struct value value_new_dict(struct cage *c, enum value_form form)
{
    struct value_dict *d = cage_alloc(c, 1, sizeof(*d));
    return (struct value){.kind = VALUE_DICT, .form = (uint8_t)form, .dict = d};
}

/* --- members ----------------------------------------------------------- */

static bool can_be_key(struct cage *c, struct value v)
{
    if (v.kind != VALUE_LIST || v.form != FORM_TUPLE)
        return v.kind != VALUE_LIST && v.kind != VALUE_DICT;
    bool can = true;
    cage_step(c, 8 * v.list->n);
    cage_enter(c);
    for (size_t i = 0; i < v.list->n && can; i++)
        can = can_be_key(c, v.list->items[i]);
    cage_leave(c);
    return can;
}

struct value *value_get(struct cage *c, struct value dict, struct value key)
{
    struct value_dict *d = dict.dict;
    cage_step(c, 8 * d->n);
    for (size_t i = 0; i < d->n; i++)
        if (value_equal(c, d->entries[i].key, key))
            return &d->entries[i].value;
    return NULL;
}

void value_set(struct cage *c, struct value dict, struct value key,
               struct value value)
{
    if (!can_be_key(c, key))
        cage_fail(c, "a %s cannot be a key", value_type(key));
    struct value *old = value_get(c, dict, key);
    if (old != NULL) {
        *old = value;
        return;
    }
    struct value_dict *d = dict.dict;
    if (d->n == d->cap) {
        size_t cap = d->cap ? 2 * d->cap : 4;
        struct value_entry *more = cage_alloc(c, cap, sizeof(*more));
        if (d->n > 0)
            memcpy(more, d->entries, d->n * sizeof(*more));
        d->entries = more;
        d->cap = cap;
    }
    d->entries[d->n++] = (struct value_entry){key, value};
}

/* --- what a value is ---------------------------------------------------- */

bool value_is_number(struct value v)
{
    return v.kind == VALUE_BOOL || v.kind == VALUE_INT ||
           v.kind == VALUE_FLOAT;
}

bool value_as_int(struct value v, int64_t *out)
{
    if (v.kind != VALUE_INT && v.kind != VALUE_BOOL)
        return false;
    *out = v.kind == VALUE_INT ? v.i : v.b;
    return true;
}

double value_as_float(struct value v)
{
    int64_t i = 0;
    return value_as_int(v, &i) ? (double)i : v.f;
}

bool value_is_true(struct value v)
{
    switch (v.kind) {
    case VALUE_BOOL: return v.b;
    case VALUE_INT: return v.i != 0;
    case VALUE_FLOAT: return v.f != 0;
    case VALUE_STRING: return v.n > 0;
    case VALUE_LIST: return v.form == FORM_GENERATOR || v.list->n > 0;
    case VALUE_DICT: return v.form == FORM_NAMESPACE || v.dict->n > 0;
    case VALUE_CALL:
    case VALUE_LOOP: return true;
    default: return false;
    }
}

const char *value_type(struct value v)
{
    static const char *const lists[] = {"list", "tuple", "range", "view",
                                        "generator"};
    switch (v.kind) {
    case VALUE_UNDEFINED: return "undefined value";
    case VALUE_NONE: return "None";
    case VALUE_BOOL: return "bool";
    case VALUE_INT: return "int";
    case VALUE_FLOAT: return "float";
    case VALUE_STRING: return "str";
    case VALUE_LIST: return lists[v.form];
    case VALUE_DICT: return v.form == FORM_NAMESPACE ? "namespace" : "dict";
    default: return "function";
    }
}

/* --- comparing ---------------------------------------------------------- */

/* A long double holds every int64_t exactly on the machines that we run on. */
static int compare_numbers(struct value a, struct value b)
{
    int64_t i = 0, k = 0;
    long double x = value_as_int(a, &i) ? (long double)i : (long double)a.f;
    long double y = value_as_int(b, &k) ? (long double)k : (long double)b.f;
    return x < y ? -1 : x > y;
}

static int compare_strings(struct cage *c, struct value a, struct value b)
{
    uint32_t n = a.n < b.n ? a.n : b.n;
    cage_step(c, n);
    int order = n > 0 ? memcmp(a.s, b.s, n) : 0; /* as by code points */
    return order != 0 ? order : a.n < b.n ? -1 : a.n > b.n;
}

static bool equal_lists(struct cage *c, struct value a, struct value b)
{
    if (a.form != b.form || a.list->n != b.list->n ||
        a.form == FORM_GENERATOR)
        return a.list == b.list;
    cage_enter(c);
    bool equal = true;
    for (size_t i = 0; i < a.list->n && equal; i++)
        equal = value_equal(c, a.list->items[i], b.list->items[i]);
    cage_leave(c);
    return equal;
}

static bool equal_dicts(struct cage *c, struct value a, struct value b)
{
    if (a.form != b.form || a.form == FORM_NAMESPACE ||
        a.dict->n != b.dict->n)
        return a.dict == b.dict;
    cage_enter(c);
    bool equal = true;
    for (size_t i = 0; i < a.dict->n && equal; i++) {
        struct value *other = value_get(c, b, a.dict->entries[i].key);
        equal = other != NULL &&
                value_equal(c, a.dict->entries[i].value, *other);
    }
    cage_leave(c);
    return equal;
}

bool value_equal(struct cage *c, struct value a, struct value b)
{
    cage_step(c, 0);
    if (value_is_number(a) && value_is_number(b))
        return compare_numbers(a, b) == 0 &&
               value_as_float(a) == value_as_float(b); /* no NaN is equal */
    if (a.kind != b.kind)
        return false;
    switch (a.kind) {
    case VALUE_STRING: return a.n == b.n && compare_strings(c, a, b) == 0;
    case VALUE_LIST: return equal_lists(c, a, b);
    case VALUE_DICT: return equal_dicts(c, a, b);
    case VALUE_CALL: return a.call == b.call;
    case VALUE_LOOP: return a.loop == b.loop;
    default: return true;
    }
}

int value_compare(struct cage *c, struct value a, struct value b)
{
    cage_step(c, 0);
    if (value_is_number(a) && value_is_number(b))
        return compare_numbers(a, b);
    if (a.kind == VALUE_STRING && b.kind == VALUE_STRING)
        return compare_strings(c, a, b);
    if (a.kind != VALUE_LIST || b.kind != VALUE_LIST || a.form != b.form ||
        a.form > FORM_TUPLE)
        cage_fail(c, "a %s and a %s have no order", value_type(a),
                  value_type(b));
    cage_enter(c);
    size_t i = 0;
    while (i < a.list->n && i < b.list->n &&
           value_equal(c, a.list->items[i], b.list->items[i]))
        i++;
    int order;
    if (i < a.list->n && i < b.list->n)
        order = value_compare(c, a.list->items[i], b.list->items[i]);
    else
        order = a.list->n < b.list->n ? -1 : a.list->n > b.list->n;
    cage_leave(c);
    return order;
}

bool value_contains(struct cage *c, struct value where, struct value what)
{
    if (where.kind == VALUE_STRING) {
        if (what.kind != VALUE_STRING)
            cage_fail(c, "only a str can be in a str, not a %s",
                      value_type(what));
        return value_find(c, where, what, 0) != SIZE_MAX;
    }
    if (where.kind == VALUE_DICT && where.form == FORM_PLAIN)
        return value_get(c, where, what) != NULL;
    struct value_list l = value_iterate(c, where);
    for (size_t i = 0; i < l.n; i++)
        if (value_equal(c, l.items[i], what))
            return true;
    return false;
}

/* --- sequences ---------------------------------------------------------- */

static struct value_list characters(struct cage *c, struct value v)
{
    struct value list = value_new_list(c, value_n_chars(v), FORM_PLAIN);
    size_t n = 0;
    for (size_t at = 0, size; at < v.n; at += size) {
        size = value_char(v, at);
        list.list->items[n++] = value_part(v, at, size);
    }
    return *list.list;
}

struct value_list value_iterate(struct cage *c, struct value v)
{
    struct value_list none = {0};
    if (v.kind == VALUE_UNDEFINED)
        return none;
    if (v.kind == VALUE_STRING) {
        cage_step(c, v.n);
        return characters(c, v);
    }
    if (v.kind == VALUE_LIST) {
        struct value_list l = *v.list;
        if (v.form == FORM_GENERATOR)
            v.list->n = 0;
        return l;
    }
    if (v.kind != VALUE_DICT || v.form == FORM_NAMESPACE)
        cage_fail(c, "a %s is not iterable", value_type(v));
    struct value keys = value_new_list(c, v.dict->n, FORM_PLAIN);
    for (size_t i = 0; i < v.dict->n; i++)
        keys.list->items[i] = v.dict->entries[i].key;
    return *keys.list;
}

size_t value_length(struct cage *c, struct value v)
{
    switch (v.kind) {
    case VALUE_UNDEFINED: return 0;
    case VALUE_STRING: cage_step(c, v.n); return value_n_chars(v);
    case VALUE_LIST:
        if (v.form != FORM_GENERATOR)
            return v.list->n;
        break;
    case VALUE_DICT:
        if (v.form == FORM_PLAIN)
            return v.dict->n;
        break;
    }
    cage_fail(c, "a %s has no length", value_type(v));
}
