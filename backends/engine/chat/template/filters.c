/* The filters x|name(…) of text and numbers, as jinja2's filters.py has them,
 * and tojson as transformers does. */
#include "backends/engine/chat/template/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/chat/template/letters.h"

static struct value text_of(struct run *r, struct value v)
{
    return value_to_string(r->cage, v);
}

/* --- text ---------------------------------------------------------------- */

static struct value upper(struct run *r, const struct value *a)
{
    return run_case(r, text_of(r, a[0]), CASE_UPPER);
}

static struct value lower(struct run *r, const struct value *a)
{
    return run_case(r, text_of(r, a[0]), CASE_LOWER);
}

static struct value capitalize(struct run *r, const struct value *a)
{
    return run_case(r, text_of(r, a[0]), CASE_CAPITAL);
}

/* Words begin after blanks and "-({[<", not after other signs. */
static struct value title(struct run *r, const struct value *a)
{
    struct value s = text_of(r, a[0]);
    struct text t;
    text_init(&t, r->cage);
    for (size_t at = 0, from; at < s.n;) {
        size_t first = value_char(s, at);
        struct value begin = value_part(s, at, first);
        bool between = letters_blank(s.s + at, first) > 0 ||
                       memchr("-({[<", s.s[at], 5) != NULL;
        from = at += first;
        while (at < s.n && !between &&
               letters_blank(s.s + at, s.n - at) == 0 &&
               memchr("-({[<", s.s[at], 5) == NULL)
            at += value_char(s, at);
        text_add_value(&t, run_case(r, begin, CASE_UPPER));
        text_add_value(&t, run_case(r, value_part(s, from, at - from),
                                    CASE_LOWER));
    }
    struct value out = text_take(&t);
    out.markup = s.markup;
    return out;
}

static struct value trim(struct run *r, const struct value *a)
{
    return run_strip(r, text_of(r, a[0]), a[1], true, true);
}

static struct value replace(struct run *r, const struct value *a)
{
    struct value s = text_of(r, a[0]);
    s.markup = false;
    return run_replace(r, s, text_of(r, a[1]), text_of(r, a[2]),
                       args_int(r, a[3], -1));
}

static struct value indent(struct run *r, const struct value *a)
{
    struct value s = text_of(r, a[0]);
    bool first = args_bool(a[2], false), blank = args_bool(a[3], false);
    struct text t, by;
    text_init(&t, r->cage);
    text_init(&by, r->cage);
    if (a[1].kind == VALUE_STRING)
        text_add_value(&by, a[1]);
    else
        for (int64_t i = args_int(r, a[1], 4); i > 0; i--)
            text_add_str(&by, " ");
    struct value pad = text_take(&by);
    struct value_list lines =
        *run_lines(r, run_join(r, s, value_string("\n")), false).list;
    for (size_t i = 0; i < lines.n; i++) {
        if (i > 0)
            text_add_str(&t, "\n");
        if (i == 0 ? first : blank || lines.items[i].n > 0)
            text_add_value(&t, pad);
        text_add_value(&t, lines.items[i]);
    }
    struct value out = text_take(&t);
    out.markup = s.markup;
    return out;
}

static struct value to_string(struct run *r, const struct value *a)
{
    return text_of(r, a[0]);
}

static struct value safe(struct run *r, const struct value *a)
{
    struct value v = text_of(r, a[0]);
    v.markup = true;
    return v;
}

static struct value escape(struct run *r, const struct value *a)
{
    return run_escape(r, text_of(r, a[0]));
}

static struct value format(struct run *r, const struct value *a)
{
    return run_format(r, text_of(r, a[0]), a[1]);
}

static struct value center(struct run *r, const struct value *a)
{
    struct value s = text_of(r, a[0]), out;
    struct args args = {.plain = (struct value[]){a[1]},
                        .n = args_given(a[1])};
    struct value eighty = value_int(80);
    if (args.n == 0)
        args = (struct args){.plain = &eighty, .n = 1};
    method_find(r, s, value_string("center"), &out);
    return call_value(r, out, &args);
}

