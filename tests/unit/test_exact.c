/* Right answers: what agrees with a reference, and what a run's accuracy makes
 * of it. */
#include "tests/unit/test.h"

#include <string.h>

#include "arena/run/accuracy.h"
#include "arena/exact.h"
#include "arena/run/prompts.h"
#include "rating/math/proportion.h"

struct example {
    const char *answer, *reference;
    bool agrees;
};

static void check(const struct example *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (exact_agrees(list[i].answer, list[i].reference) !=
            list[i].agrees)
            fail_msg("\"%s\" and \"%s\"", list[i].answer, list[i].reference);
}

static void numbers_agree_by_the_last_one(void **state)
{
    (void)state;
    static const struct example list[] = {
        {"42", "42", true},
        {"6 times 7 is 42.", "42", true},
        {"It is 42, not 41", "42", false},
        {"42.0", "42", true},
        {"42.4", "42", false},
        {"$\\boxed{1,234}$", "1234", true},
        {"1234", "1,234", true},
        {"1,2", "12", false},
        {"It costs $2,318.55.", "2318.55", true},
        {"about 0.27777", "0.278", true},
        {"about 0.2774", "0.278", false},
        {"3.14159", "3.14", true},
        {"3.1", "3.14", false},
        {"-40", "-40", true},
        {"\xE2\x88\x92" "40 degrees", "-40", true},
        {"40", "-40", false},
        {"5-7", "7", true},
        {"20 m/s^2", "20", true},
        {"H2O", "2", false},
        {"none", "2", false},
        {"7 \xC3\xA9t\xC3\xA9s", "7", true},
    };
    check(list, sizeof(list) / sizeof(list[0]));
}

static void letters_agree_by_the_last_one_alone(void **state)
{
    (void)state;
    static const struct example list[] = {
        {"B", "B", true},
        {"I say (B).", "B", true},
        {"A, or rather C", "A", false},
        {"a banana", "A", false},
        {"BA", "A", false},
        {"\xC3\x84" "B", "B", false},
    };
    check(list, sizeof(list) / sizeof(list[0]));
}

static void words_agree_whole_and_folded(void **state)
{
    (void)state;
    static const struct example list[] = {
        {"It was Diego Vel\xC3\xA1zquez!", "velazquez", true},
        {"dvorak", "Dvo\xC5\x99\xC3\xA1k", true},
        {"the MOBY\xE2\x80\x93" "DICK", "Moby Dick", true},
        {"H.H. Munro", "H. H. Munro", true},
        {"Ioannina", "Io", false},
        {"John Paul II", "John Paul I", false},
        {"the capital is not known", "Paris", false},
        {"", "Paris", false},
    };
    check(list, sizeof(list) / sizeof(list[0]));
}

static void only_what_follows_answer_counts(void **state)
{
    (void)state;
    static const struct example list[] = {
        {"First 7.\nAnswer: 8\nThis took 9 steps.", "8", true},
        {"**Answer:** 8", "8", true},
        {"## answer : 8", "8", true},
        {"Answer: 7\nNo.\nAnswer: 8", "8", true},
        {"Answer: 7\nNo.\nAnswer: 8", "7", false},
        {"Answer:\n\n**8**\n", "8", true},
        {"Rome or Paris\nAnswer: Rome", "Paris", false},
        {"The answer: Paris\nis that", "Paris", true},
    };
    check(list, sizeof(list) / sizeof(list[0]));
}

static void long_references_are_for_judges(void **state)
{
    (void)state;
    char text[EXACT_MAX_BYTES + 2];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_false(exact_is_checkable(text));
    assert_true(exact_is_checkable(text + 1));
    assert_false(exact_is_checkable("a\nb"));
    assert_false(exact_is_checkable(" ?! "));
    assert_true(exact_is_checkable("B"));
}

