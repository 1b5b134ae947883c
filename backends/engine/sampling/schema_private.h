/* What schema.c (types), schema_literals.c (enum, const) and schema_refs.c
 * (references, alternatives) share; constrain.h says what is held of a
 * schema. */
#ifndef BACKENDS_ENGINE_SAMPLING_SCHEMA_PRIVATE_H
#define BACKENDS_ENGINE_SAMPLING_SCHEMA_PRIVATE_H

#include "backends/engine/sampling/constrain_private.h"
#include "backends/engine/sampling/schema_tree.h"

#define SCHEMA_MAX_DEPTH                                                       \
    64 /* of schemas within each other, by references too */
#define SCHEMA_MAX_FORMS 20000
#define SCHEMA_MAX_MADE 200000 /* nodes of the tree that joining may add */

/* What is compiled so far. */
struct schema_compiler {
    const cJSON *root;
    struct schema_named named; /* in the root */
    struct form_set *set;
    struct schema_known {
        const cJSON *schema;
        struct form *form;
    } * known; /* [n_known] */
    size_t n_known;
    cJSON *made;   /* an array of schemas that were joined, */
    size_t n_made; /* and how many nodes they have */
    struct schema_literal {
        const struct form *form, *others;
    } * literals; /* [n_literals] texts to be checked against the other keys */
    size_t n_literals;
    const struct form **exclusive; /* [n_exclusive] oneOfs, to be checked */
    size_t n_exclusive;
};

/* Where in the schema the compiler is, for errors. */
struct schema_place {
    const struct schema_place *up;
    const char *key;
    int depth;
};

/* Sets e to "schema PLACE: WHY".  Returns -1. */
int schema_refuse(const struct schema_place *at, struct err *e,
                  const char *why);
int schema_refuse_key(const struct schema_place *at, const char *key,
                      struct err *e, const char *why);

/* Compiles a schema to a new form, or to one that is made. */
int schema_compile(struct schema_compiler *k, struct form **out,
                   const cJSON *schema, const struct schema_place *at,
                   struct err *e);
int schema_compile_into(struct schema_compiler *k, struct form *f,
                        const cJSON *schema, const struct schema_place *at,
                        struct err *e);

/* The same of a schema with a $ref, allOf, anyOf, oneOf or nullable. */
int schema_compile_ref(struct schema_compiler *k, struct form *f,
                       const cJSON *schema, const struct schema_place *at,
                       struct err *e);
int schema_compile_all(struct schema_compiler *k, struct form *f,
                       const cJSON *schema, const struct schema_place *at,
                       struct err *e);
int schema_compile_any(struct schema_compiler *k, struct form *f,
                       const cJSON *schema, const char *key,
                       const struct schema_place *at, struct err *e);
int schema_compile_one(struct schema_compiler *k, struct form *f,
                       const cJSON *schema, const struct schema_place *at,
                       struct err *e);
int schema_compile_nullable(struct schema_compiler *k, struct form *f,
                            const cJSON *schema, const struct schema_place *at,
                            struct err *e);

/* The same without the literal values and alternatives of a schema; and of one
 * with an enum or const. */
int schema_compile_rest(struct schema_compiler *k, struct form *f,
                        const cJSON *schema, const struct schema_place *at,
                        struct err *e);
int schema_compile_literals(struct schema_compiler *k, struct form *f,
                            const cJSON *schema, const struct schema_place *at,
                            struct err *e);

/* Once all forms are finished: are the literal values such as the other keys
 * allow?  0, or -1 with ERR_FORMAT. */
int schema_check_literals(const struct schema_compiler *k, struct err *e);

/* Once all forms are finished: do the alternatives of each oneOf exclude each
 * other? */
int schema_check_exclusive(const struct schema_compiler *k, struct err *e);

#endif
