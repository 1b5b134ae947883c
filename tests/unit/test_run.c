/* Runs on the replay backend: plans, reuse of answers, going on after an end
 * at any moment. */
#include "tests/unit/arena_place.h"

#include "arena/run/prompts.h"
#include "arena/run/run.h"
#include "tests/unit/sql_number.h"

static const char config_text[] =
    "{ \"models\": [\n"
    "{ \"name\": \"m0\", \"backend\": \"replay\", \"id\": \"m0\",\n"
    "  \"script\": \"script.json\" },\n"
    "{ \"name\": \"m1\", \"backend\": \"replay\", \"id\": \"m1\",\n"
    "  \"script\": \"script.json\" },\n"
    "{ \"name\": \"m2\", \"backend\": \"replay\", \"id\": \"m2\",\n"
    "  \"script\": \"script.json\" },\n"
    "{ \"name\": \"m3\", \"backend\": \"replay\", \"id\": \"m3\",\n"
    "  \"script\": \"script.json\" } ] }\n";

static const char good_script[] =
    "{ \"answers\": [ { \"model\": \"m0\", \"text\": \"I am the first.\" },\n"
    "  { \"text\": [\"one\", \"two\", \"three\", \"four\"] } ] }\n";

/* m2 fails on the second prompt. */
static const char bad_script[] =
    "{ \"answers\": [ { \"model\": \"m2\", \"prompt\": \"p2\",\n"
    "  \"error\": \"out of order\" }, { \"text\": \"fine\" } ] }\n";

#define N_PROMPTS 5

struct run_place {
    struct arena_place *p;
    struct prompts prompts;
    size_t models[4];
    int n_reports;
};

static int make(void **state)
{
    struct run_place *x = mem_calloc(1, sizeof(*x));
    x->p = place_make();
    place_write(x->p->config, config_text);
    place_write(x->p->script, good_script);
    place_open(x->p);
    assert_int_equal(prompts_parse(&x->prompts, "p1\np2\np3\np4\np5\n", 15, "f",
                                   PROMPTS_AUTO, &x->p->e), 0);
    for (size_t i = 0; i < 4; i++)
        x->models[i] = i;
    *state = x;
    return 0;
}

static int unmake(void **state)
{
    struct run_place *x = *state;
    prompts_free(&x->prompts);
    arena_close(&x->p->a);
    place_remove(x->p);
    free(x);
    return 0;
}

static void reopen(struct run_place *x)
{
    arena_close(&x->p->a);
    place_open(x->p);
}

static void count_failures(void *arg, const struct run_news *news)
{
    struct run_place *x = arg;
    if (news->failure == NULL)
        return;
    assert_int_equal(news->model, 2);
    assert_int_equal(news->prompt, 1);
    assert_string_equal(news->failure, "out of order");
    x->n_reports++;
}

static struct run_spec spec_of(struct run_place *x, const char *pairs)
{
    struct run_spec spec = {.file = "dir/p.txt", .prompts = &x->prompts,
                            .models = x->models, .n_models = 4,
                            .pairs_text = pairs, .seed = 3, .n_jobs = 3,
                            .tell = count_failures, .arg = x, .budget = NAN};
    if (run_parse_pairs(&x->p->a, pairs, &spec.pairs, &x->p->e) != 0)
        fail_msg("%s", x->p->e.text);
    return spec;
}

/* Runs to the end, or until `enough` answers were made (then as if killed: the
 * run is closed in full flight). */
static struct run_status go(struct run_place *x, const struct run_spec *spec,
                            size_t enough)
{
    struct run *r;
    if (run_open(&r, &x->p->a, spec, &x->p->e) != 0)
        fail_msg("%s", x->p->e.text);
    int more;
    while ((more = run_step(r, &x->p->e)) == 1) {
        assert_true(run_status(r).n_running <= (size_t)spec->n_jobs);
        if (run_status(r).n_made >= enough)
            break;
        if (run_status(r).n_running > 0)
            place_wait(x->p, -1);
    }
    assert_true(more >= 0);
    struct run_status s = run_status(r);
    run_close(r);
    return s;
}

