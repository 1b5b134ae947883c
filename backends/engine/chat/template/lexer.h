/* lexer: the text of a template as a list of tokens.
 *
 * The language and its rules for white space are Jinja's (jinja2, lexer.py)
 * with trim_blocks and lstrip_blocks set, as chat templates expect it: a
 * newline after a block's end goes, and so do blanks before a block that stands
 * alone on its line. */
#ifndef TEMPLATE_LEXER_H
#define TEMPLATE_LEXER_H

#include <stddef.h>

#include "backends/engine/chat/template/cage.h"

/* Operators of one character are tokens of that character's number. */
enum token_kind {
    TOKEN_END = 256,
    TOKEN_DATA,      /* text between the tags */
    TOKEN_BLOCK,     /* {% */
    TOKEN_BLOCK_END,
    TOKEN_PRINT,     /* {{ */
    TOKEN_PRINT_END,
    TOKEN_NAME,
    TOKEN_STRING,    /* with its quotes */
    TOKEN_INT,
    TOKEN_FLOAT,
    TOKEN_EQUAL,
    TOKEN_UNEQUAL,
    TOKEN_LESS_EQUAL,
    TOKEN_MORE_EQUAL,
    TOKEN_FLOOR,     /* // */
    TOKEN_POWER,     /* ** */
};

struct token {
    int kind, line;
    const char *s; /* in the text, [n] */
    size_t n;
};

/* Cuts text[0..n), whose newlines are "\n", into tokens; the last one is
 * TOKEN_END.  They lie in the cage and point into the text. */
struct token *lexer_run(struct cage *c, const char *text, size_t n);

#endif
