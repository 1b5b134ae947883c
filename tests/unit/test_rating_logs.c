/* Real and synthetic battle logs against reference results, and odd ones
 * against what must be said of them: tests/rating/README.md. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena/votelog/tally.h"
#include "arena/votelog/votelog.h"
#include "base/json.h"
#include "rating/elo.h"
#include "rating/fit/bt.h"
#include "rating/fit/rank.h"
#include "rating/math/normal.h"

static const char *const LOGS[] = {"copilot_arena", "evalica_food",
                                   "pandalm_human", "s2e3_k10"};
enum { N_LOGS = sizeof(LOGS) / sizeof(LOGS[0]), MAX_MODELS = 2100 };

struct votes {
    struct votelog log;
    struct rating_counts counts;
    double elo[2][MAX_MODELS]; /* K = 4 and K = 32 */
    int status;
    struct err e;
};

static int take(void *arg, int part, const struct votelog_vote *v, size_t n,
                const float *x, const struct votelog_battle *battles)
{
    (void)battles;
    struct votes *all = arg;
    struct elo_params p = elo_defaults();
    (void)x;
    assert_int_equal(part, 0);
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < 2; k++) {
            p.k = k == 0 ? 4 : 32;
            elo_update(&p, &all->elo[k][v[i].a], &all->elo[k][v[i].b],
                       v[i].outcome);
        }
        rating_counts_add(&all->counts, v[i].a, v[i].b, v[i].outcome,
                          v[i].times);
    }
    return 0;
}

static void restart(void *arg, int part)
{
    (void)arg;
    fail_msg("part %d was read twice", part);
}

static struct votes *read_votes(const char *path)
{
    struct votes *v = calloc(1, sizeof(*v));
    struct votelog_options o = {.n_threads = 1};
    struct votelog_sink sink = {.arg = v, .votes = take, .restart = restart};
    assert_non_null(v);
    rating_counts_init(&v->counts);
    for (int i = 0; i < MAX_MODELS; i++)
        v->elo[0][i] = v->elo[1][i] = 1000;
    v->status = votelog_read(&v->log, path, &o, &sink, &v->e);
    v->counts.n_models = v->log.models.n;
    return v;
}

static void free_votes(struct votes *v)
{
    votelog_free(&v->log);
    rating_counts_free(&v->counts);
    free(v);
}

static cJSON *read_json(const char *path)
{
    struct buf text;
    struct err e;
    buf_init(&text, 1 << 24);
    if (buf_read_file(&text, path) != 0)
        fail_msg("cannot read %s", path);
    cJSON *tree = json_parse(text.data, text.len, text.max, path, &e);
    if (tree == NULL)
        fail_msg("%s", e.text);
    buf_free(&text);
    return tree;
}

static struct bt_params plain(void)
{
    struct bt_params p = bt_defaults();
    p.prior = 0;
    p.center = BT_CENTER_MEAN;
    return p;
}

static struct bt_result fit(const struct votes *v, const struct bt_params *p)
{
    struct bt_result r;
    struct err why = {.code = ERR_NONE};
    if (bt_fit(&v->counts, p, &r, &why) != 0)
        fail_msg("bt_fit: %s", why.text);
    return r;
}

/* The number of a model in the log, by its name. */
static size_t model_of(const struct votes *v, const char *name)
{
    for (uint32_t id = 0; id < v->log.models.n; id++)
        if (strcmp(votelog_model_name(&v->log, id), name) == 0)
            return id;
    fail_msg("no model %s", name);
    return 0;
}

enum field { RATING, SE, LOWER, UPPER };

static double field_of(const struct bt_model *m, enum field f)
{
    const double all[] = {m->rating, m->se, m->lower, m->upper};
    return all[f];
}

/* Every model in the reference (an object by name) agrees within a limit,
 * taken relative to the reference if `relative`. */
