/* Battles that come in many at a time, and what follows from them. */
#include "arena/store/bulk.h"

#include "store_place.h"

static struct bulk *begin(struct place *p)
{
    struct bulk *b;
    uint64_t n_rows;
    if (bulk_open(&b, p->s, "0a", "test", &n_rows, &p->e) != 0)
        fail_msg("%s", p->e.text);
    return b;
}

static void end(struct place *p, struct bulk *b)
{
    if (bulk_commit(b, 1, true, &p->e) != 0)
        fail_msg("%s", p->e.text);
    bulk_close(b);
}

static struct bulk_vote vote_as(const char *voter, const char *external_id)
{
    return (struct bulk_vote){.verdict = RATING_FIRST,
                              .voter = voter,
                              .attempt = 1,
                              .external_id = external_id,
                              .dwell_ms = -1,
                              .elo = elo_defaults(),
                              .p_a = NAN,
                              .created_ms = 1};
}

static int add(struct place *p, struct bulk *b, const char *other,
               struct bulk_vote *votes, size_t n)
{
    const struct bulk_battle x = {.model = {"m", other},
                                  .prompt = "",
                                  .category = "",
                                  .state = votes[0].withdrawn_by
                                               ? STORE_SKIPPED
                                               : STORE_VOTED,
                                  .probability = NAN,
                                  .pace = "",
                                  .created_ms = 1,
                                  .votes = votes,
                                  .n_votes = n};
    return bulk_add(b, &x, &p->e);
}

/* Rows wait for others to come: what they say is known all the same. */
static void a_vote_that_waits_is_known_by_its_id(void **state)
{
    struct place *p = *state;
    struct bulk *b = begin(p);
    char id[16];
    for (int i = 0; i < 3000; i++) {
        snprintf(id, sizeof(id), "id %d", i / 3);
        struct bulk_vote v = vote_as("human:u", id);
        assert_int_equal(add(p, b, "n", &v, 1), i % 3 > 0);
    }
    end(p, b);
    assert_int_equal(number(p, "SELECT count(*) FROM votes"), 1000);
    assert_int_equal(number(p, "SELECT count(*) FROM battles"), 1000);
    assert_int_equal(problems(p), 0);
}

/* A battle that is refused takes nothing along of those before it. */
static void a_refused_battle_leaves_those_that_wait(void **state)
{
    struct place *p = *state;
    struct bulk *b = begin(p);
    char name[16];
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof(name), "n%d", i / 7);
        struct bulk_vote twice[2] = {vote_as("human:u", NULL),
                                     vote_as("human:u", NULL)};
        assert_int_equal(add(p, b, name, twice, i % 5 == 3 ? 2 : 1),
                         i % 5 == 3 ? -1 : 0);
    }
    end(p, b);
    assert_int_equal(number(p, "SELECT count(*) FROM votes"), 40);
    assert_int_equal(number(p, "SELECT count(*) FROM rating_history"), 40);
    assert_int_equal(problems(p), 0);
}

/* Which votes count is the same as in the view that says it of stored ones. */
static void what_does_not_count_is_stored_and_not_rated(void **state)
{
    struct place *p = *state;
    struct bulk *b = begin(p);
    for (int i = 0; i < 40; i++) {
        struct bulk_vote v = vote_as(i % 8 == 1 ? "judge:j" : "human:u", NULL);
        v.seen = i % 8 == 2;
        v.leak = i % 8 == 3;
        v.withdrawn_by = i % 8 == 4 ? "human:u" : NULL;
        assert_int_equal(add(p, b, "n", &v, 1), 0);
    }
    end(p, b);
    assert_int_equal(number(p, "SELECT count(*) FROM votes"), 40);
    assert_int_equal(number(p, "SELECT count(*) FROM rating_history"), 20);
    assert_int_equal(problems(p), 0);
}

/* Ratings follow the order of votes, not that of battles in the file. */
static void votes_count_in_their_own_order(void **state)
{
    struct place *p = *state;
    struct bulk *b = begin(p);
    static const int64_t numbers[3][2] = {{1, 0}, {5, 2}, {4, 3}};
    for (int i = 0; i < 3; i++) {
        struct bulk_vote v[2] = {vote_as("human:u", NULL),
                                 vote_as("human:v", NULL)};
        v[0].number = numbers[i][0];
        v[1].number = numbers[i][1];
        v[0].verdict = i == 1 ? RATING_SECOND : RATING_TIE;
        assert_int_equal(add(p, b, "n", v, i == 0 ? 1 : 2), 0);
    }
    end(p, b);
    assert_int_equal(number(p, "SELECT count(*) FROM rating_history"), 5);
    assert_int_equal(problems(p), 0);
}

