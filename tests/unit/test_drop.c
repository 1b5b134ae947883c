/* Tests of rating/drop: few votes on which a lead depends, against a search of
 * all ways to leave votes out. */
#include "tests/unit/test.h"

#include "base/rng.h"
#include "rating/drop.h"
#include "rating/fit/bt.h"

static struct drop_lead find(const struct rating_counts *c)
{
    struct bt_params p = bt_defaults();
    struct drop_lead d;
    struct err e = {.code = ERR_NONE};
    if (drop_find_lead(c, &p, &d, &e) != 0)
        fail_msg("%s", e.text);
    return d;
}

static void two_models(void **state)
{
    (void)state;
    struct rating_counts c;
    rating_counts_init(&c);
    rating_counts_add(&c, 0, 1, RATING_FIRST, 60);
    rating_counts_add(&c, 1, 0, RATING_FIRST, 50);
    struct drop_lead d = find(&c);
    assert_int_equal(d.leader, 0);
    assert_int_equal(d.next, 1);
    assert_int_equal(d.n_votes, 11); /* 49 against 50 */
    rating_counts_free(&c);
}

/* Of three models with few votes: no smaller set of votes does it. */
static void no_smaller_set(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 11);
    for (int run = 0; run < 20; run++) {
        struct rating_counts c;
        struct bt_params p = bt_defaults();
        rating_counts_init(&c);
        for (uint32_t i = 0; i < 3; i++)
            for (uint32_t j = 0; j < i; j++)
                for (int o = 0; o < 2; o++)
                    rating_counts_add(&c, i, j, (enum rating_outcome)o,
                                      7 + rng_below(&r, 3));
        struct drop_lead d = find(&c);
        uint64_t least = UINT64_MAX;
        for (int set = 0; set < 5 * 5 * 5 * 5 * 5 * 5; set++) {
            struct rating_counts rest;
            struct bt_result fit;
            uint64_t n = 0;
            int code = set;
            rating_counts_init(&rest);
            for (size_t k = 0; k < c.n_cells; k++) {
                for (int o = 0; o < 2; o++, code /= 5) {
                    uint64_t out = (uint64_t)(code % 5);
                    n += out;
                    rating_counts_add(&rest, c.cells[k].first,
                                      c.cells[k].second,
                                      (enum rating_outcome)o,
                                      c.cells[k].n[o] - out);
                }
            }
            if (n < least && n < d.n_votes) {
                p.ci = BT_CI_HESSIAN;
                p.prior = 1;
                assert_int_equal(bt_fit(&rest, &p, &fit, NULL), 0);
                uint32_t top = 0;
                for (uint32_t i = 1; i < 3; i++)
                    if (fit.models[i].rating > fit.models[top].rating + 1e-7)
                        top = i;
                bool tied = false;
                for (uint32_t i = 0; i < 3; i++)
                    tied |= i != top && fabs(fit.models[i].rating -
                                             fit.models[top].rating) < 1e-6;
                if (top != d.leader && !tied)
                    least = n;
                bt_free(&fit);
            }
            rating_counts_free(&rest);
        }
        assert_true(least >= d.n_votes);
        rating_counts_free(&c);
    }
}

static void a_wide_lead_takes_many(void **state)
{
    (void)state;
    struct rating_counts c;
    uint64_t before = 0;
    for (uint64_t more = 0; more < 4; more++) {
        rating_counts_init(&c);
        for (uint32_t i = 0; i < 4; i++)
            for (uint32_t j = 0; j < 4; j++)
                if (i != j)
                    rating_counts_add(&c, i, j, RATING_FIRST,
                                      100 + (i == 2 ? 20 * (more + 1) : 0));
        struct drop_lead d = find(&c);
        assert_int_equal(d.leader, 2);
        assert_int_not_equal(d.next, 2);
        assert_true(d.n_votes > before);
        before = d.n_votes;
        rating_counts_free(&c);
    }
}

static void nothing_to_find(void **state)
{
    (void)state;
    struct rating_counts c;
    struct bt_params p = bt_defaults();
    struct drop_lead d;
    rating_counts_init(&c);
    assert_int_equal(drop_find_lead(&c, &p, &d, NULL), 0);
    assert_int_equal(d.n_votes, 0);
    rating_counts_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_models),
        cmocka_unit_test(no_smaller_set),
        cmocka_unit_test(a_wide_lead_takes_many),
        cmocka_unit_test(nothing_to_find),
    };
    return TEST_RUN(tests);
}
