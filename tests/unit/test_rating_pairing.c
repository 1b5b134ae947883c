/* Tests of rating/pairing: what each policy prefers, and that nobody is left
 * out for ever. */
#include "tests/unit/test.h"

#include <math.h>
#include <string.h>

#include "rating/pairing.h"

enum { N = 5, PAIRS = N * (N - 1) / 2 };

static void ask(const struct rating_pairing *q, double *p)
{
    struct err why = {.code = ERR_NONE};
    double sum = 0;
    if (rating_pairing(q, p, &why) != 0)
        fail_msg("%s", why.text);
    for (size_t k = 0; k < q->n * (q->n - 1) / 2; k++) {
        assert_true(p[k] >= 0 && p[k] <= 1);
        sum += p[k];
    }
    assert_true(fabs(sum - 1) < 1e-12);
}

/* 0 to 4 in rising strength, all pairs 40 votes; 1 and 2 are alike, 3 and 4
 * far above. */
static void fill(struct rating_counts *c)
{
    static const int wins[PAIRS] = {28, 28, 20, 34, 33, 33, 36, 36, 36, 30};
    rating_counts_init(c);
    for (uint32_t i = 0, k = 0; i < N; i++)
        for (uint32_t j = 0; j < i; j++, k++) {
            rating_counts_add(c, i, j, RATING_FIRST, (uint64_t)wins[k]);
            rating_counts_add(c, i, j, RATING_SECOND,
                              (uint64_t)(40 - wins[k]));
        }
}

static void words(void **state)
{
    (void)state;
    assert_string_equal(rating_policy_word(RATING_POLICY_UNIFORM), "uniform");
    assert_string_equal(rating_policy_word(RATING_POLICY_MIXED), "mixed");
    assert_null(rating_policy_word(RATING_N_POLICIES));
    size_t k = 0;
    for (size_t i = 0; i < 9; i++)
        for (size_t j = 0; j < i; j++, k++) {
            assert_int_equal(rating_pair_index(i, j), k);
            assert_int_equal(rating_pair_index(j, i), k);
        }
}

static void preferences(void **state)
{
    (void)state;
    struct rating_counts c;
    double p[PAIRS];
    fill(&c);
    struct rating_pairing q = {.n = N, .votes = &c};
    ask(&q, p);
    for (int k = 0; k < PAIRS; k++)
        assert_true(fabs(p[k] - 1.0 / PAIRS) < 1e-12);

    q.policy = RATING_POLICY_AMBIGUOUS;
    ask(&q, p);
    assert_true(p[rating_pair_index(1, 2)] > 0.7);
    assert_true(p[rating_pair_index(0, 4)] == 0);

    q.policy = RATING_POLICY_THOMPSON;
    ask(&q, p);
    assert_true(p[rating_pair_index(3, 4)] > 0.9);
    double again[PAIRS];
    ask(&q, again);
    assert_memory_equal(p, again, sizeof(p));

    q.policy = RATING_POLICY_BALANCED;
    rating_counts_add(&c, 0, 4, RATING_TIE, 1);
    ask(&q, p);
    assert_true(p[rating_pair_index(0, 4)] == 0);
    assert_true(fabs(p[rating_pair_index(1, 2)] - 1.0 / (PAIRS - 1)) < 1e-12);

    /* Half of it is the ambiguous one, which gives 1 and 2 over 0.7, and half
     * the balanced one, which gives each pair but 0 and 4 a ninth. */
    q.policy = RATING_POLICY_MIXED;
    ask(&q, p);
    assert_true(p[rating_pair_index(1, 2)] > 0.35 + 1.0 / 18);
    assert_true(p[rating_pair_index(0, 4)] == 0);
    assert_true(fabs(p[rating_pair_index(0, 3)] - 1.0 / 18) < 1e-12);

    /* Half of it is thompson's, which gives 3 and 4 over 0.9. */
    q.policy = RATING_POLICY_LEADER;
    ask(&q, p);
    assert_true(p[rating_pair_index(3, 4)] > 0.45 + 0.5 / PAIRS);
    assert_near(p[rating_pair_index(0, 1)], 0.5 / PAIRS, 1e-12);

    q.policy = RATING_POLICY_LMARENA;
    rating_counts_add(&c, 1, 0, RATING_TIE, 4000);
    ask(&q, p);
    assert_true(p[rating_pair_index(0, 1)] < 0.01);
    rating_counts_free(&c);
}

