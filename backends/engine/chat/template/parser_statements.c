/* The statements of the language, for syntax_parse. */
#include "backends/engine/chat/template/parser.h"

#include <string.h>

static struct node *parse_body(struct parser *p, const char *const *ends);

/* Statements up to {% NAME %}, which is skipped but for its end. */
static struct node *parse_until(struct parser *p, const char *name)
{
    struct node *body = parse_body(p, (const char *const[]){name, NULL});
    p->at++;
    return body;
}

static void end_tag(struct parser *p)
{
    parser_expect(p, TOKEN_BLOCK_END, "%}");
}

/* --- targets ------------------------------------------------------------- */

static struct node *parse_target(struct parser *p, bool members);

static struct node *parse_one_target(struct parser *p, bool members)
{
    if (parser_skip(p, '(')) {
        cage_enter(p->cage);
        struct node *n = parse_target(p, members);
        cage_leave(p->cage);
        parser_expect(p, ')', ")");
        return n;
    }
    struct node *n = parser_node(p, NODE_NAME);
    n->value = parser_text(p->at);
    static const char *const words[] = {"true", "false", "none",
                                        "True", "False", "None"};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (parser_sees_name(p, words[i]))
            parser_fail(p);
    const struct token *name = parser_expect(p, TOKEN_NAME, "a name");
    n->symbol = parser_symbol(p, name->s, name->n);
    if (members && parser_skip(p, '.')) {
        n->kind = NODE_MEMBER;
        n->value = parser_text(parser_expect(p, TOKEN_NAME, "a name"));
    }
    return n;
}

/* A name, NAME.MEMBER (if members), or several with commas. */
static struct node *parse_target(struct parser *p, bool members)
{
    struct node *first = parse_one_target(p, members);
    if (!parser_sees(p, ','))
        return first;
    struct node *tuple = parser_node(p, NODE_TUPLE);
    struct node_list l = {0};
    parser_append(&l, first);
    while (parser_skip(p, ',')) {
        if (!parser_sees(p, TOKEN_NAME) && !parser_sees(p, '('))
            break;
        if (parser_sees_name(p, "in"))
            break;
        parser_append(&l, parse_one_target(p, members));
    }
    tuple->a = l.first;
    return tuple;
}

static struct node *parse_parameters(struct parser *p)
{
    struct node_list l = {0};
    parser_expect(p, '(', "(");
    while (!parser_sees(p, ')')) {
        struct node *n = parser_node(p, NODE_PARAMETER);
        n->value = parser_text(parser_expect(p, TOKEN_NAME, "a name"));
        n->symbol = parser_symbol(p, n->value.s, n->value.n);
        if (parser_skip(p, '='))
            n->a = parser_expression(p);
        parser_append(&l, n);
        if (!parser_skip(p, ','))
            break;
    }
    parser_expect(p, ')', ")");
    return l.first;
}

/* --- one function a tag: after its name, up to its end ------------------- */

static void parse_if(struct parser *p, struct node *n)
{
    static const char *const ends[] = {"elif", "else", "endif", NULL};
    for (;;) {
        n->kind = NODE_IF;
        n->a = parser_tuple(p, false);
        end_tag(p);
        n->body = parse_body(p, ends);
        if (!parser_skip_name(p, "elif"))
            break;
        n->op = 1; /* c is the next condition */
        n->c = parser_node(p, NODE_IF);
        n = n->c;
    }
    if (parser_skip_name(p, "else")) {
        end_tag(p);
        n->c = parse_until(p, "endif");
        return;
    }
    p->at++;
}

static void parse_for(struct parser *p, struct node *n)
{
    n->a = parse_target(p, false);
    if (!parser_skip_name(p, "in"))
        parser_fail(p);
    n->b = parser_tuple(p, false);
    if (parser_skip_name(p, "if"))
        n->c = parser_expression(p);
    n->op = parser_skip_name(p, "recursive");
    end_tag(p);
    p->n_loops++;
    n->body = parse_body(p, (const char *const[]){"else", "endfor", NULL});
    p->n_loops--;
    if (parser_skip_name(p, "else")) {
        end_tag(p);
        n->other = parse_until(p, "endfor");
        return;
    }
    p->at++;
}

static void parse_set(struct parser *p, struct node *n)
{
    n->a = parse_target(p, true);
    if (parser_skip(p, '=')) {
        n->b = parser_tuple(p, true);
        return;
    }
    n->kind = NODE_SET_BLOCK;
    n->b = parser_filters(p, false);
    end_tag(p);
    n->body = parse_until(p, "endset");
}

static void parse_macro(struct parser *p, struct node *n)
{
    int n_loops = p->n_loops;
    n->value = parser_text(parser_expect(p, TOKEN_NAME, "a name"));
    n->symbol = parser_symbol(p, n->value.s, n->value.n);
    n->a = parse_parameters(p);
    end_tag(p);
    int seen = p->seen;
    p->n_loops = p->seen = 0;
    n->body = parse_until(p, "endmacro");
    n->op = p->seen;
    p->n_loops = n_loops;
    p->seen = seen;
}

