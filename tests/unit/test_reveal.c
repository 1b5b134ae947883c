/* Tests of tui/reveal: what fits is shown, the telling things first. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tui/print/reveal.h"

static void expect_usage(const struct answer_end *end, int columns,
                         const char *wanted)
{
    struct buf out;
    buf_init(&out, 1024);
    buf_add_str(&out, "before "); /* not counted */
    reveal_usage(end, columns, &out);
    assert_string_equal(out.data + 7, wanted);
    buf_free(&out);
}

static void usage_is_whole_or_left_out(void **state)
{
    (void)state;
    struct answer_end end;
    answer_end_init(&end);
    end.finish = FINISH_LENGTH;
    end.n_out = 256;
    end.first_ms = 300;
    end.total_ms = 5400;
    end.cost = 0.0004;
    expect_usage(&end, 0, "256 tok  cut at the limit  50 tok/s  first 0.3 s  "
                          "$0.0004");
    expect_usage(&end, 44, "256 tok  cut  50 tok/s  first 0.3 s  $0.0004");
    expect_usage(&end, 43, "256 tok  cut  50 tok/s  first 0.3 s");
    expect_usage(&end, 34, "256 tok  cut  first 0.3 s");
    expect_usage(&end, 24, "256 tok  first 0.3 s"); /* the longest to stay */
    expect_usage(&end, 19, "256 tok");
    expect_usage(&end, 6, "");
    end.finish = FINISH_STOP;
    end.n_out = 94;
    end.cost = NAN;
    expect_usage(&end, 29, " 94 tok  first 0.3 s");
    expect_usage(&end, 30, " 94 tok  18 tok/s  first 0.3 s");
}

/* Short lines must not hide why a side failed. */
static void an_error_is_whole(void **state)
{
    (void)state;
    struct answer_end end;
    answer_end_init(&end);
    end.finish = FINISH_ERROR;
    err_set(&end.error, ERR_BACKEND, "no \033[31mroute");
    expect_usage(&end, 0, "error: no <1B>[31mroute");
    expect_usage(&end, 10, "error: no <1B>[31mroute");
}

/* It may hold words of a server, or of a file: cleaned, and as wide as it is
 * shown. */
static void a_note_is_cleaned_and_fits(void **state)
{
    (void)state;
    struct answer_end end;
    answer_end_init(&end);
    end.finish = FINISH_STOP;
    end.n_out = 94;
    snprintf(end.note, sizeof(end.note), "blocked: \033]0;x\a");
    expect_usage(&end, 0, " 94 tok  blocked: <1B>]0;x<07>");
    expect_usage(&end, 30, " 94 tok  blocked: <1B>]0;x<07>");
    expect_usage(&end, 29, " 94 tok");
    snprintf(end.note, sizeof(end.note), "\u00FC\u00FC\u6F22"); /* 4 columns */
    expect_usage(&end, 13, " 94 tok  \u00FC\u00FC\u6F22");
    expect_usage(&end, 12, " 94 tok");
}

static void expect_change(double before, double after, const char *wanted)
{
    struct battle_reveal_side side = {.before = before, .after = after};
    struct buf out;
    buf_init(&out, 1024);
    reveal_change(&side, true, &out);
    assert_string_equal(out.data, wanted);
    buf_free(&out);
}

static void changes_have_a_sign_unless_nothing_changes(void **state)
{
    (void)state;
    expect_change(1000, 1008, "+8.0");
    expect_change(1000, 991.96, "-8.0");
    expect_change(1000, 999.96, "0.0");
    expect_change(1000, 1000.04, "0.0");
    expect_change(1000, 999.94, "-0.1");
    expect_change(NAN, NAN, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage_is_whole_or_left_out),
        cmocka_unit_test(an_error_is_whole),
        cmocka_unit_test(a_note_is_cleaned_and_fits),
        cmocka_unit_test(changes_have_a_sign_unless_nothing_changes),
    };
    return TEST_RUN(tests);
}
