/* The tests: x is name(…).  As jinja2's tests.py has them. */
#include "backends/engine/chat/template/run.h"

#include <string.h>

#include "backends/engine/chat/template/lexer.h"
#include "backends/engine/chat/template/letters.h"

/* --- kinds --------------------------------------------------------------- */

static struct value is_defined(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind != VALUE_UNDEFINED);
}

static struct value is_undefined(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind == VALUE_UNDEFINED);
}

static struct value is_none(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind == VALUE_NONE);
}

static struct value is_boolean(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind == VALUE_BOOL);
}

static struct value is_true(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind == VALUE_BOOL && a[0].b);
}

static struct value is_false(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind == VALUE_BOOL && !a[0].b);
}

static struct value is_integer(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind == VALUE_INT);
}

static struct value is_float(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind == VALUE_FLOAT);
}

static struct value is_number(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(value_is_number(a[0]));
}

static struct value is_string(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind == VALUE_STRING);
}

static struct value is_mapping(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind == VALUE_DICT && a[0].form == FORM_PLAIN);
}

/* What has a length and an index: an undefined value does, too. */
static struct value is_sequence(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind == VALUE_STRING ||
                      a[0].kind == VALUE_UNDEFINED ||
                      (a[0].kind == VALUE_LIST && a[0].form <= FORM_RANGE) ||
                      (a[0].kind == VALUE_DICT && a[0].form == FORM_PLAIN));
}

static struct value is_iterable(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind == VALUE_STRING || a[0].kind == VALUE_LIST ||
                      a[0].kind == VALUE_UNDEFINED ||
                      a[0].kind == VALUE_LOOP ||
                      (a[0].kind == VALUE_DICT && a[0].form == FORM_PLAIN));
}

static struct value is_callable(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind == VALUE_CALL || a[0].kind == VALUE_LOOP ||
                      a[0].kind == VALUE_UNDEFINED);
}

static struct value is_escaped(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(a[0].kind == VALUE_STRING && a[0].markup);
}

/* --- letters ------------------------------------------------------------- */

static struct value has_case(struct run *r, const struct value *a,
                             const char *method)
{
    struct value f, s = value_to_string(r->cage, a[0]);
    struct args none = {0};
    method_find(r, s, value_string(method), &f);
    return call_value(r, f, &none);
}

static struct value is_lower(struct run *r, const struct value *a)
{
    return has_case(r, a, "islower");
}

static struct value is_upper(struct run *r, const struct value *a)
{
    return has_case(r, a, "isupper");
}

/* --- numbers ------------------------------------------------------------- */

static struct value remainder_is(struct run *r, struct value v, struct value by,
                                 int want)
{
    return value_bool(value_equal(r->cage, run_math(r, '%', v, by),
                                  value_int(want)));
}

static struct value is_odd(struct run *r, const struct value *a)
{
    return remainder_is(r, a[0], value_int(2), 1);
}

static struct value is_even(struct run *r, const struct value *a)
{
    return remainder_is(r, a[0], value_int(2), 0);
}

static struct value is_divisible(struct run *r, const struct value *a)
{
    return remainder_is(r, a[0], a[1], 0);
}

/* --- comparisons --------------------------------------------------------- */

static struct value is_equal(struct run *r, const struct value *a)
{
    return value_bool(value_equal(r->cage, a[0], a[1]));
}

static struct value is_unequal(struct run *r, const struct value *a)
{
    return value_bool(!value_equal(r->cage, a[0], a[1]));
}

static struct value is_less(struct run *r, const struct value *a)
{
    return value_bool(value_compare(r->cage, a[0], a[1]) < 0);
}

static struct value is_more(struct run *r, const struct value *a)
{
    return value_bool(value_compare(r->cage, a[0], a[1]) > 0);
}

static struct value is_at_most(struct run *r, const struct value *a)
{
    return value_bool(value_compare(r->cage, a[0], a[1]) <= 0);
}

static struct value is_at_least(struct run *r, const struct value *a)
{
    return value_bool(value_compare(r->cage, a[0], a[1]) >= 0);
}

static struct value is_in(struct run *r, const struct value *a)
{
    return value_bool(value_contains(r->cage, a[1], a[0]));
}

/* The same object: of values that are no objects here, the same value. */
static struct value is_same(struct run *r, const struct value *a)
{
    if (a[0].kind == VALUE_LIST || a[0].kind == VALUE_DICT)
        return value_bool(a[0].kind == a[1].kind && a[0].list == a[1].list);
    return value_bool(a[0].kind == a[1].kind &&
                      value_equal(r->cage, a[0], a[1]));
}

static struct value is_filter(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(filter_find_text(a[0]) != NULL ||
                      filter_find_list(a[0]) != NULL);
}

static struct value is_test(struct run *r, const struct value *a)
{
    (void)r;
    return value_bool(test_find(a[0]) != NULL);
}

static const struct native tests[] = {
    {"boolean", "", is_boolean},
    {"callable", "", is_callable},
    {"defined", "", is_defined},
    {"divisibleby", "num", is_divisible},
    {"eq", "b", is_equal},
    {"equalto", "b", is_equal},
    {"==", "b", is_equal},
    {"escaped", "", is_escaped},
    {"even", "", is_even},
    {"false", "", is_false},
    {"filter", "", is_filter},
    {"float", "", is_float},
    {"ge", "b", is_at_least},
    {">=", "b", is_at_least},
    {"greaterthan", "b", is_more},
    {"gt", "b", is_more},
    {">", "b", is_more},
    {"in", "seq", is_in},
    {"integer", "", is_integer},
    {"iterable", "", is_iterable},
    {"le", "b", is_at_most},
    {"<=", "b", is_at_most},
    {"lessthan", "b", is_less},
    {"lower", "", is_lower},
    {"lt", "b", is_less},
    {"<", "b", is_less},
    {"mapping", "", is_mapping},
    {"ne", "b", is_unequal},
    {"!=", "b", is_unequal},
    {"none", "", is_none},
    {"number", "", is_number},
    {"odd", "", is_odd},
    {"sameas", "other", is_same},
    {"sequence", "", is_sequence},
    {"string", "", is_string},
    {"test", "", is_test},
    {"true", "", is_true},
    {"undefined", "", is_undefined},
    {"upper", "", is_upper},
};

const struct native *test_find(struct value name)
{
    return native_find(tests, sizeof(tests) / sizeof(*tests), name);
}
