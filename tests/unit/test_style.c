/* Tests of rating/style on votes drawn from a known law. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "rating/fit/bt.h"
#include "rating/style.h"

static const double POINTS = 173.71779276130073; /* 400 / ln 10 */

enum { N_MODELS = 6, N_VOTES = 30000, N_FEATURES = 3 };

struct drawn {
    struct rating_counts counts;
    struct style_vote votes[N_VOTES];
    float x[N_VOTES * N_FEATURES];
    double strength[N_MODELS];
};

static void assert_named(const char *what, double got, double want,
                         double within)
{
    if (!(fabs(got - want) <= within))
        fail_msg("%s: %g is not %g +/- %g", what, got, want, within);
}

/* Strength grows with the number; long answers win too (0.5 nats for a whole
 * relative difference), the second number does nothing, the third is always
 * the same; the first side has 0.2 nats; and stronger models write longer. */
static struct drawn *draw(void)
{
    struct drawn *d = calloc(1, sizeof(*d));
    struct rng r;
    assert_non_null(d);
    rng_init(&r, 5);
    rating_counts_init(&d->counts);
    for (int i = 0; i < N_MODELS; i++)
        d->strength[i] = 0.3 * (i - 2.5);
    for (int k = 0; k < N_VOTES; k++) {
        uint32_t a = (uint32_t)rng_below(&r, N_MODELS);
        uint32_t b = (uint32_t)rng_below(&r, N_MODELS - 1);
        b += b >= a;
        float la = (float)(a + 1) * (float)(0.2 + rng_double(&r));
        float lb = (float)(b + 1) * (float)(0.2 + rng_double(&r));
        float *x = d->x + k * N_FEATURES;
        x[0] = (la - lb) / (la + lb);
        x[1] = (float)(rng_double(&r) - rng_double(&r));
        x[2] = 0;
        double p = d->strength[a] - d->strength[b] + 0.2 + 0.5 * (double)x[0];
        p = 1 / (1 + exp(-p));
        enum rating_outcome o =
            rng_double(&r) < p ? RATING_FIRST : RATING_SECOND;
        if (fabs(p - 0.5) < 0.02) /* there a tie takes as much from both */
            o = RATING_TIE;
        if (k % 97 == 0)
            x[0] = NAN;
        d->votes[k] = (struct style_vote){a, b, o, 0};
        rating_counts_add(&d->counts, a, b, o, 1);
    }
    return d;
}

static void done(struct drawn *d)
{
    rating_counts_free(&d->counts);
    free(d);
}

static void finds_the_effects(void **state)
{
    (void)state;
    struct drawn *d = draw();
    struct style_rows rows = {N_VOTES, N_FEATURES, d->votes, d->x};
    struct style_effect e[N_FEATURES];
    struct bt_params p = bt_defaults();
    struct err why = {.code = ERR_NONE};
    p.center = BT_CENTER_MEAN;
    p.differences = true;
    for (int ci = BT_CI_SANDWICH; ci <= BT_CI_HESSIAN; ci++) {
        struct bt_result r;
        p.ci = (enum bt_ci)ci;
        assert_int_equal(bt_fit(&d->counts, &p, &r, &why), 0);
        double plain = r.models[5].rating - r.models[0].rating;
        if (style_fit(&r, &d->counts, &p, &rows, e, &why) != 0)
            fail_msg("%s", why.text);
        for (int i = 0; i < N_MODELS; i++) {
            double want = 1000 + POINTS * d->strength[i];
            assert_named("rating", r.models[i].rating, want,
                        4 * r.models[i].se);
            assert_true(r.models[i].se > 0 && r.models[i].se < 15);
        }
        /* What length gave the strong is no longer theirs. */
        assert_true(plain > r.models[5].rating - r.models[0].rating + 20);
        assert_named("length", e[0].points,
                    POINTS * 0.5 * e[0].deviation, 4 * e[0].se);
        assert_true(e[0].lower > 0);
        assert_int_equal(e[0].n_missing, (N_VOTES + 96) / 97);
        assert_named("noise", e[1].points, 0, 4 * e[1].se);
        assert_true(e[1].se < 5);
        assert_true(isnan(e[2].se)); /* never differs */
        assert_named("side", r.position, POINTS * 0.2, 4 * r.position_se);
        assert_true(bt_compare(&r, 5, 0).lower > 150);
        bt_free(&r);
    }
    done(d);
}