static int64_t number(struct run_place *x, const char *sql)
{
    return sql_number(x->p->db, sql);
}

/* Every answer of a model to a prompt is the same text in all its battles. */
#define N_DIFFERENT \
    "SELECT count(*) FROM (SELECT b.prompt_id, CASE a.side WHEN 0 THEN" \
    " b.model_a ELSE b.model_b END AS m, count(DISTINCT a.text ||" \
    " a.total_ms) AS n FROM answers a JOIN battles b ON b.id = a.battle_id" \
    " GROUP BY 1, 2) WHERE n > 1"

static void all_pairs_reuse_answers(void **state)
{
    struct run_place *x = *state;
    struct run_spec spec = spec_of(x, "all");
    struct run_status s = go(x, &spec, SIZE_MAX);
    assert_int_equal(s.n_battles, N_PROMPTS * 6);
    assert_int_equal(s.n_ready, N_PROMPTS * 6);
    assert_int_equal(s.n_void, 0);
    assert_int_equal(s.n_answers, N_PROMPTS * 4);
    assert_int_equal(s.n_made, N_PROMPTS * 4); /* not 60 */
    assert_int_equal(s.n_running, 0);
    assert_int_equal(number(x, "SELECT count(*) FROM battles WHERE state ="
                               " 'ready' AND pace = 'hold' AND probability = 1"
                               " AND run_id = 1"), 30);
    assert_int_equal(number(x, "SELECT count(*) FROM answers"), 60);
    assert_int_equal(number(x, N_DIFFERENT), 0);
    assert_int_equal(number(x, "SELECT count(DISTINCT min(model_a, model_b) *"
                               " 100 + max(model_a, model_b)) FROM battles"),
                     6);
    /* Both sides see each model. */
    assert_int_equal(number(x, "SELECT count(DISTINCT model_a) +"
                               " count(DISTINCT model_b) FROM battles"), 8);
}

static void stopped_anywhere_it_ends_the_same(void **state)
{
    struct run_place *x = *state;
    struct run_spec spec = spec_of(x, "all");
    size_t made = 0;
    /* A session ends after each few answers, until all are there. */
    for (int i = 0; i < 40; i++) {
        struct run_status s = go(x, &spec, 3);
        made += s.n_made;
        assert_int_equal(s.n_battles, 30);
        assert_int_equal(number(x, "SELECT count(*) FROM runs"), 1);
        if (s.n_ready == 30)
            break;
        reopen(x);
    }
    assert_int_equal(number(x, "SELECT count(*) FROM battles"), 30);
    assert_int_equal(number(x, "SELECT count(*) FROM battles WHERE state ="
                               " 'ready'"), 30);
    assert_int_equal(number(x, "SELECT count(*) FROM answers"), 60);
    assert_int_equal(number(x, N_DIFFERENT), 0);
    assert_int_equal(made, N_PROMPTS * 4); /* none was made twice */
    /* And again there is nothing to do. */
    reopen(x);
    struct run_status s = go(x, &spec, SIZE_MAX);
    assert_int_equal(s.n_made, 0);
    assert_int_equal(s.n_found, N_PROMPTS * 4);
    assert_int_equal(s.n_ready, 30);
}

static void what_failed_is_void_and_tried_again(void **state)
{
    struct run_place *x = *state;
    place_write(x->p->script, bad_script);
    struct run_spec spec = spec_of(x, "all");
    struct run_status s = go(x, &spec, SIZE_MAX);
    assert_int_equal(s.n_ready, 27);
    assert_int_equal(s.n_void, 3);
    assert_int_equal(x->n_reports, 1);
    /* They are asked again, so looking back tells no names. */
    struct store_query q = {.run_id = 1};
    struct store_entry *rows;
    size_t n;
    assert_int_equal(store_list_entries(x->p->a.store, &q, &rows, &n,
                                        &x->p->e), 0);
    for (size_t i = 0; i < n; i++)
        assert_null(rows[i].model[0]);
    store_free_entries(rows, n);
    /* The same again: only what failed is asked. */
    reopen(x);
    s = go(x, &spec, SIZE_MAX);
    assert_int_equal(s.n_made, 1);
    assert_int_equal(s.n_void, 3);
    place_write(x->p->script, good_script);
    reopen(x);
    s = go(x, &spec, SIZE_MAX);
    assert_int_equal(s.n_made, 1);
    assert_int_equal(s.n_found, N_PROMPTS * 4 - 1);
    assert_int_equal(s.n_ready, 30);
    assert_int_equal(number(x, "SELECT count(*) FROM battles WHERE state ="
                               " 'ready'"), 30);
    /* The last round of those has both sides. */
    assert_int_equal(number(x, "SELECT count(*) FROM answers WHERE round = 3"),
                     6);
    assert_int_equal(number(x, "SELECT count(*) FROM answers WHERE round = 3"
                               " AND finish = 'stop'"), 6);
}

