/* Tests of rating/voters and rating/convolve on honest and other voters that
 * are made up. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "rating/convolve.h"
#include "rating/voters.h"

enum { N_MODELS = 12, HONEST = 1200, ATTACKERS = 40, BIASED = HONEST };
enum attack { NONE, ALWAYS_LEFT, FOR_TARGET, AGAINST_ALL, N_ATTACKS };

struct made {
    struct rating_counts counts;
    struct rating_ballot *ballots;
    size_t n;
    double strength[N_MODELS];
};

static enum rating_outcome honest_vote(const struct made *m, uint32_t a,
                                       uint32_t b, struct rng *r)
{
    /* Davidson's law with nu = 0.8: some 28% ties. */
    double d = m->strength[a] - m->strength[b];
    double win = exp(d / 2), lose = exp(-d / 2), u = rng_double(r);
    double sum = win + lose + 0.8;
    if (u < win / sum)
        return RATING_FIRST;
    return u < (win + lose) / sum ? RATING_SECOND : RATING_TIE;
}

static enum rating_outcome attack_vote(const struct made *m, enum attack how,
                                       uint32_t a, uint32_t b, struct rng *r)
{
    enum rating_outcome o = honest_vote(m, a, b, r);
    if (how == ALWAYS_LEFT)
        return RATING_FIRST;
    if (how == FOR_TARGET && (a == 4 || b == 4))
        return a == 4 ? RATING_FIRST : RATING_SECOND;
    if (how == AGAINST_ALL && o != RATING_TIE)
        return m->strength[a] > m->strength[b] ? RATING_SECOND : RATING_FIRST;
    return o;
}

/* HONEST voters with n votes each, then ATTACKERS. */
static struct made *make(enum attack how, size_t n, uint64_t seed)
{
    struct made *m = calloc(1, sizeof(*m));
    struct rng r;
    assert_non_null(m);
    rng_init(&r, seed);
    rating_counts_init(&m->counts);
    m->ballots = calloc((HONEST + ATTACKERS) * n, sizeof(*m->ballots));
    assert_non_null(m->ballots);
    for (int i = 0; i < N_MODELS; i++)
        m->strength[i] = 0.25 * (i - 5.5);
    for (uint32_t voter = 0; voter < HONEST + ATTACKERS; voter++) {
        enum attack by = voter < HONEST ? NONE : how;
        for (size_t k = 0; k < n; k++) {
            uint32_t a = (uint32_t)rng_below(&r, N_MODELS);
            if (by == FOR_TARGET)
                a = 4; /* someone who looks for battles of the target */
            uint32_t b = (uint32_t)rng_below(&r, N_MODELS - 1);
            b += b >= a;
            if (by == FOR_TARGET && rng_below(&r, 2)) {
                b = a ^ b;
                a = a ^ b;
                b = a ^ b;
            }
            enum rating_outcome o = by == NONE
                                        ? honest_vote(m, a, b, &r)
                                        : attack_vote(m, by, a, b, &r);
            m->ballots[m->n++] = (struct rating_ballot){voter, a, b, o, 1};
            rating_counts_add(&m->counts, a, b, o, 1);
        }
    }
    return m;
}

static void done(struct made *m, struct voter_report *r)
{
    rating_counts_free(&m->counts);
    free(m->ballots);
    free(m);
    free(r);
}

struct found {
    double honest, honest_evidence; /* shares */
    double attackers, slot, model, agreement, evidence;
};

static struct found check(enum attack how, size_t n)
{
    struct found f = {0};
    struct made *m = make(how, n, 40 + (uint64_t)how);
    struct voter_report *r;
    size_t n_voters;
    const char *why = "";
    if (voters_check(&m->counts, m->ballots, m->n, NULL, &r, &n_voters,
                     &why) != 0)
        fail_msg("%s", why);
    assert_int_equal(n_voters, HONEST + ATTACKERS);
    for (size_t i = 0; i < n_voters; i++) {
        assert_int_equal(r[i].voter, i);
        assert_int_equal(r[i].votes, n);
        assert_true(r[i].slot_p >= 0 && r[i].slot_p <= 1);
        if (i < HONEST) {
            f.honest += r[i].suspect / (double)HONEST;
            f.honest_evidence += r[i].by_evidence / (double)HONEST;
            continue;
        }
        f.attackers += r[i].suspect / (double)ATTACKERS;
        f.slot += r[i].by_slot / (double)ATTACKERS;
        f.model += (r[i].by_model && r[i].model == 4 && r[i].model_z > 0) /
                   (double)ATTACKERS;
        f.agreement += r[i].by_agreement / (double)ATTACKERS;
        f.evidence += r[i].by_evidence / (double)ATTACKERS;
    }
    print_message("# %d, %zu votes: honest %.4f (by evidence %.4f), others "
                  "%.3f: slot %.3f model %.3f agreement %.3f evidence %.3f\n",
                  how, n, f.honest, f.honest_evidence, f.attackers, f.slot,
                  f.model, f.agreement, f.evidence);
    done(m, r);
    return f;
}

