/* The probabilities of an answer's tokens, as they are kept. */
#include "backends/chances.h"

#include "test.h"

#include <string.h>

static void add(struct chances *c, const char *bytes, double p)
{
    chances_add(c, bytes, strlen(bytes), p);
}

/* The line of a text as "bytes:percent ", or "-". */
static void assert_line(const struct chances *c, const char *text,
                        const char *want)
{
    struct buf line, got;
    size_t n;
    double p;
    buf_init(&line, 1000);
    buf_init(&got, 1000);
    chances_of_text(c, text, strlen(text), &line);
    assert_true(chances_fit(line.data, strlen(text)));
    for (const char *at = line.data; chances_next(&at, &n, &p);)
        buf_addf(&got, "%zu:%.0f ", n, 100 * p);
    assert_string_equal(line.len == 0 ? "-" : got.data, want);
    buf_free(&line);
    buf_free(&got);
}

static void tokens_are_kept_with_their_text(void **state)
{
    struct chances c;
    (void)state;
    chances_init(&c);
    add(&c, "Hel", 1);
    add(&c, "", 0.5); /* a token without bytes */
    add(&c, "lo", 0.5);
    add(&c, "!", 0);
    assert_line(&c, "Hello!", "3:100 2:51 1:0 ");
    assert_line(&c, "Hallo!", "-");
    assert_line(&c, "", "-");
    chances_free(&c);
}

/* Thinking comes before the text, a tag or half a character behind it; both may
 * share a token with it. */
static void the_text_is_the_end_of_what_was_written(void **state)
{
    struct chances c;
    (void)state;
    chances_init(&c);
    add(&c, "<think>so", 1);
    add(&c, "</think>\n\nso", 0);
    add(&c, " it is", 1);
    add(&c, "\xF0\x9F", 0);
    assert_line(&c, "so it is", "2:0 6:100 ");
    assert_line(&c, "it is\xF0", "5:100 1:0 ");
    char long_tail[101] = "";
    memset(long_tail, 'x', 100);
    add(&c, long_tail, 1);
    assert_line(&c, "so it is", "-"); /* too far from the end */
    assert_line(&c, long_tail, "94:100 6:100 ");
    chances_free(&c);
}

static void without_a_number_nothing_is_told(void **state)
{
    struct chances c;
    (void)state;
    chances_init(&c);
    add(&c, "a", 0.5);
    add(&c, "b", NAN);
    add(&c, "c", 0.5);
    assert_line(&c, "abc", "-");
    assert_line(&c, "c", "-");
    chances_free(&c);
}

static void a_line_of_another_text_is_told_apart(void **state)
{
    (void)state;
    assert_true(chances_fit("", 7));
    assert_true(chances_fit("~$!#", 7)); /* 4 bytes and 3 */
    assert_false(chances_fit("~$!#", 6));
    assert_false(chances_fit("~$!#", 8));
    assert_false(chances_fit("~$!", 4));
    assert_false(chances_fit("~ ~$", 4));
    assert_false(chances_fit(" $", 4));
    assert_false(chances_fit("\xFF$", 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_are_kept_with_their_text),
        cmocka_unit_test(the_text_is_the_end_of_what_was_written),
        cmocka_unit_test(without_a_number_nothing_is_told),
        cmocka_unit_test(a_line_of_another_text_is_told_apart),
    };
    return TEST_RUN(tests);
}
