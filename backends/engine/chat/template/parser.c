#include "backends/engine/chat/template/parser.h"

#include <string.h>

/* --- tokens and nodes ---------------------------------------------------- */

struct node *parser_node(struct parser *p, enum node_kind kind)
{
    struct node *n = cage_alloc(p->cage, 1, sizeof(*n));
    n->kind = (uint8_t)kind;
    n->line = p->cage->line = p->at->line;
    return n;
}

void parser_append(struct node_list *l, struct node *n)
{
    if (l->last == NULL)
        l->last = &l->first;
    *l->last = n;
    l->last = &n->next;
}

int parser_symbol(struct parser *p, const char *s, size_t n)
{
    struct syntax *x = p->syntax;
    cage_step(p->cage, (size_t)x->n_names);
    for (int i = 0; i < x->n_names; i++)
        if (x->names[i].n == n && memcmp(x->names[i].s, s, n) == 0)
            return i;
    if (x->n_names == x->cap_names) {
        x->cap_names = x->cap_names ? 2 * x->cap_names : 32;
        struct value *more = cage_alloc(p->cage, (size_t)x->cap_names,
                                        sizeof(*more));
        if (x->n_names > 0)
            memcpy(more, x->names, (size_t)x->n_names * sizeof(*more));
        x->names = more;
    }
    x->names[x->n_names] = (struct value){.kind = VALUE_STRING, .s = s,
                                          .n = (uint32_t)n};
    return x->n_names++;
}

bool parser_sees(const struct parser *p, int kind)
{
    return p->at->kind == kind;
}

static bool is_name(const struct token *t, const char *name)
{
    return t->kind == TOKEN_NAME && t->n == strlen(name) &&
           memcmp(t->s, name, t->n) == 0;
}

bool parser_sees_name(const struct parser *p, const char *name)
{
    return is_name(p->at, name);
}

bool parser_skip(struct parser *p, int kind)
{
    bool seen = parser_sees(p, kind);
    p->at += seen;
    return seen;
}

bool parser_skip_name(struct parser *p, const char *name)
{
    bool seen = parser_sees_name(p, name);
    p->at += seen;
    return seen;
}

/* What a token is in an error. */
static const char *describe(const struct token *t)
{
    switch (t->kind) {
    case TOKEN_END: return "the end of the template";
    case TOKEN_BLOCK_END: return "%}";
    case TOKEN_PRINT_END: return "}}";
    case TOKEN_DATA: return "text";
    default: return NULL;
    }
}

void parser_fail(struct parser *p)
{
    const char *what = describe(p->at);
    p->cage->line = p->at->line;
    cage_fail(p->cage, "%s%.*s%s is not expected here", what ? what : "\"",
              what ? 0 : p->at->n > 40 ? 40 : (int)p->at->n, p->at->s,
              what ? "" : "\"");
}

const struct token *parser_expect(struct parser *p, int kind, const char *what)
{
    if (!parser_sees(p, kind)) {
        const char *found = describe(p->at);
        p->cage->line = p->at->line;
        cage_fail(p->cage, "%s is missing before %s%.*s%s", what,
                  found ? found : "\"",
                  found ? 0 : p->at->n > 40 ? 40 : (int)p->at->n, p->at->s,
                  found ? "" : "\"");
    }
    return p->at++;
}

struct value parser_text(const struct token *t)
{
    return (struct value){.kind = VALUE_STRING, .s = t->s,
                          .n = (uint32_t)t->n};
}

/* --- what expressions begin with ----------------------------------------- */

static struct node *parse_list(struct parser *p)
{
    struct node *n = parser_node(p, NODE_LIST);
    struct node_list items = {0};
    parser_expect(p, '[', "[");
    while (!parser_sees(p, ']')) {
        parser_append(&items, parser_expression(p));
        if (!parser_skip(p, ','))
            break;
    }
    parser_expect(p, ']', "]");
    n->a = items.first;
    return n;
}

