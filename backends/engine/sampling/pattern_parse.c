#include "backends/engine/sampling/pattern_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define MAX_DEPTH 64 /* of groups */

struct parser {
    struct regex *r;
    const char *p, *end;
    int depth;
    const char *why; /* NULL while all is well */
};

static int fail(struct parser *s, const char *why)
{
    if (s->why == NULL)
        s->why = why;
    return -1;
}

/* --- nodes ------------------------------------------------------------- */

static int add_node(struct parser *s, struct regex_node node)
{
    struct regex *r = s->r;
    if (r->n_nodes == REGEX_MAX_NODES)
        return fail(s, "the expression is too long");
    if (r->nodes == NULL)
        r->nodes = mem_calloc(REGEX_MAX_NODES, sizeof(*r->nodes));
    r->nodes[r->n_nodes] = node;
    return (int)r->n_nodes++;
}

static int add_pair(struct parser *s, enum regex_kind kind, int left, int right)
{
    if (left < 0 || right < 0)
        return -1;
    return add_node(
        s, (struct regex_node){.kind = kind, .left = left, .right = right});
}

static void add_range(struct parser *s, uint32_t from, uint32_t to)
{
    struct regex *r = s->r;
    if (r->n_ranges == REGEX_MAX_RANGES) {
        fail(s, "the expression has too many characters");
        return;
    }
    if (r->ranges == NULL)
        r->ranges = mem_calloc(REGEX_MAX_RANGES, sizeof(*r->ranges));
    if (from <= to)
        r->ranges[r->n_ranges++] = (struct regex_range){from, to};
}

static int by_from(const void *va, const void *vb)
{
    const struct regex_range *a = va, *b = vb;
    return (a->from > b->from) - (a->from < b->from);
}

/* Turns the ranges from `first` on into all other characters of Unicode. */
static void invert(struct parser *s, size_t first)
{
    struct regex *r = s->r;
    size_t n = r->n_ranges - first;
    struct regex_range *old = mem_calloc(n + 1, sizeof(*old));
    if (n > 0)
        memcpy(old, r->ranges + first, n * sizeof(*old));
    qsort(old, n, sizeof(*old), by_from);
    r->n_ranges = first;
    uint32_t next = 0;
    for (size_t i = 0; i < n; i++) {
        if (old[i].from > next)
            add_range(s, next, old[i].from - 1);
        if (old[i].to + 1 > next)
            next = old[i].to + 1;
    }
    add_range(s, next, 0x10FFFF);
    free(old);
}

static int end_set(struct parser *s, size_t first)
{
    return add_node(s, (struct regex_node){.kind = REGEX_SET,
                                           .first = first,
                                           .n = s->r->n_ranges - first});
}

static int add_char(struct parser *s, uint32_t cp)
{
    size_t first = s->r->n_ranges;
    add_range(s, cp, cp);
    return end_set(s, first);
}

/* --- characters -------------------------------------------------------- */

static uint32_t take_char(struct parser *s)
{
    uint32_t cp;
    s->p += utf8_decode(s->p, (size_t)(s->end - s->p), &cp);
    return cp;
}

static uint32_t take_hex(struct parser *s, int n)
{
    uint32_t v = 0;
    for (int i = 0; i < n; i++) {
        char c = s->p < s->end ? *s->p : '\0';
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A') + 10
                                                : 16;
        if (digit == 16) {
            fail(s, "an escape lacks hexadecimal digits");
            return 0;
        }
        v = v << 4 | digit;
        s->p++;
    }
    return v;
}

static uint32_t take_unicode(struct parser *s)
{
    if (s->p < s->end && *s->p == '{') {
        const char *close = memchr(s->p, '}', (size_t)(s->end - s->p));
        int n = close != NULL ? (int)(close - s->p) - 1 : 0;
        s->p++;
        if (n < 1 || n > 6) {
            fail(s, "\\u{…} lacks hexadecimal digits");
            return 0;
        }
        uint32_t cp = take_hex(s, n);
        s->p++;
        return cp;
    }
    uint32_t high = take_hex(s, 4);
    if (high < 0xD800 || high > 0xDBFF || s->end - s->p < 6 ||
        s->p[0] != '\\' || s->p[1] != 'u')
        return high;
    s->p += 2;
    uint32_t low = take_hex(s, 4);
    return 0x10000 + ((high - 0xD800) << 10) + (low & 0x3FF);
}

