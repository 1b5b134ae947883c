/* The store: models, prompts, runs, battles, and looking back. */
#include "tests/unit/store_place.h"

/* --- models, prompts, runs ---------------------------------------------- */

static void a_model_is_its_name_and_description(void **state)
{
    struct place *p = *state;
    int64_t id, again, other;
    enum store_model_match m;
    assert_int_equal(store_put_model(p->s, "q", "t=0", &id, &m, &p->e), 0);
    assert_int_equal(m, STORE_MODEL_NEW);
    assert_int_equal(store_put_model(p->s, "q", "t=0", &again, &m, &p->e), 0);
    assert_int_equal(m, STORE_MODEL_SAME);
    assert_int_equal(again, id);
    assert_int_equal(store_put_model(p->s, "q", "t=1", &again, &m, &p->e), 0);
    assert_int_equal(m, STORE_MODEL_CHANGED);
    assert_int_equal(again, id);
    record(p, "q", "r", NULL, RATING_FIRST, "human:me", NULL);
    assert_int_equal(store_replace_model(p->s, "q", "t=1", &other, &p->e), 0);
    assert_int_not_equal(other, id);
    /* Another process, which saw the change as well. */
    assert_int_equal(store_replace_model(p->s, "q", "t=1", &again, &p->e), 0);
    assert_int_equal(again, other);
    assert_int_equal(number(p, "SELECT count(*) FROM models"), 3);
    assert_near(elo_of(p, "q~1"), 1008, 1e-9);
    assert_near(elo_of(p, "q"), 1000, 0);
    assert_int_equal(store_redescribe_model(p->s, other, "t=2", &p->e), 0);
    assert_int_equal(store_put_model(p->s, "q", "t=2", &again, &m, &p->e), 0);
    assert_int_equal(m, STORE_MODEL_SAME);
    /* "r" came from a vote; its first description is taken. */
    assert_int_equal(store_put_model(p->s, "r", "t=9", &id, &m, &p->e), 0);
    assert_int_equal(m, STORE_MODEL_SAME);
    assert_int_equal(store_put_model(p->s, "r", "t=8", &id, &m, &p->e), 0);
    assert_int_equal(m, STORE_MODEL_CHANGED);
    assert_int_equal(store_redescribe_model(p->s, 999, "", &p->e), -1);
}

static void a_run_keeps_its_settings(void **state)
{
    struct place *p = *state;
    int64_t id, again;
    const char *all = "{\"models\":[\"x\"],\"pairs\":\"all\"}";
    assert_int_equal(store_put_run(p->s, "r1", all, &id, &p->e), 0);
    assert_int_equal(store_put_run(p->s, "r1", all, &again, &p->e), 0);
    assert_int_equal(again, id);
    assert_int_equal(store_put_run(p->s, "r1", "{\"models\":[\"x\"],\"pairs\":"
                                   "\"sample:3\"}", &again, &p->e), -1);
    assert_int_equal(p->e.code, ERR_USAGE);
    assert_non_null(strstr(p->e.text, "\"pairs\" was \"all\", is now "
                                      "\"sample:3\""));
    assert_int_equal(store_find_run(p->s, "r1", &again, &p->e), 0);
    assert_int_equal(again, id);
    assert_int_equal(store_find_run(p->s, "1", &again, &p->e), 0);
    assert_int_equal(store_find_run(p->s, "r2", &again, &p->e), -1);
    assert_int_equal(p->e.code, ERR_USAGE);
}

static void a_run_finds_its_battles(void **state)
{
    struct place *p = *state;
    int64_t run, id, found;
    enum store_battle_state st;
    struct store_battle b = {.state = STORE_OPEN, .pace = "hold"};
    enum store_model_match m;
    store_put_run(p->s, "r", "{}", &run, &p->e);
    store_put_model(p->s, "x", "", &b.model_id[0], &m, &p->e);
    store_put_model(p->s, "y", "", &b.model_id[1], &m, &p->e);
    store_put_prompt(p->s, "q", NULL, "7", &b.prompt_id, &p->e);
    b.run_id = run;
    assert_int_equal(store_add_battle(p->s, &b, &id, &p->e), 0);
    assert_int_equal(store_find_run_battle(p->s, run, b.prompt_id, b.model_id,
                                           &found, &st, &p->e), 0);
    assert_int_equal(found, id);
    assert_int_equal(st, STORE_OPEN);
    int64_t turned[2] = {b.model_id[1], b.model_id[0]};
    assert_int_equal(store_find_run_battle(p->s, run, b.prompt_id, turned,
                                           &found, &st, &p->e), 0);
    assert_int_equal(found, 0);
}

