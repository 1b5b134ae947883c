/* What pattern_parse.c (text to tree) and pattern.c (tree to automaton)
 * share; see pattern.h for the manual. */
#ifndef BACKENDS_ENGINE_SAMPLING_PATTERN_PRIVATE_H
#define BACKENDS_ENGINE_SAMPLING_PATTERN_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backends/engine/sampling/pattern.h"

/* Two characters beyond Unicode: they stand before and behind every text. */
#define REGEX_BEGIN 0x110000u
#define REGEX_END 0x110001u
#define REGEX_LAST 0x110001u

#define REGEX_MAX_NODES 4096
#define REGEX_MAX_RANGES 8192
#define REGEX_MAX_REPEAT 1000
#define REGEX_UNBOUNDED UINT32_MAX

enum regex_kind {
    REGEX_EMPTY,
    REGEX_SET,    /* a character out of ranges [first, first + n) */
    REGEX_CAT,    /* left, then right */
    REGEX_EITHER, /* left or right */
    REGEX_REPEAT, /* left, min to max times */
};

struct regex_range {
    uint32_t from, to; /* both included */
};

struct regex_node {
    enum regex_kind kind;
    int left, right;
    uint32_t min, max;
    size_t first, n;
};

struct regex {
    struct regex_node *nodes; /* [n_nodes] */
    struct regex_range *ranges; /* [n_ranges], of all sets */
    size_t n_nodes, n_ranges;
};

/* Parses text into *r, which regex_free frees in any case.  The root's number,
 * or -1 with *why. */
int regex_parse(struct regex *r, const char *text, const char **why);
void regex_free(struct regex *r);

#endif
