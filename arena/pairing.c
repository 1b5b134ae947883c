#include "arena/pairing.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

static int fail_draw(const struct rating_pairing *q, struct err *e)
{
    size_t n_drawable = 0;
    for (size_t i = 0; i < q->n; i++)
        n_drawable += q->weights == NULL || q->weights[i] > 0;
    if (n_drawable >= 2)
        return err_wrap(e, "no pair of models can be drawn");
    return err_set(e, ERR_CONFIG,
                   "the arena needs two models to draw from, the config "
                   "has %zu; add one with \"arena models add\": the same "
                   "weights with another temperature or system prompt are "
                   "another model", n_drawable);
}

size_t pairing_draw_index(const double *p, size_t n, struct rng *rng)
{
    double point = rng_double(rng);
    size_t last = 0;
    for (size_t k = 0; k < n; k++) {
        if (!(p[k] > 0))
            continue;
        last = k;
        if (point < p[k])
            break;
        point -= p[k]; /* rounding may leave a crumb beyond the last one */
    }
    return last;
}

int pairing_draw(const struct rating_pairing *q, struct rng *rng,
                 struct pairing *out, struct err *e)
{
    size_t n_pairs = q->n < 2 ? 0 : q->n * (q->n - 1) / 2;
    double *p = mem_calloc(n_pairs + 1, sizeof(*p));
    if (rating_pairing(q, p, e) != 0) {
        free(p);
        return fail_draw(q, e);
    }
    size_t pair = pairing_draw_index(p, n_pairs, rng);
    out->probability = p[pair];
    free(p);
    size_t first = 1; /* rating_pair_index, the other way round */
    while (first * (first + 1) / 2 <= pair)
        first++;
    size_t second = pair - first * (first - 1) / 2;
    bool swap = rng_below(rng, 2) == 1;
    out->side[0] = swap ? second : first;
    out->side[1] = swap ? first : second;
    return 0;
}

/* Moves counts of the store's models to the n that can be drawn; what others
 * did is left out. */
static int choose(const struct rating_counts *all,
                  const struct store_model *models, size_t n_models,
                  const int64_t *ids, size_t n, struct rating_counts *out)
{
    int result = 0;
    uint32_t *place = mem_calloc(n_models, sizeof(*place)); /* 1 + index */
    for (size_t k = 0; k < n_models; k++)
        for (size_t i = 0; i < n && place[k] == 0; i++)
            place[k] = ids[i] == models[k].id ? (uint32_t)i + 1 : 0;
    for (size_t k = 0; k < all->n_cells && result == 0; k++) {
        const struct rating_cell *c = &all->cells[k];
        uint32_t first = place[c->first], second = place[c->second];
        if (first && second)
            result = rating_counts_add_all(out, first - 1, second - 1, c->n);
    }
    free(place);
    return result;
}

/* Reads one kind of counts of the models that can be drawn. */
static int read_counts(struct store *s, bool votes, const char *voter,
                       const int64_t *ids, size_t n, struct rating_counts *out,
                       struct err *e)
{
    const struct store_filter filter = {.voter = voter};
    struct store_model *models;
    struct rating_counts all;
    size_t n_models;
    if (store_list_models(s, &models, &n_models, e) != 0)
        return -1;
    int result = votes ? store_counts(s, &filter, models, n_models, &all, e)
                       : store_fruitless_counts(s, models, n_models, &all, e);
    if (result == 0) {
        result = choose(&all, models, n_models, ids, n, out);
        if (result != 0)
            err_set(e, ERR_FAILURE, "no memory to draw a pair");
        rating_counts_free(&all);
    }
    store_free_models(models, n_models);
    return result;
}

/* The votes and fruitless battles that a policy asks for.  Free both in either
 * case. */
static int read_both(struct store *s, enum rating_policy policy,
                     const char *voter, const int64_t *ids, size_t n,
                     struct rating_counts *votes,
                     struct rating_counts *fruitless, struct err *e)
{
    rating_counts_init(votes);
    rating_counts_init(fruitless);
    if (policy == RATING_POLICY_UNIFORM)
        return 0;
    return read_counts(s, true, voter, ids, n, votes, e) != 0 ||
                   read_counts(s, false, NULL, ids, n, fruitless, e) != 0
               ? -1
               : 0;
}

int pairing_draw_stored(struct store *s, enum rating_policy policy,
                        const int64_t *ids, const double *weights, size_t n,
                        struct rng *rng, struct pairing *out, struct err *e)
{
    struct rating_counts votes, fruitless;
    struct rating_pairing q = {.policy = policy, .n = n, .weights = weights,
                               .votes = &votes, .void_battles = &fruitless};
    int result = read_both(s, policy, NULL, ids, n, &votes, &fruitless, e);
    if (result == 0)
        result = pairing_draw(&q, rng, out, e);
    rating_counts_free(&votes);
    rating_counts_free(&fruitless);
    return result;
}

int pairing_chances_stored(struct store *s, enum rating_policy policy,
                           const char *voter, const int64_t *ids, size_t n,
                           double *p, struct err *e)
{
    struct rating_counts votes, fruitless;
    struct rating_pairing q = {.policy = policy, .n = n, .votes = &votes,
                               .void_battles = &fruitless};
    int result = read_both(s, policy, voter, ids, n, &votes, &fruitless, e);
    if (result == 0 && rating_pairing(&q, p, e) != 0)
        result = fail_draw(&q, e);
    rating_counts_free(&votes);
    rating_counts_free(&fruitless);
    return result;
}