static void compare(const char *what, const struct votes *v,
                    const cJSON *reference, const struct bt_result *r,
                    enum field f, double limit, bool relative)
{
    const cJSON *item;
    int n = 0;
    cJSON_ArrayForEach(item, reference) {
        double got = field_of(&r->models[model_of(v, item->string)], f);
        double off = fabs(got - item->valuedouble);
        if (relative)
            off /= fmax(fabs(item->valuedouble), 1e-9);
        if (!(off <= limit))
            fail_msg("%s: %s: %.10g, not %.10g", what, item->string, got,
                     item->valuedouble);
        n++;
    }
    assert_true(n >= 5);
}

static void compare_number(const char *what, double got, double want,
                           double limit)
{
    if (!(fabs(got - want) <= limit))
        fail_msg("%s: %.10g, not %.10g", what, got, want);
}

static void check_elo(const struct votes *v, const cJSON *j)
{
    static const char *const keys[2] = {"elo_k4", "elo_k32"};
    for (int k = 0; k < 2; k++) {
        const cJSON *item;
        cJSON_ArrayForEach(item, json_get(j, keys[k]))
            compare_number(item->string,
                           v->elo[k][model_of(v, item->string)],
                           item->valuedouble, 1e-6);
    }
}

static void check_bt(const struct votes *v, const cJSON *j)
{
    const cJSON *bt = json_get(j, "bt"), *item;
    struct bt_params p = plain();
    struct bt_result r = fit(v, &p);
    compare("ratings", v, json_get(bt, "ratings"), &r, RATING, 1e-4, false);
    compare("sandwich", v, json_get(bt, "se_sandwich"), &r, SE, 1e-3, true);
    cJSON_ArrayForEach(item, json_get(bt, "rank_sandwich"))
        assert_int_equal(r.models[model_of(v, item->string)].rank,
                         (int)item->valuedouble);
    cJSON_ArrayForEach(item, json_get(j, "counts")) {
        const struct bt_model *m = &r.models[model_of(v, item->string)];
        assert_int_equal(m->votes, json_get_number(item, "battles", -1));
        assert_int_equal(m->wins, json_get_number(item, "wins", -1));
        assert_int_equal(m->losses, json_get_number(item, "losses", -1));
        assert_int_equal(m->ties, json_get_number(item, "ties", -1));
    }
    bt_free(&r);
    p.ci = BT_CI_HESSIAN;
    r = fit(v, &p);
    compare("Hessian", v, json_get(bt, "se_hessian"), &r, SE, 1e-3, true);
    bt_free(&r);
}

static void check_anchored(const struct votes *v, const cJSON *j)
{
    const cJSON *a = json_get(json_get(j, "bt"), "anchored");
    struct bt_params p = plain();
    assert_non_null(a);
    p.anchor = (int64_t)model_of(v, json_get_string(a, "baseline", ""));
    struct bt_result r = fit(v, &p);
    compare("anchored", v, json_get(a, "se_sandwich"), &r, SE, 1e-3, true);
    bt_free(&r);
    p.ci = BT_CI_HESSIAN;
    r = fit(v, &p);
    compare("anchored", v, json_get(a, "se_hessian"), &r, SE, 1e-3, true);
    bt_free(&r);
}

static void check_weights(const struct votes *v, const cJSON *j)
{
    struct bt_params p = plain();
    p.reweight = 50;
    struct bt_result r = fit(v, &p);
    const cJSON *w = json_get(j, "bt_reweighted");
    compare("reweighted", v, json_get(w, "ratings"), &r, RATING, 1e-3, false);
    compare("reweighted", v, json_get(w, "se_sandwich"), &r, SE, 1e-3, true);
    bt_free(&r);
    p = plain();
    p.ridge = 0.5;
    r = fit(v, &p);
    compare("ridge", v, json_get(json_get(j, "bt_ridge"), "ratings"), &r,
            RATING, 1e-3, false);
    bt_free(&r);
}

