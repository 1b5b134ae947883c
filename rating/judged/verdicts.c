#include "rating/judged/verdicts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rating/fit/graph.h"
#include "rating/votes/share.h"

void verdicts_free(struct verdicts *t)
{
    free(t->pairs);
    free(t->rows);
    free(t->n_clusters);
    memset(t, 0, sizeof(*t));
}

/* What verdicts_init works with. */
struct making {
    struct verdicts *t;
    const struct plan *pl;
    const struct judged_rows *from;
    struct rating_counts index; /* its cell k, from the lower to the higher
                                   fit index, is pair k of the plan */
    uint32_t *pair_of;          /* [n_battles] or GRAPH_NONE */
    bool *turned;               /* [n_battles] its first is the pair's second */
    uint32_t *n_voted;          /* [n_battles] votes on a battle */
};

static int init_index(struct making *m)
{
    rating_counts_init(&m->index);
    m->index.n_models = m->pl->n;
    for (size_t k = 0; k < m->pl->n_pairs; k++) {
        uint32_t i = m->pl->pairs[k].i, j = m->pl->pairs[k].j;
        if (rating_counts_add(&m->index, i < j ? i : j, i < j ? j : i,
                              RATING_FIRST, 0) != 0)
            return -1;
    }
    return 0;
}

/* The pair of two models, GRAPH_NONE if people gave no votes on it.  *turned:
 * the first is the pair's second. */
static uint32_t find_pair(struct making *m, uint32_t first, uint32_t second,
                          bool *turned)
{
    const struct rating_cell *cell = NULL;
    uint32_t i = GRAPH_NONE, j = GRAPH_NONE, pair;
    if (first < m->pl->n_models && second < m->pl->n_models) {
        i = m->pl->models[first].fit_index;
        j = m->pl->models[second].fit_index;
    }
    if (i != GRAPH_NONE && j != GRAPH_NONE)
        cell = rating_counts_find(&m->index, i < j ? i : j, i < j ? j : i);
    if (cell == NULL)
        return GRAPH_NONE;
    pair = (uint32_t)(cell - m->index.cells);
    *turned = m->pl->pairs[pair].i != i;
    return pair;
}

static double turn(double score, bool turned)
{
    return turned ? 1 - score : score;
}

/* Adds verdicts that nobody voted beside.  Their squares
 * wait for the mean. */
static void add_mass(struct making *m, const struct judged_mass *x)
{
    bool turned;
    uint32_t pair = find_pair(m, x->first, x->second, &turned);
    if (pair == GRAPH_NONE) {
        m->t->n_apart += x->n;
        return;
    }
    struct verdicts_pair *p = &m->t->pairs[pair];
    double sum = turned ? x->n - x->sum : x->sum;
    p->mean += sum;
    p->spread += x->n;
    p->n_judged += x->n;
    p->judged_sum += sum;
}

/* The squares of those verdicts about the mean of the pair. */
static void add_mass_squares(struct making *m, const struct judged_mass *x)
{
    bool turned;
    uint32_t pair = find_pair(m, x->first, x->second, &turned);
    if (pair == GRAPH_NONE)
        return;
    struct verdicts_pair *p = &m->t->pairs[pair];
    double mean = turned ? 1 - p->mean : p->mean;
    p->rest += x->squares - 2 * mean * x->sum + x->n * mean * mean;
}

/* First pass: sums of verdicts; then what follows from them. */
static void add_verdicts(struct making *m)
{
    for (size_t b = 0; b < m->from->n_battles; b++) {
        const struct judged_battle *battle = &m->from->battles[b];
        m->pair_of[b] =
            find_pair(m, battle->first, battle->second, &m->turned[b]);
        bool apart = m->pair_of[b] == GRAPH_NONE;
        m->t->n_apart += apart && !isnan(battle->judge);
        if (isnan(battle->judge) || apart)
            continue;
        struct verdicts_pair *p = &m->t->pairs[m->pair_of[b]];
        double f = turn(battle->judge, m->turned[b]);
        double v = m->n_voted[b];
        p->n_shared += v;
        p->n_squares += v * v;
        p->shared_sum += v * f;
        p->mean += f; /* a sum for now */
        p->spread++;  /* battles for now */
        p->n_judged += v == 0;
        p->judged_sum += v == 0 ? f : 0;
    }
    for (size_t k = 0; k < m->from->n_masses; k++)
        add_mass(m, &m->from->masses[k]);
    for (size_t i = 0; i < m->pl->n_pairs; i++) {
        struct verdicts_pair *p = &m->t->pairs[i];
        double n = p->spread, squares = p->n_squares * p->n_judged;
        p->mean = n > 0 ? p->mean / n : 0;
        p->spread = n > 1 ? sqrt(n / (n - 1)) : 0;
        if (p->n_judged > 0 && p->n_shared > 0)
            p->share = squares / (squares + p->n_shared * p->n_shared);
    }
}

static void add_row(struct verdicts *t, uint64_t cluster, uint32_t pair,
                    double judge)
{
    t->rows[t->n_rows++] = (struct verdicts_row){
        .cluster = cluster, .pair = pair, .judge = judge};
}

/* Clusters are numbered by what makes them; scores that are like no other come
 * after 2^32. */
