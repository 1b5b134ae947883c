/* The store: votes, their ratings and counts, and undoing them. */
#include "tests/unit/store_place.h"

#include "arena/store/reasons.h"

/* --- votes -------------------------------------------------------------- */

static void a_vote_moves_ratings_history_and_counts(void **state)
{
    struct place *p = *state;
    struct store_vote_result r =
        record(p, "x", "y", NULL, RATING_FIRST, "human:me", NULL);
    assert_false(r.duplicate);
    assert_near(r.before[0], 1000, 0);
    assert_near(r.after[0], 1008, 1e-9);
    assert_near(r.after[1], 992, 1e-9);
    assert_near(elo_of(p, "x"), 1008, 1e-9);
    assert_int_equal(counted(p, NULL, 0, 1, RATING_FIRST), 1);
    assert_int_equal(counted(p, NULL, 1, 0, RATING_FIRST), 0);
    r = record(p, "y", "x", NULL, RATING_BAD, "human:me", NULL);
    /* Both-bad is a tie: E = 1 / (1 + 10^(16/400)), K (1/2 - E). */
    double change = 16 * (0.5 - 1 / (1 + pow(10, 16.0 / 400)));
    assert_near(r.after[0] - r.before[0], change, 1e-9);
    assert_int_equal(counted(p, NULL, 1, 0, RATING_BAD), 1);
    assert_int_equal(problems(p), 0);
}

static void the_same_id_counts_once(void **state)
{
    struct place *p = *state;
    struct store_vote_result first =
        record(p, "x", "y", NULL, RATING_FIRST, "human:me", "k1");
    record(p, "x", "y", NULL, RATING_FIRST, "human:me", "k2");
    struct store_vote_result again =
        record(p, "x", "y", NULL, RATING_FIRST, "human:me", "k1");
    assert_true(again.duplicate);
    assert_int_equal(again.vote_id, first.vote_id);
    assert_near(again.before[0], 1000, 0);
    assert_near(again.after[0], 1008, 1e-9);
    assert_int_equal(number(p, "SELECT count(*) FROM votes"), 2);
    assert_int_equal(number(p, "SELECT count(*) FROM models"), 2);
    assert_int_equal(problems(p), 0);
}

/* What is told to be recorded is what is stored. */
static void an_id_is_of_one_vote(void **state)
{
    struct place *p = *state;
    record(p, "x", "y", NULL, RATING_FIRST, "human:me", "k1");
    static const struct {
        const char *a, *b, *voter;
        enum rating_outcome verdict;
    } others[] = {
        {"u", "y", "human:me", RATING_FIRST},
        {"x", "yy", "human:me", RATING_FIRST},
        {"y", "x", "human:me", RATING_FIRST},
        {"x", "y", "human:you", RATING_FIRST},
        {"x", "y", "human:me", RATING_SECOND},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct store_vote v = {.verdict = others[i].verdict,
                               .voter = others[i].voter,
                               .external_id = "k1", .dwell_ms = -1};
        struct store_vote_result r;
        assert_int_equal(store_record(p->s, others[i].a, others[i].b, NULL, &v,
                                      &r, &p->e), -1);
        assert_int_equal(p->e.code, ERR_USAGE);
        assert_non_null(strstr(p->e.text, "battle 1, x against y, a by"));
    }
    assert_int_equal(number(p, "SELECT count(*) FROM votes"), 1);
    assert_int_equal(number(p, "SELECT count(*) FROM models"), 2);
    /* The row of a model that changed since has another name. */
    int64_t id;
    enum store_model_match m;
    assert_int_equal(store_put_model(p->s, "x", "old", &id, &m, &p->e), 0);
    assert_int_equal(store_replace_model(p->s, "x", "new", &id, &p->e), 0);
    assert_true(record(p, "x", "y", NULL, RATING_FIRST, "human:me",
                       "k1").duplicate);
}

static void a_battle_takes_one_vote_of_each_voter(void **state)
{
    struct place *p = *state;
    int64_t id = battle(p, "why?", false);
    assert_false(vote(p, id, RATING_FIRST, "human:me").duplicate);
    assert_true(vote(p, id, RATING_SECOND, "human:me").duplicate);
    assert_false(vote(p, id, RATING_SECOND, "human:you").duplicate);
    assert_int_equal(counted(p, NULL, 0, 1, RATING_FIRST), 1);
    assert_int_equal(counted(p, NULL, 0, 1, RATING_SECOND), 1);
    assert_int_equal(problems(p), 0);
}

