/* Which battles a run consists of. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "arena/run/plan.h"
#include "arena/run/prompts.h"

static void same_seed_same_plan(void **state)
{
    (void)state;
    const size_t models[] = {0, 1, 2};
    struct run_pairs pairs = {.kind = RUN_SAMPLE, .n_sample = 50};
    struct run_planned *x, *y;
    size_t n, m;
    struct err e;
    assert_int_equal(run_make_plan(&pairs, NULL, models, 3, 40, 1, &x, &n, &e),
                     0);
    assert_int_equal(run_make_plan(&pairs, NULL, models, 3, 40, 1, &y, &m, &e),
                     0);
    assert_int_equal(n, 50);
    assert_int_equal(m, 50);
    assert_memory_equal(x, y, n * sizeof(*x));
    assert_near(x[0].probability, 50.0 / 120, 1e-12);
    for (size_t i = 1; i < n; i++) {
        assert_true(x[i].prompt >= x[i - 1].prompt);
        for (size_t j = 0; j < i; j++) /* none twice, in either order */
            assert_false(x[i].prompt == x[j].prompt &&
                         x[i].model[0] + x[i].model[1] ==
                             x[j].model[0] + x[j].model[1]);
    }
    free(y);
    assert_int_equal(run_make_plan(&pairs, NULL, models, 3, 40, 2, &y, &m, &e),
                     0);
    assert_memory_not_equal(x, y, n * sizeof(*x));
    free(x);
    free(y);
    pairs.kind = RUN_ALL;
    assert_int_equal(run_make_plan(&pairs, NULL, models, 3, 5000000, 1, &x, &n,
                                   &e), -1);
    assert_int_equal(e.code, ERR_USAGE);
}

/* How many battles of a plan are between models i and j. */
static size_t count_pair(const struct run_planned *plan, size_t n, uint32_t i,
                         uint32_t j)
{
    size_t count = 0;
    for (size_t k = 0; k < n; k++)
        count += (plan[k].model[0] == i && plan[k].model[1] == j) ||
                 (plan[k].model[0] == j && plan[k].model[1] == i);
    return count;
}

static void uncertain_pairs_meet_more(void **state)
{
    (void)state;
    const size_t models[] = {4, 5, 6};
    /* By rating_pair_index: 4-5, 4-6, 5-6. */
    const double chances[] = {0.1, 0, 0.9};
    struct run_pairs pairs = {.kind = RUN_UNCERTAIN, .n_sample = 100};
    struct run_planned *x, *y;
    size_t n, m;
    struct err e;
    assert_int_equal(run_make_plan(&pairs, chances, models, 3, 1000, 1, &x, &n,
                                   &e), 0);
    assert_int_equal(run_make_plan(&pairs, chances, models, 3, 1000, 1, &y, &m,
                                   &e), 0);
    assert_int_equal(n, 100);
    assert_memory_equal(x, y, n * sizeof(*x));
    assert_int_equal(count_pair(x, n, 4, 6), 0);
    assert_true(count_pair(x, n, 5, 6) > 75);
    for (size_t i = 0; i < n; i++) {
        bool rare = x[i].model[0] == 4 || x[i].model[1] == 4;
        assert_near(x[i].probability, rare ? 0.01 : 0.09, 1e-12);
        assert_true(i == 0 || x[i].prompt > x[i - 1].prompt ||
                    count_pair(&x[i - 1], 2, 5, 6) == 1);
    }
    free(x);
    free(y);
    /* A pair without a prompt left makes way; one without a chance never
     * comes. */
    pairs.n_sample = 35;
    assert_int_equal(run_make_plan(&pairs, chances, models, 3, 15, 1, &x, &n,
                                   &e), 0);
    assert_int_equal(n, 30);
    assert_int_equal(count_pair(x, n, 4, 5), 15);
    assert_int_equal(count_pair(x, n, 5, 6), 15);
    free(x);
}

static void prompts_are_chosen_by_limit_and_seed(void **state)
{
    (void)state;
    struct prompts p, q;
    struct err e;
    static const char text[] = "a\nb\nc\nd\ne\nf\ng\nh\n";
    assert_int_equal(prompts_parse(&p, text, strlen(text), "f", PROMPTS_AUTO,
                                   &e), 0);
    assert_int_equal(prompts_parse(&q, text, strlen(text), "f", PROMPTS_AUTO,
                                   &e), 0);
    run_choose_prompts(&p, true, 0, 5);
    run_choose_prompts(&q, true, 3, 5);
    assert_int_equal(p.n, 8);
    assert_int_equal(q.n, 3);
    bool moved = false;
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(p.list[i].turns[0], q.list[i].turns[0]);
        moved = moved || p.list[i].turns[0][0] != (char)('a' + i);
    }
    assert_true(moved);
    prompts_free(&p);
    prompts_free(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_seed_same_plan),
        cmocka_unit_test(uncertain_pairs_meet_more),
        cmocka_unit_test(prompts_are_chosen_by_limit_and_seed),
    };
    return TEST_RUN(tests);
}
