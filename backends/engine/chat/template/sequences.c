/* The filters x|name(…) of lists and dicts, as jinja2's filters.py has them. */
#include "backends/engine/chat/template/run.h"

#include <string.h>

/* --- sequences ----------------------------------------------------------- */

static struct value length(struct run *r, const struct value *a)
{
    return value_int((int64_t)value_length(r->cage, a[0]));
}

static struct value first(struct run *r, const struct value *a)
{
    if (a[0].kind == VALUE_LIST && a[0].form == FORM_GENERATOR &&
        a[0].list->n > 0) { /* the others are still to come */
        a[0].list->n--;
        return *a[0].list->items++;
    }
    struct value_list l = value_iterate(r->cage, a[0]);
    return l.n > 0 ? l.items[0] : value_undefined("first", 5);
}

static struct value last(struct run *r, const struct value *a)
{
    if (a[0].kind == VALUE_LIST && a[0].form == FORM_GENERATOR)
        cage_fail(r->cage, "a generator has no last item");
    struct value_list l = value_iterate(r->cage, a[0]);
    return l.n > 0 ? l.items[l.n - 1] : value_undefined("last", 4);
}

static struct value to_list(struct run *r, const struct value *a)
{
    struct value_list l = value_iterate(r->cage, a[0]);
    struct value out = value_new_list(r->cage, 0, FORM_PLAIN);
    *out.list = l;
    return out;
}

static struct value reverse(struct run *r, const struct value *a)
{
    bool list = a[0].kind == VALUE_LIST && a[0].form == FORM_GENERATOR;
    struct value_list l = value_iterate(r->cage, a[0]);
    struct value out = value_new_list(r->cage, l.n,
                                      list ? FORM_PLAIN : FORM_GENERATOR);
    struct text t;
    text_init(&t, r->cage);
    for (size_t i = 0; i < l.n; i++) {
        out.list->items[i] = l.items[l.n - 1 - i];
        if (a[0].kind == VALUE_STRING)
            text_add_value(&t, out.list->items[i]);
    }
    if (a[0].kind != VALUE_STRING)
        return out;
    out = text_take(&t);
    out.markup = a[0].markup;
    return out;
}

static struct value join(struct run *r, const struct value *a)
{
    struct value_list l = value_iterate(r->cage, a[0]);
    struct value by = args_given(a[1]) ? value_to_string(r->cage, a[1])
                                       : value_string("");
    struct text t;
    text_init(&t, r->cage);
    for (size_t i = 0; i < l.n; i++) {
        struct value v = args_given(a[2]) && a[2].kind != VALUE_NONE
                             ? run_path(r, l.items[i], a[2]) : l.items[i];
        if (i > 0)
            text_add_value(&t, by);
        text_add_value(&t, value_to_string(r->cage, v));
    }
    return text_take(&t);
}

static struct value items(struct run *r, const struct value *a)
{
    struct items l = {0};
    if (a[0].kind != VALUE_UNDEFINED &&
        (a[0].kind != VALUE_DICT || a[0].form != FORM_PLAIN))
        cage_fail(r->cage, "items needs a dict, not a %s", value_type(a[0]));
    for (size_t i = 0; a[0].kind == VALUE_DICT && i < a[0].dict->n; i++)
        items_add(r, &l, value_pair(r->cage, a[0].dict->entries[i].key,
                                    a[0].dict->entries[i].value));
    return items_take(r, &l, FORM_GENERATOR);
}

static struct value default_value(struct run *r, const struct value *a)
{
    (void)r;
    bool use = a[0].kind == VALUE_UNDEFINED ||
               (args_bool(a[2], false) && !value_is_true(a[0]));
    if (!use)
        return a[0];
    return args_given(a[1]) ? a[1] : value_string("");
}

static struct value attr(struct run *r, const struct value *a)
{
    struct value out;
    args_string(r, a[1]);
    if (a[0].kind != VALUE_UNDEFINED && a[0].kind != VALUE_LOOP &&
        method_find(r, a[0], a[1], &out))
        return out;
    if (a[0].kind == VALUE_DICT && a[0].form == FORM_NAMESPACE)
        return run_attribute(r, a[0], a[1]);
    return value_undefined(a[1].s, a[1].n);
}

struct value run_path(struct run *r, struct value v, struct value path)
{
    if (path.kind != VALUE_STRING)
        return run_item(r, v, path);
    for (size_t at = 0; at <= path.n;) {
        size_t dot = value_find(r->cage, path, value_string("."), at);
        size_t end = dot == SIZE_MAX ? path.n : dot;
        struct value part = value_part(path, at, end - at);
        int64_t i = 0;
        bool number = part.n > 0 && part.n < 18;
        for (size_t k = 0; k < part.n && number; k++) {
            number = part.s[k] >= '0' && part.s[k] <= '9';
            i = i * 10 + (part.s[k] - '0');
        }
        v = run_item(r, v, number ? value_int(i) : part);
        at = end + 1;
    }
    return v;
}

