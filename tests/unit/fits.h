/* fits: whether a text fits a schema, for tests of constrained answers. */
#ifndef TESTS_UNIT_FITS_H
#define TESTS_UNIT_FITS_H

#include "test.h"

#include <string.h>

#include "backends/engine/sampling/constrain.h"

static inline struct constraint *open_schema(const char *schema)
{
    struct constraint *c;
    struct err e = {0};
    if (constraint_open_schema(&c, schema, strlen(schema), &e) != 0)
        fail_msg("%s: %s", schema, e.text);
    return c;
}

/* Whether a whole text fits; each byte alone must say the same. */
static inline bool fits(const char *schema, const char *text)
{
    struct constraint *c = open_schema(schema);
    size_t n = strlen(text), i = 0;
    bool whole = constraint_allows(c, text, n);
    while (i < n && constraint_allows(c, text + i, 1))
        constraint_accept(c, text + i++, 1);
    assert_int_equal(whole, i == n && n > 0); /* no bytes are no token */
    bool ends = i == n && constraint_may_end(c);
    constraint_close(c);
    return ends;
}

/* Texts of a table end in NULL. */
static inline void assert_fit(const char *schema, const char *const *good,
                       const char *const *bad)
{
    for (; *good != NULL; good++)
        if (!fits(schema, *good))
            fail_msg("%s refuses %s", schema, *good);
    for (; *bad != NULL; bad++)
        if (fits(schema, *bad))
            fail_msg("%s lets through %s", schema, *bad);
}

#define TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