/* Two at once would ask and store everything twice; also where one of them has
 * come through a link. */
static void one_process_at_a_time_makes_a_run(void **state)
{
    struct run_place *x = *state;
    struct run_spec spec = spec_of(x, "all");
    struct run *first, *second;
    struct store *mine = x->p->a.store, *other;
    struct elo_params elo = elo_defaults();
    assert_int_equal(run_open(&first, &x->p->a, &spec, &x->p->e), 0);
    char *link = path_join(x->p->folder, "link.db");
    assert_int_equal(symlink(x->p->db, link), 0);
    assert_int_equal(store_open(&other, link, &elo, &x->p->e), 0);
    x->p->a.store = other; /* as another process would */
    assert_int_equal(run_open(&second, &x->p->a, &spec, &x->p->e), -1);
    assert_int_equal(x->p->e.code, ERR_USAGE);
    assert_non_null(strstr(x->p->e.text, "another arena is making"));
    x->p->a.store = mine;
    run_close(first);
    x->p->a.store = other;
    assert_int_equal(run_open(&second, &x->p->a, &spec, &x->p->e), 0);
    run_close(second);
    x->p->a.store = mine;
    store_close(other);
    assert_int_equal(unlink(link), 0);
    free(link);
}

static void a_baseline_meets_all_others(void **state)
{
    struct run_place *x = *state;
    struct run_spec spec = spec_of(x, "baseline:m2");
    struct run_status s = go(x, &spec, SIZE_MAX);
    assert_int_equal(s.n_ready, N_PROMPTS * 3);
    assert_int_equal(s.n_made, N_PROMPTS * 4);
    assert_int_equal(number(x, "SELECT count(*) FROM battles b JOIN models m ON"
                               " m.id IN (b.model_a, b.model_b) WHERE m.name ="
                               " 'm2'"), N_PROMPTS * 3);
}

static void a_sample_needs_few_answers(void **state)
{
    struct run_place *x = *state;
    struct run_spec spec = spec_of(x, "sample:2");
    struct run_status s = go(x, &spec, SIZE_MAX);
    assert_int_equal(s.n_battles, 2);
    assert_int_equal(s.n_ready, 2);
    assert_int_equal(s.n_made, s.n_answers);
    assert_true(s.n_answers == 3 || s.n_answers == 4);
}

static void turns_are_asked_one_after_another(void **state)
{
    struct run_place *x = *state;
    static const char text[] = "{\"turns\":[\"a\",\"b\",\"c\"],\"category\":"
                               "\"talk\",\"id\":\"q\",\"system\":\"S\"}";
    prompts_free(&x->prompts);
    assert_int_equal(prompts_parse(&x->prompts, text, strlen(text), "f",
                                   PROMPTS_AUTO, &x->p->e), 0);
    struct run_spec spec = spec_of(x, "all");
    struct run_status s = go(x, &spec, 2);
    s = go(x, &spec, SIZE_MAX);
    assert_int_equal(s.n_ready, 6);
    assert_int_equal(number(x, "SELECT count(*) FROM answers"), 36);
    assert_int_equal(number(x, "SELECT count(*) FROM answers WHERE turn = 2 AND"
                               " prompt = 'b' AND settings LIKE"
                               " '%\"prompt_system\":\"S\"%'"), 12);
    assert_int_equal(number(x, "SELECT count(*) FROM prompts WHERE category ="
                               " 'talk' AND external_id = 'q'"), 1);
}

