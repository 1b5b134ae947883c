/* What filters and methods do with strings, with marks kept. */
#include "backends/engine/chat/template/run.h"

#include <stdio.h>
#include <string.h>

#include "backends/engine/chat/template/letters.h"
#include "base/utf8.h"

static struct value take_like(struct text *t, struct value like)
{
    struct value v = text_take(t);
    v.markup = like.markup;
    return v;
}

/* --- case ---------------------------------------------------------------- */

/* Whether a character with case stands before (step -1) or after `at`, past
 * what is ignored. */
static bool has_cased(struct value s, size_t at, bool before)
{
    const unsigned cased = LETTERS_UPPER | LETTERS_LOWER | LETTERS_TITLE;
    for (;;) {
        uint32_t cp;
        if (before) {
            size_t n = 1;
            if (at == 0)
                return false;
            while (n < UTF8_MAX_BYTES && n < at &&
                   ((unsigned char)s.s[at - n] & 0xc0) == 0x80)
                n++;
            at -= n;
            utf8_decode(s.s + at, n, &cp);
        } else {
            if (at >= s.n)
                return false;
            at += utf8_decode(s.s + at, s.n - at, &cp);
        }
        if (!letters_ignored(cp))
            return (letters_kind(cp) & cased) != 0;
    }
}

static size_t change_case(struct value s, size_t at, size_t size, uint32_t cp,
                          int to, uint32_t out[LETTERS_MAX])
{
    if (to == CASE_UPPER)
        return letters_upper(cp, out);
    if (to == CASE_TITLE)
        return letters_title(cp, out);
    if (cp == 0x3a3) { /* the sigma at the end of a word is another one */
        out[0] = has_cased(s, at, true) && !has_cased(s, at + size, false)
                     ? 0x3c2 : 0x3c3;
        return 1;
    }
    return letters_lower(cp, out);
}

/* What a character becomes; cased: whether the one before it had case. */
static int choose_case(int to, bool first, bool cased, uint32_t cp)
{
    switch (to) {
    case CASE_CAPITAL: return first ? CASE_TITLE : CASE_LOWER;
    case CASE_TITLE: return cased ? CASE_LOWER : CASE_TITLE;
    case CASE_SWAP:
        return letters_kind(cp) & LETTERS_UPPER ? CASE_LOWER : CASE_UPPER;
    default: return to;
    }
}

struct value run_case(struct run *r, struct value s, int to)
{
    const unsigned any = LETTERS_UPPER | LETTERS_LOWER | LETTERS_TITLE;
    struct text t;
    bool cased = false;
    text_init(&t, r->cage);
    for (size_t at = 0, size; at < s.n; at += size) {
        uint32_t cp, out[LETTERS_MAX];
        size = utf8_decode(s.s + at, s.n - at, &cp);
        unsigned kind = letters_kind(cp);
        if (cp == UTF8_REPLACEMENT) { /* bytes that are none stay */
            text_add_part(&t, s, at, size);
            cased = false;
            continue;
        }
        size_t n = change_case(s, at, size, cp,
                               choose_case(to, at == 0, cased, cp), out);
        for (size_t i = 0; i < n; i++) {
            char bytes[UTF8_MAX_BYTES];
            text_add(&t, bytes, utf8_encode(out[i], bytes),
                     value_mark(s, at));
        }
        cased = (kind & any) != 0;
    }
    return take_like(&t, s);
}

/* --- ends ---------------------------------------------------------------- */

/* Whether the character s[at, at + size) is among chars; chars not a string:
 * whether it is a blank. */
static bool is_among(struct run *r, struct value s, size_t at, size_t size,
                     struct value chars)
{
    cage_step(r->cage, chars.kind == VALUE_STRING ? (size_t)8 * chars.n : 1);
    if (chars.kind != VALUE_STRING)
        return letters_blank(s.s + at, size) == size;
    for (size_t i = 0, n; i < chars.n; i += n) {
        n = value_char(chars, i);
        if (n == size && memcmp(chars.s + i, s.s + at, n) == 0)
            return true;
    }
    return false;
}

struct value run_strip(struct run *r, struct value s, struct value chars,
                       bool left, bool right)
{
    size_t from = 0, to = s.n;
    if (args_given(chars) && chars.kind != VALUE_NONE)
        args_string(r, chars);
    while (left && from < to) {
        size_t size = value_char(s, from);
        if (!is_among(r, s, from, size, chars))
            break;
        from += size;
    }
    while (right && to > from) {
        size_t size = 1;
        while (size < UTF8_MAX_BYTES && size < to - from &&
               ((unsigned char)s.s[to - size] & 0xc0) == 0x80)
            size++;
        if (value_char(value_part(s, 0, to), to - size) != size)
            size = 1;
        if (!is_among(r, s, to - size, size, chars))
            break;
        to -= size;
    }
    return value_part(s, from, to - from);
}

