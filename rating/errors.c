#include "rating/errors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rating/meat.h"

struct work {
    const struct plan *pl;
    const struct fit *f;
    struct meat meat;
    bool plain;        /* the Hessian alone, no meat */
    double *u;         /* [n_params] G times a contrast */
    double *center;    /* [n_params] G times the centre of a group */
    double *by;        /* [n_params] B u */
    double *all;       /* [n][n_params] every u, for differences, or NULL */
};

void errors_free(struct errors *e)
{
    free(e->variance);
    free(e->difference);
    memset(e, 0, sizeof(*e));
}

static int make_meat(struct work *w, const struct bt_params *p)
{
    /* Weighted votes have no Hessian that is their information. */
    w->plain = p->ci == BT_CI_HESSIAN && p->reweight == 0;
    return w->plain ? 0 : meat_init(&w->meat, w->pl, w->f, p);
}

static double dot(const double *x, const double *y, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

/* The models of one component: each u from a solve less the centre's. */
static void group_errors(struct work *w, const struct bt_params *p, uint32_t g,
                         double *variance)
{
    const struct plan *pl = w->pl;
    size_t np = w->f->n_params;
    memset(w->center, 0, np * sizeof(*w->center));
    for (size_t i = 0; i < pl->n; i++)
        if (pl->group[i] == g)
            w->center[i] = pl->center[i];
    envelope_solve(&w->f->hessian, w->center);
    for (size_t i = 0; i < pl->n; i++) {
        if (pl->group[i] != g)
            continue;
        memset(w->u, 0, np * sizeof(*w->u));
        w->u[i] = 1;
        envelope_solve(&w->f->hessian, w->u);
        double hessian = w->u[i] - w->center[i];
        for (size_t k = 0; k < np; k++)
            w->u[k] -= w->center[k];
        for (size_t k = 0; k < pl->n; k++)
            if (pl->group[k] == g)
                hessian -= pl->center[k] * w->u[k];
        variance[i] = w->plain ? hessian : meat_quadratic(&w->meat, w->u);
        if (plan_is_weak(pl, p, i))
            variance[i] = fmax(variance[i], hessian);
        if (w->all != NULL)
            memcpy(w->all + i * np, w->u, np * sizeof(*w->u));
    }
}

/* Variances of all differences: with c = e_i - e_j, u = u_i - u_j. */
static void differences(struct work *w, const struct bt_params *p, double *out)
{
    const struct plan *pl = w->pl;
    size_t n = pl->n, np = w->f->n_params;
    /* First the covariances, [i][j]. */
    for (size_t i = 0; i < n; i++) {
        const double *u = w->all + i * np;
        if (!w->plain)
            meat_multiply(&w->meat, u, w->by);
        for (size_t j = 0; j < n; j++)
            out[i * n + j] =
                w->plain ? 0 : dot(w->by, w->all + j * np, np);
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            const double *a = w->all + i * np, *b = w->all + j * np;
            double hessian = (a[i] - b[i]) - (a[j] - b[j]);
            double v = out[i * n + i] + out[j * n + j] - 2 * out[i * n + j];
            if (w->plain)
                v = hessian;
            else if (plan_is_weak(pl, p, i) || plan_is_weak(pl, p, j))
                v = fmax(v, hessian);
            if (pl->group[i] != pl->group[j])
                v = NAN;
            out[j * n + i] = v; /* above the diagonal, not read again */
        }
    }
    for (size_t i = 0; i < n; i++) {
        out[i * n + i] = 0;
        for (size_t j = 0; j < i; j++)
            out[i * n + j] = out[j * n + i];
    }
}

static double position_variance(struct work *w)
{
    if (!w->f->position)
        return NAN;
    size_t s = fit_position(w->f);
    memset(w->u, 0, w->f->n_params * sizeof(*w->u));
    w->u[s] = 1;
    envelope_solve(&w->f->hessian, w->u);
    return w->plain ? w->u[s] : meat_quadratic(&w->meat, w->u);
}

int errors_init(struct errors *out, const struct plan *pl, const struct fit *f,
                const struct bt_params *p)
{
    size_t n = pl->n + 1, np = f->n_params + 1;
    struct work w = {.pl = pl, .f = f};
    int status = -1;
    memset(out, 0, sizeof(*out));
    out->variance = calloc(n, sizeof(double));
    w.u = calloc(3 * np, sizeof(double));
    if (out->variance == NULL || w.u == NULL || make_meat(&w, p) != 0)
        goto out;
    w.center = w.u + np;
    w.by = w.u + 2 * np;
    if (p->differences) {
        w.all = calloc(n * np, sizeof(double));
        out->difference = calloc(n * n, sizeof(double));
        if (w.all == NULL || out->difference == NULL)
            goto out;
    }
    for (uint32_t g = 0; g < pl->n_components; g++)
        group_errors(&w, p, g, out->variance);
    out->position_variance = position_variance(&w);
    if (p->differences)
        differences(&w, p, out->difference);
    status = 0;
out:
    meat_free(&w.meat);
    free(w.u);
    free(w.all);
    return status;
}

int errors_position(const struct plan *pl, const struct fit *f,
                    const struct bt_params *p, double *variance)
{
    struct work w = {.pl = pl, .f = f};
    int status = -1;
    w.u = calloc(f->n_params + 1, sizeof(double));
    if (w.u != NULL && make_meat(&w, p) == 0) {
        *variance = position_variance(&w);
        status = 0;
    }
    meat_free(&w.meat);
    free(w.u);
    return status;
}
