/* run: a template while it runs, and what the parts of the interpreter call of
 * each other.
 *
 * expressions.c and statements.c go through the tree; call.c hands arguments to
 * functions; filters.c, tests.c, methods.c and globals.c hold the functions,
 * each a table of its own. */
#ifndef TEMPLATE_RUN_H
#define TEMPLATE_RUN_H

#include <time.h>

#include "backends/engine/chat/template/syntax.h"
#include "backends/engine/chat/template/value.h"

/* Variables of a loop's turn, a macro, a block; root: of the template. */
struct scope {
    struct scope *parent; /* NULL: root */
    struct variable {
        int symbol;
        struct value value;
        struct variable *next;
    } *first, *spare; /* spare: of a loop's last turn, to be used again */
    bool held;        /* a macro may read it later */
};

struct run {
    struct cage *cage;
    const struct syntax *syntax;
    struct value *root;  /* [n_names]; VALUE_GIVEN_NOT: not set */
    struct scope scope;  /* the root's: it has no variables of its own */
    struct text *out;    /* where output goes */
    struct text joined;  /* what + and ~ made last, to go on there */
    const struct tm *clock;
};

/* A variable, or an undefined value. */
struct value run_lookup(struct run *r, const struct scope *s, int symbol);
void run_assign(struct run *r, struct scope *s, int symbol, struct value v);

struct value run_expression(struct run *r, struct scope *s,
                            const struct node *n);
/* A NODE_CHAIN up to the link `stop`; NULL: all of it. */
struct value run_chain(struct run *r, struct scope *s, const struct node *n,
                       const struct node *stop);
enum flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE };
/* Statements; says whether one of them left the loop around them. */
enum flow run_body(struct run *r, struct scope *s, const struct node *body);
/* The same, with what they write as a string; flow may be NULL. */
struct value run_capture(struct run *r, struct scope *s,
                         const struct node *body, enum flow *flow);

/* a.name and a[key], as a template's. */
struct value run_attribute(struct run *r, struct value v, struct value name);
struct value run_item(struct run *r, struct value v, struct value key);

/* a + b of strings. */
struct value run_join(struct run *r, struct value a, struct value b);
/* a op b, op as in NODE_OPERAND. */
struct value run_math(struct run *r, int op, struct value a, struct value b);

/* left % right of a string. */
struct value run_format(struct run *r, struct value left, struct value right);

/* --- calls --------------------------------------------------------------- */

struct args {
    struct value *plain; /* [n] */
    size_t n;
    struct value_entry *named; /* [n_named] */
    size_t n_named;
};

/* Arguments of C functions: at most so many, in the order of `params`; what
 * was left out is VALUE_GIVEN_NOT. */
#define NATIVE_MAX_ARGS 6

struct native {
    const char *name;
    const char *params; /* names with blanks between; "x?" may be left out,
                           "*" takes further ones as a list, "**" further
                           ones with a name as a dict */
    struct value (*run)(struct run *r, const struct value *args);
};

struct callable {
    const struct native *native; /* or a macro: */
    struct value self;           /* of a method; VALUE_GIVEN_NOT: a function */
    const struct node *macro;    /* its NODE_MACRO or NODE_CALL_BLOCK */
    struct scope *scope;         /* in which it was made */
};

struct value call_value(struct run *r, struct value function,
                        const struct args *args);
/* input: what a filter filters; NULL: none. */
struct value call_native(struct run *r, const struct native *f,
                         const struct value *input, const struct args *args);
struct value call_new(struct run *r, const struct native *f,
                      struct value self);
/* Evaluates a list of arguments. */
struct args call_arguments(struct run *r, struct scope *s,
                           const struct node *list);

/* The function of that name in a table, or NULL. */
const struct native *native_find(const struct native *table, size_t n,
                                 struct value name);
const struct native *filter_find_text(struct value name);
const struct native *filter_find_list(struct value name);
const struct native *test_find(struct value name);

/* By name; a name that is none ends the run. */
struct value filter_apply(struct run *r, struct value name,
                          struct value input, const struct args *args);
bool test_apply(struct run *r, struct value name, struct value input,
                const struct args *args);

/* A method or other attribute of Python's types; false: it has none of that
 * name. */
bool method_find(struct run *r, struct value v, struct value name,
                 struct value *out);
/* One of a str, or NULL; its function is NULL if Python has it and we not. */
const struct native *method_of_str(struct value name);

/* The function that templates find under a name; false: none. */
bool global_find(struct run *r, struct value name, struct value *out);

/* Attributes of "loop", and loop(…). */
bool loop_attribute(struct run *r, struct loop *l, struct value name,
                    struct value *out);
struct value loop_call(struct run *r, struct loop *l, const struct args *args);

/* A macro, or the body of a call block. */
struct value macro_call(struct run *r, const struct callable *f,
                        const struct args *args);

/* --- for functions ------------------------------------------------------- */

bool args_given(struct value v);
/* A whole number; fallback: if it was left out or is none. */
int64_t args_int(struct run *r, struct value v, int64_t fallback);
/* A string; others end the run with "NAME needs a str". */
struct value args_string(struct run *r, struct value v);
bool args_bool(struct value v, bool fallback);

/* A list in the making. */
struct items {
    struct value *at;
    size_t n, cap;
};
void items_add(struct run *r, struct items *l, struct value v);
struct value items_take(struct run *r, struct items *l, enum value_form form);

/* x with its "&<>'\"" escaped as HTML, unless it is marked safe. */
struct value run_escape(struct run *r, struct value x);

/* What `attribute=` of a filter means: names and numbers with dots between. */
struct value run_path(struct run *r, struct value v, struct value path);

/* Case of a whole string. */
enum { CASE_UPPER, CASE_LOWER, CASE_TITLE, CASE_CAPITAL, CASE_SWAP };
struct value run_case(struct run *r, struct value s, int to);
/* Without blanks (chars: not given or none) or characters at its ends. */
struct value run_strip(struct run *r, struct value s, struct value chars,
                       bool left, bool right);
struct value run_replace(struct run *r, struct value s, struct value old,
                         struct value with, int64_t max);
struct value run_lines(struct run *r, struct value s, bool keep_ends);

/* tojson(v, ensure_ascii, indent, separators, sort_keys) as json.dumps. */
struct value run_json(struct run *r, const struct value *args);
/* The clock's time as strftime writes it in English. */
struct value run_date(struct run *r, struct value form);
/* Sorts keys with their values; stable. */
void run_sort(struct run *r, struct value_entry *e, size_t n, bool reverse);

#endif