static void parse_call_block(struct parser *p, struct node *n)
{
    int n_loops = p->n_loops;
    if (parser_sees(p, '('))
        n->a = parse_parameters(p);
    n->b = parser_expression(p);
    struct node *last = n->b->kind == NODE_CHAIN ? n->b->b : NULL;
    while (last != NULL && last->next != NULL)
        last = last->next;
    if (last == NULL || last->kind != NODE_CALL)
        cage_fail(p->cage, "{%% call %%} needs a call");
    end_tag(p);
    p->n_loops = 0;
    n->body = parse_until(p, "endcall");
    p->n_loops = n_loops;
}

static void parse_filter_block(struct parser *p, struct node *n)
{
    n->b = parser_filters(p, true);
    end_tag(p);
    n->body = parse_until(p, "endfilter");
}

static void parse_with(struct parser *p, struct node *n)
{
    struct node_list l = {0};
    while (!parser_sees(p, TOKEN_BLOCK_END)) {
        parser_append(&l, parse_one_target(p, false));
        parser_expect(p, '=', "=");
        parser_append(&l, parser_expression(p));
        if (!parser_skip(p, ','))
            break;
    }
    n->a = l.first;
    end_tag(p);
    n->body = parse_until(p, "endwith");
}

/* Marks what a model was trained to write; says nothing to us. */
static void parse_generation(struct parser *p, struct node *n)
{
    int n_loops = p->n_loops;
    end_tag(p);
    p->n_loops = 0; /* its body is a function of its own */
    n->body = parse_until(p, "endgeneration");
    p->n_loops = n_loops;
}

static void parse_jump(struct parser *p, struct node *n)
{
    if (p->n_loops == 0)
        cage_fail(p->cage, "{%% %s %%} stands outside of a loop",
                  n->kind == NODE_BREAK ? "break" : "continue");
}

static void parse_print(struct parser *p, struct node *n)
{
    struct node_list l = {0};
    do
        parser_append(&l, parser_expression(p));
    while (parser_skip(p, ','));
    n->a = l.first;
}

static const struct tag {
    const char *name;
    enum node_kind kind;
    void (*parse)(struct parser *p, struct node *n);
} tags[] = {
    {"if", NODE_IF, parse_if},
    {"for", NODE_FOR, parse_for},
    {"set", NODE_SET, parse_set},
    {"macro", NODE_MACRO, parse_macro},
    {"call", NODE_CALL_BLOCK, parse_call_block},
    {"filter", NODE_FILTER_BLOCK, parse_filter_block},
    {"with", NODE_WITH, parse_with},
    {"generation", NODE_SCOPE, parse_generation},
    {"break", NODE_BREAK, parse_jump},
    {"continue", NODE_CONTINUE, parse_jump},
    {"print", NODE_PRINT, parse_print},
};

static struct node *parse_statement(struct parser *p)
{
    for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
        if (!parser_sees_name(p, tags[i].name))
            continue;
        struct node *n = parser_node(p, tags[i].kind);
        p->cage->line = p->at->line;
        p->at++;
        cage_enter(p->cage);
        tags[i].parse(p, n);
        cage_leave(p->cage);
        end_tag(p);
        return n;
    }
    p->cage->line = p->at->line;
    if (!parser_sees(p, TOKEN_NAME))
        parser_fail(p);
    if (p->at->n > 3 && memcmp(p->at->s, "end", 3) == 0)
        parser_fail(p);
    cage_fail(p->cage, "the statement {%% %.*s %%} is not supported",
              p->at->n > 40 ? 40 : (int)p->at->n, p->at->s);
}

static bool is_end(const struct parser *p, const char *const *ends)
{
    for (; ends != NULL && *ends != NULL; ends++)
        if (parser_sees_name(p, *ends))
            return true;
    return false;
}

/* Up to one of the tags `ends` (NULL: the end of the template), whose name is
 * then next; the last of them always closes the block. */
static struct node *parse_body(struct parser *p, const char *const *ends)
{
    struct node_list l = {0};
    int line = p->at->line;
    while (!parser_sees(p, TOKEN_END)) {
        struct node *n;
        if (parser_sees(p, TOKEN_DATA)) {
            n = parser_node(p, NODE_DATA);
            n->value = parser_text(p->at++);
        } else if (parser_skip(p, TOKEN_PRINT)) {
            n = parser_node(p, NODE_PRINT);
            n->a = parser_tuple(p, true);
            parser_expect(p, TOKEN_PRINT_END, "}}");
        } else {
            parser_expect(p, TOKEN_BLOCK, "{%");
            if (is_end(p, ends))
                return l.first;
            n = parse_statement(p);
        }
        parser_append(&l, n);
    }
    if (ends != NULL) {
        while (ends[1] != NULL)
            ends++;
        p->cage->line = line;
        cage_fail(p->cage, "a block is not closed: {%% %s %%} is missing",
                  ends[0]);
    }
    return l.first;
}

void syntax_parse(struct syntax *s, struct cage *c, const char *text, size_t n)
{
    *s = (struct syntax){0};
    static const char *const known[] = {"loop", "caller", "varargs", "kwargs"};
    struct parser p = {.cage = c, .syntax = s};
    for (size_t i = 0; i < N_KNOWN_SYMBOLS; i++)
        parser_symbol(&p, known[i], strlen(known[i]));
    p.at = lexer_run(c, text, n);
    s->body = parse_body(&p, NULL);
}
