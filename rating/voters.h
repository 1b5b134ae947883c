/* voters: whose votes disagree with everybody's.
 *
 * A law fitted to all votes (rating/law.h) gives every vote its chances of A,
 * tie and B.  From these the laws of the sums below follow exactly, by
 * convolution, for voters with few votes too.
 *
 *   slot       points given to side A, too many or too few: someone who always
 *              takes one side
 *   model      points given to one model, too many or too few, over all models
 *              that the voter has judged (Bonferroni over the tests that could
 *              reject at all; Tarone 1990): someone who favours or spares one
 *   agreement  points given to the stronger model, weighted by how much
 *              stronger it is, too few: someone who disagrees with everybody
 *   fast       votes given too fast to have read the answers, against the share
 *              of such votes in all whose time is known
 *
 * `evidence` is what bets on the first three faults have won (rating/bets.h),
 * at its highest so far.  It may be looked at after every vote: an honest voter
 * ever reaches 1000 with a chance of at most 1 in 1000.
 *
 * To call more ties than others, or fewer, is no fault.  If voters differ in
 * that, or one differs from the rest, only the decisive votes are tested, given
 * that they are decisive.  The bets are always on those alone.
 *
 * A voter who is far out of line has no part in the law: a busy one would bend
 * it until honest voters seem to be at fault.  So the law is fitted, the voters
 * furthest from it are left out, and so on, until nobody left in it is far out.
 * That fails if most voters are at fault, or one has by far the most votes.
 *
 * A test is no verdict: nothing is deleted, a person decides.  The levels of
 * the tests add up to 2.4%, so at most 2.4% of honest voters are suspects.
 * Pure. */
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
    double fast_p;                   /* 1: nothing is known of speed */
    double evidence;                 /* e-value, highest so far; 1e300: or
                                        more */
    bool by_slot, by_model, by_agreement, by_fast, by_evidence;
    bool suspect;                    /* by any of them */
};

/* How many of a ballot's votes have a known time, and how many of these were
 * too fast. */
struct voter_speed {
    uint64_t n_timed, n_fast;
};

/* Reports on every voter.  The ballots are sorted by voter and, within one, in
 * the order of the votes.  Votes by RATING_NO_VOTER have a part in the law and
 * no report.  speed[n_ballots] may be NULL.  *out is the
 * caller's to free.  0 or -1. */
int voters_check(size_t n_models, const struct rating_ballot *ballots,
                 size_t n_ballots, const struct voter_speed *speed,
                 struct voter_report **out, size_t *n_voters, struct err *e);

#endif
