/* sample: every setting against what its definition says, on logits made
 * here. */
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/engine/sampling/candidates.h"
#include "backends/engine/sampling/sample.h"
#include "base/rng.h"

#define BIG 5000
#define DRAWS 40000

/* Everything off: the plain distribution. */
static struct sample_params plain(uint64_t seed)
{
    struct sample_params p = sample_defaults();
    p.temperature = 1;
    p.top_k = 0;
    p.top_p = 1;
    p.min_p = 0;
    p.seed = seed;
    return p;
}

/* How often each of n tokens is drawn. */
static void count_draws(const struct sample_params *p, const float *logits,
                        int n, int *count)
{
    struct sampler *s = sampler_open(p, n);
    memset(count, 0, (size_t)n * sizeof(*count));
    for (int i = 0; i < DRAWS; i++) {
        int32_t id = sampler_pick(s, logits, NULL);
        assert_in_range(id, 0, n - 1);
        count[id]++;
    }
    sampler_close(s);
}

/* Asserts that the counts fit probabilities p[0..n): within five standard
 * deviations, and exactly none where p is 0. */
static void assert_fits(const int *count, const double *p, int n)
{
    for (int i = 0; i < n; i++) {
        double want = p[i] * DRAWS;
        double sd = sqrt(DRAWS * p[i] * (1 - p[i]));
        if (fabs(count[i] - want) > 5 * sd)
            fail_msg("token %d: %d draws, %.1f expected", i, count[i], want);
    }
}

static void logs_of(const double *p, float *logits, int n)
{
    for (int i = 0; i < n; i++)
        logits[i] = (float)log(p[i]) + 3; /* a constant changes nothing */
}

static const double P4[4] = {0.1, 0.4, 0.2, 0.3};

static void test_plain_softmax(void **state)
{
    (void)state;
    float l[4];
    int count[4];
    logs_of(P4, l, 4);
    struct sample_params p = plain(1);
    count_draws(&p, l, 4, count);
    assert_fits(count, P4, 4);
}

static void test_temperature(void **state)
{
    (void)state;
    float l[4];
    int count[4];
    double want[4], sum = 0;
    logs_of(P4, l, 4);
    for (int i = 0; i < 4; i++)
        sum += want[i] = pow(P4[i], 1 / 0.5);
    for (int i = 0; i < 4; i++)
        want[i] /= sum;
    struct sample_params p = plain(2);
    p.temperature = 0.5f;
    count_draws(&p, l, 4, count);
    assert_fits(count, want, 4);
}

static void test_greedy_takes_the_first_of_equals(void **state)
{
    (void)state;
    float l[5] = {1, 7, 3, 7, -2};
    struct sample_params p = plain(0);
    p.temperature = 0;
    struct sampler *s = sampler_open(&p, 5);
    for (int i = 0; i < 3; i++)
        assert_int_equal(sampler_pick(s, l, NULL), 1);
    sampler_close(s);
}

static void test_tiny_temperature_is_greedy(void **state)
{
    (void)state;
    float l[3] = {1, 1.5f, 1.4f};
    struct sample_params p = plain(3);
    p.temperature = 1e-30f;
    struct sampler *s = sampler_open(&p, 3);
    for (int i = 0; i < 100; i++)
        assert_int_equal(sampler_pick(s, l, NULL), 1);
    sampler_close(s);
}

static void test_top_k(void **state)
{
    (void)state;
    float l[4];
    int count[4];
    logs_of(P4, l, 4);
    struct sample_params p = plain(4);
    p.top_k = 2;
    count_draws(&p, l, 4, count);
    assert_fits(count, (double[]){0, 4 / 7.0, 0, 3 / 7.0}, 4);
}

static void test_top_p(void **state)
{
    (void)state;
    float l[4];
    int count[4];
    logs_of(P4, l, 4);
    struct sample_params p = plain(5);
    p.top_p = 0.65f; /* 0.4 and 0.3 hold it */
    count_draws(&p, l, 4, count);
    assert_fits(count, (double[]){0, 4 / 7.0, 0, 3 / 7.0}, 4);
    p.top_p = 0; /* the best one always stays */
    count_draws(&p, l, 4, count);
    assert_fits(count, (double[]){0, 1, 0, 0}, 4);
}

