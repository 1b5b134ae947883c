/* The marks of Markdown inside a line.  After CommonMark 0.31.2 (sections 6.1
 * to 6.4), but plainer: a pair of marks is on one line, and what may be
 * arithmetic or a name (2*3*4, a_b_c) is no emphasis. */
#include <string.h>

#include "tui/text/spans.h"

#define MAX_MARKS 3 /* ***bold and italic*** */

struct line {
    const char *s;
    size_t n;
    bool open;
    bool hopeless[2][MAX_MARKS + 1]; /* no end for * or _, by their number */
    bool no_tick;                    /* nor for a run of ` */
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

static size_t count(const struct line *l, size_t at)
{
    size_t end = at;
    while (end < l->n && l->s[end] == l->s[at])
        end++;
    return end - at;
}

/* Where the run of k backticks is that closes one; l->n if there is none. */
static size_t find_tick(const struct line *l, size_t at, size_t k)
{
    while (at < l->n) {
        if (l->s[at] != '`') {
            at++;
            continue;
        }
        size_t found = count(l, at);
        if (found == k)
            return at;
        at += found;
    }
    return l->n;
}

static bool can_open(const struct line *l, size_t at, size_t k)
{
    char after = at + k < l->n ? l->s[at + k] : ' ';
    char before = at > 0 ? l->s[at - 1] : ' ';
    if (is_space(after) || k > MAX_MARKS)
        return false;
    return !is_alnum(before) && (l->s[at] == '*' || before != '_');
}

static bool can_close(const struct line *l, size_t at, size_t k)
{
    char after = at + k < l->n ? l->s[at + k] : ' ';
    if (at == 0 || is_space(l->s[at - 1]))
        return false;
    return (k > 1 && l->s[at] == '*') || !is_alnum(after);
}

static bool is_escape(const struct line *l, size_t at)
{
    return l->s[at] == '\\' && at + 1 < l->n &&
           strchr("*_`#|>~-", l->s[at + 1]) != NULL;
}

/* Where the k marks are that close those before `at`; l->n if there are none
 * before `end`.  A mark in code or after a backslash is none.  Three marks
 * close two spans, the inner one first. */
static size_t find_end(struct line *l, size_t at, size_t end, char mark,
                       size_t k)
{
    bool *hopeless = &l->hopeless[mark == '_'][k];
    while (at < end && !*hopeless) {
        size_t run = count(l, at), tick;
        run = run < end - at ? run : end - at;
        if (is_escape(l, at)) {
            at += 2;
        } else if (l->s[at] == '`' &&
                   (tick = find_tick(l, at + run, run)) < l->n) {
            at = tick + run;
        } else if (l->s[at] == mark && (run == k || run == MAX_MARKS) &&
                   can_close(l, at, run)) {
            return at + run - k;
        } else {
            at += run;
        }
    }
    *hopeless = *hopeless || end == l->n;
    return l->n;
}

static enum style style_of(enum style base, size_t k)
{
    if (base == STYLE_HEADING || k == 0)
        return base;
    if (base != STYLE_NORMAL)
        k |= base == STYLE_EMPHASIS ? 1 : base == STYLE_STRONG ? 2 : 3;
    return k == 1 ? STYLE_EMPHASIS : k == 2 ? STYLE_STRONG : STYLE_BOTH;
}

/* A span of code, without the space that may stand at both of its ends. */
static size_t add_code(struct line *l, struct spans *out, enum style base,
                       size_t at, size_t end, size_t source)
{
    size_t k = count(l, at), from = at + k, to = l->n;
    if (!l->no_tick || k > 1)
        to = find_tick(l, from, k);
    l->no_tick = l->no_tick || (to == l->n && k == 1);
    size_t next = to == l->n ? to : to + k;
    if (next > end || (to == l->n && !l->open)) {
        k = k < end - at ? k : end - at;
        spans_add(out, base, l->s + at, k, source + at);
        return k;
    }
    if (to - from > 2 && l->s[from] == ' ' && l->s[to - 1] == ' ') {
        from++;
        to--;
    }
    spans_add(out, STYLE_CODE, l->s + from, to - from, source + from);
    return next - at;
}

static void add_range(struct line *l, struct spans *out, enum style base,
                      size_t at, size_t end, size_t source);

/* Marks at `at`: adds what is between them, or the marks themselves. */
static size_t add_marked(struct line *l, struct spans *out, enum style base,
                         size_t at, size_t end, size_t source)
{
    size_t k = count(l, at), close = l->n;
    k = k < end - at ? k : end - at;
    bool opens = can_open(l, at, k);
    if (opens)
        close = find_end(l, at + k, end, l->s[at], k);
    bool begun = opens && close == l->n && l->open && end == l->n;
    if (close == l->n && !begun) {
        spans_add(out, base, l->s + at, k, source + at);
        return k;
    }
    add_range(l, out, style_of(base, k), at + k, close, source);
    return (begun ? end : close + k) - at;
}

static void add_range(struct line *l, struct spans *out, enum style base,
                      size_t at, size_t end, size_t source)
{
    while (at < end) {
        size_t plain = at;
        while (plain < end && strchr("*_`\\", l->s[plain]) == NULL)
            plain++;
        spans_add(out, base, l->s + at, plain - at, source + at);
        at = plain;
        if (at >= end)
            return;
        if (l->s[at] == '`') {
            at += add_code(l, out, base, at, end, source);
        } else if (l->s[at] == '\\') {
            size_t from = at + is_escape(l, at), to = from + 1;
            spans_add(out, base, l->s + from, to - from, source + from);
            at = to;
        } else {
            at += add_marked(l, out, base, at, end, source);
        }
    }
}

void spans_add_inline(struct spans *out, enum style base, const char *s,
                      size_t n, size_t source, bool open)
{
    struct line l = {.s = s, .n = n, .open = open};
    add_range(&l, out, base, 0, n, source);
}
