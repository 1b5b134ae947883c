#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "arena/pairing.h"

#define N_DRAWS 200000

static void weights_decide(void **state)
{
    (void)state;
    const double weights[] = {1, 2, 0, 3, 0.5};
    size_t n_pair[5][5] = {{0}}, n_first[5] = {0}, n_model[5] = {0};
    double probability[5][5] = {{0}}, total = 0;
    struct rng rng;
    struct err e;
    rng_init(&rng, 1);
    for (int i = 0; i < N_DRAWS; i++) {
        struct pairing p;
        assert_int_equal(pairing_draw(weights, 5, &rng, &p, &e), 0);
        size_t low = p.side[0] < p.side[1] ? p.side[0] : p.side[1];
        size_t high = p.side[0] < p.side[1] ? p.side[1] : p.side[0];
        assert_true(low < high && high < 5);
        n_pair[low][high]++;
        probability[low][high] = p.probability;
        n_first[p.side[0]]++;
        n_model[low]++;
        n_model[high]++;
    }
    /* Every pair comes as often as the probability told with it says, within
     * five standard deviations; those probabilities add up to one. */
    for (size_t i = 0; i < 5; i++)
        for (size_t j = i + 1; j < 5; j++) {
            double p = probability[i][j];
            double sigma = sqrt(N_DRAWS * p * (1 - p));
            total += p;
            assert_true(fabs((double)n_pair[i][j] - N_DRAWS * p) <= 5 * sigma);
        }
    assert_true(fabs(total - 1) < 1e-12);
    assert_int_equal(n_model[2], 0);
    /* The product rule, worked by hand: pairs of {1, 2, 3, 0.5} weigh
     * 2+3+0.5+6+1+1.5 = 14. */
    assert_true(fabs(probability[1][3] - 6.0 / 14) < 1e-12);
    assert_true(fabs(probability[0][4] - 0.5 / 14) < 1e-12);
    /* Sides are a fair coin for each model. */
    for (size_t i = 0; i < 5; i++) {
        double n = (double)n_model[i];
        assert_true(fabs((double)n_first[i] - n / 2) <= 5 * sqrt(n / 4));
    }
}

/* By a policy too, pairs come as often as is said, sides by a fair coin. */
static void policies_decide(void **state)
{
    (void)state;
    enum { N = 5, N_POLICY_DRAWS = 20000 };
    struct rating_counts votes;
    struct rng rng;
    struct err e;
    double said[N * (N - 1) / 2] = {0}, seen[N * (N - 1) / 2] = {0};
    double first = 0;
    rng_init(&rng, 3);
    rating_counts_init(&votes);
    for (uint32_t i = 0; i < N; i++)
        for (uint32_t j = 0; j < i; j++) {
            rating_counts_add(&votes, i, j, RATING_FIRST, 10 + i);
            rating_counts_add(&votes, i, j, RATING_SECOND, 10 + i % 2);
        }
    struct rating_pairing q = {
        .policy = RATING_POLICY_MIXED, .n = N, .votes = &votes};
    for (int k = 0; k < N_POLICY_DRAWS; k++) {
        struct pairing p;
        assert_int_equal(pairing_draw_by_policy(&q, &rng, &p, &e), 0);
        assert_true(p.side[0] != p.side[1] && p.side[0] < N && p.side[1] < N);
        size_t at = rating_pair_index(p.side[0], p.side[1]);
        said[at] = p.probability;
        seen[at] += 1.0 / N_POLICY_DRAWS;
        first += (p.side[0] > p.side[1]) / (double)N_POLICY_DRAWS;
    }
    for (size_t k = 0; k < N * (N - 1) / 2; k++) {
        double sigma = sqrt(said[k] * (1 - said[k]) / N_POLICY_DRAWS);
        assert_true(fabs(seen[k] - said[k]) <= 5 * sigma);
    }
    assert_true(fabs(first - 0.5) < 5 * 0.5 / sqrt(N_POLICY_DRAWS));
    q.n = 1;
    struct pairing p;
    assert_int_equal(pairing_draw_by_policy(&q, &rng, &p, &e), -1);
    assert_int_equal(e.code, ERR_CONFIG);
    rating_counts_free(&votes);
}

static void extremes_are_drawn(void **state)
{
    (void)state;
    const double weights[] = {1e9, 1e-9, 0};
    struct rng rng;
    struct err e;
    struct pairing p;
    rng_init(&rng, 2);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(pairing_draw(weights, 3, &rng, &p, &e), 0);
        assert_int_equal(p.side[0] + p.side[1], 1);
    }
}

static void one_model_is_no_arena(void **state)
{
    (void)state;
    const double weights[] = {0, 5, 0};
    struct rng rng;
    struct err e;
    struct pairing p;
    rng_init(&rng, 3);
    assert_int_equal(pairing_draw(weights, 3, &rng, &p, &e), -1);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.text, "the config has 1; add one with"));
    assert_int_equal(pairing_draw(NULL, 0, &rng, &p, &e), -1);
}

static void same_seed_same_pairs(void **state)
{
    (void)state;
    const double weights[] = {1, 1, 1, 1};
    struct rng x, y;
    struct err e;
    rng_init(&x, 4);
    rng_init(&y, 4);
    for (int i = 0; i < 100; i++) {
        struct pairing p, q;
        pairing_draw(weights, 4, &x, &p, &e);
        pairing_draw(weights, 4, &y, &q, &e);
        assert_memory_equal(p.side, q.side, sizeof(p.side));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_decide),
        cmocka_unit_test(policies_decide),
        cmocka_unit_test(extremes_are_drawn),
        cmocka_unit_test(one_model_is_no_arena),
        cmocka_unit_test(same_seed_same_pairs),
    };
    return TEST_RUN(tests);
}
