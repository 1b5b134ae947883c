/* Whether tiles are there is found out without harm. */
#include "tests/unit/test.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "backends/engine/kernels/kern.h"
#include "backends/engine/kernels/tiles.h"

static void (*handler_of_illegal(void))(int)
{
    struct sigaction act;
    assert_int_equal(sigaction(SIGILL, NULL, &act), 0);
    return act.sa_handler;
}

/* What Linux says of this processor. */
static bool is_named(const char *flag)
{
    char line[8192];
    bool found = false;
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
        found = strncmp(line, "flags", 5) == 0 && strstr(line, flag) != NULL;
    if (f != NULL)
        fclose(f);
    return found;
}

static void found_out_without_harm(void **state)
{
    (void)state;
    void (*before)(int) = handler_of_illegal();
    bool work = tiles_work();
    assert_true(tiles_work() == work);
    if (work)
        assert_true(is_named("amx_int8") && kern_by_name("amx") != NULL);
    else
        assert_null(kern_by_name("amx"));
    assert_true(handler_of_illegal() == before);
}

/* Without the permission to use them, too, they are illegal. */
static void illegal_ones_do_not_multiply(void **state)
{
    (void)state;
    void (*before)(int) = handler_of_illegal();
    bool work = tiles_work(); /* asks for the permission */
    for (int i = 0; i < 3; i++)
        assert_true(tiles_multiply_well() == work);
    assert_true(handler_of_illegal() == before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_out_without_harm),
        cmocka_unit_test(illegal_ones_do_not_multiply),
    };
    return TEST_RUN(tests);
}