static struct value truncate(struct run *r, const struct value *a)
{
    struct value s = args_string(r, a[0]);
    int64_t length = args_int(r, a[1], 255), leeway = args_int(r, a[4], 5);
    struct value end = args_given(a[3]) ? args_string(r, a[3])
                                        : value_string("...");
    if ((int64_t)value_length(r->cage, s) <= length + leeway)
        return s;
    int64_t n = length - (int64_t)value_length(r->cage, end);
    if (n < 0)
        cage_fail(r->cage, "truncate() is shorter than its end");
    size_t at = 0;
    for (; n > 0; n--)
        at += value_char(s, at);
    s = value_part(s, 0, at);
    size_t blank = value_find_last(r->cage, s, value_string(" "), s.n);
    if (!args_bool(a[2], false) && blank != SIZE_MAX)
        s = value_part(s, 0, blank);
    return run_join(r, s, end);
}

static struct value wordcount(struct run *r, const struct value *a)
{
    struct value_list l = value_iterate(r->cage, text_of(r, a[0]));
    int64_t n = 0;
    bool inside = false;
    for (size_t i = 0; i < l.n; i++) {
        struct value c = l.items[i];
        bool word = letters_in_word(c.s, c.n);
        n += word && !inside;
        inside = word;
    }
    return value_int(n);
}

static struct value urlencode(struct run *r, const struct value *a)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~/";
    if (a[0].kind == VALUE_DICT || a[0].kind == VALUE_LIST)
        cage_fail(r->cage, "urlencode is supported only for text");
    struct value s = text_of(r, a[0]);
    struct text t;
    text_init(&t, r->cage);
    for (size_t at = 0; at < s.n; at++) {
        char code[4];
        if (memchr(plain, s.s[at], sizeof(plain) - 1) != NULL) {
            text_add_part(&t, s, at, 1);
            continue;
        }
        snprintf(code, sizeof(code), "%%%02X", (unsigned char)s.s[at]);
        text_add(&t, code, 3, value_mark(s, at));
    }
    return text_take(&t);
}

/* --- numbers ------------------------------------------------------------- */

/* A str as a number, NUL-terminated, without blanks and with "_" only between
 * digits; false: it cannot be one. */
static bool number_text(struct run *r, struct value s, char *out, size_t room)
{
    size_t n = 0;
    s = run_strip(r, s, (struct value){.kind = VALUE_GIVEN_NOT}, true, true);
    for (size_t i = 0; i < s.n; i++) {
        char c = s.s[i];
        if (c == '_') {
            bool digits = i > 0 && i + 1 < s.n && s.s[i - 1] != '_' &&
                          strchr("+-.", s.s[i - 1]) == NULL &&
                          strchr("+-._", s.s[i + 1]) == NULL;
            if (!digits)
                return false;
            continue;
        }
        if (c == '\0' || n + 1 >= room || (unsigned char)c >= 0x80)
            return false;
        out[n++] = c;
    }
    out[n] = '\0';
    return n > 0;
}

static bool parse_float(struct run *r, struct value s, double *out)
{
    char text[400], *end;
    if (!number_text(r, s, text, sizeof(text)) ||
        strpbrk(text, "xXpP( \t\n\r\v\f") != NULL)
        return false;
    *out = strtod(text, &end);
    return *end == '\0';
}

static bool parse_int(struct run *r, struct value s, int base, int64_t *out)
{
    char text[400], *p = text;
    if (!number_text(r, s, text, sizeof(text)))
        return false;
    bool minus = *p == '-';
    p += *p == '-' || *p == '+';
    if (*p == '0' && p[1] != '\0' &&
        (p[1] | 32) == (base == 16 ? 'x' : base == 8 ? 'o'
                        : base == 2 ? 'b' : '\1'))
        p += 2;
    if (*p == '\0')
        return false;
    uint64_t n = 0;
    for (; *p != '\0'; p++) {
        int digit = *p >= '0' && *p <= '9' ? *p - '0'
                    : (*p | 32) >= 'a' && (*p | 32) <= 'z'
                        ? (*p | 32) - 'a' + 10 : 99;
        if (digit >= base)
            return false;
        if (__builtin_mul_overflow(n, (uint64_t)base, &n) ||
            __builtin_add_overflow(n, (uint64_t)digit, &n) ||
            n > INT64_MAX)
            cage_fail(r->cage, "a number is larger than 64 bits hold");
    }
    *out = minus ? -(int64_t)n : (int64_t)n;
    return true;
}

