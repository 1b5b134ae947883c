/* settle: is A better than B, and may one stop voting?
 *
 * A confidence sequence for A's lead from their direct votes, one per prompt, a
 * tie as half a win.  It is valid at all times at once: who looks after every
 * vote and stops as he likes finds an interval without the true lead with a
 * chance of at most `risk`, ever.
 *
 * For each possible mean score m of A a bettor whose wealth would not grow, on
 * the average, if m were the mean multiplies it by 1 + l (score - m) with every
 * vote (Waudby-Smith and Ramdas 2024, arXiv 2010.09686; Ville 1939).  Half of
 * the risk is for bettors on more than m, half for those on less; each spreads
 * its stake over leads of some sizes.  The interval is of the m against which
 * nobody has won 2 / risk times the stake.  Nothing is assumed of ties, nor
 * that prompts are alike: only that the mean, given the votes before, is the
 * same (or, for the verdicts, on the same side).  Pure. */
#ifndef RATING_SETTLE_H
#define RATING_SETTLE_H

#include <stdint.h>

/* A's votes against B. */
struct settle_votes {
    uint64_t wins, losses, ties;
};

struct settle_params {
    double margin; /* points of lead that do not matter; more than 0 */
    double risk;   /* of a false verdict; between 0 and 1 */
};

enum settle_verdict {
    SETTLE_BETTER,    /* A leads: 0 and all below are out of the interval */
    SETTLE_WORSE,     /* B leads */
    SETTLE_SAME,      /* the whole interval is within the margin */
    SETTLE_UNDECIDED,
};

struct settle_result {
    enum settle_verdict verdict;
    double lead;         /* points, of the mean score; infinite if all votes
                            went one way, NaN without a vote */
    double lower, upper; /* points; infinite: no bound */
    double to_go;        /* about how many votes more until a verdict, if the
                            rest are like these; 0: there is one; infinite: not
                            within SETTLE_FAR */
};

#define SETTLE_FAR 1e6

/* 5% and 30 points. */
struct settle_params settle_defaults(void);

/* Only the verdict. */
enum settle_verdict settle_verdict(const struct settle_votes *votes,
                                   const struct settle_params *p);

/* All of it. */
void settle(const struct settle_votes *votes, const struct settle_params *p,
            struct settle_result *out);

#endif
