/* code: program text as tokens of a few classes, for light highlighting.
 *
 * A lexer, no parser: it knows of a language its comments, strings and
 * keywords.  It works line by line; what a line leaves open (a block comment, a
 * string of many lines) is in struct code_state.  Pure; any thread. */
#ifndef TUI_TEXT_CODE_H
#define TUI_TEXT_CODE_H

#include <stddef.h>

enum code_class {
    CODE_PLAIN,
    CODE_COMMENT,
    CODE_STRING,
    CODE_NUMBER,
    CODE_KEYWORD,
};

/* Words are separated by a space.  NULL: there is none. */
struct code_language {
    const char *names;         /* as written behind a fence, in lower case */
    const char *line_comment;  /* what begins a comment up to the line's end */
    const char *block_comment; /* begin and end */
    const char *quotes;        /* characters around strings of one line */
    const char *long_quotes;   /* words around strings of many lines */
    const char *keywords;
    unsigned flags;
};

enum {
    CODE_ANY_CASE = 1,  /* keywords in upper or lower case */
    CODE_TAGS = 2,      /* the word behind < or </ is a keyword */
    CODE_LIFETIMES = 4, /* ' may also stand alone before a word */
};

struct code_state {
    const char *until; /* what ends the open comment or string; NULL: none is */
    size_t n_until;
    enum code_class class;
};

/* The language of a fence's first word s[0..n), or NULL if it is unknown. */
const struct code_language *code_language_find(const char *s, size_t n);

/* The length of the token at s[at], at < n, of a line s[0..n) without its
 * newline, and its class.  Moves the state.  `l` may be NULL: all is plain. */
size_t code_next(const struct code_language *l, struct code_state *state,
                 const char *s, size_t n, size_t at, enum code_class *class);

/* For the search by name; ends with a row without names. */
extern const struct code_language code_languages[];

#endif
