/* Tests of rating/judged, against sums worked out by hand and by simulation. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "rating/fit/bt.h"
#include "rating/judged/judged.h"

static const double POINTS = 173.71779276130073; /* 400 / ln 10 */

enum { MAX_BATTLES = 20000 };

struct log {
    struct judged_battle battles[MAX_BATTLES];
    struct judged_vote votes[MAX_BATTLES];
    struct rating_counts counts;
    struct judged_rows rows;
};

static struct log *make_log(void)
{
    struct log *l = calloc(1, sizeof(*l));
    assert_non_null(l);
    rating_counts_init(&l->counts);
    l->rows.battles = l->battles;
    l->rows.votes = l->votes;
    return l;
}

static void free_log(struct log *l)
{
    rating_counts_free(&l->counts);
    free(l);
}

static uint32_t add_battle(struct log *l, uint32_t first, uint32_t second,
                           double judge)
{
    assert_true(l->rows.n_battles < MAX_BATTLES);
    l->battles[l->rows.n_battles] = (struct judged_battle){
        first, second, JUDGED_NO_PROMPT, judge};
    return (uint32_t)l->rows.n_battles++;
}

static void add_vote(struct log *l, uint32_t battle, uint32_t voter,
                     double score)
{
    enum rating_outcome o = score == 1   ? RATING_FIRST
                            : score == 0 ? RATING_SECOND
                                         : RATING_TIE;
    const struct judged_battle *b = &l->battles[battle];
    l->votes[l->rows.n_votes++] = (struct judged_vote){battle, voter, o};
    assert_int_equal(rating_counts_add(&l->counts, b->first, b->second, o, 1),
                     0);
}

struct result {
    struct bt_result plain, with;
    struct judged_worth worth;
};

static struct bt_params by_mean(void)
{
    struct bt_params p = bt_defaults();
    p.center = BT_CENTER_MEAN;
    return p;
}

static struct result rate(const struct log *l, const struct bt_params *p,
                          enum judged_cluster cluster)
{
    struct result r;
    struct err e = {.code = ERR_NONE};
    if (bt_fit(&l->counts, p, &r.plain, &e) != 0 ||
        bt_fit(&l->counts, p, &r.with, &e) != 0 ||
        judged_fit(&r.with, &l->counts, p, &l->rows, cluster, &r.worth, &e))
        fail_msg("%s", e.text);
    return r;
}

static void free_result(struct result *r)
{
    bt_free(&r->plain);
    bt_free(&r->with);
}

/* Two models and 40 votes, 25 of them won; the judge agreed with 30 of these 40
 * (20 of those won) and saw 160 more, of which it gave the first 60. */
static struct log *two_models(void)
{
    struct log *l = make_log();
    for (int k = 0; k < 40; k++) {
        double person = k < 25 ? 1 : 0;
        double judge = k < 20 || (k >= 25 && k < 30) ? 1 : 0;
        bool turn = k % 3 == 0; /* sides must not matter */
        uint32_t b = add_battle(l, turn, !turn, turn ? 1 - judge : judge);
        add_vote(l, b, RATING_NO_VOTER, turn ? 1 - person : person);
    }
    for (int k = 0; k < 160; k++)
        add_battle(l, k % 2, k % 2 == 0, (k < 60) == (k % 2 == 0) ? 1 : 0);
    return l;
}

static void two_models_by_hand(void **state)
{
    (void)state;
    struct log *l = two_models();
    struct bt_params p = by_mean();
    p.prior = 0;
    struct result r = rate(l, &p, JUDGED_BY_BATTLE);
    /* s = 1 / (1 + 40 / 160); the judge's mean is 85 / 200, its spread times
     * sqrt(200 / 199). */
    double s = 0.8, m = 85.0 / 200, q = sqrt(200.0 / 199), y = 25.0 / 40;
    double up = s * q * (1 - m), down = s * q * -m, one = 1 - y, zero = -y;
    double cross = 20 * one * up + 5 * one * down + 5 * zero * up +
                   10 * zero * down;
    double judge = 25 * up * up + 15 * down * down +
                   (60 * up * up + 100 * down * down) / 16;
    double weight = cross / judge;
    assert_near(r.worth.weight, weight, 1e-9);
    double mean = y - weight * s * (25.0 / 40 - 60.0 / 160);
    double d = log(mean / (1 - mean));
    assert_near(r.with.models[0].rating - r.with.models[1].rating, POINTS * d,
                1e-6);
    /* At the corrected strengths. */
    double people = 25 * (1 - mean) * (1 - mean) + 15 * mean * mean;
    double both = 0, f[4] = {up, down, up, down}, n[4] = {20, 5, 5, 10};
    for (int k = 0; k < 4; k++) {
        double score = (k < 2 ? 1 - mean : -mean) - weight * f[k];
        both += n[k] * score * score;
    }
    both += weight * weight * (60 * up * up + 100 * down * down) / 16;
    both *= 40.0 / 39;
    double information = 40 * mean * (1 - mean);
    assert_near(r.with.models[0].se, POINTS * sqrt(both) / information / 2,
                1e-6);
    assert_near(r.worth.worth, 40 * people / both, 1e-6);
    assert_int_equal(r.worth.n_votes, 40);
    assert_int_equal(r.worth.n_shared, 40);
    assert_int_equal(r.worth.n_judged, 160);
    free_result(&r);
    free_log(l);
}