static void votes_with_the_names_known_do_not_count(void **state)
{
    struct place *p = *state;
    struct store_vote_result r =
        vote(p, battle(p, "named", true), RATING_FIRST, "human:me");
    assert_near(r.after[0], r.before[0], 0);
    struct store_vote v = {.battle_id = battle(p, "late", false),
                           .voter = "human:me", .seen = true};
    assert_int_equal(store_vote(p->s, &v, &r, &p->e), 0);
    assert_near(r.after[0], 1000, 0);
    assert_int_equal(counted(p, NULL, 0, 1, RATING_FIRST), 0);
    struct store_totals t;
    assert_int_equal(store_totals(p->s, &t, &p->e), 0);
    assert_int_equal(t.n_rated, 0);
    assert_int_equal(t.n_compare, 1);
    assert_int_equal(t.n_seen, 1);
    assert_int_equal(problems(p), 0);
}

static void what_cannot_be_voted_on_is_refused(void **state)
{
    struct place *p = *state;
    struct store_vote v = {.battle_id = 77, .voter = "human:me"};
    struct store_vote_result r;
    assert_int_equal(store_vote(p->s, &v, &r, &p->e), -1);
    assert_int_equal(p->e.code, ERR_USAGE);
    v.battle_id = battle(p, "broken", false);
    assert_int_equal(store_set_battle_state(p->s, v.battle_id, STORE_VOID,
                                            &p->e), 0);
    assert_int_equal(store_vote(p->s, &v, &r, &p->e), -1);
    assert_int_equal(p->e.code, ERR_USAGE);
    assert_int_equal(store_record(p->s, "x", "x", NULL, &v, &r, &p->e), -1);
    assert_int_equal(p->e.code, ERR_USAGE);
    assert_int_equal(store_record(p->s, "", "x", NULL, &v, &r, &p->e), -1);
    assert_int_equal(store_record(p->s, "\xff", "x", NULL, &v, &r, &p->e), -1);
    v.voter = "me";
    assert_int_equal(store_record(p->s, "x", "y", NULL, &v, &r, &p->e), -1);
    assert_int_equal(p->e.code, ERR_USAGE);
    assert_int_equal(number(p, "SELECT count(*) FROM votes"), 0);
    assert_int_equal(problems(p), 0);
}

/* --- undo --------------------------------------------------------------- */

static void undo_is_as_if_the_vote_had_not_been(void **state)
{
    struct place *p = *state;
    double expected[4];
    many_votes(p, 7);
    for (int i = 0; i < 4; i++) {
        char name[] = {'m', (char)('0' + i), '\0'};
        expected[i] = elo_of(p, name);
    }
    store_close(p->s);
    p->s = NULL;
    unlink(p->path);
    place_reopen(p);
    many_votes(p, -1);
    assert_int_equal(store_undo(p->s, 8, "human:me", NULL, &p->e), 0);
    for (int i = 0; i < 4; i++) {
        char name[] = {'m', (char)('0' + i), '\0'};
        assert_near(elo_of(p, name), expected[i], 0);
    }
    assert_int_equal(number(p, "SELECT count(*) FROM votes"), 30);
    assert_int_equal(problems(p), 0);
    assert_int_equal(store_undo(p->s, 8, "human:me", NULL, &p->e), -1);
    assert_int_equal(p->e.code, ERR_USAGE);
}

static void undo_takes_the_voters_own_last_vote(void **state)
{
    struct place *p = *state;
    int64_t on, id = battle(p, "mine", false);
    vote(p, id, RATING_FIRST, "human:me");
    record(p, "x", "z", NULL, RATING_FIRST, "human:you", NULL);
    assert_int_equal(store_undo(p->s, 0, "human:me", &on, &p->e), 0);
    assert_int_equal(on, id);
    assert_int_equal(counted(p, NULL, 0, 1, RATING_FIRST), 0);
    assert_near(elo_of(p, "y"), 1000, 0);
    assert_near(elo_of(p, "x"), 1008, 1e-9);
    assert_int_equal(store_undo(p->s, 0, "human:me", &on, &p->e), -1);
    assert_int_equal(p->e.code, ERR_USAGE);
    assert_int_equal(problems(p), 0);
}

static void a_vote_after_undo_is_after_the_names(void **state)
{
    struct place *p = *state;
    int64_t id = battle(p, "again", false);
    vote(p, id, RATING_FIRST, "human:me");
    assert_int_equal(store_undo(p->s, 0, "human:me", NULL, &p->e), 0);
    struct store_entry entry = entry_of(p, id);
    assert_int_equal(entry.state, STORE_READY);
    assert_int_equal(entry.vote_id, 0);
    entry_free(&entry);
    struct store_vote_result r = vote(p, id, RATING_SECOND, "human:me");
    assert_false(r.duplicate);
    assert_true(r.seen);
    assert_near(r.after[1], 1000, 0);
    entry = entry_of(p, id);
    assert_true(entry.seen);
    assert_int_equal(entry.verdict, RATING_SECOND);
    entry_free(&entry);
    assert_int_equal(problems(p), 0);
}

