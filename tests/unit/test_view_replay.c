/* A stored battle shown once more as its answers came. */
#include "tui/screens/replay.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/unit/test.h"

static struct store_answer_row row(int turn, int round, int side,
                                   const char *text, const char *rhythm)
{
    return (struct store_answer_row){.side = side,
                                     .turn = turn,
                                     .round = round,
                                     .prompt = mem_strdup("asked"),
                                     .text = mem_strdup(text),
                                     .chances = mem_strdup(""),
                                     .rhythm = mem_strdup(rhythm)};
}

static void free_rows(struct store_answer_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(rows[i].prompt);
        free(rows[i].text);
        free(rows[i].chances);
        free(rows[i].rhythm);
    }
}

/* What the panes hold then, and within how many ms there is more; -1: never. */
static void assert_shows(struct replay *r, struct panes *panes, int64_t now_ms,
                         const char *a, const char *b, int within_ms)
{
    int wait_ms = -1;
    replay_step(r, panes, now_ms, &wait_ms);
    assert_string_equal(panes->pane[0].text.source.data, a);
    assert_string_equal(panes->pane[1].text.source.data, b);
    assert_true(within_ms < 0 ? wait_ms < 0
                              : wait_ms >= 0 && wait_ms <= within_ms);
}

static void answers_come_as_they_came(void **state)
{
    struct store_answer_row rows[] = {
        row(1, 1, 0, "not this round", "1+14"),
        row(1, 1, 1, "nor this", "1+8"),
        row(1, 2, 0, "one \xC3\xA9 two", "100+5 200+6"),
        row(1, 2, 1, "slow", "700+4"),
    };
    struct replay r;
    struct panes panes;
    (void)state;
    panes_init(&panes);
    assert_true(replay_is_known(rows, 4));
    replay_begin(&r, rows, 4, &panes);
    assert_int_equal(r.turn, 1);
    assert_shows(&r, &panes, 5000, "", "", 100);
    assert_shows(&r, &panes, 5099, "", "", 1);
    assert_shows(&r, &panes, 5100, "one ", "", 200); /* no half character */
    assert_true(r.coming[0] && r.coming[1]);
    assert_shows(&r, &panes, 5300, "one \xC3\xA9 two", "", 400);
    assert_true(!r.coming[0] && r.coming[1]);
    assert_shows(&r, &panes, 5700, "one \xC3\xA9 two", "slow", 0);
    assert_int_equal(r.turn, 0);
    assert_shows(&r, &panes, 9000, "one \xC3\xA9 two", "slow", -1);
    panes_free(&panes);
    free_rows(rows, 4);
}

/* One turn follows the other; what was not recorded is there at once. */
static void turns_follow_each_other(void **state)
{
    struct store_answer_row rows[] = {
        row(1, 1, 0, "first", ""),
        row(1, 1, 1, "also", ""),
        row(2, 1, 0, "later", "50+5"),
        row(2, 1, 1, "now", ""),
    };
    struct replay r;
    struct panes panes;
    int wait_ms = -1;
    (void)state;
    panes_init(&panes);
    assert_false(replay_is_known(rows, 2));
    assert_true(replay_is_known(rows, 4));
    replay_begin(&r, rows, 4, &panes);
    assert_true(replay_step(&r, &panes, 1000, &wait_ms));
    assert_int_equal(r.turn, 2);
    assert_int_equal(wait_ms, 0);
    const char *a = panes.pane[0].text.source.data;
    assert_non_null(strstr(a, "first"));
    assert_non_null(strstr(a, "asked"));
    replay_step(&r, &panes, 2000, &wait_ms);
    assert_null(strstr(panes.pane[0].text.source.data, "later"));
    assert_non_null(strstr(panes.pane[1].text.source.data, "now"));
    replay_step(&r, &panes, 2050, &wait_ms);
    assert_non_null(strstr(panes.pane[0].text.source.data, "later"));
    assert_int_equal(r.turn, 0);
    panes_free(&panes);
    free_rows(rows, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_as_they_came),
        cmocka_unit_test(turns_follow_each_other),
    };
    return TEST_RUN(tests);
}
