#include "rating/meat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rating/graph.h"

void meat_free(struct meat *m)
{
    free(m->pairs);
    free(m->ballots);
    memset(m, 0, sizeof(*m));
}

static int init_pairs(struct meat *m, const struct plan *pl,
                      const struct bt_params *p)
{
    m->pairs = malloc((pl->n_pairs + 1) * sizeof(*m->pairs));
    if (m->pairs == NULL)
        return -1;
    for (; m->n < pl->n_pairs; m->n++) {
        const struct fit_pair *pair = &pl->pairs[m->n];
        struct meat_pair *to = &m->pairs[m->n];
        to->i = pair->i;
        to->j = pair->j;
        if (p->ci == BT_CI_HESSIAN)
            fit_pair_information(m->f, pair, &to->m);
        else
            fit_pair_scores(m->f, pair, &to->m);
    }
    return 0;
}

/* A ballot as a pair of the fit; false where the fit has no use for it. */
static bool ballot_pair(const struct plan *pl, const struct bt_params *p,
                        const struct rating_ballot *b, struct fit_pair *out)
{
    bool tie = b->outcome == RATING_TIE || b->outcome == RATING_BAD;
    *out = (struct fit_pair){.i = pl->local[b->first],
                             .j = pl->local[b->second],
                             .weight = 1};
    if (out->i == GRAPH_NONE || out->j == GRAPH_NONE ||
        (tie && p->ties == BT_TIES_DROP))
        return false;
    if (p->reweight > 0)
        out->weight = plan_weight(pl->counts, p, b->first, b->second);
    double n = (double)b->n;
    *(tie ? &out->tie
          : b->outcome == RATING_FIRST ? &out->win : &out->lose) = n;
    return true;
}

/* An unknown voter's n votes are n groups of one; written as one group they
 * must count n times a square, not the square of n times. */
static void split_unknown(struct meat_ballot *b, double n, uint32_t *group)
{
    b->d /= sqrt(n);
    b->t /= sqrt(n);
    b->group = (*group)++;
}

static int init_ballots(struct meat *m, const struct plan *pl,
                        const struct bt_params *p)
{
    m->ballots = malloc((p->n_ballots + 1) * sizeof(*m->ballots));
    if (m->ballots == NULL)
        return -1;
    uint32_t group = 0, voter = RATING_NO_VOTER;
    for (size_t k = 0; k < p->n_ballots; k++) {
        const struct rating_ballot *b = &p->ballots[k];
        struct fit_pair pair;
        if (!ballot_pair(pl, p, b, &pair))
            continue;
        struct meat_ballot *to = &m->ballots[m->n_ballots++];
        to->i = pair.i;
        to->j = pair.j;
        fit_pair_gradient(m->f, &pair, &to->d, &to->t);
        if (b->voter == RATING_NO_VOTER) {
            split_unknown(to, (double)b->n, &group);
        } else {
            group += b->voter != voter;
            to->group = group;
        }
        voter = b->voter;
    }
    return 0;
}

int meat_init(struct meat *m, const struct plan *pl, const struct fit *f,
              const struct bt_params *p)
{
    memset(m, 0, sizeof(*m));
    m->f = f;
    if (p->ballots != NULL && p->ci != BT_CI_HESSIAN)
        return init_ballots(m, pl, p);
    return init_pairs(m, pl, p);
}

static double side_of(const struct fit *f, const double *u)
{
    return f->position ? u[fit_position(f)] : 0;
}

static double tie_of(const struct fit *f, const double *u)
{
    return f->link != FIT_HALF ? u[fit_tie(f)] : 0;
}

/* The score of one group, times u; *end is where the next group begins. */
static double group_score(const struct meat *m, size_t from, const double *u,
                          size_t *end)
{
    double side = side_of(m->f, u), tie = tie_of(m->f, u), sum = 0;
    size_t k = from;
    for (; k < m->n_ballots && m->ballots[k].group == m->ballots[from].group;
         k++) {
        const struct meat_ballot *b = &m->ballots[k];
        sum += b->d * (u[b->i] - u[b->j] + side) + b->t * tie;
    }
    *end = k;
    return sum;
}

double meat_quadratic(const struct meat *m, const double *u)
{
    double side = side_of(m->f, u), tie = tie_of(m->f, u), sum = 0;
    for (size_t k = 0; k < m->n; k++) {
        const struct meat_pair *p = &m->pairs[k];
        double d = u[p->i] - u[p->j] + side;
        sum += d * d * p->m.dd + tie * (2 * d * p->m.dt + tie * p->m.tt);
    }
    for (size_t k = 0; k < m->n_ballots;) {
        double score = group_score(m, k, u, &k);
        sum += score * score;
    }
    return sum;
}

static void add_along(const struct meat *m, uint32_t i, uint32_t j, double d,
                      double t, double *by)
{
    by[i] += d;
    by[j] -= d;
    if (m->f->position)
        by[fit_position(m->f)] += d;
    if (m->f->link != FIT_HALF)
        by[fit_tie(m->f)] += t;
}

void meat_multiply(const struct meat *m, const double *u, double *by)
{
    double side = side_of(m->f, u), tie = tie_of(m->f, u);
    memset(by, 0, m->f->n_params * sizeof(*by));
    for (size_t k = 0; k < m->n; k++) {
        const struct meat_pair *p = &m->pairs[k];
        double d = u[p->i] - u[p->j] + side;
        add_along(m, p->i, p->j, d * p->m.dd + tie * p->m.dt,
                  d * p->m.dt + tie * p->m.tt, by);
    }
    for (size_t from = 0, end; from < m->n_ballots; from = end) {
        double score = group_score(m, from, u, &end);
        for (size_t k = from; k < end; k++)
            add_along(m, m->ballots[k].i, m->ballots[k].j,
                      score * m->ballots[k].d, score * m->ballots[k].t, by);
    }
}