/* --- parts --------------------------------------------------------------- */

struct value run_replace(struct run *r, struct value s, struct value old,
                         struct value with, int64_t max)
{
    struct text t;
    size_t at = 0;
    int64_t n = 0;
    text_init(&t, r->cage);
    while (max < 0 || n < max) {
        size_t found = value_find(r->cage, s, old, at);
        if (found == SIZE_MAX)
            break;
        if (old.n == 0 && n > 0) { /* between characters, and at both ends */
            if (at >= s.n)
                break;
            size_t size = value_char(s, at);
            text_add_part(&t, s, at, size);
            at += size;
        } else {
            text_add_part(&t, s, at, found - at);
            at = found + old.n;
        }
        text_add_value(&t, with);
        n++;
    }
    if (n == 0)
        return s;
    text_add_part(&t, s, at, s.n - at);
    return take_like(&t, s);
}

/* Length of the line break at `at`, as str.splitlines knows them; 0: none. */
static size_t line_break(struct value s, size_t at)
{
    uint32_t cp;
    size_t n = utf8_decode(s.s + at, s.n - at, &cp);
    if (cp == '\r' && at + 1 < s.n && s.s[at + 1] == '\n')
        return 2;
    bool is = (cp >= '\n' && cp <= '\r') || (cp >= 0x1c && cp <= 0x1e) ||
              cp == 0x85 || cp == 0x2028 || cp == 0x2029;
    return is ? n : 0;
}

struct value run_lines(struct run *r, struct value s, bool keep_ends)
{
    struct items l = {0};
    size_t from = 0;
    cage_step(r->cage, s.n);
    for (size_t at = 0; at < s.n;) {
        size_t n = line_break(s, at);
        if (n > 0) {
            items_add(r, &l, value_part(s, from, at - from +
                                        (keep_ends ? n : 0)));
            from = at + n;
        }
        at += n > 0 ? n : value_char(s, at);
    }
    if (from < s.n)
        items_add(r, &l, value_part(s, from, s.n - from));
    return items_take(r, &l, FORM_PLAIN);
}

/* --- HTML ---------------------------------------------------------------- */

struct value run_escape(struct run *r, struct value x)
{
    static const char plain[] = "&<>'\"";
    static const char *const escapes[] = {"&amp;", "&lt;", "&gt;", "&#39;",
                                          "&#34;"};
    struct text t;
    if (x.kind != VALUE_STRING || x.markup)
        return x;
    text_init(&t, r->cage);
    for (size_t at = 0; at < x.n; at++) {
        const char *p = memchr(plain, x.s[at], sizeof(plain) - 1);
        if (p == NULL)
            text_add_part(&t, x, at, 1);
        else
            text_add(&t, escapes[p - plain], strlen(escapes[p - plain]),
                     value_mark(x, at));
    }
    x = text_take(&t);
    x.markup = true;
    return x;
}

/* --- "%s" % x ------------------------------------------------------------ */

struct conversion {
    bool left, zero, plus, blank;
    int width, precision; /* -1: none */
    char kind;
};

static int read_number(struct run *r, struct value s, size_t *at)
{
    int n = -1;
    for (; *at < s.n && s.s[*at] >= '0' && s.s[*at] <= '9'; (*at)++) {
        n = (n < 0 ? 0 : n) * 10 + (s.s[*at] - '0');
        if (n > 9999)
            cage_fail(r->cage, "a width of more than 9999 characters");
    }
    return n;
}

/* What stands after a "%" at `at`. */
static struct conversion read_conversion(struct run *r, struct value s,
                                         size_t *at)
{
    struct conversion c = {.width = -1, .precision = -1};
    for (; *at < s.n && strchr("-0+ ", s.s[*at]) != NULL && s.s[*at];
         (*at)++) {
        c.left = c.left || s.s[*at] == '-';
        c.zero = c.zero || s.s[*at] == '0';
        c.plus = c.plus || s.s[*at] == '+';
        c.blank = c.blank || s.s[*at] == ' ';
    }
    c.width = read_number(r, s, at);
    if (*at < s.n && s.s[*at] == '.') {
        (*at)++;
        c.precision = read_number(r, s, at);
        c.precision = c.precision < 0 ? 0 : c.precision;
    }
    if (*at == s.n)
        cage_fail(r->cage, "a format ends after its %%");
    c.kind = s.s[(*at)++];
    return c;
}

