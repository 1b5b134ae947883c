/* Tests of rating/bt on cases whose answers are known in closed form, and of
 * what it says where no answer exists.  Real logs with reference results are
 * in tests/unit/test_rating_logs.c. */
#include "tests/unit/bt_place.h"

#include <math.h>
#include <string.h>

/* Two models: the estimate is the logarithm of the odds, and the errors are
 * those of a binomial share. */
static void test_two_models(void **state)
{
    (void)state;
    struct rating_counts c;
    rating_counts_init(&c);
    rating_counts_add(&c, 0, 1, RATING_FIRST, 20);
    rating_counts_add(&c, 1, 0, RATING_SECOND, 10);
    rating_counts_add(&c, 0, 1, RATING_SECOND, 10);
    struct bt_params p = plain();
    for (int ci = BT_CI_SANDWICH; ci <= BT_CI_HESSIAN; ci++) {
        p.ci = (enum bt_ci)ci;
        struct bt_result r = fit(&c, &p);
        double d = POINTS * log(3);
        /* var(d) = 1/30 + 1/10, and each model is half of d from the mean */
        double se = POINTS * sqrt(1.0 / 30 + 1.0 / 10) / 2;
        assert_near(r.models[0].rating, 1000 + d / 2, 1e-9);
        assert_near(r.models[1].rating, 1000 - d / 2, 1e-9);
        assert_near(r.models[0].se, se, 1e-9);
        assert_near(r.models[0].upper, 1000 + d / 2 + 1.959963985 * se, 1e-6);
        assert_int_equal(r.n_votes, 40);
        assert_int_equal(r.models[0].wins, 30);
        assert_int_equal(r.models[1].losses, 30);
        assert_int_equal(r.models[0].rank, 1);
        assert_int_equal(r.models[1].rank, 2);
        bt_free(&r);
    }
    rating_counts_free(&c);
}

/* Two models with w wins, l losses and t ties, for which the models of ties
 * have closed forms too. */
static void test_models_of_ties(void **state)
{
    (void)state;
    double w = 30, l = 10, t = 20;
    struct rating_counts c;
    rating_counts_init(&c);
    rating_counts_add(&c, 0, 1, RATING_FIRST, 30);
    rating_counts_add(&c, 0, 1, RATING_SECOND, 10);
    rating_counts_add(&c, 0, 1, RATING_TIE, 15);
    rating_counts_add(&c, 0, 1, RATING_BAD, 5);
    struct bt_params p = plain();

    p.ties = BT_TIES_DAVIDSON; /* w : l : t = e^d : 1 : nu e^(d/2) */
    struct bt_result r = fit(&c, &p);
    assert_near(r.models[0].rating - r.models[1].rating, POINTS * log(w / l),
                1e-6);
    assert_near(r.tie_parameter, t / sqrt(w * l), 1e-8);
    bt_free(&r);

    p.ties = BT_TIES_RAO_KUPPER; /* w = s(d - tau), l = s(-d - tau) */
    r = fit(&c, &p);
    double n = w + l + t;
    double up = log(w / (n - w)), down = log(l / (n - l));
    assert_near(r.models[0].rating - r.models[1].rating,
                POINTS * (up - down) / 2, 1e-6);
    assert_near(r.tie_parameter, exp(-(up + down) / 2), 1e-8);
    bt_free(&r);

    p.ties = BT_TIES_HALF;
    r = fit(&c, &p);
    assert_near(r.models[0].rating - r.models[1].rating,
                POINTS * log((w + t / 2) / (l + t / 2)), 1e-6);
    bt_free(&r);

    p.ties = BT_TIES_DROP;
    r = fit(&c, &p);
    assert_near(r.models[0].rating - r.models[1].rating, POINTS * log(w / l),
                1e-6);
    assert_int_equal(r.models[0].ties, 15);
    assert_int_equal(r.models[0].bad, 5);
    bt_free(&r);
    rating_counts_free(&c);
}

/* A shows 30 : 10 from the first side and 10 : 30 from the second: the models
 * are equal and the side is worth log 3. */
static void test_position(void **state)
{
    (void)state;
    struct rating_counts c;
    rating_counts_init(&c);
    rating_counts_add(&c, 0, 1, RATING_FIRST, 30);
    rating_counts_add(&c, 0, 1, RATING_SECOND, 10);
    rating_counts_add(&c, 1, 0, RATING_FIRST, 30);
    rating_counts_add(&c, 1, 0, RATING_SECOND, 10);
    struct bt_params p = plain();
    for (int asked = 0; asked < 2; asked++) {
        p.position = asked != 0;
        struct bt_result r = fit(&c, &p);
        assert_near(r.models[0].rating, 1000, 1e-9);
        assert_near(r.position, POINTS * log(3), 1e-9);
        assert_near(r.position_se, POINTS * sqrt(1.0 / 60 + 1.0 / 20), 1e-9);
        bt_free(&r);
    }
    rating_counts_free(&c);
}

