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
 * model.  A tie counted as half a win varies less than the model expects, so
 * its intervals are too wide if ties are many.  Pure. */
#ifndef RATING_FIT_ERRORS_H
#define RATING_FIT_ERRORS_H

#include "rating/fit/params.h"
#include "rating/fit/result.h"
#include "rating/fit/plan.h"

struct errors {
    double *variance;          /* [n] of a model from the centre, in nats^2 */
    double position_variance;  /* NaN: it is not fitted */
    double *difference;        /* [n][n] of two models, or NULL */
    double *n_voters;          /* [n] that judged a model; NULL: each vote
                                  stands for itself */
};

/* Computes the errors of a fit that has run.
 *
 * By voter, B sums the squares of voters' scores, and u' B u is multiplied by
 * V / (V - 1) (t / z)^2.  V are the voters of the model (of two, the fewer); t
 * and z are the 97.5% quantiles of Student's law with V - 1 degrees of freedom
 * and of the normal law: the scatter of few voters is too small, and uncertain.
 * With fewer than 10 voters the variance is at least the Hessian's.
 *
 * A weak model (plan_is_weak) gets the larger of sandwich and Hessian.  If
 * unbounded models have a share in the centre, the Hessian's error of that
 * share is added to every model's.  A contrast with a model that is most of the
 * centre (an anchor) is a difference of two models.  0, or -1 if there is no
 * memory; call errors_free either way. */
int errors_init(struct errors *out, const struct plan *pl, const struct fit *f,
                const struct bt_params *p);
void errors_free(struct errors *e);

/* The factor of a variance from the scores of so many clusters (voters).
 * Scores that sum to 0 have one degree of freedom less than there are clusters,
 * and the variance is itself uncertain: by Student's law, given here as the
 * error of a normal law that has the same interval. */
double errors_allow_for_few(double n_clusters);

/* Only the variances, by the Hessian, of the differences of some pairs of
 * models (by their numbers in the fit, of one component each), into
 * variance[n].  0, or -1: no memory. */
int errors_pairs(const struct fit *f, const uint32_t (*pairs)[2], size_t n,
                 double *variance);

/* Only the variance of the first side's advantage.  0, or -1: no memory. */
int errors_position(const struct plan *pl, const struct fit *f,
                    const struct bt_params *p, double *variance);

#endif
