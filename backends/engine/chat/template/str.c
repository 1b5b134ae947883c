/* The methods of Python's str that templates may call. */
#include "backends/engine/chat/template/run.h"

#include <string.h>

#include "backends/engine/chat/template/letters.h"
#include "base/utf8.h"

/* --- parts of a str ------------------------------------------------------ */

/* s[from:to] as str.find and others take them; *before: characters cut off in
 * front. */
static struct value cut(struct run *r, struct value s, struct value from,
                        struct value to, int64_t *before)
{
    int64_t n = (int64_t)value_length(r->cage, s);
    int64_t a = args_int(r, from, 0), b = args_int(r, to, n);
    a = a < 0 ? (a + n < 0 ? 0 : a + n) : a;
    b = b < 0 ? (b + n < 0 ? 0 : b + n) : b > n ? n : b;
    *before = a;
    if (a > b) /* not even "" is found there */
        return value_none();
    size_t at = 0, end;
    for (int64_t i = 0; i < a; i++)
        at += value_char(s, at);
    end = at;
    for (int64_t i = a; i < b; i++)
        end += value_char(s, end);
    return value_part(s, at, end - at);
}

static int64_t place(struct run *r, const struct value *a, bool last)
{
    int64_t before;
    struct value what = args_string(r, a[1]);
    struct value s = cut(r, a[0], a[2], a[3], &before);
    if (s.kind == VALUE_NONE)
        return -1;
    size_t at = last ? value_find_last(r->cage, s, what, s.n)
                     : value_find(r->cage, s, what, 0);
    if (at == SIZE_MAX)
        return -1;
    return before + (int64_t)value_n_chars(value_part(s, 0, at));
}

static struct value find(struct run *r, const struct value *a)
{
    return value_int(place(r, a, false));
}

static struct value rfind(struct run *r, const struct value *a)
{
    return value_int(place(r, a, true));
}

static struct value found(struct run *r, int64_t at)
{
    if (at < 0)
        cage_fail(r->cage, "index(): what is looked for is not there");
    return value_int(at);
}

static struct value str_index(struct run *r, const struct value *a)
{
    return found(r, place(r, a, false));
}

static struct value str_rindex(struct run *r, const struct value *a)
{
    return found(r, place(r, a, true));
}

static struct value count(struct run *r, const struct value *a)
{
    int64_t before, n = 0;
    struct value what = args_string(r, a[1]);
    struct value s = cut(r, a[0], a[2], a[3], &before);
    if (s.kind == VALUE_NONE)
        return value_int(0);
    if (what.n == 0)
        return value_int((int64_t)value_n_chars(s) + 1);
    for (size_t at = 0; (at = value_find(r->cage, s, what, at)) != SIZE_MAX;
         at += what.n)
        n++;
    return value_int(n);
}

static bool has_end(struct run *r, struct value s, struct value what,
                    bool first)
{
    cage_work(r->cage, what.n);
    return s.n >= what.n &&
           (what.n == 0 ||
            memcmp(first ? s.s : s.s + s.n - what.n, what.s, what.n) == 0);
}

static struct value ends(struct run *r, const struct value *a, bool first)
{
    int64_t before;
    struct value s = cut(r, a[0], a[2], a[3], &before);
    bool many = a[1].kind == VALUE_LIST && a[1].form == FORM_TUPLE;
    size_t n = many ? a[1].list->n : 1;
    for (size_t i = 0; i < n; i++) {
        struct value what = args_string(r, many ? a[1].list->items[i] : a[1]);
        if (s.kind != VALUE_NONE && has_end(r, s, what, first))
            return value_bool(true);
    }
    return value_bool(false);
}

static struct value startswith(struct run *r, const struct value *a)
{
    return ends(r, a, true);
}

static struct value endswith(struct run *r, const struct value *a)
{
    return ends(r, a, false);
}

static struct value removeprefix(struct run *r, const struct value *a)
{
    struct value what = args_string(r, a[1]);
    return has_end(r, a[0], what, true)
               ? value_part(a[0], what.n, a[0].n - what.n) : a[0];
}

static struct value removesuffix(struct run *r, const struct value *a)
{
    struct value what = args_string(r, a[1]);
    return has_end(r, a[0], what, false)
               ? value_part(a[0], 0, a[0].n - what.n) : a[0];
}

/* --- cutting a str ------------------------------------------------------- */