/* --- looking back ------------------------------------------------------- */

static void names_stay_sealed_until_a_person_voted(void **state)
{
    struct place *p = *state;
    int64_t id = battle(p, "secret", false);
    struct store_entry entry = entry_of(p, id);
    assert_null(entry.model[0]);
    assert_null(entry.model[1]);
    entry_free(&entry);
    vote(p, id, RATING_FIRST, "judge:j");
    entry = entry_of(p, id);
    assert_int_equal(entry.state, STORE_READY);
    assert_null(entry.model[0]);
    entry_free(&entry);
    vote(p, id, RATING_SECOND, "human:me");
    entry = entry_of(p, id);
    assert_string_equal(entry.model[0], "x");
    assert_string_equal(entry.voter, "human:me");
    assert_int_equal(entry.verdict, RATING_SECOND);
    entry_free(&entry);
    assert_int_equal(problems(p), 0);
}

static size_t found(struct place *p, const char *words)
{
    struct store_query q = {.search = words};
    struct store_entry *rows;
    size_t n;
    if (store_list_entries(p->s, &q, &rows, &n, &p->e) != 0)
        fail_msg("%s: %s", words, p->e.text);
    store_free_entries(rows, n);
    return n;
}

static void search_finds_words_and_is_no_language(void **state)
{
    struct place *p = *state;
    int64_t voted = battle(p, "Why is the sky blue?", false);
    battle(p, "Na\xc3\xafve 100% \"quoted\" words", true);
    vote(p, voted, RATING_FIRST, "human:me");
    for (int i = 0; i < 2; i++) {
        p->s->has_search &= i == 0; /* then as without the index */
        assert_int_equal(found(p, "sky"), 1);
        assert_int_equal(found(p, "SKY blu"), 1);
        assert_int_equal(found(p, "right"), 2);
        assert_int_equal(found(p, "nothing"), 0);
        assert_int_equal(found(p, "  "), 2);
        assert_int_equal(found(p, "100%"), 1);
        assert_int_equal(found(p, "\"quoted"), 1);
        assert_int_equal(found(p, "prompt:sky"), 0);
        assert_int_equal(found(p, "sky OR naive"), 0);
        found(p, "* ( ) NEAR \" ^ -");
    }
}

/* The index lags behind the answers until somebody searches. */
static void search_finds_what_came_after_the_last_search(void **state)
{
    struct place *p = *state;
    if (!p->s->has_search)
        skip();
    battle(p, "Why is the sky blue?", true);
    assert_int_equal(number(p, "SELECT count(*) FROM search_docsize"), 0);
    assert_int_equal(found(p, "sky"), 1);
    int64_t n = number(p, "SELECT count(*) FROM answers");
    assert_int_equal(number(p, "SELECT count(*) FROM search_docsize"), n);
    battle(p, "Why is the grass green?", true);
    place_reopen(p);
    assert_int_equal(found(p, "grass"), 1);
    assert_int_equal(found(p, "why"), 2);
    battle(p, "Why is the sea salty?", true);
    assert_int_equal(problems(p), 0);
    n = number(p, "SELECT count(*) FROM answers");
    assert_int_equal(number(p, "SELECT count(*) FROM search_docsize"), n);
}

static void answers_are_not_searched_before_the_vote(void **state)
{
    struct place *p = *state;
    bool has_search = p->s->has_search;
    int64_t id = battle(p, "Why is the sky blue?", false);
    for (int i = 0; i < 4; i++) {
        p->s->has_search = has_search && i % 2 == 0;
        if (i == 2)
            vote(p, id, RATING_FIRST, "human:me");
        assert_int_equal(found(p, "sky"), 1);
        assert_int_equal(found(p, "right"), i < 2 ? 0 : 1);
    }
}

