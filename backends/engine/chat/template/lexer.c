#include "backends/engine/chat/template/lexer.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "backends/engine/chat/template/letters.h"

struct lexer {
    struct cage *cage;
    const char *p, *end;
    int line;
    bool line_starts; /* what is at p begins a line, as trimming sees it */
    struct token *tokens;
    size_t n, cap;
    char open[CAGE_MAX_DEPTH]; /* brackets that wait for their close */
    int n_open;
};

static void add(struct lexer *x, int kind, const char *s, size_t n)
{
    if (x->n == x->cap) {
        size_t cap = x->cap ? 2 * x->cap : 256;
        struct token *more = cage_alloc(x->cage, cap, sizeof(*more));
        if (x->n > 0)
            memcpy(more, x->tokens, x->n * sizeof(*more));
        x->tokens = more;
        x->cap = cap;
    }
    x->tokens[x->n++] = (struct token){kind, x->line, s, n};
}

/* Goes on to `to`, counting lines. */
static void advance(struct lexer *x, const char *to)
{
    for (; x->p < to; x->p++)
        x->line += *x->p == '\n';
    x->cage->line = x->line;
}

static bool at(const struct lexer *x, const char *p, const char *what)
{
    size_t n = strlen(what);
    return (size_t)(x->end - p) >= n && memcmp(p, what, n) == 0;
}

static const char *skip_blanks(const struct lexer *x, const char *p)
{
    while (p < x->end) {
        size_t n = letters_blank(p, (size_t)(x->end - p));
        if (n == 0)
            break;
        p += n;
    }
    return p;
}

/* Past the end of a tag at p ("%}", "#}"), with what it takes of the text that
 * follows; NULL: there is none at p. */
static const char *tag_end(const struct lexer *x, const char *p,
                           const char *mark)
{
    bool plus = *p == '+', minus = *p == '-';
    if (!at(x, p + (plus || minus), mark))
        return NULL;
    p += (plus || minus) + 2;
    if (minus)
        return skip_blanks(x, p);
    return !plus && p < x->end && *p == '\n' && mark[0] != '}' ? p + 1 : p;
}

/* --- text between tags --------------------------------------------------- */

/* Adds the text up to a tag that begins at `tag`. */
static void add_data(struct lexer *x, const char *tag)
{
    const char *from = x->p, *to = tag;
    char sign = tag + 2 < x->end ? tag[2] : '\0';
    if (sign == '-') {
        size_t n;
        while (to > from &&
               (n = letters_blank_before(from, (size_t)(to - from))) > 0)
            to -= n;
    } else if (sign != '+' && tag[1] != '{') {
        const char *start = to;
        while (start > from && start[-1] != '\n')
            start--;
        if ((start > from || x->line_starts) && skip_blanks(x, start) >= to)
            to = start;
    }
    if (to > from)
        add(x, TOKEN_DATA, from, (size_t)(to - from));
    advance(x, tag);
}

static void skip_comment(struct lexer *x)
{
    const char *end = NULL, *p = x->p + 2;
    if (p < x->end && (*p == '-' || *p == '+')) /* "{#-#}" has one sign */
        p++;
    for (; p < x->end && end == NULL; p++)
        end = tag_end(x, p, "#}");
    if (end == NULL)
        cage_fail(x->cage, "a comment is not closed with #}");
    advance(x, end);
}

/* Past "{% NAME %}" at p; NULL: that is not there. */
static const char *bare_tag(const struct lexer *x, const char *p,
                            const char *name)
{
    if (!at(x, p, "{%"))
        return NULL;
    p += 2;
    p = skip_blanks(x, p < x->end && (*p == '-' || *p == '+') ? p + 1 : p);
    if (!at(x, p, name))
        return NULL;
    p = skip_blanks(x, p + strlen(name));
    return p < x->end ? p : NULL;
}

/* {% raw %}…{% endraw %} at p: whether it is there. */
static bool take_raw(struct lexer *x)
{
    const char *p = bare_tag(x, x->p, "raw"), *end = NULL;
    if (p == NULL || *p == '+' || (end = tag_end(x, p, "%}")) == NULL)
        return false;
    if (*p == '%')
        end = p + 2; /* a newline after it stays */
    advance(x, end);
    x->line_starts = end[-1] == '\n';
    for (p = x->p; p < x->end; p++) {
        const char *close = bare_tag(x, p, "endraw");
        if (close == NULL || (close = tag_end(x, close, "%}")) == NULL)
            continue;
        add_data(x, p);
        advance(x, close);
        return true;
    }
    cage_fail(x->cage, "{%% raw %%} is not closed");
}

/* --- inside of tags ------------------------------------------------------ */

static bool is_digit(const char *p, const char *end)
{
    return p < end && *p >= '0' && *p <= '9';
}

static bool is_word(char c)
{
    return letters_is_word((unsigned char)c);
}

static const char *digits(const struct lexer *x, const char *p)
{
    while (is_digit(p, x->end) ||
           (p < x->end && *p == '_' && is_digit(p + 1, x->end)))
        p++;
    return p;
}

