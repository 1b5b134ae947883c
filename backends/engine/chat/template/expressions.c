/* Evaluates expressions. */
#include "backends/engine/chat/template/run.h"

#include <math.h>
#include <string.h>

#include "backends/engine/chat/template/lexer.h"

/* --- variables ----------------------------------------------------------- */

#define BYTES_A_VARIABLE 8 /* that it is worth to look at one */

struct value run_lookup(struct run *r, const struct scope *s, int symbol)
{
    for (; s->parent != NULL; s = s->parent) {
        for (const struct variable *v = s->first; v != NULL; v = v->next) {
            cage_work(r->cage, BYTES_A_VARIABLE);
            if (v->symbol == symbol)
                return v->value;
        }
    }
    struct value v = r->root[symbol];
    struct value name = r->syntax->names[symbol];
    return v.kind == VALUE_GIVEN_NOT ? value_undefined(name.s, name.n) : v;
}

void run_assign(struct run *r, struct scope *s, int symbol, struct value v)
{
    if (s->parent == NULL) {
        r->root[symbol] = v;
        return;
    }
    for (struct variable *old = s->first; old != NULL; old = old->next) {
        cage_work(r->cage, BYTES_A_VARIABLE);
        if (old->symbol == symbol) {
            old->value = v;
            return;
        }
    }
    struct variable *new = s->spare;
    if (new != NULL)
        s->spare = new->next;
    else
        new = cage_alloc(r->cage, 1, sizeof(*new));
    *new = (struct variable){symbol, v, s->first};
    s->first = new;
}

/* --- attributes and items ------------------------------------------------ */

static _Noreturn void fail_undefined(struct run *r, struct value v)
{
    cage_fail(r->cage, "'%.*s' is undefined", v.n > 60 ? 60 : (int)v.n, v.s);
}

static struct value no_member(struct value key)
{
    return key.kind == VALUE_STRING ? value_undefined(key.s, key.n)
                                    : value_undefined("item", 4);
}

struct value run_attribute(struct run *r, struct value v, struct value name)
{
    struct value out, *member;
    cage_step(r->cage, 0);
    if (v.kind == VALUE_UNDEFINED)
        fail_undefined(r, v);
    if (v.kind == VALUE_LOOP ? loop_attribute(r, v.loop, name, &out)
                             : method_find(r, v, name, &out))
        return out;
    if (v.kind == VALUE_DICT && (member = value_get(r->cage, v, name)) != NULL)
        return *member;
    return no_member(name);
}

/* The character at an index, or nothing. */
static struct value character_at(struct run *r, struct value v, int64_t i)
{
    size_t at = 0, n = value_length(r->cage, v);
    i += i < 0 ? (int64_t)n : 0;
    if (i < 0 || (size_t)i >= n)
        return value_undefined("item", 4);
    for (; i > 0; i--)
        at += value_char(v, at);
    return value_part(v, at, value_char(v, at));
}

struct value run_item(struct run *r, struct value v, struct value key)
{
    struct value out, *member;
    int64_t i;
    cage_step(r->cage, 0);
    if (v.kind == VALUE_UNDEFINED)
        fail_undefined(r, v);
    if (v.kind == VALUE_DICT && v.form == FORM_PLAIN &&
        (member = value_get(r->cage, v, key)) != NULL)
        return *member;
    if (value_as_int(key, &i) && v.kind == VALUE_STRING)
        return character_at(r, v, i);
    if (value_as_int(key, &i) && v.kind == VALUE_LIST &&
        v.form <= FORM_RANGE) {
        i += i < 0 ? (int64_t)v.list->n : 0;
        if (i >= 0 && (size_t)i < v.list->n)
            return v.list->items[i];
    }
    if (key.kind != VALUE_STRING)
        return no_member(key);
    if (v.kind == VALUE_LOOP ? loop_attribute(r, v.loop, key, &out)
                             : method_find(r, v, key, &out))
        return out;
    if (v.kind == VALUE_DICT && v.form == FORM_NAMESPACE &&
        (member = value_get(r->cage, v, key)) != NULL)
        return *member;
    return no_member(key);
}

/* --- slices -------------------------------------------------------------- */

struct slice {
    int64_t from, to, step;
    size_t n; /* items it takes */
};