static void check_ties(const struct votes *v, const cJSON *j)
{
    struct bt_params p = plain();
    p.ties = BT_TIES_DROP;
    struct bt_result r = fit(v, &p);
    compare("drop", v, json_get(json_get(j, "bt_drop_ties"), "ratings"), &r,
            RATING, 1e-3, false);
    bt_free(&r);
    const cJSON *d = json_get(j, "davidson"), *k = json_get(j, "rao_kupper");
    if (!cJSON_IsObject(d))
        return; /* a log without ties */
    p.ties = BT_TIES_DAVIDSON;
    p.ci = BT_CI_HESSIAN;
    r = fit(v, &p);
    compare("davidson", v, json_get(d, "ratings"), &r, RATING, 1e-3, false);
    compare("davidson", v, json_get(d, "se_hessian"), &r, SE, 1e-3, true);
    compare_number("nu", r.tie_parameter,
                   json_get_number(d, "nu_davidson", NAN), 1e-6);
    bt_free(&r);
    p.ties = BT_TIES_RAO_KUPPER;
    r = fit(v, &p);
    compare("rao-kupper", v, json_get(k, "ratings"), &r, RATING, 1e-3, false);
    compare_number("eta", r.tie_parameter, json_get_number(k, "eta", NAN),
                   1e-6);
    bt_free(&r);
}

static void check_position(const struct votes *v, const cJSON *j)
{
    const cJSON *want = json_get(j, "position");
    if (!cJSON_IsObject(json_get(want, "ratings")))
        return;
    struct bt_params p = plain();
    for (int held = 0; held < 2; held++) {
        p.position = held != 0;
        p.ci = BT_CI_SANDWICH;
        struct bt_result r = fit(v, &p);
        if (held)
            compare("position", v, json_get(want, "ratings"), &r, RATING, 1e-3,
                    false);
        compare_number("advantage", r.position,
                       json_get_number(want, "advantage_elo", NAN), 1e-4);
        double se = json_get_number(want, "se_sandwich", NAN);
        compare_number("its error", r.position_se, se, 1e-3 * se);
        bt_free(&r);
        p.ci = BT_CI_HESSIAN;
        r = fit(v, &p);
        se = json_get_number(want, "se_hessian", NAN);
        compare_number("its error", r.position_se, se, 1e-3 * se);
        bt_free(&r);
    }
}

/* Quantiles within their Monte-Carlo error: both sides have it, and four
 * standard deviations of the difference are allowed. */
static void check_bootstrap(const struct votes *v, const cJSON *j)
{
    const cJSON *b = json_get(j, "bootstrap"), *item;
    struct bt_params p = plain();
    p.ci = BT_CI_BOOTSTRAP;
    p.rounds = 2000;
    struct bt_result r = fit(v, &p);
    cJSON_ArrayForEach(item, json_get(b, "mc_se_q025_q975")) {
        const struct bt_model *m = &r.models[model_of(v, item->string)];
        double limit = 4 * sqrt(2) * item->valuedouble;
        compare_number("2.5%", m->lower,
                       json_get(json_get(b, "q025"), item->string)->valuedouble,
                       limit);
        compare_number("97.5%", m->upper,
                       json_get(json_get(b, "q975"), item->string)->valuedouble,
                       limit);
    }
    /* As many samples without an estimate, within 4 sd of a binomial count. */
    double failed = json_get_number(b, "failed", NAN);
    compare_number("failed", r.n_rounds_failed, failed,
                   4 * sqrt(2) * sqrt(failed + 1));
    bt_free(&r);
}

/* What errors by so many voters are made larger by: the reference is without
 * it. */
static double few(double voters)
{
    return student_t95(voters - 1) / NORMAL_Z95 * sqrt(voters / (voters - 1));
}

