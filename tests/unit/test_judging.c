/* What judging asks, and what it costs. */
#include "arena/judge/judging.h"

#include <math.h>

#include "arena/judge/docket.h"
#include "arena_place.h"

/* A token that is read costs a dollar; an answer has read one. */
static const char config[] =
    "{ \"models\": [ { \"name\": \"j\", \"backend\": \"replay\","
    " \"script\": \"script.json\", \"price_in\": 1e6, \"price_out\": 0 } ] }";
static const char script[] =
    "{ \"answers\": [ { \"contains\": \"clear\", \"text\": \"[[A]]\","
    " \"n_in\": 1 }, { \"text\": \"Well.\", \"n_in\": 1 } ] }";

static int setup(void **state)
{
    struct arena_place *p = place_make();
    place_write(p->config, config);
    place_write(p->script, script);
    place_open(p);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct arena_place *p = *state;
    arena_close(&p->a);
    place_remove(p);
    return 0;
}

static void must(struct arena_place *p, int result)
{
    if (result != 0)
        fail_msg("%s", p->e.text);
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
    must(p, store_put_answers(p->a.store, answers, STORE_READY, &p->e));
}

static int64_t add_battle(struct arena_place *p, int64_t run_id,
                          const char *const texts[2])
{
    struct store *s = p->a.store;
    struct store_battle b = {.run_id = run_id, .probability = NAN};
    enum store_model_match match;
    int64_t id;
    must(p, store_put_model(s, "x", "", &b.model_id[0], &match, &p->e));
    must(p, store_put_model(s, "y", "", &b.model_id[1], &match, &p->e));
    must(p, store_put_prompt(s, "q", "", NULL, &b.prompt_id, &p->e));
    must(p, store_add_battle(s, &b, &id, &p->e));
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
    must(p, store_put_run(p->a.store, "r", "", &spec.run_id, &p->e));
    add_battle(p, spec.run_id, (const char *const[]){"clear", "murky"});
    must(p, judging_open(&j, &p->a, &spec, &p->e));
    must(p, judging_survey(j, &all, &p->e));
    judging_close(j);
    assert_int_equal(all.n_calls, 2);

    spec.budget = all.cost + 0.5;
    must(p, judging_open(&j, &p->a, &spec, &p->e));
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
    must(p, store_put_run(p->a.store, "r", "", &run_id, &p->e));
    int64_t id = add_battle(p, run_id, (const char *const[]){"1.1a", "1.1b"});
    add_round(p, id, 1, 2, (const char *const[]){"1.2a", "1.2b"});
    add_round(p, id, 1, 3, (const char *const[]){"1.3a", "1.3b"});
    add_round(p, id, 2, 1, (const char *const[]){"2.1a", "2.1b"});
    add_round(p, id, 2, 2, (const char *const[]){"2.2a", "2.2b"});
    references_init(&none, NULL);
    must(p, docket_read(&c, &p->a, id, &none, &p->e));
    assert_int_equal(c.ask.n_turns, 2);
    assert_string_equal(c.ask.answers[0][0], "1.3a");
    assert_string_equal(c.ask.answers[1][1], "2.2b");
    docket_case_free(&c);
    references_free(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            what_waits_for_money_is_asked_and_paid_once, setup, teardown),
        cmocka_unit_test_setup_teardown(the_last_round_of_each_turn_is_judged,
                                        setup, teardown),
    };
    return TEST_RUN(tests);
}
