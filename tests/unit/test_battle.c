/* Battles on the replay backend and a store of their own. */
#include "tests/unit/arena_place.h"

#include <math.h>

#include "arena/battle.h"

/* Names, ids and errors that stand nowhere else, to be searched for. */
static const char config_text[] =
    "{ \"pace\": \"live\", \"system\": \"SYS\", \"models\": [\n"
    "{ \"name\": \"zorblax9\", \"backend\": \"replay\", \"id\": \"quux-a\",\n"
    "  \"script\": \"script.json\" },\n"
    "{ \"name\": \"vimtrop3\", \"backend\": \"replay\", \"id\": \"quux-b\",\n"
    "  \"script\": \"script.json\", \"price_in\": 1, \"price_out\": 2 } ] }\n";

static const char script_text[] =
    "{ \"chunk\": 3, \"answers\": [\n"
    "{ \"contains\": \"fail-a\", \"model\": \"quux-a\", \"text\": \"So f\",\n"
    "  \"error\": \"quux-a is down\" },\n"
    "{ \"contains\": \"fail-b\", \"model\": \"quux-b\", \"text\": \"So f\",\n"
    "  \"error\": \"quux-b is down\" },\n"
    "{ \"contains\": \"empty-a\", \"model\": \"quux-a\", \"text\": \" \" },\n"
    "{ \"contains\": \"empty-b\", \"model\": \"quux-b\", \"text\": \" \" },\n"
    "{ \"contains\": \"cut\", \"text\": \"Too lo\", \"finish\": \"length\" },\n"
    "{ \"contains\": \"hang\", \"text\": \"Begun\", \"stall\": true },\n"
    "{ \"contains\": \"mute-a\", \"model\": \"quux-a\", \"stall\": true },\n"
    "{ \"contains\": \"mute-a\", \"text\": \"Said\", \"stall\": true },\n"
    "{ \"contains\": \"who\", \"model\": \"quux-a\",\n"
    "  \"text\": \"I am zorblax9, and you?\" },\n"
    "{ \"contains\": \"aloud\", \"model\": \"quux-a\", \"aloud\": true,\n"
    "  \"delay_ms\": 5, \"thinking\": \"Let me think aloud. Hm.\",\n"
    "  \"text\": \"Done, and longer than the thinking was.\" },\n"
    "{ \"contains\": \"more\", \"text\": \"And more.\" },\n"
    "{ \"model\": \"quux-a\", \"thinking\": \"Thought of A.\", \n"
    "  \"text\": \"Answer of A.\", \"n_in\": 5, \"n_out\": 7 },\n"
    "{ \"text\": \"B says no.\", \"thinking\": \"Thought of B.\",\n"
    "  \"n_in\": 1000000, \"n_out\": 1000000 } ] }\n";

static int make(void **state)
{
    struct arena_place *p = place_make();
    place_write(p->config, config_text);
    place_write(p->script, script_text);
    place_open(p);
    *state = p;
    return 0;
}

static int unmake(void **state)
{
    struct arena_place *p = *state;
    arena_close(&p->a);
    place_remove(p);
    return 0;
}

/* A battle of zorblax9 on side A and vimtrop3 on side B. */
static struct battle *begin(struct arena_place *p, const char *prompt)
{
    struct battle_spec spec = {.prompt = prompt, .model = {0, 1}};
    struct battle *b;
    if (battle_open(&b, &p->a, &spec, &p->e) != 0)
        fail_msg("%s", p->e.text);
    assert_int_equal(battle_state(b), BATTLE_STREAMING);
    return b;
}

/* Nothing may give the sides away. */
static void assert_sealed(struct battle *b)
{
    assert_null(battle_reveal(b));
    assert_null(battle_known_name(b, SIDE_A));
    assert_null(battle_known_name(b, SIDE_B));
}

static void finish(struct arena_place *p, struct battle *b)
{
    while (battle_state(b) == BATTLE_STREAMING) {
        int wait_ms;
        assert_sealed(b);
        battle_step(b, clock_monotonic_ms(), &wait_ms);
        if (battle_state(b) == BATTLE_STREAMING)
            place_wait(p, wait_ms);
    }
}

static void assert_text(struct battle *b, enum battle_side side,
                        const char *want)
{
    size_t n;
    const char *text = battle_text(b, side, &n);
    assert_int_equal(n, strlen(want));
    assert_memory_equal(text, want, n);
}

