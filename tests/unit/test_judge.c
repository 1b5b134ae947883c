/* What a judge is told, and what is read from what it says. */
#include "arena/judge/ask.h"
#include "arena/judge/reply.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "test.h"

static bool reads(enum form_kind kind, const char *text, bool whole,
                  double value)
{
    struct reply r;
    return reply_read(kind, text, whole, &r) && r.value == value;
}

static bool unread(enum form_kind kind, const char *text, bool whole)
{
    struct reply r;
    return !reply_read(kind, text, whole, &r);
}

static void the_last_mark_counts(void **state)
{
    (void)state;
    assert_true(reads(FORM_PAIR, "[[A]]", true, 1));
    assert_true(reads(FORM_PAIR, "It says [[A]].\nI say\n[[B]]\n\n", true, 0));
    assert_true(reads(FORM_PAIR, "[[C]]\r\n", true, 0.5));
    assert_true(reads(FORM_PAIR, "[[B]] is best.\nTruly.", true, 0));
    assert_true(reads(FORM_PAIR, "so [[A]], [[A]]", true, 1));
    assert_true(reads(FORM_SCORE, "Good: [[8]]", true, 8));
    assert_true(reads(FORM_SCORE, "[[7.5]]", true, 7.5));
}

static void what_is_no_verdict_is_none(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "A", "[A]", "[[D]]", "[[AB]]", "[[A]", "[[", "[[A]] or [[B]]",
        "[[B]]\nI mean [[A]], or [[C]].",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_true(unread(FORM_PAIR, texts[i], true));
    static const char *const scores[] = {
        "[[0]]", "[[11]]", "[[-1]]", "[[x]]", "[[8", "[[]]", "[[1e400]]",
        "[[7]] [[8]]", "[[nan]]", "[[A]]",
    };
    for (size_t i = 0; i < sizeof(scores) / sizeof(scores[0]); i++)
        assert_true(unread(FORM_SCORE, scores[i], true));
}

/* A text that was cut off may have quoted a mark only. */
static void a_cut_text_counts_only_by_its_end(void **state)
{
    (void)state;
    assert_true(unread(FORM_PAIR, "It says [[A]]\nwhich is", false));
    assert_true(reads(FORM_PAIR, "So\n[[A]]", false, 1));
    assert_true(reads(FORM_PAIR, "It says [[A]]\nwhich is", true, 1));
}

static void combine(bool soft, double a, double b, double tie_a, double tie_b,
                    enum rating_outcome wanted, double wanted_share)
{
    enum rating_outcome verdict;
    double share;
    reply_combine(FORM_PAIR, soft, (double[]){a, b}, (double[]){tie_a, tie_b},
                  &verdict, &share);
    assert_int_equal(verdict, wanted);
    assert_true(fabs(share - wanted_share) < 1e-12);
}

/* A verdict by a schema is the whole of "verdict", and nothing of "reason". */
static void verdicts_by_schema(void **state)
{
    (void)state;
    static const char *const none[] = {
        "", "[[A]]", "null", "[]", "{\"verdict\":\"A\"}", "{\"verdict\":1}",
        "{\"reason\":\"[[A]]\"}", "{\"verdict\":\"[[A]] or [[B]]\"}",
        "{\"verdict\":\"[[A]]\"} {\"verdict\":\"[[B]]\"}",
        "{\"verdict\":\"[[A]]\"", "{\"verdict\":\"[[D]]\"}"};
    struct reply r;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (reply_read_json(FORM_PAIR, none[i], &r))
            fail_msg("%s is a verdict", none[i]);
    assert_true(reply_read_json(FORM_PAIR, " {\"reason\":\"[[A]] is worse\","
                                           "\"verdict\":\"[[B]]\"}\n", &r));
    assert_near(r.value, 0, 0);
    assert_true(reply_read_json(FORM_PAIR, "{\"verdict\":\"[[C]]\"}", &r));
    assert_near(r.tie, 1, 0);
    assert_true(reply_read_json(FORM_SCORE, "{\"verdict\":\"[[10]]\"}", &r));
    assert_near(r.value, 10, 0);
    assert_false(reply_read_json(FORM_SCORE, "{\"verdict\":\"[[11]]\"}", &r));

    /* Every word of the schema is one that is read. */
    for (int kind = FORM_PAIR; kind <= FORM_SCORE; kind++) {
        const char *schema = reply_schema((enum form_kind)kind);
        cJSON *o = cJSON_Parse(schema);
        const cJSON *words = json_get(
            json_get(json_get(o, "properties"), "verdict"), "enum"), *word;
        assert_int_equal(cJSON_GetArraySize(words), kind == FORM_PAIR ? 3 : 10);
        cJSON_ArrayForEach(word, words) {
            struct buf text;
            buf_init(&text, 100);
            buf_addf(&text, "{\"verdict\":\"%s\"}", word->valuestring);
            assert_true(reply_read_json((enum form_kind)kind, text.data, &r));
            buf_free(&text);
        }
        cJSON_Delete(o);
    }
}