static void test_min_p(void **state)
{
    (void)state;
    float l[4];
    int count[4];
    logs_of(P4, l, 4);
    struct sample_params p = plain(6);
    p.min_p = 0.45f; /* 0.18 of at most 0.4 */
    count_draws(&p, l, 4, count);
    assert_fits(count, (double[]){0, 4 / 9.0, 2 / 9.0, 3 / 9.0}, 4);
    p.min_p = 7; /* nonsense from a config: only the best */
    count_draws(&p, l, 4, count);
    assert_fits(count, (double[]){0, 1, 0, 0}, 4);
}

static void test_typical_skips_the_too_likely(void **state)
{
    (void)state;
    /* Entropy 1.63: the surprise of 0.2 is 1.61, of 0.36 1.02, of 0.04 3.2. */
    const double p5[5] = {0.36, 0.2, 0.2, 0.2, 0.04};
    float l[5];
    int count[5];
    logs_of(p5, l, 5);
    struct sample_params p = plain(7);
    p.typical_p = 0.55f;
    count_draws(&p, l, 5, count);
    assert_fits(count, (double[]){0, 1 / 3.0, 1 / 3.0, 1 / 3.0, 0}, 5);
}

static void test_repeat_penalty_of_both_signs(void **state)
{
    (void)state;
    float l[3] = {2, 1.5f, -1};
    struct sample_params p = plain(0);
    p.temperature = 0;
    p.repeat_penalty = 2;
    p.repeat_last_n = 2;
    struct sampler *s = sampler_open(&p, 3);
    assert_int_equal(sampler_pick(s, l, NULL), 0);
    sampler_accept(s, 0); /* 2 becomes 1 */
    assert_int_equal(sampler_pick(s, l, NULL), 1);
    sampler_accept(s, 1); /* 1.5 becomes 0.75 */
    assert_int_equal(sampler_pick(s, l, NULL), 0);
    sampler_accept(s, 2); /* pushes 0 out of the last two */
    assert_int_equal(sampler_pick(s, l, NULL), 0);
    float negative[3] = {-3, -2, -1.5f};
    sampler_accept(s, 2); /* -1.5 becomes -3; 1 is out */
    assert_int_equal(sampler_pick(s, negative, NULL), 1);
    sampler_close(s);
}

static void test_frequency_and_presence(void **state)
{
    (void)state;
    float l[2] = {2, 1};
    struct sample_params p = plain(0);
    p.temperature = 0;
    p.frequency_penalty = 0.3f;
    p.presence_penalty = 0.3f;
    p.repeat_last_n = -1;
    struct sampler *s = sampler_open(&p, 2);
    sampler_accept(s, 0);
    sampler_accept(s, 0);
    assert_int_equal(sampler_pick(s, l, NULL), 0); /* 2 - 0.6 - 0.3 = 1.1 */
    sampler_accept(s, 0);
    assert_int_equal(sampler_pick(s, l, NULL), 1); /* 2 - 0.9 - 0.3 = 0.8 */
    sampler_accept(s, -1);                         /* no tokens: ignored */
    sampler_accept(s, 2);
    sampler_close(s);
}

static void test_same_seed_same_tokens(void **state)
{
    (void)state;
    static float l[BIG];
    struct rng r;
    rng_init(&r, 11);
    for (int i = 0; i < BIG; i++)
        l[i] = (float)(rng_double(&r) * 8);
    struct sample_params p = sample_defaults();
    p.seed = 99;
    struct sampler *a = sampler_open(&p, BIG), *b = sampler_open(&p, BIG);
    p.seed = 100;
    struct sampler *c = sampler_open(&p, BIG);
    int differ = 0;
    for (int i = 0; i < 200; i++) {
        int32_t id = sampler_pick(a, l, NULL);
        assert_int_equal(id, sampler_pick(b, l, NULL));
        differ += id != sampler_pick(c, l, NULL);
    }
    assert_true(differ > 50);
    sampler_close(a);
    sampler_close(b);
    sampler_close(c);
}

static void test_broken_logits(void **state)
{
    (void)state;
    struct sample_params p = plain(0);
    float none[3] = {NAN, INFINITY, -INFINITY};
    float one[3] = {NAN, -5, -INFINITY};
    for (int greedy = 0; greedy < 2; greedy++) {
        struct err e = {0};
        p.temperature = greedy ? 0 : 1;
        struct sampler *s = sampler_open(&p, 3);
        assert_int_equal(sampler_pick(s, none, &e), -1);
        assert_int_equal(e.code, ERR_BACKEND);
        assert_int_equal(sampler_pick(s, one, &e), 1);
        sampler_close(s);
    }
}