static void take_number(struct lexer *x)
{
    const char *p = x->p;
    int kind = TOKEN_INT;
    if (*p == '0' && x->end - p > 2 && strchr("xXbBoO", p[1]) != NULL) {
        for (p += 2; p < x->end && is_word(*p);)
            p++;
    } else {
        bool member = x->n > 0 && x->tokens[x->n - 1].kind == '.';
        p = digits(x, p);
        if (!member && p < x->end && *p == '.' && is_digit(p + 1, x->end)) {
            kind = TOKEN_FLOAT;
            p = digits(x, p + 1);
        }
        const char *e = p;
        if (e < x->end && (*e == 'e' || *e == 'E')) {
            e++;
            e += e < x->end && (*e == '+' || *e == '-');
            if (is_digit(e, x->end)) {
                kind = TOKEN_FLOAT;
                p = digits(x, e);
            }
        }
    }
    add(x, kind, x->p, (size_t)(p - x->p));
    advance(x, p);
}

static void take_string(struct lexer *x)
{
    const char *p = x->p + 1;
    while (p < x->end && *p != *x->p)
        p += *p == '\\' ? 2 : 1;
    if (p >= x->end)
        cage_fail(x->cage, "a string is not closed");
    add(x, TOKEN_STRING, x->p, (size_t)(p + 1 - x->p));
    advance(x, p + 1);
}

static void take_operator(struct lexer *x)
{
    static const struct {
        const char *s;
        int kind;
    } twos[] = {{"==", TOKEN_EQUAL},      {"!=", TOKEN_UNEQUAL},
                {"<=", TOKEN_LESS_EQUAL}, {">=", TOKEN_MORE_EQUAL},
                {"//", TOKEN_FLOOR},      {"**", TOKEN_POWER}};
    for (size_t i = 0; i < sizeof(twos) / sizeof(*twos); i++) {
        if (at(x, x->p, twos[i].s)) {
            add(x, twos[i].kind, x->p, 2);
            advance(x, x->p + 2);
            return;
        }
    }
    char c = *x->p;
    if (c == '\0' || strchr("+-*/%~[](){}<>=.:|,;", c) == NULL)
        cage_fail(x->cage, "has an unexpected character '%.*s'",
                  (int)letters_size(x->p, (size_t)(x->end - x->p)), x->p);
    if (c == '(' || c == '[' || c == '{') {
        if (x->n_open == CAGE_MAX_DEPTH)
            cage_fail(x->cage, "is nested deeper than %d levels",
                      CAGE_MAX_DEPTH);
        x->open[x->n_open++] = c == '(' ? ')' : c == '[' ? ']' : '}';
    } else if (c == ')' || c == ']' || c == '}') {
        if (x->n_open == 0 || x->open[--x->n_open] != c)
            cage_fail(x->cage, "has an unexpected '%c'", c);
    }
    add(x, c, x->p, 1);
    advance(x, x->p + 1);
}

/* Up to and with the end of the tag that begins at p. */
static void take_tag(struct lexer *x)
{
    bool block = x->p[1] == '%';
    const char *end = NULL, *p = x->p + 2;
    int line = x->line;
    add(x, block ? TOKEN_BLOCK : TOKEN_PRINT, x->p, 2);
    advance(x, p < x->end && (*p == '-' || *p == '+') ? p + 1 : p);
    for (;;) {
        advance(x, skip_blanks(x, x->p));
        if (x->p >= x->end) {
            x->cage->line = line;
            cage_fail(x->cage, "a tag is not closed with %s",
                      block ? "%}" : "}}");
        }
        p = x->p;
        if (x->n_open == 0 && !(*p == '+' && !block) &&
            (end = tag_end(x, p, block ? "%}" : "}}")) != NULL)
            break;
        if (*p >= '0' && *p <= '9')
            take_number(x);
        else if (*p == '\'' || *p == '"')
            take_string(x);
        else if (is_word(*p)) {
            while (p < x->end && is_word(*p))
                p++;
            add(x, TOKEN_NAME, x->p, (size_t)(p - x->p));
            advance(x, p);
        } else {
            take_operator(x);
        }
    }
    add(x, block ? TOKEN_BLOCK_END : TOKEN_PRINT_END, x->p, 2);
    advance(x, end);
}

struct token *lexer_run(struct cage *c, const char *text, size_t n)
{
    struct lexer x = {.cage = c, .p = text, .end = text + n, .line = 1,
                      .line_starts = true};
    for (;;) {
        const char *tag = x.p;
        while (tag < x.end && !(*tag == '{' && tag + 1 < x.end &&
                                strchr("%{#", tag[1]) != NULL &&
                                tag[1] != '\0'))
            tag++;
        if (tag == x.end)
            break;
        add_data(&x, tag);
        if (tag[1] == '#')
            skip_comment(&x);
        else if (tag[1] != '%' || !take_raw(&x))
            take_tag(&x);
        x.line_starts = x.p[-1] == '\n';
    }
    if (x.p < x.end)
        add(&x, TOKEN_DATA, x.p, (size_t)(x.end - x.p));
    advance(&x, x.end);
    add(&x, TOKEN_END, x.end, 0);
    return x.tokens;
}
