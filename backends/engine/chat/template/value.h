/* value: what a template computes with, as Python has it, on which the
 * templates' language is defined.
 *
 * Values are copied by value; what they point to lies in a cage, is never
 * changed once it is made (a namespace is the exception) and goes with it.
 *
 * Every byte of a string is marked: it is the template's own, or it came from
 * a message ("foreign").  A string whose bytes all have the same mark carries
 * it once, others have an array behind the text.  What is made from bytes gets
 * their marks; what an operation adds of its own (the quotes of tojson) is the
 * template's.  So a part of a prompt that is not foreign stood in the template
 * to the letter, or was made of such parts. */
#ifndef TEMPLATE_VALUE_H
#define TEMPLATE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/chat/template/cage.h"

enum value_kind {
    VALUE_UNDEFINED, /* s: what it was looked up as, for errors */
    VALUE_NONE,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_STRING,
    VALUE_LIST,
    VALUE_DICT,
    VALUE_CALL, /* what can be called: call.h */
    VALUE_LOOP, /* the variable "loop" */
    VALUE_GIVEN_NOT, /* never seen by a template: an argument was left out */
};

/* Sequences and mappings of Python that differ in some way. */
enum value_form {
    FORM_PLAIN,     /* list, dict */
    FORM_TUPLE,
    FORM_RANGE,
    FORM_VIEW,      /* dict.items() and the like: no access by index */
    FORM_GENERATOR, /* yields its items once: no length either */
    FORM_NAMESPACE, /* a dict whose members can be set */
};

struct value_list;
struct value_dict;
struct callable;
struct loop;

/* Small enough to be handed over in two registers. */
struct value {
    uint8_t kind, form;
    bool foreign : 1; /* strings: the mark of all bytes, if they have one */
    bool markup : 1;  /* strings: passed through `safe` or `escape` */
    uint8_t mixed;    /* strings: 0, or bytes have marks of their own (1: it
                         is foreign), which lie text_room(mixed) behind them */
    uint32_t n;       /* strings: bytes */
    union {
        bool b;
        int64_t i;
        double f;
        const char *s; /* not NUL-terminated */
        struct value_list *list;
        struct value_dict *dict;
        const struct callable *call;
        struct loop *loop;
    };
};
_Static_assert(sizeof(struct value) == 16, "two registers");

struct value_list {
    struct value *items;
    size_t n;
};

/* In order of insertion. */
struct value_dict {
    struct value_entry {
        struct value key, value;
    } *entries;
    size_t n, cap;
};

/* A string in the making. */
struct text {
    struct cage *cage;
    char *s;        /* [cap], and behind it a mark for each byte */
    uint8_t room;   /* cap is text_room(room) */
    size_t n, n_foreign;
};

/* --- making ------------------------------------------------------------ */

struct value value_undefined(const char *name, size_t n);
struct value value_none(void);
struct value value_bool(bool b);
struct value value_int(int64_t i);
struct value value_float(double f);
struct value value_string(const char *s); /* the template's; not copied */
struct value value_new_list(struct cage *c, size_t n, enum value_form form);
struct value value_pair(struct cage *c, struct value a, struct value b);
struct value value_new_dict(struct cage *c, enum value_form form);

/* Sets a member; the place of one that is there already stays. */
void value_set(struct cage *c, struct value dict, struct value key,
               struct value value);

/* --- asking ------------------------------------------------------------ */

/* A member, or NULL. */
struct value *value_get(struct cage *c, struct value dict, struct value key);

bool value_is_number(struct value v); /* bool, int or float */
bool value_is_true(struct value v);
bool value_equal(struct cage *c, struct value a, struct value b);

/* Less than 0, 0, more than 0; fails for values that have no order. */
int value_compare(struct cage *c, struct value a, struct value b);

/* Whether `what` is in `where`. */
bool value_contains(struct cage *c, struct value where, struct value what);

/* The items that a loop over v gets; a generator is empty afterwards. */
struct value_list value_iterate(struct cage *c, struct value v);

/* len(v); fails for what has none. */
size_t value_length(struct cage *c, struct value v);

/* What Python calls its type. */
const char *value_type(struct value v);

/* The number of a bool or an int; false: v is neither. */
bool value_as_int(struct value v, int64_t *out);
double value_as_float(struct value v); /* of a number */

/* --- text -------------------------------------------------------------- */

void text_init(struct text *t, struct cage *c);
size_t text_room(unsigned room); /* bytes of text in a buffer of this size */
void text_add(struct text *t, const char *s, size_t n, bool foreign);
void text_add_str(struct text *t, const char *s); /* the template's */
/* Part of a string, with its marks. */
void text_add_part(struct text *t, struct value from, size_t at, size_t n);
void text_add_value(struct text *t, struct value string);
struct value text_take(struct text *t);

/* Whether the byte at `at` came from a message. */
bool value_mark(struct value string, size_t at);
/* Bytes [at, at + n) of a string. */
struct value value_part(struct value string, size_t at, size_t n);
bool value_is(struct value string, const char *s); /* equal */
/* Length in bytes of the character at `at`. */
size_t value_char(struct value string, size_t at);
size_t value_n_chars(struct value string);
/* First place of `what` at or after `from`; SIZE_MAX: none. */
size_t value_find(struct cage *c, struct value s, struct value what,
                  size_t from);
/* The same from the end: the last place, before `to`. */
size_t value_find_last(struct cage *c, struct value s, struct value what,
                       size_t to);

/* str(v), as {{ v }} writes it; strings as they are. */
struct value value_to_string(struct cage *c, struct value v);
/* repr(v). */
void value_add_repr(struct text *t, struct value v);
/* The shortest digits that read back as the same number, as Python writes
 * them.  out: [40] */
void value_write_float(double f, char *out);

#endif
