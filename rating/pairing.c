#include "rating/pairing.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rating/bt.h"
#include "rating/rank.h"

enum { THOMPSON_DRAWS = 512 };

const char *rating_policy_word(enum rating_policy policy)
{
    static const char *const words[RATING_N_POLICIES] = {
#define RATING_POLICY_WORD(name, word) #word,
        RATING_POLICY_LIST(RATING_POLICY_WORD)
#undef RATING_POLICY_WORD
    };
    return policy < RATING_N_POLICIES ? words[policy] : NULL;
}

enum rating_policy rating_policy_find(const char *word)
{
    int k = 0;
    while (k < RATING_N_POLICIES &&
           strcmp(word, rating_policy_word((enum rating_policy)k)) != 0)
        k++;
    return (enum rating_policy)k;
}

size_t rating_pair_index(size_t i, size_t j)
{
    return i > j ? i * (i - 1) / 2 + j : j * (j - 1) / 2 + i;
}

static double weight_of(const struct rating_pairing *q, size_t i)
{
    return q->weights == NULL ? 1 : q->weights[i];
}

/* Divides by the sum; false where there is nothing to divide. */
static bool normalize(double *p, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += p[k];
    if (!(sum > 0 && isfinite(sum)))
        return false;
    for (size_t k = 0; k < n; k++)
        p[k] /= sum;
    return true;
}

static void fill_uniform(const struct rating_pairing *q, double *p)
{
    for (size_t i = 0; i < q->n; i++)
        for (size_t j = 0; j < i; j++)
            *p++ = weight_of(q, i) * weight_of(q, j);
}

static void add_counts(const struct rating_pairing *q,
                       const struct rating_counts *c, double *times)
{
    for (size_t k = 0; c != NULL && k < c->n_cells; k++) {
        const struct rating_cell *cell = &c->cells[k];
        if (cell->first >= q->n || cell->second >= q->n)
            continue;
        double *to = &times[rating_pair_index(cell->first, cell->second)];
        for (int o = 0; o < RATING_N_OUTCOMES; o++)
            *to += (double)cell->n[o];
    }
}

/* All to the pairs that met least, in proportion to their weight. */
static int fill_balanced(const struct rating_pairing *q, double *p)
{
    size_t n = q->n * (q->n - 1) / 2;
    double *times = calloc(n + 1, sizeof(*times));
    if (times == NULL)
        return -1;
    add_counts(q, q->votes, times);
    add_counts(q, q->void_battles, times);
    double least = INFINITY;
    fill_uniform(q, p);
    for (size_t k = 0; k < n; k++)
        if (p[k] > 0)
            least = fmin(least, times[k] / p[k]);
    for (size_t k = 0; k < n; k++)
        if (!(p[k] > 0 && times[k] / p[k] <= least))
            p[k] = 0;
    free(times);
    return 0;
}

/* By the narrowing of the standard error s of a difference from m votes to
 * m + 1: s sqrt(m) (1 / sqrt(m) - 1 / sqrt(m + 1)); a pair that never met
 * counts as if it had once. */
static int fill_lmarena(const struct rating_pairing *q,
                        const struct bt_result *fit, double *p)
{
    double *times = calloc(q->n * (q->n - 1) / 2 + 1, sizeof(*times));
    if (times == NULL)
        return -1;
    add_counts(q, q->votes, times);
    for (size_t i = 0, k = 0; i < q->n; i++) {
        for (size_t j = 0; j < i; j++, k++) {
            double se = bt_compare(fit, i, j).se;
            double m = times[k] < 1 ? 1 : times[k];
            double gain = 1 - sqrt(m / (m + 1));
            if (isnan(se))
                se = 400; /* never met, even through others */
            p[k] = weight_of(q, i) * weight_of(q, j) * se * gain;
        }
    }
    free(times);
    return 0;
}

struct standing {
    size_t model;
    double rating;
};