static struct store_entry *entry(struct arena_place *p, int64_t id, size_t *n)
{
    struct store_query q = {.battle_id = id};
    struct store_entry *rows;
    assert_int_equal(store_list_entries(p->a.store, &q, &rows, n, &p->e), 0);
    assert_int_equal(*n, 1);
    return rows;
}

static void assert_stored(struct arena_place *p, struct battle *b,
                          enum store_battle_state state)
{
    size_t n;
    struct store_entry *rows = entry(p, battle_id(b), &n);
    assert_int_equal(rows[0].state, state);
    store_free_entries(rows, n);
}

static double elo(struct arena_place *p, int model)
{
    struct store_model *rows;
    size_t n;
    double found = NAN;
    assert_int_equal(store_list_models(p->a.store, &rows, &n, &p->e), 0);
    for (size_t i = 0; i < n; i++)
        if (rows[i].id == p->a.model_ids[model])
            found = rows[i].elo;
    store_free_models(rows, n);
    return found;
}

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
    assert_int_equal(battle_state(b), BATTLE_REVEALED);
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
    assert_false(battle_corrected(b));
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
    assert_true(rows[0].corrected);
    assert_int_equal(rows[0].verdict, RATING_FIRST);
    store_free_entries(rows, n);
    /* The store remembers it, too, when a later session takes it up. */
    int64_t id = battle_id(b);
    assert_int_equal(battle_undo(b, &p->e), 0);
    battle_close(b);
    assert_int_equal(battle_reopen(&b, &p->a, id, &p->e), 0);
    assert_false(battle_corrected(b));
    assert_int_equal(battle_vote(b, RATING_TIE, 1, &p->e), 0);
    assert_true(battle_corrected(b));
    battle_close(b);
}

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
        assert_stored(p, b, STORE_VOID);
        assert_true(elo(p, 0) == 1000 && elo(p, 1) == 1000);
        battle_close(b);
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

/* Steps until both sides show something. */
static void wait_for_text(struct arena_place *p, struct battle *b)
{
    for (;;) {
        size_t n[SIDE_N];
        int wait_ms;
        battle_step(b, clock_monotonic_ms(), &wait_ms);
        battle_text(b, SIDE_A, &n[0]);
        battle_text(b, SIDE_B, &n[1]);
        if (n[0] >= 5 && n[1] >= 5)
            return;
        place_wait(p, wait_ms);
    }
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
                               .named = true};
    struct battle *b;
    assert_int_equal(battle_open(&b, &p->a, &spec, &p->e), 0);
    assert_string_equal(battle_known_name(b, SIDE_A), "vimtrop3");
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
    assert_true(battle_leaked(b));
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
    assert_true(battle_leaked(b));
    assert_int_equal(battle_vote(b, RATING_FIRST, 1, &p->e), 0);
    assert_true(battle_reveal(b)[SIDE_A].after == 1000);
    assert_true(elo(p, 0) == 1000);
    battle_close(b);
    struct store_entry *rows = entry(p, id, &n);
    assert_true(rows[0].leak);
    store_free_entries(rows, n);
    assert_int_equal(store_totals(p->a.store, &totals, &p->e), 0);
    assert_int_equal(totals.n_leaked, 1);
    assert_int_equal(totals.n_rated, 0);
    /* What is stored is what was said. */
    assert_int_equal(store_list_answers(p->a.store, id, &answers, &n, &p->e),
                     0);
    assert_string_equal(answers[0].text, "I am zorblax9, and you?");
    store_free_answers(answers, n);
    b = begin(p, "hello");
    finish(p, b);
    assert_false(battle_leaked(b));
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
    assert_non_null(strstr(p->a.notes[0], "zorblax9 answers otherwise"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_whole_battle),
        T(undo_and_vote_again),
        T(a_failed_side_voids_for_both),
        T(a_void_battle_tells_when_asked),
        T(cut_by_length_is_votable),
        T(stopped_with_text_is_votable),
        T(stopped_without_text_is_void),
        T(skipping_stores_and_rates_nothing),
        T(regenerated_answers_replace_the_old),
        T(a_conversation_has_turns),
        T(a_stored_battle_is_taken_up_blind),
        T(named_battles_are_never_rated),
        T(names_in_answers_are_hidden),
        T(recalled_text_is_not_shown),
        T(early_votes_are_marked),
        T(impossible_battles_are_refused),
        T(pairs_are_drawn),
        T(a_changed_model_starts_anew),
    };
    return TEST_RUN(tests);
}