/* --- drawn logs --------------------------------------------------------- */

enum { N = 5 };

/* A judge that gives what the person would with chance `same`, else the
 * opposite of it (same < 0) or anything; and `bias` nats for model 0. */
static void draw(struct log *l, struct rng *r, int n_votes, int n_judged,
                 double same, double bias)
{
    for (int k = 0; k < n_judged; k++) {
        uint32_t a = (uint32_t)rng_below(r, N);
        uint32_t b = (uint32_t)rng_below(r, N - 1);
        b += b >= a;
        double x = 0.3 * ((double)a - (double)b);
        double person = rng_double(r) < 1 / (1 + exp(-x));
        double judge = rng_double(r) < fabs(same) ? person
                                                  : (double)rng_below(r, 2);
        if (same < 0)
            judge = 1 - judge;
        double lean = bias * ((a == 0) - (b == 0));
        if (rng_double(r) < fabs(lean))
            judge = lean > 0;
        uint32_t battle = add_battle(l, a, b, judge);
        if (k < n_votes)
            add_vote(l, battle, RATING_NO_VOTER, person);
    }
    l->counts.n_models = N;
}

/* Verdicts that nobody voted beside may be summed up, of either side. */
static void masses_stand_for_battles(void **state)
{
    (void)state;
    struct log *l = two_models();
    struct bt_params p = by_mean();
    struct result by_row = rate(l, &p, JUDGED_BY_BATTLE);
    struct judged_mass masses[] = {{.first = 0, .second = 1},
                                   {.first = 1, .second = 0},
                                   {.first = 7, .second = 8, .n = 5, .sum = 5}};
    for (size_t k = 40; k < l->rows.n_battles; k++) {
        struct judged_mass *m = &masses[l->battles[k].first];
        m->n++;
        m->sum += l->battles[k].judge;
        m->squares += l->battles[k].judge * l->battles[k].judge;
    }
    l->rows.n_battles = 40;
    l->rows.masses = masses;
    l->rows.n_masses = 3;
    struct result summed = rate(l, &p, JUDGED_BY_BATTLE);
    assert_near(summed.with.models[0].rating, by_row.with.models[0].rating,
                1e-9);
    assert_near(summed.with.models[0].se, by_row.with.models[0].se, 1e-9);
    assert_true(by_row.worth.weight > 0);
    assert_near(summed.worth.weight, by_row.worth.weight, 1e-12);
    assert_int_equal(summed.worth.n_judged, 160);
    free_result(&summed);
    free_result(&by_row);
    free_log(l);
}

/* Forty people vote on one battle: their votes cancel in the sandwich, but the
 * next battle may end otherwise. */
static void votes_on_one_battle_do_not_settle_all(void **state)
{
    (void)state;
    struct log *l = make_log();
    struct bt_params p = by_mean();
    p.prior = 0;
    uint32_t b = add_battle(l, 0, 1, 1);
    for (int k = 0; k < 40; k++)
        add_vote(l, b, RATING_NO_VOTER, k < 25 ? 1 : 0);
    add_battle(l, 2, 3, 1);
    struct result r = rate(l, &p, JUDGED_BY_BATTLE);
    /* An error by the Hessian: 1 / sqrt(n y (1 - y)), half to each. */
    double d = 1 / sqrt(40 * 0.625 * 0.375);
    assert_near(r.with.models[0].se, POINTS * d / 2, 1e-6);
    assert_int_equal(r.worth.n_shared, 40);
    assert_int_equal(r.worth.n_judged, 0);
    assert_int_equal(r.worth.n_apart, 1);
    free_result(&r);
    free_log(l);
}

