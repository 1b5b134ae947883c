/* Tests of rating/judged/decision: settling with a judge. */
#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "rating/judged/decision.h"

enum { JUDGED = 400, VOTES = 200 };

struct world {
    struct decision_vote votes[VOTES];
    double judged[JUDGED];
    struct decision_data data;
};

static struct settle_result find(const struct decision_data *d,
                                 struct decision_worth *worth)
{
    struct settle_params p = settle_defaults();
    struct settle_result r;
    enum settle_verdict v;
    struct err e;
    if (decision_find(d, &p, &r, worth, &e) != 0 ||
        decision_verdict(d, &p, &v, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(v, r.verdict);
    return r;
}

/* People win `chance` of the battles; the judge sees the same in `sees` of
 * them, else draws, and says A instead of B in `likes` of all. */
static void make_world(struct world *w, double chance, double sees,
                       double likes, uint64_t seed)
{
    struct rng r;
    rng_init(&r, seed);
    for (int k = 0; k < JUDGED; k++) {
        double y = rng_double(&r) < chance, f = y;
        if (rng_double(&r) >= sees)
            f = (double)rng_below(&r, 2);
        if (rng_double(&r) < likes)
            f = 1;
        w->judged[k] = k < VOTES ? NAN : f;
        if (k < VOTES)
            w->votes[k] = (struct decision_vote){y, f};
    }
    w->data = (struct decision_data){w->votes, VOTES, w->judged, JUDGED};
}

static void no_votes(void **state)
{
    (void)state;
    const double judged[] = {1, 0, 1};
    const struct decision_data d = {NULL, 0, judged, 3};
    struct decision_worth worth;
    struct settle_result r = find(&d, &worth);
    assert_int_equal(r.verdict, SETTLE_UNDECIDED);
    assert_true(isnan(r.lead) && isinf(r.lower) && isinf(r.upper));
    assert_true(r.to_go > 100);
    assert_int_equal(worth.n_shared, 0);
    assert_near(worth.weight, 0, 0);
}

/* Votes on battles that nobody judged: as without a judge, or nearly. */
static void without_verdicts_it_is_settle(void **state)
{
    (void)state;
    struct settle_params p = settle_defaults();
    struct decision_vote votes[120];
    const struct decision_data d = {votes, 120, NULL, 0};
    struct settle_votes plain = {0};
    struct settle_result without;
    struct decision_worth worth;
    for (int k = 0; k < 120; k++) {
        double score = k % 12 < 5 ? 1 : k % 12 < 9 ? 0 : 0.5;
        votes[k] = (struct decision_vote){score, NAN};
        plain.wins += score == 1;
        plain.losses += score == 0;
        plain.ties += score == 0.5;
    }
    settle(&plain, &p, &without);
    struct settle_result r = find(&d, &worth);
    assert_int_equal(r.verdict, without.verdict);
    assert_near(r.lead, without.lead, 1e-9);
    assert_near(r.lower, without.lower, 8);
    assert_near(r.upper, without.upper, 8);
    assert_int_equal(worth.n_shared, 0);

    /* Wins alone; the last one is a verdict's. */
    size_t n = 0;
    for (int k = 0; k < 120; k++)
        votes[k].score = 1;
    struct decision_data some = {votes, 0, NULL, 0};
    do {
        some.n_votes = ++n;
    } while (find(&some, &worth).verdict == SETTLE_UNDECIDED);
    assert_in_range(n, 8, 16);
    assert_true(isinf(find(&some, &worth).lead));
}

static void two_sides(void **state)
{
    (void)state;
    struct world w;
    struct decision_worth worth;
    make_world(&w, 0.6, 0.8, 0, 3);
    struct settle_result a = find(&w.data, &worth);
    assert_true(worth.weight > 0.3);
    for (int k = 0; k < VOTES; k++)
        w.votes[k] = (struct decision_vote){1 - w.votes[k].score,
                                            1 - w.votes[k].judge};
    for (int k = 0; k < JUDGED; k++)
        w.judged[k] = 1 - w.judged[k];
    struct settle_result b = find(&w.data, &worth);
    assert_near(a.lead, -b.lead, 1e-6);
    assert_near(a.lower, -b.upper, 1e-6);
    assert_near(a.upper, -b.lower, 1e-6);
}

/* One who sees what people see makes the interval narrower; one who knows
 * nothing leaves it nearly as it is. */
static void a_judge_narrows(void **state)
{
    (void)state;
    struct world w;
    struct decision_worth worth;
    double width[3] = {0};
    for (uint64_t seed = 0; seed < 20; seed++) {
        for (int k = 0; k < 3; k++) {
            make_world(&w, 0.55, k == 2 ? 0.85 : 0, 0, seed);
            w.data.n_judged = k == 0 ? 0 : JUDGED;
            struct settle_result r = find(&w.data, &worth);
            width[k] += r.upper - r.lower;
            assert_int_equal(worth.n_shared, VOTES);
            assert_int_equal(worth.n_compared, k == 0 ? 0 : VOTES);
        }
    }
    assert_true(width[2] < 0.9 * width[0]);
    assert_near(width[1] / width[0], 1, 0.03);
}

/* A judge who likes A is wrong where people voted as elsewhere. */
static void what_a_judge_likes_cancels(void **state)
{
    (void)state;
    double lead = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct world w;
        struct decision_worth worth;
        make_world(&w, 0.5, 0.8, 0.6, seed);
        lead += find(&w.data, &worth).lead / 200;
        assert_true(worth.weight > 0);
    }
    assert_near(lead, 0, 6); /* its own opinion is over 150 */
}

/* Of users who look after each vote, for a draw, at most 5% may ever find one
 * better. */
static void looking_is_free(void **state)
{
    (void)state;
    enum { USERS = 1000 };
    struct settle_params p = settle_defaults();
    int n_false = 0;
    for (uint64_t user = 0; user < USERS; user++) {
        struct world w;
        struct err e;
        enum settle_verdict v = SETTLE_UNDECIDED;
        make_world(&w, 0.5, 0.8, 0.3, 1000 + user);
        for (size_t n = 5; n <= VOTES && v == SETTLE_UNDECIDED; n += 5) {
            w.data.n_votes = n;
            assert_int_equal(decision_verdict(&w.data, &p, &v, &e), 0);
        }
        n_false += v == SETTLE_BETTER || v == SETTLE_WORSE;
    }
    assert_true(n_false <= USERS * 0.05);
    assert_true(n_false > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_votes),
        cmocka_unit_test(without_verdicts_it_is_settle),
        cmocka_unit_test(two_sides),
        cmocka_unit_test(a_judge_narrows),
        cmocka_unit_test(what_a_judge_likes_cancels),
        cmocka_unit_test(looking_is_free),
    };
    return TEST_RUN(tests);
}
