/* extent: where a JSON value ends, without parsing it.
 *
 * For streams of values: how much has to be read before there is a whole one,
 * and where a damaged one stops making sense.  Checks the order of the tokens
 * (so that an object that is cut off does not swallow the next one) but not
 * what a word, number or string holds: that is the parser's to judge.  Pure. */
#ifndef BASE_EXTENT_H
#define BASE_EXTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXTENT_DEPTH 1000 /* base/json.h parses no deeper */

enum extent_state {
    EXTENT_MORE,   /* the bytes end before the value does */
    EXTENT_WHOLE,  /* `at` is behind it */
    EXTENT_BROKEN, /* `at` is the first byte that cannot be part of it */
};

/* A walk; zero it to begin at the first byte of a value.  It may go on with the
 * same bytes and more behind them. */
struct extent {
    size_t at;
    int depth;
    uint8_t expects;      /* what may come next */
    bool in_string, in_word, is_escaped;
    uint8_t in_object[EXTENT_DEPTH / 8 + 1]; /* a bit a level: it is one */
};

/* Walks on in s[0..n). */
enum extent_state extent_find(struct extent *x, const char *s, size_t n);

#endif