/* --- a filter or test for each item -------------------------------------- */

/* The arguments after the first n plain ones. */
static struct args rest_of(const struct value *a, size_t n)
{
    struct value_list *l = a[1].list;
    return (struct args){l->items + n, l->n - n, a[2].dict->entries,
                         a[2].dict->n};
}

static const struct value *named(const struct value *a, const char *name)
{
    struct value_dict *d = a[2].dict;
    for (size_t i = 0; i < d->n; i++)
        if (value_is(d->entries[i].key, name))
            return &d->entries[i].value;
    return NULL;
}

static struct value map(struct run *r, const struct value *a)
{
    const struct value *path = named(a, "attribute");
    const struct value *otherwise = named(a, "default");
    struct items out = {0};
    size_t n = a[1].list->n;
    if (!value_is_true(a[0]))
        return items_take(r, &out, FORM_GENERATOR);
    if (n == 0 && (path == NULL ||
                   a[2].dict->n > 1 + (size_t)(otherwise != NULL)))
        cage_fail(r->cage, "map needs a filter or attribute=");
    struct value_list l = value_iterate(r->cage, a[0]);
    for (size_t i = 0; i < l.n; i++) {
        struct value v;
        if (n > 0) {
            struct args rest = rest_of(a, 1);
            v = filter_apply(r, args_string(r, a[1].list->items[0]),
                             l.items[i], &rest);
        } else {
            v = run_path(r, l.items[i], *path);
            if (v.kind == VALUE_UNDEFINED && otherwise != NULL &&
                otherwise->kind != VALUE_NONE)
                v = *otherwise;
        }
        items_add(r, &out, v);
    }
    return items_take(r, &out, FORM_GENERATOR);
}

/* path: the first argument is an attribute. */
static struct value choose(struct run *r, const struct value *a, bool path,
                           bool want)
{
    struct items out = {0};
    size_t n = a[1].list->n;
    if (!value_is_true(a[0]))
        return items_take(r, &out, FORM_GENERATOR);
    if (path && n == 0)
        cage_fail(r->cage, "the name of an attribute is missing");
    struct value_list l = value_iterate(r->cage, a[0]);
    for (size_t i = 0; i < l.n; i++) {
        struct value v = l.items[i];
        cage_step(r->cage, 0);
        if (path)
            v = run_path(r, v, a[1].list->items[0]);
        bool is = value_is_true(v);
        if (n > path) {
            struct args rest = rest_of(a, (size_t)path + 1);
            is = test_apply(r, args_string(r, a[1].list->items[path]), v,
                            &rest);
        }
        if (is == want)
            items_add(r, &out, l.items[i]);
    }
    return items_take(r, &out, FORM_GENERATOR);
}

static struct value select(struct run *r, const struct value *a)
{
    return choose(r, a, false, true);
}

static struct value reject(struct run *r, const struct value *a)
{
    return choose(r, a, false, false);
}

static struct value selectattr(struct run *r, const struct value *a)
{
    return choose(r, a, true, true);
}

static struct value rejectattr(struct run *r, const struct value *a)
{
    return choose(r, a, true, false);
}

/* --- order --------------------------------------------------------------- */

void run_sort(struct run *r, struct value_entry *e, size_t n, bool reverse)
{
    struct value_entry *to = cage_alloc(r->cage, n, sizeof(*to)), *from = e;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t at = 0; at < n; at += 2 * width) {
            size_t mid = at + width < n ? at + width : n;
            size_t end = at + 2 * width < n ? at + 2 * width : n;
            size_t a = at, b = mid;
            for (size_t k = at; k < end; k++) {
                int order = 0;
                if (a < mid && b < end)
                    order = value_compare(r->cage, from[b].key, from[a].key);
                bool right = a == mid ||
                             (b < end && (reverse ? order > 0 : order < 0));
                to[k] = right ? from[b++] : from[a++];
            }
        }
        struct value_entry *other = from;
        from = to;
        to = other;
    }
    if (from != e)
        memcpy(e, from, n * sizeof(*e));
}

/* The key that an item is ordered by. */
static struct value key_of(struct run *r, struct value v, struct value path,
                           bool with_case)
{
    if (args_given(path) && path.kind != VALUE_NONE)
        v = run_path(r, v, path);
    if (v.kind == VALUE_STRING && !with_case)
        v = run_case(r, v, CASE_LOWER);
    return v;
}

static struct value_entry *with_keys(struct run *r, struct value_list l,
                                     struct value path, bool with_case)
{
    struct value_entry *e = cage_alloc(r->cage, l.n, sizeof(*e));
    for (size_t i = 0; i < l.n; i++) {
        e[i].key = key_of(r, l.items[i], path, with_case);
        e[i].value = l.items[i];
    }
    return e;
}

static struct value sorted(struct run *r, struct value_entry *e, size_t n,
                           bool reversed)
{
    run_sort(r, e, n, reversed);
    struct value out = value_new_list(r->cage, n, FORM_PLAIN);
    for (size_t i = 0; i < n; i++)
        out.list->items[i] = e[i].value;
    return out;
}

