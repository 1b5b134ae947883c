/* Runs statements: blocks, loops, macros. */
#include "backends/engine/chat/template/run.h"

#include <string.h>

/* --- output -------------------------------------------------------------- */

static void write_out(struct run *r, struct value v)
{
    text_add_value(r->out, v);
    if (r->out->n > CAGE_MAX_OUTPUT)
        cage_fail(r->cage, "writes more than %u MiB", CAGE_MAX_OUTPUT >> 20);
}

struct value run_capture(struct run *r, struct scope *s,
                         const struct node *body, enum flow *flow)
{
    struct text *outer = r->out, inner;
    text_init(&inner, r->cage);
    r->out = &inner;
    enum flow how = run_body(r, s, body);
    r->out = outer;
    if (flow != NULL)
        *flow = how;
    return text_take(&inner);
}

static struct value run_filters(struct run *r, struct scope *s,
                                const struct node *filters, struct value v)
{
    for (const struct node *n = filters; n != NULL; n = n->next) {
        struct args args = call_arguments(r, s, n->a);
        r->cage->line = n->line;
        v = filter_apply(r, n->value, v, &args);
    }
    return v;
}

static struct scope *new_scope(struct run *r, struct scope *parent)
{
    struct scope *s = cage_alloc(r->cage, 1, sizeof(*s));
    s->parent = parent;
    return s;
}

/* The variables of a loop's next turn: in the place of the last one's, unless
 * something still refers to those. */
static struct scope *next_turn(struct run *r, struct scope *parent,
                               struct scope *last)
{
    if (last == NULL || last->held)
        return new_scope(r, parent);
    while (last->first != NULL) {
        struct variable *v = last->first;
        last->first = v->next;
        v->next = last->spare;
        last->spare = v;
    }
    return last;
}

/* --- assignments --------------------------------------------------------- */

static void assign(struct run *r, struct scope *s, const struct node *target,
                   struct value v)
{
    r->cage->line = target->line;
    if (target->kind == NODE_NAME) {
        run_assign(r, s, target->symbol, v);
        return;
    }
    if (target->kind == NODE_MEMBER) {
        struct value ns = run_lookup(r, s, target->symbol);
        if (ns.kind != VALUE_DICT || ns.form != FORM_NAMESPACE)
            cage_fail(r->cage, "a member can be set only of a namespace");
        value_set(r->cage, ns, target->value, v);
        return;
    }
    cage_enter(r->cage);
    struct value_list l = value_iterate(r->cage, v);
    size_t i = 0;
    for (const struct node *t = target->a; t != NULL; t = t->next, i++) {
        if (i >= l.n)
            break;
        assign(r, s, t, l.items[i]);
    }
    size_t n = 0;
    for (const struct node *t = target->a; t != NULL; t = t->next)
        n++;
    if (l.n != n)
        cage_fail(r->cage, "%zu values cannot be set to %zu names", l.n, n);
    cage_leave(r->cage);
}

/* --- loops --------------------------------------------------------------- */

struct loop {
    const struct node *node;
    struct scope *scope; /* around the loop */
    struct value_list items;
    size_t at;           /* the item to look at next */
    size_t index;        /* from 0 */
    struct value before, now, next; /* VALUE_GIVEN_NOT: none */
    bool looked;         /* next is what comes next */
    bool chosen;         /* the rest of the items passed the condition */
    int depth;
    struct value changed; /* what changed() was told last */
};

static const struct value given_not = {.kind = VALUE_GIVEN_NOT};

static bool passes(struct run *r, struct loop *l, struct value item)
{
    if (l->node->c == NULL || l->chosen)
        return true;
    struct scope s = {.parent = l->scope};
    assign(r, &s, l->node->a, item);
    return value_is_true(run_expression(r, &s, l->node->c));
}

static struct value take_next(struct run *r, struct loop *l)
{
    while (l->at < l->items.n) {
        struct value item = l->items.items[l->at++];
        cage_step(r->cage, 0);
        if (passes(r, l, item))
            return item;
    }
    return given_not;
}

