/* Nodes of compiled forms: schema.c makes them, constrain.c walks along them;
 * step.c knows how a value of each kind goes on. */
#ifndef BACKENDS_ENGINE_SAMPLING_CONSTRAIN_PRIVATE_H
#define BACKENDS_ENGINE_SAMPLING_CONSTRAIN_PRIVATE_H

#include <stdint.h>

#include "backends/engine/sampling/bounds.h"
#include "backends/engine/sampling/constrain.h"
#include "backends/engine/sampling/pattern.h"

#define FORM_MAX_DEPTH 24 /* of values in an answer */

enum form_kind {
    FORM_TEXT,    /* one of the texts, as it is */
    FORM_STRING,
    FORM_NUMBER,
    FORM_INTEGER,
    FORM_OBJECT,
    FORM_ARRAY,
    FORM_ONE_OF,  /* any of the parts */
    FORM_ANY,     /* any value */
};

struct form {
    enum form_kind kind;
    size_t n;             /* of the arrays below */
    char **texts;         /* TEXT: choices.  OBJECT: keys, with their quotes */
    size_t *lengths;      /* of the texts */
    struct form **parts;  /* OBJECT: values.  ONE_OF: alternatives.  ARRAY: the
                             first items */
    bool *required;       /* OBJECT */
    bool open;            /* OBJECT: any keys, each with a value of items */
    struct form *items;   /* ARRAY (behind the parts), open OBJECT; NULL: any */
    struct form *keys;    /* open OBJECT: a STRING or TEXT; NULL: any */
    uint32_t min, max;    /* ARRAY, open OBJECT: items.  STRING: characters */
    struct pattern *pattern; /* STRING; or NULL */
    struct bounds *bounds;   /* NUMBER, INTEGER; or NULL */
    int min_depth;        /* values within each other that it needs at least */
    uint32_t mark;        /* for whoever walks over all forms */
};

/* All forms of a schema, which may point at each other in circles. */
struct form_set {
    struct form **all; /* [n] */
    size_t n;
    struct form *root;
};

/* 0 with *out to be freed (form_set_free), or -1 with ERR_FORMAT. */
int form_compile(struct form_set *out, const char *schema, size_t n,
                 struct err *e);
void form_set_free(struct form_set *s);

/* For whoever compiles: a new form of the set, one more text, one more part. */
struct form *form_new(struct form_set *s, enum form_kind kind);
void form_add_text(struct form *f, const char *text, size_t n);
void form_add_part(struct form *f, struct form *part);

/* Once all are made: takes ONE_OFs within ONE_OFs apart and finds min_depth.
 * False if no answer could be as flat as FORM_MAX_DEPTH. */
bool form_set_finish(struct form_set *s);

/* Whether surely no text is of both forms (of a finished set); depth: 0. */
bool form_excludes(const struct form *a, const struct form *b, int depth);

/* Whether a whole text is of that form (of a finished set). */
bool form_takes(const struct form *f, const char *text, size_t n);

/* --- step.c ------------------------------------------------------------ */

/* How far a value has come.  What the members mean is the business of the
 * function that steps its kind. */
struct frame {
    const struct form *form;
    uint8_t phase;
    uint8_t more;   /* STRING: bytes of a character, or digits, to come */
    uint16_t state; /* STRING: of its pattern */
    uint32_t index; /* of a key or text that fits so far */
    uint32_t count; /* bytes of it, items, characters or digits */
    uint32_t code;  /* STRING: bits of the character that is written */
};

/* A place in a form: the values that are open, innermost last. */
struct walk {
    struct frame stack[FORM_MAX_DEPTH];
    int depth;            /* 0: the value is complete */
    uint32_t blanks;      /* since the last other byte */
    struct digits digits; /* of the innermost value, if it is a number */
};

/* What stepping by one byte came to. */
enum step {
    STEP_NO,     /* the byte may not stand here */
    STEP_TAKEN,
    STEP_DONE,   /* taken, and the value is complete */
    STEP_BEFORE, /* the value was complete before the byte, which is the
                    surrounding one's */
    STEP_OPEN,   /* a value was opened, which the byte is the first one of */
};

/* Steps the innermost value of w, which is no ONE_OF; an ANY becomes what the
 * byte begins. */
enum step step_value(struct walk *w, char c);

/* Opens a value of a form within the others; false if it would be too deep. */
bool step_push(struct walk *w, const struct form *f);

/* Whether a blank may stand here: between the parts of arrays and objects. */
bool step_blank_fits(const struct walk *w);

/* Whether the innermost value may end here, without another byte. */
bool step_may_end(const struct walk *w);

#endif