/* Without numbers it is the fit with a position. */
static void without_features_it_is_bt(void **state)
{
    (void)state;
    struct drawn *d = draw();
    struct style_rows rows = {N_VOTES, 0, d->votes, d->x};
    struct bt_params p = bt_defaults();
    struct bt_result a, b;
    struct err why = {.code = ERR_NONE};
    p.position = true;
    p.differences = true;
    for (int variant = 0; variant < 4; variant++) {
        p.ci = variant % 2 ? BT_CI_HESSIAN : BT_CI_SANDWICH;
        p.ridge = variant / 2 ? 0.5 : 0;
        assert_int_equal(bt_fit(&d->counts, &p, &a, &why), 0);
        assert_int_equal(bt_fit(&d->counts, &p, &b, &why), 0);
        if (style_fit(&b, &d->counts, &p, &rows, NULL, &why) != 0)
            fail_msg("%s", why.text);
        for (int i = 0; i < N_MODELS; i++) {
            assert_named("rating", b.models[i].rating, a.models[i].rating,
                        1e-6);
            assert_named("se", b.models[i].se, a.models[i].se, 1e-6);
            assert_int_equal(b.models[i].rank, a.models[i].rank);
            for (int j = 0; j < N_MODELS; j++)
                assert_named("difference",
                            bt_compare(&b, (size_t)i, (size_t)j).se,
                            bt_compare(&a, (size_t)i, (size_t)j).se, 1e-6);
        }
        assert_named("side", b.position, a.position, 1e-6);
        assert_named("its error", b.position_se, a.position_se, 1e-6);
        bt_free(&a);
        bt_free(&b);
    }
    done(d);
}

/* The sums of rating/style.h's law written out, on few votes. */
enum { FEW_MODELS = 5, FEW_VOTES = 400, FEW = FEW_MODELS + 1 + 2 };

struct few {
    struct style_vote votes[FEW_VOTES];
    float x[FEW_VOTES * 2];
    double hessian[FEW][FEW], meat[FEW][FEW], inverse[FEW][FEW];
};

static void invert(struct few *f)
{
    double a[FEW][FEW];
    memcpy(a, f->hessian, sizeof(a));
    for (int i = 0; i < FEW; i++)
        for (int j = 0; j < FEW; j++)
            f->inverse[i][j] = i == j;
    for (int k = 0; k < FEW; k++) {
        double pivot = a[k][k];
        for (int j = 0; j < FEW; j++) {
            a[k][j] /= pivot;
            f->inverse[k][j] /= pivot;
        }
        for (int i = 0; i < FEW; i++) {
            double by = a[i][k];
            for (int j = 0; i != k && j < FEW; j++) {
                a[i][j] -= by * a[k][j];
                f->inverse[i][j] -= by * f->inverse[k][j];
            }
        }
    }
}

/* Hessian and meat at the maximum that was found. */
static void sum_up(struct few *f, const struct bt_result *r,
                   const struct style_effect *e, double ridge)
{
    memset(f->hessian, 0, sizeof(f->hessian));
    memset(f->meat, 0, sizeof(f->meat));
    for (int v = 0; v < FEW_VOTES; v++) {
        uint32_t a = f->votes[v].first, b = f->votes[v].second;
        double z[FEW] = {0}, d = r->position / POINTS;
        z[a] = 1;
        z[b] = -1;
        z[FEW_MODELS] = 1;
        for (int k = 0; k < 2; k++) {
            z[FEW_MODELS + 1 + k] =
                (double)f->x[v * 2 + k] / e[k].deviation;
            d += z[FEW_MODELS + 1 + k] * e[k].points / POINTS;
        }
        d += (r->models[a].rating - r->models[b].rating) / POINTS;
        double p = 1 / (1 + exp(-d));
        double score = (f->votes[v].outcome == RATING_FIRST ? 1
                        : f->votes[v].outcome == RATING_TIE ? 0.5 : 0) - p;
        for (int i = 0; i < FEW; i++)
            for (int j = 0; j < FEW; j++) {
                f->hessian[i][j] += p * (1 - p) * z[i] * z[j];
                f->meat[i][j] += score * score * z[i] * z[j];
            }
    }
    for (int i = 0; i < FEW; i++)
        f->hessian[i][i] += i == FEW_MODELS ? 0 : ridge;
    invert(f);
}

