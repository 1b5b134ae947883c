/* Battles on the replay backend and a store of their own. */
#include "tests/unit/battle_place.h"

#include "arena/store/answers.h"
#include "backends/rhythm.h"
#include "base/log.h"

static void a_whole_battle(void **state)
{
    struct arena_place *p = *state;
    struct battle *b = begin(p, "hello");
    assert_false(battle_may_vote(b));
    assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), -1);
    assert_int_equal(p->e.code, ERR_USAGE);
    assert_stored(p, b, STORE_OPEN);
    finish(p, b);
    assert_int_equal(battle_state(b), BATTLE_VOTING);
    assert_sealed(b);
    assert_stored(p, b, STORE_READY);
    assert_text(b, SIDE_A, "Answer of A.");
    assert_text(b, SIDE_B, "B says no.");
    assert_true(battle_may_vote(b));
    assert_int_equal(battle_vote(b, RATING_FIRST, 1234, &p->e), 0);
    assert_int_equal(battle_state(b), BATTLE_VOTED);
    const struct battle_reveal_side *r = battle_reveal(b);
    assert_non_null(r);
    assert_string_equal(r[SIDE_A].name, "zorblax9");
    assert_string_equal(r[SIDE_B].name, "vimtrop3");
    assert_true(r[SIDE_A].before == 1000 && r[SIDE_A].after == 1008);
    assert_true(r[SIDE_B].before == 1000 && r[SIDE_B].after == 992);
    assert_string_equal(r[SIDE_A].thinking, "Thought of A.");
    assert_int_equal(r[SIDE_A].end->finish, FINISH_STOP);
    assert_int_equal(r[SIDE_A].end->n_out, 7);
    assert_true(isnan(r[SIDE_A].end->cost));
    assert_true(r[SIDE_B].end->cost == 3);
    assert_true(elo(p, 0) == 1008 && elo(p, 1) == 992);
    assert_stored(p, b, STORE_VOTED);
    /* No second vote, no skip, no new answers. */
    assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), -1);
    assert_int_equal(battle_skip(b, &p->e), -1);
    assert_int_equal(battle_regenerate(b, &p->e), -1);
    assert_int_equal(battle_follow_up(b, "and?", &p->e), -1);
    battle_close(b);
}

static void undo_and_vote_again(void **state)
{
    struct arena_place *p = *state;
    struct battle *b = begin(p, "hello");
    assert_int_equal(battle_undo(b, &p->e), -1);
    finish(p, b);
    assert_int_equal(battle_vote(b, RATING_SECOND, 1, &p->e), 0);
    assert_true(elo(p, 1) == 1008);
    assert_false(battle_voted_seen(b));
    assert_int_equal(battle_undo(b, &p->e), 0);
    assert_int_equal(battle_state(b), BATTLE_VOTING);
    assert_true(elo(p, 0) == 1000 && elo(p, 1) == 1000);
    assert_stored(p, b, STORE_READY);
    /* The names were known: stored, marked, and not rated. */
    assert_int_equal(battle_regenerate(b, &p->e), -1);
    assert_int_equal(battle_follow_up(b, "and?", &p->e), -1);
    assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), 0);
    const struct battle_reveal_side *r = battle_reveal(b);
    assert_true(r[SIDE_A].before == 1000 && r[SIDE_A].after == 1000);
    assert_true(elo(p, 0) == 1000);
    size_t n;
    struct store_entry *rows = entry(p, battle_id(b), &n);
    assert_true(rows[0].seen);
    assert_int_equal(rows[0].verdict, RATING_FIRST);
    store_free_entries(rows, n);
    /* The store remembers it, too, when a later session takes it up. */
    int64_t id = battle_id(b);
    assert_int_equal(battle_undo(b, &p->e), 0);
    battle_close(b);
    assert_int_equal(battle_reopen(&b, &p->a, id, &p->e), 0);
    assert_false(battle_voted_seen(b));
    assert_int_equal(battle_vote(b, RATING_TIE, 1, &p->e), 0);
    assert_true(battle_voted_seen(b));
    battle_close(b);
}