/* No votes at all, a new model, weights of 0 and 2: under every policy. */
static void newcomers_and_weights(void **state)
{
    (void)state;
    struct rating_counts c;
    double p[PAIRS];
    const double weights[N] = {1, 2, 1, 0, 1};
    rating_counts_init(&c);
    for (int votes = 0; votes < 2; votes++) {
        if (votes == 1) { /* all but 2 have met */
            rating_counts_add(&c, 0, 1, RATING_FIRST, 30);
            rating_counts_add(&c, 1, 4, RATING_FIRST, 30);
            rating_counts_add(&c, 4, 0, RATING_FIRST, 30);
        }
        for (int k = 0; k < RATING_N_POLICIES; k++) {
            struct rating_pairing q = {.policy = (enum rating_policy)k,
                                       .n = N,
                                       .weights = weights,
                                       .votes = &c};
            ask(&q, p);
            for (size_t i = 0; i < N; i++)
                if (i != 3)
                    assert_true(p[rating_pair_index(3, i)] == 0);
            double newcomer = 0;
            for (size_t i = 0; i < N; i++)
                newcomer += i == 2 ? 0 : p[rating_pair_index(2, i)];
            if (votes == 1 && k != RATING_POLICY_AMBIGUOUS)
                assert_true(newcomer > 0.2);
        }
    }
    rating_counts_free(&c);
}

/* A model that fails gives no votes; its void battles count as turns. */
static void failures_take_turns(void **state)
{
    (void)state;
    struct rating_counts votes, failed;
    double p[3];
    rating_counts_init(&votes);
    rating_counts_init(&failed);
    rating_counts_add(&votes, 0, 1, RATING_TIE, 5);
    rating_counts_add(&failed, 2, 0, RATING_BAD, 6);
    rating_counts_add(&failed, 1, 2, RATING_BAD, 5);
    struct rating_pairing q = {.policy = RATING_POLICY_BALANCED,
                               .n = 3,
                               .votes = &votes,
                               .void_battles = &failed};
    ask(&q, p);
    assert_true(p[rating_pair_index(0, 2)] == 0);
    assert_true(fabs(p[rating_pair_index(0, 1)] - 0.5) < 1e-12);
    rating_counts_free(&votes);
    rating_counts_free(&failed);
}

/* Greed asks a model that always fails less and less; weights multiply. */
static void failures_are_seen(void **state)
{
    (void)state;
    static const enum rating_policy greedy[] = {
        RATING_POLICY_LMARENA, RATING_POLICY_AMBIGUOUS, RATING_POLICY_THOMPSON};
    struct rating_counts votes, failed;
    double before[3], after[3], heavy[3];
    const double weights[] = {1, 1, 3};
    rating_counts_init(&votes);
    rating_counts_add(&votes, 0, 1, RATING_FIRST, 30);
    rating_counts_add(&votes, 0, 1, RATING_SECOND, 30);
    for (size_t k = 0; k < sizeof(greedy) / sizeof(greedy[0]); k++) {
        struct rating_pairing q = {
            .policy = greedy[k], .n = 3, .votes = &votes};
        size_t known = rating_pair_index(0, 1);
        ask(&q, before);
        q.weights = weights;
        ask(&q, heavy);
        assert_true(heavy[known] < before[known]);
        q.weights = NULL;
        rating_counts_init(&failed);
        rating_counts_add(&failed, 2, 0, RATING_BAD, 50);
        q.void_battles = &failed;
        ask(&q, after);
        assert_true(after[known] > before[known]);
        assert_true(after[known] < 1);
        rating_counts_free(&failed);
    }
    rating_counts_free(&votes);
}

static void too_few_models(void **state)
{
    (void)state;
    struct rating_counts c;
    double p[3];
    const double weights[3] = {0, 4, 0};
    struct err why = {.code = ERR_NONE};
    rating_counts_init(&c);
    struct rating_pairing q = {.n = 3, .weights = weights, .votes = &c};
    for (size_t n = 0; n <= 3; n++) {
        q.n = n;
        assert_int_equal(rating_pairing(&q, p, &why), -1);
        assert_non_null(strstr(why.text, "fewer than two"));
    }
    rating_counts_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(preferences),
        cmocka_unit_test(newcomers_and_weights),
        cmocka_unit_test(failures_take_turns),
        cmocka_unit_test(failures_are_seen),
        cmocka_unit_test(too_few_models),
    };
    return TEST_RUN(tests);
}