static struct node *parse_dict(struct parser *p)
{
    struct node *n = parser_node(p, NODE_DICT);
    struct node_list items = {0};
    parser_expect(p, '{', "{");
    while (!parser_sees(p, '}')) {
        parser_append(&items, parser_expression(p));
        parser_expect(p, ':', ":");
        parser_append(&items, parser_expression(p));
        if (!parser_skip(p, ','))
            break;
    }
    parser_expect(p, '}', "}");
    n->a = items.first;
    return n;
}

static struct node *parse_name(struct parser *p)
{
    static const struct {
        const char *name;
        struct value value;
    } words[] = {
        {"true", {.kind = VALUE_BOOL, .b = true}},
        {"True", {.kind = VALUE_BOOL, .b = true}},
        {"false", {.kind = VALUE_BOOL}}, {"False", {.kind = VALUE_BOOL}},
        {"none", {.kind = VALUE_NONE}},  {"None", {.kind = VALUE_NONE}},
    };
    struct node *n = parser_node(p, NODE_NAME);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (parser_skip_name(p, words[i].name)) {
            n->kind = NODE_CONST;
            n->value = words[i].value;
            return n;
        }
    }
    n->value = parser_text(p->at);
    n->symbol = parser_symbol(p, p->at->s, p->at->n);
    p->seen |= n->symbol < N_KNOWN_SYMBOLS ? 1 << n->symbol : 0;
    p->at++;
    return n;
}

static struct node *parse_primary(struct parser *p)
{
    struct node *n;
    switch (p->at->kind) {
    case TOKEN_NAME: return parse_name(p);
    case TOKEN_STRING: return parser_string(p);
    case TOKEN_INT:
    case TOKEN_FLOAT: return parser_number(p);
    case '[': return parse_list(p);
    case '{': return parse_dict(p);
    case '(':
        p->at++;
        if (parser_sees(p, ')')) {
            n = parser_node(p, NODE_TUPLE);
            p->at++;
            return n;
        }
        n = parser_tuple(p, true);
        parser_expect(p, ')', ")");
        return n;
    default: parser_fail(p);
    }
}

/* --- chains -------------------------------------------------------------- */

/* ( … ) of a call. */
static struct node *parse_arguments(struct parser *p)
{
    struct node_list l = {0};
    parser_expect(p, '(', "(");
    while (!parser_sees(p, ')')) {
        struct node *n = NULL;
        if (parser_sees(p, '*') || parser_sees(p, TOKEN_POWER)) {
            n = parser_node(p, NODE_SPREAD);
            n->op = p->at++->kind;
            n->a = parser_expression(p);
        } else if (parser_sees(p, TOKEN_NAME) && p->at[1].kind == '=') {
            n = parser_node(p, NODE_KEYWORD);
            n->value = parser_text(p->at);
            p->at += 2;
            n->a = parser_expression(p);
        } else {
            n = parser_expression(p);
        }
        parser_append(&l, n);
        if (!parser_skip(p, ','))
            break;
    }
    parser_expect(p, ')', ")");
    return l.first;
}

static struct node *parse_call(struct parser *p)
{
    struct node *n = parser_node(p, NODE_CALL);
    n->a = parse_arguments(p);
    return n;
}

/* "." and "[" */
static struct node *parse_subscript(struct parser *p)
{
    struct node *n = parser_node(p, NODE_ATTRIBUTE);
    if (parser_skip(p, '.')) {
        n->value = parser_text(p->at);
        if (parser_sees(p, TOKEN_INT)) {
            n->kind = NODE_ITEM;
            n->a = parser_number(p);
            return n;
        }
        parser_expect(p, TOKEN_NAME, "a name");
        return n;
    }
    parser_expect(p, '[', "[");
    n->kind = NODE_ITEM;
    if (!parser_sees(p, ':'))
        n->a = parser_tuple(p, true);
    if (parser_skip(p, ':')) {
        n->kind = NODE_SLICE;
        if (!parser_sees(p, ':') && !parser_sees(p, ']'))
            n->b = parser_expression(p);
        if (parser_skip(p, ':') && !parser_sees(p, ']'))
            n->c = parser_expression(p);
    }
    parser_expect(p, ']', "]");
    return n;
}

