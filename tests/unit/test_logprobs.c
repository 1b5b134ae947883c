/* How probable a few words were, by what a server tells of its tokens. */
#include "backends/remote/logprobs.h"

#include "test.h"

#include <math.h>
#include <stdlib.h>

static const char *const list[] = {"A", "B", "C"};
static const struct request_words words = {"[[", list, 3};

/* An entry of a token: ' {"token":…,"logprob":ln(p),"top_logprobs":[…]}'. */
static void add_entry(struct buf *out, const char *token, double p,
                      const char *others)
{
    json_comma(out);
    buf_add_char(out, '{');
    json_put_text(out, "token", token);
    json_put_number(out, "logprob", log(p));
    if (others != NULL)
        buf_addf(out, ",\"top_logprobs\":%s", others);
    buf_add_char(out, '}');
}

/* Three others of a token, with their probabilities. */
static char *others(const char *const texts[3], const double p[3])
{
    struct buf out;
    buf_init(&out, 10000);
    buf_add_char(&out, '[');
    for (int i = 0; i < 3; i++)
        add_entry(&out, texts[i], p[i], NULL);
    buf_add_char(&out, ']');
    return buf_detach(&out);
}

/* Reads a list of tokens in one piece, or one by one. */
static void read_tokens(struct logprobs *l, const char *json, bool one_by_one,
                        double *p)
{
    cJSON *tree = cJSON_Parse(json), *token;
    assert_non_null(tree);
    if (!one_by_one)
        logprobs_read(l, tree, p);
    while (one_by_one && (token = cJSON_DetachItemFromArray(tree, 0)) != NULL) {
        cJSON *one = cJSON_CreateArray();
        cJSON_AddItemToArray(one, token);
        logprobs_read(l, one, p);
        cJSON_Delete(one);
    }
    cJSON_Delete(tree);
}

/* Tokens around the one that has others. */
struct parted {
    const char *before[3], *token, *others[3], *after[3];
};

static void check_parted(const struct parted *x, bool one_by_one)
{
    struct logprobs l;
    struct buf json;
    double p[ANSWER_MAX_WORDS] = {NAN, NAN, NAN, NAN};
    char *alternatives = others(x->others, (const double[3]){0.6, 0.3, 0.05});
    logprobs_init(&l, &words);
    buf_init(&json, 10000);
    buf_add_char(&json, '[');
    for (int i = 0; i < 3 && x->before[i] != NULL; i++)
        add_entry(&json, x->before[i], 1, "[]");
    add_entry(&json, x->token, 0.6, alternatives);
    for (int i = 0; i < 3 && x->after[i] != NULL; i++)
        add_entry(&json, x->after[i], 1, "[]");
    buf_add_char(&json, ']');
    read_tokens(&l, json.data, one_by_one, p);
    assert_near(p[0], 0.6 / 0.9, 1e-9);
    assert_near(p[1], 0.3 / 0.9, 1e-9);
    assert_near(p[2], 0, 0); /* not among the likeliest */
    assert_true(isnan(p[3]));
    free(alternatives);
    buf_free(&json);
    logprobs_free(&l);
}

static void tokens_may_part_a_mark_anywhere(void **state)
{
    (void)state;
    static const struct parted cases[] = {
        {{"[["}, "A", {"A", "B", " A"}, {"]]"}},
        {{"["}, "[A", {"[A", "[B", "(A"}, {"]", "]"}},
        {{NULL}, "[[A]]", {"[[A]]", "[[B]", "A"}, {NULL}},
        {{"Well", " [", "["}, "A]]", {"A]]", "B", "D"}, {"."}},
        {{"So: [[", "\xE2\x96\x81"}, "[[A", {"[[A", "[[B", "[["}, {"]]"}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int k = 0; k < 2; k++)
            check_parted(&cases[i], k == 1);
}

static void the_last_mark_counts(void **state)
{
    (void)state;
    struct logprobs l;
    struct buf json;
    double p[ANSWER_MAX_WORDS] = {NAN, NAN, NAN, NAN};
    logprobs_init(&l, &words);
    buf_init(&json, 100000);
    buf_add_char(&json, '[');
    add_entry(&json, "[[B", 1, "[]"); /* the token itself, if none is told */
    for (int i = 0; i < 100; i++)
        add_entry(&json, "]] long ago", 1, "[]");
    add_entry(&json, "[[A", 0.5, "[]");
    add_entry(&json, "]", 1, "[]");
    buf_add_char(&json, ']');
    read_tokens(&l, json.data, false, p);
    assert_near(p[0], 1, 0);
    assert_near(p[1], 0, 0);
    logprobs_clear(&l);
    read_tokens(&l, "[{\"token\":\"A\",\"logprob\":0}]", false, p);
    assert_near(p[0], 1, 0); /* without its "[[" it is no mark */
    buf_free(&json);
    logprobs_free(&l);
}

static void what_makes_no_sense_is_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[]", "{}", "null", "[1, null, []]", "[{}]", "[{\"token\":7}]",
        "[{\"token\":\"[[\",\"logprob\":-1}]",
        "[{\"token\":\"[[A\"}]", "[{\"token\":\"[[A\",\"logprob\":\"x\"}]",
        "[{\"token\":\"[[A\",\"logprob\":1e300}]",
        "[{\"token\":\"[[A\",\"logprob\":-1e300,\"top_logprobs\":{}}]"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct logprobs l;
        double p[ANSWER_MAX_WORDS] = {NAN, NAN, NAN, NAN};
        logprobs_init(&l, &words);
        read_tokens(&l, texts[i], false, p);
        for (int k = 0; k < ANSWER_MAX_WORDS; k++)
            if (!isnan(p[k]))
                fail_msg("%s: %g", texts[i], p[k]);
        logprobs_free(&l);
    }
    struct logprobs none;
    double p[ANSWER_MAX_WORDS] = {NAN};
    logprobs_init(&none, NULL);
    read_tokens(&none, "[{\"token\":\"[[A\",\"logprob\":0}]", false, p);
    assert_true(isnan(p[0]));
    logprobs_free(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_may_part_a_mark_anywhere),
        cmocka_unit_test(the_last_mark_counts),
        cmocka_unit_test(what_makes_no_sense_is_nothing),
    };
    return TEST_RUN(tests);
}
