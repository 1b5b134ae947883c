/* Guesses at what an answer says next: they save passes and change nothing. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/local/infer.h"
#include "backends/local/lookup.h"
#include "tiny_engine.h"

enum { N_CTX = 400 };

static int set_up(void **state)
{
    (void)state;
    return tiny_open("lookup");
}

static int tear_down(void **state)
{
    (void)state;
    return tiny_close();
}

/* An answer that the test chooses the tokens of. */
struct place {
    struct lookup lookup;
    struct engine_session *session;
    struct token_list ids;
    size_t n_passes, n_wide;
};

static void place_open(struct place *p, int n_ctx)
{
    struct err e;
    *p = (struct place){0};
    lookup_init(&p->lookup, false);
    if (engine_session_open(&p->session, engine, n_ctx, ENGINE_KV_F16,
                            &e) != 0)
        fail_msg("%s", e.text);
}

static void place_close(struct place *p)
{
    lookup_free(&p->lookup);
    engine_session_close(p->session);
    token_list_free(&p->ids);
}

static void eval(const struct engine_feed *feed)
{
    struct err e;
    struct engine_feed f = *feed;
    if (engine_eval(engine, &f, 1, &e) != 0)
        fail_msg("%s", e.text);
}

/* Reads all of the ids but the last. */
static void read_ids(struct place *p, const int32_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++)
        token_list_add(&p->ids, ids[i]);
    eval(&(struct engine_feed){p->session, ids, n - 1, NULL});
}

/* What it takes is not noted, so that guesses do not depend on the machine. */
static void pass(struct place *p, size_t most)
{
    struct engine_feed feed;
    lookup_feed(&p->lookup, engine, p->session, &p->ids, most, &feed);
    eval(&feed);
    p->n_passes++;
    p->n_wide += feed.n_ids > 1;
}

/* Adds a token; whether it was guessed. */
static bool take(struct place *p, int32_t id)
{
    token_list_add(&p->ids, id);
    return lookup_take(&p->lookup, p->session, id);
}

/* The logits are what a session gives that has read the same tokens. */
static void check_logits(const struct place *p, struct engine_session *plain)
{
    eval(&(struct engine_feed){plain, p->ids.ids + p->ids.n - 1, 1, NULL});
    assert_memory_equal(lookup_logits(&p->lookup, engine, p->session),
                        engine_session_logits(plain),
                        (size_t)engine_info(engine)->n_vocab * sizeof(float));
}

/* A text that repeats what it began with, but for every 39th token. */
static void right_guesses_save_passes(void **state)
{
    (void)state;
    enum { N = 200, PERIOD = 20 };
    int32_t text[N];
    struct place p;
    struct engine_session *plain;
    struct err e;
    for (int i = 0; i < N; i++)
        text[i] = i % 39 == 38 ? 50 + i : 260 + i % PERIOD;
    place_open(&p, N_CTX);
    assert_int_equal(
        engine_session_open(&plain, engine, N_CTX, ENGINE_KV_F16, &e), 0);
    read_ids(&p, text, 40);
    eval(&(struct engine_feed){plain, text, 39, NULL});
    pass(&p, SIZE_MAX - 1);
    for (int i = 40; i < N; i++) {
        check_logits(&p, plain);
        bool guessed = take(&p, text[i]);
        if (guessed)
            continue;
        assert_int_equal(engine_session_length(p.session), p.ids.n - 1);
        pass(&p, SIZE_MAX - 1);
    }
    assert_true(p.n_passes < (N - 40) / 2);
    engine_session_close(plain);
    place_close(&p);
}

static void wrong_guesses_are_given_up(void **state)
{
    (void)state;
    struct place p;
    const int32_t begin[] = {260, 261, 262};
    place_open(&p, 2 * N_CTX);
    read_ids(&p, begin, 3);
    /* The same pair again and again, and always another token behind it. */
    for (int32_t i = 0; i < 100; i++)
        for (int k = 0; k < 3; k++) {
            pass(&p, SIZE_MAX - 1);
            assert_false(take(&p, k > 0 ? 259 + k : 3 + i));
        }
    assert_in_range(p.n_wide, 1, 10);
    place_close(&p);
}

static void dear_passes_are_given_up(void **state)
{
    (void)state;
    struct place p;
    int32_t text[60];
    for (int i = 0; i < 60; i++)
        text[i] = 260 + i % 6;
    place_open(&p, N_CTX);
    p.lookup.pass_ns[1] = 1;
    for (int i = 2; i <= LOOKUP_ROWS; i++)
        p.lookup.pass_ns[i] = i; /* as dear as one after the other */
    read_ids(&p, text, 20);
    for (int i = 20; i < 60; i++) {
        pass(&p, SIZE_MAX - 1);
        assert_false(take(&p, text[i]));
    }
    assert_int_equal(p.n_wide, 0);
    place_close(&p);
}

/* A pass that others share takes longer than one row does: if it counted as
 * one, wide passes would seem to cost nothing. */
