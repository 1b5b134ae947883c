/* nearest: "did you mean": the known word that a mistyped one is closest to.
 *
 * Offer every candidate, then read `best`.  The distance counts inserted,
 * dropped and changed characters, and neighbours that were swapped, as one
 * each (optimal string alignment; Damerau, 1964).  Pure; any thread. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

struct nearest {
    const char *word;
    const char *best; /* NULL while nothing close was offered */
    size_t distance;  /* of best */
};

void nearest_init(struct nearest *n, const char *word);

/* Keeps `candidate` (which must outlive n) if it is closer than what came
 * before, and close enough to be what was meant. */
void nearest_offer(struct nearest *n, const char *candidate);

/* The distance of two words; those over 63 bytes are infinitely far
 * ((size_t)-1). */
size_t nearest_distance(const char *a, const char *b);

#endif
