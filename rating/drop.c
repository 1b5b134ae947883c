#include "rating/drop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rating/fit/fit.h"
#include "rating/fit/plan.h"

/* Nats: of a fit, and of a lead that is none. */
static const double TOLERANCE = 1e-6, ROUNDING = 1e-6;

/* Votes of one kind: of one outcome on a pair. */
struct kind {
    uint32_t pair;
    int outcome;      /* 0: won, 1: lost, 2: tied */
    double influence; /* of one of them on the leader's lead */
    double n;
};

struct search {
    struct plan plan;
    struct fit fit;
    struct fit_pair *all; /* [n_pairs] as they were */
    struct kind *kinds;   /* most influence first */
    size_t n_kinds;
    uint32_t component;
};

static void search_free(struct search *s)
{
    fit_free(&s->fit);
    plan_free(&s->plan);
    free(s->all);
    free(s->kinds);
}

static double *votes_of(struct fit_pair *p, int outcome)
{
    return outcome == 0 ? &p->win : outcome == 1 ? &p->lose : &p->tie;
}

/* The largest component, by votes. */
static int find_component(struct search *s)
{
    double *votes = calloc(s->plan.n_components + 1, sizeof(*votes));
    if (votes == NULL)
        return -1;
    for (size_t i = 0; i < s->plan.n; i++)
        votes[s->plan.fitted[i]->component] +=
            (double)s->plan.fitted[i]->n_votes;
    s->component = 0;
    for (uint32_t g = 1; g < s->plan.n_components; g++)
        if (votes[g] > votes[s->component])
            s->component = g;
    free(votes);
    return 0;
}

/* The best model but one (its fit index); SIZE_MAX: there is none. */
static size_t best_but(const struct search *s, size_t without)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < s->plan.n; i++)
        if (i != without && s->plan.fitted[i]->component == s->component &&
            (best == SIZE_MAX || s->fit.x[i] > s->fit.x[best]))
            best = i;
    return best;
}

static int compare_kinds(const void *a, const void *b)
{
    const struct kind *x = a, *y = b;
    if (x->influence != y->influence)
        return x->influence > y->influence ? -1 : 1;
    if (x->pair != y->pair)
        return x->pair < y->pair ? -1 : 1;
    return x->outcome - y->outcome;
}

/* Finds the kinds of votes that support the leader against the next one. */
static int find_kinds(struct search *s, size_t leader, size_t next)
{
    static const double scores[] = {1, 0, 0.5};
    const struct plan *pl = &s->plan;
    double *u = calloc(s->fit.n_params + 1, sizeof(*u));
    s->kinds = malloc((3 * pl->n_pairs + 1) * sizeof(*s->kinds));
    if (u == NULL || s->kinds == NULL) {
        free(u);
        return -1;
    }
    u[leader] = 1;
    u[next] = -1;
    envelope_solve(&s->fit.hessian, u);
    for (size_t k = 0; k < pl->n_pairs; k++) {
        struct fit_pair *p = &pl->pairs[k];
        double chance = 1 / (1 + exp(s->fit.x[p->j] - s->fit.x[p->i]));
        for (int outcome = 0; outcome < 3; outcome++) {
            double influence = p->weight * (u[p->i] - u[p->j]) *
                               (scores[outcome] - chance);
            double n = *votes_of(p, outcome);
            if (n > 0 && influence > 0)
                s->kinds[s->n_kinds++] =
                    (struct kind){(uint32_t)k, outcome, influence, n};
        }
    }
    qsort(s->kinds, s->n_kinds, sizeof(*s->kinds), compare_kinds);
    free(u);
    return 0;
}

/* Fits without the first n votes.  Whether another model leads then. */
static bool is_overtaken(struct search *s, double n, size_t leader)
{
    memcpy(s->plan.pairs, s->all, s->plan.n_pairs * sizeof(*s->all));
    for (size_t k = 0; k < s->n_kinds && n > 0; k++) {
        struct kind *kind = &s->kinds[k];
        double out = fmin(n, kind->n);
        *votes_of(&s->plan.pairs[kind->pair], kind->outcome) -= out;
        n -= out;
    }
    if (fit_run(&s->fit) != FIT_OK)
        return false;
    return s->fit.x[best_but(s, leader)] > s->fit.x[leader] + ROUNDING;
}

/* How many votes to first order take the lead away. */
static double guess(const struct search *s, double lead)
{
    double n = 0;
    for (size_t k = 0; k < s->n_kinds && lead > 0; k++) {
        double out = fmin(ceil(lead / s->kinds[k].influence), s->kinds[k].n);
        lead -= out * s->kinds[k].influence;
        n += out;
    }
    return fmax(n, 1);
}

static void find_number(struct search *s, size_t leader, double lead,
                        struct drop_lead *out)
{
    double most = 0, low = 0, high = guess(s, lead);
    for (size_t k = 0; k < s->n_kinds; k++)
        most += s->kinds[k].n;
    while (!is_overtaken(s, high, leader)) {
        if (high >= most)
            return;
        low = high;
        high = fmin(most, ceil(high * 1.25));
        /* A fit that ran away is no start for the next. */
        memset(s->fit.x, 0, s->fit.n_params * sizeof(*s->fit.x));
    }
    while (high - low > 1) {
        double middle = floor((low + high) / 2);
        if (is_overtaken(s, middle, leader))
            high = middle;
        else
            low = middle;
    }
    memset(s->fit.x, 0, s->fit.n_params * sizeof(*s->fit.x));
    if (!is_overtaken(s, high, leader))
        return;
    out->n_votes = (uint64_t)high;
    out->next =
        (uint32_t)plan_model_index(&s->plan, best_but(s, SIZE_MAX));
}

static int search_lead(struct search *s, struct drop_lead *out, struct err *e)
{
    size_t bytes = (s->plan.n_pairs + 1) * sizeof(*s->all);
    s->all = malloc(bytes);
    if (s->all == NULL || find_component(s) != 0 ||
        plan_fit_init(&s->plan, TOLERANCE, &s->fit) != 0)
        return err_set(e, ERR_FAILURE, "not enough memory");
    memcpy(s->all, s->plan.pairs, bytes - sizeof(*s->all));
    if (fit_run(&s->fit) != FIT_OK)
        return err_set(e, ERR_FORMAT, "no finite estimate fits these votes");
    size_t leader = best_but(s, SIZE_MAX), next = best_but(s, leader);
    if (next == SIZE_MAX)
        return 0;
    out->leader = (uint32_t)plan_model_index(&s->plan, leader);
    double lead = s->fit.x[leader] - s->fit.x[next];
    if (find_kinds(s, leader, next) != 0)
        return err_set(e, ERR_FAILURE, "not enough memory");
    find_number(s, leader, lead, out);
    return 0;
}

int drop_find_lead(const struct rating_counts *c, const struct bt_params *p,
                   struct drop_lead *out, struct err *e)
{
    struct search s = {.n_kinds = 0};
    *out = (struct drop_lead){.n_votes = 0};
    int status = plan_init(&s.plan, c, p, false, e);
    if (status == 0 && s.plan.n > 0)
        status = search_lead(&s, out, e);
    search_free(&s);
    return status;
}
