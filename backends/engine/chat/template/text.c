/* Strings of value.h: marked bytes, and values written as Python does. */
#include "backends/engine/chat/template/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"

void text_init(struct text *t, struct cage *c)
{
    *t = (struct text){.cage = c};
}

size_t text_room(unsigned room)
{
    return room > 0 ? (size_t)32 << room : 0;
}

static void reserve(struct text *t, size_t n)
{
    if (n > CAGE_MAX_BYTES)
        cage_fail(t->cage, "makes a text that is too long");
    if (n <= text_room(t->room) - t->n)
        return;
    uint8_t room = t->room;
    do
        room++;
    while (text_room(room) - t->n < n);
    char *s = cage_alloc(t->cage, 2, text_room(room));
    if (t->n > 0) {
        memcpy(s, t->s, t->n);
        memcpy(s + text_room(room), t->s + text_room(t->room), t->n);
    }
    t->s = s;
    t->room = room;
}

void text_add(struct text *t, const char *s, size_t n, bool foreign)
{
    cage_step(t->cage, n);
    if (n == 0)
        return;
    reserve(t, n);
    memcpy(t->s + t->n, s, n);
    memset(t->s + text_room(t->room) + t->n, foreign, n);
    t->n += n;
    t->n_foreign += foreign ? n : 0;
}

void text_add_str(struct text *t, const char *s)
{
    text_add(t, s, strlen(s), false);
}

void text_add_part(struct text *t, struct value from, size_t at, size_t n)
{
    text_add(t, from.s + at, n, from.foreign && from.mixed == 0);
    if (from.mixed == 0 || n == 0)
        return;
    const char *marks = from.s + at + text_room(from.mixed);
    memcpy(t->s + text_room(t->room) + t->n - n, marks, n);
    for (size_t i = 0; i < n; i++)
        t->n_foreign += (size_t)marks[i];
}

void text_add_value(struct text *t, struct value string)
{
    text_add_part(t, string, 0, string.n);
}

struct value text_take(struct text *t)
{
    struct value v = {.kind = VALUE_STRING, .s = t->n > 0 ? t->s : "",
                      .n = (uint32_t)t->n};
    v.foreign = t->n > 0 && t->n_foreign == t->n;
    if (t->n_foreign > 0 && !v.foreign)
        v.mixed = t->room;
    return v;
}

/* --- parts of strings --------------------------------------------------- */

bool value_mark(struct value string, size_t at)
{
    return string.mixed != 0 ? string.s[at + text_room(string.mixed)] != 0
                             : string.foreign;
}

struct value value_part(struct value string, size_t at, size_t n)
{
    string.s += at;
    string.n = (uint32_t)n;
    return string;
}

bool value_is(struct value string, const char *s)
{
    if (string.kind != VALUE_STRING)
        return false;
    if (string.n == 0)
        return *s == '\0';
    return *s == *string.s && strncmp(s, string.s, string.n) == 0 &&
           strlen(s) == string.n;
}

size_t value_char(struct value string, size_t at)
{
    uint32_t cp;
    if ((unsigned char)string.s[at] < 0x80)
        return 1;
    return utf8_decode(string.s + at, string.n - at, &cp);
}

size_t value_n_chars(struct value string)
{
    size_t n = 0;
    for (size_t at = 0; at < string.n; at += value_char(string, at))
        n++;
    return n;
}

static bool stands_at(struct cage *c, struct value s, size_t at,
                      struct value what)
{
    if (s.n - at < what.n ||
        (what.n > 0 && s.s[at] != what.s[0]))
        return false;
    cage_work(c, what.n);
    return what.n == 0 || memcmp(s.s + at, what.s, what.n) == 0;
}

size_t value_find(struct cage *c, struct value s, struct value what,
                  size_t from)
{
    size_t at = from;
    while (at + what.n <= s.n && !stands_at(c, s, at, what))
        at++;
    cage_step(c, at - from);
    return at + what.n <= s.n ? at : SIZE_MAX;
}

size_t value_find_last(struct cage *c, struct value s, struct value what,
                       size_t to)
{
    size_t at = to + 1; /* one past the place to look at */
    while (at > 0 &&
           (at - 1 + what.n > to || !stands_at(c, s, at - 1, what)))
        at--;
    cage_step(c, to + 1 - at);
    return at > 0 ? at - 1 : SIZE_MAX;
}

/* --- values as text ------------------------------------------------------ */