/* One voter's votes hang together: reference errors by voter. */
static void check_cluster(const struct votes *v, const cJSON *j)
{
    const cJSON *want = json_get(json_get(j, "cluster"), "se_sandwich_by_voter");
    if (!cJSON_IsObject(want))
        return;
    struct tally t;
    struct tally_options o = {.ballots = true};
    struct err e;
    char path[128];
    snprintf(path, sizeof(path), "tests/rating/%s",
             json_get_string(j, "csv", ""));
    if (tally_read(&t, path, &o, &e) != 0)
        fail_msg("%s", e.text);
    struct bt_params p = plain();
    p.ballots = t.all.ballots;
    p.n_ballots = t.all.n_ballots;
    struct bt_result r = fit(v, &p);
    p.ci = BT_CI_HESSIAN; /* three voters of each model: no less than this */
    struct bt_result floor = fit(v, &p);
    const cJSON *item;
    assert_int_equal(json_get_number(json_get(j, "cluster"), "n_voters", 0), 3);
    cJSON_ArrayForEach(item, want) {
        size_t i = model_of(v, item->string);
        double se = fmax(few(3) * item->valuedouble, floor.models[i].se);
        compare_number("by voter", r.models[i].se, se, 1e-3 * se);
    }
    p.ci = BT_CI_SANDWICH;
    bt_free(&floor);
    bt_free(&r);
    /* With nobody known, every vote stands for itself. */
    for (size_t k = 0; k < t.all.n_ballots; k++)
        t.all.ballots[k].voter = RATING_NO_VOTER;
    r = fit(v, &p);
    for (size_t i = 0; i < r.n_models; i++)
        r.models[i].se /= few((double)r.models[i].votes);
    compare("alone", v, json_get(json_get(j, "bt"), "se_sandwich"), &r, SE,
            1e-3, true);
    bt_free(&r);
    tally_free(&t);
}

static void each_log(void (*check)(const struct votes *, const cJSON *))
{
    for (int k = 0; k < N_LOGS; k++) {
        char path[128];
        snprintf(path, sizeof(path), "tests/rating/%s.csv", LOGS[k]);
        struct votes *v = read_votes(path);
        if (v->status != 0)
            fail_msg("%s", v->e.text);
        snprintf(path, sizeof(path), "tests/rating/%s.json", LOGS[k]);
        cJSON *j = read_json(path);
        assert_int_equal(v->log.n_votes, json_get_number(j, "n_votes", -1));
        check(v, j);
        cJSON_Delete(j);
        free_votes(v);
    }
}

static void elo_agrees(void **state)
{
    (void)state;
    each_log(check_elo);
}

static void bt_agrees(void **state)
{
    (void)state;
    each_log(check_bt);
}

static void anchored_agrees(void **state)
{
    (void)state;
    each_log(check_anchored);
}

static void weights_agree(void **state)
{
    (void)state;
    each_log(check_weights);
}

static void ties_agree(void **state)
{
    (void)state;
    each_log(check_ties);
}

static void position_agrees(void **state)
{
    (void)state;
    each_log(check_position);
}

static void clusters_agree(void **state)
{
    (void)state;
    each_log(check_cluster);
}

static void bootstrap_agrees(void **state)
{
    (void)state;
    each_log(check_bootstrap);
}

/* --- odd files --------------------------------------------------------- */

static void check_rejected(const struct votes *v, const cJSON *want)
{
    const cJSON *row;
    size_t k = 0;
    assert_int_equal(v->log.n_votes, json_get_number(want, "accepted", -1));
    assert_int_equal(v->log.n_rejected,
                     json_get_number(want, "rejected", -1));
    cJSON_ArrayForEach(row, json_get(want, "rejected_lines")) {
        assert_true(k < v->log.n_shown);
        assert_int_equal(v->log.shown[k].line,
                         cJSON_GetArrayItem(row, 0)->valueint);
        assert_string_equal(v->log.shown[k].reason,
                            cJSON_GetArrayItem(row, 1)->valuestring);
        k++;
    }
    assert_int_equal(v->log.n_shown, k);
}

/* The i-th number of a list belongs to the i-th of "models". */
static void compare_list(const struct votes *v, const cJSON *want,
                         const char *key, const struct bt_result *r,
                         enum field f)
{
    const cJSON *list = json_get(want, key), *item;
    int k = 0;
    cJSON_ArrayForEach(item, list) {
        const cJSON *name = cJSON_GetArrayItem(json_get(want, "models"), k++);
        const struct bt_model *m = &r->models[model_of(v, name->valuestring)];
        compare_number(key, field_of(m, f), item->valuedouble, 1e-5);
    }
}