static void parse_postfix(struct parser *p, struct node_list *l)
{
    for (;;) {
        if (parser_sees(p, '.') || parser_sees(p, '['))
            parser_append(l, parse_subscript(p));
        else if (parser_sees(p, '('))
            parser_append(l, parse_call(p));
        else
            return;
    }
}

/* A filter's or test's name with its arguments. */
static struct node *parse_named(struct parser *p, enum node_kind kind)
{
    struct node *n = parser_node(p, kind);
    n->value = parser_text(parser_expect(p, TOKEN_NAME, "a name"));
    return n;
}

struct node *parser_filters(struct parser *p, bool first_without_bar)
{
    struct node_list l = {0};
    while (first_without_bar || parser_skip(p, '|')) {
        first_without_bar = false;
        struct node *n = parse_named(p, NODE_FILTER);
        if (parser_sees(p, '('))
            n->a = parse_arguments(p);
        parser_append(&l, n);
    }
    return l.first;
}

static struct node *as_chain(struct parser *p, struct node *first,
                             struct node_list *rest)
{
    if (rest->first == NULL)
        return first;
    struct node *n = parser_node(p, NODE_CHAIN);
    n->line = first->line;
    n->a = first;
    n->b = rest->first;
    return n;
}

static struct node *parse_test(struct parser *p)
{
    bool negated = parser_skip_name(p, "not");
    struct node *n = parse_named(p, NODE_TEST);
    n->op = negated;
    if (parser_sees(p, '(')) {
        n->a = parse_arguments(p);
        return n;
    }
    int kind = p->at->kind;
    if (!(kind == TOKEN_NAME || kind == TOKEN_STRING || kind == TOKEN_INT ||
          kind == TOKEN_FLOAT || kind == '[' || kind == '{') ||
        parser_sees_name(p, "else") || parser_sees_name(p, "or") ||
        parser_sees_name(p, "and"))
        return n;
    if (parser_sees_name(p, "is"))
        parser_fail(p);
    struct node_list rest = {0};
    struct node *first = parse_primary(p);
    parse_postfix(p, &rest);
    n->a = as_chain(p, first, &rest);
    return n;
}

static struct node *parse_unary(struct parser *p, bool with_filters)
{
    struct node *first;
    cage_enter(p->cage);
    if (parser_sees(p, '-') || parser_sees(p, '+')) {
        first = parser_node(p, parser_sees(p, '-') ? NODE_NEGATIVE
                                                   : NODE_POSITIVE);
        p->at++;
        first->a = parse_unary(p, false);
    } else {
        first = parse_primary(p);
    }
    cage_leave(p->cage);
    struct node_list rest = {0};
    parse_postfix(p, &rest);
    while (with_filters) {
        if (parser_sees(p, '|')) {
            parser_skip(p, '|');
            struct node *n = parse_named(p, NODE_FILTER);
            if (parser_sees(p, '('))
                n->a = parse_arguments(p);
            parser_append(&rest, n);
        } else if (parser_skip_name(p, "is")) {
            parser_append(&rest, parse_test(p));
        } else if (parser_sees(p, '(')) {
            parser_append(&rest, parse_call(p));
        } else {
            break;
        }
    }
    return as_chain(p, first, &rest);
}

/* --- operators, from the tightest to the loosest ------------------------- */

/* Operands with operators between that `operator` knows: a list, or what
 * `next` gives if there is only one. */
static struct node *parse_operands(struct parser *p, enum node_kind kind,
                                   struct node *(*next)(struct parser *p),
                                   int (*operator)(struct parser *p))
{
    struct node *first = next(p), *n = NULL;
    struct node_list rest = {0};
    for (int op; (op = operator(p)) != 0;) {
        struct node *operand = parser_node(p, NODE_OPERAND);
        operand->op = op;
        operand->a = next(p);
        parser_append(&rest, operand);
    }
    if (rest.first == NULL)
        return first;
    n = parser_node(p, kind);
    n->line = first->line;
    n->a = first;
    n->b = rest.first;
    return n;
}

