/* Tests of tui/print/table: names are told apart on every width. */
#include "tests/unit/test.h"

#include <string.h>

#include "tui/print/table.h"

static void names_are_cut_in_the_middle(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    assert_int_equal(table_add_middle("some-Q4_K_M", 9, &b), 9);
    assert_string_equal(b.data, "some~_K_M");
    buf_clear(&b);
    assert_int_equal(table_add_middle("short", 9, &b), 5);
    assert_string_equal(b.data, "short");
    buf_clear(&b);
    /* two columns each */
    assert_int_equal(table_add_middle("\xe6\x97\xa5\xe6\x97\xa5\xe6\x97\xa5"
                                      "\xe6\x97\xa5", 6, &b), 5);
    assert_string_equal(b.data, "\xe6\x97\xa5~\xe6\x97\xa5");
    buf_free(&b);
}

static void assert_table(int width, const char *first, const char *second,
                         const char *want)
{
    static const struct table_column columns[] = {{"Name", false, TABLE_NAME},
                                                  {"N", true, 0}};
    struct table t;
    struct buf out;
    buf_init(&out, 10000);
    table_init(&t, columns, 2);
    t.width = width;
    table_add(&t, first);
    table_add(&t, "1");
    table_add(&t, second);
    table_add(&t, "2");
    table_print(&t, TABLE_TEXT, &out);
    assert_string_equal(out.data, want);
    table_free(&t);
    buf_free(&out);
}

static void names_take_the_width_that_is_there(void **state)
{
    (void)state;
    const char *a = "lab/a-model-of-many-words-Q4", *b =
        "lab/a-model-of-many-words-Q8";
    const char *whole = "Name                          N\n"
                        "lab/a-model-of-many-words-Q4  1\n"
                        "lab/a-model-of-many-words-Q8  2\n";
    assert_table(0, a, b, whole);
    assert_table(31, a, b, whole);
    assert_table(20, a, b, "Name               N\n"
                           "lab/a-mo~words-Q4  1\n"
                           "lab/a-mo~words-Q8  2\n");
}

/* Cut in the middle, these two would be one. */
static void names_that_would_look_alike_are_whole(void **state)
{
    (void)state;
    assert_table(20, "lab/a-model-4-of-many-words",
                 "lab/a-model-8-of-many-words",
                 "Name                         N\n"
                 "lab/a-model-4-of-many-words  1\n"
                 "lab/a-model-8-of-many-words  2\n");
}

/* The last one gives way after the names, but not to nothing. */
static void a_last_column_takes_what_is_left(void **state)
{
    (void)state;
    static const struct table_column columns[] = {{"N", true, 0},
                                                  {"Text", false, 30}};
    static const struct {
        int width;
        const char *want;
    } cases[] = {{0, "N  Text\n1  one two three four\n"},
                 {21, "N  Text\n1  one two three four\n"},
                 {16, "N  Text\n1  one two thre~\n"},
                 {5, "N  Text\n1  one two t~\n"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct table t;
        struct buf out;
        buf_init(&out, 10000);
        table_init(&t, columns, 2);
        t.width = cases[i].width;
        table_add(&t, "1");
        table_add(&t, "one two three four");
        table_print(&t, TABLE_TEXT, &out);
        assert_string_equal(out.data, cases[i].want);
        table_free(&t);
        buf_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_cut_in_the_middle),
        cmocka_unit_test(names_take_the_width_that_is_there),
        cmocka_unit_test(names_that_would_look_alike_are_whole),
        cmocka_unit_test(a_last_column_takes_what_is_left),
    };
    return TEST_RUN(tests);
}
