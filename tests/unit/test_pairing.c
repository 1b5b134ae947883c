/* Who meets whom: that what is drawn is what was said, by every policy; what
 * the policies prefer; and what the store tells them. */
#include "tests/unit/store_place.h"

#include "arena/pairing.h"

enum { N = 5, PAIRS = N * (N - 1) / 2, N_DRAWS = 200000 };

static void must_draw(const struct rating_pairing *q, struct rng *rng,
                      struct pairing *out)
{
    struct err e;
    if (pairing_draw(q, rng, out, &e) != 0)
        fail_msg("%s", e.text);
    assert_true(out->side[0] < q->n && out->side[1] < q->n);
    assert_true(out->side[0] != out->side[1]);
}

/* What is said with each pair that came up; how often it came. */
struct tally {
    double said[PAIRS], seen[PAIRS];
    size_t n_model[N], n_first[N];
};

static void draw_many(const struct rating_pairing *q, size_t n,
                      struct tally *t)
{
    struct rng rng;
    rng_init(&rng, 1);
    *t = (struct tally){0};
    for (size_t i = 0; i < n; i++) {
        struct pairing p;
        must_draw(q, &rng, &p);
        size_t k = rating_pair_index(p.side[0], p.side[1]);
        t->said[k] = p.probability;
        t->seen[k] += 1.0 / (double)n;
        t->n_first[p.side[0]]++;
        t->n_model[p.side[0]]++;
        t->n_model[p.side[1]]++;
    }
}

/* Every pair comes as often as the probability told with it says, within five
 * standard deviations; those probabilities add up to one; sides are a fair
 * coin for each model. */
static void assert_as_said(const struct tally *t, size_t n)
{
    double total = 0;
    for (size_t k = 0; k < PAIRS; k++) {
        double p = t->said[k], sigma = sqrt(p * (1 - p) / (double)n);
        total += p;
        assert_near(t->seen[k], p, 5 * sigma + 1e-9);
    }
    assert_near(total, 1, 1e-9);
    for (size_t i = 0; i < N; i++) {
        double met = (double)t->n_model[i];
        assert_near((double)t->n_first[i], met / 2, 5 * sqrt(met / 4));
    }
}

static void weights_decide(void **state)
{
    (void)state;
    const double weights[] = {1, 2, 0, 3, 0.5};
    struct tally t;
    struct rating_pairing q = {.n = N, .weights = weights};
    draw_many(&q, N_DRAWS, &t);
    assert_as_said(&t, N_DRAWS);
    assert_int_equal(t.n_model[2], 0);
    /* The product rule, worked by hand: pairs of {1, 2, 3, 0.5} weigh
     * 2+3+0.5+6+1+1.5 = 14. */
    assert_near(t.said[rating_pair_index(1, 3)], 6.0 / 14, 1e-12);
    assert_near(t.said[rating_pair_index(0, 4)], 0.5 / 14, 1e-12);
}

/* Model 4 beats all and 3 the others, clearly; 0, 1 and 2 are alike, and 0 and
 * 1 have met less often than the others. */
static void fill_votes(struct rating_counts *c)
{
    rating_counts_init(c);
    for (uint32_t i = 0; i < N; i++)
        for (uint32_t j = 0; j < i; j++) {
            uint64_t times = i == 1 ? 20 : 40, wins = i < 3 ? 1 : 3;
            rating_counts_add(c, i, j, RATING_FIRST, times * wins / (wins + 1));
            rating_counts_add(c, i, j, RATING_SECOND, times / (wins + 1));
        }
}

/* By every policy, pairs come as often as is said and no model of weight 0 at
 * all. */
static void policies_decide(void **state)
{
    (void)state;
    enum { N_POLICY_DRAWS = 20000 };
    const double weights[] = {1, 1, 0, 2, 1};
    struct rating_counts votes;
    fill_votes(&votes);
    rating_counts_add(&votes, 1, 4, RATING_FIRST, 20); /* who is the best? */
    for (int k = 0; k < RATING_N_POLICIES; k++) {
        struct tally t;
        struct rating_pairing q = {.policy = (enum rating_policy)k,
                                   .n = N,
                                   .weights = weights,
                                   .votes = &votes};
        draw_many(&q, N_POLICY_DRAWS, &t);
        assert_as_said(&t, N_POLICY_DRAWS);
        assert_int_equal(t.n_model[2], 0);
    }
    rating_counts_free(&votes);
}