static void lists_are_newest_first_and_unvoted_oldest_first(void **state)
{
    struct place *p = *state;
    int64_t ids[3];
    for (int i = 0; i < 3; i++)
        ids[i] = battle(p, i ? "b" : "a", false);
    vote(p, ids[1], RATING_FIRST, "human:me");
    struct store_query q = {.limit = 2};
    struct store_entry *rows;
    size_t n;
    assert_int_equal(store_list_entries(p->s, &q, &rows, &n, &p->e), 0);
    assert_int_equal(n, 2);
    assert_int_equal(rows[0].battle_id, ids[2]);
    assert_int_equal(rows[1].battle_id, ids[1]);
    store_free_entries(rows, n);
    q = (struct store_query){.unvoted = true};
    assert_int_equal(store_list_entries(p->s, &q, &rows, &n, &p->e), 0);
    assert_int_equal(n, 2);
    assert_int_equal(rows[0].battle_id, ids[0]);
    assert_int_equal(rows[1].battle_id, ids[2]);
    store_free_entries(rows, n);
}

/* What still wants a blind vote, and was fought on its own. */
static void waiting_battles_are_neither_named_nor_of_a_run(void **state)
{
    struct place *p = *state;
    int64_t run;
    battle(p, "compare", true);
    int64_t alone = battle(p, "alone", false);
    int64_t in_run = battle(p, "in a run", false);
    assert_int_equal(store_put_run(p->s, "r", "{}", &run, &p->e), 0);
    meddle(p, "UPDATE battles SET run_id = 1 WHERE id = 3");
    assert_int_equal(in_run, 3);
    struct store_query q = {.unvoted = true};
    struct store_entry *rows;
    size_t n;
    assert_int_equal(store_list_entries(p->s, &q, &rows, &n, &p->e), 0);
    assert_int_equal(n, 2);
    store_free_entries(rows, n);
    q.run_id = STORE_NO_RUN;
    assert_int_equal(store_list_entries(p->s, &q, &rows, &n, &p->e), 0);
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].battle_id, alone);
    store_free_entries(rows, n);
    q.run_id = run;
    assert_int_equal(store_list_entries(p->s, &q, &rows, &n, &p->e), 0);
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].battle_id, in_run);
    store_free_entries(rows, n);
}

static void answers_come_back_as_they_went_in(void **state)
{
    struct place *p = *state;
    int64_t id = battle(p, "what?", false);
    struct store_answer again[2] = {
        {.battle_id = id, .side = 0, .turn = 1, .round = 2, .prompt = "what?",
         .text = "\x1b[31m\xff raw", .thinking = "hm", .settings = "s",
         .chances = "~#!(", .rhythm = "12+10"},
        {.battle_id = id, .side = 1, .turn = 1, .round = 2, .prompt = "what?",
         .text = "", .thinking = "", .settings = "s"},
    };
    for (int i = 0; i < 2; i++)
        answer_end_init(&again[i].end);
    again[0].end.finish = FINISH_STOP;
    again[0].end.cost = 0.25;
    again[0].end.first_ms = 12;
    again[0].end.n_in = 9;
    again[0].end.n_cached = 4;
    memcpy(again[1].end.note, "without seed", 13);
    again[1].end.finish = FINISH_ERROR;
    err_set(&again[1].end.error, ERR_AUTH, "key refused");
    memcpy(again[1].end.request_id, "req-1", 6);
    assert_int_equal(store_put_answers(p->s, again, STORE_VOID, &p->e), 0);
    struct store_answer_row *rows;
    size_t n;
    assert_int_equal(store_list_answers(p->s, id, &rows, &n, &p->e), 0);
    assert_int_equal(n, 4);
    assert_int_equal(rows[0].round, 1);
    assert_int_equal(rows[0].end.n_out, 5);
    assert_int_equal(rows[0].end.n_in, -1);
    assert_true(isnan(rows[0].end.cost));
    assert_int_equal(rows[1].end.finish, FINISH_LENGTH);
    assert_string_equal(rows[2].text, "\x1b[31m\xff raw");
    assert_string_equal(rows[2].thinking, "hm");
    assert_string_equal(rows[2].chances, "~#!(");
    assert_string_equal(rows[3].chances, "");
    assert_string_equal(rows[2].rhythm, "12+10");
    assert_string_equal(rows[3].rhythm, "");
    assert_near(rows[2].end.cost, 0.25, 0);
    assert_int_equal(rows[2].end.first_ms, 12);
    assert_int_equal(rows[2].end.n_cached, 4);
    assert_string_equal(rows[2].end.note, "");
    assert_int_equal(rows[3].end.n_cached, -1);
    assert_string_equal(rows[3].end.note, "without seed");
    assert_int_equal(rows[0].end.n_cached, -1);
    assert_int_equal(rows[3].end.finish, FINISH_ERROR);
    assert_int_equal(rows[3].end.error.code, ERR_AUTH);
    assert_string_equal(rows[3].end.error.text, "key refused");
    assert_string_equal(rows[3].end.request_id, "req-1");
    store_free_answers(rows, n);
    /* The same turn and round twice: nothing is stored. */
    assert_int_equal(store_put_answers(p->s, again, STORE_READY, &p->e), -1);
    struct store_entry entry = entry_of(p, id);
    assert_int_equal(entry.state, STORE_VOID);
    entry_free(&entry);
    assert_int_equal(problems(p), 0);
}