static void settings_of_elo_belong_to_the_vote(void **state)
{
    struct place *p = *state;
    record(p, "x", "y", NULL, RATING_FIRST, "human:me", NULL);
    store_close(p->s);
    struct elo_params elo = {.k = 32, .base = 10, .scale = 400, .start = 1500};
    assert_int_equal(store_open(&p->s, p->path, &elo, &p->e), 0);
    struct store_vote_result r =
        record(p, "x", "z", NULL, RATING_TIE, "human:me", NULL);
    assert_near(r.before[1], 1500, 0);
    assert_int_equal(problems(p), 0);
    double x = elo_of(p, "x");
    place_reopen(p);
    assert_int_equal(store_rebuild(p->s, &p->e), 0);
    assert_near(elo_of(p, "x"), x, 0);
    assert_int_equal(problems(p), 0);
}

/* --- counts ------------------------------------------------------------- */

static void filters_choose_votes(void **state)
{
    struct place *p = *state;
    record(p, "x", "y", "code", RATING_FIRST, "human:me", NULL);
    record(p, "x", "y", "code", RATING_FIRST, "human:you", NULL);
    record(p, "x", "y", "chat", RATING_FIRST, "judge:j", NULL);
    record(p, "x", "y", NULL, RATING_FIRST, "human:me", NULL);
    struct store_filter f = {.category = "code"};
    assert_int_equal(counted(p, NULL, 0, 1, RATING_FIRST), 3);
    assert_int_equal(counted(p, &f, 0, 1, RATING_FIRST), 2);
    f = (struct store_filter){.category = "chat"};
    assert_int_equal(counted(p, &f, 0, 1, RATING_FIRST), 0);
    f.voter = STORE_EVERYBODY;
    assert_int_equal(counted(p, &f, 0, 1, RATING_FIRST), 1);
    f.category = NULL;
    assert_int_equal(counted(p, &f, 0, 1, RATING_FIRST), 4);
    f = (struct store_filter){.voter = "human"};
    assert_int_equal(counted(p, &f, 0, 1, RATING_FIRST), 3);
    f.voter = "judge:j";
    assert_int_equal(counted(p, &f, 0, 1, RATING_FIRST), 1);
    f.voter = "human:me";
    assert_int_equal(counted(p, &f, 0, 1, RATING_FIRST), 2);
    f.category = "code";
    assert_int_equal(counted(p, &f, 0, 1, RATING_FIRST), 1);
    f = (struct store_filter){.since_ms = 1};
    assert_int_equal(counted(p, &f, 0, 1, RATING_FIRST), 3);
    f.since_ms = INT64_MAX;
    assert_int_equal(counted(p, &f, 0, 1, RATING_FIRST), 0);
}

static void votes_are_told_apart_by_category_and_voter(void **state)
{
    static const char *const categories[] = {"", "chat", "code"};
    static const char *const voters[] = {"human:me", "human:you", "judge:j"};
    struct place *p = *state;
    char **names;
    size_t n;
    assert_int_equal(store_list_voters(p->s, &names, &n, &p->e), 0);
    assert_int_equal(n, 0);
    store_free_names(names, n);
    record(p, "x", "y", "code", RATING_FIRST, "human:me", NULL);
    record(p, "x", "y", "code", RATING_FIRST, "human:you", NULL);
    record(p, "x", "y", "chat", RATING_FIRST, "judge:j", NULL);
    record(p, "x", "y", NULL, RATING_FIRST, "human:me", NULL);
    assert_int_equal(store_list_categories(p->s, &names, &n, &p->e), 0);
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(names[i], categories[i]);
    store_free_names(names, n);
    assert_int_equal(store_list_voters(p->s, &names, &n, &p->e), 0);
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(names[i], voters[i]);
    store_free_names(names, n);
}