/* Two votes of one battle ask for the same number, or for that of one that had
 * none: the later one comes next. */
static void a_number_that_a_waiting_vote_has_is_taken(void **state)
{
    struct place *p = *state;
    struct bulk *b = begin(p);
    static const int64_t numbers[3][2] = {{1, 1}, {0, 3}, {7, 7}};
    for (int i = 0; i < 3; i++) {
        struct bulk_vote v[2] = {vote_as("human:u", NULL),
                                 vote_as("human:v", NULL)};
        v[0].number = numbers[i][0];
        v[1].number = numbers[i][1];
        assert_int_equal(add(p, b, "n", v, 2), 0);
    }
    end(p, b);
    assert_int_equal(number(p, "SELECT count(*) FROM votes WHERE id IN"
                               " (1, 2, 3, 4, 7, 8)"), 6);
    assert_int_equal(problems(p), 0);
}

/* Numbers have no gaps from battles that were refused. */
static void a_refused_battle_takes_no_numbers(void **state)
{
    struct place *p = *state;
    struct bulk *b = begin(p);
    for (int i = 0; i < 6; i++) {
        struct bulk_vote twice[2] = {vote_as("human:u", NULL),
                                     vote_as("human:u", NULL)};
        assert_int_equal(add(p, b, "n", twice, 1 + i % 2), i % 2 ? -1 : 0);
    }
    end(p, b);
    assert_int_equal(number(p, "SELECT max(id) FROM votes"), 3);
    assert_int_equal(number(p, "SELECT max(id) FROM battles"), 3);
    assert_int_equal(problems(p), 0);
}

/* What came in together can be taken back one by one. */
static void a_vote_that_came_in_can_be_undone(void **state)
{
    struct place *p = *state;
    struct bulk *b = begin(p);
    char name[16];
    for (int i = 0; i < 100; i++) {
        struct bulk_vote v = vote_as(i % 9 == 4 ? "judge:j" : "human:u", NULL);
        snprintf(name, sizeof(name), "n%d", i % 7);
        v.verdict = i % 3 ? RATING_FIRST : RATING_BAD;
        assert_int_equal(add(p, b, name, &v, 1), 0);
    }
    end(p, b);
    for (int id = 1; id <= 100; id += 11) {
        assert_int_equal(store_undo(p->s, id, "human:u", NULL, &p->e), 0);
        assert_int_equal(problems(p), 0);
    }
}

/* Two programs import one file: each has read that none of it is in. */
static void a_file_comes_in_once_if_two_import_it(void **state)
{
    struct place *p = *state;
    struct bulk *first = begin(p), *second = begin(p);
    struct bulk_vote v = vote_as("human:u", NULL);
    assert_int_equal(add(p, first, "n", &v, 1), 0);
    assert_int_equal(bulk_commit(first, 1, false, &p->e), 0);
    assert_int_equal(add(p, second, "n", &v, 1), -1);
    assert_int_equal(p->e.code, ERR_DB);
    assert_non_null(strstr(p->e.text, "another program"));
    bulk_close(second);
    assert_int_equal(add(p, first, "n", &v, 1), 0);
    assert_int_equal(bulk_commit(first, 2, true, &p->e), 0);
    bulk_close(first);
    assert_int_equal(number(p, "SELECT count(*) FROM votes"), 2);
    assert_int_equal(problems(p), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_vote_that_waits_is_known_by_its_id),
        T(a_refused_battle_leaves_those_that_wait),
        T(what_does_not_count_is_stored_and_not_rated),
        T(votes_count_in_their_own_order),
        T(a_number_that_a_waiting_vote_has_is_taken),
        T(a_refused_battle_takes_no_numbers),
        T(a_vote_that_came_in_can_be_undone),
        T(a_file_comes_in_once_if_two_import_it),
    };
    return TEST_RUN(tests);
}