static int by_logit(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->logit != y->logit)
        return x->logit > y->logit ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Whole sorting by qsort is the twin that partial sorting must equal. */
static void test_partial_sort_equals_sorting(void **state)
{
    (void)state;
    static float l[BIG];
    static struct candidate want[BIG];
    struct rng r;
    rng_init(&r, 5);
    for (int i = 0; i < BIG; i++) {
        l[i] = (float)rng_below(&r, 700); /* many are equal */
        want[i] = (struct candidate){i, l[i], 0};
    }
    qsort(want, BIG, sizeof(*want), by_logit);
    const size_t most[] = {1, 2, 40, 4999, 5000, 6000, 0};
    for (size_t m = 0; m < sizeof(most) / sizeof(*most); m++) {
        struct candidates c = {0};
        candidates_fill(&c, l, BIG, most[m]);
        for (size_t n = 1; n <= c.n; n = n * 3 + 1)
            candidates_sort(&c, n);
        candidates_sort(&c, c.n + 1);
        assert_int_equal(c.n, most[m] && most[m] < BIG ? most[m] : BIG);
        for (size_t i = 0; i < c.n; i++)
            assert_int_equal(c.v[i].id, want[i].id);
        candidates_free(&c);
    }
}

static void test_bias(void **state)
{
    (void)state;
    float l[4];
    int count[4];
    logs_of(P4, l, 4);
    struct sample_bias bias[] = {
        {1, -INFINITY}, {0, (float)log(2)}, {4, 9}, {-1, 9}};
    struct sample_params p = plain(8);
    p.bias = bias;
    p.n_bias = 4;
    count_draws(&p, l, 4, count); /* 0.2, 0, 0.2, 0.3 */
    assert_fits(count, (double[]){2 / 7.0, 0, 2 / 7.0, 3 / 7.0}, 4);

    /* Several for one token add up; the list is the caller's again. */
    struct sample_bias two[] = {{0, 60}, {0, 40}};
    p.bias = two;
    p.n_bias = 2;
    struct sampler *s = sampler_open(&p, 4);
    two[0] = two[1] = (struct sample_bias){3, 100};
    for (int i = 0; i < 100; i++)
        assert_int_equal(sampler_pick(s, l, NULL), 0);
    sampler_close(s);

    struct sample_bias all[4];
    struct err e = {0};
    for (int i = 0; i < 4; i++)
        all[i] = (struct sample_bias){i, -INFINITY};
    p.bias = all;
    p.n_bias = 4;
    s = sampler_open(&p, 4);
    assert_int_equal(sampler_pick(s, l, &e), -1);
    assert_non_null(strstr(e.text, "\"logit_bias\" forbids"));
    sampler_close(s);
}

#define HISTORY 60

/* The longest repetition that `next` would prolong, by its definition: the end
 * of the text is the same as what stood before an earlier `next`. */
static int repetition(const int32_t *text, int n, int32_t next, int32_t breaker)
{
    int best = 0;
    for (int at = 0; at < n; at++) {
        int k = 0;
        while (text[at] == next && k < at && text[n - 1 - k] != breaker &&
               text[at - 1 - k] == text[n - 1 - k])
            k++;
        best = k > best ? k : best;
    }
    return next == breaker ? 0 : best;
}

static void test_dry_by_its_definition(void **state)
{
    (void)state;
    enum { N = 5, BREAKER = 4 };
    struct rng r;
    rng_init(&r, 17);
    const int32_t breaker = BREAKER;
    for (int round = 0; round < 300; round++) {
        struct sample_params p = plain(0);
        p.temperature = 0;
        p.dry_multiplier = 1;
        p.dry_base = 2;
        p.dry_breakers = &breaker;
        p.n_dry_breakers = 1;
        p.dry_allowed_length = 1 + (int)rng_below(&r, 3);
        struct sampler *s = sampler_open(&p, N);
        int32_t text[HISTORY];
        int n = 1 + (int)rng_below(&r, HISTORY);
        for (int i = 0; i < n; i++) {
            text[i] = (int32_t)rng_below(&r, i % 7 == 6 ? N : 2);
            sampler_accept(s, text[i]);
        }
        /* Logits so near that the penalties decide, but for equal ones. */
        float l[N];
        int best = -1;
        float most = -INFINITY;
        for (int32_t id = 0; id < N; id++) {
            l[id] = 1 - (float)id / 1000;
            int over = repetition(text, n, id, BREAKER) -
                       p.dry_allowed_length;
            float have = l[id] - (over >= 0 ? ldexpf(1, over) : 0);
            if (have > most) {
                most = have;
                best = id;
            }
        }
        assert_int_equal(sampler_pick(s, l, NULL), best);
        assert_int_equal(sampler_pick(s, l, NULL), best); /* nothing is left */
        sampler_close(s);
    }
}

