/* How battles end: void, stopped, skipped, voted on early or twice. */
#include "tests/unit/battle_place.h"

#include "arena/store/answers.h"

#include <sqlite3.h>

#include "arena/battle/private.h"

/* Whichever side fails, and however, the same is seen, and nothing is rated. */
static void a_failed_side_voids_for_both(void **state)
{
    struct arena_place *p = *state;
    static const char *const prompts[] = {"fail-a", "fail-b", "empty-a",
                                          "empty-b", "hang fail-a"};
    for (size_t i = 0; i < sizeof(prompts) / sizeof(prompts[0]); i++) {
        struct battle *b = begin(p, prompts[i]);
        finish(p, b);
        assert_int_equal(battle_state(b), BATTLE_VOID);
        assert_sealed(b);
        assert_false(battle_may_vote(b));
        assert_int_equal(battle_vote(b, RATING_TIE, 1, &p->e), -1);
        assert_null(strstr(p->e.text, "quux"));
        assert_null(strstr(p->e.text, "zorblax9"));
        assert_int_equal(battle_skip(b, &p->e), -1);
        assert_true(elo(p, 0) == 1000 && elo(p, 1) == 1000);
        /* It may be asked again, and voted on: until then it has no names. */
        assert_stored_blind(p, b, STORE_OPEN);
        int64_t id = battle_id(b);
        battle_close(b);
        size_t n;
        struct store_entry *rows = entry(p, id, &n);
        assert_int_equal(rows[0].state, STORE_VOID);
        assert_string_equal(rows[0].model[0], "zorblax9");
        store_free_entries(rows, n);
    }
}

static void a_void_battle_tells_when_asked(void **state)
{
    struct arena_place *p = *state;
    struct battle *b = begin(p, "fail-b");
    assert_null(battle_reveal_void(b));
    finish(p, b);
    const struct battle_reveal_side *r = battle_reveal_void(b);
    assert_string_equal(r[SIDE_B].name, "vimtrop3");
    assert_int_equal(r[SIDE_B].end->finish, FINISH_ERROR);
    assert_non_null(strstr(r[SIDE_B].end->error.text, "quux-b is down"));
    assert_true(isnan(r[SIDE_A].after));
    assert_ptr_equal(battle_reveal(b), r);
    assert_stored(p, b, STORE_VOID);
    assert_int_equal(battle_regenerate(b, &p->e), -1);
    battle_close(b);
    /* Unasked, it may be tried again. */
    b = begin(p, "fail-b");
    finish(p, b);
    assert_int_equal(battle_regenerate(b, &p->e), 0);
    assert_int_equal(battle_state(b), BATTLE_STREAMING);
    assert_stored(p, b, STORE_OPEN);
    finish(p, b);
    assert_int_equal(battle_state(b), BATTLE_VOID);
    battle_close(b);
}

static void stopped_with_text_is_votable(void **state)
{
    struct arena_place *p = *state;
    struct battle *b = begin(p, "hang");
    wait_for_text(p, b);
    assert_int_equal(battle_state(b), BATTLE_STREAMING);
    battle_stop(b);
    battle_step(b, clock_monotonic_ms(), NULL);
    assert_int_equal(battle_state(b), BATTLE_VOTING);
    assert_text(b, SIDE_A, "Begun");
    assert_int_equal(battle_vote(b, RATING_TIE, 1, &p->e), 0);
    assert_int_equal(battle_reveal(b)[SIDE_A].end->finish, FINISH_CANCEL);
    battle_close(b);
}

static void stopped_without_text_is_void(void **state)
{
    struct arena_place *p = *state;
    struct battle *b = begin(p, "mute-a");
    battle_stop(b);
    battle_step(b, clock_monotonic_ms(), NULL);
    assert_int_equal(battle_state(b), BATTLE_VOID);
    assert_sealed(b);
    battle_close(b);
}

static void skipping_stores_and_rates_nothing(void **state)
{
    struct arena_place *p = *state;
    struct battle *b = begin(p, "hang");
    wait_for_text(p, b);
    assert_int_equal(battle_skip(b, &p->e), 0);
    assert_int_equal(battle_state(b), BATTLE_SKIPPED);
    assert_sealed(b);
    assert_stored(p, b, STORE_SKIPPED);
    assert_int_equal(battle_vote(b, RATING_TIE, 1, &p->e), -1);
    battle_close(b);
    b = begin(p, "hello");
    finish(p, b);
    assert_int_equal(battle_skip(b, &p->e), 0);
    assert_stored(p, b, STORE_SKIPPED);
    assert_true(elo(p, 0) == 1000);
    battle_close(b);
}

static void early_votes_are_marked(void **state)
{
    struct arena_place *p = *state;
    p->a.config.vote_early = true;
    struct battle *b = begin(p, "hang");
    wait_for_text(p, b);
    assert_int_equal(battle_state(b), BATTLE_STREAMING);
    assert_true(battle_may_vote(b));
    assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), 0);
    assert_string_equal(battle_reveal(b)[SIDE_A].name, "zorblax9");
    assert_stored(p, b, STORE_VOTED);
    battle_close(b);
}

/* A vote of another process meanwhile is not undone by a skip, nor by answers
 * that come late. */
