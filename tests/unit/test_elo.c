/* Tests of rating/elo against numbers worked out by hand. */
#include "tests/unit/test.h"

#include <math.h>

#include "rating/elo.h"

static void test_expected(void **state)
{
    (void)state;
    struct elo_params p = elo_defaults();
    assert_near(elo_expected(&p, 1000, 1000), 0.5, 0);
    /* 400 points are odds of 10 to 1. */
    assert_near(elo_expected(&p, 1400, 1000), 10.0 / 11, 1e-15);
    assert_near(elo_expected(&p, 1000, 1400), 1.0 / 11, 1e-15);
    p.base = 2;
    p.scale = 100;
    assert_near(elo_expected(&p, 1000, 900), 2.0 / 3, 1e-15);
    /* No distance breaks it. */
    assert_near(elo_expected(&p, 1e9, -1e9), 1, 0);
    assert_near(elo_expected(&p, -1e9, 1e9), 0, 0);
}

static void test_outcomes(void **state)
{
    (void)state;
    struct elo_params p = elo_defaults();
    const double change[RATING_N_OUTCOMES] = {8, -8, 0, 0};
    for (int o = 0; o < RATING_N_OUTCOMES; o++) {
        double a = 1000, b = 1000;
        elo_update(&p, &a, &b, (enum rating_outcome)o);
        assert_near(a, 1000 + change[o], 1e-12);
        assert_near(b, 1000 - change[o], 1e-12);
    }
    double a = 1400, b = 1000;
    elo_update(&p, &a, &b, RATING_TIE);
    assert_near(a, 1400 - 16 * (10.0 / 11 - 0.5), 1e-9);
    assert_near(a + b, 2400, 1e-9);
}

static void test_usable(void **state)
{
    (void)state;
    const struct elo_params good[] = {
        elo_defaults(), {0, 1, 1e-300, -1e6}, {1000, 1e308, 1e6, 1e6}};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        double a = good[i].start, b = a;
        assert_true(elo_is_usable(&good[i]));
        for (int vote = 0; vote < 1000; vote++)
            elo_update(&good[i], &a, &b, vote % 7 ? RATING_FIRST : RATING_TIE);
        assert_true(isfinite(a) && isfinite(b));
    }
    for (int k = 0; k < 4; k++) {
        const double wrong[] = {NAN, INFINITY, -INFINITY};
        for (int i = 0; i < 3; i++) {
            struct elo_params p = elo_defaults();
            *(double *[]){&p.k, &p.base, &p.scale, &p.start}[k] = wrong[i];
            assert_false(elo_is_usable(&p));
        }
    }
    const struct elo_params bad[] = {
        {-1, 10, 400, 0}, {16, 0, 400, 0}, {16, -10, 400, 0}, {16, 10, 0, 0},
        {16, 10, -400, 0}, {1e300, 10, 400, 0}, {16, 10, 400, 1e308}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(elo_is_usable(&bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expected),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_usable),
    };
    return TEST_RUN(tests);
}