static struct store_usage usage_of(struct place *p, const char *name)
{
    struct store_model *models;
    struct store_usage usage[8], found = {0};
    size_t n;
    assert_int_equal(store_list_models(p->s, &models, &n, &p->e), 0);
    assert_true(n <= 8);
    if (store_usage(p->s, models, n, usage, &p->e) != 0)
        fail_msg("%s", p->e.text);
    for (size_t i = 0; i < n; i++)
        if (strcmp(models[i].name, name) == 0)
            found = usage[i];
    store_free_models(models, n);
    return found;
}

static struct store_per_answer each_of(struct place *p, const char *name)
{
    struct store_model *models;
    struct store_per_answer each[8], found = {0};
    size_t n;
    assert_int_equal(store_list_models(p->s, &models, &n, &p->e), 0);
    assert_true(n <= 8);
    if (store_per_answer(p->s, models, n, each, &p->e) != 0)
        fail_msg("%s", p->e.text);
    for (size_t i = 0; i < n; i++)
        if (strcmp(models[i].name, name) == 0)
            found = each[i];
    store_free_models(models, n);
    return found;
}

static void add_answer(struct place *p, int64_t id, int side, int round,
                       int64_t n_out, int64_t first_ms, int64_t total_ms,
                       double cost)
{
    struct store_answer x = {.battle_id = id, .side = side, .turn = 1,
                             .round = round, .prompt = "", .text = "",
                             .thinking = "", .settings = ""};
    answer_end_init(&x.end);
    x.end.finish = FINISH_STOP;
    x.end.n_out = n_out;
    x.end.first_ms = first_ms;
    x.end.total_ms = total_ms;
    x.end.cost = cost;
    if (round == 99) {
        x.end.finish = FINISH_ERROR;
        err_set(&x.end.error, ERR_FAILURE, "it broke");
    }
    if (store_add_answers(p->s, &x, 1, STORE_READY, &p->e) != 0)
        fail_msg("%s", p->e.text);
}

