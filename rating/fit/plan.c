#include "rating/fit/plan.h"

#include <stdlib.h>
#include <string.h>

#include "rating/fit/graph.h"

/* The automatic prior is on as soon as a model has fewer votes than this or no
 * finite estimate. */
enum { FEW_VOTES = 20 };

static const char NO_MEMORY[] = "not enough memory";

void plan_free(struct plan *pl)
{
    free(pl->component);
    free(pl->bounded);
    free(pl->used);
    free(pl->model);
    free(pl->local);
    free(pl->group);
    free(pl->decided);
    free(pl->ground);
    free(pl->center);
    free(pl->zero);
    free(pl->loose);
    free(pl->pairs);
    memset(pl, 0, sizeof(*pl));
}

static uint64_t cell_used(const struct rating_cell *cell, enum bt_ties ties)
{
    uint64_t n = cell->n[RATING_FIRST] + cell->n[RATING_SECOND];
    if (ties != BT_TIES_DROP)
        n += cell->n[RATING_TIE] + cell->n[RATING_BAD];
    return n;
}

static double weight_of(uint64_t votes, const struct bt_params *p)
{
    if (p->reweight == 0)
        return 1;
    return 1 / (double)(votes > p->reweight ? votes : p->reweight);
}

double plan_weight(const struct plan *pl, const struct bt_params *p,
                   uint32_t first, uint32_t second)
{
    const struct rating_counts *c = pl->counts;
    const struct rating_cell *there = rating_counts_find(c, first, second);
    const struct rating_cell *back = rating_counts_find(c, second, first);
    uint64_t votes = (there == NULL ? 0 : cell_used(there, p->ties)) +
                     (back == NULL ? 0 : cell_used(back, p->ties));
    return weight_of(votes, p) / pl->mean_weight;
}

/* A prior and a ridge are told in votes, so a vote weighs 1 on the average. */
static void even_weights(struct plan *pl)
{
    double votes = 0, weight = 0;
    for (size_t k = 0; k < pl->n_pairs; k++) {
        const struct fit_pair *p = &pl->pairs[k];
        double n = p->win + p->lose + p->tie;
        votes += n;
        weight += n * p->weight;
    }
    pl->mean_weight = votes > 0 ? weight / votes : 1;
    for (size_t k = 0; k < pl->n_pairs; k++)
        pl->pairs[k].weight /= pl->mean_weight;
}

/* Adds a cell's votes to a pair that may name the models the other way. */
static void pair_add(struct fit_pair *p, const struct rating_cell *cell,
                     enum bt_ties ties)
{
    bool same = p->i == cell->first;
    p->win += (double)cell->n[same ? RATING_FIRST : RATING_SECOND];
    p->lose += (double)cell->n[same ? RATING_SECOND : RATING_FIRST];
    if (ties != BT_TIES_DROP)
        p->tie += (double)(cell->n[RATING_TIE] + cell->n[RATING_BAD]);
}

/* One pair for each two models that met, or two where sides are kept. */
static int make_pairs(struct plan *pl, const struct rating_counts *c,
                      const struct bt_params *p)
{
    pl->pairs = malloc((c->n_cells + 1) * sizeof(*pl->pairs));
    if (pl->pairs == NULL)
        return -1;
    for (size_t k = 0; k < c->n_cells; k++) {
        const struct rating_cell *cell = &c->cells[k];
        const struct rating_cell *back =
            rating_counts_find(c, cell->second, cell->first);
        uint64_t mine = cell_used(cell, p->ties);
        uint64_t both = mine + (back == NULL ? 0 : cell_used(back, p->ties));
        pl->used[cell->first] += mine;
        pl->used[cell->second] += mine;
        if (!pl->position && back != NULL && cell->first > cell->second)
            continue;
        if ((pl->position ? mine : both) == 0)
            continue;
        struct fit_pair *pair = &pl->pairs[pl->n_pairs++];
        *pair = (struct fit_pair){.i = cell->first,
                                  .j = cell->second,
                                  .weight = weight_of(both, p)};
        pair_add(pair, cell, p->ties);
        if (!pl->position && back != NULL)
            pair_add(pair, back, p->ties);
    }
    even_weights(pl);
    return 0;
}

