/* judged: the people's ratings, narrowed by a judge whom they correct.
 *
 * A judge (a model that votes) has seen many battles, people few.  Its verdicts
 * say how easy the battles were on which people happened to vote.  For each
 * pair of models, with y a person's score of the first (1, 1/2 or 0) and f the
 * judge's, the mean score by people is moved to
 *
 *     mean y  -  w s (mean f where people voted  -  mean f where they did not)
 *
 * and Bradley-Terry strengths are fitted to these means with the people's
 * numbers of votes: the judge's residuals are subtracted where people voted and
 * added where they did not.  Whatever the judge prefers cancels, as it is in
 * both means; the ratings are of the people's taste.  The weight w is the one
 * with the smallest variance of the ratings, and 0 if no weight makes it
 * smaller.  s = 1 / (1 + n^2 / (N sum v^2)) is a pair's own share: people gave
 * n votes on its judged battles, v on each, and the judge saw N more.
 *
 * Sources: prediction-powered inference (Angelopoulos et al. 2023, arXiv
 * 2301.09633; tuned: Angelopoulos, Duchi and Zrnic 2023, arXiv 2311.01453; for
 * ratings of models: Boyeau et al. 2024, arXiv 2403.07008).  Unlike there, each
 * pair is corrected by its own battles, so that people and the judge may have
 * seen other mixes of pairs.  What must hold is that the people of a pair did
 * not choose battles by how the judge errs on them.
 *
 * Errors are those of the sandwich, over the scores of both kinds of battles;
 * scores of one battle, of one voter or on one prompt are added up before they
 * are squared.  Pure. */
#ifndef RATING_JUDGED_H
#define RATING_JUDGED_H

#include <stdint.h>

#include "base/err.h"
#include "rating/fit/params.h"
#include "rating/fit/result.h"
#include "rating/judged/rows.h"
#include "rating/votes/counts.h"

struct judged_worth {
    uint64_t n_votes;  /* by people */
    uint64_t n_shared; /* of these, on battles that the judge judged too */
    uint64_t n_judged; /* battles that the judge judged and nobody voted on, of
                          pairs that people voted on */
    uint64_t n_apart;  /* of other pairs: not used */
    double weight;     /* w; 0: the judge did not help */
    double worth;      /* as many votes of people alone would give intervals as
                          narrow; NaN: no model has an interval */
};

/* Replaces the ratings, errors and ranks of a result that bt_fit made from the
 * same people's votes, by the same params (ties half, sandwich, neither
 * position nor weights by pair).  A model whose own votes cannot give an error
 * (fewer than 20, only ties, won or lost all) gets no interval: se, lower and
 * upper are NaN, and the rank is 0.  By voter, params must have had ballots.
 * 0, or -1 if there is no memory or, for other votes than the result's, no
 * finite estimate. */
int judged_fit(struct bt_result *r, const struct rating_counts *c,
               const struct bt_params *p, const struct judged_rows *rows,
               enum judged_cluster cluster, struct judged_worth *worth,
               struct err *e);

#endif