/* \d and the like: adds the ranges; false if c is none of these. */
static bool add_class(struct parser *s, char c)
{
    size_t first = s->r->n_ranges;
    switch (c) {
    case 'd':
    case 'D': add_range(s, '0', '9'); break;
    case 'w':
    case 'W':
        add_range(s, '0', '9');
        add_range(s, 'A', 'Z');
        add_range(s, '_', '_');
        add_range(s, 'a', 'z');
        break;
    case 's':
    case 'S': /* ECMA-262, WhiteSpace and LineTerminator */
        add_range(s, 0x09, 0x0D);
        add_range(s, 0x20, 0x20);
        add_range(s, 0xA0, 0xA0);
        add_range(s, 0x1680, 0x1680);
        add_range(s, 0x2000, 0x200A);
        add_range(s, 0x2028, 0x2029);
        add_range(s, 0x202F, 0x202F);
        add_range(s, 0x205F, 0x205F);
        add_range(s, 0x3000, 0x3000);
        add_range(s, 0xFEFF, 0xFEFF);
        break;
    default: return false;
    }
    if (c == 'D' || c == 'W' || c == 'S')
        invert(s, first);
    return true;
}

/* The character that \c stands for; the backslash was taken. */
static uint32_t take_escape(struct parser *s)
{
    static const char names[] = "tnrfv", codes[] = "\t\n\r\f\v";
    if (s->p == s->end) {
        fail(s, "ends in a backslash");
        return 0;
    }
    char c = *s->p;
    const char *at = strchr(names, c);
    if (at != NULL) {
        s->p++;
        return (uint32_t)codes[at - names];
    }
    if (c == 'x' || c == 'u') {
        s->p++;
        return c == 'x' ? take_hex(s, 2) : take_unicode(s);
    }
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
        (c >= 'A' && c <= 'Z')) {
        fail(s, "an escape that is not understood (\\b, \\p, \\1, …)");
        return 0;
    }
    return take_char(s);
}

/* One end of a range within [...]; true if it was a class as \d instead. */
static bool take_member(struct parser *s, uint32_t *cp)
{
    if (*s->p != '\\') {
        *cp = take_char(s);
        return false;
    }
    s->p++;
    if (s->p < s->end && add_class(s, *s->p)) {
        s->p++;
        return true;
    }
    if (s->p < s->end && *s->p == 'b') { /* a backspace in here */
        s->p++;
        *cp = '\b';
        return false;
    }
    *cp = take_escape(s);
    return false;
}

/* [...]; the bracket was taken. */
static int take_set(struct parser *s)
{
    size_t first = s->r->n_ranges;
    bool inverted = s->p < s->end && *s->p == '^';
    s->p += inverted;
    while (s->p < s->end && *s->p != ']' && s->why == NULL) {
        uint32_t from, to;
        if (take_member(s, &from))
            continue;
        to = from;
        if (s->end - s->p > 1 && s->p[0] == '-' && s->p[1] != ']') {
            s->p++;
            if (take_member(s, &to))
                return fail(s, "a range ends in a class");
        }
        if (from > to)
            return fail(s, "a range runs backwards");
        add_range(s, from, to);
    }
    if (s->p == s->end)
        return fail(s, "a [ is not closed");
    s->p++;
    if (inverted)
        invert(s, first);
    return end_set(s, first);
}

/* --- structure --------------------------------------------------------- */

static int take_either(struct parser *s);

static int take_group(struct parser *s)
{
    if (++s->depth > MAX_DEPTH)
        return fail(s, "its groups are nested too deep");
    if (s->p < s->end && *s->p == '?') {
        if (s->end - s->p > 2 && s->p[1] == '<' && s->p[2] != '=' &&
            s->p[2] != '!') {
            const char *close = memchr(s->p, '>', (size_t)(s->end - s->p));
            s->p = close != NULL ? close + 1 : s->end;
        } else if (s->end - s->p > 1 && s->p[1] == ':') {
            s->p += 2;
        } else {
            return fail(s, "a (?…) that is not understood (look-around, "
                           "flags)");
        }
    }
    int node = take_either(s);
    if (s->p == s->end || *s->p != ')')
        return fail(s, "a ( is not closed");
    s->p++;
    s->depth--;
    return node;
}

static int take_atom(struct parser *s)
{
    size_t first = s->r->n_ranges;
    char c = *s->p;
    switch (c) {
    case '(': s->p++; return take_group(s);
    case '[': s->p++; return take_set(s);
    case '^': s->p++; return add_char(s, REGEX_BEGIN);
    case '$': s->p++; return add_char(s, REGEX_END);
    case '.':
        s->p++;
        add_range(s, '\n', '\n');
        add_range(s, '\r', '\r');
        add_range(s, 0x2028, 0x2029);
        invert(s, first);
        return end_set(s, first);
    case '*':
    case '+':
    case '?': return fail(s, "a quantifier has nothing to repeat");
    case '\\':
        s->p++;
        if (s->p < s->end && add_class(s, *s->p)) {
            s->p++;
            return end_set(s, first);
        }
        return add_char(s, take_escape(s));
    default: return add_char(s, take_char(s));
    }
}

static bool take_number(struct parser *s, uint32_t *out)
{
    const char *begin = s->p;
    *out = 0;
    for (; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++)
        if (*out <= REGEX_MAX_REPEAT)
            *out = 10 * *out + (uint32_t)(*s->p - '0');
    return s->p > begin;
}