static double seen(const struct tally *t, size_t i, size_t j)
{
    return t->seen[rating_pair_index(i, j)];
}

static void policies_prefer(void **state)
{
    (void)state;
    enum { N_FEW = 2000 };
    struct rating_counts votes;
    struct tally t;
    fill_votes(&votes);
    struct rating_pairing q = {.n = N, .votes = &votes};

    q.policy = RATING_POLICY_BALANCED; /* all to the pair that met least */
    draw_many(&q, N_FEW, &t);
    assert_near(seen(&t, 0, 1), 1, 1e-9);

    q.policy = RATING_POLICY_LMARENA; /* a vote tells more where few are */
    draw_many(&q, N_FEW, &t);
    for (size_t i = 2; i < N; i++)
        assert_true(t.said[rating_pair_index(0, 1)] >
                    t.said[rating_pair_index(0, i)]);

    q.policy = RATING_POLICY_AMBIGUOUS; /* neighbours that are alike */
    draw_many(&q, N_FEW, &t);
    assert_true(seen(&t, 0, 1) + seen(&t, 1, 2) + seen(&t, 0, 2) > 0.9);
    assert_true(seen(&t, 0, 4) == 0);

    q.policy = RATING_POLICY_THOMPSON; /* the best, against the next */
    draw_many(&q, N_FEW, &t);
    assert_true(seen(&t, 3, 4) > 0.9);

    q.policy = RATING_POLICY_MIXED; /* half of each */
    draw_many(&q, N_FEW, &t);
    assert_true(t.said[rating_pair_index(0, 1)] >= 0.5);
    assert_true(seen(&t, 0, 1) + seen(&t, 1, 2) + seen(&t, 0, 2) > 0.9);
    rating_counts_free(&votes);
}

/* Among two models there is one pair, by every policy, voted on or not. */
static void two_models(void **state)
{
    (void)state;
    struct rng rng;
    struct rating_counts votes;
    rng_init(&rng, 2);
    rating_counts_init(&votes);
    for (int round = 0; round < 2; round++) {
        for (int k = 0; k < RATING_N_POLICIES; k++) {
            struct pairing p;
            struct rating_pairing q = {.policy = (enum rating_policy)k,
                                       .n = 2,
                                       .votes = &votes};
            must_draw(&q, &rng, &p);
            assert_near(p.probability, 1, 1e-12);
        }
        rating_counts_add(&votes, 0, 1, RATING_FIRST, 9);
    }
    rating_counts_free(&votes);
}

static void extremes_are_drawn(void **state)
{
    (void)state;
    const double weights[] = {1e9, 1e-9, 0};
    struct rating_pairing q = {.n = 3, .weights = weights};
    struct rng rng;
    struct pairing p;
    rng_init(&rng, 2);
    for (int i = 0; i < 1000; i++) {
        must_draw(&q, &rng, &p);
        assert_int_equal(p.side[0] + p.side[1], 1);
    }
}

static void one_model_is_no_arena(void **state)
{
    (void)state;
    const double weights[] = {0, 5, 0};
    struct rating_pairing q = {.n = 3, .weights = weights}, none = {.n = 0};
    struct rng rng;
    struct err e;
    struct pairing p;
    rng_init(&rng, 3);
    assert_int_equal(pairing_draw(&q, &rng, &p, &e), -1);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.text, "the config has 1; add one with"));
    assert_int_equal(pairing_draw(&none, &rng, &p, &e), -1);
}

static void same_seed_same_pairs(void **state)
{
    (void)state;
    struct rating_pairing q = {.n = 4};
    struct rng x, y;
    rng_init(&x, 4);
    rng_init(&y, 4);
    for (int i = 0; i < 100; i++) {
        struct pairing p, again;
        must_draw(&q, &x, &p);
        must_draw(&q, &y, &again);
        assert_memory_equal(p.side, again.side, sizeof(p.side));
    }
}

/* --- from the store ----------------------------------------------------- */

static int64_t id_of(struct place *p, const char *name)
{
    enum store_model_match match;
    int64_t id;
    assert_int_equal(store_put_model(p->s, name, "", &id, &match, &p->e), 0);
    return id;
}

