/* The driver below the store: typed values, statements, transactions. */
#include "tests/unit/store_place.h"

static void values_come_back_by_their_types(void **state)
{
    struct place *p = *state;
    struct db *db = p->s->db;
    bool yes = true;
    int small = -7;
    int64_t large = INT64_MAX;
    const char *text = "caf\xc3\xa9", *nothing = NULL;
    char own[] = "own";
    struct db_query *q = db_query(
        db, &p->e, "SELECT ?, ?, ?, ?, ?, ?, ?, ?", DB(yes), DB(small),
        DB(large), DB(0.1), DB(NAN), DB(text), DB(nothing), DB((char *)own));
    assert_non_null(q);
    assert_int_equal(db_step(db, q, &p->e), 1);
    assert_int_equal(db_whole(q, 0), 1);
    assert_int_equal(db_whole(q, 1), -7);
    assert_true(db_whole(q, 2) == INT64_MAX);
    assert_true(db_real(q, 3) == 0.1);
    assert_true(db_is_null(q, 4));
    assert_string_equal(db_text(q, 5), text);
    assert_true(db_is_null(q, 6));
    assert_null(db_text(q, 6));
    char *copy = db_copy(q, 6);
    assert_string_equal(copy, "");
    free(copy);
    assert_string_equal(db_text(q, 7), "own");
    assert_int_equal(db_step(db, q, &p->e), 0);
}

#define TEN(n)                                                                 \
    "SELECT " #n "0", "SELECT " #n "1", "SELECT " #n "2", "SELECT " #n "3",    \
        "SELECT " #n "4", "SELECT " #n "5", "SELECT " #n "6",                  \
        "SELECT " #n "7", "SELECT " #n "8", "SELECT " #n "9"

/* More statements than the store itself has. */
static void any_number_of_statements_is_kept(void **state)
{
    static const char *const many[] = {
        TEN(1), TEN(2),  TEN(3),  TEN(4),  TEN(5),  TEN(6),  TEN(7),  TEN(8),
        TEN(9), TEN(10), TEN(11), TEN(12), TEN(13), TEN(14), TEN(15),
    };
    struct place *p = *state;
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
            int64_t n = 0;
            assert_int_equal(db_number(p->s->db, &p->e, &n, many[i]), 1);
            assert_int_equal(n, 10 + i);
        }
    }
}

static void a_failed_transaction_leaves_nothing(void **state)
{
    struct place *p = *state;
    struct db *db = p->s->db;
    assert_int_equal(db_begin(db, &p->e), 0);
    assert_int_equal(db_run(db, &p->e,
                            "INSERT INTO models (name, description,"
                            " created_ms) VALUES ('m', '', 1)"),
                     0);
    assert_int_equal(db_end(db, -1, &p->e), -1);
    int64_t n = 9;
    assert_int_equal(db_number(db, &p->e, &n, "SELECT count(*) FROM models"),
                     1);
    assert_int_equal(n, 0);
    assert_int_equal(db_number(db, &p->e, &n, "SELECT id FROM models"), 0);
}

static void a_wrong_statement_is_an_error(void **state)
{
    struct place *p = *state;
    assert_int_equal(db_run(p->s->db, &p->e, "SELECT nonsense"), -1);
    assert_int_equal(p->e.code, ERR_DB);
    assert_non_null(strstr(p->e.text, "nonsense"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(values_come_back_by_their_types),
        T(any_number_of_statements_is_kept),
        T(a_failed_transaction_leaves_nothing),
        T(a_wrong_statement_is_an_error),
    };
    return TEST_RUN(tests);
}