static void only_lone_passes_are_measured(void **state)
{
    (void)state;
    struct place p;
    const int32_t text[] = {260, 261, 262};
    place_open(&p, N_CTX);
    p.lookup.pass_ns[1] = 1;
    p.lookup.pass_ns[2] = 2;
    read_ids(&p, text, 3);
    pass(&p, 0);
    lookup_passed(&p.lookup);
    assert_float_equal(p.lookup.pass_ns[1], 1, 0);
    assert_float_equal(p.lookup.pass_ns[2], 2, 0);
    assert_false(take(&p, 263));
    pass(&p, 1);
    assert_int_equal(p.lookup.n_fed, 1);
    lookup_passed(&p.lookup);
    assert_true(p.lookup.pass_ns[1] > 1);
    place_close(&p);
}

static void an_end_in_a_pass_leaves_no_guess(void **state)
{
    (void)state;
    struct place p;
    const int32_t text[] = {260, 261, 262, 263, 264, 265, 260, 261, 262};
    place_open(&p, N_CTX);
    read_ids(&p, text, 9);
    pass(&p, SIZE_MAX - 1);
    assert_true(p.lookup.n_fed > 1);
    assert_int_equal(p.lookup.fed[1], 263);
    assert_true(take(&p, 263));
    lookup_drop(&p.lookup, p.session);
    assert_int_equal(engine_session_length(p.session), 10);
    place_close(&p);
}

static void guesses_keep_to_their_room(void **state)
{
    (void)state;
    struct place p;
    const int32_t text[] = {260, 261, 262, 263, 260, 261, 262, 263, 260, 261};
    place_open(&p, 11);
    p.lookup.allowance = 4;
    read_ids(&p, text, 10);
    pass(&p, SIZE_MAX - 1);
    assert_int_equal(p.lookup.n_fed, 2); /* the context has room for one */
    lookup_drop(&p.lookup, p.session);
    engine_session_rewind(p.session, 9);
    pass(&p, 0);
    assert_int_equal(p.lookup.n_fed, 1);
    place_close(&p);

    place_open(&p, N_CTX);
    p.lookup.off = true;
    read_ids(&p, text, 10);
    pass(&p, SIZE_MAX - 1);
    assert_int_equal(p.lookup.n_fed, 1);
    place_close(&p);
}

/* --- answers ----------------------------------------------------------- */

static void answer(struct model *m, int lookup, const char *schema,
                   struct infer_result *out)
{
    struct infer *f;
    struct err e;
    struct token_list ids = {0};
    m->lookup = lookup;
    if (infer_open(&f, m, 1, &e) != 0 ||
        infer_tokenize(f, "a b x y a b x y a b x y", 23, false, INFER_BEGIN,
                       &ids, &e) != 0)
        fail_msg("%s", e.text);
    struct infer_request rq = {.prompt = &ids, .max_tokens = 150, .seed = 5,
                               .n_top = 2, .schema = schema};
    infer_result_init(out);
    if (infer_generate(f, &rq, out, &e) != 0)
        fail_msg("%s", e.text);
    token_list_free(&ids);
    infer_close(f);
}

static void check_same(struct model *m, const char *schema)
{
    struct infer_result with, without;
    answer(m, 0, schema, &without);
    answer(m, -1, schema, &with);
    assert_int_equal(with.ids.n, without.ids.n);
    assert_memory_equal(with.ids.ids, without.ids.ids,
                        with.ids.n * sizeof(*with.ids.ids));
    assert_string_equal(with.text.data, without.text.data);
    assert_int_equal(with.end.finish, without.end.finish);
    assert_int_equal(with.n_logprobs, without.n_logprobs);
    for (size_t i = 0; i < with.n_logprobs; i++)
        assert_memory_equal(&with.logprobs[i].token,
                            &without.logprobs[i].token,
                            sizeof(with.logprobs[i].token));
    infer_result_free(&with);
    infer_result_free(&without);
}

static void no_answer_changes(void **state)
{
    (void)state;
    static const struct {
        double temperature, repeat, frequency, dry, mirostat;
    } ways[] = {
        {0, 1, 0, 0, 0},    {1, 1, 0, 0, 0},     {0.2, 1.3, 0, 0, 0},
        {0, 1, 0.4, 0, 0},  {0, 1, 0, 0.8, 0},   {0.5, 1, 0, 0, 3},
    };
    struct model m;
    model_init(&m);
    m.file = weights;
    m.tokenizer = tokenizer;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        m.temperature = ways[i].temperature;
        m.repeat_penalty = ways[i].repeat;
        m.frequency_penalty = ways[i].frequency;
        m.dry_multiplier = ways[i].dry;
        m.mirostat_tau = ways[i].mirostat;
        check_same(&m, NULL);
    }
    check_same(&m, "{\"type\":\"array\",\"minItems\":9,"
                   "\"items\":{\"enum\":[\"ab\",\"abab\"]}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_guesses_save_passes),
        cmocka_unit_test(wrong_guesses_are_given_up),
        cmocka_unit_test(dear_passes_are_given_up),
        cmocka_unit_test(only_lone_passes_are_measured),
        cmocka_unit_test(an_end_in_a_pass_leaves_no_guess),
        cmocka_unit_test(guesses_keep_to_their_room),
        cmocka_unit_test(no_answer_changes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