/* At runs of blanks; what is left after max cuts is one item. */
static struct value split_blanks(struct run *r, struct value s, int64_t max)
{
    struct items l = {0};
    struct value none = value_none();
    cage_step(r->cage, s.n);
    for (;;) {
        s = run_strip(r, s, none, true, false);
        if (s.n == 0)
            break;
        if (max == 0) {
            items_add(r, &l, s);
            break;
        }
        size_t end = 0;
        while (end < s.n && letters_blank(s.s + end, s.n - end) == 0)
            end += value_char(s, end);
        items_add(r, &l, value_part(s, 0, end));
        s = value_part(s, end, s.n - end);
        max--;
    }
    return items_take(r, &l, FORM_PLAIN);
}

static void turn_round(struct value list)
{
    struct value_list *l = list.list;
    for (size_t i = 0; i < l->n / 2; i++) {
        struct value other = l->items[i];
        l->items[i] = l->items[l->n - 1 - i];
        l->items[l->n - 1 - i] = other;
    }
}

static struct value rsplit_blanks(struct run *r, struct value s, int64_t max)
{
    struct items l = {0};
    struct value none = value_none();
    cage_step(r->cage, s.n);
    for (;;) {
        s = run_strip(r, s, none, false, true);
        if (s.n == 0)
            break;
        if (max == 0) {
            items_add(r, &l, s);
            break;
        }
        size_t at = s.n;
        while (at > 0 && letters_blank_before(s.s, at) == 0)
            at--;
        items_add(r, &l, value_part(s, at, s.n - at));
        s = value_part(s, 0, at);
        max--;
    }
    struct value out = items_take(r, &l, FORM_PLAIN);
    turn_round(out);
    return out;
}

static struct value separator(struct run *r, struct value v)
{
    if (args_string(r, v).n == 0)
        cage_fail(r->cage, "a separator is empty");
    return v;
}

static struct value split(struct run *r, const struct value *a)
{
    struct value s = a[0];
    struct items l = {0};
    int64_t max = args_int(r, a[2], -1);
    if (!args_given(a[1]) || a[1].kind == VALUE_NONE)
        return split_blanks(r, s, max);
    struct value by = separator(r, a[1]);
    size_t from = 0, at;
    for (; max != 0 &&
           (at = value_find(r->cage, s, by, from)) != SIZE_MAX; max--) {
        items_add(r, &l, value_part(s, from, at - from));
        from = at + by.n;
    }
    items_add(r, &l, value_part(s, from, s.n - from));
    return items_take(r, &l, FORM_PLAIN);
}

static struct value rsplit(struct run *r, const struct value *a)
{
    struct value s = a[0];
    struct items l = {0};
    int64_t max = args_int(r, a[2], -1);
    if (!args_given(a[1]) || a[1].kind == VALUE_NONE)
        return rsplit_blanks(r, s, max);
    struct value by = separator(r, a[1]);
    size_t at;
    for (; max != 0 &&
           (at = value_find_last(r->cage, s, by, s.n)) != SIZE_MAX; max--) {
        items_add(r, &l, value_part(s, at + by.n, s.n - at - by.n));
        s = value_part(s, 0, at);
    }
    items_add(r, &l, s);
    struct value out = items_take(r, &l, FORM_PLAIN);
    turn_round(out);
    return out;
}

static struct value in_three(struct run *r, const struct value *a, bool last)
{
    struct value s = a[0], by = separator(r, a[1]);
    struct value out = value_new_list(r->cage, 3, FORM_TUPLE);
    size_t at = last ? value_find_last(r->cage, s, by, s.n)
                     : value_find(r->cage, s, by, 0);
    for (int i = 0; i < 3; i++)
        out.list->items[i] = value_part(s, 0, 0);
    if (at == SIZE_MAX) {
        out.list->items[last ? 2 : 0] = s;
        return out;
    }
    out.list->items[0] = value_part(s, 0, at);
    out.list->items[1] = value_part(s, at, by.n);
    out.list->items[2] = value_part(s, at + by.n, s.n - at - by.n);
    return out;
}

static struct value partition(struct run *r, const struct value *a)
{
    return in_three(r, a, false);
}

static struct value rpartition(struct run *r, const struct value *a)
{
    return in_three(r, a, true);
}

static struct value splitlines(struct run *r, const struct value *a)
{
    return run_lines(r, a[0], args_bool(a[1], false));
}

static struct value strip(struct run *r, const struct value *a)
{
    return run_strip(r, a[0], a[1], true, true);
}

static struct value lstrip(struct run *r, const struct value *a)
{
    return run_strip(r, a[0], a[1], true, false);
}

static struct value rstrip(struct run *r, const struct value *a)
{
    return run_strip(r, a[0], a[1], false, true);
}