static void assert_log(const char *path, const char *part, bool is_there)
{
    struct buf log;
    buf_init(&log, 1 << 20);
    assert_int_equal(buf_read_file(&log, path), 0);
    assert_int_equal(strstr(log.data, part) != NULL, is_there);
    buf_free(&log);
}

/* What a model's program prints may be its name. */
static void the_log_waits_for_the_names(void **state)
{
    struct arena_place *p = *state;
    char path[300];
    snprintf(path, sizeof(path), "%s.log", p->db);
    log_open(path);
    struct battle *b = begin(p, "hello");
    log_line("zorblax9 loaded");
    finish(p, b);
    assert_log(path, "loaded", false);
    assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), 0);
    assert_log(path, "zorblax9 loaded\n", true);
    log_line("after the vote");
    assert_log(path, "after the vote\n", true);
    battle_close(b);
    b = begin(p, "hello");
    log_line("said before nobody voted");
    battle_close(b);
    log_line("said later");
    assert_log(path, "nobody voted", false);
    assert_log(path, "said later", true);
    log_open("/dev/null");
    unlink(path);
}

static void cut_by_length_is_votable(void **state)
{
    struct arena_place *p = *state;
    struct battle *b = begin(p, "cut");
    finish(p, b);
    assert_int_equal(battle_state(b), BATTLE_VOTING);
    assert_int_equal(battle_vote(b, RATING_BAD, 1, &p->e), 0);
    assert_int_equal(battle_reveal(b)[SIDE_A].end->finish, FINISH_LENGTH);
    battle_close(b);
}

static void regenerated_answers_replace_the_old(void **state)
{
    struct arena_place *p = *state;
    struct store_answer_row *rows;
    size_t n;
    struct battle *b = begin(p, "hello");
    assert_int_equal(battle_regenerate(b, &p->e), -1);
    finish(p, b);
    assert_int_equal(battle_regenerate(b, &p->e), 0);
    assert_text(b, SIDE_A, "");
    finish(p, b);
    assert_text(b, SIDE_A, "Answer of A.");
    assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), 0);
    assert_int_equal(
        store_list_answers(p->a.store, battle_id(b), &rows, &n, &p->e), 0);
    assert_int_equal(n, 4);
    assert_int_equal(rows[3].round, 2);
    assert_string_not_equal(rows[0].settings, rows[2].settings); /* the seed */
    /* Both sides were asked alike. */
    assert_non_null(strstr(rows[2].settings, "\"system\":\"SYS\""));
    assert_int_equal(strcspn(rows[2].settings, "m"),
                     strcspn(rows[3].settings, "m"));
    assert_memory_equal(rows[2].settings, rows[3].settings,
                        strstr(rows[2].settings, "\"model\"") -
                            rows[2].settings);
    store_free_answers(rows, n);
    battle_close(b);
}

static void a_conversation_has_turns(void **state)
{
    struct arena_place *p = *state;
    struct store_answer_row *rows;
    size_t n;
    struct battle *b = begin(p, "hello");
    assert_int_equal(battle_follow_up(b, "more", &p->e), -1);
    finish(p, b);
    assert_int_equal(battle_follow_up(b, " \n", &p->e), -1);
    assert_int_equal(battle_follow_up(b, "more", &p->e), 0);
    assert_int_equal(battle_turn(b), 2);
    assert_string_equal(battle_prompt(b), "more");
    assert_string_equal(battle_past_prompt(b, 1), "hello");
    assert_string_equal(battle_past_text(b, 1, SIDE_A), "Answer of A.");
    assert_string_equal(battle_past_text(b, 1, SIDE_B), "B says no.");
    assert_null(battle_past_text(b, 2, SIDE_A));
    finish(p, b);
    assert_text(b, SIDE_A, "And more.");
    assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), 0);
    assert_int_equal(
        store_list_answers(p->a.store, battle_id(b), &rows, &n, &p->e), 0);
    assert_int_equal(n, 4);
    assert_int_equal(rows[3].turn, 2);
    assert_string_equal(rows[3].prompt, "more");
    store_free_answers(rows, n);
    battle_close(b);
}