static void check_odd_ratings(const struct votes *v, const cJSON *want)
{
    struct bt_params p = plain();
    struct bt_result r = fit(v, &p);
    bool bounded = json_get_bool(want, "strongly_connected", false);
    assert_int_equal(r.n_components, json_get_number(want, "n_components", -1));
    if (r.n_components == 1)
        assert_int_equal(r.n_unbounded == 0, bounded);
    if (json_get_bool(want, "mle_exists", false)) {
        compare_list(v, want, "bt_mle", &r, RATING);
        compare_list(v, want, "se_sandwich", &r, SE);
    }
    /* Without an estimate there is no rating and no interval of two ends. */
    for (size_t i = 0; i < r.n_models; i++)
        if (!r.models[i].bounded)
            assert_true(isnan(r.models[i].rating) &&
                        (isnan(r.models[i].lower) ||
                         isnan(r.models[i].upper)));
    bt_free(&r);
    p.ci = BT_CI_HESSIAN;
    r = fit(v, &p);
    if (json_get_bool(want, "mle_exists", false))
        compare_list(v, want, "se_hessian", &r, SE);
    bt_free(&r);
    p.ridge = 0.5;
    r = fit(v, &p);
    compare_list(v, want, "bt_ridge_0.5", &r, RATING);
    bt_free(&r);
}

/* By default every model has a finite rating; where the votes alone give none,
 * or are few, the interval is wide. */
static void check_odd_defaults(const struct votes *v)
{
    struct bt_params p = bt_defaults();
    for (int ci = BT_CI_SANDWICH; ci <= BT_CI_BOOTSTRAP; ci++) {
        p.ci = (enum bt_ci)ci;
        p.rounds = 20;
        struct bt_result r = fit(v, &p);
        for (size_t i = 0; i < r.n_models; i++) {
            const struct bt_model *m = &r.models[i];
            if (m->component == BT_NO_COMPONENT)
                continue;
            assert_true(isfinite(m->rating) && isfinite(m->lower) &&
                        isfinite(m->upper));
            if (!m->bounded)
                assert_true(m->upper - m->lower > 200);
            else if (m->votes < 20)
                assert_true(m->upper - m->lower > 100);
        }
        bt_free(&r);
    }
}

static void check_odd(const cJSON *want)
{
    char path[128];
    const cJSON *elo;
    int k = 0;
    snprintf(path, sizeof(path), "tests/rating/patho/%s",
             json_get_string(want, "file", ""));
    struct votes *v = read_votes(path);
    if (!json_get_bool(want, "readable", false)) {
        assert_int_equal(v->status, -1);
        assert_int_equal(v->e.code, ERR_FORMAT);
        free_votes(v);
        return;
    }
    if (v->status != 0)
        fail_msg("%s", v->e.text);
    check_rejected(v, want);
    cJSON_ArrayForEach(elo, json_get(want, "elo_k4")) {
        const cJSON *name = cJSON_GetArrayItem(json_get(want, "models"), k++);
        compare_number("elo", v->elo[0][model_of(v, name->valuestring)],
                       elo->valuedouble, 1e-6);
    }
    assert_int_equal(v->log.models.n, json_get_number(want, "n_models", -1));
    if (v->log.n_votes > 0) {
        check_odd_ratings(v, want);
        check_odd_defaults(v);
    }
    free_votes(v);
}

static void odd_files(void **state)
{
    (void)state;
    cJSON *all = read_json("tests/rating/patho/expected.json");
    const cJSON *want;
    int n = 0;
    cJSON_ArrayForEach(want, all) {
        print_message("# %s\n", json_get_string(want, "file", ""));
        check_odd(want);
        n++;
    }
    assert_true(n >= 15);
    cJSON_Delete(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elo_agrees),
        cmocka_unit_test(bt_agrees),
        cmocka_unit_test(anchored_agrees),
        cmocka_unit_test(weights_agree),
        cmocka_unit_test(ties_agree),
        cmocka_unit_test(position_agrees),
        cmocka_unit_test(clusters_agree),
        cmocka_unit_test(bootstrap_agrees),
        cmocka_unit_test(odd_files),
    };
    return TEST_RUN(tests);
}
