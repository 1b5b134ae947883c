#include "arena/telling.h"

#include <stdbool.h>
#include <stdlib.h>

#include "arena/pairing.h"
#include "arena/store/store.h"
#include "base/mem.h"

struct waiting {
    int64_t id;
    size_t pair;   /* as rating_pair_index of places in `models` */
    size_t prompt; /* index in `shown` */
};

struct telling {
    struct arena *arena;
    struct waiting *battles;
    size_t n;
    int64_t *models; /* [n_models] rows of the store */
    size_t n_models;
    int64_t *prompts; /* [n_prompts] rows, sorted */
    size_t *shown;    /* [n_prompts] battles with a vote or given out */
    size_t n_prompts;
    double *p;        /* [pairs] */
};

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Sorts and drops what is there twice; how many are left. */
static size_t sort_once(int64_t *ids, size_t n)
{
    size_t kept = 0;
    qsort(ids, n, sizeof(*ids), compare);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || ids[kept - 1] != ids[i])
            ids[kept++] = ids[i];
    return kept;
}

static size_t find(const int64_t *ids, size_t n, int64_t id)
{
    const int64_t *at = bsearch(&id, ids, n, sizeof(*ids), compare);
    return at == NULL ? n : (size_t)(at - ids);
}

static void take(struct telling *t, const struct store_run_battle *rows,
                 size_t n_rows, const int64_t *sorted, size_t n)
{
    for (size_t i = 0; i < n_rows; i++) {
        t->models[2 * i] = rows[i].model_id[0];
        t->models[2 * i + 1] = rows[i].model_id[1];
        t->prompts[i] = rows[i].prompt_id;
    }
    t->n_models = sort_once(t->models, 2 * n_rows);
    t->n_prompts = sort_once(t->prompts, n_rows);
    for (size_t i = 0; i < n_rows; i++) {
        const struct store_run_battle *b = &rows[i];
        size_t prompt = find(t->prompts, t->n_prompts, b->prompt_id);
        if (b->state == STORE_VOTED)
            t->shown[prompt]++;
        if (find(sorted, n, b->id) == n)
            continue;
        size_t first = find(t->models, t->n_models, b->model_id[0]);
        size_t second = find(t->models, t->n_models, b->model_id[1]);
        t->battles[t->n++] = (struct waiting){
            b->id, rating_pair_index(first, second), prompt};
    }
    t->p = mem_calloc(t->n_models * t->n_models + 1, sizeof(*t->p));
}

int telling_open(struct telling **out, struct arena *a, int64_t run_id,
                 const int64_t *ids, size_t n, struct err *e)
{
    struct store_run_battle *rows;
    size_t n_rows;
    if (store_list_run_battles(a->store, run_id, &rows, &n_rows, e) != 0)
        return -1;
    struct telling *t = mem_calloc(1, sizeof(*t));
    t->arena = a;
    t->battles = mem_calloc(n_rows + 1, sizeof(*t->battles));
    t->models = mem_calloc(2 * n_rows + 1, sizeof(*t->models));
    t->prompts = mem_calloc(n_rows + 1, sizeof(*t->prompts));
    t->shown = mem_calloc(n_rows + 1, sizeof(*t->shown));
    int64_t *sorted = mem_calloc(n + 1, sizeof(*sorted));
    for (size_t i = 0; i < n; i++)
        sorted[i] = ids[i];
    take(t, rows, n_rows, sorted, sort_once(sorted, n));
    free(sorted);
    free(rows);
    *out = t;
    return 0;
}

void telling_close(struct telling *t)
{
    if (t == NULL)
        return;
    free(t->battles);
    free(t->models);
    free(t->prompts);
    free(t->shown);
    free(t->p);
    free(t);
}

/* Draws a pair among those that have a battle left. */
static size_t draw_pair(struct telling *t)
{
    size_t n = t->n_models * (t->n_models - 1) / 2;
    bool *has = mem_calloc(n, sizeof(*has));
    double sum = 0;
    for (size_t i = 0; i < t->n; i++)
        has[t->battles[i].pair] = true;
    for (size_t k = 0; k < n; k++) {
        t->p[k] = has[k] ? t->p[k] : 0;
        sum += t->p[k]; /* over 0: half of the draws are of any pair */
    }
    for (size_t k = 0; k < n; k++)
        t->p[k] /= sum;
    free(has);
    return pairing_draw_index(t->p, n, &t->arena->rng);
}

/* One of the pair's battles whose prompt was shown least. */
static size_t draw_battle(struct telling *t, size_t pair)
{
    size_t drawn = 0, least = SIZE_MAX, n = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct waiting *w = &t->battles[i];
        if (w->pair != pair || t->shown[w->prompt] > least)
            continue;
        if (t->shown[w->prompt] < least) {
            least = t->shown[w->prompt];
            n = 0;
        }
        if (rng_below(&t->arena->rng, ++n) == 0)
            drawn = i;
    }
    return drawn;
}

int telling_next(struct telling *t, int64_t *id, struct err *e)
{
    if (t->n == 0)
        return 0;
    if (pairing_chances_stored(t->arena->store, RATING_POLICY_LEADER, NULL,
                               t->models, t->n_models, t->p, e) != 0)
        return -1;
    size_t i = draw_battle(t, draw_pair(t));
    *id = t->battles[i].id;
    t->shown[t->battles[i].prompt]++;
    t->battles[i] = t->battles[--t->n];
    return 1;
}