/* --- making a str -------------------------------------------------------- */

static struct value upper(struct run *r, const struct value *a)
{
    return run_case(r, a[0], CASE_UPPER);
}

static struct value lower(struct run *r, const struct value *a)
{
    return run_case(r, a[0], CASE_LOWER);
}

static struct value title(struct run *r, const struct value *a)
{
    return run_case(r, a[0], CASE_TITLE);
}

static struct value capitalize(struct run *r, const struct value *a)
{
    return run_case(r, a[0], CASE_CAPITAL);
}

static struct value swapcase(struct run *r, const struct value *a)
{
    return run_case(r, a[0], CASE_SWAP);
}

static struct value replace(struct run *r, const struct value *a)
{
    return run_replace(r, a[0], args_string(r, a[1]), args_string(r, a[2]),
                       args_int(r, a[3], -1));
}

static struct value join(struct run *r, const struct value *a)
{
    struct value_list l = value_iterate(r->cage, a[1]);
    struct text t;
    text_init(&t, r->cage);
    for (size_t i = 0; i < l.n; i++) {
        if (i > 0)
            text_add_value(&t, a[0]);
        text_add_value(&t, args_string(r, l.items[i]));
    }
    return text_take(&t);
}

/* left: of 2 parts, how many of the fill stand in front. */
static struct value fill(struct run *r, const struct value *a, int left)
{
    struct value by = args_given(a[2]) ? args_string(r, a[2])
                                       : value_string(" ");
    int64_t width = args_int(r, a[1], 0);
    int64_t n = width - (int64_t)value_length(r->cage, a[0]);
    if (value_n_chars(by) != 1)
        cage_fail(r->cage, "the fill must be one character");
    if (n > CAGE_MAX_OUTPUT)
        cage_fail(r->cage, "makes a text that is too long");
    n = n < 0 ? 0 : n;
    int64_t before = left == 1 ? n / 2 + (n & width & 1) : left == 2 ? n : 0;
    struct text t;
    text_init(&t, r->cage);
    for (int64_t i = 0; i < before; i++)
        text_add_value(&t, by);
    text_add_value(&t, a[0]);
    for (int64_t i = before; i < n; i++)
        text_add_value(&t, by);
    struct value out = text_take(&t);
    out.markup = a[0].markup;
    return out;
}

static struct value center(struct run *r, const struct value *a)
{
    return fill(r, a, 1);
}

static struct value ljust(struct run *r, const struct value *a)
{
    return fill(r, a, 0);
}

static struct value rjust(struct run *r, const struct value *a)
{
    return fill(r, a, 2);
}

static struct value zfill(struct run *r, const struct value *a)
{
    size_t sign = a[0].n > 0 && (a[0].s[0] == '+' || a[0].s[0] == '-');
    struct value padded[] = {value_part(a[0], sign, a[0].n - sign),
                             value_int(args_int(r, a[1], 0) - (int64_t)sign),
                             value_string("0")};
    return run_join(r, value_part(a[0], 0, sign), fill(r, padded, 2));
}

/* "{} {0} {name}".format(…), without conversions. */
static struct value format(struct run *r, const struct value *a)
{
    struct value s = a[0];
    struct text t;
    size_t next = 0;
    text_init(&t, r->cage);
    for (size_t at = 0; at < s.n; at++) {
        char c = s.s[at];
        if ((c != '{' && c != '}') ||
            (at + 1 < s.n && s.s[at + 1] == c)) {
            text_add_part(&t, s, at, 1);
            at += c == '{' || c == '}';
            continue;
        }
        size_t end = value_find(r->cage, s, value_string("}"), at);
        if (c == '}' || end == SIZE_MAX)
            cage_fail(r->cage, "format(): a brace has no partner");
        struct value name = value_part(s, at + 1, end - at - 1), *v = NULL;
        size_t index = 0, digits = 0;
        while (digits < name.n && digits < 4 && name.s[digits] >= '0' &&
               name.s[digits] <= '9')
            index = index * 10 + (size_t)(name.s[digits++] - '0');
        if (name.n == 0)
            index = next++;
        if (digits < name.n) /* also what has a ":" or "." */
            v = value_get(r->cage, a[2], name);
        else if (index < a[1].list->n)
            v = &a[1].list->items[index];
        if (v == NULL)
            cage_fail(r->cage, "format(): {%.*s} is not supported, or has no "
                      "value", name.n > 40 ? 40 : (int)name.n, name.s);
        text_add_value(&t, value_to_string(r->cage, *v));
        at = end;
    }
    return text_take(&t);
}