/* The levels are 2.4% and 0.1%; of 1200 voters 1.3% and 0.2% more can come by
 * chance (three standard deviations). */
static void assert_honest(const struct found *f)
{
    assert_true(f->honest <= 0.024 + 0.013);
    assert_true(f->honest_evidence <= 0.001 + 0.003);
}

static void honest_voters_are_left_alone(void **state)
{
    (void)state;
    const size_t votes[] = {1, 3, 10, 100};
    for (int k = 0; k < 4; k++) {
        struct found f = check(NONE, votes[k]);
        assert_honest(&f);
    }
}

static void one_side_is_found(void **state)
{
    (void)state;
    struct found f = check(ALWAYS_LEFT, 10);
    assert_honest(&f);
    assert_true(f.slot > 0.999);
    f = check(ALWAYS_LEFT, 40);
    assert_true(f.slot > 0.999 && f.evidence > 0.999);
}

static void a_favourite_is_found(void **state)
{
    (void)state;
    struct found f = check(FOR_TARGET, 10);
    assert_honest(&f);
    assert_true(f.model >= 0.8);
    f = check(FOR_TARGET, 100);
    assert_true(f.model > 0.999 && f.evidence > 0.999);
}

static void disagreement_is_found(void **state)
{
    (void)state;
    struct found f = check(AGAINST_ALL, 20);
    assert_honest(&f);
    assert_true(f.agreement >= 0.8);
    f = check(AGAINST_ALL, 100);
    assert_true(f.agreement > 0.999);
}

static void fast_votes_are_found(void **state)
{
    (void)state;
    struct made *m = make(NONE, 20, 77);
    uint64_t *fast = calloc(m->n, sizeof(*fast));
    struct voter_report *r;
    size_t n_voters;
    const char *why;
    assert_non_null(fast);
    for (size_t k = 0; k < m->n; k++)
        fast[k] = m->ballots[k].voter == 3 ? k % 2 : k % 50 == 0;
    assert_int_equal(voters_check(&m->counts, m->ballots, m->n, fast, &r,
                                  &n_voters, &why), 0);
    assert_true(r[3].by_fast && r[3].suspect);
    assert_int_equal(r[3].n_fast, 10);
    size_t others = 0;
    for (size_t i = 0; i < n_voters; i++)
        others += i != 3 && r[i].by_fast;
    assert_true(others == 0);
    free(fast);
    done(m, r);
}

/* Against every outcome written out: three votes of unlike chances. */
static void convolution_is_exact(void **state)
{
    (void)state;
    const struct points votes[3] = {{1, {0.2, 0.3, 0.5}},
                                    {3, {0.6, 0, 0.4}},
                                    {0, {0.1, 0.1, 0.8}}};
    double law[9] = {0};
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            law[a + 3 * b] += votes[0].p[a] * votes[1].p[b];
    for (uint64_t s = 0; s < 9; s++) {
        struct points_law l;
        double below = 0, above = 0;
        assert_int_equal(points_law(votes, 3, s, &l), 0);
        for (uint64_t k = 0; k < 9; k++) {
            below += k <= s ? law[k] : 0;
            above += k >= s ? law[k] : 0;
        }
        assert_true(fabs(l.below - below) < 1e-12);
        assert_true(fabs(l.above - above) < 1e-12);
        assert_true(fabs(l.least_below - law[0]) < 1e-12);
        assert_true(fabs(l.least_above - law[8]) < 1e-12);
    }
}

/* Too many votes to convolve: near the exact law of as many as can be. */
static void convolution_of_many(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    struct points *votes = calloc(MANY, sizeof(*votes));
    struct points_law l;
    assert_non_null(votes);
    for (int k = 0; k < MANY; k++)
        votes[k] = (struct points){1, {0.4, 0.2, 0.4}};
    assert_int_equal(points_law(votes, MANY, MANY + 253, &l), 0);
    /* sd = sqrt(0.8 * 20000) = 126.5: two of them */
    assert_true(fabs(l.z - 2) < 0.001);
    assert_true(fabs(l.above - 0.0228) < 0.0005);
    free(votes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_voters_are_left_alone),
        cmocka_unit_test(one_side_is_found),
        cmocka_unit_test(a_favourite_is_found),
        cmocka_unit_test(disagreement_is_found),
        cmocka_unit_test(fast_votes_are_found),
        cmocka_unit_test(convolution_is_exact),
        cmocka_unit_test(convolution_of_many),
    };
    return TEST_RUN(tests);
}
