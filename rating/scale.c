#include "rating/scale.h"

#include <math.h>
#include <stdlib.h>

#include "rating/fit/params.h"
#include "rating/fit/result.h"
#include "rating/law.h"
#include "rating/math/normal.h"

static uint64_t n_decisive(const struct rating_counts *c)
{
    uint64_t n = 0;
    for (size_t k = 0; k < c->n_cells; k++)
        n += c->cells[k].n[RATING_FIRST] + c->cells[k].n[RATING_SECOND];
    return n;
}

/* Log-likelihood of the decisive votes, and how many parameters it took: a
 * strength a model, less one a group of those that met, and the side. */
static int fit(const struct rating_counts *c, double *value, double *n_params,
               struct err *e)
{
    struct law law;
    int status = law_fit(&law, c, false, e);
    bool *seen = calloc(c->n_models + 1, 2 * sizeof(*seen));
    bool *is_group = seen == NULL ? NULL : seen + c->n_models + 1;
    if (status == 0 && seen == NULL)
        status = err_set(e, ERR_FAILURE, "not enough memory");
    *value = 0;
    *n_params = 1;
    for (size_t k = 0; status == 0 && k < c->n_cells; k++) {
        const struct rating_cell *cell = &c->cells[k];
        uint64_t won = cell->n[RATING_FIRST], lost = cell->n[RATING_SECOND];
        if (won + lost == 0 || !law_knows(&law, cell->first, cell->second))
            continue;
        struct chances all = law_chances(&law, cell->first, cell->second);
        struct chances x = chances_decisive(&all);
        *value += (double)won * log(x.p[2]) + (double)lost * log(x.p[0]);
        seen[cell->first] = seen[cell->second] = true;
    }
    for (size_t i = 0; status == 0 && i < c->n_models; i++) {
        if (!seen[i])
            continue;
        *n_params += is_group[law.group[i]] ? 1 : 0;
        is_group[law.group[i]] = true;
    }
    free(seen);
    law_free(&law);
    return status;
}

/* The chance that chi-squared with k degrees of freedom is x or more. */
static double chi_squared_above(double x, double k)
{
    if (!(k > 0) || !(x > 0))
        return 1;
    double v = 2 / (9 * k);
    return normal_below(-(cbrt(x / k) - (1 - v)) / sqrt(v));
}

int scale_compare(const struct rating_counts *parts, size_t n,
                  struct scale_test *out, struct err *e)
{
    struct rating_counts all;
    double value, n_params, gain = 0, more = 0;
    int status = 0;
    *out = (struct scale_test){.p = 1};
    rating_counts_init(&all);
    for (size_t i = 0; i < n && status == 0; i++) {
        if (n_decisive(&parts[i]) < SCALE_FEW)
            continue;
        out->n_parts++;
        status = fit(&parts[i], &value, &n_params, e);
        gain += value;
        more += n_params;
        if (status == 0 && rating_counts_merge(&all, &parts[i], NULL) != 0)
            status = err_set(e, ERR_FAILURE, "not enough memory");
    }
    if (status == 0 && out->n_parts >= 2) {
        if (rating_counts_sort(&all) != 0)
            status = err_set(e, ERR_FAILURE, "not enough memory");
        else
            status = fit(&all, &value, &n_params, e);
        out->statistic = fmax(2 * (gain - value), 0);
        out->freedom = more - n_params;
        out->p = chi_squared_above(out->statistic, out->freedom);
    }
    rating_counts_free(&all);
    return status;
}