/* Winner to loser, and both ways for ties; at most two edges a pair. */
static size_t make_edges(const struct fit_pair *pairs, size_t n_pairs,
                         struct graph_edge *edges)
{
    size_t n = 0;
    for (size_t k = 0; k < n_pairs; k++) {
        const struct fit_pair *p = &pairs[k];
        if (p->win + p->tie > 0)
            edges[n++] = (struct graph_edge){p->i, p->j};
        if (p->lose + p->tie > 0)
            edges[n++] = (struct graph_edge){p->j, p->i};
    }
    return n;
}

/* The strong components of some models, and how many votes each model has. */
struct parts {
    size_t n;
    const uint32_t *component; /* [n] */
    const uint64_t *votes;     /* [n] */
    uint32_t *strong;          /* [n] */
    uint32_t n_strong;
};

/* In each component that is not strongly connected, the strong component of
 * two models or more with the most votes stays bounded; what has only won or
 * only lost against it has no finite estimate. */
static int find_bounded(const struct parts *t, uint32_t n_components,
                        bool *bounded)
{
    uint64_t *votes = calloc(t->n_strong + 1, sizeof(*votes));
    uint32_t *size = calloc(t->n_strong + 1, sizeof(*size));
    uint32_t *best = malloc((n_components + 1) * sizeof(*best));
    int status = -1;
    if (votes == NULL || size == NULL || best == NULL)
        goto out;
    for (size_t i = 0; i < t->n; i++) {
        votes[t->strong[i]] += t->votes[i];
        size[t->strong[i]]++;
    }
    for (uint32_t g = 0; g < n_components; g++)
        best[g] = GRAPH_NONE;
    for (size_t i = 0; i < t->n; i++) {
        uint32_t g = t->component[i], s = t->strong[i];
        if (g == GRAPH_NONE || size[s] < 2)
            continue;
        if (best[g] == GRAPH_NONE || votes[s] > votes[best[g]])
            best[g] = s;
    }
    for (size_t i = 0; i < t->n; i++) {
        uint32_t g = t->component[i];
        bounded[i] = g != GRAPH_NONE && best[g] == t->strong[i];
    }
    status = 0;
out:
    free(votes);
    free(size);
    free(best);
    return status;
}

static int find_groups(struct plan *pl)
{
    struct graph_edge *edges = malloc((2 * pl->n_pairs + 1) * sizeof(*edges));
    struct parts t = {.n = pl->n_models,
                      .component = pl->component,
                      .votes = pl->used};
    int status = -1;
    t.strong = malloc((pl->n_models + 1) * sizeof(*t.strong));
    if (edges == NULL || t.strong == NULL)
        goto out;
    size_t n_edges = make_edges(pl->pairs, pl->n_pairs, edges);
    pl->n_components =
        graph_components(pl->n_models, edges, n_edges, pl->component);
    if (n_edges == 2 * pl->n_pairs) { /* all went both ways: no more to find */
        t.n_strong = pl->n_components + 1;
        for (size_t i = 0; i < pl->n_models; i++)
            t.strong[i] = pl->component[i] == GRAPH_NONE ? pl->n_components
                                                         : pl->component[i];
    } else if (graph_strong(pl->n_models, edges, n_edges, t.strong,
                            &t.n_strong) != 0) {
        goto out;
    }
    status = find_bounded(&t, pl->n_components, pl->bounded);
out:
    free(edges);
    free(t.strong);
    return status;
}

int plan_find_bounded(const struct plan *pl, const struct fit_pair *pairs,
                      bool *bounded)
{
    struct graph_edge *edges = malloc((2 * pl->n_pairs + 1) * sizeof(*edges));
    struct parts t = {.n = pl->n, .component = pl->group};
    uint64_t *votes = calloc(pl->n + 1, sizeof(*votes));
    int status = -1;
    t.votes = votes;
    t.strong = malloc((pl->n + 1) * sizeof(*t.strong));
    if (edges == NULL || votes == NULL || t.strong == NULL)
        goto out;
    size_t n_edges = make_edges(pairs, pl->n_pairs, edges);
    for (size_t k = 0; k < pl->n_pairs; k++) {
        uint64_t n = (uint64_t)(pairs[k].win + pairs[k].lose + pairs[k].tie);
        votes[pairs[k].i] += n;
        votes[pairs[k].j] += n;
    }
    if (graph_strong(pl->n, edges, n_edges, t.strong, &t.n_strong) != 0 ||
        find_bounded(&t, pl->n_components, bounded) != 0)
        goto out;
    status = 1;
    for (size_t i = 0; i < pl->n; i++)
        status = status && bounded[i];
out:
    free(edges);
    free(votes);
    free(t.strong);
    return status;
}

