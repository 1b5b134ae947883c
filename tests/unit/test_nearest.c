#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/nearest.h"

static void distances(void **state)
{
    (void)state;
    assert_int_equal(nearest_distance("", ""), 0);
    assert_int_equal(nearest_distance("abc", "abc"), 0);
    assert_int_equal(nearest_distance("", "abc"), 3);
    assert_int_equal(nearest_distance("abc", ""), 3);
    assert_int_equal(nearest_distance("kitten", "sitting"), 3);
    assert_int_equal(nearest_distance("temprature", "temperature"), 1);
    assert_int_equal(nearest_distance("top_pk", "top_kp"), 1);
    assert_int_equal(nearest_distance("ca", "abc"), 3);
}

static void long_words_are_far(void **state)
{
    (void)state;
    char word[200];
    memset(word, 'a', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    assert_true(nearest_distance(word, "a") == (size_t)-1);
    assert_true(nearest_distance("a", word) == (size_t)-1);
    word[63] = '\0';
    assert_int_equal(nearest_distance(word, word), 0);
    assert_int_equal(nearest_distance(word, ""), 63);
}

static const char *nearest_among(const char *word)
{
    struct nearest n;
    nearest_init(&n, word);
    nearest_offer(&n, "top_p");
    nearest_offer(&n, "top_k");
    nearest_offer(&n, "temperature");
    nearest_offer(&n, "id");
    return n.best;
}

static void closest_wins(void **state)
{
    (void)state;
    assert_string_equal(nearest_among("temprature"), "temperature");
    assert_string_equal(nearest_among("top-k"), "top_k");
    assert_string_equal(nearest_among("ic"), "id");
    assert_null(nearest_among("x"));
    assert_null(nearest_among("pace"));
    assert_null(nearest_among(""));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances),
        cmocka_unit_test(long_words_are_far),
        cmocka_unit_test(closest_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
