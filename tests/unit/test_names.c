/* Tests of base/names. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

#include "base/names.h"

static void keeps_each_once(void **state)
{
    (void)state;
    struct names t;
    char text[32];
    names_init(&t, 5000);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 5000; i++) {
            int n = snprintf(text, sizeof(text), "model-%u", i);
            assert_int_equal(names_add(&t, text, (size_t)n), i);
        }
    }
    assert_int_equal(names_add(&t, "one more", 8), NAMES_NONE);
    for (uint32_t i = 0; i < 5000; i++) {
        size_t n;
        snprintf(text, sizeof(text), "model-%u", i);
        assert_int_equal(names_find(&t, text, strlen(text)), i);
        assert_string_equal(names_get(&t, i, &n), text);
        assert_int_equal(n, strlen(text));
    }
    assert_int_equal(names_find(&t, "one more", 8), NAMES_NONE);
    names_free(&t);
}

static void any_bytes(void **state)
{
    (void)state;
    struct names t;
    names_init(&t, 10);
    assert_int_equal(names_find(&t, "", 0), NAMES_NONE);
    assert_int_equal(names_add(&t, "", 0), 0);
    assert_int_equal(names_add(&t, "a\0b", 3), 1);
    assert_int_equal(names_add(&t, "a\0c", 3), 2);
    assert_int_equal(names_add(&t, "a", 1), 3);
    assert_int_equal(names_add(&t, "a\0", 2), 4);
    assert_int_equal(names_find(&t, "a\0b", 3), 1);
    assert_int_equal(names_find(&t, "", 0), 0);
    names_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_each_once),
        cmocka_unit_test(any_bytes),
    };
    return TEST_RUN(tests);
}