/* After the vote both are asked further in a battle of its own, by name; the
 * vote, its battle and the ratings stay as they are. */
static void a_conversation_goes_on_by_name(void **state)
{
    struct arena_place *p = *state;
    struct store_answer_row *rows;
    struct battle *b = begin(p, "hello"), *next;
    size_t n, n_words;
    assert_int_equal(battle_go_on(&next, b, "more", &p->e), -1);
    finish(p, b);
    assert_int_equal(battle_follow_up(b, "cut", &p->e), 0);
    finish(p, b);
    assert_int_equal(battle_go_on(&next, b, "more", &p->e), -1);
    assert_int_equal(p->e.code, ERR_USAGE);
    assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), 0);
    assert_int_equal(battle_go_on(&next, b, " ", &p->e), -1);
    assert_int_equal(battle_go_on(&next, b, "more", &p->e), 0);
    int64_t id = battle_id(b);
    battle_close(b);
    assert_true(battle_id(next) != id);
    assert_int_equal(battle_turn(next), 3);
    assert_string_equal(battle_past_prompt(next, 1), "hello");
    assert_string_equal(battle_past_text(next, 2, SIDE_B), "Too lo");
    assert_string_equal(battle_compare_name(next, SIDE_A), "zorblax9");
    while (battle_state(next) == BATTLE_STREAMING) {
        int wait_ms;
        battle_step(next, clock_monotonic_ms(), &wait_ms);
        if (battle_state(next) == BATTLE_STREAMING)
            place_wait(p, wait_ms);
    }
    assert_text(next, SIDE_A, "And more.");
    assert_false(battle_may_vote(next));
    assert_int_equal(battle_vote(next, RATING_SECOND, 1, &p->e), -1);
    assert_int_equal(battle_follow_up(next, "cut", &p->e), 0);
    assert_int_equal(battle_turn(next), 4);
    battle_stop(next);
    battle_close(next);
    assert_true(elo(p, 0) == 1008 && elo(p, 1) == 992);
    /* The words that were said before are there; their cost counts once. */
    assert_int_equal(store_list_answers(p->a.store, id + 1, &rows, &n, &p->e),
                     0);
    assert_true(n >= 6);
    assert_string_equal(rows[1].text, "B says no.");
    assert_int_equal(rows[1].end.n_out, -1);
    assert_true(isnan(rows[1].end.cost));
    assert_int_equal(rows[2].end.finish, FINISH_LENGTH);
    assert_string_equal(rows[4].prompt, "more");
    /* When they came is known of those that came here. */
    assert_string_equal(rows[0].rhythm, "");
    assert_string_not_equal(rows[4].rhythm, "");
    assert_true(rhythm_fits(rows[4].rhythm, strlen(rows[4].text)));
    store_free_answers(rows, n);
    struct store_entry *found = entry(p, id, &n_words);
    assert_int_equal(found[0].state, STORE_VOTED);
    assert_int_equal(found[0].verdict, RATING_FIRST);
    store_free_entries(found, n_words);
    found = entry(p, id + 1, &n_words);
    assert_true(found[0].compare);
    store_free_entries(found, n_words);
}

