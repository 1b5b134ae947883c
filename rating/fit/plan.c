#include "rating/fit/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rating/fit/graph.h"

/* The automatic prior is on if a model has fewer votes than this, or no finite
 * estimate. */
enum { FEW_VOTES = 20 };

void plan_free(struct plan *pl)
{
    free(pl->models);
    free(pl->fitted);
    free(pl->components);
    free(pl->pairs);
    memset(pl, 0, sizeof(*pl));
}

size_t plan_model_index(const struct plan *pl, size_t fit_index)
{
    return (size_t)(pl->fitted[fit_index] - pl->models);
}

static uint64_t cell_used(const struct rating_cell *cell, enum bt_ties ties)
{
    uint64_t n = cell->n[RATING_FIRST] + cell->n[RATING_SECOND] +
                 cell->n_weighted;
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

/* A prior and a ridge are given in votes, so the mean weight of a vote is 1. */
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

/* How many votes for one side would scatter as the weighted votes of a cell do
 * around their mean. */
static double scatter(const struct rating_cell *cell)
{
    double n = (double)cell->n_weighted, mean = cell->won / n;
    double sum = n * mean * (1 - mean) - cell->spread; /* of (share - mean)^2 */
    return sum > 1e-9 * n ? 4 * sum : 0; /* less is rounding */
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
    p->decisive += (double)(cell->n[RATING_FIRST] + cell->n[RATING_SECOND]);
    if (cell->n_weighted == 0)
        return;
    double lost = (double)cell->n_weighted - cell->won;
    p->win += same ? cell->won : lost;
    p->lose += same ? lost : cell->won;
    p->spread += cell->spread;
    p->decisive += scatter(cell);
}

/* One pair for each two models that met, or two if sides are kept. */
static int make_pairs(struct plan *pl, const struct bt_params *p)
{
    const struct rating_counts *c = pl->counts;
    pl->pairs = malloc((c->n_cells + 1) * sizeof(*pl->pairs));
    if (pl->pairs == NULL)
        return -1;
    for (size_t k = 0; k < c->n_cells; k++) {
        const struct rating_cell *cell = &c->cells[k];
        const struct rating_cell *back =
            rating_counts_find(c, cell->second, cell->first);
        uint64_t mine = cell_used(cell, p->ties);
        uint64_t both = mine + (back == NULL ? 0 : cell_used(back, p->ties));
        pl->models[cell->first].n_votes += mine;
        pl->models[cell->second].n_votes += mine;
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

/* A model among others that met. */
struct node {
    uint32_t component, strong; /* weak and strong component */
    uint64_t n_votes;
    bool bounded;
};

/* The nodes' strong components.  Returns how many; 0: no memory. */
static uint32_t find_strong(struct node *nodes, size_t n,
                            const struct graph_edge *edges, size_t n_edges)
{
    uint32_t *strong = malloc((n + 1) * sizeof(*strong)), n_strong = 0;
    if (strong == NULL || graph_strong(n, edges, n_edges, strong, &n_strong))
        n_strong = 0;
    for (size_t i = 0; n_strong > 0 && i < n; i++)
        nodes[i].strong = strong[i];
    free(strong);
    return n_strong;
}

/* In each component the strong component of two models or more with the most
 * votes is bounded.  A model outside of it has only won or only lost against
 * it, and has no finite estimate. */
static int find_bounded(struct node *nodes, size_t n, uint32_t n_components,
                        uint32_t n_strong)
{
    uint64_t *votes = calloc(n_strong + 1, sizeof(*votes));
    uint32_t *size = calloc(n_strong + 1, sizeof(*size));
    uint32_t *best = malloc((n_components + 1) * sizeof(*best));
    int status = -1;
    if (votes == NULL || size == NULL || best == NULL)
        goto out;
    for (size_t i = 0; i < n; i++) {
        votes[nodes[i].strong] += nodes[i].n_votes;
        size[nodes[i].strong]++;
    }
    for (uint32_t g = 0; g < n_components; g++)
        best[g] = GRAPH_NONE;
    for (size_t i = 0; i < n; i++) {
        uint32_t g = nodes[i].component, s = nodes[i].strong;
        if (g == GRAPH_NONE || size[s] < 2)
            continue;
        if (best[g] == GRAPH_NONE || votes[s] > votes[best[g]])
            best[g] = s;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t g = nodes[i].component;
        nodes[i].bounded = g != GRAPH_NONE && best[g] == nodes[i].strong;
    }
    status = 0;
out:
    free(votes);
    free(size);
    free(best);
    return status;
}

/* Numbers the components of the models; nodes[n_models] get them too. */
static int find_components(struct plan *pl, const struct graph_edge *edges,
                           size_t n_edges, struct node *nodes)
{
    uint32_t *component = malloc((pl->n_models + 1) * sizeof(*component));
    if (component == NULL)
        return -1;
    pl->n_components =
        graph_components(pl->n_models, edges, n_edges, component);
    for (size_t i = 0; i < pl->n_models; i++) {
        pl->models[i].component = nodes[i].component = component[i];
        nodes[i].n_votes = pl->models[i].n_votes;
    }
    free(component);
    pl->components = calloc(pl->n_components + 1, sizeof(*pl->components));
    return pl->components == NULL ? -1 : 0;
}

static int find_groups(struct plan *pl)
{
    struct graph_edge *edges = malloc((2 * pl->n_pairs + 1) * sizeof(*edges));
    struct node *nodes = calloc(pl->n_models + 1, sizeof(*nodes));
    int status = -1;
    if (edges == NULL || nodes == NULL)
        goto out;
    size_t n_edges = make_edges(pl->pairs, pl->n_pairs, edges);
    if (find_components(pl, edges, n_edges, nodes) != 0)
        goto out;
    uint32_t n_strong = pl->n_components + 1;
    if (n_edges == 2 * pl->n_pairs) { /* all went both ways: strong is weak */
        for (size_t i = 0; i < pl->n_models; i++)
            nodes[i].strong = nodes[i].component == GRAPH_NONE
                                  ? pl->n_components
                                  : nodes[i].component;
    } else {
        n_strong = find_strong(nodes, pl->n_models, edges, n_edges);
    }
    if (n_strong > 0)
        status = find_bounded(nodes, pl->n_models, pl->n_components, n_strong);
    for (size_t i = 0; status == 0 && i < pl->n_models; i++)
        pl->models[i].bounded = nodes[i].bounded;
out:
    free(edges);
    free(nodes);
    return status;
}

int plan_find_bounded(const struct plan *pl, const struct fit_pair *pairs,
                      bool *bounded)
{
    struct graph_edge *edges = malloc((2 * pl->n_pairs + 1) * sizeof(*edges));
    struct node *nodes = calloc(pl->n + 1, sizeof(*nodes));
    int status = -1;
    if (edges == NULL || nodes == NULL)
        goto out;
    size_t n_edges = make_edges(pairs, pl->n_pairs, edges);
    for (size_t k = 0; k < pl->n_pairs; k++) {
        uint64_t n = /* parts of votes add up to whole ones */
            (uint64_t)llround(pairs[k].win + pairs[k].lose + pairs[k].tie);
        nodes[pairs[k].i].n_votes += n;
        nodes[pairs[k].j].n_votes += n;
    }
    for (size_t i = 0; i < pl->n; i++)
        nodes[i].component = pl->fitted[i]->component;
    uint32_t n_strong = find_strong(nodes, pl->n, edges, n_edges);
    if (n_strong == 0 ||
        find_bounded(nodes, pl->n, pl->n_components, n_strong) != 0)
        goto out;
    status = 1;
    for (size_t i = 0; i < pl->n; i++) {
        bounded[i] = nodes[i].bounded;
        status = status && bounded[i];
    }
out:
    free(edges);
    free(nodes);
    return status;
}

static double choose_prior(const struct plan *pl, const struct bt_params *p)
{
    if (p->prior >= 0)
        return p->prior;
    if (p->ridge > 0)
        return 0;
    for (size_t i = 0; i < pl->n_models; i++)
        if (pl->models[i].component != GRAPH_NONE &&
            (pl->models[i].n_votes < FEW_VOTES || !pl->models[i].bounded))
            return PLAN_AUTOMATIC_PRIOR;
    return 0;
}

/* An order of the models in which the Hessian fills little.  If most pairs met,
 * it is full in any order. */
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
        struct plan_model *m = &pl->models[order[k]];
        bool keep = m->component != GRAPH_NONE && (penalized || m->bounded);
        m->fit_index = keep ? (uint32_t)pl->n : GRAPH_NONE;
        if (keep)
            pl->fitted[pl->n++] = m;
    }
    size_t kept = 0;
    for (size_t k = 0; k < pl->n_pairs; k++) {
        struct fit_pair pair = pl->pairs[k];
        struct plan_model *a = &pl->models[pair.i], *b = &pl->models[pair.j];
        if (a->fit_index == GRAPH_NONE || b->fit_index == GRAPH_NONE)
            continue;
        pair.i = a->fit_index;
        pair.j = b->fit_index;
        pl->pairs[kept++] = pair;
        a->n_decisive += pair.decisive;
        b->n_decisive += pair.decisive;
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
           pl->models[p->anchor].fit_index != GRAPH_NONE;
}

static int choose_center(struct plan *pl, const struct bt_params *p)
{
    double *total = calloc(pl->n_components + 1, sizeof(*total));
    if (total == NULL)
        return -1;
    const struct plan_model *anchor =
        has_anchor(pl, p) ? &pl->models[p->anchor] : NULL;
    uint32_t anchored = anchor == NULL ? GRAPH_NONE : anchor->component;
    for (size_t i = 0; i < pl->n; i++) {
        struct plan_model *m = pl->fitted[i];
        m->center_share =
            p->center == BT_CENTER_MEAN ? 1 : (double)m->n_votes;
        /* The first of a component is the one without a sum before it. */
        m->is_reference = total[m->component] == 0;
        total[m->component] += m->center_share;
    }
    for (size_t i = 0; i < pl->n; i++) {
        struct plan_model *m = pl->fitted[i];
        m->center_share /= total[m->component];
        if (m->component == anchored)
            m->center_share = m == anchor;
        if (!m->bounded)
            pl->components[m->component].unbounded_share += m->center_share;
    }
    for (uint32_t g = 0; g < pl->n_components; g++)
        pl->components[g].center_score =
            g == anchored ? p->anchor_score : p->start;
    free(total);
    return 0;
}

static int choose_link(struct plan *pl, enum bt_ties ties, struct err *e)
{
    double decisive = 0, tied = 0;
    for (size_t k = 0; k < pl->n_pairs; k++) {
        decisive += pl->pairs[k].win + pl->pairs[k].lose;
        tied += pl->pairs[k].tie;
    }
    pl->link = FIT_HALF;
    if ((ties != BT_TIES_DAVIDSON && ties != BT_TIES_RAO_KUPPER) || tied == 0)
        return 0; /* without ties all are plain Bradley-Terry */
    pl->link = ties == BT_TIES_DAVIDSON ? FIT_DAVIDSON : FIT_RAO_KUPPER;
    if (decisive > 0)
        return 0;
    return err_set(e, ERR_FORMAT, "every vote is a tie, which a model of ties "
                   "cannot rate; count ties as half wins");
}

/* All steps that only a lack of memory can end. */
static int plan_votes(struct plan *pl, const struct bt_params *p)
{
    pl->models = calloc(pl->n_models + 1, sizeof(*pl->models));
    pl->fitted = calloc(pl->n_models + 1, sizeof(struct plan_model *));
    if (pl->models == NULL || pl->fitted == NULL || make_pairs(pl, p) != 0 ||
        find_groups(pl) != 0)
        return -1;
    pl->prior = choose_prior(pl, p);
    return choose_models(pl) == 0 ? choose_center(pl, p) : -1;
}

int plan_init(struct plan *pl, const struct rating_counts *c,
              const struct bt_params *p, bool position, struct err *e)
{
    *pl = (struct plan){.counts = c,
                        .n_models = c->n_models,
                        .position = position,
                        .ridge = p->ridge};
    if (plan_votes(pl, p) != 0)
        return err_set(e, ERR_FAILURE, "not enough memory");
    if (choose_link(pl, p->ties, e) != 0)
        return -1;
    if (p->anchor >= 0 && !has_anchor(pl, p))
        return err_set(e, ERR_FORMAT, "the anchor has no estimate of its own "
                       "to be held at; anchor another model, or use a prior");
    return 0;
}

int plan_fit_init(const struct plan *pl, double tolerance, struct fit *f)
{
    *f = (struct fit){.n = pl->n,
                      .pairs = pl->pairs,
                      .n_pairs = pl->n_pairs,
                      .link = pl->link,
                      .position = pl->position,
                      .prior = pl->prior,
                      .ridge = pl->ridge,
                      .tolerance = tolerance};
    if (fit_init(f) != 0)
        return -1;
    for (size_t i = 0; i < pl->n; i++)
        f->is_reference[i] = pl->fitted[i]->is_reference;
    return 0;
}

void plan_center(const struct plan *pl, double *x, double *mean)
{
    memset(mean, 0, pl->n_components * sizeof(*mean));
    for (size_t i = 0; i < pl->n; i++)
        mean[pl->fitted[i]->component] += pl->fitted[i]->center_share * x[i];
    for (size_t i = 0; i < pl->n; i++)
        x[i] -= mean[pl->fitted[i]->component];
}

bool plan_is_weak(const struct plan *pl, const struct bt_params *p, size_t i)
{
    const struct plan_model *m = pl->fitted[i];
    bool helped = p->prior < 0 || pl->prior > 0 || pl->ridge > 0;
    return !m->bounded ||
           (helped && (m->n_decisive == 0 || m->n_votes < FEW_VOTES));
}

size_t plan_anchor(const struct plan *pl, const struct bt_params *p, size_t i)
{
    if (!has_anchor(pl, p))
        return i;
    const struct plan_model *anchor = &pl->models[p->anchor];
    return anchor->component == pl->fitted[i]->component ? anchor->fit_index
                                                         : i;
}

bool plan_is_vague(const struct plan *pl, const struct bt_params *p, size_t i)
{
    return plan_is_weak(pl, p, i) ||
           plan_is_weak(pl, p, plan_anchor(pl, p, i)) ||
           pl->components[pl->fitted[i]->component].unbounded_share > 0.01;
}