static void test_undefeated_without_prior(void **state)
{
    (void)state;
    struct rating_counts c;
    rating_counts_init(&c);
    rating_counts_add(&c, 0, 1, RATING_FIRST, 10);
    rating_counts_add(&c, 2, 1, RATING_FIRST, 10);
    rating_counts_add(&c, 1, 2, RATING_FIRST, 10);
    struct bt_params p = plain();
    struct bt_result r = fit(&c, &p);
    assert_false(r.models[0].bounded);
    assert_true(r.models[1].bounded && r.models[2].bounded);
    assert_int_equal(r.n_unbounded, 1);
    assert_true(isnan(r.models[0].rating));
    assert_true(isnan(r.models[0].upper));
    assert_int_equal(r.models[0].rank, 0);
    assert_near(r.models[1].rating, 1000, 1e-9);
    /* ten wins of ten have a chance of 5% there: s(d)^10 = 0.05 */
    double share = pow(0.05, 0.1);
    assert_near(r.models[0].lower, 1000 + POINTS * log(share / (1 - share)),
                1e-6);
    bt_free(&r);
    rating_counts_free(&c);
}

/* The same with the automatic prior: a rating, and an interval that says how
 * little is known upwards. */
static void test_undefeated_with_prior(void **state)
{
    (void)state;
    struct rating_counts c;
    rating_counts_init(&c);
    rating_counts_add(&c, 0, 1, RATING_FIRST, 100000);
    rating_counts_add(&c, 2, 1, RATING_FIRST, 100000);
    rating_counts_add(&c, 1, 2, RATING_FIRST, 100000);
    for (int ci = BT_CI_SANDWICH; ci <= BT_CI_BOOTSTRAP; ci++) {
        struct bt_params p = bt_defaults();
        p.ci = (enum bt_ci)ci;
        p.rounds = 50;
        struct bt_result r = fit(&c, &p);
        assert_near(r.prior, 1, 0);
        assert_false(r.models[0].bounded);
        assert_true(isfinite(r.models[0].rating));
        assert_true(r.models[0].rating > r.models[1].rating + 1000);
        assert_true(r.models[0].upper - r.models[0].lower > 500);
        assert_true(r.models[1].upper - r.models[1].lower < 500);
        bt_free(&r);
    }
    rating_counts_free(&c);
}

static void test_groups_that_never_met(void **state)
{
    (void)state;
    struct rating_counts c;
    rating_counts_init(&c);
    rating_counts_add(&c, 0, 3, RATING_FIRST, 200);
    rating_counts_add(&c, 0, 3, RATING_SECOND, 100);
    rating_counts_add(&c, 1, 4, RATING_FIRST, 300);
    rating_counts_add(&c, 1, 4, RATING_SECOND, 100);
    c.n_models = 6; /* 2 and 5 never played */
    struct bt_params p = bt_defaults();
    p.anchor = 4;
    p.anchor_score = 800;
    p.differences = true;
    struct bt_result r = fit(&c, &p);
    assert_int_equal(r.n_components, 2);
    assert_int_equal(r.models[3].component, r.models[0].component);
    assert_int_equal(r.models[4].component, r.models[1].component);
    assert_int_equal(r.models[2].component, BT_NO_COMPONENT);
    assert_true(isnan(r.models[2].rating) && isnan(r.models[5].rating));
    /* Each group has its own zero; ranks too. */
    assert_near(r.models[0].rating + r.models[3].rating, 2000, 1e-9);
    assert_near(r.models[4].rating, 800, 1e-9);
    assert_near(r.models[4].se, 0, 1e-9);
    assert_near(r.models[1].rating, 800 + POINTS * log(3), 1e-9);
    assert_int_equal(r.models[0].rank, 1);
    assert_int_equal(r.models[1].rank, 1);
    assert_int_equal(r.models[4].rank, 2);
    assert_true(isnan(bt_compare(&r, 0, 1).points));
    assert_near(bt_compare(&r, 1, 4).points, POINTS * log(3), 1e-9);
    bt_free(&r);
    rating_counts_free(&c);
}

