#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena/blind/pace.h"
#include "base/mem.h"

/* Two answers of ASCII text that grow at their own speeds. */
struct race {
    size_t whole[2];     /* bytes of the whole answers */
    double rate[2];      /* bytes per ms */
    int64_t start_ms[2]; /* when they begin */
    char *text;
};

static void race_at(const struct race *r, int64_t now_ms,
                    struct pace_side sides[2])
{
    for (int i = 0; i < 2; i++) {
        double spent = (double)(now_ms - r->start_ms[i]);
        double n = spent > 0 ? floor(spent * r->rate[i]) : 0;
        sides[i].text = r->text;
        sides[i].done = n >= (double)r->whole[i];
        sides[i].n = sides[i].done ? r->whole[i] : (size_t)n;
    }
}

struct seen { /* what a person with a stopwatch sees */
    int64_t start_ms[2], end_ms[2], all_ms;
};

static struct seen watch(struct race *r, enum pace mode)
{
    struct seen seen = {{-1, -1}, {-1, -1}, -1};
    size_t shown[2] = {0, 0};
    struct pace_clock p;
    pace_init(&p, mode);
    r->text = mem_calloc(100000, 1);
    memset(r->text, 'x', 99999);
    for (int64_t now = 0; seen.all_ms < 0 && now < 10000000; now += 10) {
        struct pace_side sides[2];
        size_t before[2] = {shown[0], shown[1]};
        race_at(r, now, sides);
        if (pace_step(&p, now, sides, shown))
            seen.all_ms = now;
        for (int i = 0; i < 2; i++) {
            assert_true(shown[i] >= before[i] && shown[i] <= sides[i].n);
            if (seen.start_ms[i] < 0 && shown[i] > 0)
                seen.start_ms[i] = now;
            if (seen.end_ms[i] < 0 && shown[i] == r->whole[i])
                seen.end_ms[i] = now;
        }
    }
    free(r->text);
    assert_true(seen.all_ms >= 0);
    return seen;
}

static void live_shows_what_is_there(void **state)
{
    (void)state;
    struct race r = {{1000, 1000}, {1, 0.1}, {0, 500}, NULL};
    struct seen s = watch(&r, PACE_LIVE);
    assert_int_equal(s.start_ms[0], 10);
    assert_int_equal(s.start_ms[1], 510);
    assert_int_equal(s.end_ms[0], 1000);
    assert_int_equal(s.end_ms[1], 10500);
}

static void hold_shows_both_at_the_end(void **state)
{
    (void)state;
    struct race r = {{1000, 700}, {1, 0.1}, {0, 500}, NULL};
    struct seen s = watch(&r, PACE_HOLD);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(s.start_ms[i], 7500);
        assert_int_equal(s.end_ms[i], 7500);
    }
}

/* With equal pace the fast model is not to be told from the slow one: swapping
 * the speeds and keeping the texts changes nothing that can be seen. */
static void equal_hides_which_is_fast(void **state)
{
    (void)state;
    static const size_t lengths[][2] = {
        {1000, 1000}, {400, 1000}, {1000, 400}, {30, 2000}, {2000, 30}};
    for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
        struct race fast_a = {{lengths[k][0], lengths[k][1]}, {1, 0.1},
                              {0, 2000}, NULL};
        struct race fast_b = {{lengths[k][0], lengths[k][1]}, {0.1, 1},
                              {2000, 0}, NULL};
        struct seen x = watch(&fast_a, PACE_EQUAL);
        struct seen y = watch(&fast_b, PACE_EQUAL);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(x.start_ms[0], x.start_ms[1]);
            assert_int_equal(x.start_ms[i], y.start_ms[i]);
            /* The speed is measured over as little as 30 bytes. */
            int64_t slack = 50 + y.end_ms[i] / 20;
            assert_true(llabs(x.end_ms[i] - y.end_ms[i]) <= slack);
        }
    }
}

static void one_piece_is_not_infinitely_fast(void **state)
{
    (void)state;
    /* A sends all at once; B's longer rest is not thrown after it. */
    char text[3000];
    memset(text, 'x', sizeof(text));
    struct pace_side sides[2] = {{text, 500, true}, {text, 3000, true}};
    size_t shown[2] = {0, 0};
    struct pace_clock p;
    pace_init(&p, PACE_EQUAL);
    assert_false(pace_step(&p, 1000, sides, shown));
    assert_int_equal(shown[0], 500);
    assert_int_equal(shown[1], 500);
    assert_true(pace_wait_ms(&p, sides) > 0);
    assert_false(pace_step(&p, 1100, sides, shown));
    assert_int_equal(shown[1], 700); /* 500 in 250 ms: 2 a ms */
    p.hurry = true;
    assert_true(pace_step(&p, 1101, sides, shown));
    assert_int_equal(shown[1], 3000);
    assert_int_equal(pace_wait_ms(&p, sides), -1);
}

static void characters_stay_whole(void **state)
{
    (void)state;
    const char *text = "a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80z";
    static const size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
    for (size_t n = 1; n <= 11; n++) {
        /* Cut by what has come … */
        struct pace_side sides[2] = {{text, n, false}, {text, n, false}};
        size_t shown[2] = {0, 0};
        struct pace_clock p;
        pace_init(&p, PACE_LIVE);
        assert_false(pace_step(&p, 0, sides, shown));
        assert_int_equal(shown[0], whole[n]);
        /* … and by what the other side allows. */
        struct pace_side apart[2] = {{text, 11, false}, {"xxxxxxxxxxx", n,
                                                          false}};
        shown[0] = shown[1] = 0;
        pace_init(&p, PACE_EQUAL);
        assert_false(pace_step(&p, 0, apart, shown));
        assert_int_equal(shown[0], whole[n]);
        assert_int_equal(shown[1], n);
    }
    /* An answer that ends in the middle of one is shown to its end. */
    struct pace_side sides[2] = {{"\xC3", 1, true}, {"x", 1, true}};
    size_t shown[2] = {0, 0};
    struct pace_clock p;
    pace_init(&p, PACE_EQUAL);
    assert_true(pace_step(&p, 0, sides, shown));
    assert_int_equal(shown[0], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_shows_what_is_there),
        cmocka_unit_test(hold_shows_both_at_the_end),
        cmocka_unit_test(equal_hides_which_is_fast),
        cmocka_unit_test(one_piece_is_not_infinitely_fast),
        cmocka_unit_test(characters_stay_whole),
    };
    return TEST_RUN(tests);
}
