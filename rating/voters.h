/* voters: whose votes do not fit what everybody's say.
 *
 * Each voter's votes are held against a law of all of them (rating/law.h): by
 * it every vote has known chances of A, tie and B, and the laws of the sums
 * below follow exactly, by convolution, for voters with few votes too.
 *
 *   slot       points given to side A, both ways: someone who always takes one
 *   model      points given to one model, both ways, over all models that the
 *              voter has judged (Bonferroni, over those alone that could show
 *              anything; Tarone 1990): someone who favours or spares one
 *   agreement  points given to the stronger model, weighted by how much
 *              stronger it is, too few: someone who disagrees with everybody
 *   fast       votes given too fast to have read, against everybody's share of
 *              those whose time is known
 *
 * `evidence` may be looked at after every vote: it is what bets against the
 * three faults above have won (rating/bets.h), at its highest so far.  An
 * honest voter reaches 1000 with a chance of at most 1 in 1000, ever.
 *
 * Who calls more ties than others, or fewer, is as honest as they are.  Where
 * voters differ in that, or one does from the rest, the decisive votes alone
 * are judged, given that they are; the bets are on those in any case.
 *
 * Whoever is far out of line has no part in the law, or a busy one would bend
 * it until honest voters seem to be out of line: it is fitted, the furthest
 * are left out, and again, until nobody left in it is.  That fails where most
 * voters are at fault, or one has by far the most votes: then he is everybody.
 *
 * A test is no verdict: nothing is deleted, a person looks.  The tests' levels
 * add up to 2.4%, so that at most so many honest voters are suspects.  Pure. */
#ifndef RATING_VOTERS_H
#define RATING_VOTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "rating/votes/counts.h"

#define VOTERS_EVIDENCE 1000.0 /* from here on: suspect at any time */

struct voter_report {
    uint32_t voter;
    uint64_t votes;
    double slot_z, slot_p;           /* z > 0: side A */
    uint32_t model;                  /* the one most out of line */
    double model_z, model_p;         /* z > 0: favoured; p corrected */
    double agreement_z, agreement_p; /* z < 0: disagrees */
    uint64_t n_timed, n_fast;        /* votes whose time is known; too fast */
    double fast_p;                   /* 1 where nothing is known of speed */
    double evidence;                 /* e-value, highest so far; 1e300: or
                                        more */
    bool by_slot, by_model, by_agreement, by_fast, by_evidence;
    bool suspect;                    /* by any of them */
};

/* Of a ballot's votes: how many tell how long it took, and were too fast. */
struct voter_speed {
    uint64_t n_timed, n_fast;
};

/* Reports on every voter of ballots that are sorted by voter and, within one,
 * in the order in which they were given.  Votes by RATING_NO_VOTER shape the
 * law and are not reported on.  speed[n_ballots] may be NULL.  *out is the
 * caller's to free.  0 or -1. */
int voters_check(size_t n_models, const struct rating_ballot *ballots,
                 size_t n_ballots, const struct voter_speed *speed,
                 struct voter_report **out, size_t *n_voters, struct err *e);

#endif
