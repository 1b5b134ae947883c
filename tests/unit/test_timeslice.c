/* How long turns are, on clocks that we make up. */
#include "tests/unit/test.h"

#include "backends/local/timeslice.h"

#define MS 1000000

/* Passes of so many ns each in one turn. */
static int passes(int64_t each)
{
    int n = 0;
    do
        n++;
    while (timeslice_goes_on(n * each, each));
    return n;
}

static void test_fast_models_share_time(void **state)
{
    (void)state;
    for (int64_t each = MS / 10; each < 10 * MS; each += MS / 10) {
        int64_t turn = passes(each) * each;
        assert_in_range(turn, TIMESLICE_NS - each / 2, TIMESLICE_NS + each / 2);
    }
}

static void test_slow_models_alternate(void **state)
{
    (void)state;
    assert_int_equal(passes(TIMESLICE_NS), 1);
    assert_int_equal(passes(3000 * (int64_t)MS), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fast_models_share_time),
        cmocka_unit_test(test_slow_models_alternate),
    };
    return TEST_RUN(tests);
}
