/* merge: the one algorithm behind both kinds of BPE.
 *
 * A row of symbols, neighbours joined cheapest first (of equals the leftmost)
 * until no pair is left that may join.  What a pair costs and becomes is the
 * kind's own business.  A heap of the open pairs makes it n log n: a megabyte
 * without a space is no special case.
 * One struct serves one encoding, piece after piece; one thread. */
#ifndef BACKENDS_ENGINE_TOKENIZER_MERGE_H
#define BACKENDS_ENGINE_TOKENIZER_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol {
    const char *text; /* n bytes */
    uint32_t n;       /* 0: joined into another */
    int32_t id;       /* its token, -1: none (yet) */
    int32_t prev, next; /* neighbours, -1 at the ends */
};

/* Two neighbours that may join. */
struct merge_pair {
    float cost;
    int32_t left;
    uint32_t n; /* of both when it was found; another n now: out of date */
    int32_t id; /* what they become */
};

struct merger {
    struct symbol *symbols; /* [n_symbols] */
    size_t n_symbols, cap_symbols;
    struct merge_pair *heap; /* [n_heap], the cheapest first */
    size_t n_heap, cap_heap;
};

void merger_free(struct merger *m);

/* Empties the row. */
void merger_clear(struct merger *m);

/* Appends a symbol; text must live until the row is cleared. */
void merger_add(struct merger *m, const char *text, size_t n, int32_t id);

/* Whether two neighbours may join, at which cost, into which token. */
typedef bool merge_rule(void *arg, const struct symbol *left,
                        const struct symbol *right, float *cost, int32_t *id);

/* Joins all there is to join.  Symbols that are left have n > 0; walking the
 * array in order and leaving out the others gives them in the text's order. */
void merger_run(struct merger *m, merge_rule *rule, void *arg);

#endif