/* Neither when it is given nor when it is taken back. */
static void a_judges_vote_moves_no_rating(void **state)
{
    struct place *p = *state;
    struct store_filter judge = {.voter = "judge:j"};
    struct store_totals totals;
    record(p, "x", "y", NULL, RATING_FIRST, "human:me", NULL);
    double x = elo_of(p, "x");
    struct store_vote_result r =
        record(p, "y", "x", NULL, RATING_FIRST, "judge:j", NULL);
    assert_near(r.after[1], x, 0);
    assert_near(elo_of(p, "x"), x, 0);
    assert_int_equal(counted(p, &judge, 1, 0, RATING_FIRST), 1);
    assert_int_equal(store_totals(p->s, &totals, &p->e), 0);
    assert_int_equal(totals.n_rated, 1);
    assert_int_equal(totals.n_judged, 1);
    assert_int_equal(problems(p), 0);
    record(p, "x", "y", NULL, RATING_TIE, "human:me", NULL);
    double later = elo_of(p, "x");
    assert_int_equal(store_undo(p->s, r.vote_id, "judge:j", NULL, &p->e), 0);
    assert_near(elo_of(p, "x"), later, 0);
    assert_int_equal(counted(p, &judge, 1, 0, RATING_FIRST), 0);
    assert_int_equal(problems(p), 0);
    assert_int_equal(store_rebuild(p->s, &p->e), 0);
    assert_near(elo_of(p, "x"), later, 0);
}

static void a_vote_meets_no_time(void **state)
{
    struct place *p = *state;
    many_votes(p, -1);
    double before = elo_of(p, "m1");
    /* Clocks that jump back and forth: order is by id. */
    meddle(p, "UPDATE votes SET created_ms = CASE id % 4 WHEN 0 THEN 0 WHEN 1"
              " THEN 7258118400000 WHEN 2 THEN -3600000 ELSE created_ms END");
    assert_int_equal(problems(p), 0);
    assert_int_equal(store_rebuild(p->s, &p->e), 0);
    assert_near(elo_of(p, "m1"), before, 0);
    assert_int_equal(store_undo(p->s, 0, "human:me", NULL, &p->e), 0);
    assert_int_equal(number(p, "SELECT vote_id FROM withdrawals"), 30);
    assert_int_equal(problems(p), 0);
}

/* --- reasons ------------------------------------------------------------ */

static void assert_reason(struct place *p, int64_t battle_id, const char *voter,
                          const char *tags, const char *comment)
{
    struct reason r;
    reason_init(&r);
    assert_int_equal(reason_get(p->s, battle_id, voter, &r, &p->e), 0);
    assert_string_equal(r.tags, tags);
    assert_string_equal(r.comment, comment);
    reason_free(&r);
}

static void the_last_reason_of_each_voter_counts(void **state)
{
    struct place *p = *state;
    char **names, *long_text;
    size_t n;
    int64_t id = battle(p, "p", false);
    struct store_vote v = {.battle_id = id, .verdict = RATING_FIRST,
                           .voter = "human:you", .comment = "with the vote"};
    struct store_vote_result r;
    assert_int_equal(store_vote(p->s, &v, &r, &p->e), 0);
    assert_reason(p, id, NULL, "", "with the vote");
    assert_reason(p, id, "human:me", "", "");
    assert_int_equal(
        reason_put(p->s, id, "human:me", "wrong,short", "x\ny", &p->e), 0);
    assert_int_equal(reason_put(p->s, id, "human:me", "clear", "", &p->e), 0);
    assert_reason(p, id, "human:me", "clear", "");
    assert_reason(p, id, "human:you", "", "with the vote");
    assert_reason(p, id, NULL, "clear", "");
    assert_int_equal(reason_list_tags(p->s, &names, &n, &p->e), 0);
    assert_int_equal(n, 3);
    assert_string_equal(names[0], "clear");
    assert_string_equal(names[2], "wrong");
    store_free_names(names, n);
    assert_int_equal(reason_put(p->s, 99, "human:me", "", "", &p->e), -1);
    assert_int_equal(p->e.code, ERR_USAGE);
    long_text = mem_calloc(REASONS_MAX_BYTES + 2, 1);
    memset(long_text, 'x', REASONS_MAX_BYTES + 1);
    assert_int_equal(reason_put(p->s, id, "human:me", "", long_text, &p->e),
                     -1);
    free(long_text);
    assert_int_equal(problems(p), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_vote_moves_ratings_history_and_counts),
        T(the_same_id_counts_once),
        T(an_id_is_of_one_vote),
        T(a_battle_takes_one_vote_of_each_voter),
        T(votes_with_the_names_known_do_not_count),
        T(what_cannot_be_voted_on_is_refused),
        T(undo_is_as_if_the_vote_had_not_been),
        T(undo_takes_the_voters_own_last_vote),
        T(a_vote_after_undo_is_after_the_names),
        T(settings_of_elo_belong_to_the_vote),
        T(filters_choose_votes),
        T(votes_are_told_apart_by_category_and_voter),
        T(a_judges_vote_moves_no_rating),
        T(a_vote_meets_no_time),
        T(the_last_reason_of_each_voter_counts),
    };
    return TEST_RUN(tests);
}
