/* When a line of progress is due, without a terminal. */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "base/buf.h"
#include "tui/print/progress.h"

static void a_plain_line_comes_every_30_seconds(void **state)
{
    (void)state;
    struct progress p;
    progress_init(&p, true);
    assert_false(p.terminal);
    assert_false(progress_is_due(&p)); /* a short run has none */
    p.drawn_ms -= 29000;
    assert_false(progress_is_due(&p));
    p.drawn_ms -= 1100;
    assert_true(progress_is_due(&p));
    assert_false(progress_is_due(&p));
}

static void times_are_short(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } list[] = {{0, "0s"}, {59, "59s"}, {60, "1m00s"}, {3720, "1h02m"}};
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        struct buf b;
        buf_init(&b, 100);
        progress_add_time(list[i].seconds, &b);
        assert_string_equal(b.data, list[i].text);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_line_comes_every_30_seconds),
        cmocka_unit_test(times_are_short),
    };
    return TEST_RUN(tests);
}
