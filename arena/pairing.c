#include "arena/pairing.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

/* P{i, j} = w_i w_j / (sum over pairs).  Drawing i by w_i (W - w_i), then j by
 * w_j among the others, gives just that; W is the sum of the weights. */
static double part(const double *weights, size_t i, double sum, size_t first,
                   bool have_first)
{
    if (!have_first)
        return weights[i] * (sum - weights[i]);
    return i == first ? 0 : weights[i];
}

/* An index with a probability in proportion to its part. */
static size_t draw(const double *weights, size_t n, double sum, size_t first,
                   bool have_first, struct rng *rng)
{
    double total = 0;
    for (size_t i = 0; i < n; i++)
        total += part(weights, i, sum, first, have_first);
    double point = rng_double(rng) * total;
    size_t last = 0;
    for (size_t i = 0; i < n; i++) {
        double p = part(weights, i, sum, first, have_first);
        if (!(p > 0))
            continue;
        last = i;
        if (point < p)
            break;
        point -= p; /* rounding may leave a crumb beyond the last one */
    }
    return last;
}

int pairing_draw(const double *weights, size_t n, struct rng *rng,
                 struct pairing *out, struct err *e)
{
    double sum = 0, sum_squares = 0;
    size_t n_drawable = 0;
    for (size_t i = 0; i < n; i++) {
        sum += weights[i];
        sum_squares += weights[i] * weights[i];
        n_drawable += weights[i] > 0;
    }
    if (n_drawable < 2)
        return err_set(e, ERR_CONFIG,
                       "the arena needs two models to draw from, the config "
                       "has %zu; add one with \"arena models add\": the same "
                       "weights with another temperature or system prompt are "
                       "another model", n_drawable);
    size_t first = draw(weights, n, sum, 0, false, rng);
    size_t second = draw(weights, n, sum, first, true, rng);
    bool swap = rng_below(rng, 2) == 1;
    out->side[0] = swap ? second : first;
    out->side[1] = swap ? first : second;
    out->probability = 2 * weights[first] * weights[second] /
                       (sum * sum - sum_squares);
    return 0;
}

int pairing_draw_by_policy(const struct rating_pairing *q, struct rng *rng,
                           struct pairing *out, struct err *e)
{
    size_t n_pairs = q->n < 2 ? 0 : q->n * (q->n - 1) / 2;
    double *p = mem_calloc(n_pairs + 1, sizeof(*p));
    const char *why;
    if (rating_pairing(q, rng, p, &why) != 0) {
        free(p);
        return err_set(e, ERR_CONFIG, "no pair can be drawn: %s", why);
    }
    double point = rng_double(rng);
    size_t pair = 0;
    for (size_t k = 0; k < n_pairs; k++) {
        if (!(p[k] > 0))
            continue;
        pair = k; /* rounding may leave a crumb beyond the last one */
        if (point < p[k])
            break;
        point -= p[k];
    }
    size_t first = 1;
    while (first * (first + 1) / 2 <= pair)
        first++;
    size_t second = pair - first * (first - 1) / 2;
    bool swap = rng_below(rng, 2) == 1;
    out->side[0] = swap ? second : first;
    out->side[1] = swap ? first : second;
    out->probability = p[pair];
    free(p);
    return 0;
}