/* Mirostat holds the mean surprise at tau, whatever the distribution. */
static void test_mirostat_aims_at_tau(void **state)
{
    (void)state;
    static float l[BIG];
    struct rng r;
    rng_init(&r, 23);
    double sum = 0;
    for (int i = 0; i < BIG; i++) {
        l[i] = (float)(3 * rng_double(&r) - log(i + 1.0));
        sum += exp((double)l[i]);
    }
    for (float tau = 4; tau < 7; tau += 1) { /* the best one has 3 bits */
        struct sample_params p = plain(9);
        p.mirostat_tau = tau;
        struct sampler *s = sampler_open(&p, BIG);
        double surprise = 0;
        for (int i = 0; i < 4000; i++) {
            int32_t id = sampler_pick(s, l, NULL);
            if (i >= 1000)
                surprise -= log2(exp((double)l[id]) / sum) / 3000;
        }
        assert_true(fabs(surprise - (double)tau) < 0.15);
        sampler_close(s);
    }
}

static bool only_multiples(void *arg, int32_t id)
{
    return id % *(int *)arg == 0;
}

static void test_filter(void **state)
{
    (void)state;
    static float l[BIG];
    for (int i = 0; i < BIG; i++)
        l[i] = (float)-i / 1000;
    int divisor = 2003; /* 0, 2003 and 4006 remain */
    struct sample_filter f = {only_multiples, &divisor};
    for (int mode = 0; mode < 4; mode++) {
        struct sample_params p = plain(10);
        p.temperature = mode == 0 ? 0 : 1;
        p.top_k = mode == 2 ? 2 : 0;
        p.mirostat_tau = mode == 3 ? 5 : 0;
        struct sampler *s = sampler_open(&p, BIG);
        sampler_set_filter(s, &f);
        int seen[3] = {0};
        for (int i = 0; i < 300; i++) {
            int32_t id = sampler_pick(s, l, NULL);
            assert_int_equal(id % 2003, 0);
            seen[id / 2003]++;
        }
        assert_true(mode == 0 ? seen[0] == 300 : seen[1] > 10);
        assert_true(mode == 2 ? seen[2] == 0 : mode == 0 || seen[2] > 1);
        sampler_close(s);
    }
    struct err e = {0};
    struct sample_params p = plain(0);
    struct sampler *s = sampler_open(&p, 1);
    float one = NAN;
    sampler_set_filter(s, &f);
    assert_int_equal(sampler_pick(s, &one, &e), -1);
    sampler_close(s);
}

static void test_top_logprobs(void **state)
{
    (void)state;
    float l[4], of = 0;
    struct token_logprob top[8];
    logs_of(P4, l, 4);
    assert_int_equal(sample_top(l, 4, top, 8, 0, &of), 4);
    const int order[4] = {1, 3, 2, 0};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(top[i].id, order[i]);
        assert_true(fabs(exp((double)top[i].logprob) - P4[order[i]]) < 1e-6);
    }
    assert_true(fabs((double)of - log(0.1)) < 1e-6);
    assert_int_equal(sample_top(l, 4, top, 0, 2, &of), 0);
    assert_true(fabs((double)of - log(0.2)) < 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_softmax),
        cmocka_unit_test(test_temperature),
        cmocka_unit_test(test_greedy_takes_the_first_of_equals),
        cmocka_unit_test(test_tiny_temperature_is_greedy),
        cmocka_unit_test(test_top_k),
        cmocka_unit_test(test_top_p),
        cmocka_unit_test(test_min_p),
        cmocka_unit_test(test_typical_skips_the_too_likely),
        cmocka_unit_test(test_repeat_penalty_of_both_signs),
        cmocka_unit_test(test_frequency_and_presence),
        cmocka_unit_test(test_same_seed_same_tokens),
        cmocka_unit_test(test_broken_logits),
        cmocka_unit_test(test_partial_sort_equals_sorting),
        cmocka_unit_test(test_bias),
        cmocka_unit_test(test_dry_by_its_definition),
        cmocka_unit_test(test_mirostat_aims_at_tau),
        cmocka_unit_test(test_filter),
        cmocka_unit_test(test_top_logprobs),
    };
    return TEST_RUN(tests);
}
