/* The functions that every template finds, and the clock and JSON behind them:
 * jinja2's, and transformers' raise_exception, strftime_now and tojson. */
#include "backends/engine/chat/template/run.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

#define MAX_RANGE 100000 /* jinja2's sandbox has the same */

/* --- functions ----------------------------------------------------------- */

static struct value range(struct run *r, const struct value *a)
{
    int64_t from = args_given(a[1]) ? args_int(r, a[0], 0) : 0;
    int64_t to = args_int(r, args_given(a[1]) ? a[1] : a[0], 0);
    int64_t step = args_given(a[2]) ? args_int(r, a[2], 1) : 1;
    struct items l = {0};
    if (step == 0)
        cage_fail(r->cage, "range() cannot have a step of 0");
    for (int64_t i = from; step > 0 ? i < to : i > to;) {
        if (l.n == MAX_RANGE)
            cage_fail(r->cage, "range() is longer than %d", MAX_RANGE);
        cage_step(r->cage, 0);
        items_add(r, &l, value_int(i));
        if (__builtin_add_overflow(i, step, &i))
            break;
    }
    return items_take(r, &l, FORM_RANGE);
}

/* dict(…): of a dict or of pairs, and of what has a name. */
static struct value fill_dict(struct run *r, const struct value *a,
                              enum value_form form)
{
    struct value d = value_new_dict(r->cage, form);
    const struct value_list *plain = a[0].list;
    const struct value_dict *named = a[1].dict;
    if (plain->n > 1)
        cage_fail(r->cage, "a dict is made of one argument");
    if (plain->n == 1 && plain->items[0].kind == VALUE_DICT) {
        const struct value_dict *from = plain->items[0].dict;
        for (size_t i = 0; i < from->n; i++)
            value_set(r->cage, d, from->entries[i].key,
                      from->entries[i].value);
    } else if (plain->n == 1) {
        struct value_list l = value_iterate(r->cage, plain->items[0]);
        for (size_t i = 0; i < l.n; i++) {
            struct value_list pair = value_iterate(r->cage, l.items[i]);
            if (pair.n != 2)
                cage_fail(r->cage, "a dict is made of pairs");
            value_set(r->cage, d, pair.items[0], pair.items[1]);
        }
    }
    for (size_t i = 0; i < named->n; i++)
        value_set(r->cage, d, named->entries[i].key, named->entries[i].value);
    return d;
}

static struct value dict(struct run *r, const struct value *a)
{
    return fill_dict(r, a, FORM_PLAIN);
}

static struct value new_namespace(struct run *r, const struct value *a)
{
    return fill_dict(r, a, FORM_NAMESPACE);
}

static struct value raise_exception(struct run *r, const struct value *a)
{
    struct value s = value_to_string(r->cage, a[0]);
    r->cage->raised = true;
    cage_fail(r->cage, "it refuses: %.*s", s.n > 300 ? 300 : (int)s.n, s.s);
}

static struct value strftime_now(struct run *r, const struct value *a)
{
    return run_date(r, args_string(r, a[0]));
}

/* joiner(): "" at its first call, the separator at the others. */
static struct value join_again(struct run *r, const struct value *a)
{
    struct value *used = value_get(r->cage, a[0], value_string("used"));
    bool first = !value_is_true(*used);
    *used = value_bool(true);
    return first ? value_string("")
                 : *value_get(r->cage, a[0], value_string("sep"));
}

static struct value joiner(struct run *r, const struct value *a)
{
    static const struct native again = {"joiner", "", join_again};
    struct value self = value_new_dict(r->cage, FORM_NAMESPACE);
    value_set(r->cage, self, value_string("sep"),
              args_given(a[0]) ? a[0] : value_string(", "));
    value_set(r->cage, self, value_string("used"), value_bool(false));
    return call_new(r, &again, self);
}

bool global_find(struct run *r, struct value name, struct value *out)
{
    static const struct native globals[] = {
        {"dict", "* **", dict},
        {"joiner", "sep?", joiner},
        {"namespace", "* **", new_namespace},
        {"raise_exception", "message", raise_exception},
        {"range", "start stop? step?", range},
        {"strftime_now", "format", strftime_now},
    };
    const struct native *f = native_find(
        globals, sizeof(globals) / sizeof(*globals), name);
    if (f != NULL)
        *out = call_new(r, f, (struct value){.kind = VALUE_GIVEN_NOT});
    return f != NULL;
}

/* --- the clock ----------------------------------------------------------- */

static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday",
                                   "Thursday", "Friday", "Saturday"};
