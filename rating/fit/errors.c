#include "rating/fit/errors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rating/fit/graph.h"
#include "rating/fit/meat.h"
#include "rating/math/normal.h"

/* Fewer voters than this may agree by chance, and then hardly scatter. */
enum { FEW_VOTERS = 10 };

struct work {
    const struct plan *pl;
    const struct fit *f;
    struct meat meat;
    bool plain;       /* the Hessian alone, no meat */
    lanes *u;         /* [n_params] G times some contrasts */
    lanes *by;        /* [n_params] B u */
    double *share;    /* [n_params] of each model in the centre of a group */
    double *center;   /* [n_params] G times that */
    double doubt;     /* variance of the centre by its unbounded models */
    uint32_t most;    /* the model that is most of it, or GRAPH_NONE */
    double *all;      /* [n][n_params] every u, for differences, or NULL */
};

void errors_free(struct errors *e)
{
    free(e->variance);
    free(e->difference);
    free(e->n_voters);
    memset(e, 0, sizeof(*e));
}

static int make_meat(struct work *w, const struct bt_params *p)
{
    /* Weighted votes have no Hessian that is their information. */
    w->plain = p->ci == BT_CI_HESSIAN && p->reweight == 0;
    return w->plain ? 0 : meat_init(&w->meat, w->pl, w->f, p);
}

double errors_allow_for_few(double n_clusters)
{
    double n = fmax(n_clusters, 2), t = student_t95(n - 1) / NORMAL_Z95;
    return t * t * n / (n - 1);
}

/* The factor of a variance from so many voters, if it is by voter. */
static double allow_for_few(const struct work *w, double voters)
{
    return w->meat.n_voters == NULL ? 1 : errors_allow_for_few(voters);
}

/* The variance of a contrast of model i with the rest (i == j), or with j,
 * which may be an anchor. */
static double settle(const struct work *w, const struct bt_params *p, size_t i,
                     size_t j, double spread, double hessian)
{
    if (w->plain)
        return hessian;
    const double *voters = w->meat.n_voters;
    double few = voters == NULL ? INFINITY : fmin(voters[i], voters[j]);
    spread *= allow_for_few(w, few);
    bool weak = few < FEW_VOTERS || plan_is_weak(w->pl, p, i) ||
                plan_is_weak(w->pl, p, j);
    return weak ? fmax(spread, hessian) : spread;
}

/* Some models of a group, in rising order, a lane each: u is a solve less the
 * centre's. */
static void block_errors(struct work *w, const struct bt_params *p,
                         const size_t *models, int n, double *variance)
{
    const struct plan *pl = w->pl;
    size_t np = w->f->n_params;
    lanes hessian = {0}, spread = {0};
    memset(w->u, 0, np * sizeof(*w->u));
    for (int k = 0; k < n; k++)
        w->u[models[k]][k] = 1;
    envelope_solve_block(&w->f->hessian, w->u, models[0]);
    for (int k = 0; k < n; k++)
        hessian[k] = w->u[models[k]][k] - w->center[models[k]];
    for (size_t r = 0; r < np; r++) {
        w->u[r] -= w->center[r];
        hessian -= w->share[r] * w->u[r];
    }
    if (!w->plain)
        meat_quadratic(&w->meat, w->u, &spread);
    for (int k = 0; k < n; k++) {
        size_t i = models[k];
        size_t with = w->most == GRAPH_NONE ? i : w->most;
        variance[i] = settle(w, p, i, with, spread[k], hessian[k]);
        /* The centre moves by a share of the model's distance to the rest. */
        double share = w->share[i] / (1 - w->share[i]);
        if (!pl->fitted[i]->bounded && i != w->most)
            w->doubt += share * share * hessian[k];
        for (size_t r = 0; w->all != NULL && r < np; r++)
            w->all[i * np + r] = w->u[r][k];
    }
}

/* The models of one component. */
static void group_errors(struct work *w, const struct bt_params *p, uint32_t g,
                         double *variance)
{
    const struct plan *pl = w->pl;
    size_t models[ENVELOPE_LANES];
    int n = 0;
    w->doubt = 0;
    w->most = GRAPH_NONE;
    memset(w->share, 0, w->f->n_params * sizeof(*w->share));
    for (size_t i = 0; i < pl->n; i++) {
        if (pl->fitted[i]->component != g)
            continue;
        w->share[i] = pl->fitted[i]->center_share;
        if (w->share[i] > 0.5)
            w->most = (uint32_t)i;
    }
    memcpy(w->center, w->share, w->f->n_params * sizeof(*w->center));
    envelope_solve(&w->f->hessian, w->center);
    for (size_t i = 0; i < pl->n; i++) {
        if (pl->fitted[i]->component != g)
            continue;
        models[n++] = i;
        if (n == ENVELOPE_LANES) {
            block_errors(w, p, models, n, variance);
            n = 0;
        }
    }
    if (n > 0)
        block_errors(w, p, models, n, variance);
    /* The prior's bias is no noise: errors add up, not their squares. */
    double doubt = sqrt(w->doubt);
    for (size_t i = 0; i < pl->n; i++)
        if (pl->fitted[i]->component == g && !w->plain &&
            !plan_is_weak(pl, p, i))
            variance[i] += doubt * (2 * sqrt(variance[i]) + doubt);
}

