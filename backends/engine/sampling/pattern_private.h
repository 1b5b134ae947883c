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

/* Parses text[0..n) into *r, which regex_free frees in any case.  The match may
 * begin anywhere in a text, or at its start only.  The root's number, or -1
 * with *why. */
int regex_parse(struct regex *r, const char *text, size_t n, bool at_begin,
                const char **why);
void regex_free(struct regex *r);

/* A look-ahead at the start of an expression: (?=…) or (?!…). */
struct regex_ahead {
    const char *text; /* what is between, [0..n) */
    size_t n;
    bool negative;
};

/* Takes one off text, which stands behind a ^ and then behind the last one:
 * what is behind it, or NULL if there is none. */
const char *regex_take_ahead(const char *text, struct regex_ahead *out);

/* The automaton of an expression, or of several. */
#define PATTERN_MAX_STATES 1024
#define PATTERN_MAX_CLASSES 128
#define PATTERN_MAX_STEPS 256 /* how far ahead the way to an end is known */
#define PATTERN_STEP_WORDS (PATTERN_MAX_STEPS / 64)

struct pattern {
    uint32_t starts[PATTERN_MAX_CLASSES]; /* first character of each class */
    size_t n_classes;
    uint16_t *next; /* [state][n_classes] */
    bool *ends;     /* [state] */
    uint64_t (*ways)[PATTERN_STEP_WORDS]; /* [state]: bit k: k characters lead
                                             to an end */
    size_t n_states;
};

/* Room for PATTERN_MAX_STATES states, once the classes are known. */
void pattern_make_room(struct pattern *p);

/* Finds the ways, once all else is known. */
void pattern_find_ways(struct pattern *p);

#endif