/* The error of a contrast, in points. */
static double error_of(const struct few *f, const double *c, bool sandwich)
{
    double sum = 0, u[FEW] = {0};
    for (int i = 0; i < FEW; i++)
        for (int j = 0; j < FEW; j++)
            u[i] += f->inverse[i][j] * c[j];
    for (int i = 0; i < FEW; i++)
        for (int j = 0; j < FEW; j++)
            sum += sandwich ? u[i] * f->meat[i][j] * u[j]
                            : c[i] * f->inverse[i][j] * c[j];
    return POINTS * sqrt(sum);
}

static void check_errors(const struct few *f, const struct bt_result *r,
                         const struct style_effect *e, bool sandwich)
{
    for (int i = 0; i < FEW_MODELS; i++) {
        double c[FEW] = {0};
        for (int k = 0; k < FEW_MODELS; k++)
            c[k] = (k == i) - 1.0 / FEW_MODELS;
        assert_named("error", r->models[i].se, error_of(f, c, sandwich), 1e-6);
        for (int j = 0; j < FEW_MODELS; j++) {
            double pair[FEW] = {0};
            pair[i] += 1;
            pair[j] -= 1;
            assert_named("error of a difference",
                        bt_compare(r, (size_t)i, (size_t)j).se,
                        error_of(f, pair, sandwich), 1e-6);
        }
    }
    for (int k = FEW_MODELS; k < FEW; k++) {
        double c[FEW] = {0};
        c[k] = 1;
        assert_named("error of side or effect",
                    k == FEW_MODELS ? r->position_se
                                    : e[k - FEW_MODELS - 1].se,
                    error_of(f, c, sandwich), 1e-6);
    }
}

/* All contrasts, solved together, have the errors of the formula. */
static void errors_are_those_of_the_formula(void **state)
{
    (void)state;
    struct few f;
    struct rating_counts c;
    struct rng rng;
    rng_init(&rng, 11);
    rating_counts_init(&c);
    for (int k = 0; k < FEW_VOTES; k++) {
        uint32_t a = (uint32_t)rng_below(&rng, FEW_MODELS);
        uint32_t b = (uint32_t)rng_below(&rng, FEW_MODELS - 1);
        b += b >= a;
        f.x[2 * k] = (float)(rng_double(&rng) - rng_double(&rng));
        f.x[2 * k + 1] = (float)(rng_double(&rng) - 0.4) + f.x[2 * k] / 2;
        static const enum rating_outcome any[] = {
            RATING_FIRST, RATING_SECOND, RATING_TIE, RATING_FIRST};
        f.votes[k] = (struct style_vote){a, b, any[rng_below(&rng, 4)], 0};
        rating_counts_add(&c, a, b, f.votes[k].outcome, 1);
    }
    struct style_rows rows = {FEW_VOTES, 2, f.votes, f.x};
    struct bt_params p = bt_defaults();
    struct err why = {.code = ERR_NONE};
    p.center = BT_CENTER_MEAN;
    p.differences = true;
    p.prior = 0;
    p.ridge = 0.5;
    for (int variant = 0; variant < 2; variant++) {
        struct bt_result r;
        struct style_effect e[2];
        p.ci = variant == 0 ? BT_CI_SANDWICH : BT_CI_HESSIAN;
        assert_int_equal(bt_fit(&c, &p, &r, &why), 0);
        if (style_fit(&r, &c, &p, &rows, e, &why) != 0)
            fail_msg("%s", why.text);
        sum_up(&f, &r, e, p.ridge);
        check_errors(&f, &r, e, variant == 0);
        bt_free(&r);
    }
    rating_counts_free(&c);
}