/* {m}, {m,}, {m,n}; false if it is none: then a { is just a character. */
static bool take_counts(struct parser *s, uint32_t *min, uint32_t *max)
{
    const char *begin = s->p++;
    if (take_number(s, min)) {
        *max = *min;
        if (s->p < s->end && *s->p == ',') {
            s->p++;
            if (!take_number(s, max))
                *max = REGEX_UNBOUNDED;
        }
        if (s->p < s->end && *s->p == '}') {
            s->p++;
            return true;
        }
    }
    s->p = begin;
    return false;
}

static int take_repeated(struct parser *s)
{
    int node = take_atom(s);
    while (node >= 0 && s->p < s->end) {
        uint32_t min = *s->p == '+', max = REGEX_UNBOUNDED;
        if (*s->p == '?')
            max = 1;
        if (*s->p == '{') {
            if (!take_counts(s, &min, &max))
                break;
        } else if (*s->p == '*' || *s->p == '+' || *s->p == '?') {
            s->p++;
        } else {
            break;
        }
        if (min > REGEX_MAX_REPEAT ||
            (max != REGEX_UNBOUNDED && (max > REGEX_MAX_REPEAT || max < min)))
            return fail(s, "a repetition is too large, or runs backwards");
        if (s->p < s->end && *s->p == '?') /* lazy: the same texts */
            s->p++;
        node = add_node(
            s, (struct regex_node){
                   .kind = REGEX_REPEAT, .left = node, .min = min, .max = max});
    }
    return node;
}

static int take_sequence(struct parser *s)
{
    int node = add_node(s, (struct regex_node){.kind = REGEX_EMPTY});
    while (node >= 0 && s->p < s->end && *s->p != '|' && *s->p != ')' &&
           s->why == NULL)
        node = add_pair(s, REGEX_CAT, node, take_repeated(s));
    return s->why == NULL ? node : -1;
}

static int take_either(struct parser *s)
{
    int node = take_sequence(s);
    while (node >= 0 && s->p < s->end && *s->p == '|') {
        s->p++;
        node = add_pair(s, REGEX_EITHER, node, take_sequence(s));
    }
    return node;
}

/* Any characters, those around the text too: what may stand before and behind
 * a match. */
static int add_anything(struct parser *s)
{
    size_t first = s->r->n_ranges;
    add_range(s, 0, REGEX_LAST);
    int set = end_set(s, first);
    if (set < 0)
        return -1;
    return add_node(s, (struct regex_node){.kind = REGEX_REPEAT,
                                           .left = set,
                                           .max = REGEX_UNBOUNDED});
}

/* The begin of a text, which the expression may name itself, or not. */
static int add_begin(struct parser *s)
{
    int set = add_char(s, REGEX_BEGIN);
    if (set < 0)
        return -1;
    return add_node(
        s, (struct regex_node){.kind = REGEX_REPEAT, .left = set, .max = 1});
}

int regex_parse(struct regex *r, const char *text, size_t n, bool at_begin,
                const char **why)
{
    struct parser s = {.r = r, .p = text, .end = text + n};
    *r = (struct regex){0};
    int node = at_begin ? add_begin(&s) : add_anything(&s);
    node = add_pair(&s, REGEX_CAT, node, take_either(&s));
    if (s.p < s.end)
        node = fail(&s, "a ) too many");
    node = add_pair(&s, REGEX_CAT, node, add_anything(&s));
    *why = s.why;
    return s.why == NULL ? node : -1;
}

/* Finds a character outside of groups, sets and escapes, or NULL. */
static const char *find_outside(const char *p, char wanted)
{
    int depth = 0;
    bool in_set = false;
    for (; *p != '\0'; p++) {
        if (*p == wanted && depth == 0 && !in_set)
            return p;
        if (*p == '\\' && p[1] != '\0')
            p++;
        else if (in_set)
            in_set = *p != ']';
        else if (*p == '[')
            in_set = true;
        else
            depth += (*p == '(') - (*p == ')');
    }
    return NULL;
}

const char *regex_take_ahead(const char *text, struct regex_ahead *out)
{
    if (strncmp(text, "(?=", 3) != 0 && strncmp(text, "(?!", 3) != 0)
        return NULL;
    const char *end = find_outside(text + 3, ')');
    bool repeated = end != NULL && end[1] != '\0' && strchr("*+?{", end[1]);
    /* What stands before an alternative does not hold for it. */
    if (end == NULL || repeated || find_outside(end + 1, '|') != NULL)
        return NULL;
    *out = (struct regex_ahead){text + 3, (size_t)(end - text) - 3,
                                text[2] == '!'};
    return end + 1;
}

void regex_free(struct regex *r)
{
    free(r->nodes);
    free(r->ranges);
    *r = (struct regex){0};
}
