/* syntax: a template as a tree, and the parser that makes it.
 *
 * The grammar is Jinja's (jinja2, parser.py).  Chains (a + b - c, x.y[z]|f) are
 * lists rather than trees, so that long ones need no depth.  A tree is
 * immutable once it is made; any thread may read it. */
#ifndef TEMPLATE_SYNTAX_H
#define TEMPLATE_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/chat/template/cage.h"
#include "backends/engine/chat/template/value.h"

enum node_kind {
    /* expressions */
    NODE_CONST,    /* value */
    NODE_NAME,     /* symbol; value: the name as a string */
    NODE_LIST,     /* a: items */
    NODE_TUPLE,    /* a: items */
    NODE_DICT,     /* a: key, value, key, value, … */
    NODE_CHAIN,    /* a: what it begins with; b: NODE_ATTRIBUTE … NODE_TEST */
    NODE_MATH,     /* a: first operand; b: NODE_OPERAND each */
    NODE_COMPARE,  /* the same */
    NODE_CONCAT,   /* a: operands of ~ */
    NODE_AND,      /* a: operands */
    NODE_OR,       /* a: operands */
    NODE_NOT,      /* a */
    NODE_NEGATIVE, /* a */
    NODE_POSITIVE, /* a */
    NODE_CHOICE,   /* b if a else c; c may be NULL */
    /* parts of expressions */
    NODE_OPERAND,   /* op: a token's kind or OP_…; a */
    NODE_ATTRIBUTE, /* value: the name */
    NODE_ITEM,      /* a: the index */
    NODE_SLICE,     /* a, b, c: from, to, step; each may be NULL */
    NODE_CALL,      /* a: arguments */
    NODE_FILTER,    /* value: the name; a: arguments */
    NODE_TEST,      /* the same; op: 1 if it is negated */
    NODE_KEYWORD,   /* argument with a name: value: the name; a */
    NODE_SPREAD,    /* op: '*' or TOKEN_POWER; a */
    /* statements */
    NODE_DATA,      /* value */
    NODE_PRINT,     /* a: what is written, one after the other */
    NODE_IF,        /* a: condition; body; c: else, or, if op, the NODE_IF of
                       an elif */
    NODE_FOR,       /* a: target; b: what it goes over; c: condition; body;
                       other: else; op: recursive */
    NODE_SET,       /* a: target; b */
    NODE_SET_BLOCK, /* a: target; b: NODE_FILTER list; body */
    NODE_MACRO,     /* symbol; value: name; a: parameters; body; op: bits of
                       the known symbols that stand in it */
    NODE_CALL_BLOCK, /* a: parameters; b: NODE_CHAIN that ends in NODE_CALL;
                        body */
    NODE_FILTER_BLOCK, /* b: NODE_FILTER list; body */
    NODE_WITH,      /* a: target, value, target, value, …; body */
    NODE_SCOPE,     /* body, with variables of its own */
    NODE_BREAK,
    NODE_CONTINUE,
    /* parts of statements */
    NODE_MEMBER,    /* target NAME.value of a namespace: symbol */
    NODE_PARAMETER, /* symbol; value: name; a: default, or NULL */
};

enum { OP_IN = 1000, OP_NOT_IN };

/* Names that mean something by themselves. */
enum {
    SYMBOL_LOOP,
    SYMBOL_CALLER,
    SYMBOL_VARARGS,
    SYMBOL_KWARGS,
    N_KNOWN_SYMBOLS
};

struct node {
    uint8_t kind;
    int op, line;
    int symbol; /* number of a variable's name */
    struct node *next; /* in a list */
    struct node *a, *b, *c, *body, *other;
    struct value value;
};

struct syntax {
    struct node *body;
    struct value *names; /* [n_names]: of variables, by symbol */
    int n_names, cap_names;
};

/* Parses text[0..n).  The tree lies in the cage and points into the text. */
void syntax_parse(struct syntax *s, struct cage *c, const char *text,
                  size_t n);

#endif
