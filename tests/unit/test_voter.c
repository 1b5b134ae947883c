/* Tests of arena/store/voter. */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "arena/store/store.h"
#include "arena/store/voter.h"

static void check_of(char *made, const char *want)
{
    assert_string_equal(made, want);
    free(made);
}

static void voter_is_who_was_named(void **state)
{
    (void)state;
    check_of(voter_of("ann"), "human:ann");
    check_of(voter_of("human:ann"), "human:ann");
    check_of(voter_of("judge:j"), "judge:j");
    check_of(voter_of_judge("j"), "judge:j");
    check_of(voter_of_judge("judge:j"), "judge:judge:j"); /* a model's name */
    check_of(voter_of_judge(""), "judge:");
}

static void people_are_told_from_judges(void **state)
{
    (void)state;
    assert_true(voter_is_human("human:ann") && !voter_is_judge("human:ann"));
    assert_true(voter_is_judge("judge:j") && !voter_is_human("judge:j"));
    assert_false(voter_is_judge("judge") || voter_is_judge("") ||
                 voter_is_human("human"));
    assert_true(voter_can_filter("human") && voter_can_filter("human:ann") &&
                voter_can_filter("judge:j"));
    assert_false(voter_can_filter("judge") || voter_can_filter("ann"));
    assert_null(voter_of_filter(STORE_EVERYBODY));
    assert_string_equal(voter_of_filter(NULL), "human");
    assert_string_equal(voter_of_filter("judge:j"), "judge:j");
    assert_string_equal(voter_bare_judge("judge:j"), "j");
    assert_string_equal(voter_bare_judge("j"), "j");
    assert_string_equal(voter_bare_judge("human:j"), "human:j");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(voter_is_who_was_named),
        cmocka_unit_test(people_are_told_from_judges),
    };
    return TEST_RUN(tests);
}
