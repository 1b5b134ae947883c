/* rng: xoshiro256++ (Blackman and Vigna, 2019), seeded by splitmix64.
 *
 * One struct is one sequence; the owner seeds and keeps it.  The same seed
 * gives the same numbers on every machine.  Not for secrets: what must not be
 * predictable (sides, pairs) is seeded by rng_init_system. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
    uint64_t s[4];
};

/* Starts the sequence that belongs to a seed. */
void rng_init(struct rng *r, uint64_t seed);

/* Starts one from the system's random source (getrandom). */
void rng_init_system(struct rng *r);

/* 64 random bits. */
uint64_t rng_next(struct rng *r);

/* A whole number in [0, n), every one equally likely; n > 0. */
uint64_t rng_below(struct rng *r, uint64_t n);

/* A number in [0, 1) with 53 random bits. */
double rng_double(struct rng *r);

#endif
