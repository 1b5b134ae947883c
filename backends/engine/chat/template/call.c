/* Hands arguments to functions. */
#include "backends/engine/chat/template/run.h"

#include <string.h>

#include "backends/engine/chat/template/lexer.h"

/* --- lists in the making -------------------------------------------------- */

void items_add(struct run *r, struct items *l, struct value v)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 4;
        struct value *more = cage_alloc(r->cage, cap, sizeof(*more));
        if (l->n > 0)
            memcpy(more, l->at, l->n * sizeof(*more));
        l->at = more;
        l->cap = cap;
    }
    l->at[l->n++] = v;
}

struct value items_take(struct run *r, struct items *l, enum value_form form)
{
    struct value v = value_new_list(r->cage, 0, form);
    v.list->items = l->at;
    v.list->n = l->n;
    return v;
}

/* --- evaluating ----------------------------------------------------------- */

static void add_named(struct run *r, struct value named, struct value key,
                      struct value v)
{
    if (key.kind != VALUE_STRING)
        cage_fail(r->cage, "an argument's name must be a str");
    if (value_get(r->cage, named, key) != NULL)
        cage_fail(r->cage, "two values for the argument '%.*s'", (int)key.n,
                  key.s);
    value_set(r->cage, named, key, v);
}

struct args call_arguments(struct run *r, struct scope *s,
                           const struct node *list)
{
    if (list == NULL)
        return (struct args){0};
    struct items plain = {0};
    struct value named = value_new_dict(r->cage, FORM_PLAIN);
    for (const struct node *n = list; n != NULL; n = n->next) {
        if (n->kind == NODE_KEYWORD) {
            add_named(r, named, n->value, run_expression(r, s, n->a));
        } else if (n->kind != NODE_SPREAD) {
            items_add(r, &plain, run_expression(r, s, n));
        } else if (n->op == TOKEN_POWER) {
            struct value v = run_expression(r, s, n->a);
            if (v.kind != VALUE_DICT)
                cage_fail(r->cage, "** needs a dict, not a %s", value_type(v));
            for (size_t i = 0; i < v.dict->n; i++)
                add_named(r, named, v.dict->entries[i].key,
                          v.dict->entries[i].value);
        } else {
            struct value_list l = value_iterate(r->cage,
                                                run_expression(r, s, n->a));
            for (size_t i = 0; i < l.n; i++)
                items_add(r, &plain, l.items[i]);
        }
    }
    return (struct args){plain.at, plain.n, named.dict->entries,
                         named.dict->n};
}

/* --- functions of ours ---------------------------------------------------- */

/* The next name of a native's parameters. */
struct parameter {
    const char *name;
    size_t n;
    bool optional;
};

static const char *next_parameter(const char *p, struct parameter *out)
{
    p += strspn(p, " ");
    out->name = p;
    out->n = strcspn(p, " ?");
    out->optional = p[out->n] == '?';
    return p + out->n + out->optional;
}

static const struct value *find_named(const struct args *args,
                                      const struct parameter *p, size_t *used)
{
    for (size_t i = 0; i < args->n_named; i++) {
        const struct value_entry *e = &args->named[i];
        if (e->key.n == p->n && memcmp(e->key.s, p->name, p->n) == 0) {
            (*used)++;
            return &e->value;
        }
    }
    return NULL;
}

