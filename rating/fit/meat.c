#include "rating/fit/meat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rating/fit/graph.h"

void meat_free(struct meat *m)
{
    free(m->pairs);
    free(m->ballots);
    free(m->n_voters);
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

/* A ballot as a pair of the fit; false if the fit does not count it. */
static bool ballot_pair(const struct plan *pl, const struct bt_params *p,
                        const struct rating_ballot *b, struct fit_pair *out)
{
    bool tie = b->outcome == RATING_TIE || b->outcome == RATING_BAD;
    *out = (struct fit_pair){.i = pl->models[b->first].fit_index,
                             .j = pl->models[b->second].fit_index,
                             .weight = 1};
    if (out->i == GRAPH_NONE || out->j == GRAPH_NONE ||
        (tie && p->ties == BT_TIES_DROP))
        return false;
    if (p->reweight > 0)
        out->weight = plan_weight(pl, p, b->first, b->second);
    double n = (double)b->n;
    if (b->lean != 0) {
        out->win = n * (0.5 + b->lean);
        out->lose = n * (0.5 - b->lean);
        return true;
    }
    *(tie ? &out->tie
          : b->outcome == RATING_FIRST ? &out->win : &out->lose) = n;
    return true;
}

/* An unknown voter's n votes are n groups of one.  As one group they must count
 * n times the square of one score, not the square of n scores. */
static void split_unknown(struct meat_ballot *b, double n, uint32_t *group)
{
    b->d /= sqrt(n);
    b->t /= sqrt(n);
    b->group = ++*group; /* the last known voter has the one before */
}

/* Counts a ballot's voter for a model whose last voter is *last. */
static void count_voter(struct meat *m, const struct rating_ballot *b,
                        uint32_t model, uint32_t *last)
{
    if (b->voter == RATING_NO_VOTER)
        m->n_voters[model] += (double)b->n;
    else if (last[model] != b->voter)
        m->n_voters[model]++;
    last[model] = b->voter;
}

static int init_ballots(struct meat *m, const struct plan *pl,
                        const struct bt_params *p)
{
    uint32_t *last = malloc((pl->n + 1) * sizeof(*last));
    m->ballots = malloc((p->n_ballots + 1) * sizeof(*m->ballots));
    m->n_voters = calloc(pl->n + 1, sizeof(*m->n_voters));
    if (m->ballots == NULL || m->n_voters == NULL || last == NULL) {
        free(last);
        return -1;
    }
    memset(last, 0xFF, (pl->n + 1) * sizeof(*last)); /* RATING_NO_VOTER */
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
        count_voter(m, b, pair.i, last);
        count_voter(m, b, pair.j, last);
        if (b->voter == RATING_NO_VOTER) {
            split_unknown(to, (double)b->n, &group);
            m->n_groups += (double)b->n;
        } else {
            group += b->voter != voter;
            m->n_groups += b->voter != voter;
            to->group = group;
        }
        voter = b->voter;
    }
    free(last);
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

/* Rows of u that only some fits have; zeros if this one has none. */
static const lanes NONE;

static const lanes *side_of(const struct fit *f, const lanes *u)
{
    return f->position ? &u[fit_position(f)] : &NONE;
}

static const lanes *tie_of(const struct fit *f, const lanes *u)
{
    return f->link != FIT_HALF ? &u[fit_tie(f)] : &NONE;
}

/* The score of one group, times each u.  Returns the next group's start. */
static size_t group_score(const struct meat *m, size_t from, const lanes *u,
                          lanes *out)
{
    const lanes side = *side_of(m->f, u), tie = *tie_of(m->f, u);
    size_t at = from;
    lanes sum = NONE;
    for (; at < m->n_ballots && m->ballots[at].group == m->ballots[from].group;
         at++) {
        const struct meat_ballot *b = &m->ballots[at];
        sum += b->d * (u[b->i] - u[b->j] + side) + b->t * tie;
    }
    *out = sum;
    return at;
}

ENVELOPE_WIDE
void meat_quadratic(const struct meat *m, const lanes *u, lanes *out)
{
    const lanes side = *side_of(m->f, u), tie = *tie_of(m->f, u);
    lanes sum = NONE, score;
    for (size_t at = 0; at < m->n; at++) {
        const struct meat_pair *p = &m->pairs[at];
        lanes d = u[p->i] - u[p->j] + side;
        sum += d * d * p->m.dd;
        if (m->f->link != FIT_HALF)
            sum += tie * (2 * p->m.dt * d + p->m.tt * tie);
    }
    for (size_t at = 0; at < m->n_ballots;) {
        at = group_score(m, at, u, &score);
        sum += score * score;
    }
    *out = sum;
}

/* Adds d and t along the direction of a vote on i and j. */
static void add_along(const struct meat *m, uint32_t i, uint32_t j,
                      const lanes *d, const lanes *t, lanes *by)
{
    by[i] += *d;
    by[j] -= *d;
    if (m->f->position)
        by[fit_position(m->f)] += *d;
    if (m->f->link != FIT_HALF)
        by[fit_tie(m->f)] += *t;
}

ENVELOPE_WIDE
void meat_multiply(const struct meat *m, const lanes *u, lanes *by)
{
    const lanes side = *side_of(m->f, u), tie = *tie_of(m->f, u);
    lanes d, t, score;
    memset(by, 0, m->f->n_params * sizeof(*by));
    for (size_t at = 0; at < m->n; at++) {
        const struct meat_pair *p = &m->pairs[at];
        lanes along = u[p->i] - u[p->j] + side;
        d = along * p->m.dd + tie * p->m.dt;
        t = along * p->m.dt + tie * p->m.tt;
        add_along(m, p->i, p->j, &d, &t, by);
    }
    for (size_t from = 0, end; from < m->n_ballots; from = end) {
        end = group_score(m, from, u, &score);
        for (size_t at = from; at < end; at++) {
            const struct meat_ballot *b = &m->ballots[at];
            d = score * b->d;
            t = score * b->t;
            add_along(m, b->i, b->j, &d, &t, by);
        }
    }
}