static void useless_judges_change_nothing(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        struct log *l = make_log();
        struct rng r;
        struct bt_params p = by_mean();
        rng_init(&r, 3);
        draw(l, &r, 400, 4000, kind == 0 ? -0.9 : 1, 0);
        for (size_t k = 0; kind == 1 && k < l->rows.n_battles; k++)
            l->battles[k].judge = 0.5; /* it cannot tell */
        struct result x = rate(l, &p, JUDGED_BY_BATTLE);
        assert_true(x.worth.weight == 0);
        for (int i = 0; i < N; i++) {
            assert_near(x.with.models[i].rating, x.plain.models[i].rating,
                        1e-9);
            assert_near(x.with.models[i].se, x.plain.models[i].se, 1e-6);
            assert_int_equal(x.with.models[i].rank, x.plain.models[i].rank);
        }
        assert_near(x.worth.worth, 400, 1e-6);
        free_result(&x);
        free_log(l);
    }
}

static void good_judge_narrows(void **state)
{
    (void)state;
    struct log *l = make_log();
    struct rng r;
    struct bt_params p = by_mean();
    p.differences = true;
    rng_init(&r, 4);
    draw(l, &r, 400, 8000, 0.9, 0);
    struct result x = rate(l, &p, JUDGED_BY_BATTLE);
    for (int i = 0; i < N; i++)
        assert_true(x.with.models[i].se < 0.7 * x.plain.models[i].se);
    assert_true(x.worth.worth > 800 && x.worth.worth < 2400);
    struct bt_difference with = bt_compare(&x.with, 4, 0);
    struct bt_difference plain = bt_compare(&x.plain, 4, 0);
    assert_true(with.se < 0.7 * plain.se);
    assert_near(with.points, x.with.models[4].rating - x.with.models[0].rating,
                1e-9);
    free_result(&x);
    free_log(l);
}

/* A judge that favours model 0 in one battle of three: its own board would put
 * that model far too high. */
static void bias_cancels(void **state)
{
    (void)state;
    enum { RUNS = 200 };
    struct bt_params p = by_mean();
    double sum = 0, held = 0;
    for (int k = 0; k < RUNS; k++) {
        struct log *l = make_log();
        struct rng r;
        rng_init(&r, 100 + (uint64_t)k);
        draw(l, &r, 300, 3000, 0.8, 0.33);
        struct result x = rate(l, &p, JUDGED_BY_BATTLE);
        double truth = 1000 - 0.6 * POINTS;
        assert_true(x.worth.weight > 0);
        sum += x.with.models[0].rating - truth;
        held += x.with.models[0].lower <= truth &&
                x.with.models[0].upper >= truth;
        free_result(&x);
        free_log(l);
    }
    assert_near(sum / RUNS, 0, 6); /* its error is about 25 / sqrt(200) */
    assert_true(held / RUNS > 0.9);
}

/* --- what has no interval ------------------------------------------------ */

static void few_votes_give_no_interval(void **state)
{
    (void)state;
    struct log *l = make_log();
    struct rng r;
    struct bt_params p = by_mean();
    p.differences = true;
    rng_init(&r, 5);
    draw(l, &r, 400, 4000, 0.8, 0);
    /* Two more models: of 19 votes, and with the judge's alone. */
    for (int k = 0; k < 300; k++) {
        uint32_t b = add_battle(l, (uint32_t)k % N, N, k % 4 == 0);
        if (k < 19)
            add_vote(l, b, RATING_NO_VOTER, k % 2);
        add_battle(l, N + 1, (uint32_t)k % N, 1);
    }
    l->counts.n_models = N + 2;
    struct result x = rate(l, &p, JUDGED_BY_BATTLE);
    const struct bt_model *few = &x.with.models[N];
    assert_true(!isnan(few->rating) && isnan(few->se));
    assert_true(isnan(few->lower) && isnan(few->upper));
    assert_int_equal(few->rank, 0);
    assert_int_equal(few->rank_best, 1); /* it may be anywhere */
    assert_int_equal(few->rank_worst, N + 1);
    assert_true(isnan(x.with.models[N + 1].rating));
    assert_true(isnan(bt_compare(&x.with, N, 0).se));
    for (int i = 0; i < N; i++)
        assert_true(x.with.models[i].se > 0 && x.with.models[i].rank > 0);
    free_result(&x);
    free_log(l);
}

