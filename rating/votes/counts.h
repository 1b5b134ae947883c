/* counts: who met whom, and how it ended.
 *
 * All that a Bradley-Terry fit needs of a log of any length: one cell for each
 * ordered pair of models that met, `first` on side A.  Keeping the order keeps
 * the position effect measurable; adding both orders gives the plain pair.
 * rating/ is arithmetic only: it opens nothing, asks no clock, and includes
 * nothing of ours but base/rng.h.  Counts are 64-bit. */
#ifndef RATING_VOTES_COUNTS_H
#define RATING_VOTES_COUNTS_H

#include <stddef.h>
#include <stdint.h>

enum rating_outcome { /* of a vote, seen from side A */
    RATING_FIRST,     /* A is better */
    RATING_SECOND,    /* B is better */
    RATING_TIE,
    RATING_BAD,       /* both are bad; rated as a tie */
    RATING_N_OUTCOMES
};

/* A vote may be weighted: part of it is for A and the rest for B, as a judge's
 * probability or the strength of a preference says.  Its `lean` is how far A's
 * share is above one half, within (-1/2, 1/2); a lean of 0 is a vote by its
 * outcome alone (half for each is a tie). */
struct rating_weighted {
    uint32_t first, second;
    double lean;
    uint64_t n; /* votes alike */
};

struct rating_cell {
    uint32_t first, second;        /* model indices, never equal */
    uint64_t n[RATING_N_OUTCOMES]; /* votes by outcome */
    uint64_t n_weighted;           /* weighted votes */
    double won;    /* sum of the shares of `first` in these */
    double spread; /* sum of share (1 - share) */
};

/* Votes of one outcome by one voter on one ordered pair: for arithmetic by
 * voter. */
struct rating_ballot {
    uint32_t voter; /* RATING_NO_VOTER: unknown, each vote by another one */
    uint32_t first, second;
    enum rating_outcome outcome;
    uint64_t n;
    double lean; /* of weighted votes; else 0 */
};
#define RATING_NO_VOTER UINT32_MAX

/* A set of cells, one per ordered pair.  A pair's cell is found by a square
 * table if cells are many and model indices small, else by a hash table. */
struct rating_counts {
    size_t n_models; /* one more than the largest index seen, or as set */
    struct rating_cell *cells;
    size_t n_cells, cap;
    uint32_t *slots; /* 1 + cell index; 0: none */
    size_t n_slots;
    size_t side;     /* slots[first * side + second]; 0: a hash table */
    struct rating_weighted *weighted; /* the weighted votes one by one */
    size_t n_weighted, cap_weighted;
};

void rating_counts_init(struct rating_counts *c);
void rating_counts_free(struct rating_counts *c);

/* Adds n votes of one outcome; first != second.  0, or -1 if there is no
 * memory. */
int rating_counts_add(struct rating_counts *c, uint32_t first, uint32_t second,
                      enum rating_outcome outcome, uint64_t n);

/* The same for votes of every outcome. */
int rating_counts_add_all(struct rating_counts *c, uint32_t first,
                          uint32_t second,
                          const uint64_t n[RATING_N_OUTCOMES]);

/* Adds n weighted votes with a lean that is not 0.  0, or -1: no memory. */
int rating_counts_add_weighted(struct rating_counts *c, uint32_t first,
                               uint32_t second, double lean, uint64_t n);

/* All votes of a cell. */
uint64_t rating_cell_votes(const struct rating_cell *cell);

/* Adds all that `from` counted; model i there is map[i] here (NULL: the same).
 * 0, or -1 if there is no memory (then some of it was added). */
int rating_counts_merge(struct rating_counts *c,
                        const struct rating_counts *from, const uint32_t *map);

/* Puts the cells in order of first, then second model, so that sums over them
 * come out the same to the last bit whatever order the votes came in.
 * 0, or -1 if there is no memory (then nothing changed). */
int rating_counts_sort(struct rating_counts *c);

/* The cell of an ordered pair, or NULL if it never met. */
const struct rating_cell *rating_counts_find(const struct rating_counts *c,
                                             uint32_t first, uint32_t second);

#endif