static void what_others_have_voted_stays_voted(void **state)
{
    struct arena_place *p = *state;
    struct store_vote other = {.verdict = RATING_TIE, .voter = "human:bob",
                               .dwell_ms = -1};
    struct store_vote_result r;
    for (int i = 0; i < 3; i++) {
        struct battle *b = begin(p, "hello");
        finish(p, b);
        other.battle_id = battle_id(b);
        assert_int_equal(store_vote(p->a.store, &other, &r, &p->e), 0);
        assert_int_equal(i == 0 ? battle_skip(b, &p->e)
                         : i == 1 ? battle_regenerate(b, &p->e)
                                  : battle_follow_up(b, "more", &p->e), -1);
        assert_non_null(strstr(p->e.text, "is voted already"));
        assert_int_equal(battle_state(b), i == 0 ? BATTLE_GONE
                                                 : BATTLE_VOTING);
        assert_stored(p, b, STORE_VOTED);
        battle_close(b);
    }
    struct battle *b = begin(p, "hello");
    finish(p, b);
    other.battle_id = battle_id(b);
    other.voter = p->a.voter;
    assert_int_equal(store_vote(p->a.store, &other, &r, &p->e), 0);
    assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), -1);
    assert_int_equal(battle_state(b), BATTLE_GONE);
    assert_sealed(b);
    battle_close(b);
}

/* Who took the battle up has read other answers than those that there are. */
static void a_vote_is_on_what_was_read(void **state)
{
    struct arena_place *p = *state;
    for (int i = 0; i < 2; i++) {
        struct battle *b = begin(p, "hello"), *other;
        finish(p, b);
        assert_int_equal(battle_reopen(&other, &p->a, battle_id(b), &p->e), 0);
        assert_int_equal(i == 0 ? battle_regenerate(b, &p->e)
                                : battle_follow_up(b, "more", &p->e), 0);
        finish(p, b);
        assert_int_equal(battle_vote(other, RATING_FIRST, 1, &p->e), -1);
        assert_int_equal(p->e.code, ERR_USAGE);
        assert_int_equal(battle_state(other), BATTLE_GONE);
        assert_sealed(other);
        battle_close(other);
        assert_int_equal(battle_reopen(&other, &p->a, battle_id(b), &p->e), 0);
        assert_int_equal(battle_vote(other, RATING_FIRST, 1, &p->e), 0);
        battle_close(other);
        battle_close(b);
    }
}

/* What has failed by the time of an early vote takes none. */
static void a_failed_side_takes_no_early_vote(void **state)
{
    struct arena_place *p = *state;
    p->a.config.vote_early = true;
    struct battle *b = begin(p, "hang");
    wait_for_text(p, b);
    assert_true(battle_may_vote(b));
    /* As if the news were not taken yet when the key was pressed. */
    answer_drop(&b->side[SIDE_A].answer);
    b->side[SIDE_A].answer.end.finish = FINISH_ERROR;
    assert_int_equal(battle_vote(b, RATING_SECOND, 1, &p->e), -1);
    assert_non_null(strstr(p->e.text, "void"));
    assert_int_equal(battle_state(b), BATTLE_VOID);
    assert_sealed(b);
    assert_stored_blind(p, b, STORE_OPEN);
    assert_true(elo(p, 0) == 1000);
    battle_close(b);
}

/* Another program has the database just when both are done, and lets go of it
 * before the person leaves. */
static int64_t left_after_a_lock(struct arena_place *p, const char *prompt,
                                 bool compare)
{
    struct battle_spec spec = {.prompt = prompt, .model = {0, 1},
                               .compare = compare};
    struct battle *b;
    sqlite3 *other;
    int wait_ms;
    assert_int_equal(battle_open(&b, &p->a, &spec, &p->e), 0);
    assert_int_equal(sqlite3_open(p->db, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
                     SQLITE_OK);
    while (battle_state(b) == BATTLE_STREAMING) {
        battle_step(b, clock_monotonic_ms(), &wait_ms);
        if (battle_state(b) == BATTLE_STREAMING)
            place_wait(p, wait_ms);
    }
    assert_non_null(battle_unstored(b));
    sqlite3_close(other);
    int64_t id = battle_id(b);
    battle_close(b);
    return id;
}

static void what_was_not_stored_is_when_it_is_left(void **state)
{
    struct arena_place *p = *state;
    static const struct {
        const char *prompt;
        bool compare;
        enum store_battle_state state;
    } cases[] = {
        {"hello", false, STORE_READY},
        {"hello", true, STORE_READY},
        {"fail-b", false, STORE_VOID},
        {"fail-b", true, STORE_VOID},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t id = left_after_a_lock(p, cases[i].prompt, cases[i].compare);
        struct store_answer_row *answers;
        size_t n;
        struct store_entry *rows = entry(p, id, &n);
        assert_int_equal(rows[0].state, cases[i].state);
        store_free_entries(rows, n);
        assert_int_equal(store_list_answers(p->a.store, id, &answers, &n,
                                            &p->e), 0);
        assert_int_equal(n, 2);
        store_free_answers(answers, n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_failed_side_voids_for_both),
        T(a_void_battle_tells_when_asked),
        T(stopped_with_text_is_votable),
        T(stopped_without_text_is_void),
        T(skipping_stores_and_rates_nothing),
        T(early_votes_are_marked),
        T(what_others_have_voted_stays_voted),
        T(a_vote_is_on_what_was_read),
        T(a_failed_side_takes_no_early_vote),
        T(what_was_not_stored_is_when_it_is_left),
    };
    return TEST_RUN(tests);
}
