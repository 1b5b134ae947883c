/* Right answers: what agrees with a reference, and what a run's accuracy makes
 * of it. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "arena/run/accuracy.h"
#include "arena/exact.h"
#include "arena/run/prompts.h"
#include "base/buf.h"
#include "base/rng.h"
#include "rating/math/proportion.h"

struct example {
    const char *answer, *reference;
    bool agrees;
};

static void check(const struct example *list, size_t n)
{
    size_t n_wrong = 0;
    for (size_t i = 0; i < n; i++)
        if (exact_agrees(list[i].answer, list[i].reference) !=
            list[i].agrees) {
            print_error("\"%s\" and \"%s\"\n", list[i].answer,
                        list[i].reference);
            n_wrong++;
        }
    assert_int_equal(n_wrong, 0);
}

static void numbers_agree_by_the_last_one(void **state)
{
    (void)state;
    static const struct example list[] = {
        {"42", "42", true},
        {"6 times 7 is 42.", "42", true},
        {"It is 42, or 41", "42", false},
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

static void what_is_rejected_is_no_answer(void **state)
{
    (void)state;
    static const struct example list[] = {
        {"It is 42, not 41", "42", true},
        {"It is 41, not 42.", "42", false},
        {"It is not 42 but 41", "42", false},
        {"It isn't 42", "42", false},
        {"41; it isn\xE2\x80\x99t **42**", "42", false},
        {"41 rather than 42", "42", false},
        {"41 instead of $42$", "42", false},
        {"x \xE2\x89\xA0 42", "42", false},
        {"$x \\neq 42$", "42", false},
        {"a knot 42", "42", true},
        {"If not, 42", "42", true},
        {"It is 41, not -42", "-42", false},
        {"It is 41, not minus 42", "-42", false},
        {"41 $\\text{ not }42$", "42", false},
        {"C, not B", "B", false},
        {"B, not C", "B", true},
        {"It is not (B)", "B", false},
        {"It is not Paris", "Paris", false},
        {"It isn't in Paris but in Lyon", "Paris", false},
        {"It is not the Danube, but the Rhine", "Danube", false},
        {"the Rhine instead of the Danube", "Danube", false},
        {"not Paris? Yes, it is Paris", "Paris", true},
        {"a knot Paris", "Paris", true},
        {"not only Paris", "Paris", true},
    };
    check(list, sizeof(list) / sizeof(list[0]));
}

static void brackets_are_asides(void **state)
{
    (void)state;
    static const struct example list[] = {
        {"46 (23 pairs)", "46", true},
        {"46 (23 pairs)", "23", false},
        {"12 m (the longer one is 19 m)", "12", true},
        {"0.278 (27.8%)", "0.278", true},
        {"42 [1]", "42", true},
        {"(42)", "42", true},
        {"\\(42\\)", "42", true},
        {"so 7 = \\[42\\]", "42", true},
        {"a) 3 b) 42", "42", true},
        {"((41) 42", "42", true},
        {"(an open one 7\n5 is it", "5", true},
        {"B (as C is false)", "B", true},
        {"(B)", "B", true},
        {"B. I am sure", "B", true},
        {"I", "I", true},
    };
    check(list, sizeof(list) / sizeof(list[0]));
}

static void numbers_are_written_in_many_ways(void **state)
{
    (void)state;
    static const struct example list[] = {
        /* inside another */
        {"420", "42", false},
        {"142", "42", false},
        {"4.2e5", "4.2", false},
        {"8:15", "15", false},
        {"15 minutes, at 8:15", "15", true},
        {"version 1.2.3", "1.2", false},
        {"on 29.5.1453", "1453", true},
        {"29/5/1453", "1453", true},
        {"May 29, 1453", "1453", true},
        {"18446744073709551616", "18446744073709551615", false},
        {"12345678901", "12345678902", false},
        {"-5", "5", false},
        {"5", "-5", false},
        {"-0", "0", true},
        /* Markdown, LaTeX, tables */
        {"**42**", "42", true},
        {"_42_", "42", true},
        {"__42__ metres", "42", true},
        {"x_2", "2", false},
        {"$\\boxed{42}$", "42", true},
        {"$\\boxed{-42\\text{ m}}$", "-42", true},
        {"| total | 42 |", "42", true},
        {"$1{,}234$", "1234", true},
        {"$1\\,234\\,567$", "1234567", true},
        /* separators, units */
        {"1'234'567", "1234567", true},
        {"1\xE2\x80\x99" "234", "1234", true},
        {"1\xC2\xA0" "234", "1234", true},
        {"1\xE2\x80\xAF" "234.5 m", "1234.5", true},
        {"1\xE2\x80\x89" "234", "1234", true},
        {"12345,678", "678", true},
        {"0,278", "0.278", true},
        {"0,278", "278", false},
        {".278", "0.278", true},
        {"42nd", "42", true},
        {"42km", "42", true},
        {"20 m/s\xC2\xB2", "20", true},
        {"30%", "30", true},
        /* powers and fractions */
        {"4.2e1", "42", true},
        {"4.2E+01", "42", true},
        {"2.4 * 10^3", "2400", true},
        {"$2.4 \\times 10^{3}$", "2400", true},
        {"2.4 \xC3\x97 10\xC2\xB3", "2400", true},
        {"2.4 \xC3\x97 10^3", "10", false},
        {"5 \xC2\xB7 10\xE2\x81\xBB\xC2\xB2", "0.05", true},
        {"10^3", "10", false},
        {"2^{10}", "1024", true},
        {"5/18", "18", false},
        {"5/18", "0.278", true},
        {"$\\frac{1}{2}$", "2", false},
        {"$-\\dfrac{1}{2}$", "-0.5", true},
        {"$\\boxed{\\frac{18}{5}}$", "3.6", true},
        {"0.5", "1/2", true},
        {"2/4", "1/2", true},
        {"1/3", "1/2", false},
        {"1/0", "5", false},
        {"7", "1e999", false},
        {"0.5", "\\frac{1}{2}", true},
        {"1000", "10^{3}", true},
        {"2.4 x 10^3", "2400", true},
        {"$3\\frac{1}{2}$", "3.5", true},
        {"-3 1/2", "-3.5", true},
        {"5 is 4/2", "2", true},
        {"on 5 3/4/2020", "2020", true},
        {"2^0.5", "1.414", true},
        {"$2^{0.5}$", "1.414", true},
        {"2^.5 m", "1.414", true},
        {"2^(-0.5)", "0.7071", true},
        {"2^(0.5)", "2", false},
        {"1.414213562", "2^0.5", true},
        {"1.4142135624", "2^{\\frac{1}{2}}", true},
        {"so 1", "2^0.5", false},
        {"9^(1/2)", "3", true},
        {"9^{1/2}", "3", true},
        {"9^1/2", "4.5", true},
        {"$27^{-\\frac{1}{3}}$", "1/3", true},
        {"It is 2^3.", "8", true},
        {"2^1.5.", "2.828", true},
        {"$10^{3}m$", "1000", true},
        {"$2.4 \\times 10^{-3}\\mathrm{m}$", "0.0024", true},
        {"2^(1/2)m", "1.414", true},
        /* exponents and indices are none */
        {"9.8 m s\xE2\x81\xBB\xC2\xB2", "9.8", true},
        {"9.8 m s^-2", "9.8", true},
        {"9.8 m s^{-2}", "9.8", true},
        {"9.8 m s^(-2)", "9.8", true},
        {"x^-2", "-2", false},
        {"x_{2}", "2", false},
        {"x^0.5", "5", false},
        {"x^{1/2}", "2", false},
        {"7 m^(1/2)", "7", true},
        {"a^{b_{2}} is 7", "7", true},
        {"7 (2^(3) is 8)", "7", true},
        /* small ones */
        {"0", "6.626e-34", false},
        {"1.6e-19", "6.626e-34", false},
        {"6.626 * 10^-34", "6.626e-34", true},
        {"0.145", "0.15", true},
        /* a date as a reference is all of it */
        {"29.5.1453", "29/5/1453", true},
        {"1/1/1453", "29/5/1453", false},
        /* signs and digits of other scripts */
        {"\xE2\x80\x93" "40", "-40", true},
        {"minus 40", "-40", true},
        {"minus 40", "40", false},
        {"Negative 40 degrees", "-40", true},
        {"60 minus 18", "18", true},
        {"a loss, so -$5", "-5", true},
        {"a loss, so -\\$5", "-5", true},
        {"$10-$15", "15", true},
        {"-5", "+5", false},
        {"30\xE2\x80\x93" "40", "40", true},
        {"\xEF\xBC\x94\xEF\xBC\x92", "42", true},
        {"\xD9\xA4\xD9\xA2", "42", true},
        {"\xE0\xA5\xAA\xE0\xA5\xA8", "42", true},
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
        {"It is a guess: B", "(A)", false},
        {"It is a guess: B", "A ", false},
        {"(A)", "(A)", true},
        {"A) Paris", "A.", true},
        {"a test (b)", "a test", true},
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
        {"Final answer: 8\nIn 3 steps.", "8", true},
        {"- Answer: 8\n3", "8", true},
        {"| Answer: | 8 |\n| Steps | 3 |", "8", true},
        {"Answer\xEF\xBC\x9A 8\n3", "8", true},
        {"Answer:\n$$\n8\n$$\n", "8", true},
        {"Answer: $$\n8\n$$\n", "8", true},
        {"Answer:\n\n8\n\nThis took 3 steps.", "8", true},
        {"Answer:\n8\n \nThis took 3 steps.", "3", false},
        {"Answering: 8\n3", "8", false},
        {"Answer: part of it", "art", false},
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