static int64_t clamp(int64_t i, int64_t low, int64_t high)
{
    return i < low ? low : i > high ? high : i;
}

/* As Python's slice.indices: a part that is none counts from the end. */
static struct slice find_slice(struct run *r, const struct value part[3],
                               size_t length)
{
    int64_t n = (int64_t)length, ends[2];
    struct slice s = {.step = clamp(args_int(r, part[2], 1), -INT32_MAX,
                                    INT32_MAX)};
    if (s.step == 0)
        cage_fail(r->cage, "a slice cannot have a step of 0");
    int64_t low = s.step < 0 ? -1 : 0, high = s.step < 0 ? n - 1 : n;
    for (int k = 0; k < 2; k++) {
        bool first = (k == 0) == (s.step > 0);
        if (part[k].kind == VALUE_NONE) {
            ends[k] = first ? low : high;
            continue;
        }
        int64_t i = args_int(r, part[k], 0);
        if (i < 0 && i >= -n)
            i += n;
        else if (i < 0)
            i = low;
        ends[k] = clamp(i, low, high);
    }
    s.from = ends[0];
    s.to = ends[1];
    if (s.step > 0 && s.from < s.to)
        s.n = (size_t)((s.to - s.from - 1) / s.step + 1);
    if (s.step < 0 && s.from > s.to)
        s.n = (size_t)((s.from - s.to - 1) / -s.step + 1);
    return s;
}

static struct value slice_string(struct run *r, struct value v,
                                 const struct slice *s, size_t n_chars)
{
    size_t at = 0;
    if (s->step == 1 || n_chars == v.n) {
        size_t from = (size_t)s->from, end = (size_t)s->to;
        if (s->n == 0)
            return value_part(v, 0, 0);
        if (s->step == 1 && n_chars == v.n)
            return value_part(v, from, end - from);
        if (s->step == 1) {
            for (size_t i = 0; i < from; i++)
                at += value_char(v, at);
            size_t stop = at;
            for (size_t i = from; i < end; i++)
                stop += value_char(v, stop);
            return value_part(v, at, stop - at);
        }
    }
    struct value_list chars = value_iterate(r->cage, v);
    struct text t;
    text_init(&t, r->cage);
    for (size_t i = 0; i < s->n; i++)
        text_add_value(&t, chars.items[s->from + (int64_t)i * s->step]);
    struct value out = text_take(&t);
    out.markup = v.markup;
    return out;
}

static struct value run_slice(struct run *r, struct value v,
                              const struct value part[3])
{
    if (v.kind == VALUE_UNDEFINED)
        fail_undefined(r, v);
    if (v.kind != VALUE_STRING &&
        !(v.kind == VALUE_LIST && v.form <= FORM_RANGE))
        cage_fail(r->cage, "a %s cannot be sliced", value_type(v));
    size_t n = value_length(r->cage, v);
    struct slice s = find_slice(r, part, n);
    if (v.kind == VALUE_STRING)
        return slice_string(r, v, &s, n);
    cage_step(r->cage, s.n);
    struct value out = value_new_list(r->cage, s.n, v.form);
    for (size_t i = 0; i < s.n; i++)
        out.list->items[i] = v.list->items[s.from + (int64_t)i * s.step];
    return out;
}

/* --- arithmetic ---------------------------------------------------------- */

struct value run_join(struct run *r, struct value a, struct value b)
{
    struct text *t = &r->joined;
    if (a.markup != b.markup) {
        a = run_escape(r, a);
        b = run_escape(r, b);
    }
    if (b.n == 0 || a.n == 0)
        return b.n == 0 ? a : b;
    if (a.s != t->s || a.n != t->n) {
        text_init(t, r->cage);
        text_add_value(t, a);
    }
    text_add_value(t, b);
    struct value v = text_take(t);
    v.markup = a.markup;
    return v;
}

static _Noreturn void fail_operands(struct run *r, int op, struct value a,
                                    struct value b)
{
    if (a.kind == VALUE_UNDEFINED || b.kind == VALUE_UNDEFINED)
        fail_undefined(r, a.kind == VALUE_UNDEFINED ? a : b);
    cage_fail(r->cage, "%s cannot be used on a %s and a %s",
              op == TOKEN_POWER ? "**" : op == TOKEN_FLOOR ? "//"
              : op == '+' ? "+" : op == '-' ? "-" : op == '*' ? "*"
              : op == '/' ? "/" : "%",
              value_type(a), value_type(b));
}