/* x on side A, y on side B; each answer says what it knows. */
static void answers_are_summed_up(void **state)
{
    struct place *p = *state;
    int64_t id = battle(p, "p", false);
    struct store_usage none = usage_of(p, "x");
    assert_true(isnan(none.first_ms) && isnan(none.cost_per_1k) &&
                isnan(none.tokens_per_second));
    add_answer(p, id, 0, 2, 101, 200, 1200, 0.5);
    add_answer(p, id, 0, 3, 201, 400, 2400, NAN); /* no price known */
    add_answer(p, id, 0, 4, -1, -1, 900, NAN);    /* tells nothing */
    add_answer(p, id, 0, 5, 99, -1, 980, 0);      /* first token not timed */
    add_answer(p, id, 0, 99, 7, 9999, 99999, 9);  /* failed */
    add_answer(p, id, 1, 2, 1, 50, 60, 0);        /* one token has no speed */
    vote(p, id, RATING_TIE, "human:me");
    struct store_usage x = usage_of(p, "x"), y = usage_of(p, "y");
    assert_near(x.first_ms, 300, 1e-9);
    assert_near(x.tokens_per_second, 1000 * (100 + 200 + 98) / 3980.0, 1e-9);
    assert_near(x.cost_per_1k, 1000 * 0.5 / (101 + 99), 1e-12);
    assert_near(y.first_ms, 50, 1e-9);
    assert_near(y.cost_per_1k, 0, 1e-12);
    assert_true(isnan(y.tokens_per_second));
    assert_int_equal(problems(p), 0);
    /* What a server claims may be any number. */
    id = battle(p, "q", false);
    for (int i = 6; i < 9; i++)
        add_answer(p, id, 1, i, INT64_MAX, INT64_MAX - 1, INT64_MAX, 1e308);
    vote(p, id, RATING_TIE, "human:me");
    assert_int_equal(problems(p), 0);
    usage_of(p, "y");
}

/* What one answer took; those that do not say are left out, and counted. */
static void an_answer_has_its_means(void **state)
{
    struct place *p = *state;
    int64_t id = battle(p, "p", false);
    add_answer(p, id, 0, 2, 101, 200, 1200, 0.5);
    add_answer(p, id, 0, 3, 201, 400, 2400, NAN);   /* no price known */
    add_answer(p, id, 0, 4, 30, -1, -1, 0.25);      /* no time known */
    add_answer(p, id, 0, 99, 7, 9999, 99999, 9);    /* failed */
    add_answer(p, id, 1, 2, -1, -1, -1, NAN);       /* tells nothing */
    struct store_per_answer x = each_of(p, "x");
    assert_true(x.n == 0 && isnan(x.seconds)); /* the names are hidden */
    vote(p, id, RATING_TIE, "human:me");
    x = each_of(p, "x");
    struct store_per_answer y = each_of(p, "y");
    assert_int_equal(x.n, 4); /* with battle()'s own, which says nothing */
    assert_int_equal(x.n_timed, 2);
    assert_int_equal(x.n_priced, 2);
    assert_near(x.seconds, 1.8, 1e-9);
    assert_near(x.cost, 0.375, 1e-12);
    assert_int_equal(y.n, 2);
    assert_int_equal(y.n_timed + y.n_priced, 0);
    assert_true(isnan(y.seconds) && isnan(y.cost));
    id = battle(p, "q", false);
    for (int i = 6; i < 9; i++) /* a server may claim anything */
        add_answer(p, id, 1, i, INT64_MAX, INT64_MAX - 1, INT64_MAX, 1e308);
    vote(p, id, RATING_TIE, "human:me");
    y = each_of(p, "y");
    assert_true(y.seconds > 9e15 && isnan(y.cost));
}

/* Until a battle's models may be known, nothing counts that its answers say:
 * the numbers would tell who has just answered. */