static void probabilities_are_a_share(void **state)
{
    (void)state;
    struct reply r;
    assert_true(reply_weigh((double[ANSWER_MAX_WORDS]){0.5, 0.3, 0.2}, &r));
    assert_near(r.value, 0.6, 1e-12);
    assert_near(r.tie, 0.2, 1e-12);
    assert_false(reply_weigh((double[ANSWER_MAX_WORDS]){NAN, NAN, NAN}, &r));
}

static void both_orders_make_a_vote(void **state)
{
    (void)state;
    combine(false, 1, 1, 0, 0, RATING_FIRST, 1);
    combine(false, 0, 0, 0, 0, RATING_SECOND, 0);
    combine(false, 1, 0, 0, 0, RATING_TIE, 0.5);
    combine(false, 1, 0.5, 0, 1, RATING_TIE, 0.75);
    combine(false, 0.5, 0.5, 1, 1, RATING_TIE, 0.5);
    /* The first one shown gets 0.9; what is left says B, barely. */
    combine(true, 0.9, 0.08, 0, 0, RATING_SECOND, 0.49);
    combine(true, 0.6, 0.6, 0.8, 0.8, RATING_TIE, 0.6);
    combine(true, 0.9, 0.1, 0, 0, RATING_TIE, 0.5);
    enum rating_outcome verdict;
    double share;
    reply_combine(FORM_SCORE, false, (double[]){8, 3}, (double[]){0, 0},
                  &verdict, &share);
    assert_int_equal(verdict, RATING_FIRST);
}

/* --- what it is told ------------------------------------------------------ */

static const char *questions[] = {"Why?", "And then?"};
static const char *of_a[] = {"Because {answer_b}.", "More."};
static const char *of_b[] = {"So {question}.", "Less."};

static int fill(struct ask_text *out, const char *template, size_t n_turns,
                int part, const char *own)
{
    struct judge_form f = {.name = mem_strdup("f"), .system = mem_strdup(""),
                           .kind = FORM_PAIR,
                           .template = mem_strdup(template)};
    struct ask_case c = {n_turns, questions, {of_a, of_b}, NULL};
    struct rng rng;
    struct err e;
    rng_init(&rng, 1);
    int result = ask_fill(out, &f, &c, part, own, &rng, &e);
    form_free(&f);
    return result;
}

static void places_are_filled_once(void **state)
{
    (void)state;
    struct ask_text t;
    struct buf wanted;
    buf_init(&wanted, 10000);
    const char *template = "{question} {x} {answer_a}{answer_b}\n{fence}";
    assert_int_equal(fill(&t, template, 1, 0, NULL), 0);
    buf_addf(&wanted, "Why? {x} \n%s\nBecause {answer_b}.\n%s\n%s\nSo "
             "{question}.\n%s\nEach answer stands between two lines with the "
             "word %s.", t.word, t.word, t.word, t.word, t.word);
    assert_memory_equal(t.user.data, wanted.data, wanted.len);
    assert_string_equal(t.system.data, "");
    assert_int_equal(t.n_messages, 1);
    assert_int_equal(strlen(t.word), ASK_WORD_BYTES - 1);
    ask_free(&t);

    /* The other order, and a form that knows of no fence. */
    assert_int_equal(fill(&t, "{answer_a}", 1, 1, "Be brief."), 0);
    assert_non_null(strstr(t.user.data, "So {question}."));
    assert_ptr_equal(strstr(t.system.data, "Be brief.\n\nEach answer "),
                     t.system.data);
    assert_non_null(strstr(t.system.data, t.word));
    assert_int_equal(t.n_messages, 2);
    assert_string_equal(t.messages[0].role, "system");
    ask_free(&t);
    buf_free(&wanted);
}

static void turns_have_numbers(void **state)
{
    (void)state;
    struct ask_text t;
    assert_int_equal(fill(&t, "{question_2}{answer_a_2}", 2, 0, NULL), 0);
    assert_non_null(strstr(t.user.data, "And then?"));
    assert_null(strstr(t.user.data, "Because"));
    ask_free(&t);
    assert_int_equal(fill(&t, "{answer_a}", 2, 0, NULL), 0);
    assert_non_null(strstr(t.user.data, "Turn 2:\nMore."));
    ask_free(&t);
    static const char *const wrong[] = {"{question_3}", "{ref_answer_1}",
                                        "{question_99999999999999999999}"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(fill(&t, wrong[i], 2, 0, NULL), -1);
        ask_free(&t);
    }
    assert_int_equal(fill(&t, "{question_0}{question_}", 2, 0, NULL), 0);
    assert_string_equal(t.user.data, "{question_0}{question_}");
    ask_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_mark_counts),
        cmocka_unit_test(what_is_no_verdict_is_none),
        cmocka_unit_test(a_cut_text_counts_only_by_its_end),
        cmocka_unit_test(verdicts_by_schema),
        cmocka_unit_test(probabilities_are_a_share),
        cmocka_unit_test(both_orders_make_a_vote),
        cmocka_unit_test(places_are_filled_once),
        cmocka_unit_test(turns_have_numbers),
    };
    return TEST_RUN(tests);
}
