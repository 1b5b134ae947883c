/* Agreement beyond chance, and how sure a judge may be. */
#include "rating/kappa.h"

#include <math.h>

#include "base/rng.h"
#include "rating/judged/temper.h"
#include "test.h"

static void near(double a, double b, double by)
{
    if (!(fabs(a - b) <= by))
        fail_msg("%.6f is not %.6f", a, b);
}

/* The diagnoses of Fleiss, Cohen and Everitt (1969), table 1: kappa 0.429, and
 * 200 patients give the standard error 0.054. */
static void kappa_is_as_published(void **state)
{
    (void)state;
    const struct kappa_table t = {
        {{106, 10, 4}, {22, 28, 10}, {2, 12, 6}}};
    struct kappa k = kappa_of(&t);
    near(k.n, 200, 0);
    near(k.n_same, 140, 0);
    near(k.kappa, 0.429, 0.0005);
    near((k.upper - k.lower) / 2 / 1.959964, 0.054, 0.0005);
}

static void kappa_of_odd_tables(void **state)
{
    (void)state;
    struct kappa_table t = {{{0}}};
    assert_true(isnan(kappa_of(&t).kappa));
    t.n[0][0] = 9; /* both always say the same */
    assert_true(isnan(kappa_of(&t).kappa));
    t.n[2][2] = 9;
    struct kappa k = kappa_of(&t);
    near(k.kappa, 1, 1e-12);
    assert_true(k.lower > 0.7 && k.lower < 0.95); /* 18 cannot tell more */
    t = (struct kappa_table){{{0, 0, 9}, {0, 0, 0}, {9, 0, 0}}};
    near(kappa_of(&t).kappa, -1, 1e-12);
}

/* Few pairs without scatter are no certainty. */
static void kappa_without_scatter_has_an_interval(void **state)
{
    (void)state;
    struct kappa_table t = {{{0, 0, 0}, {3, 0, 3}, {0, 0, 0}}};
    struct kappa few = kappa_of(&t);
    near(few.kappa, 0, 1e-12);
    assert_true(few.lower < -0.1 && few.upper > 0.1);
    t = (struct kappa_table){{{30, 0, 0}, {0, 30, 0}, {0, 0, 30}}};
    struct kappa many = kappa_of(&t);
    near(many.kappa, 1, 1e-12);
    assert_true(many.lower > 0.95 && many.lower < 1);
}

/* Of verdicts that have nothing to do with each other, the interval holds 0 in
 * about 95 of 100 samples. */
static void the_interval_covers_chance(void **state)
{
    (void)state;
    struct rng rng;
    int n_covered = 0;
    rng_init(&rng, 7);
    for (int sample = 0; sample < 2000; sample++) {
        struct kappa_table t = {{{0}}};
        for (int i = 0; i < 200; i++)
            t.n[rng_below(&rng, 10) % 3][rng_below(&rng, 7) % 3]++;
        struct kappa k = kappa_of(&t);
        n_covered += k.lower <= 0 && k.upper >= 0;
    }
    assert_in_range(n_covered, 1870, 1930);
}

static void a_temperature_is_found(void **state)
{
    (void)state;
    static double p[5000], y[5000];
    struct rng rng;
    rng_init(&rng, 3);
    for (int i = 0; i < 5000; i++) {
        p[i] = rng_double(&rng);
        y[i] = rng_double(&rng) < temper(p[i], 2.5);
    }
    near(temper_fit(p, y, 5000), 2.5, 0.3);
    near(temper_fit(p, y, TEMPER_FEW - 1), 1, 0);
    for (int i = 0; i < 5000; i++) {
        p[i] = i % 2;
        y[i] = 0.5;
    }
    assert_true(temper_fit(p, y, 5000) >= 19); /* it knows nothing */
    near(temper(0.5, 7), 0.5, 1e-12);
    near(temper(0.8, 1), 0.8, 1e-12);
    assert_true(temper(0, 1) >= 0 && temper(1, 1) <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kappa_is_as_published),
        cmocka_unit_test(kappa_of_odd_tables),
        cmocka_unit_test(kappa_without_scatter_has_an_interval),
        cmocka_unit_test(the_interval_covers_chance),
        cmocka_unit_test(a_temperature_is_found),
    };
    return TEST_RUN(tests);
}
