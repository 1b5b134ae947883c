/* Tests of tui/entries: what may be cut off, and what must not. */
#include "tests/unit/test.h"

#include <string.h>

#include "tui/print/entries.h"

static struct store_entry entry_of(enum rating_outcome verdict)
{
    static char prompt[] = "Why is the sky blue?", category[] = "",
                first[] = "smollm2-135m-cold", second[] = "gemma3-270m-base";
    return (struct store_entry){
        .battle_id = 7,
        .vote_id = 1,
        .verdict = verdict,
        .prompt = prompt,
        .category = category,
        .model = {first, second},
    };
}

static void expect_line(const struct store_entry *entry, int columns,
                        const char *wanted)
{
    struct draw d;
    struct buf out;
    struct area a = {0, 0, 1, columns};
    draw_init(&d);
    draw_reset(&d, 1, columns);
    buf_init(&out, 1 << 16);
    entry_draw(&d, &a, 0, STYLE_NORMAL, entry, true);
    draw_dump(&d, &out);
    assert_string_equal(out.data, wanted);
    buf_free(&out);
    draw_free(&d);
}

static void the_verdict_is_never_cut_off(void **state)
{
    (void)state;
    struct store_entry tie = entry_of(RATING_TIE);
    expect_line(&tie, 78, "    7  1970-01-01  tie: smollm2-135m-cold and gemma"
                          "…  Why is the sky blue?\n");
    struct store_entry won = entry_of(RATING_SECOND);
    won.seen = true;
    expect_line(&won, 60, "    7  1970-01-01  seen: gemma3-270m-base …  Why is "
                          "the sky…\n");
}

/* Where little room is, names matter more than the prompt. */
static void narrow_lines_begin_with_what_came_out(void **state)
{
    (void)state;
    struct store_entry won = entry_of(RATING_FIRST);
    expect_line(&won, 38, "    7  smollm2-135m-cold beat gemma3-…\n");
    struct store_entry waits = {.battle_id = 8, .state = STORE_READY,
                                .prompt = won.prompt,
                                .category = won.category};
    expect_line(&waits, 38, "    8  waits for a vote  Why is the s…\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_verdict_is_never_cut_off),
        cmocka_unit_test(narrow_lines_begin_with_what_came_out),
    };
    return TEST_RUN(tests);
}
