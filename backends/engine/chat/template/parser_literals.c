/* Strings and numbers that stand in a template. */
#include "backends/engine/chat/template/parser.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Reads up to max digits of a base; returns how many there were. */
static int read_digits(const char *s, const char *end, int base, int max,
                       uint32_t *out)
{
    static const char all[] = "0123456789abcdef";
    int n = 0;
    *out = 0;
    for (; n < max && s + n < end; n++) {
        char c = s[n] >= 'A' && s[n] <= 'F' ? (char)(s[n] + 32) : s[n];
        const char *digit = memchr(all, c, (size_t)base);
        if (digit == NULL)
            break;
        *out = *out * (uint32_t)base + (uint32_t)(digit - all);
    }
    return n;
}

/* What follows a backslash at s: appends it and returns where it ends. */
static const char *add_escape(struct parser *p, struct text *t, const char *s,
                              const char *end)
{
    static const char plain[] = "\\'\"abfnrtv", means[] = "\\'\"\a\b\f\n\r\t\v";
    const char *found = memchr(plain, *s, sizeof(plain) - 1);
    if (found != NULL) {
        text_add(t, &means[found - plain], 1, false);
        return s + 1;
    }
    int want = *s == 'x' ? 2 : *s == 'u' ? 4 : *s == 'U' ? 8 : 0, n;
    uint32_t cp;
    char code[UTF8_MAX_BYTES];
    if (*s == '\n') /* the line goes on */
        return s + 1;
    if (*s == 'N')
        cage_fail(p->cage, "characters by name (\\N) are not supported");
    if (want > 0) {
        n = read_digits(++s, end, 16, want, &cp);
        if (n < want || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
            cage_fail(p->cage, "a string has a broken escape \\%c", s[-1]);
    } else if ((n = read_digits(s, end, 8, 3, &cp)) == 0) {
        text_add(t, "\\", 1, false); /* it is none */
        return s;
    }
    text_add(t, code, utf8_encode(cp, code), false);
    return s + n;
}

static void add_literal(struct parser *p, struct text *t,
                        const struct token *k)
{
    const char *s = k->s + 1, *end = k->s + k->n - 1;
    while (s < end) {
        const char *stop = memchr(s, '\\', (size_t)(end - s));
        text_add(t, s, (size_t)((stop ? stop : end) - s), false);
        s = stop == NULL ? end : add_escape(p, t, stop + 1, end);
    }
}

struct node *parser_string(struct parser *p)
{
    struct node *n = parser_node(p, NODE_CONST);
    if (memchr(p->at->s, '\\', p->at->n) == NULL &&
        p->at[1].kind != TOKEN_STRING) {
        n->value = parser_text(p->at++);
        n->value = value_part(n->value, 1, n->value.n - 2);
        return n;
    }
    struct text t;
    text_init(&t, p->cage);
    for (; parser_sees(p, TOKEN_STRING); p->at++)
        add_literal(p, &t, p->at);
    n->value = text_take(&t);
    return n;
}

struct node *parser_number(struct parser *p)
{
    struct node *node = parser_node(p, NODE_CONST);
    const struct token *t = p->at++;
    char digits[64], *end;
    size_t n = 0;
    for (size_t i = 0; i < t->n && n < sizeof(digits); i++)
        if (t->s[i] != '_')
            digits[n++] = t->s[i];
    if (n == sizeof(digits))
        cage_fail(p->cage, "a number is too long");
    digits[n] = '\0';
    if (t->kind == TOKEN_FLOAT) {
        node->value = value_float(strtod(digits, &end));
        return node;
    }
    char sign = n > 1 && digits[0] == '0' ? (char)(digits[1] | 32) : '0';
    int base = sign == 'x' ? 16 : sign == 'o' ? 8 : sign == 'b' ? 2 : 10;
    const char *from = base == 10 ? digits : digits + 2;
    errno = 0;
    node->value = value_int(strtoll(from, &end, base));
    /* Python knows no 010. */
    bool octal = base == 10 && digits[0] == '0' && strspn(digits, "0") < n;
    if (errno != 0 || *end != '\0' || *from == '\0' || octal)
        cage_fail(p->cage, "%s is no number that is supported", digits);
    return node;
}
