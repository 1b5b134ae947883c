#include "rating/law.h"

#include <math.h>
#include <stdlib.h>

#include "rating/fit/bt.h"

/* The first that can be fitted: with ties and side, with the side alone, with
 * neither (all votes are ties, or they do not determine the advantage). */
static int fit(struct bt_result *r, const struct rating_counts *c, bool ties,
               bool *side, struct err *e)
{
    struct bt_params p = bt_defaults();
    p.ci = BT_CI_HESSIAN; /* the cheapest; no interval is used */
    for (int attempt = ties ? 0 : 1; attempt < 3; attempt++) {
        static const enum bt_ties how[] = {
            BT_TIES_DAVIDSON, BT_TIES_DROP, BT_TIES_HALF};
        p.ties = how[attempt];
        p.position = *side = attempt < 2;
        if (bt_fit(c, &p, r, e) == 0)
            return 0;
        bt_free(r);
    }
    return -1;
}

int law_fit(struct law *law, const struct rating_counts *c, bool ties,
            struct err *e)
{
    struct bt_params p = bt_defaults();
    struct bt_result r;
    bool side;
    *law = (struct law){0};
    if (fit(&r, c, ties, &side, e) != 0)
        return -1;
    double nat = log(10) / p.scale;
    law->x = calloc(r.n_models + 1, sizeof(*law->x));
    law->group = calloc(r.n_models + 1, sizeof(*law->group));
    int status = law->x != NULL && law->group != NULL ? 0 : -1;
    if (status != 0)
        err_set(e, ERR_FAILURE, "not enough memory");
    for (size_t i = 0; status == 0 && i < r.n_models; i++) {
        bool known = !isnan(r.models[i].rating);
        law->x[i] = known ? (r.models[i].rating - p.start) * nat : 0;
        law->group[i] = known ? r.models[i].component : BT_NO_COMPONENT;
    }
    law->side = side && !isnan(r.position) ? r.position * nat : 0;
    law->nu = isnan(r.tie_parameter) ? 0 : r.tie_parameter;
    bt_free(&r);
    return status;
}

void law_free(struct law *law)
{
    free(law->x);
    free(law->group);
    *law = (struct law){0};
}

bool law_knows(const struct law *law, uint32_t a, uint32_t b)
{
    return law->group[a] == law->group[b] && law->group[a] != BT_NO_COMPONENT;
}

struct chances law_chances(const struct law *law, uint32_t a, uint32_t b)
{
    double distance = law->x[a] - law->x[b], d = distance + law->side;
    double win = exp(d / 2), lose = exp(-d / 2), sum = win + lose + law->nu;
    return (struct chances){.p = {lose / sum, law->nu / sum, win / sum},
                            .distance = distance};
}

struct chances chances_decisive(const struct chances *x)
{
    double sum = x->p[0] + x->p[2];
    return (struct chances){.p = {x->p[0] / sum, 0, x->p[2] / sum},
                            .distance = x->distance};
}