static void sums_tell_nothing_before_the_vote(void **state)
{
    struct place *p = *state;
    struct store_battle_row row;
    int64_t id = battle(p, "p", false);
    add_answer(p, id, 0, 2, 101, 200, 1200, 0.5);
    assert_true(isnan(usage_of(p, "x").first_ms));
    vote(p, id, RATING_TIE, "judge:j"); /* leaves it blind for people */
    assert_true(isnan(usage_of(p, "x").first_ms));
    vote(p, id, RATING_TIE, "human:me");
    assert_near(usage_of(p, "x").first_ms, 200, 1e-9);
    vote(p, id, RATING_TIE, "human:you"); /* counts once */
    assert_near(usage_of(p, "x").first_ms, 200, 1e-9);
    assert_int_equal(problems(p), 0);
    /* The names have been seen, whatever becomes of the vote. */
    assert_int_equal(store_undo(p->s, 0, "human:me", NULL, &p->e), 0);
    assert_int_equal(store_undo(p->s, 0, "human:you", NULL, &p->e), 0);
    assert_int_equal(problems(p), 0);
    vote(p, id, RATING_TIE, "human:me");
    assert_int_equal(problems(p), 0);
    /* Void and skipped ones are told too; with names, from the start. */
    static const enum store_battle_state over[] = {STORE_SKIPPED, STORE_VOID};
    for (int i = 0; i < 2; i++) {
        id = battle(p, "p", false);
        add_answer(p, id, 0, 2, 101, 800 + 600 * i, 9000, 0.5);
        assert_near(usage_of(p, "x").first_ms, 200 + 300 * i, 1e-9);
        assert_int_equal(store_set_battle_state(p->s, id, over[i], &p->e), 0);
        assert_near(usage_of(p, "x").first_ms, 500 + 300 * i, 1e-9);
    }
    add_answer(p, battle(p, "p", true), 0, 2, 101, 0, 9000, 0.5);
    assert_near(usage_of(p, "x").first_ms, 600, 1e-9);
    /* A void one of a run is asked again. */
    id = battle(p, "p", false);
    assert_int_equal(store_get_battle(p->s, id, &row, &p->e), 0);
    assert_int_equal(store_put_run(p->s, "r", "{}", &row.battle.run_id, &p->e),
                     0);
    assert_int_equal(store_add_battle(p->s, &row.battle, &id, &p->e), 0);
    store_free_battle(&row);
    add_answer(p, id, 0, 2, 101, 0, 9000, 0.5);
    assert_int_equal(store_set_battle_state(p->s, id, STORE_VOID, &p->e), 0);
    assert_near(usage_of(p, "x").first_ms, 600, 1e-9);
    assert_int_equal(problems(p), 0);
}

/* A file of version 1 had no sums: opening it makes them. */
static void sums_come_with_version_2(void **state)
{
    struct place *p = *state;
    int64_t id = battle(p, "p", false);
    add_answer(p, id, 0, 2, 101, 200, 1200, 0.5);
    vote(p, id, RATING_TIE, "human:me");
    store_close(p->s);
    p->s = NULL;
    meddle(p, AS_VERSION_3 "DROP TABLE answer_sums; PRAGMA user_version=1");
    place_reopen(p);
    assert_near(usage_of(p, "x").first_ms, 200, 1e-9);
    assert_int_equal(problems(p), 0);
    assert_int_equal(number(p, "PRAGMA user_version"), 13);
}

/* Version 8 keeps beside the answers what few of them have. */
static void asides_come_with_version_8(void **state)
{
    struct place *p = *state;
    int64_t id = battle(p, "p", false);
    add_answer(p, id, 0, 2, 101, 200, 1200, 0.5);
    store_close(p->s);
    p->s = NULL;
    meddle(p, "DROP TABLE asides; DROP TABLE reasons; DROP TABLE chances;"
              " DROP TABLE rhythms; PRAGMA user_version=7");
    place_reopen(p);
    assert_int_equal(number(p, "SELECT count(*) FROM asides"), 0);
    assert_int_equal(problems(p), 0);
    assert_int_equal(number(p, "PRAGMA user_version"), 13);
}

/* One of version 2 had all answers in them. */
static void sums_are_blind_from_version_3(void **state)
{
    struct place *p = *state;
    add_answer(p, battle(p, "p", false), 0, 2, 101, 200, 1200, 0.5);
    store_close(p->s);
    p->s = NULL;
    meddle(p, AS_VERSION_3
              "INSERT INTO answer_sums VALUES (1, 1, 200, 100, 1000, 1, 0.5,"
              " 101); PRAGMA user_version=2");
    place_reopen(p);
    assert_true(isnan(usage_of(p, "x").first_ms));
    assert_int_equal(problems(p), 0);
    assert_int_equal(number(p, "PRAGMA user_version"), 13);
}

