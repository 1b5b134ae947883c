/* Tests of rating/settle: what it says by hand, and that looking is free. */
#include "tests/unit/test.h"

#include "base/rng.h"
#include "rating/settle.h"

static struct settle_result of(uint64_t wins, uint64_t losses, uint64_t ties)
{
    struct settle_votes votes = {wins, losses, ties};
    struct settle_params p = settle_defaults();
    struct settle_result r;
    settle(&votes, &p, &r);
    assert_int_equal(settle_verdict(&votes, &p), r.verdict);
    return r;
}

static void no_votes(void **state)
{
    (void)state;
    struct settle_result r = of(0, 0, 0);
    assert_int_equal(r.verdict, SETTLE_UNDECIDED);
    assert_true(isnan(r.lead));
    assert_true(isinf(r.lower) && r.lower < 0);
    assert_true(isinf(r.upper) && r.upper > 0);
    assert_true(r.to_go > 100);
}

/* Wins alone: the wealth against a lead of 0 is the sum of share (2 s(l))^n,
 * with s(l) = 1 / (1 + 10^(-l / 400)); 40 is what a risk of 5% asks for. */
static void wins_alone(void **state)
{
    (void)state;
    const double bets[][2] = {
        {30, 0.25}, {70, 0.2}, {120, 0.25}, {230, 0.25}, {450, 0.05}};
    int n = 0;
    for (double wealth = 0; wealth < 40; n++) {
        wealth = 0;
        for (int k = 0; k < 5; k++)
            wealth += bets[k][1] *
                      pow(2 / (1 + pow(10, -bets[k][0] / 400)), n + 1);
    }
    assert_int_equal(of((uint64_t)n - 1, 0, 0).verdict, SETTLE_UNDECIDED);
    assert_int_equal(of((uint64_t)n, 0, 0).verdict, SETTLE_BETTER);
    assert_int_equal(of(0, (uint64_t)n, 0).verdict, SETTLE_WORSE);
    assert_true(of((uint64_t)n, 0, 0).to_go == 0);
    assert_true(of((uint64_t)n, 0, 0).lower >= 0);
    assert_true(of((uint64_t)n - 1, 0, 0).lower < 0);
    assert_near(of((uint64_t)n - 1, 0, 0).to_go, 1, 1);
}

static void two_sides(void **state)
{
    (void)state;
    struct settle_result a = of(70, 40, 25), b = of(40, 70, 25);
    assert_near(a.lead, -b.lead, 1e-9);
    assert_near(a.lower, -b.upper, 1e-6);
    assert_near(a.upper, -b.lower, 1e-6);
    assert_true(a.lower < a.lead && a.lead < a.upper);
    assert_near(a.lead, 400 * log10(82.5 / 52.5), 1e-9);
    assert_near(a.to_go, b.to_go, 0.5);
    /* More of the same narrows. */
    struct settle_result more = of(700, 400, 250);
    assert_true(more.lower > a.lower && more.upper < a.upper);
    assert_int_equal(more.verdict, SETTLE_BETTER);
}

static void same(void **state)
{
    (void)state;
    assert_int_equal(of(900, 900, 0).verdict, SETTLE_SAME);
    struct settle_result ties = of(0, 0, 4000);
    assert_int_equal(ties.verdict, SETTLE_SAME);
    assert_true(ties.lower >= -30 && ties.upper <= 30);
    /* A certain lead that is certain not to matter does not matter. */
    assert_int_equal(of(51200, 48800, 0).verdict, SETTLE_SAME);
    assert_int_equal(of(60000, 40000, 0).verdict, SETTLE_BETTER);
}

/* How many to go is what it then takes. */
static void to_go_comes_true(void **state)
{
    (void)state;
    for (uint64_t k = 1; k < 6; k++) {
        struct settle_result r = of(6 * k, 4 * k, 2 * k);
        assert_int_equal(r.verdict, SETTLE_UNDECIDED);
        double n = 12 * (double)k + r.to_go;
        struct settle_result then =
            of((uint64_t)(n / 2), (uint64_t)(n / 3), (uint64_t)(n / 6));
        assert_true(then.verdict == SETTLE_BETTER || k < 3);
        if (k == 5) { /* and half of it does not do */
            n = 12 * (double)k + r.to_go / 2;
            then = of((uint64_t)(n / 2), (uint64_t)(n / 3), (uint64_t)(n / 6));
            assert_int_equal(then.verdict, SETTLE_UNDECIDED);
        }
    }
}

/* Of users who look after each of 300 votes, for a draw, at most 5% may ever
 * find one better; so many looks at a fixed test would give some 40%. */
static void looking_is_free(void **state)
{
    (void)state;
    enum { USERS = 2000, VOTES = 300 };
    struct settle_params p = settle_defaults();
    struct rng r;
    int n_false = 0;
    rng_init(&r, 77);
    for (int user = 0; user < USERS; user++) {
        struct settle_votes votes = {0};
        enum settle_verdict v = SETTLE_UNDECIDED;
        for (int k = 0; k < VOTES && v == SETTLE_UNDECIDED; k++) {
            votes.wins += rng_below(&r, 2);
            votes.losses = (uint64_t)k + 1 - votes.wins;
            v = settle_verdict(&votes, &p);
        }
        n_false += v != SETTLE_UNDECIDED;
    }
    assert_true(n_false <= USERS * 0.05);
    assert_true(n_false > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_votes),      cmocka_unit_test(wins_alone),
        cmocka_unit_test(two_sides),     cmocka_unit_test(same),
        cmocka_unit_test(to_go_comes_true),
        cmocka_unit_test(looking_is_free),
    };
    return TEST_RUN(tests);
}