static int compare_standings(const void *a, const void *b)
{
    const struct standing *x = a, *y = b;
    if (x->rating != y->rating)
        return x->rating > y->rating ? -1 : 1;
    return (x->model > y->model) - (x->model < y->model);
}

/* The models that can be drawn, best first; those without a rating, the new
 * ones, stand where the average does. */
static size_t sort_models(const struct rating_pairing *q,
                          const struct bt_result *fit, struct standing *out)
{
    size_t n = 0;
    for (size_t i = 0; i < q->n; i++) {
        double rating = i < fit->n_models ? fit->models[i].rating : NAN;
        if (weight_of(q, i) > 0)
            out[n++] = (struct standing){i, isnan(rating) ? 1000 : rating};
    }
    qsort(out, n, sizeof(*out), compare_standings);
    return n;
}

/* By the probability that two neighbours stand the wrong way round. */
static int fill_ambiguous(const struct rating_pairing *q,
                          const struct bt_result *fit, double *p)
{
    struct standing *order = malloc((q->n + 1) * sizeof(*order));
    if (order == NULL)
        return -1;
    memset(p, 0, q->n * (q->n - 1) / 2 * sizeof(*p));
    size_t n = sort_models(q, fit, order);
    for (size_t k = 0; k + 1 < n; k++) {
        size_t a = order[k].model, b = order[k + 1].model;
        struct bt_difference d = bt_compare(fit, a, b);
        double wrong = isnan(d.se) || !(d.se > 0)
                           ? 0.5
                           : rank_normal(-fabs(d.points) / d.se);
        p[rating_pair_index(a, b)] = weight_of(q, a) * weight_of(q, b) * wrong;
    }
    free(order);
    return 0;
}

/* A standard normal number (Marsaglia's polar method, one of the two). */
static double draw_normal(struct rng *rng)
{
    for (;;) {
        double u = 2 * rng_double(rng) - 1, v = 2 * rng_double(rng) - 1;
        double s = u * u + v * v;
        if (s > 0 && s < 1)
            return u * sqrt(-2 * log(s) / s);
    }
}

/* The best of a draw from each model's law, leaving out one. */
static size_t draw_best(const struct rating_pairing *q,
                        const struct bt_result *fit, size_t without,
                        struct rng *rng)
{
    size_t best = SIZE_MAX;
    double top = 0;
    for (size_t i = 0; i < q->n; i++) {
        const struct bt_model *m = &fit->models[i];
        bool known = i < fit->n_models && !isnan(m->rating) && !isnan(m->se);
        double x = (known ? m->rating : 1000) +
                   (known ? m->se : 300) * draw_normal(rng);
        if (i == without || !(weight_of(q, i) > 0))
            continue;
        if (best == SIZE_MAX || x > top) {
            best = i;
            top = x;
        }
    }
    return best;
}

/* The share of many draws; the share of one more draw is what a battle has. */
static void fill_thompson(const struct rating_pairing *q,
                          const struct bt_result *fit, struct rng *rng,
                          double *p)
{
    memset(p, 0, q->n * (q->n - 1) / 2 * sizeof(*p));
    for (int k = 0; k < THOMPSON_DRAWS; k++) {
        size_t a = draw_best(q, fit, SIZE_MAX, rng);
        size_t b = draw_best(q, fit, a, rng);
        p[rating_pair_index(a, b)] += weight_of(q, a) * weight_of(q, b);
    }
}

/* Adds what each model took part in. */
static void add_turns(const struct rating_pairing *q,
                      const struct rating_counts *c, double *turns)
{
    for (size_t k = 0; c != NULL && k < c->n_cells; k++) {
        const struct rating_cell *cell = &c->cells[k];
        for (int o = 0; o < RATING_N_OUTCOMES; o++) {
            if (cell->first < q->n)
                turns[cell->first] += (double)cell->n[o];
            if (cell->second < q->n)
                turns[cell->second] += (double)cell->n[o];
        }
    }
}

/* Weights times the chance that a battle of the model gives a vote (Laplace's
 * rule: one success and one turn more than were seen).  Without it greed would
 * ask a model that always fails for ever, since nothing is known of it.  The
 * caller frees; NULL where there is no memory. */
