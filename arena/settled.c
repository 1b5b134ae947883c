#include "arena/settled.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A direct vote, seen from the first of the two models. */
struct direct {
    int64_t vote_id, prompt_id;
    enum rating_outcome outcome;
};

int settled_find_model(const struct store_model *models, size_t n,
                       const char *name, uint32_t *out, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        *out = (uint32_t)i;
        if (strcmp(models[i].name, name) == 0)
            return 0;
    }
    return err_set(e, ERR_USAGE, "settle: no model %s in the database; "
                   "\"arena leaderboard\" lists those with votes", name);
}

/* By prompt, and on one prompt in the order of the votes. */
static int compare_direct(const void *x, const void *y)
{
    const struct direct *a = x, *b = y;
    if (a->prompt_id != b->prompt_id)
        return a->prompt_id < b->prompt_id ? -1 : 1;
    return (a->vote_id > b->vote_id) - (a->vote_id < b->vote_id);
}

static size_t find_direct(const struct store_ballots *b, uint32_t first,
                          uint32_t second, struct direct *out)
{
    static const enum rating_outcome turned[RATING_N_OUTCOMES] = {
        RATING_SECOND, RATING_FIRST, RATING_TIE, RATING_BAD};
    size_t n = 0;
    for (size_t k = 0; k < b->n; k++) {
        const struct rating_ballot *x = &b->ballots[k];
        bool same = x->first == first && x->second == second;
        if (!same && (x->first != second || x->second != first))
            continue;
        out[n++] = (struct direct){b->origins[k].vote_id,
                                   b->origins[k].prompt_id,
                                   same ? x->outcome : turned[x->outcome]};
    }
    return n;
}

static void count(struct settled *out, const struct direct *votes, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        bool again = k > 0 && votes[k].prompt_id != 0 &&
                     votes[k].prompt_id == votes[k - 1].prompt_id;
        out->n_repeated += again;
        out->votes.wins += !again && votes[k].outcome == RATING_FIRST;
        out->votes.losses += !again && votes[k].outcome == RATING_SECOND;
        out->votes.ties += !again && (votes[k].outcome == RATING_TIE ||
                                      votes[k].outcome == RATING_BAD);
    }
}

static int load(struct settled *out, struct store *s,
                const struct store_filter *filter,
                const struct store_model *models, size_t n_models,
                const char *const names[2], struct err *e)
{
    uint32_t model[2];
    struct store_ballots b = {0};
    for (int side = 0; side < 2; side++)
        if (settled_find_model(models, n_models, names[side], &model[side],
                               e) != 0)
            return -1;
    if (store_ballots(s, filter, models, n_models, &b, e) != 0)
        return -1;
    int result = 0;
    struct direct *votes = mem_try(b.n + 1, sizeof(*votes));
    if (votes == NULL) {
        result = err_set(e, ERR_FAILURE, "no memory for the votes");
    } else {
        size_t n = find_direct(&b, model[0], model[1], votes);
        qsort(votes, n, sizeof(*votes), compare_direct);
        count(out, votes, n);
    }
    free(votes);
    store_free_ballots(&b);
    return result;
}

int settled_load(struct settled *out, struct store *s,
                 const struct store_filter *filter, const char *a,
                 const char *b, const struct settle_params *p, struct err *e)
{
    const char *const names[2] = {a, b};
    struct store_model *models;
    size_t n;
    *out = (struct settled){.n_repeated = 0};
    if (store_list_models(s, &models, &n, e) != 0)
        return -1;
    int result = load(out, s, filter, models, n, names, e);
    if (result == 0)
        settle(&out->votes, p, &out->result);
    store_free_models(models, n);
    return result;
}

static void add_cell(struct settled *out, const struct rating_cell *cell,
                     bool turned)
{
    if (cell == NULL)
        return;
    uint64_t won = cell->n[RATING_FIRST], lost = cell->n[RATING_SECOND];
    out->votes.wins += turned ? lost : won;
    out->votes.losses += turned ? won : lost;
    out->votes.ties += cell->n[RATING_TIE] + cell->n[RATING_BAD];
    out->n_weighted += cell->n_weighted;
}

void settled_count(struct settled *out, const struct rating_counts *c,
                   uint32_t a, uint32_t b, const struct settle_params *p)
{
    *out = (struct settled){.n_repeated = 0};
    add_cell(out, rating_counts_find(c, a, b), false);
    add_cell(out, rating_counts_find(c, b, a), true);
    settle(&out->votes, p, &out->result);
}