static const char set[] =
    "{\"purpose\": \"to test\"}\n"
    "{\"prompt\": \"1+1\", \"category\": \"f\", \"pair\": \"x\","
    " \"reference\": 2}\n"
    "{\"prompt\": \"2-1\", \"category\": \"b\", \"pair\": \"x\","
    " \"reference\": [[\"1\", \"one\"]]}\n"
    "{\"turns\": [\"a\", \"b\"], \"reference\": [null, \"B\"]}\n"
    "{\"turns\": [\"c\", \"d\"], \"reference\": [\"C\", \"D\"]}\n"
    "{\"prompt\": \"Why?\"}\n";

static void references_are_read_by_turn(void **state)
{
    (void)state;
    struct prompts p;
    struct err e;
    if (prompts_parse(&p, set, strlen(set), "f", PROMPTS_AUTO, &e) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(p.purpose, "to test");
    assert_int_equal(p.n, 5);
    assert_string_equal(p.list[0].references[0].text, "2");
    assert_string_equal(p.list[0].pair, "x");
    assert_int_equal(p.list[1].n_references, 2);
    assert_string_equal(p.list[1].references[1].text, "one");
    assert_int_equal(p.list[2].n_references, 1);
    assert_int_equal(p.list[2].references[0].turn, 1);
    assert_int_equal(p.list[3].references[1].turn, 1);
    assert_int_equal(p.list[4].n_references, 0);
    prompts_free(&p);

    static const char csv[] = "prompt,reference\n1+1,2\nWhy?,\n";
    assert_int_equal(prompts_parse(&p, csv, strlen(csv), "f", PROMPTS_AUTO, &e),
                     0);
    assert_int_equal(p.list[0].n_references, 1);
    assert_string_equal(p.list[0].references[0].text, "2");
    assert_int_equal(p.list[1].n_references, 0);
    prompts_free(&p);
}

static void bad_references_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"prompt\": \"a\", \"reference\": {\"x\": 1}}",
        "{\"prompt\": \"a\", \"reference\": true}",
        "{\"prompt\": \"a\", \"reference\": [\"b\", \"c\"]}",
        "{\"prompt\": \"a\", \"reference\": [[[\"b\"]]]}",
        "{\"purpose\": \"x\", \"more\": 1}",
        "{\"prompt\": \"a\"}\n{\"purpose\": \"x\"}",
        "{\"purpose\": \"x\"}\n{\"purpose\": \"x\"}",
    };
    struct prompts p;
    struct err e;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (prompts_parse(&p, bad[i], strlen(bad[i]), "f", PROMPTS_JSONL, &e) ==
            0)
            fail_msg("%s", bad[i]);
        assert_int_equal(e.code, ERR_FORMAT);
        assert_non_null(strstr(e.text, "f:"));
    }
}

static void accuracy_counts_by_prompt(void **state)
{
    (void)state;
    struct prompts p;
    struct accuracy a;
    struct err e;
    assert_int_equal(prompts_parse(&p, set, strlen(set), "f", PROMPTS_AUTO, &e),
                     0);
    accuracy_init(&a, &p, 2);
    assert_int_equal(a.n_checked, 4);
    assert_int_equal(a.n_pairs, 1);
    assert_int_equal(a.categories->n, 3);
    assert_false(accuracy_is_checked(&a, 4));
    const char *both[] = {"So C", "So D"}, *one[] = {"So C", "So C"};
    assert_true(accuracy_agrees(&a, 3, both));
    assert_false(accuracy_agrees(&a, 3, one));
    assert_true(accuracy_agrees(&a, 1, (const char *[]){"It is one."}));

    accuracy_note(&a, 0, 0, true);
    accuracy_note(&a, 0, 1, false);
    accuracy_note(&a, 0, 2, true);
    accuracy_note(&a, 1, 0, true);
    accuracy_note(&a, 1, 1, true);
    struct accuracy_count c = accuracy_count(&a, 0, ACCURACY_ALL);
    assert_int_equal(c.n_right, 2);
    assert_int_equal(c.n, 3);
    c = accuracy_count(&a, 0, 1);
    assert_int_equal(c.n_right, 0);
    assert_int_equal(c.n, 1);
    /* Only the prompts that both answered. */
    struct proportion_pairs n = accuracy_compare(&a, 0, 1);
    assert_int_equal(n.n_both, 1);
    assert_int_equal(n.n_first, 0);
    assert_int_equal(n.n_second, 1);
    assert_int_equal(n.n_neither, 0);
    n = accuracy_directions(&a, 0);
    assert_int_equal(n.n_first, 1);
    assert_int_equal(n.n_both + n.n_second + n.n_neither, 0);
    accuracy_free(&a);
    prompts_free(&p);
}