/* No bytes of an answer or a reference are read beyond their end (run under the
 * sanitizers). */
static void any_bytes_are_survived(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "4", "2", "0", ",", ".", "/", ":", "^", "{", "}", "(", ")", "[", "-",
        "e", "*", "10^", "\\frac{", "}{", "\\", "'", " ", "\n", "not ", "n't ",
        "minus ", "B", "Paris", "the ", "Answer:", "\xE2\x88\x92", "\xE2\x80",
        "\xC2\xB2", "\xD9\xA4", "\xFF", "_", "|", "\xC2\xA0",
    };
    static const char *const references[] = {"42", "4.20", "B", "Paris"};
    struct rng rng;
    rng_init(&rng, 1);
    for (int i = 0; i < 20000; i++) {
        struct buf text;
        buf_init(&text, 4096);
        for (uint64_t k = rng_below(&rng, 12); k > 0; k--)
            buf_add_str(&text, pieces[rng_below(
                                   &rng, sizeof(pieces) / sizeof(*pieces))]);
        char *exact = strdup(text.data);
        assert_non_null(exact);
        exact_agrees(exact, references[i % 4]);
        if (exact_is_checkable(exact))
            exact_agrees(references[i % 4], exact);
        assert_true(exact_agreement(exact, exact) >= 0);
        free(exact);
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_agree_by_the_last_one),
        cmocka_unit_test(what_is_rejected_is_no_answer),
        cmocka_unit_test(brackets_are_asides),
        cmocka_unit_test(numbers_are_written_in_many_ways),
        cmocka_unit_test(letters_agree_by_the_last_one_alone),
        cmocka_unit_test(words_agree_whole_and_folded),
        cmocka_unit_test(only_what_follows_answer_counts),
        cmocka_unit_test(long_references_are_for_judges),
        cmocka_unit_test(references_are_read_by_turn),
        cmocka_unit_test(bad_references_are_refused),
        cmocka_unit_test(accuracy_counts_by_prompt),
        cmocka_unit_test(agreement_is_of_what_is_said_last_or_of_words),
        cmocka_unit_test(any_bytes_are_survived),
        cmocka_unit_test(proportions_have_published_intervals),
    };
    return TEST_RUN(tests);
}