static uint64_t lone(size_t number)
{
    return ((uint64_t)1 << 32) + number;
}

static void add_votes(struct making *m, enum judged_cluster by)
{
    size_t n_battles = m->from->n_battles;
    for (size_t i = 0; i < m->from->n_votes; i++) {
        const struct judged_vote *v = &m->from->votes[i];
        const struct judged_battle *b = &m->from->battles[v->battle];
        uint32_t k = m->pair_of[v->battle];
        bool turned = m->turned[v->battle];
        if (k == GRAPH_NONE)
            continue;
        uint64_t cluster = v->battle;
        if (by == JUDGED_BY_VOTER)
            cluster = v->voter == RATING_NO_VOTER ? lone(n_battles + i)
                                                  : v->voter;
        else if (by == JUDGED_BY_PROMPT)
            cluster = b->prompt == JUDGED_NO_PROMPT ? lone(v->battle)
                                                    : b->prompt;
        add_row(m->t, cluster, k, turn(b->judge, turned));
        struct verdicts_row *row = &m->t->rows[m->t->n_rows - 1];
        row->voted = true;
        row->score = turn(share_of_outcome(v->outcome), turned);
        m->t->pairs[k].n_votes++;
        m->t->pairs[k].score += row->score;
    }
}

/* Verdicts on battles that nobody voted on: rows if a prompt is common with
 * others, else only their squares. */
static void add_unvoted(struct making *m, enum judged_cluster by)
{
    for (size_t b = 0; b < m->from->n_battles; b++) {
        const struct judged_battle *battle = &m->from->battles[b];
        if (m->n_voted[b] > 0 || isnan(battle->judge) ||
            m->pair_of[b] == GRAPH_NONE)
            continue;
        struct verdicts_pair *p = &m->t->pairs[m->pair_of[b]];
        double f = turn(battle->judge, m->turned[b]);
        if (by == JUDGED_BY_PROMPT && battle->prompt != JUDGED_NO_PROMPT)
            add_row(m->t, battle->prompt, m->pair_of[b], f);
        else
            p->rest += (f - p->mean) * (f - p->mean);
    }
}

static int compare_rows(const void *a, const void *b)
{
    const struct verdicts_row *x = a, *y = b;
    if (x->cluster != y->cluster)
        return x->cluster < y->cluster ? -1 : 1;
    if (x->voted != y->voted)
        return x->voted ? -1 : 1;
    return (x->pair > y->pair) - (x->pair < y->pair);
}

/* Counts the clusters with a vote, of each model and with a verdict. */
static int count_clusters(struct verdicts *t, const struct plan *pl)
{
    uint64_t *last = malloc((pl->n + 1) * sizeof(*last));
    t->n_clusters = calloc(pl->n + 1, sizeof(*t->n_clusters));
    if (last == NULL || t->n_clusters == NULL) {
        free(last);
        return -1;
    }
    memset(last, 0xFF, (pl->n + 1) * sizeof(*last)); /* no cluster */
    uint64_t last_shared = UINT64_MAX;
    for (size_t k = 0; k < t->n_rows; k++) {
        const struct verdicts_row *row = &t->rows[k];
        const struct fit_pair *pair = &pl->pairs[row->pair];
        if (!row->voted)
            continue;
        t->n_clusters[pair->i] += last[pair->i] != row->cluster;
        t->n_clusters[pair->j] += last[pair->j] != row->cluster;
        last[pair->i] = last[pair->j] = row->cluster;
        if (isnan(row->judge) || t->pairs[row->pair].share == 0)
            continue;
        t->n_shared_clusters += last_shared != row->cluster;
        last_shared = row->cluster;
    }
    free(last);
    return 0;
}

int verdicts_init(struct verdicts *t, const struct plan *pl,
               const struct judged_rows *rows, enum judged_cluster cluster)
{
    struct making m = {.t = t, .pl = pl, .from = rows};
    size_t n_rows = rows->n_votes +
                    (cluster == JUDGED_BY_PROMPT ? rows->n_battles : 0);
    int status = -1;
    memset(t, 0, sizeof(*t));
    t->pairs = calloc(pl->n_pairs + 1, sizeof(*t->pairs));
    t->rows = malloc((n_rows + 1) * sizeof(*t->rows));
    m.n_voted = calloc(rows->n_battles + 1, sizeof(*m.n_voted));
    m.pair_of = malloc((rows->n_battles + 1) * sizeof(*m.pair_of));
    m.turned = calloc(rows->n_battles + 1, sizeof(*m.turned));
    if (t->pairs == NULL || t->rows == NULL || m.n_voted == NULL ||
        m.pair_of == NULL || m.turned == NULL ||
        init_index(&m) != 0)
        goto out;
    for (size_t k = 0; k < rows->n_votes; k++)
        m.n_voted[rows->votes[k].battle]++;
    add_verdicts(&m);
    add_votes(&m, cluster);
    add_unvoted(&m, cluster);
    for (size_t k = 0; k < rows->n_masses; k++)
        add_mass_squares(&m, &rows->masses[k]);
    qsort(t->rows, t->n_rows, sizeof(*t->rows), compare_rows);
    status = count_clusters(t, pl);
out:
    rating_counts_free(&m.index);
    free(m.n_voted);
    free(m.pair_of);
    free(m.turned);
    return status;
}