/* A number that decides every vote has no finite effect. */
static void separation_is_said(void **state)
{
    (void)state;
    const struct style_vote votes[4] = {{0, 1, RATING_FIRST, 0},
                                        {0, 1, RATING_SECOND, 0},
                                        {1, 0, RATING_FIRST, 0},
                                        {1, 0, RATING_SECOND, 0}};
    const float x[4] = {1, -1, 1, -1};
    struct style_rows rows = {4, 1, votes, x};
    struct rating_counts c;
    struct bt_params p = bt_defaults();
    struct bt_result r;
    struct style_effect e;
    struct err why = {.code = ERR_NONE};
    p.prior = 0;
    rating_counts_init(&c);
    for (int k = 0; k < 4; k++)
        rating_counts_add(&c, votes[k].first, votes[k].second,
                          votes[k].outcome, 1);
    assert_int_equal(bt_fit(&c, &p, &r, &why), 0);
    assert_int_equal(style_fit(&r, &c, &p, &rows, &e, &why), -1);
    bt_free(&r);
    p.ridge = 1;
    assert_int_equal(bt_fit(&c, &p, &r, &why), 0);
    assert_int_equal(style_fit(&r, &c, &p, &rows, &e, &why), 0);
    assert_true(e.points > 0 && isfinite(e.upper));
    bt_free(&r);
    rating_counts_free(&c);
}

/* Relative where it can be; plain where a number is ever negative, so that the
 * higher one is the higher one on both sides of 0. */
static void differences_keep_their_sign(void **state)
{
    (void)state;
    float x[3][2][2] = {{{3, 1}, {-5, -7}},
                        {{0, 0}, {2, -2}},
                        {{1, NAN}, {4, 3}}};
    float out[3][2];
    bool is_signed[2] = {false, false};
    style_find_signed(&x[0][0][0], 3, 2, is_signed);
    assert_true(!is_signed[0] && is_signed[1]);
    style_differences(&x[0][0][0], 3, 2, is_signed, &out[0][0]);
    assert_true(out[0][0] == 0.5f && out[1][0] == 0 && isnan(out[2][0]));
    assert_true(out[0][1] == 2 && out[1][1] == 4 && out[2][1] == 1);
    style_differences(&x[0][0][0], 3, 2, is_signed, &x[0][0][0]);
    assert_memory_equal(x, out, sizeof(out) / 3); /* in place as well */
}

/* A model with one tie among thousands of votes: nothing is known of it, held
 * against another neither. */
static void a_newcomer_is_not_sure_of_anybody(void **state)
{
    (void)state;
    struct drawn *d = draw();
    struct style_effect e[N_FEATURES];
    struct bt_params p = bt_defaults();
    struct bt_result r;
    struct err why = {.code = ERR_NONE};
    d->votes[0] = (struct style_vote){N_MODELS, 0, RATING_TIE, 0};
    rating_counts_free(&d->counts);
    rating_counts_init(&d->counts);
    for (int k = 0; k < N_VOTES; k++)
        rating_counts_add(&d->counts, d->votes[k].first, d->votes[k].second,
                          d->votes[k].outcome, 1);
    struct style_rows rows = {N_VOTES, N_FEATURES, d->votes, d->x};
    p.differences = true;
    assert_int_equal(bt_fit(&d->counts, &p, &r, &why), 0);
    assert_int_equal(style_fit(&r, &d->counts, &p, &rows, e, &why), 0);
    assert_true(r.models[N_MODELS].se > 100);
    assert_true(bt_compare(&r, N_MODELS, 0).se > 100);
    assert_int_equal(r.models[N_MODELS].rank_best, 1);
    assert_int_equal(r.models[N_MODELS].rank_worst, N_MODELS + 1);
    bt_free(&r);
    done(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_effects),
        cmocka_unit_test(without_features_it_is_bt),
        cmocka_unit_test(errors_are_those_of_the_formula),
        cmocka_unit_test(separation_is_said),
        cmocka_unit_test(differences_keep_their_sign),
        cmocka_unit_test(a_newcomer_is_not_sure_of_anybody),
    };
    return TEST_RUN(tests);
}