static double choose_prior(const struct plan *pl, const struct bt_params *p)
{
    if (p->prior >= 0)
        return p->prior;
    if (p->ridge > 0)
        return 0;
    for (size_t i = 0; i < pl->n_models; i++)
        if (pl->component[i] != GRAPH_NONE &&
            (pl->used[i] < FEW_VOTES || !pl->bounded[i]))
            return PLAN_AUTOMATIC_PRIOR;
    return 0;
}

/* An order of the models in which the Hessian fills little; where most met
 * most it is full in any. */
static int choose_order(const struct plan *pl, uint32_t *order)
{
    for (size_t i = 0; i < pl->n_models; i++)
        order[i] = (uint32_t)i;
    if (pl->n_pairs > pl->n_models * pl->n_models / 4)
        return 0;
    struct graph_edge *edges = malloc((2 * pl->n_pairs + 1) * sizeof(*edges));
    int status = -1;
    if (edges != NULL) {
        size_t n_edges = make_edges(pl->pairs, pl->n_pairs, edges);
        status = graph_order(pl->n_models, edges, n_edges, order);
    }
    free(edges);
    return status;
}

/* Keeps the models that can be fitted and numbers them. */
static int choose_models(struct plan *pl)
{
    bool penalized = pl->prior > 0 || pl->ridge > 0;
    uint32_t *order = malloc((pl->n_models + 1) * sizeof(*order));
    int status = -1;
    if (order == NULL || choose_order(pl, order) != 0)
        goto out;
    for (size_t k = 0; k < pl->n_models; k++) {
        uint32_t i = order[k];
        bool keep =
            pl->component[i] != GRAPH_NONE && (penalized || pl->bounded[i]);
        pl->local[i] = keep ? (uint32_t)pl->n : GRAPH_NONE;
        if (!keep)
            continue;
        pl->group[pl->n] = pl->component[i];
        pl->model[pl->n++] = i;
    }
    size_t kept = 0;
    for (size_t k = 0; k < pl->n_pairs; k++) {
        struct fit_pair pair = pl->pairs[k];
        pair.i = pl->local[pair.i];
        pair.j = pl->local[pair.j];
        if (pair.i == GRAPH_NONE || pair.j == GRAPH_NONE)
            continue;
        pl->pairs[kept++] = pair;
        pl->decided[pair.i] += pair.win + pair.lose;
        pl->decided[pair.j] += pair.win + pair.lose;
    }
    pl->n_pairs = kept;
    status = 0;
out:
    free(order);
    return status;
}

static bool has_anchor(const struct plan *pl, const struct bt_params *p)
{
    return p->anchor >= 0 && (uint64_t)p->anchor < pl->n_models &&
           pl->local[p->anchor] != GRAPH_NONE;
}

static int choose_center(struct plan *pl, const struct bt_params *p)
{
    double *total = calloc(pl->n_components + 1, sizeof(*total));
    if (total == NULL)
        return -1;
    uint32_t anchored = has_anchor(pl, p) ? pl->component[p->anchor]
                                          : GRAPH_NONE;
    for (size_t i = 0; i < pl->n; i++) {
        uint32_t m = pl->model[i], g = pl->group[i];
        /* Adding up decides the ground too: the first model of its group. */
        pl->ground[i] = total[g] == 0;
        total[g] += p->center == BT_CENTER_MEAN ? 1 : (double)pl->used[m];
    }
    for (size_t i = 0; i < pl->n; i++) {
        uint32_t m = pl->model[i], g = pl->group[i];
        double share = p->center == BT_CENTER_MEAN ? 1 : (double)pl->used[m];
        pl->center[i] = share / total[g];
        if (g == anchored)
            pl->center[i] = m == (uint64_t)p->anchor;
        if (!pl->bounded[m])
            pl->loose[g] += pl->center[i];
    }
    for (uint32_t g = 0; g < pl->n_components; g++)
        pl->zero[g] = g == anchored ? p->anchor_score : p->start;
    free(total);
    return 0;
}