static void fifty_votes_give_none(void **state)
{
    (void)state;
    struct log *l = make_log();
    struct rng r;
    struct bt_params p = by_mean();
    rng_init(&r, 6);
    draw(l, &r, 40, 4000, 0.9, 0);
    struct result x = rate(l, &p, JUDGED_BY_BATTLE);
    int n = 0;
    for (int i = 0; i < N; i++)
        n += !isnan(x.with.models[i].se) && x.with.models[i].votes < 20;
    assert_int_equal(n, 0);
    free_result(&x);
    free_log(l);
}

/* --- clusters ----------------------------------------------------------- */

/* Every battle four times, by one voter and on one prompt. */
static void copies_are_no_votes(void **state)
{
    (void)state;
    struct log *l = make_log(), *all = make_log();
    struct rng r;
    struct bt_params p = by_mean();
    rng_init(&r, 7);
    draw(l, &r, 400, 4000, 0.8, 0);
    for (size_t k = 0; k < l->rows.n_battles; k++) {
        const struct judged_battle *b = &l->battles[k];
        for (int copy = 0; copy < 4; copy++) {
            uint32_t at = add_battle(all, b->first, b->second, b->judge);
            all->battles[at].prompt = (uint32_t)k;
            if (k < 400)
                add_vote(all, at, (uint32_t)k,
                         l->votes[k].outcome == RATING_FIRST);
        }
    }
    all->counts.n_models = N;
    struct result one = rate(l, &p, JUDGED_BY_BATTLE);
    struct result naive = rate(all, &p, JUDGED_BY_BATTLE);
    struct result prompt = rate(all, &p, JUDGED_BY_PROMPT);
    for (int i = 0; i < N; i++) {
        double se = one.with.models[i].se;
        assert_near(naive.with.models[i].se / se, 0.5, 0.02);
        assert_near(prompt.with.models[i].se / se, 1, 0.04);
        assert_near(prompt.with.models[i].voters,
                    (double)one.with.models[i].votes, 0);
    }
    struct rating_ballot ballots[1600];
    for (size_t k = 0; k < 1600; k++) {
        const struct judged_battle *b = &all->battles[all->votes[k].battle];
        ballots[k] = (struct rating_ballot){all->votes[k].voter, b->first,
                                            b->second, all->votes[k].outcome,
                                            1, 0};
    }
    p.ballots = ballots;
    p.n_ballots = 1600;
    struct result voter = rate(all, &p, JUDGED_BY_VOTER);
    /* Its judge's own noise is of battles, which copies do not widen. */
    for (int i = 0; i < N; i++) {
        assert_true(voter.with.models[i].se > 1.8 * naive.with.models[i].se);
        assert_true(voter.with.models[i].se < 1.1 * one.with.models[i].se);
    }
    free_result(&one);
    free_result(&naive);
    free_result(&prompt);
    free_result(&voter);
    free_log(l);
    free_log(all);
}

/* Two votes on one battle are not two battles. */
static void votes_on_one_battle_hang_together(void **state)
{
    (void)state;
    struct log *l = make_log(), *twice = make_log();
    struct rng r;
    struct bt_params p = by_mean();
    rng_init(&r, 8);
    draw(l, &r, 500, 5000, 0.8, 0);
    for (size_t k = 0; k < l->rows.n_battles; k++) {
        const struct judged_battle *b = &l->battles[k];
        uint32_t at = add_battle(twice, b->first, b->second, b->judge);
        for (int copy = 0; copy < 2 && k < 500; copy++)
            add_vote(twice, at, RATING_NO_VOTER,
                     l->votes[k].outcome == RATING_FIRST);
    }
    twice->counts.n_models = N;
    struct result one = rate(l, &p, JUDGED_BY_BATTLE);
    struct result two = rate(twice, &p, JUDGED_BY_BATTLE);
    for (int i = 0; i < N; i++) {
        assert_near(two.with.models[i].se / one.with.models[i].se, 1, 1e-6);
        assert_near(two.with.models[i].rating, one.with.models[i].rating, 1e-6);
    }
    assert_near(two.worth.weight, one.worth.weight, 1e-6);
    free_result(&one);
    free_result(&two);
    free_log(l);
    free_log(twice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_models_by_hand),
        cmocka_unit_test(masses_stand_for_battles),
        cmocka_unit_test(votes_on_one_battle_do_not_settle_all),
        cmocka_unit_test(useless_judges_change_nothing),
        cmocka_unit_test(good_judge_narrows),
        cmocka_unit_test(bias_cancels),
        cmocka_unit_test(few_votes_give_no_interval),
        cmocka_unit_test(fifty_votes_give_none),
        cmocka_unit_test(copies_are_no_votes),
        cmocka_unit_test(votes_on_one_battle_hang_together),
    };
    return TEST_RUN(tests);
}