static void a_stored_battle_is_taken_up_blind(void **state)
{
    struct arena_place *p = *state;
    struct battle *b = begin(p, "hello");
    int64_t id = battle_id(b);
    finish(p, b);
    assert_int_equal(battle_follow_up(b, "more", &p->e), 0);
    finish(p, b);
    battle_close(b); /* the session ends without a vote */
    assert_int_equal(battle_reopen(&b, &p->a, id, &p->e), 0);
    assert_int_equal(battle_state(b), BATTLE_VOTING);
    assert_sealed(b);
    assert_int_equal(battle_turn(b), 2);
    assert_string_equal(battle_prompt(b), "more");
    assert_string_equal(battle_past_text(b, 1, SIDE_B), "B says no.");
    assert_text(b, SIDE_A, "And more.");
    assert_int_equal(battle_regenerate(b, &p->e), -1);
    assert_int_equal(battle_follow_up(b, "x", &p->e), -1);
    assert_int_equal(battle_vote(b, RATING_SECOND, 1, &p->e), 0);
    assert_string_equal(battle_reveal(b)[SIDE_B].name, "vimtrop3");
    assert_true(battle_reveal(b)[SIDE_B].after == 1008);
    battle_close(b);
    assert_int_equal(battle_reopen(&b, &p->a, id, &p->e), -1);
    assert_int_equal(p->e.code, ERR_USAGE);
    assert_int_equal(battle_reopen(&b, &p->a, 12345, &p->e), -1);
}

static void named_battles_are_never_rated(void **state)
{
    struct arena_place *p = *state;
    struct battle_spec spec = {.prompt = "hello", .model = {1, 0},
                               .compare = true};
    struct battle *b;
    assert_int_equal(battle_open(&b, &p->a, &spec, &p->e), 0);
    assert_string_equal(battle_compare_name(b, SIDE_A), "vimtrop3");
    while (battle_state(b) == BATTLE_STREAMING) {
        battle_step(b, clock_monotonic_ms(), NULL);
        if (battle_state(b) == BATTLE_STREAMING)
            place_wait(p, -1);
    }
    assert_false(battle_may_vote(b));
    assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), -1);
    assert_int_equal(battle_reveal(b)[SIDE_B].end->n_out, 7);
    assert_int_equal(battle_follow_up(b, "more", &p->e), 0);
    battle_close(b);
    spec.prompt = "fail-a";
    assert_int_equal(battle_open(&b, &p->a, &spec, &p->e), 0);
    while (battle_state(b) == BATTLE_STREAMING) {
        battle_step(b, clock_monotonic_ms(), NULL);
        if (battle_state(b) == BATTLE_STREAMING)
            place_wait(p, -1);
    }
    assert_int_equal(battle_state(b), BATTLE_VOID);
    assert_string_equal(battle_reveal(b)[SIDE_A].name, "vimtrop3");
    battle_close(b);
}

static void names_in_answers_are_hidden(void **state)
{
    struct arena_place *p = *state;
    struct store_answer_row *answers;
    struct store_totals totals;
    size_t n;
    struct battle *b = begin(p, "who are you");
    finish(p, b);
    int64_t id = battle_id(b);
    assert_text(b, SIDE_A, "I am [hidden], and you?");
    assert_true(battle_has_leak(b));
    assert_int_equal(battle_follow_up(b, "more", &p->e), 0);
    finish(p, b);
    assert_string_equal(battle_past_text(b, 1, SIDE_A),
                        "I am [hidden], and you?");
    battle_close(b);
    /* Taken up again it is as blind. */
    assert_int_equal(battle_reopen(&b, &p->a, id, &p->e), 0);
    assert_string_equal(battle_past_text(b, 1, SIDE_A),
                        "I am [hidden], and you?");
    assert_text(b, SIDE_A, "And more.");
    assert_true(battle_has_leak(b));
    assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), 0);
    assert_true(battle_reveal(b)[SIDE_A].after == 1000);
    assert_true(elo(p, 0) == 1000);
    battle_close(b);
    struct store_entry *rows = entry(p, id, &n);
    assert_true(rows[0].leak);
    store_free_entries(rows, n);
    assert_int_equal(store_totals(p->a.store, &totals, &p->e), 0);
    assert_int_equal(totals.n_leak, 1);
    assert_int_equal(totals.n_rated, 0);
    /* What is stored is what was said. */
    assert_int_equal(store_list_answers(p->a.store, id, &answers, &n, &p->e),
                     0);
    assert_string_equal(answers[0].text, "I am zorblax9, and you?");
    store_free_answers(answers, n);
    b = begin(p, "hello");
    finish(p, b);
    assert_false(battle_has_leak(b));
    battle_close(b);
}