static struct value peek(struct run *r, struct loop *l)
{
    if (!l->looked)
        l->next = take_next(r, l);
    l->looked = true;
    return l->next;
}

static size_t loop_length(struct run *r, struct loop *l)
{
    bool has_next = peek(r, l).kind != VALUE_GIVEN_NOT;
    if (l->node->c != NULL && !l->chosen) {
        struct items rest = {0};
        for (struct value v; (v = take_next(r, l)).kind != VALUE_GIVEN_NOT;)
            items_add(r, &rest, v);
        l->items = (struct value_list){rest.at, rest.n};
        l->at = 0;
        l->chosen = true;
    }
    return l->index + 1 + has_next + (l->items.n - l->at);
}

static struct value or_undefined(struct value v, const char *name)
{
    return v.kind == VALUE_GIVEN_NOT ? value_undefined(name, strlen(name)) : v;
}

static struct value loop_cycle(struct run *r, const struct value *args)
{
    struct loop *l = args[0].loop;
    if (args[1].list->n == 0)
        cage_fail(r->cage, "loop.cycle() needs something to go through");
    return args[1].list->items[l->index % args[1].list->n];
}

static struct value loop_changed(struct run *r, const struct value *args)
{
    struct loop *l = args[0].loop;
    if (l->changed.kind != VALUE_GIVEN_NOT &&
        value_equal(r->cage, l->changed, args[1]))
        return value_bool(false);
    l->changed = args[1];
    return value_bool(true);
}

bool loop_attribute(struct run *r, struct loop *l, struct value name,
                    struct value *out)
{
    static const struct native cycle = {"cycle", "*", loop_cycle};
    static const struct native changed = {"changed", "*", loop_changed};
    struct value self = {.kind = VALUE_LOOP, .loop = l};
    int64_t i = (int64_t)l->index;
    if (value_is(name, "index"))
        *out = value_int(i + 1);
    else if (value_is(name, "index0"))
        *out = value_int(i);
    else if (value_is(name, "first"))
        *out = value_bool(i == 0);
    else if (value_is(name, "last"))
        *out = value_bool(peek(r, l).kind == VALUE_GIVEN_NOT);
    else if (value_is(name, "length"))
        *out = value_int((int64_t)loop_length(r, l));
    else if (value_is(name, "revindex"))
        *out = value_int((int64_t)loop_length(r, l) - i);
    else if (value_is(name, "revindex0"))
        *out = value_int((int64_t)loop_length(r, l) - i - 1);
    else if (value_is(name, "previtem"))
        *out = or_undefined(l->before, "there is no previous item");
    else if (value_is(name, "nextitem"))
        *out = or_undefined(peek(r, l), "there is no next item");
    else if (value_is(name, "depth"))
        *out = value_int(l->depth + 1);
    else if (value_is(name, "depth0"))
        *out = value_int(l->depth);
    else if (value_is(name, "cycle"))
        *out = call_new(r, &cycle, self);
    else if (value_is(name, "changed"))
        *out = call_new(r, &changed, self);
    else
        return false;
    return true;
}

static void run_loop(struct run *r, struct scope *s, const struct node *n,
                     struct value over, int depth)
{
    struct loop *l = cage_alloc(r->cage, 1, sizeof(*l));
    *l = (struct loop){.node = n, .scope = s, .before = given_not,
                       .changed = given_not, .depth = depth};
    for (struct scope *p = s; n->op && p != NULL; p = p->parent)
        p->held = true; /* loop() goes on in it */
    l->items = value_iterate(r->cage, over);
    l->now = take_next(r, l);
    struct scope *turn = NULL;
    bool done = false; /* a turn came to its end: as jinja2, not by a jump */
    while (l->now.kind != VALUE_GIVEN_NOT) {
        turn = next_turn(r, s, turn);
        run_assign(r, turn, SYMBOL_LOOP,
                   (struct value){.kind = VALUE_LOOP, .loop = l});
        assign(r, turn, n->a, l->now);
        enum flow flow = run_body(r, turn, n->body);
        if (flow == FLOW_BREAK)
            break;
        done = done || flow == FLOW_ON;
        l->before = l->now;
        l->now = l->looked ? l->next : take_next(r, l);
        l->looked = false;
        l->index++;
    }
    if (!done)
        run_body(r, new_scope(r, s), n->other);
}

