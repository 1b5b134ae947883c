#include "rating/fit/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rating/math/normal.h"

void bt_free(struct bt_result *r)
{
    free(r->models);
    free(r->difference_se);
    memset(r, 0, sizeof(*r));
}

/* P(the true difference has this sign), from the difference in standard errors.
 * Errors by few voters are scaled so that 1.96 of them are an interval; here
 * they are scaled back to those of Student's law. */
static double chance_of(double errors, const struct bt_model *a,
                        const struct bt_model *b)
{
    double voters = fmin(a->voters, b->voters);
    if (voters == 0)
        return normal_below(errors);
    double df = fmax(voters, 2) - 1;
    return student_below(errors * student_t95(df) / NORMAL_Z95, df);
}

/* Points; a smaller difference is rounding. */
static const double ROUNDING = 1e-6;

struct bt_difference bt_compare(const struct bt_result *r, size_t a, size_t b)
{
    struct bt_difference d = {NAN, NAN, NAN, NAN, NAN};
    if (r->difference_se == NULL || a >= r->n_models || b >= r->n_models)
        return d;
    double se = r->difference_se[a * r->n_models + b];
    if (isnan(se))
        return d;
    d.se = se;
    d.points = r->models[a].rating - r->models[b].rating;
    d.lower = d.points - NORMAL_Z95 * se;
    d.upper = d.points + NORMAL_Z95 * se;
    if (!(fabs(d.points) > ROUNDING))
        d.probability = 0.5;
    else if (se > 0)
        d.probability = chance_of(d.points / se, &r->models[a], &r->models[b]);
    else
        d.probability = d.points > 0;
    return d;
}
