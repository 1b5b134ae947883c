/* Tests of base/extent: where JSON values end. */
#include "tests/unit/test.h"

#include <string.h>

#include "base/extent.h"

static void ends_are_found(void **state)
{
    (void)state;
    const struct {
        const char *text;
        enum extent_state state;
        size_t at;
    } cases[] = {
        {"{} x", EXTENT_WHOLE, 2},
        {" {\"a\": [1, -2.5e3, {\"b\":null}], \"c\":\"}\\\"\"}{", EXTENT_WHOLE,
         42},
        {"[[],{},\"\"]", EXTENT_WHOLE, 10},
        {"nope,", EXTENT_WHOLE, 4},
        {"\"a\"b", EXTENT_WHOLE, 3},
        {"{\"a\":NaN}", EXTENT_WHOLE, 9},
        {"{\"a\":1", EXTENT_MORE, 6},
        {"{\"a", EXTENT_MORE, 3},
        {"12", EXTENT_MORE, 2},
        {"{\"a\"\n\"b\"}", EXTENT_BROKEN, 5},
        {"{\"a\":1\n{\"b\":2}", EXTENT_BROKEN, 7},
        {"{\"a\n", EXTENT_BROKEN, 3},
        {"{\"a\":[1}", EXTENT_BROKEN, 7},
        {"{\"a\":1,}", EXTENT_BROKEN, 7},
        {"{a:1}", EXTENT_BROKEN, 1},
        {"[1 2]", EXTENT_BROKEN, 3},
        {"]", EXTENT_BROKEN, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n = strlen(cases[i].text);
        struct extent x = {0}, y = {0};
        enum extent_state last = EXTENT_MORE;
        if (extent_find(&x, cases[i].text, n) != cases[i].state ||
            x.at != cases[i].at)
            fail_msg("%s: %zu", cases[i].text, x.at);
        /* byte by byte it is the same */
        for (size_t k = 1; k <= n && last == EXTENT_MORE; k++)
            last = extent_find(&y, cases[i].text, k);
        if (last != cases[i].state)
            fail_msg("%s in pieces: %d", cases[i].text, (int)last);
        assert_int_equal(y.at, cases[i].at);
    }
}

static void depth_is_bounded(void **state)
{
    (void)state;
    char text[EXTENT_DEPTH + 1];
    struct extent x = {0};
    memset(text, '[', sizeof(text));
    assert_int_equal(extent_find(&x, text, sizeof(text)), EXTENT_BROKEN);
    assert_int_equal(x.at, EXTENT_DEPTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_are_found),
        cmocka_unit_test(depth_is_bounded),
    };
    return TEST_RUN(tests);
}