/* The check finds sums that are wrong, missing or too many; a rebuild mends. */
static void sums_are_proved(void **state)
{
    struct place *p = *state;
    int64_t id = battle(p, "p", false);
    add_answer(p, id, 0, 2, 101, 200, 1200, 0.5);
    vote(p, id, RATING_TIE, "human:me");
    static const char *const harms[] = {
        "UPDATE answer_sums SET first_ms = first_ms + 1",
        "UPDATE answer_sums SET cost = 0.4 WHERE model_id = 1",
        "DELETE FROM answer_sums WHERE model_id = 1",
        "INSERT INTO models VALUES (9, 'z', '', 0);"
        "INSERT INTO answer_sums VALUES (9, 1, 1, 1, 1, 1, 1, 1)",
    };
    for (size_t i = 0; i < sizeof(harms) / sizeof(harms[0]); i++) {
        assert_int_equal(problems(p), 0);
        meddle(p, harms[i]);
        assert_true(problems(p) > 0);
        assert_int_equal(store_rebuild(p->s, &p->e), 0);
    }
    assert_int_equal(problems(p), 0);
    assert_near(usage_of(p, "x").cost_per_1k, 1000 * 0.5 / 101, 1e-12);
}

/* The course ends at what the ratings are, begins with the first vote, and its
 * steps are equal parts of the votes. */
static void the_course_of_ratings(void **state)
{
    struct place *p = *state;
    struct store_model *models;
    struct store_course c;
    size_t n;
    double after[3];
    for (int i = 0; i < 6; i++) {
        record(p, "x", i < 4 ? "y" : "z", "", i % 3 ? RATING_SECOND
                                                    : RATING_FIRST,
               "human:me", NULL);
        if (i % 2 == 1)
            after[i / 2] = elo_of(p, "x");
    }
    assert_int_equal(store_undo(p->s, 0, "human:me", NULL, &p->e), 0);
    assert_int_equal(store_list_models(p->s, &models, &n, &p->e), 0);
    assert_int_equal(store_course(p->s, models, n, 100, &c, &p->e), 0);
    assert_int_equal(c.n_votes, 5);
    assert_int_equal(c.n_steps, 5);
    for (size_t i = 0; i < n; i++) {
        const double *course = c.ratings + i * c.n_steps;
        assert_near(course[4], models[i].elo, 1e-9);
        if (strcmp(models[i].name, "x") == 0) {
            assert_near(course[1], after[0], 1e-9);
            assert_near(course[3], after[1], 1e-9);
        }
        if (strcmp(models[i].name, "z") == 0)
            assert_true(isnan(course[3]));
    }
    store_free_course(&c);
    assert_int_equal(store_course(p->s, models, n, 2, &c, &p->e), 0);
    assert_int_equal(c.n_steps, 2);
    for (size_t i = 0; i < n; i++)
        assert_near(c.ratings[i * 2 + 1], models[i].elo, 1e-9);
    store_free_course(&c);
    store_free_models(models, n);
}

static void no_votes_have_no_course(void **state)
{
    struct place *p = *state;
    struct store_course c;
    assert_int_equal(store_course(p->s, NULL, 0, 10, &c, &p->e), 0);
    assert_int_equal(c.n_steps, 0);
    store_free_course(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_model_is_its_name_and_description),
        T(a_run_keeps_its_settings),
        T(a_run_finds_its_battles),
        T(names_stay_sealed_until_a_person_voted),
        T(search_finds_words_and_is_no_language),
        T(search_finds_what_came_after_the_last_search),
        T(answers_are_not_searched_before_the_vote),
        T(lists_are_newest_first_and_unvoted_oldest_first),
        T(waiting_battles_are_neither_named_nor_of_a_run),
        T(answers_come_back_as_they_went_in),
        T(the_course_of_ratings),
        T(no_votes_have_no_course),
        T(answers_are_summed_up),
        T(an_answer_has_its_means),
        T(sums_tell_nothing_before_the_vote),
        T(sums_come_with_version_2),
        T(asides_come_with_version_8),
        T(sums_are_blind_from_version_3),
        T(sums_are_proved),
    };
    return TEST_RUN(tests);
}
