/* The methods of Python's list, tuple and dict that templates may call.  Those
 * that change a list or dict are not to be had, as in jinja2's
 * ImmutableSandboxedEnvironment. */
#include "backends/engine/chat/template/run.h"

#include <string.h>

/* --- lists and dicts ----------------------------------------------------- */

static struct value list_index(struct run *r, const struct value *a)
{
    const struct value_list *l = a[0].list;
    for (size_t i = 0; i < l->n; i++)
        if (value_equal(r->cage, l->items[i], a[1]))
            return value_int((int64_t)i);
    cage_fail(r->cage, "index(): what is looked for is not there");
}

static struct value list_count(struct run *r, const struct value *a)
{
    const struct value_list *l = a[0].list;
    int64_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        n += value_equal(r->cage, l->items[i], a[1]);
    return value_int(n);
}

static struct value copy(struct run *r, const struct value *a)
{
    (void)r;
    return a[0]; /* nothing can change it */
}

static struct value get(struct run *r, const struct value *a)
{
    struct value *v = value_get(r->cage, a[0], a[1]);
    if (v != NULL)
        return *v;
    return args_given(a[2]) ? a[2] : value_none();
}

enum { KEYS = 1, VALUES = 2 };

static struct value view(struct run *r, struct value dict, int what)
{
    const struct value_dict *d = dict.dict;
    struct value out = value_new_list(r->cage, d->n, FORM_VIEW);
    for (size_t i = 0; i < d->n; i++)
        out.list->items[i] =
            what == KEYS     ? d->entries[i].key
            : what == VALUES ? d->entries[i].value
                             : value_pair(r->cage, d->entries[i].key,
                                          d->entries[i].value);
    return out;
}

static struct value items(struct run *r, const struct value *a)
{
    return view(r, a[0], KEYS | VALUES);
}

static struct value keys(struct run *r, const struct value *a)
{
    return view(r, a[0], KEYS);
}

static struct value values(struct run *r, const struct value *a)
{
    return view(r, a[0], VALUES);
}

/* --- the tables ---------------------------------------------------------- */

static const struct native of_list[] = {
    {"count", "value", list_count},
    {"index", "value", list_index},
    {"copy", "", copy},
};

static const struct native of_dict[] = {
    {"get", "key default?", get}, {"items", "", items},
    {"keys", "", keys},           {"values", "", values},
    {"copy", "", copy},
};

/* Would change what they belong to: undefined, as in the sandbox, so that a
 * key of that name is not found either. */
static const char *const changes[] = {
    "append", "clear", "extend", "insert", "pop", "popitem", "remove",
    "reverse", "setdefault", "sort", "update", "fromkeys",
};

static bool changes_it(struct value v, struct value name)
{
    bool dict = v.kind == VALUE_DICT;
    static const char *const dicts = " clear pop popitem setdefault update "
                                     "fromkeys ";
    for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
        if (!value_is(name, changes[i]))
            continue;
        char word[16] = " ";
        memcpy(word + 1, changes[i], strlen(changes[i]));
        word[strlen(changes[i]) + 1] = ' ';
        bool of_dicts = strstr(dicts, word) != NULL;
        return dict ? of_dicts
                    : !of_dicts || value_is(name, "clear") ||
                          value_is(name, "pop");
    }
    return false;
}

bool method_find(struct run *r, struct value v, struct value name,
                 struct value *out)
{
    const struct native *f = NULL;
    bool list = v.kind == VALUE_LIST && v.form <= FORM_TUPLE;
    bool dict = v.kind == VALUE_DICT && v.form == FORM_PLAIN;
    if (name.n == 0 || name.s[0] == '_')
        return false;
    if (v.kind == VALUE_STRING)
        f = method_of_str(name);
    else if (list)
        f = native_find(of_list, v.form == FORM_TUPLE ? 2 : 3, name);
    else if (dict)
        f = native_find(of_dict, sizeof(of_dict) / sizeof(*of_dict), name);
    if (f == NULL && (dict || (list && v.form == FORM_PLAIN)) &&
        changes_it(v, name)) {
        *out = value_undefined(name.s, name.n);
        return true;
    }
    if (f == NULL)
        return false;
    if (f->run == NULL)
        cage_fail(r->cage, "the method str.%s is not supported", f->name);
    *out = call_new(r, f, v);
    return true;
}