static struct value to_int(struct run *r, const struct value *a)
{
    int64_t i = 0, base = args_int(r, a[2], 10);
    double f;
    if (base < 2 || base > 36)
        cage_fail(r->cage, "int() supports bases from 2 to 36");
    struct value fallback = args_given(a[1]) ? a[1] : value_int(0);
    if (a[0].kind == VALUE_UNDEFINED)
        cage_fail(r->cage, "an undefined value is no number");
    if (a[0].kind == VALUE_STRING && parse_int(r, a[0], (int)base, &i))
        return value_int(i);
    if (a[0].kind == VALUE_STRING ? !parse_float(r, a[0], &f)
                                  : !value_is_number(a[0]))
        return fallback;
    if (value_as_int(a[0], &i))
        return value_int(i);
    f = a[0].kind == VALUE_STRING ? f : a[0].f;
    if (!isfinite(f))
        return fallback;
    if (!(f > -9.2e18 && f < 9.2e18))
        cage_fail(r->cage, "a number is larger than 64 bits hold");
    return value_int((int64_t)f);
}

static struct value to_float(struct run *r, const struct value *a)
{
    double f;
    if (a[0].kind == VALUE_UNDEFINED)
        cage_fail(r->cage, "an undefined value is no number");
    if (a[0].kind == VALUE_STRING && parse_float(r, a[0], &f))
        return value_float(f);
    if (value_is_number(a[0]))
        return value_float(value_as_float(a[0]));
    return args_given(a[1]) ? a[1] : value_float(0);
}

static struct value absolute(struct run *r, const struct value *a)
{
    int64_t i;
    if (!value_is_number(a[0]))
        cage_fail(r->cage, "abs needs a number, not a %s", value_type(a[0]));
    if (!value_as_int(a[0], &i))
        return value_float(fabs(a[0].f));
    return i < 0 ? run_math(r, '-', value_int(0), value_int(i)) : value_int(i);
}

static struct value round_number(struct run *r, const struct value *a)
{
    int64_t places = args_int(r, a[1], 0), i;
    char digits[400];
    if (!value_is_number(a[0]) || places < 0 || places > 30)
        cage_fail(r->cage, "round is supported for numbers and 0 to 30 places");
    double f = value_as_float(a[0]);
    bool common = !args_given(a[2]) || value_is(a[2], "common");
    if (common && value_as_int(a[0], &i))
        return value_int(i);
    if (!isfinite(f))
        return value_float(f);
    if (common) {
        snprintf(digits, sizeof(digits), "%.*f", (int)places, f);
        return value_float(strtod(digits, NULL));
    }
    bool up = value_is(a[2], "ceil");
    if (!up && !value_is(a[2], "floor"))
        cage_fail(r->cage, "round: method must be common, ceil or floor");
    double scale = pow(10, (double)places);
    return value_float((up ? ceil(f * scale) : floor(f * scale)) / scale);
}

/* --- the table ----------------------------------------------------------- */

static const struct native filters[] = {
    {"abs", "", absolute},
    {"capitalize", "", capitalize},
    {"center", "width?", center},
    {"e", "", escape},
    {"escape", "", escape},
    {"float", "default?", to_float},
    {"format", "*", format},
    {"indent", "width? first? blank?", indent},
    {"int", "default? base?", to_int},
    {"lower", "", lower},
    {"replace", "old new count?", replace},
    {"round", "precision? method?", round_number},
    {"safe", "", safe},
    {"string", "", to_string},
    {"title", "", title},
    {"tojson", "ensure_ascii? indent? separators? sort_keys?", run_json},
    {"trim", "chars?", trim},
    {"truncate", "length? killwords? end? leeway?", truncate},
    {"upper", "", upper},
    {"urlencode", "", urlencode},
    {"wordcount", "", wordcount},
};

const struct native *filter_find_text(struct value name)
{
    return native_find(filters, sizeof(filters) / sizeof(*filters), name);
}