static void pad(struct text *t, struct value v, const struct conversion *c,
                bool number)
{
    size_t n = value_n_chars(v);
    size_t blanks = c->width > 0 && (size_t)c->width > n
                        ? (size_t)c->width - n : 0;
    bool zero = number && c->zero && !c->left;
    size_t sign = zero && v.n > 0 && strchr("+- ", v.s[0]) != NULL;
    text_add_part(t, v, 0, sign);
    for (size_t i = 0; i < blanks && !c->left; i++)
        text_add_str(t, zero ? "0" : " ");
    text_add_part(t, v, sign, v.n - sign);
    for (size_t i = 0; i < blanks && c->left; i++)
        text_add_str(t, " ");
}

static void convert(struct run *r, struct text *t, struct value v,
                    const struct conversion *c)
{
    char digits[400], sign[2] = {c->plus ? '+' : c->blank ? ' ' : '\0'};
    int precision = c->precision < 0 ? 6 : c->precision;
    struct text own;
    text_init(&own, r->cage);
    if (c->kind == 's' || c->kind == 'r') {
        if (c->kind == 'r')
            value_add_repr(&own, v);
        v = c->kind == 'r' ? text_take(&own) : value_to_string(r->cage, v);
        size_t at = 0;
        for (int i = 0; at < v.n && (c->precision < 0 || i < c->precision);
             i++)
            at += value_char(v, at);
        pad(t, value_part(v, 0, at), c, false);
        return;
    }
    if (strchr("dixXfF", c->kind) == NULL || !value_is_number(v) ||
        precision > 60 || (c->precision >= 0 && strchr("fF", c->kind) == NULL))
        cage_fail(r->cage, "the format %%%c is not supported for a %s",
                  c->kind, value_type(v));
    int64_t i = 0;
    double f = value_as_float(v);
    bool whole = value_as_int(v, &i);
    if (!whole && c->kind != 'f' && c->kind != 'F') {
        if (c->kind != 'd' && c->kind != 'i')
            cage_fail(r->cage, "%%%c needs a whole number", c->kind);
        if (!(f > -9e18 && f < 9e18))
            cage_fail(r->cage, "a number is larger than 64 bits hold");
        i = (int64_t)f;
    }
    bool minus = c->kind == 'f' || c->kind == 'F' ? f < 0 : i < 0;
    uint64_t size = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    if (c->kind == 'f' || c->kind == 'F')
        snprintf(digits, sizeof(digits), "%s%.*f", minus ? "" : sign,
                 precision, f);
    else if (c->kind == 'x')
        snprintf(digits, sizeof(digits), "%s%llx", minus ? "-" : sign,
                 (unsigned long long)size);
    else if (c->kind == 'X')
        snprintf(digits, sizeof(digits), "%s%llX", minus ? "-" : sign,
                 (unsigned long long)size);
    else
        snprintf(digits, sizeof(digits), "%s%llu", minus ? "-" : sign,
                 (unsigned long long)size);
    text_add_str(&own, digits);
    pad(t, text_take(&own), c, true);
}

struct value run_format(struct run *r, struct value left, struct value right)
{
    bool many = right.kind == VALUE_LIST && right.form == FORM_TUPLE;
    size_t used = 0, n = many ? right.list->n : 1;
    struct text t;
    text_init(&t, r->cage);
    for (size_t at = 0; at < left.n;) {
        if (left.s[at] != '%') {
            text_add_part(&t, left, at, 1);
            at++;
            continue;
        }
        at++;
        if (at < left.n && left.s[at] == '(')
            cage_fail(r->cage, "%%(name) is not supported in a format");
        struct conversion c = read_conversion(r, left, &at);
        if (c.kind == '%') {
            text_add_part(&t, left, at - 1, 1);
            continue;
        }
        if (used >= n)
            cage_fail(r->cage, "a format needs more values than it gets");
        struct value v = many ? right.list->items[used] : right;
        used++;
        convert(r, &t, v, &c);
    }
    bool spare = used < n && (many || right.kind != VALUE_DICT);
    if (spare && !(right.kind == VALUE_LIST && !many))
        cage_fail(r->cage, "a format gets more values than it needs");
    return take_like(&t, left);
}