static void settings_must_match(void **state)
{
    struct run_place *x = *state;
    struct run_spec spec = spec_of(x, "all");
    struct run *r;
    spec.name = "mine";
    go(x, &spec, 1);
    spec.seed = 4;
    assert_int_equal(run_open(&r, &x->p->a, &spec, &x->p->e), -1);
    assert_int_equal(x->p->e.code, ERR_USAGE);
    assert_non_null(strstr(x->p->e.text, "seed"));
    /* Without a name, other settings are another run. */
    spec.name = NULL;
    go(x, &spec, 1);
    int64_t id, newest = number(x, "SELECT max(id) FROM runs");
    assert_int_equal(store_find_run(x->p->a.store, "p", &id, &x->p->e), 0);
    assert_int_equal(id, newest);
    assert_int_equal(store_find_run(x->p->a.store, "min", &id, &x->p->e), -1);
    assert_int_equal(number(x, "SELECT count(*) FROM runs WHERE name GLOB"
                               " 'p-[0-9a-f][0-9a-f][0-9a-f][0-9a-f]"
                               "[0-9a-f][0-9a-f]'"), 1);
}

/* A second run that asks the same, perhaps from another file, asks nobody. */
static void answers_of_other_runs_are_used(void **state)
{
    struct run_place *x = *state;
    struct run_spec spec = spec_of(x, "all");
    go(x, &spec, SIZE_MAX);
    static const char text[] = "{\"prompt\":\"p2\",\"category\":\"c\"}\n"
                               "{\"prompt\":\"p3\"}\n{\"prompt\":\"new\"}\n";
    prompts_free(&x->prompts);
    assert_int_equal(prompts_parse(&x->prompts, text, strlen(text), "f",
                                   PROMPTS_AUTO, &x->p->e), 0);
    place_write(x->p->script, "{ \"answers\": [ { \"text\": \"other\" } ] }");
    reopen(x);
    spec.file = "dir/q.txt";
    struct run_status s = go(x, &spec, SIZE_MAX);
    assert_int_equal(s.n_ready, 18);
    assert_int_equal(s.n_found, 8);
    assert_int_equal(s.n_reused, 8);
    assert_int_equal(s.n_made, 4);
    assert_int_equal(number(x, "SELECT count(*) FROM answers a JOIN battles b"
                               " ON b.id = a.battle_id WHERE b.run_id = 2"
                               " AND text = 'other'"), 12);
    /* Asked anew where that is wanted, or the seed is another. */
    spec.file = "dir/r.txt";
    spec.fresh = true;
    s = go(x, &spec, SIZE_MAX);
    assert_int_equal(s.n_made, 12);
    assert_int_equal(s.n_reused, 0);
    spec.fresh = false;
    spec.seed = 4;
    s = go(x, &spec, SIZE_MAX);
    assert_int_equal(s.n_made, 12);
    spec.seed = 3;
    spec.file = "dir/s.txt";
    x->p->a.max_tokens_cap = 100;
    s = go(x, &spec, SIZE_MAX);
    assert_int_equal(s.n_made, 12);
    assert_int_equal(number(x, "SELECT count(*) FROM answers WHERE settings"
                               " LIKE '{\"max_tokens\":100,%'"), 36);
}

/* The second turn stalls until the session ends; the first is not asked for
 * again. */
