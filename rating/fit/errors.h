/* errors: how sure the strengths are.
 *
 * Every interval is of a contrast: of a model against the centre of its group,
 * or of two models.  With G the inverse of the negative Hessian (penalty
 * included) and u = G c for a contrast c, its variance is
 *
 *   Hessian    c' G c = c . u
 *   sandwich   u' B u, B the sum over votes of (score)(score)' (White 1982;
 *              for Bradley-Terry, see Chiang et al. 2024)
 *
 * and B (rating/fit/meat.h) is never formed.  The Hessian trusts the
 * model; a tie counted as half a win varies less than the model thinks, which
 * is why its intervals are too wide where ties are many.  Pure. */
#ifndef RATING_FIT_ERRORS_H
#define RATING_FIT_ERRORS_H

#include "rating/fit/params.h"
#include "rating/fit/result.h"
#include "rating/fit/plan.h"

struct errors {
    double *variance;          /* [n] of a model from the centre, in nats^2 */
    double position_variance;  /* NaN where it is not fitted */
    double *difference;        /* [n][n] of two models, or NULL */
    double *n_voters;          /* [n] that judged a model; NULL: each vote is
                                  for itself */
};

/* By voter, B sums the squares of voters' scores, and u' B u is made larger by
 * V / (V - 1) (t / z)^2, with V the voters of the model (of two, the fewer) and
 * t and z the 97.5% quantiles of Student's law of V - 1 and of the normal law:
 * few voters scatter too little, and by chance.  With fewer than 10 voters it
 * is no less than the Hessian's.
 *
 * Fills in the errors of a fit that has run.  A model whose own votes cannot
 * carry a sandwich (unbounded, or few votes under the automatic prior) gets
 * the larger of both.  Where unbounded ones have a share in the centre, the
 * Hessian's error of that is added to everyone's.  From a model that is most
 * of the centre (an anchor) a contrast is a difference of two.  0, or -1 where
 * there is no memory (errors_free is due either way). */
int errors_init(struct errors *out, const struct plan *pl, const struct fit *f,
                const struct bt_params *p);
void errors_free(struct errors *e);

/* Only the variances, by the Hessian, of the differences of some pairs of
 * models (by their numbers in the fit, of one component each), into
 * variance[n].  0, or -1: no memory. */
int errors_pairs(const struct fit *f, const uint32_t (*pairs)[2], size_t n,
                 double *variance);

/* Only the variance of the first side's advantage.  0, or -1: no memory. */
int errors_position(const struct plan *pl, const struct fit *f,
                    const struct bt_params *p, double *variance);

#endif