/* Text that turns out to be thinking leaves the screen, and is sealed. */
static void recalled_text_is_not_shown(void **state)
{
    struct arena_place *p = *state;
    struct battle *b = begin(p, "aloud");
    unsigned version = battle_text_version(b, SIDE_A);
    size_t n = 0;
    while (n == 0) { /* it is text until it is called back */
        int wait_ms;
        battle_step(b, clock_monotonic_ms(), &wait_ms);
        battle_text(b, SIDE_A, &n);
        if (n == 0)
            place_wait(p, wait_ms);
    }
    assert_int_equal(battle_text_version(b, SIDE_A), version);
    finish(p, b);
    assert_int_not_equal(battle_text_version(b, SIDE_A), version);
    assert_text(b, SIDE_A, "Done, and longer than the thinking was.");
    assert_int_equal(battle_vote(b, RATING_FIRST, 0, &p->e), 0);
    assert_string_equal(battle_reveal(b)[SIDE_A].thinking,
                        "Let me think aloud. Hm.");
    battle_close(b);
}

/* Opened ahead of its time: nothing of it is shown or stored until it is to be
 * seen; then it goes on as any other. */
static void ahead_leaves_no_trace(void **state)
{
    struct arena_place *p = *state;
    struct store_query all = {.limit = 0};
    struct store_entry *rows;
    size_t n;
    for (int seen = 0; seen < 2; seen++) {
        struct battle_spec spec = {.prompt = "hello", .category = "odd",
                                   .model = {0, 1}, .ahead = true};
        struct battle *b;
        assert_int_equal(battle_open(&b, &p->a, &spec, &p->e), 0);
        while (!battle_is_answered(b)) {
            assert_false(battle_step(b, clock_monotonic_ms(), NULL));
            if (!battle_is_answered(b))
                place_wait(p, -1);
        }
        battle_step(b, clock_monotonic_ms(), NULL);
        assert_int_equal(battle_state(b), BATTLE_STREAMING);
        assert_false(battle_may_vote(b));
        assert_text(b, SIDE_A, "");
        assert_sealed(b);
        assert_int_equal(store_list_entries(p->a.store, &all, &rows, &n, &p->e),
                         0);
        assert_int_equal(n, 0);
        store_free_entries(rows, n);
        if (seen) {
            assert_int_equal(battle_show(b, &p->e), 0);
            finish(p, b);
            assert_text(b, SIDE_A, "Answer of A.");
            assert_stored_blind(p, b, STORE_READY);
            rows = entry(p, battle_id(b), &n);
            assert_string_equal(rows[0].category, "odd");
            store_free_entries(rows, n);
            assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), 0);
            assert_true(elo(p, 0) == 1008);
        }
        battle_close(b);
    }
}

/* One that failed meanwhile turns out to be void when it is seen. */
static void ahead_may_have_failed(void **state)
{
    struct arena_place *p = *state;
    struct battle_spec spec = {.prompt = "fail-a", .model = {0, 1},
                               .ahead = true};
    struct battle *b;
    assert_int_equal(battle_open(&b, &p->a, &spec, &p->e), 0);
    while (!battle_is_answered(b)) {
        battle_step(b, clock_monotonic_ms(), NULL);
        if (!battle_is_answered(b))
            place_wait(p, -1);
    }
    assert_int_equal(battle_show(b, &p->e), 0);
    assert_true(battle_step(b, clock_monotonic_ms(), NULL));
    assert_int_equal(battle_state(b), BATTLE_VOID);
    assert_sealed(b);
    battle_close(b);
}