/* Sandwich covariances of models with those up to themselves, [i][j <= i]. */
ENVELOPE_WIDE
static void covariances(struct work *w, double *out)
{
    size_t n = w->pl->n, np = w->f->n_params;
    for (size_t from = 0; from < n; from += ENVELOPE_LANES) {
        size_t end = from + ENVELOPE_LANES < n ? from + ENVELOPE_LANES : n;
        memset(w->u, 0, np * sizeof(*w->u));
        for (size_t i = from; i < end; i++)
            for (size_t r = 0; r < np; r++)
                w->u[r][i - from] = w->all[i * np + r];
        meat_multiply(&w->meat, w->u, w->by);
        for (size_t j = 0; j < end; j++) {
            const double *u = w->all + j * np;
            lanes sum = {0};
            for (size_t r = 0; r < np; r++)
                sum += w->by[r] * u[r];
            for (size_t i = j > from ? j : from; i < end; i++)
                out[i * n + j] = sum[i - from];
        }
    }
}

/* Variances of all differences: with c = e_i - e_j, u = u_i - u_j. */
static void differences(struct work *w, const struct bt_params *p, double *out)
{
    const struct plan *pl = w->pl;
    size_t n = pl->n, np = w->f->n_params;
    if (!w->plain)
        covariances(w, out);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            const double *a = w->all + i * np, *b = w->all + j * np;
            double hessian = (a[i] - b[i]) - (a[j] - b[j]);
            double v = out[i * n + i] + out[j * n + j] - 2 * out[i * n + j];
            v = settle(w, p, i, j, fmax(v, 0), hessian); /* rounding */
            if (pl->fitted[i]->component != pl->fitted[j]->component)
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
    w->u[s][0] = 1;
    envelope_solve_block(&w->f->hessian, w->u, s);
    if (w->plain)
        return w->u[s][0];
    lanes spread;
    meat_quadratic(&w->meat, w->u, &spread);
    return spread[0] * allow_for_few(w, w->meat.n_groups);
}

int errors_init(struct errors *out, const struct plan *pl, const struct fit *f,
                const struct bt_params *p)
{
    size_t n = pl->n + 1, np = f->n_params + 1;
    struct work w = {.pl = pl, .f = f};
    int status = -1;
    memset(out, 0, sizeof(*out));
    out->variance = calloc(n, sizeof(double));
    w.u = envelope_make_lanes(2 * np);
    w.share = calloc(2 * np, sizeof(*w.share));
    if (out->variance == NULL || w.u == NULL || w.share == NULL ||
        make_meat(&w, p) != 0)
        goto out;
    w.by = w.u + np;
    w.center = w.share + np;
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
    out->n_voters = w.meat.n_voters;
    w.meat.n_voters = NULL;
    status = 0;
out:
    meat_free(&w.meat);
    free(w.u);
    free(w.share);
    free(w.all);
    return status;
}

/* With L the factor of the Hessian, c' G c = |L^-1 c|^2. */
int errors_pairs(const struct fit *f, const uint32_t (*pairs)[2], size_t n,
                 double *variance)
{
    size_t np = f->n_params;
    lanes *u = malloc((np + 1) * sizeof(*u));
    if (u == NULL)
        return -1;
    for (size_t from = 0; from < n; from += ENVELOPE_LANES) {
        size_t first = np;
        memset(u, 0, np * sizeof(*u));
        for (size_t k = 0; k < ENVELOPE_LANES && from + k < n; k++) {
            const uint32_t *pair = pairs[from + k];
            u[pair[0]][k] = 1;
            u[pair[1]][k] = -1;
            for (int side = 0; side < 2; side++)
                first = pair[side] < first ? pair[side] : first;
        }
        envelope_descend_block(&f->hessian, u, first);
        lanes sum = {0};
        for (size_t r = first; r < np; r++)
            sum += u[r] * u[r];
        for (size_t k = 0; k < ENVELOPE_LANES && from + k < n; k++)
            variance[from + k] = sum[k];
    }
    free(u);
    return 0;
}

int errors_position(const struct plan *pl, const struct fit *f,
                    const struct bt_params *p, double *variance)
{
    struct work w = {.pl = pl, .f = f};
    int status = -1;
    w.u = envelope_make_lanes(f->n_params + 1);
    if (w.u != NULL && make_meat(&w, p) == 0) {
        *variance = position_variance(&w);
        status = 0;
    }
    meat_free(&w.meat);
    free(w.u);
    return status;
}
