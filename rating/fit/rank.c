#include "rating/fit/rank.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "rating/math/normal.h"

struct bound {
    uint32_t component;
    double lower;
};

static int compare_bounds(const void *a, const void *b)
{
    const struct bound *x = a, *y = b;
    if (x->component != y->component)
        return x->component < y->component ? -1 : 1;
    return (x->lower > y->lower) - (x->lower < y->lower);
}

/* A model without an interval is neither above nor below another. */
static bool has_place(const struct bt_model *m)
{
    return !isnan(m->rating) && !isnan(m->lower) && !isnan(m->upper);
}

/* Ranks by sorted lower bounds: for each model, how many of its group's lie
 * above its upper one. */
static int rank_by_bounds(struct bt_result *r)
{
    struct bound *all = malloc((r->n_models + 1) * sizeof(*all));
    if (all == NULL)
        return -1;
    size_t n = 0;
    for (size_t i = 0; i < r->n_models; i++)
        if (has_place(&r->models[i]))
            all[n++] = (struct bound){r->models[i].component,
                                      r->models[i].lower};
    qsort(all, n, sizeof(*all), compare_bounds);
    for (size_t i = 0; i < r->n_models; i++) {
        struct bt_model *m = &r->models[i];
        m->rank = 0;
        if (!has_place(m))
            continue;
        size_t low = 0, high = n; /* first entry beyond (group, upper) */
        while (low < high) {
            size_t middle = (low + high) / 2;
            const struct bound *b = &all[middle];
            if (b->component < m->component ||
                (b->component == m->component && b->lower <= m->upper))
                low = middle + 1;
            else
                high = middle;
        }
        size_t end = low;
        for (; end < n && all[end].component == m->component; end++)
            m->rank++;
        m->rank++;
    }
    free(all);
    return 0;
}

struct pair_test {
    uint32_t i, j;
    double p; /* of so large a difference if there is none */
};

static int compare_tests(const void *a, const void *b)
{
    const struct pair_test *x = a, *y = b;
    return (x->p > y->p) - (x->p < y->p); /* most certain first */
}

static size_t make_tests(const struct bt_result *r, struct pair_test *tests)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_models; i++) {
        for (size_t j = 0; j < i; j++) {
            const struct bt_model *a = &r->models[i], *b = &r->models[j];
            if (isnan(a->rating) || isnan(b->rating) ||
                a->component != b->component)
                continue;
            struct bt_difference d = bt_compare(r, i, j);
            double p = 2 * fmin(d.probability, 1 - d.probability);
            tests[n++] = (struct pair_test){(uint32_t)i, (uint32_t)j,
                                            d.se > 0 ? p : 1};
        }
    }
    return n;
}

struct place {
    uint32_t model, component;
    double rating;
};

static int compare_rated(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->component != y->component)
        return x->component < y->component ? -1 : 1;
    if (x->rating != y->rating)
        return x->rating > y->rating ? -1 : 1;
    return (x->model > y->model) - (x->model < y->model);
}

/* The first n_told tests tell their two models apart. */
static int find_tiers(struct bt_result *r, const struct pair_test *tests,
                      size_t n_told)
{
    size_t n = r->n_models, n_rated = 0;
    struct place *places = malloc((n + 1) * sizeof(*places));
    bool *told = calloc(n * n + 1, sizeof(*told));
    if (places == NULL || told == NULL) {
        free(places);
        free(told);
        return -1;
    }
    for (size_t k = 0; k < n_told; k++)
        told[tests[k].i * n + tests[k].j] = told[tests[k].j * n + tests[k].i] =
            true;
    for (size_t i = 0; i < n; i++)
        if (!isnan(r->models[i].rating))
            places[n_rated++] = (struct place){
                (uint32_t)i, r->models[i].component, r->models[i].rating};
    qsort(places, n_rated, sizeof(*places), compare_rated);
    const struct place *head = NULL;
    uint32_t tier = 0;
    for (size_t k = 0; k < n_rated; k++) {
        const struct place *p = &places[k];
        if (head == NULL || head->component != p->component)
            tier = 0;
        if (tier == 0 || told[head->model * n + p->model]) {
            head = p;
            tier++;
        }
        r->models[p->model].tier = tier;
    }
    free(places);
    free(told);
    return 0;
}

static int rank_simultaneous(struct bt_result *r)
{
    size_t max = r->n_models * (r->n_models - 1) / 2;
    struct pair_test *tests = malloc((max + 1) * sizeof(*tests));
    if (tests == NULL)
        return -1;
    size_t n = make_tests(r, tests);
    for (size_t i = 0; i < r->n_models; i++) {
        r->models[i].rank_best = 0;
        r->models[i].rank_worst = 0;
        r->models[i].tier = 0;
    }
    for (size_t k = 0; k < n; k++) { /* before any test: any place */
        r->models[tests[k].i].rank_worst++;
        r->models[tests[k].j].rank_worst++;
    }
    for (size_t i = 0; i < r->n_models; i++) {
        if (isnan(r->models[i].rating))
            continue;
        r->models[i].rank_best++;
        r->models[i].rank_worst++;
    }
    qsort(tests, n, sizeof(*tests), compare_tests);
    size_t n_told = 0;
    for (size_t k = 0; k < n; k++) {
        if (tests[k].p * (double)(n - k) > 0.05)
            break; /* nor is any after it, by Holm's rule */
        n_told++;
        struct bt_model *a = &r->models[tests[k].i];
        struct bt_model *b = &r->models[tests[k].j];
        if (a->rating > b->rating) {
            a->rank_worst--;
            b->rank_best++;
        } else {
            b->rank_worst--;
            a->rank_best++;
        }
    }
    int status = find_tiers(r, tests, n_told);
    free(tests);
    return status;
}

int rank_fill(struct bt_result *r)
{
    if (rank_by_bounds(r) != 0)
        return -1;
    return r->difference_se == NULL ? 0 : rank_simultaneous(r);
}