static void add_battles(struct place *p, const int64_t pair[2], int n,
                        bool compare, enum store_battle_state battle_state)
{
    struct store_battle b = {.model_id = {pair[0], pair[1]},
                             .state = battle_state,
                             .compare = compare,
                             .probability = 0.5};
    int64_t id;
    assert_int_equal(store_put_prompt(p->s, "p", "", NULL, &b.prompt_id,
                                      &p->e), 0);
    for (int i = 0; i < n; i++)
        assert_int_equal(store_add_battle(p->s, &b, &id, &p->e), 0);
}

/* Draws 200 times; *share: of the pairs with the model `in` in them. */
static void draw_stored(struct place *p, enum rating_policy policy,
                        const int64_t *ids, const double *weights, size_t n,
                        size_t in, double *share)
{
    struct rng rng;
    rng_init(&rng, 5);
    *share = 0;
    for (int i = 0; i < 200; i++) {
        struct pairing pair;
        if (pairing_draw_stored(p->s, policy, ids, weights, n, &rng, &pair,
                                &p->e) != 0)
            fail_msg("%s", p->e.text);
        assert_true(pair.side[0] != pair.side[1]);
        assert_true(pair.side[0] < n && pair.side[1] < n);
        *share += (pair.side[0] == in || pair.side[1] == in) / 200.0;
    }
}

/* The config's models in an order of their own; votes on others are left out,
 * and one that is new comes first. */
static void the_store_tells(void **state)
{
    struct place *p = *state;
    const double weights[] = {1, 1, 1};
    double share;
    for (int i = 0; i < 60; i++) {
        record(p, "a", "gone", NULL, RATING_FIRST, "human:me", NULL);
        record(p, i % 2 ? "a" : "b", i % 2 ? "b" : "a", NULL, i % 4,
               "human:me", NULL);
    }
    int64_t ids[] = {id_of(p, "new"), id_of(p, "b"), id_of(p, "a")};
    draw_stored(p, RATING_POLICY_BALANCED, ids, weights, 3, 0, &share);
    assert_near(share, 1, 1e-9);
    draw_stored(p, RATING_POLICY_MIXED, ids, weights, 3, 0, &share);
    assert_true(share > 0.7);
    /* Of those that are left, the pair has been met; still the only one. */
    draw_stored(p, RATING_POLICY_MIXED, &ids[1], weights, 2, 0, &share);
    assert_near(share, 1, 1e-9);
}

/* A model that fails has its turn, and no more; named battles and those that
 * are ready for a vote are no failures. */
static void failures_have_their_turn(void **state)
{
    struct place *p = *state;
    const double weights[] = {1, 1, 1};
    int64_t ids[] = {id_of(p, "a"), id_of(p, "b"), id_of(p, "broken")};
    double share;
    for (int i = 0; i < 40; i++)
        record(p, "a", "b", NULL, i % 2, "human:me", NULL);
    add_battles(p, (int64_t[]){ids[0], ids[2]}, 50, true, STORE_VOID);
    add_battles(p, (int64_t[]){ids[2], ids[0]}, 50, false, STORE_READY);
    draw_stored(p, RATING_POLICY_BALANCED, ids, weights, 3, 2, &share);
    assert_near(share, 1, 1e-9); /* never met yet */
    add_battles(p, (int64_t[]){ids[0], ids[2]}, 41, false, STORE_VOID);
    add_battles(p, (int64_t[]){ids[2], ids[1]}, 20, false, STORE_OPEN);
    add_battles(p, (int64_t[]){ids[1], ids[2]}, 21, false, STORE_SKIPPED);
    draw_stored(p, RATING_POLICY_BALANCED, ids, weights, 3, 2, &share);
    assert_near(share, 0, 1e-9); /* it has had its turn */
    draw_stored(p, RATING_POLICY_AMBIGUOUS, ids, weights, 3, 2, &share);
    assert_true(share > 0 && share < 0.5);
    add_battles(p, (int64_t[]){ids[0], ids[1]}, 1, false, STORE_VOID);
    draw_stored(p, RATING_POLICY_BALANCED, ids, weights, 3, 2, &share);
    assert_true(share > 0.4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_decide),
        cmocka_unit_test(policies_decide),
        cmocka_unit_test(policies_prefer),
        cmocka_unit_test(two_models),
        cmocka_unit_test(extremes_are_drawn),
        cmocka_unit_test(one_model_is_no_arena),
        cmocka_unit_test(same_seed_same_pairs),
        T(the_store_tells),
        T(failures_have_their_turn),
    };
    return TEST_RUN(tests);
}