struct value loop_call(struct run *r, struct loop *l, const struct args *args)
{
    if (!l->node->op)
        cage_fail(r->cage, "loop() is called in a loop that is not recursive");
    if (args->n != 1 || args->n_named > 0)
        cage_fail(r->cage, "loop() needs one argument");
    struct text *outer = r->out, inner;
    text_init(&inner, r->cage);
    r->out = &inner;
    cage_enter(r->cage);
    run_loop(r, l->scope, l->node, args->plain[0], l->depth + 1);
    cage_leave(r->cage);
    r->out = outer;
    return text_take(&inner);
}

/* --- macros -------------------------------------------------------------- */

static struct value new_macro(struct run *r, struct scope *s,
                              const struct node *n)
{
    struct callable *f = cage_alloc(r->cage, 1, sizeof(*f));
    *f = (struct callable){.macro = n, .scope = s};
    for (; s != NULL; s = s->parent)
        s->held = true;
    return (struct value){.kind = VALUE_CALL, .call = f};
}

static bool take_named(struct run *r, const struct args *args,
                       struct value name, bool *used, struct value *out)
{
    cage_work(r->cage, 8 * args->n_named);
    for (size_t i = 0; i < args->n_named; i++) {
        struct value key = args->named[i].key;
        if (key.n == name.n && memcmp(key.s, name.s, key.n) == 0) {
            used[i] = true;
            *out = args->named[i].value;
            return true;
        }
    }
    return false;
}

/* What no parameter took: for varargs, kwargs and caller, if the macro reads
 * them. */
static void take_rest(struct run *r, const struct callable *f,
                      struct scope *s, const struct args *args, size_t n,
                      const bool *used)
{
    struct value name = f->macro->value;
    int reads = f->macro->kind == NODE_MACRO ? f->macro->op : 0;
    struct items more = {0};
    struct value kwargs = value_new_dict(r->cage, FORM_PLAIN);
    for (size_t i = n; i < args->n; i++)
        items_add(r, &more, args->plain[i]);
    if (more.n > 0 && !(reads & 1 << SYMBOL_VARARGS))
        cage_fail(r->cage, "the macro '%.*s' takes no more than %zu arguments",
                  (int)name.n, name.s, n);
    if (reads & 1 << SYMBOL_VARARGS)
        run_assign(r, s, SYMBOL_VARARGS, items_take(r, &more, FORM_TUPLE));
    struct value caller = value_undefined("caller", 6);
    for (size_t i = 0; i < args->n_named; i++) {
        struct value key = args->named[i].key;
        if (used[i])
            continue;
        if ((reads & 1 << SYMBOL_CALLER) && value_is(key, "caller"))
            caller = args->named[i].value;
        else if (reads & 1 << SYMBOL_KWARGS)
            value_set(r->cage, kwargs, key, args->named[i].value);
        else
            cage_fail(r->cage, "the macro '%.*s' has no parameter '%.*s'",
                      (int)name.n, name.s, (int)key.n, key.s);
    }
    if (reads & 1 << SYMBOL_CALLER)
        run_assign(r, s, SYMBOL_CALLER, caller);
    if (reads & 1 << SYMBOL_KWARGS)
        run_assign(r, s, SYMBOL_KWARGS, kwargs);
}

struct value macro_call(struct run *r, const struct callable *f,
                        const struct args *args)
{
    struct scope *s = new_scope(r, f->scope);
    bool *used = cage_alloc(r->cage, args->n_named, sizeof(*used));
    size_t i = 0;
    cage_enter(r->cage);
    for (const struct node *p = f->macro->a; p != NULL; p = p->next, i++) {
        struct value v = value_undefined(p->value.s, p->value.n), named;
        bool by_name = take_named(r, args, p->value, used, &named);
        if (by_name && i < args->n)
            cage_fail(r->cage, "two values for the parameter '%.*s'",
                      (int)p->value.n, p->value.s);
        if (by_name)
            v = named;
        else if (i < args->n)
            v = args->plain[i];
        else if (p->a != NULL)
            v = run_expression(r, s, p->a);
        run_assign(r, s, p->symbol, v);
    }
    take_rest(r, f, s, args, i < args->n ? i : args->n, used);
    struct value out = run_capture(r, s, f->macro->body, NULL);
    cage_leave(r->cage);
    return out;
}

