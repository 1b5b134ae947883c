/* Nodes of compiled forms: schema.c makes them, constrain.c walks
 * along them. */
#ifndef BACKENDS_ENGINE_SAMPLING_CONSTRAIN_PRIVATE_H
#define BACKENDS_ENGINE_SAMPLING_CONSTRAIN_PRIVATE_H

#include <stdint.h>

#include "backends/engine/sampling/constrain.h"

#define FORM_MAX_DEPTH 24 /* of values in an answer */

enum form_kind {
    FORM_TEXT,    /* one of the texts, as it is */
    FORM_STRING,
    FORM_NUMBER,
    FORM_INTEGER,
    FORM_OBJECT,
    FORM_ARRAY,
    FORM_ONE_OF,  /* of forms that begin with different bytes */
    FORM_ANY,     /* any value */
};

struct form {
    enum form_kind kind;
    size_t n;             /* of the arrays below */
    char **texts;         /* TEXT: choices.  OBJECT: keys, with their quotes */
    size_t *lengths;      /* of the texts */
    struct form **parts;  /* OBJECT: values.  ONE_OF: alternatives */
    bool *required;       /* OBJECT */
    bool open;            /* OBJECT: any keys, each with a value of items */
    struct form *items;   /* ARRAY, open OBJECT; NULL: any */
    uint32_t min, max;    /* ARRAY: items.  STRING: characters */
};

/* 0, or -1 with ERR_FORMAT. */
int form_compile(struct form **out, const char *schema, size_t n,
                 struct err *e);
struct form *form_new(enum form_kind kind);
void form_add_text(struct form *f, const char *text, size_t n);
/* Whether a whole text is of that form. */
bool form_takes(const struct form *f, const char *text, size_t n);
void form_free(struct form *f); /* NULL is allowed */

#endif