/* Binds arguments to the parameters of f, from out[n] on. */
static void bind(struct run *r, const struct native *f,
                 const struct args *args, struct value *out, size_t n)
{
    size_t at = 0, used = 0;
    struct parameter p;
    for (const char *rest = f->params; *rest != '\0'; n++) {
        rest = next_parameter(rest, &p);
        if (p.n == 2 && p.name[0] == '*') {
            out[n] = value_new_dict(r->cage, FORM_PLAIN);
            for (size_t i = 0; i < args->n_named; i++)
                value_set(r->cage, out[n], args->named[i].key,
                          args->named[i].value);
            used = args->n_named;
            continue;
        }
        if (p.name[0] == '*') {
            struct items l = {0};
            for (; at < args->n; at++)
                items_add(r, &l, args->plain[at]);
            out[n] = items_take(r, &l, FORM_TUPLE);
            continue;
        }
        const struct value *named = find_named(args, &p, &used);
        if (at < args->n && named == NULL)
            out[n] = args->plain[at++];
        else if (at < args->n)
            cage_fail(r->cage, "%s() gets two values for %.*s", f->name,
                      (int)p.n, p.name);
        else if (named != NULL)
            out[n] = *named;
        else if (p.optional)
            out[n] = (struct value){.kind = VALUE_GIVEN_NOT};
        else
            cage_fail(r->cage, "%s() needs the argument %.*s", f->name,
                      (int)p.n, p.name);
    }
    if (at < args->n || used < args->n_named)
        cage_fail(r->cage, "%s() does not take these arguments%s%.*s", f->name,
                  args->n_named > 0 ? ": " : "",
                  args->n_named > 0 ? (int)args->named[0].key.n : 0,
                  args->n_named > 0 ? args->named[0].key.s : "");
}

struct value call_native(struct run *r, const struct native *f,
                         const struct value *input, const struct args *args)
{
    struct value bound[NATIVE_MAX_ARGS] = {{0}};
    if (input != NULL)
        bound[0] = *input;
    bind(r, f, args, bound, input != NULL);
    cage_step(r->cage, 0);
    cage_enter(r->cage);
    struct value v = f->run(r, bound);
    cage_leave(r->cage);
    return v;
}

const struct native *native_find(const struct native *table, size_t n,
                                 struct value name)
{
    for (size_t i = 0; i < n; i++)
        if (value_is(name, table[i].name))
            return &table[i];
    return NULL;
}

struct value filter_apply(struct run *r, struct value name, struct value input,
                          const struct args *args)
{
    const struct native *f = filter_find_text(name);
    if (f == NULL)
        f = filter_find_list(name);
    if (f == NULL)
        cage_fail(r->cage, "the filter '%.*s' is not known",
                  name.n > 60 ? 60 : (int)name.n, name.s);
    return call_native(r, f, &input, args);
}

bool test_apply(struct run *r, struct value name, struct value input,
                const struct args *args)
{
    const struct native *f = test_find(name);
    if (f == NULL)
        cage_fail(r->cage, "the test '%.*s' is not known",
                  name.n > 60 ? 60 : (int)name.n, name.s);
    return value_is_true(call_native(r, f, &input, args));
}

struct value call_new(struct run *r, const struct native *f, struct value self)
{
    struct callable *c = cage_alloc(r->cage, 1, sizeof(*c));
    *c = (struct callable){.native = f, .self = self};
    return (struct value){.kind = VALUE_CALL, .call = c};
}

struct value call_value(struct run *r, struct value function,
                        const struct args *args)
{
    if (function.kind == VALUE_UNDEFINED)
        cage_fail(r->cage, "'%.*s' is called but undefined",
                  function.n > 60 ? 60 : (int)function.n, function.s);
    if (function.kind == VALUE_LOOP)
        return loop_call(r, function.loop, args);
    if (function.kind != VALUE_CALL)
        cage_fail(r->cage, "a %s cannot be called", value_type(function));
    const struct callable *f = function.call;
    if (f->native == NULL)
        return macro_call(r, f, args);
    bool method = f->self.kind != VALUE_GIVEN_NOT;
    return call_native(r, f->native, method ? &f->self : NULL, args);
}

/* --- what functions ask of their arguments -------------------------------- */

bool args_given(struct value v)
{
    return v.kind != VALUE_GIVEN_NOT;
}

int64_t args_int(struct run *r, struct value v, int64_t fallback)
{
    int64_t i;
    if (v.kind == VALUE_GIVEN_NOT || v.kind == VALUE_NONE)
        return fallback;
    if (!value_as_int(v, &i))
        cage_fail(r->cage, "a whole number is needed, not a %s",
                  value_type(v));
    return i;
}

struct value args_string(struct run *r, struct value v)
{
    if (v.kind != VALUE_STRING)
        cage_fail(r->cage, "a str is needed, not a %s", value_type(v));
    return v;
}

bool args_bool(struct value v, bool fallback)
{
    return v.kind == VALUE_GIVEN_NOT ? fallback : value_is_true(v);
}
