/* Tests of the random draws under rating/: the laws are what they claim, to
 * within limits that a right one misses once in a million runs, and the seeds
 * are fixed, so that none fails by chance. */
#include "tests/unit/test.h"

#include <math.h>

#include "rating/math/binomial.h"
#include "rating/math/resample.h"

static void assert_within(double got, double want, double limit,
                          const char *what)
{
    if (!(fabs(got - want) <= limit))
        fail_msg("%s: %g is not %g +/- %g", what, got, want, limit);
}

/* Mean and variance of both ways of drawing, at both their ends. */
static void binomial_moments(void **state)
{
    (void)state;
    const struct {
        uint64_t n;
        double p;
    } cases[] = {{1, 0.3},    {20, 0.1},      {20, 0.9},  {1000, 0.005},
                 {30, 0.4},   {1000000, 0.5}, {200, 0.06}, {1000000, 0.00002},
                 {77, 0.999}, {5000, 0.7}};
    struct rng r;
    rng_init(&r, 11);
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        double n = (double)cases[k].n, p = cases[k].p;
        double mean = 0, square = 0, m = 200000;
        for (int i = 0; i < (int)m; i++) {
            double x = (double)binomial_draw(&r, cases[k].n, p);
            assert_true(x >= 0 && x <= n);
            mean += x / m;
            square += (x - n * p) * (x - n * p) / m;
        }
        double variance = n * p * (1 - p);
        double fourth = 3 * variance * variance + variance; /* about */
        assert_within(mean, n * p, 5 * sqrt(variance / m), "mean");
        assert_within(square, variance, 6 * sqrt(fourth / m), "variance");
    }
    assert_int_equal(binomial_draw(&r, 0, 0.5), 0);
    assert_int_equal(binomial_draw(&r, 9, 0), 0);
    assert_int_equal(binomial_draw(&r, 9, 1), 9);
}

/* Every count of a binomial as often as it should be (chi-square). */
static void binomial_shape(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 12);
    const double n = 60, p = 0.35, m = 300000; /* by rejection */
    double seen[61] = {0}, chi = 0;
    for (int i = 0; i < (int)m; i++)
        seen[binomial_draw(&r, 60, p)]++;
    int cells = 0;
    for (int k = 0; k <= 60; k++) {
        double log_share = lgamma(n + 1) - lgamma(k + 1.0) -
                           lgamma(n - k + 1) + k * log(p) +
                           (n - k) * log(1 - p);
        double want = m * exp(log_share);
        if (want < 20)
            continue;
        chi += (seen[k] - want) * (seen[k] - want) / want;
        cells++;
    }
    assert_within(chi, cells, 5 * sqrt(2.0 * cells), "chi-square");
}

/* Means, variances and covariances of a sample with categories of all sizes,
 * among them some that are drawn as binomials. */
static void resample_moments(void **state)
{
    (void)state;
    const uint64_t counts[] = {0, 1, 2, 5, 40, 300, 1024, 1025, 9000, 7, 0};
    enum { N = sizeof(counts) / sizeof(counts[0]) };
    struct resample *s = resample_open(counts, N);
    struct rng r;
    uint64_t total = 0, x[N];
    double mean[N] = {0}, product[N][N] = {{0}}, m = 100000;
    assert_non_null(s);
    rng_init(&r, 13);
    for (int i = 0; i < N; i++)
        total += counts[i];
    for (int k = 0; k < (int)m; k++) {
        uint64_t sum = 0;
        resample_draw(s, &r, x);
        for (int i = 0; i < N; i++) {
            sum += x[i];
            double a = (double)x[i] - (double)counts[i];
            mean[i] += a / m;
            for (int j = 0; j < N; j++)
                product[i][j] +=
                    a * ((double)x[j] - (double)counts[j]) / m;
        }
        assert_int_equal(sum, total);
    }
    for (int i = 0; i < N; i++) {
        double n = (double)counts[i], all = (double)total;
        double variance = n * (1 - n / all);
        assert_within(mean[i], 0, 5 * sqrt(variance / m), "mean");
        for (int j = 0; j < N; j++) {
            double other = (double)counts[j];
            double want = i == j ? variance : -n * other / all;
            double spread = sqrt((n * other + n + other) * 3 / m);
            assert_within(product[i][j], want, 6 * spread, "covariance");
        }
    }
    resample_close(s);
}

/* Few votes: what is drawn singly must be uniform too. */
static void resample_few(void **state)
{
    (void)state;
    const uint64_t counts[] = {1, 0, 2, 1};
    struct resample *s = resample_open(counts, 4);
    struct rng r;
    uint64_t x[4];
    double seen[4] = {0}, m = 50000;
    assert_non_null(s);
    rng_init(&r, 14);
    for (int k = 0; k < (int)m; k++) {
        resample_draw(s, &r, x);
        assert_int_equal(x[0] + x[1] + x[2] + x[3], 4);
        for (int i = 0; i < 4; i++)
            seen[i] += (double)x[i] / m;
    }
    for (int i = 0; i < 4; i++)
        assert_within(seen[i], (double)counts[i], 0.03, "mean");
    assert_true(seen[1] == 0);
    resample_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binomial_moments),
        cmocka_unit_test(binomial_shape),
        cmocka_unit_test(resample_moments),
        cmocka_unit_test(resample_few),
    };
    return TEST_RUN(tests);
}
