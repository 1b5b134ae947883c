/* When the bytes of an answer came, as it is kept. */
#include "backends/rhythm.h"

#include "test.h"

#include <string.h>

static void assert_written(const struct rhythm *r, size_t n_bytes,
                           const char *want)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    rhythm_write(r, n_bytes, &out);
    assert_string_equal(out.data, want);
    assert_true(rhythm_fits(out.data, n_bytes));
    buf_free(&out);
}

static void pieces_are_kept_with_their_times(void **state)
{
    struct rhythm r;
    (void)state;
    rhythm_init(&r);
    assert_written(&r, 0, "");
    rhythm_add(&r, 10, 0); /* only thinking */
    rhythm_add(&r, 250, 5);
    rhythm_add(&r, 300, 5); /* nothing new */
    rhythm_add(&r, 400, 9);
    rhythm_add(&r, 410, 12); /* too near: of the piece before */
    rhythm_add(&r, 450, 13);
    assert_written(&r, 13, "250+5 150+7 50+1");
    assert_written(&r, 14, ""); /* not of this answer */
    rhythm_free(&r);
}

/* What came as text and was thinking is no part of the answer. */
static void an_answer_may_begin_anew(void **state)
{
    struct rhythm r;
    (void)state;
    rhythm_init(&r);
    rhythm_add(&r, 100, 50);
    rhythm_add(&r, 900, 4);
    assert_written(&r, 4, "900+4");
    rhythm_restart(&r);
    rhythm_add(&r, 1000, 8);
    assert_written(&r, 8, "1000+8");
    rhythm_free(&r);
}

/* A long answer takes no more room; its pieces are larger, and it ends with
 * the same bytes. */
static void a_long_answer_has_larger_pieces(void **state)
{
    struct rhythm r;
    struct buf out;
    (void)state;
    buf_init(&out, 1 << 20);
    rhythm_init(&r);
    for (int i = 1; i <= 100000; i++) {
        rhythm_add(&r, 50 * i, (size_t)(3 * i));
        assert_true(r.n <= RHYTHM_MAX_PIECES);
    }
    rhythm_write(&r, 300000, &out);
    assert_true(rhythm_fits(out.data, 300000));
    assert_true(r.n > RHYTHM_MAX_PIECES / 4);
    assert_true(out.len < 16 * RHYTHM_MAX_PIECES);
    /* At its half it is half there, but for a piece. */
    size_t half = rhythm_at(out.data, 2500000, NULL);
    assert_true(half >= 150000 && half < 152000);
    buf_free(&out);
    rhythm_free(&r);
}

static void it_tells_what_was_there_when(void **state)
{
    static const char text[] = "250+5 150+7 50+1";
    static const struct {
        int64_t ms, next_ms;
        size_t n;
    } cases[] = {{0, 250, 0},   {249, 250, 0}, {250, 400, 5}, {399, 400, 5},
                 {400, 450, 12}, {450, -1, 13}, {9999, -1, 13}};
    int64_t next;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(rhythm_at(text, cases[i].ms, &next), cases[i].n);
        assert_int_equal(next, cases[i].next_ms);
    }
    assert_int_equal(rhythm_at("", 5, &next), 0);
    assert_int_equal(next, -1);
}

/* A file may say anything. */
static void what_is_no_rhythm_is_told(void **state)
{
    static const char *const wrong[] = {
        " ",     "5",        "5+",      "+5",        "5+3 ",  "5+3  5+1",
        "5+4",   "5+2",      "-5+3",    "5+-3",      "5+0",   "5+3 5+0",
        "5+3x",  "5 3",      "x",       "5+3,",      "5.5+3", "5+3 7",
        "5+3\n", "99999999999999999999+3", "5+99999999999999999999",
    };
    (void)state;
    assert_true(rhythm_fits("", 3));
    assert_true(rhythm_fits("0+3", 3));
    assert_true(rhythm_fits("5+1 0+2", 3));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(rhythm_fits(wrong[i], 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_kept_with_their_times),
        cmocka_unit_test(an_answer_may_begin_anew),
        cmocka_unit_test(a_long_answer_has_larger_pieces),
        cmocka_unit_test(it_tells_what_was_there_when),
        cmocka_unit_test(what_is_no_rhythm_is_told),
    };
    return TEST_RUN(tests);
}