static void a_finished_turn_is_kept(void **state)
{
    struct run_place *x = *state;
    static const char text[] = "{\"turns\":[\"a\",\"b\"]}";
    prompts_free(&x->prompts);
    assert_int_equal(prompts_parse(&x->prompts, text, strlen(text), "f",
                                   PROMPTS_AUTO, &x->p->e), 0);
    place_write(x->p->script, "{ \"answers\": [ { \"prompt\": \"b\","
                              " \"stall\": true }, { \"text\": \"old\" } ] }");
    reopen(x);
    struct run_spec spec = spec_of(x, "all");
    struct run *r;
    spec.n_jobs = 4;
    assert_int_equal(run_open(&r, &x->p->a, &spec, &x->p->e), 0);
    while (number(x, "SELECT count(*) FROM answers WHERE turn = 1") < 12) {
        assert_int_equal(run_step(r, &x->p->e), 1);
        place_wait(x->p, 10);
    }
    run_close(r);
    place_write(x->p->script, "{ \"answers\": [ { \"text\": \"new\" } ] }");
    reopen(x);
    struct run_status s = go(x, &spec, SIZE_MAX);
    assert_int_equal(s.n_ready, 6);
    assert_int_equal(number(x, "SELECT count(*) FROM answers WHERE turn = 1"
                               " AND text = 'old'"), 12);
    assert_int_equal(number(x, "SELECT count(*) FROM answers WHERE turn = 2"
                               " AND text = 'new'"), 12);
}

static const char priced_config[] =
    "{ \"models\": [\n"
    "{ \"name\": \"m0\", \"backend\": \"replay\", \"id\": \"m0\",\n"
    "  \"script\": \"script.json\", \"price_in\": 0, \"price_out\": 1000,\n"
    "  \"max_tokens\": 10 },\n"
    "{ \"name\": \"m1\", \"backend\": \"replay\", \"id\": \"m1\",\n"
    "  \"script\": \"script.json\" } ] }\n";

/* An answer of m0 may cost 0.01 and costs 0.004; m1 costs nothing. */
static void a_budget_is_never_exceeded(void **state)
{
    struct run_place *x = *state;
    place_write(x->p->config, priced_config);
    place_write(x->p->script, "{ \"answers\": [ { \"text\": \"yes\","
                              " \"n_in\": 5, \"n_out\": 4 } ] }");
    reopen(x);
    struct run_spec spec = spec_of(x, "all");
    spec.n_models = 2;
    spec.budget = 0.0151;
    struct run_status s = go(x, &spec, SIZE_MAX);
    assert_true(s.is_spent);
    assert_near(s.spent, 0.008, 1e-9);
    assert_int_equal(s.n_ready, 2);
    assert_int_equal(s.n_tokens, 4 * 7); /* all five of m1 */
    spec.budget = 0.022; /* again of this session */
    s = go(x, &spec, SIZE_MAX);
    assert_false(s.is_spent);
    assert_near(s.spent, 0.012, 1e-9);
    assert_int_equal(s.n_ready, 5);
    assert_int_equal(s.n_made, 3);
}

static void a_survey_stores_and_asks_nothing(void **state)
{
    struct run_place *x = *state;
    place_write(x->p->config, priced_config);
    reopen(x);
    struct run_spec spec = spec_of(x, "all");
    struct run_estimate of[2];
    struct run *r;
    spec.n_models = 2;
    spec.dry = true;
    assert_int_equal(run_open(&r, &x->p->a, &spec, &x->p->e), 0);
    assert_int_equal(run_survey(r, of, &x->p->e), 0);
    assert_int_equal(of[0].n_calls, N_PROMPTS);
    assert_near(of[0].n_out, 10 * N_PROMPTS, 0);
    assert_near(of[0].cost, 0.01 * N_PROMPTS, 1e-12);
    assert_true(of[0].n_in >= N_PROMPTS);
    assert_near(of[1].n_out, 512 * N_PROMPTS, 0);
    assert_true(isnan(of[1].cost));
    assert_int_equal(run_status(r).n_found, 0);
    run_close(r);
    assert_int_equal(number(x, "SELECT (SELECT count(*) FROM runs) +"
                               " (SELECT count(*) FROM prompts) +"
                               " (SELECT count(*) FROM battles)"), 0);
    spec.dry = false;
    x->prompts.n = 2; /* as far as an earlier session came */
    assert_int_equal(go(x, &spec, SIZE_MAX).n_made, 4);
    x->prompts.n = N_PROMPTS;
    spec.dry = true;
    assert_int_equal(run_open(&r, &x->p->a, &spec, &x->p->e), 0);
    assert_int_equal(run_survey(r, of, &x->p->e), 0);
    assert_int_equal(of[0].n_calls + of[1].n_calls, 2 * N_PROMPTS - 4);
    assert_int_equal(run_status(r).n_found, 4);
    run_close(r);
}

