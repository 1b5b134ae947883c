/* parser: what the two halves of the parser share, expressions (parser.c) and
 * statements (statements.c); see syntax.h for what it is. */
#ifndef TEMPLATE_PARSER_H
#define TEMPLATE_PARSER_H

#include "backends/engine/chat/template/lexer.h"
#include "backends/engine/chat/template/syntax.h"

struct parser {
    struct cage *cage;
    const struct token *at;
    struct syntax *syntax;
    int n_loops; /* around what is read */
    int seen;    /* bit of each known symbol that was read */
};

/* A list of nodes in the making. */
struct node_list {
    struct node *first, **last;
};

struct node *parser_node(struct parser *p, enum node_kind kind);
void parser_append(struct node_list *l, struct node *n);
int parser_symbol(struct parser *p, const char *s, size_t n);

bool parser_sees(const struct parser *p, int kind);
bool parser_sees_name(const struct parser *p, const char *name);
bool parser_skip(struct parser *p, int kind);
bool parser_skip_name(struct parser *p, const char *name);
/* The token of that kind that must be next; what: for the error. */
const struct token *parser_expect(struct parser *p, int kind,
                                  const char *what);
_Noreturn void parser_fail(struct parser *p);
struct value parser_text(const struct token *t); /* a token's, as a string */

struct node *parser_string(struct parser *p); /* one or more literals */
struct node *parser_number(struct parser *p);
struct node *parser_expression(struct parser *p);
/* Without "x if y". */
struct node *parser_or(struct parser *p);
/* One or, with commas, a tuple; choice: "x if y" is allowed. */
struct node *parser_tuple(struct parser *p, bool choice);
/* Filters with bars between; the first one may stand without. */
struct node *parser_filters(struct parser *p, bool first_without_bar);

#endif