static const char *const months[] = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

/* One conversion of strftime; false: it is not known. */
static bool add_time(struct text *t, char c, const struct tm *d, bool bare)
{
    char s[64];
    int hour = d->tm_hour % 12 == 0 ? 12 : d->tm_hour % 12;
    int n = -1, width = bare ? 1 : 2;
    switch (c) {
    case 'd': n = d->tm_mday; break;
    case 'm': n = d->tm_mon + 1; break;
    case 'y': n = d->tm_year % 100; break;
    case 'H': n = d->tm_hour; break;
    case 'I': n = hour; break;
    case 'M': n = d->tm_min; break;
    case 'S': n = d->tm_sec; break;
    case 'j': n = d->tm_yday + 1; width = bare ? 1 : 3; break;
    case 'Y': n = d->tm_year + 1900; width = 1; break;
    case 'w': n = d->tm_wday; width = 1; break;
    case 'u': n = d->tm_wday == 0 ? 7 : d->tm_wday; width = 1; break;
    }
    if (n >= 0) {
        snprintf(s, sizeof(s), "%0*d", width, n);
        text_add_str(t, s);
        return true;
    }
    switch (c) {
    case 'A': text_add_str(t, days[d->tm_wday % 7]); return true;
    case 'a': text_add(t, days[d->tm_wday % 7], 3, false); return true;
    case 'B': text_add_str(t, months[d->tm_mon % 12]); return true;
    case 'b':
    case 'h': text_add(t, months[d->tm_mon % 12], 3, false); return true;
    case 'p': text_add_str(t, d->tm_hour < 12 ? "AM" : "PM"); return true;
    case '%': text_add_str(t, "%"); return true;
    case 'e':
        snprintf(s, sizeof(s), "%2d", d->tm_mday);
        text_add_str(t, s);
        return true;
    default: return false;
    }
}

/* Conversions that are made of others. */
static const char *longer_form(char c)
{
    switch (c) {
    case 'F': return "%Y-%m-%d";
    case 'T':
    case 'X': return "%H:%M:%S";
    case 'R': return "%H:%M";
    case 'D':
    case 'x': return "%m/%d/%y";
    case 'c': return "%a %b %e %H:%M:%S %Y";
    default: return NULL;
    }
}

struct value run_date(struct run *r, struct value form)
{
    struct text t;
    text_init(&t, r->cage);
    for (size_t at = 0; at < form.n; at++) {
        if (form.s[at] != '%') {
            text_add_part(&t, form, at, 1);
            continue;
        }
        bool bare = at + 1 < form.n && form.s[at + 1] == '-';
        at += 1 + bare;
        char c = at < form.n ? form.s[at] : '\0';
        const char *longer = longer_form(c);
        if (longer != NULL)
            text_add_value(&t, run_date(r, value_string(longer)));
        else if (!add_time(&t, c, r->clock, bare))
            cage_fail(r->cage, "strftime_now: %%%c is not supported",
                      c > ' ' && c < 127 ? c : '?');
    }
    return text_take(&t);
}

/* --- JSON ---------------------------------------------------------------- */

struct json {
    struct text text;
    bool ascii, sort, pretty;
    struct value indent, between, colon;
};

static void add_code(struct json *j, uint32_t unit, bool foreign)
{
    char s[8];
    snprintf(s, sizeof(s), "\\u%04x", unit & 0xffffu);
    text_add(&j->text, s, 6, foreign);
}

static void add_json_string(struct json *j, struct value v)
{
    static const char plain[] = "\"\\\n\r\t\b\f", letters[] = "\"\\nrtbf";
    text_add_str(&j->text, "\"");
    for (size_t at = 0, n; at < v.n; at += n) {
        uint32_t cp;
        n = utf8_decode(v.s + at, v.n - at, &cp);
        bool foreign = value_mark(v, at);
        const char *p = cp < 0x80 && cp != 0 ? strchr(plain, (int)cp) : NULL;
        if (p != NULL) {
            char escape[2] = {'\\', letters[p - plain]};
            text_add(&j->text, escape, 2, foreign);
        } else if (cp < 0x20 || (cp > 0x7e && j->ascii)) {
            if (cp > 0xffff) {
                add_code(j, 0xd800 + ((cp - 0x10000) >> 10), foreign);
                add_code(j, 0xdc00 + ((cp - 0x10000) & 0x3ff), foreign);
            } else {
                add_code(j, cp, foreign);
            }
        } else {
            text_add_part(&j->text, v, at, n);
        }
    }
    text_add_str(&j->text, "\"");
}

