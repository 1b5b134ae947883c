/* The choice of threads, on machines that we make up. */
#include "tests/unit/test.h"

#include "backends/engine/tune.h"

/* Runs n passes whose cost depends on the threads; returns the total. */
static double run(struct tune *t, int n, const double *cost_of_threads)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        int choice = tune_pick(t);
        assert_in_range(choice, 0, t->n_choices - 1);
        double cost = cost_of_threads[t->threads[choice]];
        tune_note(t, choice, cost);
        sum += cost;
    }
    return sum;
}

static void test_choices(void **state)
{
    (void)state;
    struct tune t;
    tune_init(&t, 1, 1);
    assert_int_equal(t.n_choices, 1);
    for (int i = 0; i < 100; i++)
        assert_int_equal(tune_pick(&t), 0);
    tune_init(&t, 6, 1);
    assert_int_equal(t.n_choices, 3);
    assert_int_equal(t.threads[0], 6);
    assert_int_equal(t.threads[1], 3);
    assert_int_equal(t.threads[2], 1);
}

/* On a machine that was crowded while the weights were loaded. */
static void test_crowded(void **state)
{
    (void)state;
    struct tune t, large;
    tune_init(&t, 2, 0.5);
    assert_int_equal(t.threads[t.best], 1);
    tune_init(&large, 2, 1);
    tune_follow(&large, &t);
    assert_int_equal(large.threads[large.best], 1);
    tune_init(&t, 1, 0.5);
    assert_int_equal(t.threads[t.best], 1);
}

/* More threads help: probing the others costs next to nothing. */
static void test_quiet_machine(void **state)
{
    (void)state;
    static const double cost[9] = {[1] = 8, [2] = 4.2, [4] = 2.3, [8] = 1.4};
    struct tune t;
    tune_init(&t, 8, 1);
    double sum = run(&t, 1000, cost);
    assert_int_equal(t.threads[t.best], 8);
    assert_true(sum < 1000 * 1.4 * 1.03);
}

/* A neighbour comes and goes. */
static void test_busy_neighbour(void **state)
{
    (void)state;
    static const double quiet[3] = {[1] = 3.4, [2] = 2.9};
    static const double busy[3] = {[1] = 3.6, [2] = 12};
    struct tune t;
    tune_init(&t, 2, 1);
    run(&t, 200, quiet);
    assert_int_equal(t.threads[t.best], 2);
    double sum = run(&t, 200, busy);
    assert_int_equal(t.threads[t.best], 1);
    assert_true(sum < 200 * 3.6 * 1.25);
    run(&t, 500, quiet);
    assert_int_equal(t.threads[t.best], 2);
}

/* What is very much slower is hardly ever tried. */
static void test_tiny_model(void **state)
{
    (void)state;
    static const double cost[3] = {[1] = 0.04, [2] = 5};
    struct tune t;
    tune_init(&t, 2, 1);
    run(&t, 100, cost);
    assert_int_equal(t.threads[t.best], 1);
    assert_true(run(&t, 20000, cost) < 20000 * 0.04 * 1.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_crowded),
        cmocka_unit_test(test_quiet_machine),
        cmocka_unit_test(test_busy_neighbour),
        cmocka_unit_test(test_tiny_model),
    };
    return TEST_RUN(tests);
}
