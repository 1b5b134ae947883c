#include <stdlib.h>
#include <string.h>

#include "arena/store/reasons.h"
#include "base/mem.h"
#include "tests/unit/test.h"
#include "tui/print/ballot.h"

static const struct {
    const char *line;
    enum ballot_word word;
    enum rating_outcome verdict;
    const char *tags, *comment;
} cases[] = {
    {"a", BALLOT_VOTE, RATING_FIRST, "", ""},
    {"2", BALLOT_VOTE, RATING_SECOND, "", ""},
    {" TIE ", BALLOT_VOTE, RATING_TIE, "", ""},
    {"=", BALLOT_VOTE, RATING_TIE, "", ""},
    {"x", BALLOT_VOTE, RATING_BAD, "", ""},
    {"bad", BALLOT_VOTE, RATING_BAD, "", ""},
    {"s", BALLOT_SKIP, 0, "", ""},
    {"skip #bad prompt", BALLOT_SKIP, 0, "bad prompt", ""},
    {"b #clear, too short; it stops; half way", BALLOT_VOTE, RATING_SECOND,
     "clear,too short", "it stops; half way"},
    {"b#clear #wrong", BALLOT_VOTE, RATING_SECOND, "clear,wrong", ""},
    {"a;it ran #at once", BALLOT_VOTE, RATING_FIRST, "", "it ran #at once"},
    {"a # , ,; ", BALLOT_VOTE, RATING_FIRST, "", ""},
    {"", BALLOT_UNKNOWN, 0, "", ""},
    {"#clear", BALLOT_UNKNOWN, 0, "clear", ""},
    {"a better prompt", BALLOT_UNKNOWN, 0, "", ""},
    {"a, b", BALLOT_UNKNOWN, 0, "", ""},
    {"skipping", BALLOT_UNKNOWN, 0, "", ""},
    {"tiebreak", BALLOT_UNKNOWN, 0, "", ""},
};

static void test_lines(void **state)
{
    (void)state;
    struct ballot b;
    ballot_init(&b);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ballot_read(&b, cases[i].line);
        assert_int_equal(b.word, cases[i].word);
        if (b.word == BALLOT_VOTE)
            assert_int_equal(b.verdict, cases[i].verdict);
        assert_string_equal(b.tags.data, cases[i].tags);
        assert_string_equal(b.comment.data, cases[i].comment);
    }
    ballot_free(&b);
}

/* What the store would refuse after the vote is refused before it. */
static void test_long(void **state)
{
    (void)state;
    struct ballot b;
    char *line = mem_calloc(REASONS_MAX_BYTES + 10, 1);
    memcpy(line, "a;", 2);
    memset(line + 2, 'y', REASONS_MAX_BYTES);
    ballot_init(&b);
    ballot_read(&b, line);
    assert_int_equal(b.word, BALLOT_VOTE);
    assert_int_equal(b.comment.len, REASONS_MAX_BYTES);
    line[REASONS_MAX_BYTES + 2] = 'y';
    ballot_read(&b, line);
    assert_int_equal(b.word, BALLOT_UNKNOWN);
    ballot_read(&b, "a");
    assert_int_equal(b.word, BALLOT_VOTE);
    ballot_free(&b);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_long),
    };
    return TEST_RUN(tests);
}
