/* Requests to one server: how many at once, in which order, how often. */
#include "test.h"

#include "backends/remote/gate.h"

#define N 8

static struct gate *list;
static struct gate_waiter waiters[N];
static int64_t due[N];

static struct gate *set_up_gate(int max_parallel, double per_minute)
{
    gate_free_all(&list);
    for (int i = 0; i < N; i++)
        waiters[i] = (struct gate_waiter){.due_ms = &due[i]};
    return gate_of(&list, "s", max_parallel, per_minute);
}

static int tear_down(void **state)
{
    (void)state;
    gate_free_all(&list);
    return 0;
}

static void in_order_and_not_too_many(void **state)
{
    (void)state;
    struct gate *g = set_up_gate(2, NAN);
    assert_ptr_equal(gate_of(&list, "s", 2, NAN), g);
    assert_ptr_not_equal(gate_of(&list, "t", 2, NAN), g);
    assert_true(gate_enter(g, &waiters[0], 5));
    assert_true(gate_enter(g, &waiters[1], 5));
    for (int i = 2; i < 5; i++) {
        assert_false(gate_enter(g, &waiters[i], 5));
        assert_int_equal(due[i], INT64_MAX);
    }
    gate_leave(g);
    assert_int_equal(due[2], 0); /* the first is called, and no other */
    assert_int_equal(due[3], INT64_MAX);
    assert_false(gate_enter(g, &waiters[3], 6)); /* not out of turn */
    assert_true(gate_enter(g, &waiters[2], 6));
    gate_give_up(g, &waiters[3]);
    gate_give_up(g, &waiters[3]);
    gate_leave(g);
    assert_int_equal(due[4], 0);
    assert_true(gate_enter(g, &waiters[4], 7));
    assert_false(gate_enter(g, &waiters[5], 7));
}

static void not_too_often(void **state)
{
    (void)state;
    struct gate *g = set_up_gate(-1, 60); /* one a second */
    assert_true(gate_enter(g, &waiters[0], 100));
    assert_false(gate_enter(g, &waiters[1], 100));
    assert_int_equal(due[1], 1100);
    assert_false(gate_enter(g, &waiters[2], 100));
    assert_true(gate_enter(g, &waiters[1], 1100));
    assert_int_equal(due[2], 0);
    assert_false(gate_enter(g, &waiters[2], 1100));
    assert_int_equal(due[2], 2100);
    assert_true(gate_enter(g, &waiters[2], 9000)); /* no credit is saved up */
    assert_false(gate_enter(g, &waiters[3], 9500));
    assert_int_equal(due[3], 10000);
}

static void learns_from_refusals(void **state)
{
    (void)state;
    struct gate *g = set_up_gate(-1, NAN);
    for (int i = 0; i < 6; i++)
        assert_true(gate_enter(g, &waiters[i], 10));
    gate_refused(g, 10, 20, 1000); /* half of six at once, and not before */
    gate_leave(g);
    gate_refused(g, 10, 21, -1); /* the same burst: counted already */
    gate_leave(g);
    assert_false(gate_enter(g, &waiters[0], 30));
    gate_leave(g);
    assert_false(gate_enter(g, &waiters[0], 30)); /* three are inside */
    gate_leave(g);
    assert_false(gate_enter(g, &waiters[0], 30));
    assert_int_equal(due[0], 1020);
    assert_true(gate_enter(g, &waiters[0], 1020));
    assert_false(gate_enter(g, &waiters[1], 1020));
    for (int i = 0; i < 4; i++)
        gate_passed(g); /* a full round: one more */
    assert_true(gate_enter(g, &waiters[1], 1021));
    assert_false(gate_enter(g, &waiters[2], 1021));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(in_order_and_not_too_many, tear_down),
        cmocka_unit_test_teardown(not_too_often, tear_down),
        cmocka_unit_test_teardown(learns_from_refusals, tear_down),
    };
    return TEST_RUN(tests);
}