static int skip_any(struct parser *p, const int *kinds)
{
    for (; *kinds != 0; kinds++)
        if (parser_skip(p, *kinds))
            return *kinds;
    return 0;
}

static int power(struct parser *p)
{
    return parser_skip(p, TOKEN_POWER) ? TOKEN_POWER : 0;
}

static int product(struct parser *p)
{
    return skip_any(p, (const int[]){'*', '/', TOKEN_FLOOR, '%', 0});
}

static int sum(struct parser *p)
{
    return skip_any(p, (const int[]){'+', '-', 0});
}

static int comparison(struct parser *p)
{
    if (parser_skip_name(p, "in"))
        return OP_IN;
    if (parser_sees_name(p, "not") && is_name(p->at + 1, "in")) {
        p->at += 2;
        return OP_NOT_IN;
    }
    return skip_any(p, (const int[]){TOKEN_EQUAL, TOKEN_UNEQUAL, '<', '>',
                                     TOKEN_LESS_EQUAL, TOKEN_MORE_EQUAL, 0});
}

static struct node *parse_with_filters(struct parser *p)
{
    return parse_unary(p, true);
}

static struct node *parse_power(struct parser *p)
{
    return parse_operands(p, NODE_MATH, parse_with_filters, power);
}

static struct node *parse_product(struct parser *p)
{
    return parse_operands(p, NODE_MATH, parse_power, product);
}

/* Operands between which a word or a "~" stands. */
static struct node *parse_joined(struct parser *p, enum node_kind kind,
                                 struct node *(*next)(struct parser *p),
                                 const char *word)
{
    struct node *first = next(p);
    struct node_list l = {0};
    parser_append(&l, first);
    while (word != NULL ? parser_skip_name(p, word) : parser_skip(p, '~'))
        parser_append(&l, next(p));
    if (first->next == NULL)
        return first;
    struct node *n = parser_node(p, kind);
    n->line = first->line;
    n->a = first;
    return n;
}

static struct node *parse_concat(struct parser *p)
{
    return parse_joined(p, NODE_CONCAT, parse_product, NULL);
}

static struct node *parse_sum(struct parser *p)
{
    return parse_operands(p, NODE_MATH, parse_concat, sum);
}

static struct node *parse_not(struct parser *p)
{
    if (!parser_sees_name(p, "not"))
        return parse_operands(p, NODE_COMPARE, parse_sum, comparison);
    struct node *n = parser_node(p, NODE_NOT);
    p->at++;
    cage_enter(p->cage);
    n->a = parse_not(p);
    cage_leave(p->cage);
    return n;
}

static struct node *parse_and(struct parser *p)
{
    return parse_joined(p, NODE_AND, parse_not, "and");
}

struct node *parser_or(struct parser *p)
{
    return parse_joined(p, NODE_OR, parse_and, "or");
}

struct node *parser_expression(struct parser *p)
{
    cage_enter(p->cage);
    struct node *n = parser_or(p);
    while (parser_skip_name(p, "if")) {
        struct node *choice = parser_node(p, NODE_CHOICE);
        choice->b = n;
        choice->a = parser_or(p);
        if (parser_skip_name(p, "else"))
            choice->c = parser_expression(p);
        n = choice;
    }
    cage_leave(p->cage);
    return n;
}

struct node *parser_tuple(struct parser *p, bool choice)
{
    struct node *tuple = NULL;
    struct node *first = choice ? parser_expression(p) : parser_or(p);
    if (!parser_sees(p, ','))
        return first;
    struct node_list l = {0};
    tuple = parser_node(p, NODE_TUPLE);
    parser_append(&l, first);
    while (parser_skip(p, ',')) {
        int kind = p->at->kind;
        if (kind == TOKEN_BLOCK_END || kind == TOKEN_PRINT_END ||
            kind == ')' || kind == ']' || kind == ':')
            break;
        parser_append(&l, choice ? parser_expression(p) : parser_or(p));
    }
    tuple->a = l.first;
    return tuple;
}