/* What the ratings said when a run began holds for it, whatever votes come. */
static void uncertain_runs_keep_their_chances(void **state)
{
    struct run_place *x = *state;
    struct store *s = x->p->a.store;
    struct store_vote v = {.voter = "human:x", .verdict = RATING_FIRST,
                           .dwell_ms = -1};
    struct store_vote_result result;
    for (int i = 0; i < 30; i++)
        assert_int_equal(store_record(s, "m0", "m1", NULL, &v, &result,
                                      &x->p->e), 0);
    struct run_spec spec = spec_of(x, "uncertain:6");
    struct run_status first = go(x, &spec, 2);
    assert_int_equal(first.n_battles, 6);
    assert_int_equal(number(x, "SELECT count(*) FROM runs WHERE"
                               " json_array_length(settings, '$.chances')"
                               " = 6"), 1);
    /* The pair that has met most tells least. */
    assert_int_equal(number(x, "SELECT (SELECT min(value) FROM"
                               " json_each(settings, '$.chances')) ="
                               " settings ->> '$.chances[0]' FROM runs"), 1);
    for (int i = 0; i < 30; i++)
        assert_int_equal(store_record(s, "m2", "m3", NULL, &v, &result,
                                      &x->p->e), 0);
    reopen(x);
    struct run_status again = go(x, &spec, SIZE_MAX);
    assert_int_equal(again.n_ready, 6);
    assert_int_equal(number(x, "SELECT count(*) FROM runs"), 1);
    assert_int_equal(number(x, "SELECT count(*) FROM battles WHERE run_id = 1"),
                     6);
}

static void words_of_the_command_line_are_checked(void **state)
{
    struct run_place *x = *state;
    struct run_pairs pairs = {.kind = RUN_ALL};
    size_t *models, n;
    struct err *e = &x->p->e;
    const struct arena *a = &x->p->a;
    static const char *const bad[] = {"", "al", "sample:", "sample:0",
                                      "sample:-1", "sample:1x", "sample: 1",
                                      "sample:99999999999999999999",
                                      "uncertain:", "uncertain:0",
                                      "baseline:m9", "baseline:"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct run_pairs other;
        assert_int_equal(run_parse_pairs(a, bad[i], &other, e), -1);
        assert_int_equal(e->code, ERR_USAGE);
    }
    assert_int_equal(run_parse_models(a, "m3,m1", &pairs, &models, &n, e), 0);
    assert_int_equal(n, 2);
    assert_true(models[0] == 1 && models[1] == 3);
    free(models);
    assert_int_equal(run_parse_pairs(a, "baseline:m0", &pairs, e), 0);
    assert_int_equal(run_parse_models(a, "m3", &pairs, &models, &n, e), 0);
    assert_int_equal(n, 2);
    free(models);
    pairs.kind = RUN_ALL;
    assert_int_equal(run_parse_models(a, "m3", &pairs, &models, &n, e), -1);
    assert_int_equal(e->code, ERR_CONFIG);
    assert_int_equal(run_parse_models(a, "m3,m3", &pairs, &models, &n, e), -1);
    assert_int_equal(run_parse_models(a, "m3,", &pairs, &models, &n, e), -1);
    assert_int_equal(e->code, ERR_USAGE);
}

#define T(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(all_pairs_reuse_answers),
        T(stopped_anywhere_it_ends_the_same),
        T(what_failed_is_void_and_tried_again),
        T(one_process_at_a_time_makes_a_run),
        T(a_baseline_meets_all_others),
        T(a_sample_needs_few_answers),
        T(turns_are_asked_one_after_another),
        T(settings_must_match),
        T(words_of_the_command_line_are_checked),
        T(answers_of_other_runs_are_used),
        T(a_finished_turn_is_kept),
        T(a_budget_is_never_exceeded),
        T(a_survey_stores_and_asks_nothing),
        T(uncertain_runs_keep_their_chances),
    };
    return TEST_RUN(tests);
}
