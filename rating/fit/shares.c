#include "rating/fit/shares.h"

#include <stdlib.h>

#include "rating/fit/graph.h"

/* A pair by the models of the counts, the smaller number first if sides are not
 * told apart. */
struct key {
    size_t first, second, pair;
};

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (x->second > y->second) - (x->second < y->second);
}

static struct key key_of(const struct plan *pl, size_t i, size_t j)
{
    if (!pl->position && i > j)
        return (struct key){j, i, 0};
    return (struct key){i, j, 0};
}

int shares_init(struct shares *s, const struct plan *pl)
{
    const struct rating_counts *c = pl->counts;
    *s = (struct shares){NULL, 0};
    if (c->n_weighted == 0)
        return 0;
    struct key *keys = malloc((pl->n_pairs + 1) * sizeof(*keys));
    s->votes = malloc(c->n_weighted * sizeof(*s->votes));
    if (keys == NULL || s->votes == NULL) {
        free(keys);
        return -1;
    }
    for (size_t k = 0; k < pl->n_pairs; k++) {
        keys[k] = key_of(pl, pl->pairs[k].i, pl->pairs[k].j);
        keys[k].pair = k;
    }
    qsort(keys, pl->n_pairs, sizeof(*keys), compare_keys);
    for (size_t k = 0; k < c->n_weighted; k++) {
        const struct rating_weighted *w = &c->weighted[k];
        uint32_t i = pl->models[w->first].fit_index;
        uint32_t j = pl->models[w->second].fit_index;
        if (i == GRAPH_NONE || j == GRAPH_NONE)
            continue;
        struct key wanted = key_of(pl, i, j);
        const struct key *found = bsearch(&wanted, keys, pl->n_pairs,
                                          sizeof(*keys), compare_keys);
        if (found == NULL)
            continue;
        bool same = pl->pairs[found->pair].i == i;
        s->votes[s->n++] = (struct shares_vote){
            found->pair, 0.5 + (same ? w->lean : -w->lean), w->n};
    }
    free(keys);
    return 0;
}

void shares_free(struct shares *s)
{
    free(s->votes);
    *s = (struct shares){NULL, 0};
}