static int choose_link(struct plan *pl, enum bt_ties ties, const char **why)
{
    double decisive = 0, tied = 0;
    for (size_t k = 0; k < pl->n_pairs; k++) {
        decisive += pl->pairs[k].win + pl->pairs[k].lose;
        tied += pl->pairs[k].tie;
    }
    pl->link = FIT_HALF;
    if ((ties != BT_TIES_DAVIDSON && ties != BT_TIES_RAO_KUPPER) || tied == 0)
        return 0; /* without ties all three are plain Bradley-Terry */
    pl->link = ties == BT_TIES_DAVIDSON ? FIT_DAVIDSON : FIT_RAO_KUPPER;
    if (decisive > 0)
        return 0;
    *why = "every vote is a tie, which a model of ties cannot rate; "
           "count ties as half wins";
    return -1;
}

static int make_room(struct plan *pl)
{
    size_t n = pl->n_models + 1;
    pl->component = malloc(n * sizeof(*pl->component));
    pl->bounded = calloc(n, sizeof(*pl->bounded));
    pl->used = calloc(n, sizeof(*pl->used));
    pl->model = malloc(n * sizeof(*pl->model));
    pl->local = malloc(n * sizeof(*pl->local));
    pl->group = malloc(n * sizeof(*pl->group));
    pl->decided = calloc(n, sizeof(*pl->decided));
    pl->ground = calloc(n, sizeof(*pl->ground));
    pl->center = calloc(n, sizeof(*pl->center));
    pl->zero = calloc(n, sizeof(*pl->zero));
    pl->loose = calloc(n, sizeof(*pl->loose));
    bool whole = pl->component != NULL && pl->bounded != NULL &&
                 pl->used != NULL && pl->model != NULL && pl->local != NULL &&
                 pl->group != NULL && pl->decided != NULL &&
                 pl->ground != NULL && pl->center != NULL &&
                 pl->zero != NULL && pl->loose != NULL;
    return whole ? 0 : -1;
}

int plan_init(struct plan *pl, const struct rating_counts *c,
              const struct bt_params *p, bool position, const char **why)
{
    memset(pl, 0, sizeof(*pl));
    pl->counts = c;
    pl->n_models = c->n_models;
    pl->position = position;
    *why = NO_MEMORY;
    if (make_room(pl) != 0 || make_pairs(pl, c, p) != 0 ||
        find_groups(pl) != 0)
        return -1;
    pl->ridge = p->ridge;
    pl->prior = choose_prior(pl, p);
    if (choose_models(pl) != 0 || choose_center(pl, p) != 0)
        return -1;
    if (choose_link(pl, p->ties, why) != 0)
        return -1;
    if (p->anchor >= 0 && !has_anchor(pl, p)) {
        *why = "the anchor has no estimate of its own to be held at; "
               "anchor another model, or use a prior";
        return -1;
    }
    return 0;
}

int plan_fit_init(const struct plan *pl, double tolerance, struct fit *f)
{
    *f = (struct fit){.n = pl->n,
                      .pairs = pl->pairs,
                      .n_pairs = pl->n_pairs,
                      .link = pl->link,
                      .position = pl->position,
                      .ground = pl->ground,
                      .prior = pl->prior,
                      .ridge = pl->ridge,
                      .tolerance = tolerance};
    return fit_init(f);
}

void plan_center(const struct plan *pl, double *x, double *mean)
{
    memset(mean, 0, pl->n_components * sizeof(*mean));
    for (size_t i = 0; i < pl->n; i++)
        mean[pl->group[i]] += pl->center[i] * x[i];
    for (size_t i = 0; i < pl->n; i++)
        x[i] -= mean[pl->group[i]];
}

bool plan_is_weak(const struct plan *pl, const struct bt_params *p, size_t i)
{
    uint32_t m = pl->model[i];
    bool helped = p->prior < 0 || pl->prior > 0 || pl->ridge > 0;
    return !pl->bounded[m] ||
           (helped && (pl->decided[i] == 0 || pl->used[m] < FEW_VOTES));
}

size_t plan_anchor(const struct plan *pl, const struct bt_params *p, size_t i)
{
    if (!has_anchor(pl, p))
        return i;
    uint32_t anchor = pl->local[p->anchor];
    return pl->group[anchor] == pl->group[i] ? anchor : i;
}

bool plan_is_vague(const struct plan *pl, const struct bt_params *p, size_t i)
{
    return plan_is_weak(pl, p, i) ||
           plan_is_weak(pl, p, plan_anchor(pl, p, i)) ||
           pl->loose[pl->group[i]] > 0.01;
}
