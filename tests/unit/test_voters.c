/* Tests of rating/voters and rating/convolve on honest and other voters that
 * are made up. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "rating/bets.h"
#include "rating/math/convolve.h"
#include "rating/voters.h"

enum { N_MODELS = 12, HONEST = 1200, ATTACKERS = 40, BIASED = HONEST };
enum attack { NONE, ALWAYS_LEFT, FOR_TARGET, AGAINST_ALL, N_ATTACKS };

struct made {
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
            m->ballots[m->n++] = (struct rating_ballot){voter, a, b, o, 1, 0};
        }
    }
    return m;
}

static void done(struct made *m, struct voter_report *r)
{
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
    struct err why = {.code = ERR_NONE};
    if (voters_check(N_MODELS, m->ballots, m->n, NULL, &r, &n_voters,
                     &why) != 0)
        fail_msg("%s", why.text);
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

/* Votes whose time is not known say nothing of speed: not for the share that
 * is usual, nor for the voter. */
static void fast_votes_are_found(void **state)
{
    (void)state;
    struct made *m = make(NONE, 20, 77);
    struct voter_speed *speed = calloc(m->n, sizeof(*speed));
    struct voter_report *r;
    size_t n_voters;
    struct err why = {.code = ERR_NONE};
    assert_non_null(speed);
    for (size_t k = 0; k < m->n; k++) {
        uint32_t voter = m->ballots[k].voter;
        bool timed = voter == 4 ? k % 20 < 4 : voter % 2 == 1;
        speed[k].n_timed = timed;
        bool fast = voter == 3 ? k % 2 == 1 : k % 20 == 0;
        speed[k].n_fast = timed && (fast || voter == 4);
    }
    assert_int_equal(voters_check(N_MODELS, m->ballots, m->n, speed, &r,
                                  &n_voters, &why), 0);
    assert_true(r[3].by_fast && r[3].suspect);
    assert_int_equal(r[3].n_fast, 10);
    assert_int_equal(r[4].n_timed, 4);
    assert_true(r[4].by_fast); /* of 20 votes 4 would be nothing: 3.7% */
    size_t others = 0;
    for (size_t i = 0; i < n_voters; i++) {
        others += i != 3 && i != 4 && r[i].by_fast;
        if (i != 4 && i % 2 == 0)
            assert_true(r[i].n_timed == 0 && r[i].fast_p == 1);
    }
    assert_true(others == 0);
    free(speed);
    done(m, r);
}

/* --- crowds that are not all alike ---------------------------------------- */

/* Some voters with a habit of their own among a hundred or fewer others. */
struct crowd {
    uint32_t n_plain, n_odd;
    size_t plain_votes, odd_votes;
    double nu, odd_nu;
    bool odd_left;
    int n_runs;
};

struct crowd_found {
    double plain, odd, odd_evidence, evidence; /* shares that are flagged */
};

static enum rating_outcome crowd_vote(double d, double nu, struct rng *r)
{
    double win = exp(d / 2), lose = exp(-d / 2);
    double u = rng_double(r) * (win + lose + nu);
    return u < win ? RATING_FIRST : u < win + lose ? RATING_SECOND : RATING_TIE;
}

static struct crowd_found look_at(const struct crowd *c)
{
    struct crowd_found f = {0};
    struct rng r;
    rng_init(&r, 3);
    size_t most = c->n_plain * c->plain_votes + c->n_odd * c->odd_votes;
    struct rating_ballot *b = calloc(most, sizeof(*b));
    assert_non_null(b);
    for (int run = 0; run < c->n_runs; run++) {
        struct voter_report *reports;
        size_t n = 0, n_voters;
        struct err why = {.code = ERR_NONE};
        for (uint32_t voter = 0; voter < c->n_plain + c->n_odd; voter++) {
            bool odd = voter >= c->n_plain;
            size_t votes = odd ? c->odd_votes : c->plain_votes;
            for (size_t k = 0; k < votes; k++, n++) {
                uint32_t i = (uint32_t)rng_below(&r, N_MODELS);
                uint32_t j = (uint32_t)rng_below(&r, N_MODELS - 1);
                j += j >= i;
                double d = 0.25 * ((double)i - (double)j);
                b[n] = (struct rating_ballot){
                    voter, i, j,
                    odd && c->odd_left
                        ? RATING_FIRST
                        : crowd_vote(d, odd ? c->odd_nu : c->nu, &r), 1, 0};
            }
        }
        if (voters_check(N_MODELS, b, n, NULL, &reports, &n_voters, &why) != 0)
            fail_msg("%s", why.text);
        for (size_t i = 0; i < n_voters; i++) {
            double plain = 1 / ((double)c->n_plain * c->n_runs);
            double odd = 1 / ((double)c->n_odd * c->n_runs);
            f.plain += i < c->n_plain ? plain * reports[i].suspect : 0;
            f.evidence += i < c->n_plain ? plain * reports[i].by_evidence : 0;
            f.odd += i >= c->n_plain ? odd * reports[i].suspect : 0;
            f.odd_evidence +=
                i >= c->n_plain ? odd * reports[i].by_evidence : 0;
        }
        free(reports);
    }
    print_message("# %zu x %u and %zu x %u: flagged %.4f (evidence %.4f), of "
                  "the others %.4f (%.4f)\n", c->plain_votes, c->n_plain,
                  c->odd_votes, c->n_odd, f.plain, f.evidence, f.odd,
                  f.odd_evidence);
    free(b);
    return f;
}

