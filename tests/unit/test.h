/* test: what every unit test needs: cmocka with its includes in the order it
 * wants, and TAP output so that prove can read it.
 *
 *     int main(void)
 *     {
 *         const struct CMUnitTest tests[] = {cmocka_unit_test(adds_up)};
 *         return TEST_RUN(tests);
 *     }
 */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define TEST_RUN(tests)                          \
    (cmocka_set_message_output(CM_OUTPUT_TAP),   \
     cmocka_run_group_tests(tests, NULL, NULL))

/* cmocka's own compares in single precision; and what is no number is near
 * nothing. */
static inline void assert_near(double a, double b, double within)
{
    if (!(fabs(a - b) <= within))
        fail_msg("%.12g is not %.12g", a, b);
}

#endif