void value_write_float(double f, char *out)
{
    enum { ROOM = 40 };
    if (!isfinite(f)) {
        snprintf(out, ROOM, "%s", isnan(f) ? "nan" : f < 0 ? "-inf" : "inf");
        return;
    }
    char digits[32];
    for (int n = 0; n < 17; n++) {
        snprintf(digits, sizeof(digits), "%.*e", n, f);
        if (strtod(digits, NULL) == f)
            break;
    }
    char *e = strchr(digits, 'e');
    int exponent = (int)strtol(e + 1, NULL, 10);
    int n_behind = (int)(e - digits) - (digits[0] == '-') - 2;
    if (exponent < -4 || exponent >= 16) {
        *e = '\0';
        snprintf(out, ROOM, "%.26se%c%02u", digits, exponent < 0 ? '-' : '+',
                 (unsigned)abs(exponent) % 1000u);
        return;
    }
    n_behind = (n_behind > 0 ? n_behind : 0) - exponent;
    snprintf(out, ROOM, "%.*f", n_behind > 1 ? n_behind : 1, f);
}

static void add_escape(struct text *t, uint32_t cp, bool foreign)
{
    char code[16];
    int digits = cp < 0x100 ? 2 : cp < 0x10000 ? 4 : 8;
    snprintf(code, sizeof(code), "\\%c%0*x",
             digits == 2 ? 'x' : digits == 4 ? 'u' : 'U', digits, cp);
    text_add(t, code, strlen(code), foreign);
}

static bool is_printable(uint32_t cp)
{
    switch (utf8proc_category((utf8proc_int32_t)cp)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return false;
    case UTF8PROC_CATEGORY_ZS: return cp == ' ';
    default: return true;
    }
}

static void add_quoted(struct text *t, struct value v)
{
    bool single = v.n > 0 && memchr(v.s, '\'', v.n) != NULL;
    bool twice = v.n > 0 && memchr(v.s, '"', v.n) != NULL;
    char quote = single && !twice ? '"' : '\'';
    text_add(t, &quote, 1, false);
    for (size_t at = 0, size; at < v.n; at += size) {
        uint32_t cp;
        size = utf8_decode(v.s + at, v.n - at, &cp);
        bool foreign = value_mark(v, at);
        const char *plain = "\n\r\t\\", *letters = "nrt\\", *p;
        if (cp < 0x80 && cp != 0 && (p = strchr(plain, (int)cp)) != NULL) {
            char escape[2] = {'\\', letters[p - plain]};
            text_add(t, escape, 2, foreign);
        } else if (cp == (uint32_t)quote) {
            text_add(t, "\\", 1, foreign);
            text_add_part(t, v, at, size);
        } else if (is_printable(cp)) {
            text_add_part(t, v, at, size);
        } else {
            add_escape(t, cp, foreign);
        }
    }
    text_add(t, &quote, 1, false);
}

static void add_list(struct text *t, struct value v)
{
    if (v.form > FORM_TUPLE)
        cage_fail(t->cage, "a %s cannot be written as text",
                  value_type(v));
    text_add_str(t, v.form == FORM_TUPLE ? "(" : "[");
    for (size_t i = 0; i < v.list->n; i++) {
        text_add_str(t, i > 0 ? ", " : "");
        value_add_repr(t, v.list->items[i]);
    }
    if (v.form == FORM_TUPLE)
        text_add_str(t, v.list->n == 1 ? ",)" : ")");
    else
        text_add_str(t, "]");
}

static void add_dict(struct text *t, struct value v)
{
    if (v.form == FORM_NAMESPACE)
        text_add_str(t, "<Namespace ");
    text_add_str(t, "{");
    for (size_t i = 0; i < v.dict->n; i++) {
        text_add_str(t, i > 0 ? ", " : "");
        value_add_repr(t, v.dict->entries[i].key);
        text_add_str(t, ": ");
        value_add_repr(t, v.dict->entries[i].value);
    }
    text_add_str(t, v.form == FORM_NAMESPACE ? "}>" : "}");
}

void value_add_repr(struct text *t, struct value v)
{
    char number[40];
    cage_enter(t->cage);
    switch (v.kind) {
    case VALUE_UNDEFINED: text_add_str(t, "Undefined"); break;
    case VALUE_NONE: text_add_str(t, "None"); break;
    case VALUE_BOOL: text_add_str(t, v.b ? "True" : "False"); break;
    case VALUE_INT:
        snprintf(number, sizeof(number), "%lld", (long long)v.i);
        text_add_str(t, number);
        break;
    case VALUE_FLOAT:
        value_write_float(v.f, number);
        text_add_str(t, number);
        break;
    case VALUE_STRING: add_quoted(t, v); break;
    case VALUE_LIST: add_list(t, v); break;
    case VALUE_DICT: add_dict(t, v); break;
    default:
        cage_fail(t->cage, "a %s cannot be written as text", value_type(v));
    }
    cage_leave(t->cage);
}

struct value value_to_string(struct cage *c, struct value v)
{
    if (v.kind == VALUE_STRING)
        return v;
    if (v.kind == VALUE_UNDEFINED)
        return value_string("");
    struct text t;
    text_init(&t, c);
    value_add_repr(&t, v);
    return text_take(&t);
}
