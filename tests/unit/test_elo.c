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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expected),
        cmocka_unit_test(test_outcomes),
    };
    return TEST_RUN(tests);
}