/* {% call(x) f(…) %}: f gets the body as "caller". */
static void run_call_block(struct run *r, struct scope *s,
                           const struct node *n)
{
    struct value caller = new_macro(r, s, n);
    const struct node *link = n->b->b;
    while (link->next != NULL)
        link = link->next;
    struct value f = run_chain(r, s, n->b, link);
    struct args args = call_arguments(r, s, link->a);
    struct value_entry *named = cage_alloc(r->cage, args.n_named + 1,
                                           sizeof(*named));
    if (args.n_named > 0)
        memcpy(named, args.named, args.n_named * sizeof(*named));
    named[args.n_named++] = (struct value_entry){value_string("caller"),
                                                 caller};
    args.named = named;
    r->cage->line = link->line;
    write_out(r, value_to_string(r->cage, call_value(r, f, &args)));
}

/* --- the tree ------------------------------------------------------------ */

static enum flow run_if(struct run *r, struct scope *s, const struct node *n)
{
    for (;; n = n->c) {
        r->cage->line = n->line;
        if (value_is_true(run_expression(r, s, n->a)))
            return run_body(r, s, n->body);
        if (!n->op)
            return run_body(r, s, n->c);
    }
}

static enum flow run_with(struct run *r, struct scope *s, const struct node *n)
{
    struct scope *inner = new_scope(r, s);
    for (const struct node *t = n->a; t != NULL; t = t->next->next)
        assign(r, inner, t, run_expression(r, s, t->next));
    return run_body(r, inner, n->body);
}

static enum flow run_statement(struct run *r, struct scope *s,
                               const struct node *n)
{
    struct value v;
    enum flow flow = FLOW_ON;
    switch (n->kind) {
    case NODE_DATA: write_out(r, n->value); break;
    case NODE_PRINT:
        for (const struct node *i = n->a; i != NULL; i = i->next) {
            v = run_expression(r, s, i);
            r->cage->line = n->line;
            write_out(r, value_to_string(r->cage, v));
        }
        break;
    case NODE_IF: return run_if(r, s, n);
    case NODE_FOR:
        run_loop(r, s, n, run_expression(r, s, n->b), 0);
        break;
    case NODE_SET: assign(r, s, n->a, run_expression(r, s, n->b)); break;
    case NODE_SET_BLOCK:
        v = run_capture(r, new_scope(r, s), n->body, &flow);
        if (flow == FLOW_ON) /* else nothing comes of it */
            assign(r, s, n->a, run_filters(r, s, n->b, v));
        break;
    case NODE_MACRO: run_assign(r, s, n->symbol, new_macro(r, s, n)); break;
    case NODE_CALL_BLOCK: run_call_block(r, s, n); break;
    case NODE_FILTER_BLOCK:
        v = run_capture(r, new_scope(r, s), n->body, &flow);
        if (flow != FLOW_ON)
            break;
        v = run_filters(r, s, n->b, v);
        write_out(r, value_to_string(r->cage, v));
        break;
    case NODE_WITH: return run_with(r, s, n);
    case NODE_SCOPE:
        write_out(r, run_capture(r, new_scope(r, s), n->body, NULL));
        break;
    case NODE_BREAK: return FLOW_BREAK;
    default: return FLOW_CONTINUE;
    }
    return flow;
}

enum flow run_body(struct run *r, struct scope *s, const struct node *body)
{
    enum flow flow = FLOW_ON;
    cage_enter(r->cage);
    for (const struct node *n = body; n != NULL && flow == FLOW_ON;
         n = n->next) {
        cage_step(r->cage, 0);
        r->cage->line = n->line;
        flow = run_statement(r, s, n);
    }
    cage_leave(r->cage);
    return flow;
}
