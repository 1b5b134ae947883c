/* Tests of base/number. */
#include "tests/unit/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/rng.h"

/* strtod reads it to the same double, the sign of zero included. */
static void assert_same(const char *text)
{
    double got = 7, want = strtod(text, NULL);
    assert_true(number_parse(text, strlen(text), &got));
    assert_memory_equal(&got, &want, sizeof(got));
}

static void numbers_are_those_of_strtod(void **state)
{
    static const char *const texts[] = {
        "0", "1", "0.5", ".5", "5.", "00.10", "123456789012345",
        "0.123456789012345", "0.1234567890123456", "1234567890123456789",
        "-0", "-0.25", "+3", "1e-5", "2E3", "0x1p-2", "inf", "-inf", "1e999",
        "4.9e-324", "0.000000000000001", "999999999999999.9"};
    struct rng r;
    char text[64];
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_same(texts[i]);
    rng_init(&r, 5);
    for (int i = 0; i < 20000; i++) {
        snprintf(text, sizeof(text), "%.*f", i % 19, 100 * rng_double(&r));
        assert_same(text);
        snprintf(text, sizeof(text), "%.*g", 1 + i % 17, rng_double(&r));
        assert_same(text);
    }
    double nan = 0;
    assert_true(number_parse("nan", 3, &nan));
    assert_true(isnan(nan));
}

static void others_are_none(void **state)
{
    static const char *const texts[] = {"",    ".",   "..5", "1.2.3", "0.5x",
                                        "x",   "1,5", "0.5 ", "-",     "1e",
                                        "0.5\n"};
    double x = 7;
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(number_parse(texts[i], strlen(texts[i]), &x));
        assert_true(x == 7);
    }
    assert_false(number_parse("1\0", 2, &x)); /* a NUL does not end it */
    char zeros[100];
    memset(zeros, '0', sizeof(zeros));
    assert_false(number_parse(zeros, NUMBER_MAX_BYTES + 1, &x));
    assert_true(number_parse(zeros, NUMBER_MAX_BYTES, &x) && x == 0);
    assert_true(number_parse("0.55", 3, &x) && x == 0.5); /* n ends it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_strtod),
        cmocka_unit_test(others_are_none),
    };
    return TEST_RUN(tests);
}