/* --- what a str is made of ----------------------------------------------- */

/* To look up a letter takes as long as to copy so many bytes. */
#define BYTES_A_LETTER 16

/* Whether there are characters, and all have a kind of `any`. */
static struct value all_are(struct run *r, struct value s, unsigned any)
{
    cage_step(r->cage, BYTES_A_LETTER * s.n);
    for (size_t at = 0, n; at < s.n; at += n) {
        uint32_t cp;
        n = utf8_decode(s.s + at, s.n - at, &cp);
        if ((letters_kind(cp) & any) == 0)
            return value_bool(false);
    }
    return value_bool(s.n > 0);
}

static struct value str_isalpha(struct run *r, const struct value *a)
{
    return all_are(r, a[0], LETTERS_ALPHA);
}

static struct value str_isalnum(struct run *r, const struct value *a)
{
    return all_are(r, a[0], LETTERS_ALPHA | LETTERS_DIGIT | LETTERS_NUMERIC);
}

static struct value str_isdigit(struct run *r, const struct value *a)
{
    return all_are(r, a[0], LETTERS_DIGIT);
}

static struct value str_isdecimal(struct run *r, const struct value *a)
{
    return all_are(r, a[0], LETTERS_DECIMAL);
}

static struct value str_isspace(struct run *r, const struct value *a)
{
    return value_bool(a[0].n > 0 && run_strip(r, a[0], value_none(), true,
                                              false).n == 0);
}

/* Letters of one case and no other. */
static struct value one_case(struct run *r, struct value s, unsigned want)
{
    const unsigned cased = LETTERS_UPPER | LETTERS_LOWER | LETTERS_TITLE;
    bool any = false;
    cage_step(r->cage, BYTES_A_LETTER * s.n);
    for (size_t at = 0, n; at < s.n; at += n) {
        uint32_t cp;
        n = utf8_decode(s.s + at, s.n - at, &cp);
        unsigned kind = letters_kind(cp) & cased;
        if (kind & ~want)
            return value_bool(false);
        any = any || kind;
    }
    return value_bool(any);
}

static struct value str_isupper(struct run *r, const struct value *a)
{
    return one_case(r, a[0], LETTERS_UPPER);
}

static struct value str_islower(struct run *r, const struct value *a)
{
    return one_case(r, a[0], LETTERS_LOWER);
}

/* --- the table ----------------------------------------------------------- */

static const struct native of_str[] = {
    {"capitalize", "", capitalize},
    {"center", "width fillchar?", center},
    {"count", "sub start? end?", count},
    {"endswith", "suffix start? end?", endswith},
    {"find", "sub start? end?", find},
    {"format", "* **", format},
    {"index", "sub start? end?", str_index},
    {"isalnum", "", str_isalnum},
    {"isalpha", "", str_isalpha},
    {"isdecimal", "", str_isdecimal},
    {"isdigit", "", str_isdigit},
    {"islower", "", str_islower},
    {"isspace", "", str_isspace},
    {"isupper", "", str_isupper},
    {"join", "iterable", join},
    {"ljust", "width fillchar?", ljust},
    {"lower", "", lower},
    {"lstrip", "chars?", lstrip},
    {"partition", "sep", partition},
    {"removeprefix", "prefix", removeprefix},
    {"removesuffix", "suffix", removesuffix},
    {"replace", "old new count?", replace},
    {"rfind", "sub start? end?", rfind},
    {"rindex", "sub start? end?", str_rindex},
    {"rjust", "width fillchar?", rjust},
    {"rpartition", "sep", rpartition},
    {"rsplit", "sep? maxsplit?", rsplit},
    {"rstrip", "chars?", rstrip},
    {"split", "sep? maxsplit?", split},
    {"splitlines", "keepends?", splitlines},
    {"startswith", "prefix start? end?", startswith},
    {"strip", "chars?", strip},
    {"swapcase", "", swapcase},
    {"title", "", title},
    {"upper", "", upper},
    {"zfill", "width", zfill},
    /* Python has them and we do not: they are no undefined values. */
    {"casefold", "", NULL},
    {"encode", "", NULL},
    {"expandtabs", "", NULL},
    {"format_map", "", NULL},
    {"isascii", "", NULL},
    {"isidentifier", "", NULL},
    {"isnumeric", "", NULL},
    {"isprintable", "", NULL},
    {"istitle", "", NULL},
    {"maketrans", "", NULL},
    {"translate", "", NULL},
};

const struct native *method_of_str(struct value name)
{
    return native_find(of_str, sizeof(of_str) / sizeof(*of_str), name);
}