static _Noreturn void fail_overflow(struct run *r)
{
    cage_fail(r->cage, "a number is larger than 64 bits hold");
}

static int64_t power_of_ints(struct run *r, int64_t base, int64_t exponent)
{
    int64_t result = 1;
    if (base == 0 || base == 1 || base == -1)
        return exponent == 0 ? 1 : base == -1 && exponent % 2 == 0 ? 1 : base;
    for (; exponent > 0; exponent--)
        if (__builtin_mul_overflow(result, base, &result))
            fail_overflow(r);
    return result;
}

/* Rounds down, as Python divides. */
static int64_t floor_of_ints(struct run *r, int64_t a, int64_t b)
{
    if (a == INT64_MIN && b == -1)
        fail_overflow(r);
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* Rounds once, as Python does: a long double between would round, too. */
static struct value divide_ints(int64_t a, int64_t b)
{
    const int64_t exact = 1ll << 53;
    if (a >= -exact && a <= exact && b >= -exact && b <= exact)
        return value_float((double)a / (double)b);
    return value_float((double)((long double)a / (long double)b));
}

static struct value math_of_ints(struct run *r, int op, int64_t a, int64_t b)
{
    int64_t out = 0;
    bool over = false;
    switch (op) {
    case '+': over = __builtin_add_overflow(a, b, &out); break;
    case '-': over = __builtin_sub_overflow(a, b, &out); break;
    case '*': over = __builtin_mul_overflow(a, b, &out); break;
    case '/': return divide_ints(a, b);
    case TOKEN_FLOOR: out = floor_of_ints(r, a, b); break;
    case '%':
        out = b == -1 ? 0 : a % b;
        out += out != 0 && (out < 0) != (b < 0) ? b : 0;
        break;
    default:
        if (b < 0)
            return value_float(pow((double)a, (double)b));
        out = power_of_ints(r, a, b);
    }
    if (over)
        fail_overflow(r);
    return value_int(out);
}

/* As CPython's float_floor_div and float_rem. */
static struct value remainder_of_floats(int op, double x, double y)
{
    double rest = fmod(x, y), whole = (x - rest) / y;
    if (rest == 0) {
        rest = copysign(0, y);
    } else if ((rest < 0) != (y < 0)) {
        rest += y;
        whole -= 1;
    }
    if (op == '%')
        return value_float(rest);
    if (whole == 0)
        return value_float(copysign(0, x / y));
    return value_float(floor(whole) + (whole - floor(whole) > 0.5));
}

static struct value math_of_numbers(struct run *r, int op, struct value a,
                                    struct value b)
{
    int64_t i, k;
    bool ints = value_as_int(a, &i) && value_as_int(b, &k);
    double x = value_as_float(a), y = value_as_float(b);
    if (y == 0 && (op == '/' || op == '%' || op == TOKEN_FLOOR))
        cage_fail(r->cage, "division by zero");
    if (op == TOKEN_POWER && x == 0 && y < 0)
        cage_fail(r->cage, "division by zero");
    if (ints)
        return math_of_ints(r, op, i, k);
    switch (op) {
    case '+': return value_float(x + y);
    case '-': return value_float(x - y);
    case '*': return value_float(x * y);
    case '/': return value_float(x / y);
    case '%':
    case TOKEN_FLOOR: return remainder_of_floats(op, x, y);
    default:
        if (x < 0 && y != floor(y))
            cage_fail(r->cage, "complex numbers are not supported");
        return value_float(pow(x, y));
    }
}

static struct value repeat(struct run *r, struct value v, int64_t n)
{
    size_t times = n > 0 ? (size_t)n : 0;
    size_t size = v.kind == VALUE_STRING ? v.n : v.list->n;
    if (size == 0 || times == 0)
        times = 0;
    else if (times > CAGE_MAX_BYTES / size)
        cage_fail(r->cage, "makes a text that is too long");
    if (v.kind == VALUE_STRING) {
        struct text t;
        text_init(&t, r->cage);
        for (size_t n_done = 0; n_done < times;) {
            /* First v itself, then twice as much each time. */
            size_t n_more = n_done == 0 ? 1 : n_done;
            n_more = n_more < times - n_done ? n_more : times - n_done;
            struct value more = n_done == 0 ? v : text_take(&t);
            text_add_part(&t, more, 0, n_more * size);
            n_done += n_more;
        }
        struct value out = text_take(&t);
        out.markup = v.markup;
        return out;
    }
    cage_step(r->cage, size * times);
    struct value out = value_new_list(r->cage, size * times, v.form);
    for (size_t i = 0; i < size * times; i++)
        out.list->items[i] = v.list->items[i % size];
    return out;
}

static bool is_row(struct value v) /* that + and * know */
{
    return v.kind == VALUE_STRING ||
           (v.kind == VALUE_LIST && v.form <= FORM_TUPLE);
}

struct value run_math(struct run *r, int op, struct value a, struct value b)
{
    int64_t n;
    cage_step(r->cage, 0);
    if (value_is_number(a) && value_is_number(b))
        return math_of_numbers(r, op, a, b);
    if (op == '%' && a.kind == VALUE_STRING)
        return run_format(r, a, b);
    if (op == '+' && a.kind == VALUE_STRING && b.kind == VALUE_STRING)
        return run_join(r, a, b);
    if (op == '+' && is_row(a) && a.kind == b.kind && a.form == b.form) {
        struct value out = value_new_list(r->cage, a.list->n + b.list->n,
                                          a.form);
        cage_step(r->cage, 8 * out.list->n);
        for (size_t i = 0; i < out.list->n; i++)
            out.list->items[i] = i < a.list->n
                                     ? a.list->items[i]
                                     : b.list->items[i - a.list->n];
        return out;
    }
    if (op == '*' && is_row(a) && value_as_int(b, &n))
        return repeat(r, a, n);
    if (op == '*' && is_row(b) && value_as_int(a, &n))
        return repeat(r, b, n);
    fail_operands(r, op, a, b);
}

static struct value sign(struct run *r, const struct node *n, struct value v)
{
    int64_t i;
    if (!value_is_number(v))
        fail_operands(r, n->kind == NODE_NEGATIVE ? '-' : '+', v, v);
    if (!value_as_int(v, &i))
        return value_float(n->kind == NODE_NEGATIVE ? -v.f : v.f);
    if (n->kind == NODE_NEGATIVE)
        return math_of_ints(r, '-', 0, i);
    return value_int(i);
}

/* --- comparisons --------------------------------------------------------- */

static bool compare(struct run *r, int op, struct value a, struct value b)
{
    switch (op) {
    case TOKEN_EQUAL: return value_equal(r->cage, a, b);
    case TOKEN_UNEQUAL: return !value_equal(r->cage, a, b);
    case OP_IN: return value_contains(r->cage, b, a);
    case OP_NOT_IN: return !value_contains(r->cage, b, a);
    }
    if (a.kind == VALUE_UNDEFINED || b.kind == VALUE_UNDEFINED)
        fail_undefined(r, a.kind == VALUE_UNDEFINED ? a : b);
    bool number = value_is_number(a) && value_is_number(b);
    if (number && (isnan(value_as_float(a)) || isnan(value_as_float(b))))
        return false;
    int order = value_compare(r->cage, a, b);
    switch (op) {
    case '<': return order < 0;
    case '>': return order > 0;
    case TOKEN_LESS_EQUAL: return order <= 0;
    default: return order >= 0;
    }
}

static struct value run_comparisons(struct run *r, struct scope *s,
                                    const struct node *n)
{
    struct value left = run_expression(r, s, n->a);
    for (const struct node *o = n->b; o != NULL; o = o->next) {
        struct value right = run_expression(r, s, o->a);
        if (!compare(r, o->op, left, right))
            return value_bool(false);
        left = right;
    }
    return value_bool(true);
}

/* --- the tree ------------------------------------------------------------ */

static struct value run_list(struct run *r, struct scope *s,
                             const struct node *n)
{
    struct items l = {0};
    for (const struct node *i = n->a; i != NULL; i = i->next)
        items_add(r, &l, run_expression(r, s, i));
    return items_take(r, &l, n->kind == NODE_TUPLE ? FORM_TUPLE : FORM_PLAIN);
}

static struct value run_dict(struct run *r, struct scope *s,
                             const struct node *n)
{
    struct value d = value_new_dict(r->cage, FORM_PLAIN);
    for (const struct node *i = n->a; i != NULL; i = i->next->next) {
        struct value key = run_expression(r, s, i);
        value_set(r->cage, d, key, run_expression(r, s, i->next));
    }
    return d;
}

static struct value run_link(struct run *r, struct scope *s, struct value v,
                             const struct node *n)
{
    struct args args;
    struct value part[3];
    const struct node *const nodes[] = {n->a, n->b, n->c};
    switch (n->kind) {
    case NODE_ATTRIBUTE: return run_attribute(r, v, n->value);
    case NODE_ITEM: return run_item(r, v, run_expression(r, s, n->a));
    case NODE_SLICE:
        for (int i = 0; i < 3; i++)
            part[i] = nodes[i] ? run_expression(r, s, nodes[i])
                               : value_none();
        return run_slice(r, v, part);
    case NODE_CALL:
        args = call_arguments(r, s, n->a);
        r->cage->line = n->line;
        return call_value(r, v, &args);
    case NODE_FILTER:
        args = call_arguments(r, s, n->a);
        r->cage->line = n->line;
        return filter_apply(r, n->value, v, &args);
    default:
        args = call_arguments(r, s, n->a);
        r->cage->line = n->line;
        return value_bool(test_apply(r, n->value, v, &args) != n->op);
    }
}

struct value run_chain(struct run *r, struct scope *s, const struct node *n,
                       const struct node *stop)
{
    struct value v = run_expression(r, s, n->a);
    for (const struct node *i = n->b; i != stop; i = i->next)
        v = run_link(r, s, v, i);
    return v;
}

static struct value run_words(struct run *r, struct scope *s,
                              const struct node *n)
{
    struct value v = value_none();
    for (const struct node *i = n->a; i != NULL; i = i->next) {
        v = run_expression(r, s, i);
        if (value_is_true(v) == (n->kind == NODE_OR))
            break;
    }
    return v;
}

static struct value run_node(struct run *r, struct scope *s,
                             const struct node *n)
{
    struct value v;
    switch (n->kind) {
    case NODE_CONST: return n->value;
    case NODE_NAME: return run_lookup(r, s, n->symbol);
    case NODE_LIST:
    case NODE_TUPLE: return run_list(r, s, n);
    case NODE_DICT: return run_dict(r, s, n);
    case NODE_CHAIN: return run_chain(r, s, n, NULL);
    case NODE_MATH:
        v = run_expression(r, s, n->a);
        for (const struct node *i = n->b; i != NULL; i = i->next)
            v = run_math(r, i->op, v, run_expression(r, s, i->a));
        return v;
    case NODE_COMPARE: return run_comparisons(r, s, n);
    case NODE_CONCAT:
        v = value_to_string(r->cage, run_expression(r, s, n->a));
        v.markup = false;
        for (const struct node *i = n->a->next; i != NULL; i = i->next) {
            struct value next = run_expression(r, s, i);
            next = value_to_string(r->cage, next);
            next.markup = false;
            v = run_join(r, v, next);
        }
        return v;
    case NODE_AND:
    case NODE_OR: return run_words(r, s, n);
    case NODE_NOT: return value_bool(!value_is_true(run_expression(r, s,
                                                                   n->a)));
    case NODE_NEGATIVE:
    case NODE_POSITIVE: return sign(r, n, run_expression(r, s, n->a));
    default: /* NODE_CHOICE */
        if (value_is_true(run_expression(r, s, n->a)))
            return run_expression(r, s, n->b);
        if (n->c != NULL)
            return run_expression(r, s, n->c);
        return value_undefined("the inline if", 13);
    }
}

struct value run_expression(struct run *r, struct scope *s,
                            const struct node *n)
{
    cage_step(r->cage, 0);
    r->cage->line = n->line;
    cage_enter(r->cage);
    struct value v = run_node(r, s, n);
    cage_leave(r->cage);
    return v;
}