static void test_differences(void **state)
{
    (void)state;
    struct rating_counts c;
    rating_counts_init(&c);
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t j = 0; j < i; j++) {
            rating_counts_add(&c, i, j, RATING_FIRST, 40 + 60 * (i - j));
            rating_counts_add(&c, i, j, RATING_SECOND, 40);
            rating_counts_add(&c, i, j, RATING_TIE, 30);
        }
    struct bt_params p = plain();
    p.differences = true;
    double exact[4][4];
    for (int ci = BT_CI_SANDWICH; ci <= BT_CI_BOOTSTRAP; ci++) {
        p.ci = (enum bt_ci)ci;
        p.rounds = 4000;
        struct bt_result r = fit(&c, &p);
        /* Against an anchored model, its error is that of the difference. */
        for (int a = 0; a < 4 && ci != BT_CI_BOOTSTRAP; a++) {
            struct bt_params q = p;
            q.anchor = a;
            struct bt_result s = fit(&c, &q);
            for (size_t b = 0; b < 4; b++) {
                struct bt_difference d = bt_compare(&r, b, (size_t)a);
                assert_near(d.se, s.models[b].se, 1e-7);
                if (ci == BT_CI_SANDWICH)
                    exact[a][b] = d.se;
            }
            bt_free(&s);
        }
        if (ci == BT_CI_BOOTSTRAP)
            for (size_t a = 0; a < 4; a++)
                for (size_t b = 0; b < 4; b++)
                    assert_near(bt_compare(&r, b, a).se, exact[a][b],
                                0.06 * exact[a][b]);
        assert_true(bt_compare(&r, 3, 0).probability > 0.999);
        assert_near(bt_compare(&r, 1, 1).probability, 0.5, 0);
        /* All far apart but neighbours: places are nested around the rank. */
        for (size_t i = 0; i < 4; i++) {
            assert_true(r.models[i].rank_best <= 4 - i);
            assert_true(r.models[i].rank_worst >= 4 - i);
        }
        assert_int_equal(r.models[3].rank_best, 1);
        assert_int_equal(r.models[0].rank_worst, 4);
        bt_free(&r);
    }
    rating_counts_free(&c);
}

/* The same seed gives the same bounds however many threads share the work. */
static void test_bootstrap_threads(void **state)
{
    (void)state;
    struct rating_counts c;
    rating_counts_init(&c);
    for (uint32_t i = 0; i < 6; i++)
        for (uint32_t j = 0; j < 6; j++)
            if (i != j)
                rating_counts_add(&c, i, j,
                                  (enum rating_outcome)((i + 2 * j) % 3),
                                  7 + i);
    struct bt_params p = plain();
    p.ci = BT_CI_BOOTSTRAP;
    p.rounds = 101;
    struct bt_result r[3];
    const int threads[3] = {1, 2, 7};
    for (int k = 0; k < 3; k++) {
        p.n_threads = threads[k];
        r[k] = fit(&c, &p);
    }
    for (size_t i = 0; i < 6; i++) {
        for (int k = 1; k < 3; k++) {
            assert_true(r[k].models[i].lower == r[0].models[i].lower);
            assert_true(r[k].models[i].upper == r[0].models[i].upper);
            assert_true(r[k].models[i].se == r[0].models[i].se);
        }
    }
    p.seed = 2;
    struct bt_result other = fit(&c, &p);
    assert_true(other.models[0].lower != r[0].models[0].lower);
    bt_free(&other);
    for (int k = 0; k < 3; k++)
        bt_free(&r[k]);
    rating_counts_free(&c);
}

static void test_no_votes(void **state)
{
    (void)state;
    struct rating_counts c;
    struct bt_result r;
    struct err why = {.code = ERR_NONE};
    struct bt_params p = bt_defaults();
    rating_counts_init(&c);
    assert_int_equal(bt_fit(&c, &p, &r, &why), -1);
    assert_string_equal(why.text, "no votes");
    bt_free(&r);
    rating_counts_add(&c, 0, 1, RATING_TIE, 9);
    p.ties = BT_TIES_DAVIDSON;
    assert_int_equal(bt_fit(&c, &p, &r, &why), -1);
    assert_non_null(strstr(why.text, "every vote is a tie"));
    bt_free(&r);
    p.ties = BT_TIES_DROP;
    r = fit(&c, &p);
    assert_int_equal(r.models[0].component, BT_NO_COMPONENT);
    assert_true(isnan(r.models[0].rating));
    bt_free(&r);
    rating_counts_free(&c);
}