/* Newcombe (1998), tables II and III: method 3 and method 10. */
static void proportions_have_published_intervals(void **state)
{
    (void)state;
    struct proportion p = proportion_of(81, 263);
    assert_near(p.lower, 0.2553, 5e-5);
    assert_near(p.upper, 0.3662, 5e-5);
    p = proportion_of(0, 20);
    assert_near(p.lower, 0, 0);
    assert_near(p.upper, 0.1611, 5e-5);
    p = proportion_of(10, 10);
    assert_near(p.upper, 1, 0);
    p = proportion_of(0, 0);
    assert_true(isnan(p.share));

    struct proportion_difference d =
        proportion_compare(&(struct proportion_pairs){36, 12, 2, 0});
    assert_near(d.difference, 0.2, 1e-12);
    assert_near(d.lower, 0.0569, 5e-5);
    assert_near(d.upper, 0.3404, 5e-5);
    assert_near(d.p, 0.012939453125, 1e-12); /* 2 * 106 / 2^14 */
    d = proportion_compare(&(struct proportion_pairs){54, 0, 0, 0});
    assert_near(d.lower, -0.0664, 5e-5);
    assert_near(d.upper, 0.0664, 5e-5);
    assert_near(d.p, 1, 0);
    d = proportion_compare(&(struct proportion_pairs){0, 6, 0, 0});
    assert_near(d.p, 0.03125, 1e-12);
    d = proportion_compare(&(struct proportion_pairs){1, 3, 3, 1});
    assert_near(d.p, 1, 0);
    d = proportion_compare(&(struct proportion_pairs){0, 0, 0, 0});
    assert_true(isnan(d.difference));
}

static void agreement_is_of_what_is_said_last_or_of_words(void **state)
{
    (void)state;
    static const struct {
        const char *x, *y;
        double agreement;
    } list[] = {
        {"Answer: 42", "so:\n**Answer:** 42.0 m", 1},
        {"Answer: 42", "Answer: 41", 0},
        {"x\nAnswer: the sea", "Answer: The *sea*.", 1},
        {"Answer: sea", "Answer: sky", 0},
        {"Answer: 1 b", "a b", 0.4}, /* words: answer 1 b */
        {"a b c d", "D b", 2.0 / 3},
        {"a a b", "a b b", 2.0 / 3},
        {"a", "b", 0},
        {"", "", 1},
        {"a", "", 0},
    };
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        for (int turned = 0; turned < 2; turned++) {
            const char *x = turned ? list[i].y : list[i].x;
            const char *y = turned ? list[i].x : list[i].y;
            double got = exact_agreement(x, y);
            if (got < list[i].agreement - 1e-9 ||
                got > list[i].agreement + 1e-9)
                fail_msg("\"%s\" and \"%s\": %g", x, y, got);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_agree_by_the_last_one),
        cmocka_unit_test(letters_agree_by_the_last_one_alone),
        cmocka_unit_test(words_agree_whole_and_folded),
        cmocka_unit_test(only_what_follows_answer_counts),
        cmocka_unit_test(long_references_are_for_judges),
        cmocka_unit_test(references_are_read_by_turn),
        cmocka_unit_test(bad_references_are_refused),
        cmocka_unit_test(accuracy_counts_by_prompt),
        cmocka_unit_test(agreement_is_of_what_is_said_last_or_of_words),
        cmocka_unit_test(proportions_have_published_intervals),
    };
    return TEST_RUN(tests);
}
