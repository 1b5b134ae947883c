/* voters: whose votes do not fit what everybody's say.
 *
 * Each voter's votes are held against a model of all of them (Davidson's, with
 * the first side's advantage): by it every vote has known chances of A, tie
 * and B, and the laws of the sums below follow exactly, by convolution, for
 * voters with few votes too.
 *
 *   slot       points given to side A, both ways: someone who always takes one
 *   model      points given to one model, both ways, over all models that the
 *              voter has judged (Bonferroni, over those alone that could show
 *              anything; Tarone 1990): someone who favours or spares one
 *   agreement  points given to the stronger model, weighted by how much
 *              stronger it is, too few: someone who disagrees with everybody
 *   fast       votes given too fast to have read, against everybody's share
 *
 * `evidence` may be looked at after every vote: it is the product of the
 * betting odds won against the model, averaged over the three faults above
 * (a test martingale; Shafer and Vovk; Ville 1939), at its highest so far.  An
 * honest voter reaches 1000 with a chance of at most 1 in 1000, ever.
 *
 * A test is no verdict: nothing is deleted, a person looks.  The tests' levels
 * add up to 2.4%, so that at most so many honest voters are suspects; voters
 * whose votes are a large part of all bend the model towards themselves and
 * are found less easily.  Pure. */
#ifndef RATING_VOTERS_H
#define RATING_VOTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rating/counts.h"

#define VOTERS_EVIDENCE 1000.0 /* from here on: suspect at any time */

struct voter_report {
    uint32_t voter;
    uint64_t votes;
    double slot_z, slot_p;           /* z > 0: side A */
    uint32_t model;                  /* the one most out of line */
    double model_z, model_p;         /* z > 0: favoured; p corrected */
    double agreement_z, agreement_p; /* z < 0: disagrees */
    uint64_t n_fast;
    double fast_p;                   /* 1 where nothing is known of speed */
    double evidence;                 /* e-value, highest so far */
    bool by_slot, by_model, by_agreement, by_fast, by_evidence;
    bool suspect;                    /* by any of them */
};

/* Reports on every voter of ballots that are sorted by voter and, within one,
 * in the order in which they were given; those by RATING_NO_VOTER are left
 * out.  fast[k] (or NULL) is how many of the ballot's votes were too fast.
 * *out is the caller's to free.  0, or -1 with *why. */
int voters_check(const struct rating_counts *all,
                 const struct rating_ballot *ballots, size_t n_ballots,
                 const uint64_t *fast, struct voter_report **out,
                 size_t *n_voters, const char **why);

#endif