static double *make_wary_weights(const struct rating_pairing *q)
{
    double *weights = calloc(2 * q->n, sizeof(*weights));
    if (weights == NULL)
        return NULL;
    double *void_turns = weights + q->n;
    add_turns(q, q->votes, weights);
    add_turns(q, q->void_battles, void_turns);
    for (size_t i = 0; i < q->n; i++)
        weights[i] = weight_of(q, i) * (weights[i] + 1) /
                     (weights[i] + void_turns[i] + 1);
    return weights;
}

/* A fit of the votes so far, or the tally alone where there are none. */
static int make_fit(const struct rating_pairing *q, struct bt_result *fit,
                    const char **why)
{
    struct bt_params params = bt_defaults();
    struct rating_counts votes = *q->votes;
    votes.n_models = q->n > votes.n_models ? q->n : votes.n_models;
    params.differences = true;
    params.brief = true;
    /* Ties make it too wide, so that greed spreads more, and the intervals of
     * the leaderboard hold better: in 200 runs of the bench 0.943 and 0.948 of
     * them, with the sandwich here 0.932 and 0.935.  And it costs a third. */
    params.ci = BT_CI_HESSIAN;
    params.center = BT_CENTER_MEAN;
    if (bt_fit(&votes, &params, fit, why) == 0)
        return 0;
    bt_free(fit);
    if (bt_tally(&votes, fit) != 0)
        return -1;
    for (size_t i = 0; i < fit->n_models; i++)
        fit->models[i].rating = fit->models[i].se = NAN;
    return 0;
}

static int fill_mixed(const struct rating_pairing *q,
                      const struct rating_pairing *wary,
                      const struct bt_result *fit, double *p)
{
    size_t n = q->n * (q->n - 1) / 2;
    double *greedy = malloc((n + 1) * sizeof(*greedy));
    int status = -1;
    if (greedy != NULL && fill_ambiguous(wary, fit, greedy) == 0 &&
        fill_balanced(q, p) == 0) {
        bool both = normalize(greedy, n) && normalize(p, n);
        for (size_t k = 0; both && k < n; k++)
            p[k] = (p[k] + greedy[k]) / 2;
        status = 0;
    }
    free(greedy);
    return status;
}

/* By the votes: all policies but uniform. */
static int fill_by_votes(const struct rating_pairing *q, struct rng *rng,
                         double *p, const char **why)
{
    struct bt_result fit = {0};
    struct rating_pairing wary = *q;
    int status = -1;
    if (q->policy == RATING_POLICY_BALANCED)
        return fill_balanced(q, p);
    double *weights = make_wary_weights(q);
    wary.weights = weights;
    if (weights != NULL && make_fit(q, &fit, why) == 0) {
        switch (q->policy) {
        case RATING_POLICY_LMARENA:
            status = fill_lmarena(&wary, &fit, p);
            break;
        case RATING_POLICY_AMBIGUOUS:
            status = fill_ambiguous(&wary, &fit, p);
            break;
        case RATING_POLICY_THOMPSON:
            fill_thompson(&wary, &fit, rng, p);
            status = 0;
            break;
        default:
            status = fill_mixed(q, &wary, &fit, p);
            break;
        }
    }
    bt_free(&fit);
    free(weights);
    return status;
}

int rating_pairing(const struct rating_pairing *q, struct rng *rng, double *p,
                   const char **why)
{
    size_t n = q->n * (q->n - (q->n > 0)) / 2;
    fill_uniform(q, p);
    *why = "fewer than two models can be drawn";
    if (n == 0 || !normalize(p, n))
        return -1;
    if (q->policy == RATING_POLICY_UNIFORM)
        return 0;
    *why = "not enough memory";
    if (fill_by_votes(q, rng, p, why) != 0)
        return -1;
    if (!normalize(p, n)) { /* a policy without a preference */
        fill_uniform(q, p);
        normalize(p, n);
    }
    return 0;
}