/* Far more votes than 32 bits hold, and votes as uneven as they come. */
static void test_extreme_counts(void **state)
{
    (void)state;
    struct rating_counts c;
    rating_counts_init(&c);
    rating_counts_add(&c, 0, 1, RATING_FIRST, 3000000000000u);
    rating_counts_add(&c, 0, 1, RATING_SECOND, 1);
    rating_counts_add(&c, 1, 2, RATING_FIRST, 1);
    rating_counts_add(&c, 1, 2, RATING_SECOND, 1);
    struct bt_params p = plain();
    struct bt_result r = fit(&c, &p);
    assert_near(r.models[0].rating - r.models[1].rating, POINTS * log(3e12),
                1e-4);
    assert_near(r.models[1].rating, r.models[2].rating, 1e-6);
    bt_free(&r);
    rating_counts_free(&c);
}

/* Weighted votes: the mean decides, and the errors are those of the scatter
 * around it; votes that all say the same scatter not at all, which is no
 * certainty. */
static void test_weighted_votes(void **state)
{
    (void)state;
    static const double leans[] = {0.1, 0.3, -0.2, 0.4, 0.15};
    struct rating_counts c, whole;
    double n = 0, won = 0, square = 0;
    rating_counts_init(&c);
    rating_counts_init(&whole);
    for (size_t k = 0; k < 5; k++) {
        rating_counts_add_weighted(&c, k % 2, 1 - k % 2,
                                   k % 2 ? -leans[k] : leans[k], 20);
        n += 20;
        won += 20 * (0.5 + leans[k]);
    }
    double mean = won / n;
    for (size_t k = 0; k < 5; k++)
        square += 20 * (0.5 + leans[k] - mean) * (0.5 + leans[k] - mean);
    assert_int_equal(rating_counts_sort(&c), 0);
    struct bt_params p = plain();
    struct bt_result r = fit(&c, &p);
    double d = POINTS * log(mean / (1 - mean));
    double information = n * mean * (1 - mean);
    double se = POINTS * sqrt(square) / information / 2;
    assert_near(r.models[0].rating - r.models[1].rating, d, 1e-8);
    assert_near(r.models[0].se, se, 1e-8);
    assert_int_equal(r.n_votes, 100);
    assert_int_equal(r.models[0].wins + r.models[0].losses, 0);
    assert_int_equal(r.models[0].weighted, 100);
    assert_near(r.models[0].share_won, won, 1e-9);
    bt_free(&r);
    p.ci = BT_CI_BOOTSTRAP;
    p.rounds = 4000;
    r = fit(&c, &p);
    assert_near(r.models[0].se, se, 0.05 * se);
    bt_free(&r);
    p.ci = BT_CI_HESSIAN; /* as if each were one vote for one side */
    r = fit(&c, &p);
    assert_near(r.models[0].se, POINTS / sqrt(information) / 2, 1e-8);
    bt_free(&r);
    /* the same mean by ten votes alike */
    rating_counts_add_weighted(&whole, 0, 1, 0.1, 100);
    p = bt_defaults();
    r = fit(&whole, &p);
    assert_near(r.models[0].rating - r.models[1].rating,
                POINTS * log(0.6 / 0.4), 1e-6);
    assert_near(r.models[0].se, POINTS / sqrt(100 * 0.6 * 0.4) / 2, 1e-6);
    bt_free(&r);
    rating_counts_free(&c);
    rating_counts_free(&whole);
}

/* A voter's weighted votes hang together like others. */
static void test_weighted_ballots(void **state)
{
    (void)state;
    struct rating_counts c;
    rating_counts_init(&c);
    struct rating_ballot b[40];
    for (uint32_t k = 0; k < 40; k++) {
        double lean = k % 2 ? 0.3 : -0.1;
        b[k] = (struct rating_ballot){
            k, 0, 1, lean > 0 ? RATING_FIRST : RATING_SECOND, 3, lean};
        rating_counts_add_weighted(&c, 0, 1, lean, 3);
    }
    struct bt_params p = plain();
    p.ballots = b;
    p.n_ballots = 40;
    struct bt_result r = fit(&c, &p);
    double mean = 0.6, score = 3 * 0.2, information = 120 * mean * (1 - mean);
    double se = POINTS * sqrt(40 * score * score) / information / 2;
    assert_near(r.models[0].se, se, 0.05 * se); /* and Student's law */
    bt_free(&r);
    rating_counts_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_models),
        cmocka_unit_test(test_models_of_ties),
        cmocka_unit_test(test_position),
        cmocka_unit_test(test_undefeated_without_prior),
        cmocka_unit_test(test_undefeated_with_prior),
        cmocka_unit_test(test_groups_that_never_met),
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_bootstrap_threads),
        cmocka_unit_test(test_no_votes),
        cmocka_unit_test(test_extreme_counts),
        cmocka_unit_test(test_weighted_votes),
        cmocka_unit_test(test_weighted_ballots),
    };
    return TEST_RUN(tests);
}
