/* Tests of rating/counts: every pair and outcome is found again. */
#include "tests/unit/test.h"

#include "rating/votes/counts.h"

static void test_adds_and_finds(void **state)
{
    (void)state;
    struct rating_counts c;
    rating_counts_init(&c);
    assert_null(rating_counts_find(&c, 0, 1));
    /* Enough pairs to grow the table several times. */
    for (uint32_t i = 0; i < 60; i++)
        for (uint32_t j = 0; j < 60; j++)
            if (i != j)
                assert_int_equal(
                    rating_counts_add(&c, i, j, RATING_TIE, i * 100 + j), 0);
    assert_int_equal(c.n_models, 60);
    assert_int_equal(c.n_cells, 60 * 59);
    for (uint32_t i = 0; i < 60; i++) {
        assert_null(rating_counts_find(&c, i, i));
        for (uint32_t j = 0; j < 60; j++) {
            if (i == j)
                continue;
            const struct rating_cell *cell = rating_counts_find(&c, i, j);
            assert_non_null(cell);
            assert_int_equal(cell->n[RATING_TIE], i * 100 + j);
            assert_int_equal(cell->n[RATING_FIRST], 0);
        }
    }
    rating_counts_free(&c);
}

/* Small numbers are looked up in a square, large ones by a hash; a set that
 * grows from one into the other forgets nothing. */
static void test_small_and_large_numbers(void **state)
{
    (void)state;
    struct rating_counts c;
    const uint32_t ids[] = {0, 31, 32, 500, 511, 512, 70000, 4000000000u};
    const size_t n = sizeof(ids) / sizeof(ids[0]);
    rating_counts_init(&c);
    for (int round = 1; round <= 3; round++) {
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                if (i != j)
                    rating_counts_add(&c, ids[i], ids[j], RATING_SECOND,
                                      i + 10 * j);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                if (i != j)
                    assert_int_equal(rating_counts_find(&c, ids[i], ids[j])
                                         ->n[RATING_SECOND],
                                     (uint64_t)round * (i + 10 * j));
    }
    assert_int_equal(c.n_cells, n * (n - 1));
    assert_null(rating_counts_find(&c, 1, 4000000000u));
    rating_counts_free(&c);
}

/* A few cells take little, however many models there are; many come into a
 * square, and out of it again where a number is too large. */
static void test_room_by_cells(void **state)
{
    (void)state;
    struct rating_counts c;
    rating_counts_init(&c);
    for (uint32_t k = 1; k < 500; k++) {
        rating_counts_add(&c, 0, k, RATING_TIE, k);
        assert_in_range(c.n_slots, c.n_cells, 256 * c.n_cells);
    }
    for (uint32_t k = 2; k < 12; k++)
        for (uint32_t j = 0; j < 500; j++)
            if (j != k)
                rating_counts_add(&c, k, j, RATING_TIE, k + j);
    assert_int_not_equal(c.side, 0);
    rating_counts_add(&c, 3, 5000, RATING_BAD, 7);
    assert_int_equal(c.side, 0);
    for (int sorted = 0; sorted < 2; sorted++) {
        for (uint32_t k = 1; k < 500; k++)
            assert_int_equal(rating_counts_find(&c, 0, k)->n[RATING_TIE], k);
        assert_int_equal(rating_counts_find(&c, 11, 499)->n[RATING_TIE], 510);
        assert_int_equal(rating_counts_find(&c, 3, 5000)->n[RATING_BAD], 7);
        assert_int_equal(rating_counts_sort(&c), 0);
    }
    rating_counts_free(&c);
}

static void test_counts_beyond_32_bits(void **state)
{
    (void)state;
    struct rating_counts c;
    rating_counts_init(&c);
    uint64_t many = 5000000000u;
    rating_counts_add(&c, 1, 0, RATING_BAD, many);
    rating_counts_add(&c, 1, 0, RATING_BAD, many);
    assert_true(rating_counts_find(&c, 1, 0)->n[RATING_BAD] == 2 * many);
    rating_counts_free(&c);
}

/* In order, and still found; both as a square and as a hash table. */
static void test_sorts(void **state)
{
    (void)state;
    for (uint32_t step = 1; step <= 100; step += 99) {
        struct rating_counts c;
        rating_counts_init(&c);
        assert_int_equal(rating_counts_sort(&c), 0);
        for (uint32_t k = 0; k < 40 * 40; k++) {
            uint32_t i = k * 7 % 40, j = k * 11 % 1600 / 40;
            if (i != j)
                rating_counts_add(&c, i * step, j * step, RATING_FIRST,
                                  1 + i * 40 + j);
        }
        size_t n = c.n_cells;
        assert_int_equal(rating_counts_sort(&c), 0);
        assert_int_equal(c.n_cells, n);
        for (size_t k = 0; k < n; k++) {
            const struct rating_cell *x = &c.cells[k];
            if (k > 0)
                assert_true(x[-1].first < x->first ||
                            (x[-1].first == x->first &&
                             x[-1].second < x->second));
            assert_ptr_equal(rating_counts_find(&c, x->first, x->second), x);
            assert_int_equal(x->n[RATING_FIRST] % (1 + x->first / step * 40 +
                                                   x->second / step), 0);
        }
        rating_counts_add(&c, 1, 0, RATING_TIE, 5);
        assert_int_equal(rating_counts_find(&c, 1, 0)->n[RATING_TIE], 5);
        rating_counts_free(&c);
    }
}

static void test_merge_renames(void **state)
{
    (void)state;
    struct rating_counts a, b;
    rating_counts_init(&a);
    rating_counts_init(&b);
    rating_counts_add(&a, 0, 1, RATING_FIRST, 3);
    rating_counts_add(&b, 0, 1, RATING_FIRST, 4);
    rating_counts_add(&b, 1, 2, RATING_SECOND, 5);
    const uint32_t map[3] = {0, 1, 7};
    assert_int_equal(rating_counts_merge(&a, &b, map), 0);
    assert_int_equal(rating_counts_find(&a, 0, 1)->n[RATING_FIRST], 7);
    assert_int_equal(rating_counts_find(&a, 1, 7)->n[RATING_SECOND], 5);
    assert_int_equal(a.n_models, 8);
    rating_counts_free(&a);
    rating_counts_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adds_and_finds),
        cmocka_unit_test(test_small_and_large_numbers),
        cmocka_unit_test(test_room_by_cells),
        cmocka_unit_test(test_counts_beyond_32_bits),
        cmocka_unit_test(test_sorts),
        cmocka_unit_test(test_merge_renames),
    };
    return TEST_RUN(tests);
}
