/* The store: groups of changes, and what a run asks of other runs. */
#include "tests/unit/store_place.h"

static void a_group_stays_or_goes_as_a_whole(void **state)
{
    struct place *p = *state;
    int64_t id;
    assert_int_equal(store_begin_group(p->s, &p->e), 0);
    assert_int_equal(store_put_prompt(p->s, "one", "", NULL, &id, &p->e), 0);
    assert_int_equal(store_put_prompt(p->s, "two", "", NULL, &id, &p->e), 0);
    assert_int_equal(number(p, "SELECT count(*) FROM prompts"), 0);
    assert_int_equal(store_end_group(p->s, 0, &p->e), 0);
    assert_int_equal(number(p, "SELECT count(*) FROM prompts"), 2);

    /* What failed in it takes the rest along, whatever the caller says. */
    assert_int_equal(store_begin_group(p->s, &p->e), 0);
    assert_int_equal(store_put_prompt(p->s, "three", "", NULL, &id, &p->e), 0);
    assert_int_equal(store_redescribe_model(p->s, 999, "", &p->e), -1);
    assert_int_equal(store_end_group(p->s, 0, &p->e), -1);
    assert_int_equal(number(p, "SELECT count(*) FROM prompts"), 2);

    assert_int_equal(store_begin_group(p->s, &p->e), 0);
    assert_int_equal(store_put_prompt(p->s, "three", "", NULL, &id, &p->e), 0);
    assert_int_equal(store_end_group(p->s, -1, &p->e), -1);
    assert_int_equal(number(p, "SELECT count(*) FROM prompts"), 2);

    /* And then each change is alone again. */
    assert_int_equal(store_put_prompt(p->s, "four", "", NULL, &id, &p->e), 0);
    assert_int_equal(number(p, "SELECT count(*) FROM prompts"), 3);
}

/* A battle of run 1 between m1 and m2 on a prompt with these answers. */
static int64_t fight(struct place *p, const char *prompt, const char *text_a,
                     const char *text_b, enum finish finish)
{
    struct store_battle b = {.run_id = 1, .state = STORE_OPEN, .pace = "hold"};
    enum store_model_match match;
    int64_t id;
    assert_int_equal(store_put_run(p->s, "r", "{}", &b.run_id, &p->e), 0);
    assert_int_equal(store_put_prompt(p->s, prompt, "c", NULL, &b.prompt_id,
                                      &p->e), 0);
    assert_int_equal(store_put_model(p->s, "m1", "", &b.model_id[0], &match,
                                     &p->e), 0);
    assert_int_equal(store_put_model(p->s, "m2", "", &b.model_id[1], &match,
                                     &p->e), 0);
    assert_int_equal(store_add_battle(p->s, &b, &id, &p->e), 0);
    struct store_answer answers[2];
    for (int side = 0; side < 2; side++) {
        answers[side] = (struct store_answer){
            .battle_id = id, .side = side, .turn = 1, .round = 1,
            .prompt = prompt, .text = side ? text_b : text_a,
            .settings = "{s}"};
        answer_end_init(&answers[side].end);
        answers[side].end.finish = finish;
    }
    assert_int_equal(store_add_answers(p->s, answers, 2, STORE_READY, &p->e),
                     0);
    return id;
}

static void an_answer_is_found_by_what_was_asked(void **state)
{
    struct place *p = *state;
    int64_t id = fight(p, "q", "x", "y", FINISH_STOP), found;
    fight(p, "failed", "x", "y", FINISH_ERROR);
    struct store_wanted w = {.prompt = "q", .settings = "{s}", .model_id = 2,
                             .n_turns = 1};
    int side, round;
    assert_int_equal(store_find_answer(p->s, &w, &found, &side, &round, &p->e),
                     0);
    assert_true(found == id && side == 1 && round == 1);
    struct store_wanted others[] = {w, w, w, w, w};
    others[0].prompt = "Q";
    others[1].settings = "{t}";
    others[2].model_id = 3;
    others[3].n_turns = 2;
    others[4].prompt = "failed";
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_int_equal(store_find_answer(p->s, &others[i], &found, &side,
                                           &round, &p->e), 0);
        assert_int_equal(found, 0);
    }
    assert_int_equal(store_find_prompt(p->s, "q", "c", &found, &p->e), 0);
    assert_int_equal(found, 1);
    assert_int_equal(store_find_prompt(p->s, "q", "d", &found, &p->e), 0);
    assert_int_equal(found, 0);
}

static void a_run_is_known_by_its_exact_name(void **state)
{
    struct place *p = *state;
    int64_t id, wanted;
    char *settings;
    assert_int_equal(store_put_run(p->s, "r", "{1}", &wanted, &p->e), 0);
    assert_int_equal(store_get_run(p->s, "r", &id, &settings, &p->e), 0);
    assert_int_equal(id, wanted);
    assert_string_equal(settings, "{1}");
    free(settings);
    assert_int_equal(store_get_run(p->s, "1", &id, &settings, &p->e), 0);
    assert_int_equal(id, 0);
    assert_null(settings);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_group_stays_or_goes_as_a_whole),
        T(an_answer_is_found_by_what_was_asked),
        T(a_run_is_known_by_its_exact_name),
    };
    return TEST_RUN(tests);
}
