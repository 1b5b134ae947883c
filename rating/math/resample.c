#include "rating/math/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rating/math/binomial.h"

/* Categories with more votes than this are drawn as binomials. */
enum { MANY = 1024 };

/* Poisson sums lie this many standard deviations below N, so that one in 700
 * samples begins again. */
static const double BELOW = 3;

/* Numbers 0..n-1 with given weights, by inversion with a guide table (Chen and
 * Asau 1974): guide[k] is where the search for u in [k/n, (k+1)/n) begins, so
 * that two steps are taken on average. */
struct inverse {
    double *cdf;     /* [n], the last is above 1 */
    uint32_t *guide; /* [n] */
    size_t n;
};

struct poisson { /* a law without its far tails */
    struct inverse law;
    uint32_t low; /* the value of number 0 */
};

struct resample {
    size_t n;
    uint64_t *counts;       /* [n] */
    uint64_t total;         /* sum of counts */
    uint64_t small_total;   /* of those up to MANY */
    struct poisson *laws;   /* [MANY + 1], by count */
    struct inverse single;  /* which small category one vote falls on */
    uint32_t *small;        /* [n_small] which categories those are */
    size_t n_small;
};

static void inverse_free(struct inverse *v)
{
    free(v->cdf);
    free(v->guide);
}

static int inverse_init(struct inverse *v, const double *weights, size_t n)
{
    v->n = n;
    v->cdf = malloc((n + 1) * sizeof(*v->cdf));
    v->guide = malloc((n + 1) * sizeof(*v->guide));
    if (v->cdf == NULL || v->guide == NULL)
        return -1;
    double total = 0, sum = 0;
    for (size_t i = 0; i < n; i++)
        total += weights[i];
    for (size_t i = 0; i < n; i++) {
        sum += weights[i];
        v->cdf[i] = sum / total;
    }
    v->cdf[n - 1] = 2; /* rounding must not leave a gap at the end */
    for (size_t k = 0, i = 0; k < n; k++) {
        while (v->cdf[i] <= (double)k / (double)n)
            i++;
        v->guide[k] = (uint32_t)i;
    }
    return 0;
}

static size_t inverse_draw(const struct inverse *v, struct rng *rng)
{
    double u = rng_double(rng);
    size_t at = (size_t)(u * (double)v->n);
    size_t i = v->guide[at < v->n ? at : v->n - 1]; /* it may round up */
    while (v->cdf[i] <= u)
        i++;
    return i;
}

static int poisson_init(struct poisson *p, double mean)
{
    /* Ten standard deviations and some: the tails hold less than 1e-20. */
    double reach = 10 * sqrt(mean) + 30;
    double low = mean > reach ? floor(mean - reach) : 0;
    size_t n = (size_t)(ceil(mean + reach) - low) + 1;
    double *weights = malloc(n * sizeof(*weights));
    if (weights == NULL)
        return -1;
    for (size_t i = 0; i < n; i++) {
        double k = low + (double)i;
        weights[i] = exp(k * log(mean) - mean - lgamma(k + 1));
    }
    p->low = (uint32_t)low;
    int status = inverse_init(&p->law, weights, n);
    free(weights);
    return status;
}

/* The means of all small categories together are `aim`. */
static int make_laws(struct resample *r, double aim)
{
    double share = aim / (double)r->small_total;
    r->laws = calloc(MANY + 1, sizeof(*r->laws));
    double *weights = malloc((r->n_small + 1) * sizeof(*weights));
    int status = r->laws == NULL || weights == NULL ? -1 : 0;
    for (size_t i = 0; i < r->n_small && status == 0; i++) {
        uint64_t count = r->counts[r->small[i]];
        struct poisson *law = &r->laws[count];
        weights[i] = (double)count;
        if (law->law.n == 0 && share > 0)
            status = poisson_init(law, share * (double)count);
    }
    if (status == 0 && r->n_small > 0)
        status = inverse_init(&r->single, weights, r->n_small);
    free(weights);
    return status;
}

struct resample *resample_open(const uint64_t *counts, size_t n)
{
    struct resample *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return NULL;
    r->n = n;
    r->counts = malloc((n + 1) * sizeof(*r->counts));
    r->small = malloc((n + 1) * sizeof(*r->small));
    if (r->counts == NULL || r->small == NULL)
        goto fail;
    for (size_t i = 0; i < n; i++) {
        r->counts[i] = counts[i];
        r->total += counts[i];
        if (counts[i] == 0 || counts[i] > MANY)
            continue;
        r->small[r->n_small++] = (uint32_t)i;
        r->small_total += counts[i];
    }
    double all = (double)r->small_total;
    double aim = all - BELOW * sqrt(all);
    if (make_laws(r, aim > 0 ? aim : 0) != 0)
        goto fail;
    return r;
fail:
    resample_close(r);
    return NULL;
}

void resample_close(struct resample *r)
{
    if (r == NULL)
        return;
    for (size_t k = 0; r->laws != NULL && k <= MANY; k++)
        inverse_free(&r->laws[k].law);
    inverse_free(&r->single);
    free(r->laws);
    free(r->counts);
    free(r->small);
    free(r);
}

/* Draws the large categories, one given what the ones before left, and returns
 * how many votes are left for the small ones. */
static uint64_t draw_large(const struct resample *r, struct rng *rng,
                           uint64_t *out)
{
    uint64_t left = r->total, votes = r->total;
    for (size_t i = 0; i < r->n; i++) {
        out[i] = 0;
        if (r->counts[i] <= MANY)
            continue;
        double share = (double)r->counts[i] / (double)votes;
        out[i] = binomial_draw(rng, left, share);
        left -= out[i];
        votes -= r->counts[i];
    }
    return left;
}

void resample_draw(const struct resample *r, struct rng *rng, uint64_t *out)
{
    uint64_t goal = draw_large(r, rng, out), sum;
    do {
        sum = 0;
        for (size_t i = 0; i < r->n_small; i++) {
            const struct poisson *law = &r->laws[r->counts[r->small[i]]];
            uint64_t k = 0;
            if (law->law.n > 0)
                k = law->low + inverse_draw(&law->law, rng);
            out[r->small[i]] = k;
            sum += k;
        }
    } while (sum > goal);
    for (; sum < goal; sum++)
        out[r->small[inverse_draw(&r->single, rng)]]++;
}