/* One who always takes side A and has a third of all votes, or a twentieth:
 * he, and no more of the others than ever (of 600, within three deviations). */
static void a_busy_voter_spoils_nobodys_name(void **state)
{
    (void)state;
    const size_t busy[] = {550, 2500, 5000};
    for (int k = 0; k < 3; k++) {
        struct crowd c = {.n_plain = 50, .n_odd = 1, .plain_votes = 200,
                          .odd_votes = busy[k], .nu = 0.5, .odd_left = true,
                          .n_runs = 12};
        struct crowd_found f = look_at(&c);
        assert_true(f.odd > 0.999 && f.odd_evidence > 0.999);
        assert_true(f.plain <= 0.024 + 0.019);
        assert_true(f.evidence <= 0.001 + 0.004);
    }
}

/* Who never calls a tie, or four times as readily, is honest too. */
static void ties_are_a_matter_of_taste(void **state)
{
    (void)state;
    const double habits[][2] = {{2, 0}, {0.8, 0}, {0.8, 3.2}};
    for (int k = 0; k < 3; k++) {
        struct crowd c = {.n_plain = 95, .n_odd = 5, .plain_votes = 100,
                          .odd_votes = 100, .nu = habits[k][0],
                          .odd_nu = habits[k][1], .n_runs = 40};
        struct crowd_found f = look_at(&c);
        assert_true(f.plain <= 0.024 + 0.008);
        assert_true(f.odd <= 0.024 + 0.033); /* of 200 */
        assert_true(f.odd_evidence <= 0.001 + 0.007);
    }
}

/* What bets win multiplies; it is cut off before it is no number any more. */
static void evidence_stays_a_number(void **state)
{
    (void)state;
    struct crowd c = {.n_plain = 20, .n_odd = 1, .plain_votes = 100,
                      .odd_votes = 4000, .nu = 0.5, .odd_left = true,
                      .n_runs = 1};
    struct crowd_found f = look_at(&c);
    assert_true(f.odd_evidence == 1);
    enum { N = 4000 };
    struct chances *votes = calloc(N, sizeof(*votes));
    uint8_t *points = calloc(N, 1);
    uint32_t *sides[2] = {calloc(N, sizeof(uint32_t)),
                          calloc(N, sizeof(uint32_t))};
    double scratch[2 * BETS_WAYS];
    for (int k = 0; k < N; k++) {
        votes[k] = (struct chances){.p = {0.5, 0, 0.5}};
        points[k] = 2;
        sides[1][k] = 1;
    }
    assert_true(bets_follow(votes, points, sides, N, 2, scratch) == BETS_MOST);
    free(votes);
    free(points);
    free(sides[0]);
    free(sides[1]);
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
        assert_int_equal(points_law(votes, 3, s, 0, &l), 0);
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
    assert_int_equal(points_law(votes, MANY, MANY + 253, 0, &l), 0);
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
        cmocka_unit_test(a_busy_voter_spoils_nobodys_name),
        cmocka_unit_test(ties_are_a_matter_of_taste),
        cmocka_unit_test(evidence_stays_a_number),
        cmocka_unit_test(convolution_is_exact),
        cmocka_unit_test(convolution_of_many),
    };
    return TEST_RUN(tests);
}
