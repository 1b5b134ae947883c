/* law: the chances of each outcome of a vote, fitted to all votes.
 *
 * Davidson's model (1970) with the first side's advantage, or, without ties,
 * Bradley and Terry's of the decisive votes alone.  Given that a vote is
 * decisive, both give it the same chances, whatever nu is.  So decisive votes
 * can be tested without knowing how willing a voter is to call a tie.  Pure. */
#ifndef RATING_LAW_H
#define RATING_LAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "rating/votes/counts.h"

struct law {
    double *x;       /* [n_models] strengths in nats */
    uint32_t *group; /* [n_models] each with a scale of its own */
    double side, nu; /* nu = 0: no ties */
};

/* Chances of a vote, from side A. */
struct chances {
    double p[3];     /* B, tie, A: by points for A */
    double distance; /* strength of A above B, in nats */
};

/* 0 or -1; call law_free either way. */
int law_fit(struct law *law, const struct rating_counts *c, bool ties,
            struct err *e);
void law_free(struct law *law);

/* Whether the votes can compare two models. */
bool law_knows(const struct law *law, uint32_t a, uint32_t b);

struct chances law_chances(const struct law *law, uint32_t a, uint32_t b);

/* The chances of a vote that is known to be no tie. */
struct chances chances_decisive(const struct chances *x);

#endif