static void impossible_battles_are_refused(void **state)
{
    struct arena_place *p = *state;
    struct battle *b;
    struct battle_spec spec = {.prompt = " \t\n", .model = {0, 1}};
    assert_int_equal(battle_open(&b, &p->a, &spec, &p->e), -1);
    assert_int_equal(p->e.code, ERR_USAGE);
    spec.prompt = "x";
    spec.model[1] = 0;
    assert_int_equal(battle_open(&b, &p->a, &spec, &p->e), -1);
    spec.model[0] = spec.model[1] = -1;
    p->a.config.models[0].weight = 0;
    assert_int_equal(battle_open(&b, &p->a, &spec, &p->e), -1);
    assert_int_equal(p->e.code, ERR_CONFIG);
    assert_non_null(strstr(p->e.text, "arena models add"));
}

/* Drawn pairs change sides, and closing one in full flight is clean. */
static void pairs_are_drawn(void **state)
{
    struct arena_place *p = *state;
    bool seen[2] = {false, false};
    for (int i = 0; i < 40; i++) {
        struct battle_spec spec = {.prompt = "hello", .model = {-1, -1}};
        struct store_battle_row row;
        struct battle *b;
        assert_int_equal(battle_open(&b, &p->a, &spec, &p->e), 0);
        assert_int_equal(
            store_get_battle(p->a.store, battle_id(b), &row, &p->e), 0);
        assert_true(fabs(row.battle.probability - 1) < 1e-12);
        seen[strcmp(row.model[0], "zorblax9") == 0] = true;
        store_free_battle(&row);
        battle_close(b);
    }
    assert_true(seen[0] && seen[1]);
}

static void a_changed_model_starts_anew(void **state)
{
    struct arena_place *p = *state;
    int64_t old[2] = {p->a.model_ids[0], p->a.model_ids[1]};
    struct battle *b = begin(p, "hello");
    finish(p, b);
    assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), 0);
    battle_close(b);
    arena_close(&p->a);
    struct buf text;
    buf_init(&text, 4096);
    buf_add_str(&text, config_text);
    memcpy(strstr(text.data, "quux-a"), "quux-c", 6);
    place_write(p->config, text.data);
    buf_free(&text);
    place_open(p);
    assert_int_not_equal(p->a.model_ids[0], old[0]);
    assert_int_equal(p->a.model_ids[1], old[1]);
    assert_true(elo(p, 0) == 1000 && elo(p, 1) == 992);
    assert_int_equal(p->a.n_notes, 1);
    assert_non_null(strstr(p->a.notes[0], "zorblax9 is not the model it was"));
    /* And back, however often: two descriptions are two rows. */
    int64_t rows[2] = {p->a.model_ids[0], old[0]};
    for (int i = 0; i < 4; i++) {
        arena_close(&p->a);
        buf_init(&text, 4096);
        buf_add_str(&text, config_text);
        if (i % 2 == 1)
            memcpy(strstr(text.data, "quux-a"), "quux-c", 6);
        place_write(p->config, text.data);
        buf_free(&text);
        place_open(p);
        assert_int_equal(p->a.model_ids[0], rows[i % 2 == 0]);
        assert_true(elo(p, 0) == (i % 2 == 0 ? 1008 : 1000));
        assert_non_null(strstr(p->a.notes[0], "is again the model it once was"));
    }
    struct store_model *models;
    size_t n;
    assert_int_equal(store_list_models(p->a.store, &models, &n, &p->e), 0);
    assert_int_equal(n, 3);
    store_free_models(models, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_whole_battle),
        T(the_log_waits_for_the_names),
        T(undo_and_vote_again),
        T(cut_by_length_is_votable),
        T(regenerated_answers_replace_the_old),
        T(a_conversation_has_turns),
        T(a_conversation_goes_on_by_name),
        T(a_stored_battle_is_taken_up_blind),
        T(named_battles_are_never_rated),
        T(names_in_answers_are_hidden),
        T(recalled_text_is_not_shown),
        T(ahead_leaves_no_trace),
        T(ahead_may_have_failed),
        T(impossible_battles_are_refused),
        T(pairs_are_drawn),
        T(a_changed_model_starts_anew),
    };
    return TEST_RUN(tests);
}
