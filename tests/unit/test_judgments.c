/* What judges said, as the store keeps it. */
#include "arena/store/judgments.h"

#include <math.h>

#include "store_place.h"

static void say(struct place *p, int64_t battle_id, int part, double value)
{
    struct store_judgment j = {.battle_id = battle_id, .voter = "judge:j",
                               .part = part, .form = "pair", .value = value,
                               .reply = "", .n_in = -1, .n_out = 1,
                               .cost = NAN};
    if (store_put_judgment(p->s, &j, &p->e) != 0)
        fail_msg("%s", p->e.text);
}

static struct store_judged judged(struct place *p, int64_t battle_id)
{
    struct store_judged out;
    assert_int_equal(store_get_judged(p->s, battle_id, "judge:j", &out, &p->e),
                     0);
    return out;
}

static void give(struct place *p, int64_t battle_id, double share)
{
    struct store_vote v = {.battle_id = battle_id, .verdict = RATING_FIRST,
                           .voter = "judge:j", .dwell_ms = -1,
                           .share = &share};
    struct store_vote_result r;
    if (store_vote(p->s, &v, &r, &p->e) != 0)
        fail_msg("%s", p->e.text);
}

static double share_of(struct place *p, const char *voter)
{
    struct store_model *models;
    struct store_ballots b;
    struct store_filter f = {.voter = voter};
    size_t n;
    assert_int_equal(store_list_models(p->s, &models, &n, &p->e), 0);
    assert_int_equal(store_ballots(p->s, &f, models, n, &b, &p->e), 0);
    assert_int_equal(b.n, 1);
    double share = b.origins[0].share;
    store_free_ballots(&b);
    store_free_models(models, n);
    return share;
}

static void what_is_said_is_kept_until_the_vote(void **state)
{
    struct place *p = *state;
    int64_t id = battle(p, "q", false);
    say(p, id, 0, 0.75);
    say(p, id, 1, NAN);
    struct store_judged j = judged(p, id);
    assert_true(j.known[0] && !j.known[1]);
    assert_near(j.value[0], 0.75, 0);
    say(p, id, 0, 0.1); /* what was said stays said */
    say(p, id, 1, 0.25);
    j = judged(p, id);
    assert_true(j.known[0] && j.known[1]);
    assert_near(j.value[0], 0.75, 0);
    assert_near(j.value[1], 0.25, 0);
    give(p, id, 0.75);
    j = judged(p, id);
    assert_true(!j.known[0] && !j.known[1]);
    assert_near(share_of(p, "judge:j"), 0.75, 0);
    assert_int_equal(problems(p), 0);

    struct store_swapped *rows;
    size_t n;
    assert_int_equal(store_list_swapped(p->s, "judge:j", &rows, &n, &p->e), 0);
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].battle_id, id);
    assert_near(rows[0].value[1], 0.25, 0);
    free(rows);
}

static void shares_are_of_one_judge(void **state)
{
    struct place *p = *state;
    record(p, "x", "y", NULL, RATING_FIRST, "judge:hard", NULL);
    assert_int_equal(store_has_shares(p->s, "judge:j", &p->e), 0);
    give(p, battle(p, "q", false), 0.75);
    give(p, battle(p, "q", false), 0.5);
    assert_int_equal(store_has_shares(p->s, "judge:j", &p->e), 1);
    assert_int_equal(store_has_shares(p->s, "judge:hard", &p->e), 0);
    assert_int_equal(store_has_shares(p->s, "judge:none", &p->e), 0);
}

static void a_persons_vote_has_no_share(void **state)
{
    struct place *p = *state;
    record(p, "x", "y", NULL, RATING_FIRST, "human:me", NULL);
    assert_true(isnan(share_of(p, "human")));
}

/* Until version 9 the tie of a score was kept as that of a verdict. */
static void scores_have_no_tie_from_version_9(void **state)
{
    struct place *p = *state;
    say(p, battle(p, "q", false), 0, 0.75);
    meddle(p, "INSERT INTO judgments SELECT id + 1, battle_id, voter, 1,"
              " attempt, 'single', 1, 0, reply, n_in, n_out, cost, created_ms"
              " FROM judgments;"
              "INSERT INTO judgments SELECT id + 2, battle_id, 'judge:k', part,"
              " attempt, form, 7, 0, reply, n_in, n_out, cost, created_ms"
              " FROM judgments WHERE form = 'single'; DROP TABLE reasons;"
              " DROP TABLE chances; DROP TABLE rhythms;"
              " PRAGMA user_version=8");
    place_reopen(p);
    assert_int_equal(number(p, "SELECT count(*) FROM judgments"
                               " WHERE form = 'single' AND tie IS NULL"), 2);
    assert_int_equal(number(p, "SELECT count(*) FROM judgments"
                               " WHERE tie = 0"), 1);
    assert_int_equal(number(p, "PRAGMA user_version"), 13);
}

/* Both answers of a round of a turn. */
static void answer(struct place *p, int64_t id, int turn, int round,
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
    if (store_put_answers(p->s, answers, STORE_READY, &p->e) != 0)
        fail_msg("%s", p->e.text);
}

/* Rounds are counted from one in each turn. */
static void lengths_are_of_the_last_round_of_each_turn(void **state)
{
    struct place *p = *state;
    int64_t id = battle(p, "q", false); /* 12 and 11 characters */
    answer(p, id, 1, 2, (const char *const[]){"12345", "1"});
    answer(p, id, 2, 1, (const char *const[]){"123", "12"});
    vote(p, id, RATING_FIRST, "human:me");
    struct store_traits *rows;
    struct names categories;
    size_t n;
    assert_int_equal(store_list_traits(p->s, &rows, &n, &categories, &p->e),
                     0);
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].battle_id, id);
    assert_int_equal(rows[0].length[0], 8);
    assert_int_equal(rows[0].length[1], 3);
    assert_string_equal(names_get(&categories, rows[0].category, NULL), "test");
    free(rows);
    names_free(&categories);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_said_is_kept_until_the_vote),
        T(shares_are_of_one_judge),
        T(a_persons_vote_has_no_share),
        T(scores_have_no_tie_from_version_9),
        T(lengths_are_of_the_last_round_of_each_turn),
    };
    return TEST_RUN(tests);
}
