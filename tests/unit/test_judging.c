/* What judging asks, and what it costs. */
#include "arena/judge/judging.h"

#include <math.h>
#include <sqlite3.h>

#include "arena/judge/docket.h"
#include "arena_place.h"

/* A token that is read costs a dollar; an answer has read one. */
static const char config[] =
    "{ \"models\": [ { \"name\": \"j\", \"backend\": \"replay\","
    " \"script\": \"script.json\", \"price_in\": 1e6, \"price_out\": 0 },"
    " { \"name\": \"reader\", \"backend\": \"local\","
    " \"file\": \"judge.gguf\", \"context\": 512 } ] }";
static const char script[] =
    "{ \"answers\": [ { \"contains\": \"clear\", \"text\": \"[[A]]\","
    " \"n_in\": 1 }, { \"text\": \"Well.\", \"n_in\": 1 } ] }";

enum { MOST_WEIGHTS = 1 << 20 };

/* Weights of the engine's tests, with the letters of verdicts among their
 * tokens: those that are one byte long have their length before them. */
static void write_judge(const struct arena_place *p)
{
    static const char names[][2] = {"vA", "wB", "xC", "y[", "z]"};
    static char weights[MOST_WEIGHTS];
    FILE *f = fopen("tests/engine/models/llama.gguf", "rb");
    assert_non_null(f);
    size_t n = fread(weights, 1, sizeof(weights), f);
    assert_int_equal(fclose(f), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char token[] = {1, 0, 0, 0, 0, 0, 0, 0, names[i][0]};
        size_t at = 0;
        while (memcmp(weights + at, token, sizeof(token)) != 0)
            assert_true(++at + sizeof(token) < n);
        weights[at + sizeof(token) - 1] = names[i][1];
    }
    char *path = path_join(p->folder, "judge.gguf");
    f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(weights, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    free(path);
}

static int setup(void **state)
{
    struct arena_place *p = place_make();
    place_write(p->config, config);
    place_write(p->script, script);
    write_judge(p);
    place_open(p);
    *state = p;
    return 0;
}

/* Both answers of a round of a turn. */
static void add_round(struct arena_place *p, int64_t id, int turn, int round,
                      const char *const texts[2])
{
    struct store_answer answers[2];
    for (int side = 0; side < 2; side++) {
        answers[side] = (struct store_answer){
            .battle_id = id, .side = side, .turn = turn, .round = round,
            .prompt = "q", .text = texts[side], .thinking = "",
            .settings = ""};
        answer_end_init(&answers[side].end);
        answers[side].end.finish = FINISH_STOP;
    }
    place_must(p, store_put_answers(p->a.store, answers, STORE_READY, &p->e));
}

static int64_t add_battle(struct arena_place *p, int64_t run_id,
                          const char *const texts[2])
{
    struct store *s = p->a.store;
    struct store_battle b = {.run_id = run_id, .probability = NAN};
    enum store_model_match match;
    int64_t id;
    place_must(p, store_put_model(s, "x", "", &b.model_id[0], &match, &p->e));
    place_must(p, store_put_model(s, "y", "", &b.model_id[1], &match, &p->e));
    place_must(p, store_put_prompt(s, "q", "", NULL, &b.prompt_id, &p->e));
    place_must(p, store_add_battle(s, &b, &id, &p->e));
    add_round(p, id, 1, 1, texts);
    return id;
}

/* A call may cost as much as its text is long, and costs a dollar.  The budget
 * is enough for the first two calls at once; what the second one said cannot be
 * read, and while the first one's money is put aside there is none to ask
 * again. */
static void what_waits_for_money_is_asked_and_paid_once(void **state)
{
    struct arena_place *p = *state;
    char name[] = "f", system[] = "", template[] = "{answer_a}\n{fence}";
    struct judge_form form = {.name = name, .system = system,
                              .template = template, .kind = FORM_PAIR};
    struct judging_spec spec = {.form = &form, .n_jobs = 2, .budget = NAN};
    struct judging_estimate all;
    struct judging *j;
    int more;
    place_must(p, store_put_run(p->a.store, "r", "", &spec.run_id, &p->e));
    add_battle(p, spec.run_id, (const char *const[]){"clear", "murky"});
    place_must(p, judging_open(&j, &p->a, &spec, &p->e));
    place_must(p, judging_survey(j, &all, &p->e));
    judging_close(j);
    assert_int_equal(all.n_calls, 2);

    spec.budget = all.cost + 0.5;
    place_must(p, judging_open(&j, &p->a, &spec, &p->e));
    assert_int_equal(judging_step(j, &p->e), 1);
    assert_int_equal(judging_status(j).n_running, 2);
    usleep(200 * 1000); /* both have ended */
    while ((more = judging_step(j, &p->e)) == 1)
        if (judging_status(j).n_running > 0)
            place_wait(p, -1);
    assert_int_equal(more, 0);
    struct judging_status s = judging_status(j);
    judging_close(j);
    assert_false(s.is_spent);
    assert_int_equal(s.n_failed, 1); /* it was asked twice, to no avail */
    assert_near(s.spent, (double)s.n_calls, 1e-9);
    assert_in_range(s.n_calls, 3, 4);
}

/* Rounds are counted from one in each turn. */
static void the_last_round_of_each_turn_is_judged(void **state)
{
    struct arena_place *p = *state;
    struct references none;
    struct docket_case c;
    int64_t run_id;
    place_must(p, store_put_run(p->a.store, "r", "", &run_id, &p->e));
    int64_t id = add_battle(p, run_id, (const char *const[]){"1.1a", "1.1b"});
    add_round(p, id, 1, 2, (const char *const[]){"1.2a", "1.2b"});
    add_round(p, id, 1, 3, (const char *const[]){"1.3a", "1.3b"});
    add_round(p, id, 2, 1, (const char *const[]){"2.1a", "2.1b"});
    add_round(p, id, 2, 2, (const char *const[]){"2.2a", "2.2b"});
    references_init(&none, NULL);
    place_must(p, docket_read(&c, &p->a, id, &none, &p->e));
    assert_int_equal(c.ask.n_turns, 2);
    assert_string_equal(c.ask.answers[0][0], "1.3a");
    assert_string_equal(c.ask.answers[1][1], "2.2b");
    docket_case_free(&c);
    references_free(&none);
}

static void refuse_failure(void *arg, int64_t battle_id, const char *failure)
{
    (void)arg;
    fail_msg("battle %d: %s", (int)battle_id, failure);
}

/* What was stored of the one battle, by part. */
static void read_values(struct arena_place *p, double value[2])
{
    sqlite3 *db;
    sqlite3_stmt *q;
    assert_int_equal(sqlite3_open(p->db, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(
                         db, "SELECT value FROM judgments ORDER BY part", -1,
                         &q, NULL), SQLITE_OK);
    for (int part = 0; part < 2; part++) {
        assert_int_equal(sqlite3_step(q), SQLITE_ROW);
        value[part] = sqlite3_column_double(q, 0);
    }
    assert_int_equal(sqlite3_step(q), SQLITE_DONE);
    sqlite3_finalize(q);
    sqlite3_close(db);
}

/* Both orders of an answer and its like are one text if also the fence is the
 * same.  So what two orders differ by comes of the order. */
static void orders_differ_in_nothing_but_the_order(void **state)
{
    struct arena_place *p = *state;
    char name[] = "f", system[] = "",
         template[] = "{answer_a} or {answer_b}\n{fence}";
    struct judge_form form = {.name = name, .system = system,
                              .template = template, .kind = FORM_PAIR};
    struct judging_spec spec = {.form = &form, .judge = 1, .soft = true,
                                .budget = NAN, .tell = refuse_failure};
    struct judging *j;
    int more;
    place_must(p, store_put_run(p->a.store, "r", "", &spec.run_id, &p->e));
    add_battle(p, spec.run_id, (const char *const[]){"as", "as"});
    place_must(p, judging_open(&j, &p->a, &spec, &p->e));
    while ((more = judging_step(j, &p->e)) == 1)
        ;
    place_must(p, more);
    judging_close(j);

    double value[2];
    read_values(p, value);
    assert_near(value[0], 1 - value[1], 0);
}

/* Judged again, the old vote stands until the new one comes; and the step that
 * brings the last one is the last. */
static void a_vote_gives_way_to_the_next(void **state)
{
    struct arena_place *p = *state;
    char name[] = "f", system[] = "",
         template[] = "{answer_a} or {answer_b}\n{fence}";
    struct judge_form form = {.name = name, .system = system,
                              .template = template, .kind = FORM_PAIR};
    struct judging_spec spec = {.form = &form, .judge = 1, .soft = true,
                                .budget = NAN, .tell = refuse_failure};
    place_must(p, store_put_run(p->a.store, "r", "", &spec.run_id, &p->e));
    add_battle(p, spec.run_id, (const char *const[]){"as", "is"});
    for (size_t times = 0; times < 2; times++) {
        struct judging *j;
        spec.again = times > 0;
        place_must(p, judging_open(&j, &p->a, &spec, &p->e));
        assert_int_equal(judging_status(j).n_voted, times);
        place_must(p, judging_step(j, &p->e));
        assert_int_equal(judging_status(j).n_voted, 1);
        assert_int_equal(judging_status(j).n_withdrawn, times);
        judging_close(j);
    }
}

static int n_looks;

static bool is_stopped_at_first(void)
{
    return ++n_looks == 1;
}

static void a_reading_that_is_stopped_is_made_later(void **state)
{
    struct arena_place *p = *state;
    char name[] = "f", system[] = "",
         template[] = "{answer_a} or {answer_b}\n{fence}";
    struct judge_form form = {.name = name, .system = system,
                              .template = template, .kind = FORM_PAIR};
    struct judging_spec spec = {.form = &form, .judge = 1, .soft = true,
                                .budget = NAN, .tell = refuse_failure,
                                .is_stopped = is_stopped_at_first};
    struct judging *j;
    n_looks = 0;
    place_must(p, store_put_run(p->a.store, "r", "", &spec.run_id, &p->e));
    add_battle(p, spec.run_id, (const char *const[]){"as", "is"});
    place_must(p, judging_open(&j, &p->a, &spec, &p->e));
    assert_int_equal(judging_step(j, &p->e), 1);
    assert_int_equal(n_looks, 1);
    assert_int_equal(judging_status(j).n_voted, 0);
    assert_int_equal(judging_status(j).n_calls, 0);
    assert_int_equal(judging_step(j, &p->e), 0);
    assert_int_equal(judging_status(j).n_voted, 1);
    judging_close(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            what_waits_for_money_is_asked_and_paid_once, setup, place_end),
        cmocka_unit_test_setup_teardown(the_last_round_of_each_turn_is_judged,
                                        setup, place_end),
        cmocka_unit_test_setup_teardown(orders_differ_in_nothing_but_the_order,
                                        setup, place_end),
        cmocka_unit_test_setup_teardown(
            a_reading_that_is_stopped_is_made_later, setup, place_end),
        cmocka_unit_test_setup_teardown(a_vote_gives_way_to_the_next, setup,
                                        place_end),
    };
    return TEST_RUN(tests);
}
