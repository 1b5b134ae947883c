/* Texts with a number in them. */
#include "tests/unit/test.h"

#include "base/plural.h"

static void check(uint64_t n, const char *text, const char *wanted)
{
    struct buf b;
    buf_init(&b, 256);
    plural_add(&b, n, text);
    assert_string_equal(b.data, wanted);
    buf_free(&b);
}

static void one_is_said_otherwise_than_many(void **state)
{
    (void)state;
    check(1, "[row|rows]", "1 row");
    check(0, "[row|rows]", "0 rows");
    check(2, "[row|rows]", "2 rows");
    check(UINT64_MAX, "[row|rows]", "18446744073709551615 rows");
    check(1, "further [row|rows] ([it is|they are] last)",
          "1 further row (it is last)");
    check(3, "further [row|rows] ([it is|they are] last)",
          "3 further rows (they are last)");
    check(1, "already [|all ]there", "1 already there");
    check(2, "already [|all ]there", "2 already all there");
    check(1, "known", "1 known");
    check(1, "", "1 ");
    assert_string_equal(plural_s(0), "s");
    assert_string_equal(plural_s(1), "");
    assert_string_equal(plural_s(2), "s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_is_said_otherwise_than_many),
    };
    return TEST_RUN(tests);
}