static struct value sort(struct run *r, const struct value *a)
{
    struct value_list l = value_iterate(r->cage, a[0]);
    if (a[3].kind == VALUE_STRING &&
        value_find(r->cage, a[3], value_string(","), 0) != SIZE_MAX)
        cage_fail(r->cage, "sort by more than one attribute is not supported");
    return sorted(r, with_keys(r, l, a[3], args_bool(a[2], false)), l.n,
                  args_bool(a[1], false));
}

static struct value dictsort(struct run *r, const struct value *a)
{
    if (a[0].kind != VALUE_DICT || a[0].form != FORM_PLAIN)
        cage_fail(r->cage, "dictsort needs a dict, not a %s",
                  value_type(a[0]));
    bool by_value = args_given(a[2]) && value_is(a[2], "value");
    if (args_given(a[2]) && !by_value && !value_is(a[2], "key"))
        cage_fail(r->cage, "dictsort: by must be key or value");
    struct value_list l = *items(r, a).list;
    return sorted(r, with_keys(r, l, value_int(by_value),
                               args_bool(a[1], false)),
                  l.n, args_bool(a[3], false));
}

static struct value unique(struct run *r, const struct value *a)
{
    struct items out = {0};
    struct value_list l = value_iterate(r->cage, a[0]);
    struct value seen = value_new_dict(r->cage, FORM_PLAIN);
    for (size_t i = 0; i < l.n; i++) {
        struct value key = key_of(r, l.items[i], a[2], args_bool(a[1], false));
        size_t n = seen.dict->n;
        value_set(r->cage, seen, key, value_none());
        if (seen.dict->n > n)
            items_add(r, &out, l.items[i]);
    }
    return items_take(r, &out, FORM_GENERATOR);
}

static struct value extreme(struct run *r, const struct value *a, int sign)
{
    struct value_list l = value_iterate(r->cage, a[0]);
    struct value_entry *e = with_keys(r, l, a[2], args_bool(a[1], false));
    size_t best = 0;
    for (size_t i = 1; i < l.n; i++)
        if (sign * value_compare(r->cage, e[i].key, e[best].key) > 0)
            best = i;
    return l.n > 0 ? e[best].value : value_undefined("item", 4);
}

static struct value min(struct run *r, const struct value *a)
{
    return extreme(r, a, -1);
}

static struct value max(struct run *r, const struct value *a)
{
    return extreme(r, a, 1);
}

static struct value sum(struct run *r, const struct value *a)
{
    struct value_list l = value_iterate(r->cage, a[0]);
    struct value total = args_given(a[2]) ? a[2] : value_int(0);
    for (size_t i = 0; i < l.n; i++)
        total = run_math(r, '+', total,
                         args_given(a[1]) && a[1].kind != VALUE_NONE
                             ? run_path(r, l.items[i], a[1]) : l.items[i]);
    return total;
}

static struct value batch(struct run *r, const struct value *a)
{
    struct value_list l = value_iterate(r->cage, a[0]);
    int64_t size = args_int(r, a[1], 0);
    struct items out = {0};
    if (size < 1 || size > CAGE_MAX_STEPS)
        cage_fail(r->cage, "batch needs a size of at least 1");
    for (size_t at = 0; at < l.n; at += (size_t)size) {
        struct items row = {0};
        bool fill = args_given(a[2]) && a[2].kind != VALUE_NONE;
        for (size_t i = at; i < at + (size_t)size && (i < l.n || fill); i++)
            items_add(r, &row, i < l.n ? l.items[i] : a[2]);
        items_add(r, &out, items_take(r, &row, FORM_PLAIN));
    }
    return items_take(r, &out, FORM_GENERATOR);
}

/* --- the table ----------------------------------------------------------- */

static const struct native filters[] = {
    {"attr", "name", attr},
    {"batch", "linecount fill_with?", batch},
    {"count", "", length},
    {"d", "default_value? boolean?", default_value},
    {"default", "default_value? boolean?", default_value},
    {"dictsort", "case_sensitive? by? reverse?", dictsort},
    {"first", "", first},
    {"items", "", items},
    {"join", "d? attribute?", join},
    {"last", "", last},
    {"length", "", length},
    {"list", "", to_list},
    {"map", "* **", map},
    {"max", "case_sensitive? attribute?", max},
    {"min", "case_sensitive? attribute?", min},
    {"reject", "* **", reject},
    {"rejectattr", "* **", rejectattr},
    {"reverse", "", reverse},
    {"select", "* **", select},
    {"selectattr", "* **", selectattr},
    {"sort", "reverse? case_sensitive? attribute?", sort},
    {"sum", "attribute? start?", sum},
    {"unique", "case_sensitive? attribute?", unique},
};

const struct native *filter_find_list(struct value name)
{
    return native_find(filters, sizeof(filters) / sizeof(*filters), name);
}
