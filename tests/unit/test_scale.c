/* Whether one scale fits all categories. */
#include "rating/scale.h"

#include <math.h>

#include "base/rng.h"
#include "rating/fit/bt.h"
#include "test.h"

enum { N_MODELS = 5, N_PARTS = 3, N_VOTES = 300 };

/* Votes of each category by strengths in nats, of which the last category has
 * those turned by `turn`. */
static struct scale_test sample(struct rng *rng, double turn)
{
    static const double strength[N_MODELS] = {0.8, 0.4, 0, -0.4, -0.8};
    struct rating_counts parts[N_PARTS];
    struct scale_test out;
    struct err e;
    for (int part = 0; part < N_PARTS; part++) {
        rating_counts_init(&parts[part]);
        double by = part == N_PARTS - 1 ? 1 - turn : 1;
        for (int k = 0; k < N_VOTES; k++) {
            uint32_t a = (uint32_t)rng_below(rng, N_MODELS);
            uint32_t b = (uint32_t)((a + 1 + rng_below(rng, N_MODELS - 1)) %
                                    N_MODELS);
            double d = by * (strength[a] - strength[b]);
            enum rating_outcome outcome =
                rng_below(rng, 5) == 0                  ? RATING_TIE
                : rng_double(rng) < 1 / (1 + exp(-d)) ? RATING_FIRST
                                                        : RATING_SECOND;
            assert_int_equal(rating_counts_add(&parts[part], a, b, outcome, 1),
                             0);
        }
        assert_int_equal(rating_counts_sort(&parts[part]), 0);
    }
    if (scale_compare(parts, N_PARTS, &out, &e) != 0)
        fail_msg("%s", e.text);
    for (int part = 0; part < N_PARTS; part++)
        rating_counts_free(&parts[part]);
    return out;
}

static int n_found(double turn, uint64_t seed)
{
    struct rng rng;
    int n = 0;
    rng_init(&rng, seed);
    for (int k = 0; k < 400; k++) {
        struct scale_test t = sample(&rng, turn);
        assert_int_equal(t.n_parts, N_PARTS);
        assert_true(t.freedom == 2 * N_MODELS);
        n += t.p < 0.05;
    }
    return n;
}

static void one_scale_is_seldom_two(void **state)
{
    (void)state;
    assert_in_range(n_found(0, 1), 8, 32); /* 20 of 400 */
}

static void two_scales_are_found(void **state)
{
    (void)state;
    assert_true(n_found(1.5, 2) > 380);
}

static void few_votes_are_no_test(void **state)
{
    (void)state;
    struct rating_counts parts[2];
    struct scale_test t;
    struct err e;
    for (int i = 0; i < 2; i++) {
        rating_counts_init(&parts[i]);
        assert_int_equal(rating_counts_add(&parts[i], 0, 1,
                                           i ? RATING_FIRST : RATING_SECOND,
                                           i ? 500 : SCALE_FEW - 1), 0);
        assert_int_equal(rating_counts_sort(&parts[i]), 0);
    }
    assert_int_equal(scale_compare(parts, 2, &t, &e), 0);
    assert_int_equal(t.n_parts, 1);
    assert_true(t.p == 1);
    rating_counts_free(&parts[0]);
    rating_counts_free(&parts[1]);
}

/* Two strong models that nobody tells apart, and a weak one. */
static void tiers_are_told_from_their_first(void **state)
{
    (void)state;
    struct rating_counts c;
    struct bt_result r;
    struct bt_params p = bt_defaults();
    struct err e;
    static const uint64_t even[RATING_N_OUTCOMES] = {30, 29, 0, 0};
    static const uint64_t clear[RATING_N_OUTCOMES] = {50, 10, 0, 0};
    rating_counts_init(&c);
    assert_int_equal(rating_counts_add_all(&c, 0, 1, even), 0);
    assert_int_equal(rating_counts_add_all(&c, 0, 2, clear), 0);
    assert_int_equal(rating_counts_add_all(&c, 1, 2, clear), 0);
    assert_int_equal(rating_counts_sort(&c), 0);
    assert_int_equal(bt_fit(&c, &p, &r, &e), 0);
    assert_int_equal(r.models[0].tier, 0); /* not asked for */
    bt_free(&r);
    p.differences = true;
    assert_int_equal(bt_fit(&c, &p, &r, &e), 0);
    assert_int_equal(r.models[0].tier, 1);
    assert_int_equal(r.models[1].tier, 1);
    assert_int_equal(r.models[2].tier, 2);
    bt_free(&r);
    rating_counts_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_scale_is_seldom_two),
        cmocka_unit_test(two_scales_are_found),
        cmocka_unit_test(few_votes_are_no_test),
        cmocka_unit_test(tiers_are_told_from_their_first),
    };
    return TEST_RUN(tests);
}