static void add_json(struct run *r, struct json *j, struct value v, int depth);

static void new_line(struct json *j, int depth)
{
    if (!j->pretty)
        return;
    text_add_str(&j->text, "\n");
    for (int i = 0; i < depth; i++)
        text_add_value(&j->text, j->indent);
}

static struct value json_key(struct run *r, struct value v)
{
    switch (v.kind) {
    case VALUE_STRING:
    case VALUE_INT:
    case VALUE_FLOAT: return value_to_string(r->cage, v);
    case VALUE_BOOL: return value_string(v.b ? "true" : "false");
    case VALUE_NONE: return value_string("null");
    default:
        cage_fail(r->cage, "tojson: a %s cannot be a key", value_type(v));
    }
}

static void add_json_dict(struct run *r, struct json *j, struct value v,
                          int depth)
{
    size_t n = v.dict->n;
    struct value_entry *e = cage_alloc(r->cage, n, sizeof(*e));
    for (size_t i = 0; i < n; i++)
        e[i] = (struct value_entry){v.dict->entries[i].key,
                                    v.dict->entries[i].value};
    if (j->sort)
        run_sort(r, e, n, false);
    text_add_str(&j->text, "{");
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            text_add_value(&j->text, j->between);
        new_line(j, depth + 1);
        add_json_string(j, json_key(r, e[i].key));
        text_add_value(&j->text, j->colon);
        add_json(r, j, e[i].value, depth + 1);
    }
    if (n > 0)
        new_line(j, depth);
    text_add_str(&j->text, "}");
}

static void add_json_list(struct run *r, struct json *j, struct value v,
                          int depth)
{
    text_add_str(&j->text, "[");
    for (size_t i = 0; i < v.list->n; i++) {
        if (i > 0)
            text_add_value(&j->text, j->between);
        new_line(j, depth + 1);
        add_json(r, j, v.list->items[i], depth + 1);
    }
    if (v.list->n > 0)
        new_line(j, depth);
    text_add_str(&j->text, "]");
}

static void add_json_number(struct json *j, struct value v)
{
    char s[40];
    if (v.f != v.f || v.f - v.f != 0)
        snprintf(s, sizeof(s), "%s", v.f != v.f ? "NaN"
                                     : v.f < 0  ? "-Infinity"
                                                : "Infinity");
    else
        value_write_float(v.f, s);
    text_add_str(&j->text, s);
}

static void add_json(struct run *r, struct json *j, struct value v, int depth)
{
    cage_enter(r->cage);
    if (v.kind == VALUE_STRING)
        add_json_string(j, v);
    else if (v.kind == VALUE_INT)
        text_add_value(&j->text, value_to_string(r->cage, v));
    else if (v.kind == VALUE_FLOAT)
        add_json_number(j, v);
    else if (v.kind == VALUE_BOOL || v.kind == VALUE_NONE)
        text_add_value(&j->text, json_key(r, v));
    else if (v.kind == VALUE_DICT && v.form == FORM_PLAIN)
        add_json_dict(r, j, v, depth);
    else if (v.kind == VALUE_LIST && v.form <= FORM_TUPLE)
        add_json_list(r, j, v, depth);
    else
        cage_fail(r->cage, "tojson: a %s cannot be JSON", value_type(v));
    cage_leave(r->cage);
}

struct value run_json(struct run *r, const struct value *a)
{
    struct json j = {.ascii = args_bool(a[1], false),
                     .sort = args_bool(a[4], false)};
    text_init(&j.text, r->cage);
    j.pretty = args_given(a[2]) && a[2].kind != VALUE_NONE;
    j.between = value_string(j.pretty ? "," : ", ");
    j.colon = value_string(": ");
    if (j.pretty && a[2].kind == VALUE_STRING) {
        j.indent = a[2];
    } else if (j.pretty) {
        int64_t n = args_int(r, a[2], 0);
        if (n > 1000)
            cage_fail(r->cage, "tojson: the indent is too wide");
        j.indent = value_string("");
        for (; n > 0; n--)
            j.indent = run_join(r, j.indent, value_string(" "));
    }
    if (args_given(a[3]) && a[3].kind != VALUE_NONE) {
        struct value_list two = value_iterate(r->cage, a[3]);
        if (two.n != 2)
            cage_fail(r->cage, "tojson: separators must be two");
        j.between = args_string(r, two.items[0]);
        j.colon = args_string(r, two.items[1]);
    }
    add_json(r, &j, a[0], 0);
    return text_take(&j.text);
}
