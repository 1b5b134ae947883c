/* Local answers by the real engine on tiny random weights. */
#include "test.h"

#include <stdio.h>

#include "answers.h"
#include "checkpoint_writer.h"
#include "folder.h"

static struct backend_env env;
static char weights[300], other[300], tokenizer[300];

static int set_up(void **state)
{
    (void)state;
    if (folder_make("local") != 0)
        return -1;
    snprintf(weights, sizeof(weights), "%s/tiny.bin", folder);
    snprintf(other, sizeof(other), "%s/other.bin", folder);
    snprintf(tokenizer, sizeof(tokenizer), "%s/tokenizer.bin", folder);
    backend_env_init(&env);
    env.n_threads = 2;
    if (tiny_write_model(weights, 1) != 0 || tiny_write_model(other, 2) != 0 ||
        tiny_write_tokenizer(tokenizer) != 0)
        return -1;
    return answer_open_wake();
}

static int tear_down(void **state)
{
    (void)state;
    backend_env_free(&env);
    answer_close_wake();
    unlink(weights);
    unlink(other);
    unlink(tokenizer);
    return rmdir(folder);
}

static struct backend *open_model(const char *file, int n_ctx)
{
    struct model m;
    struct err e;
    struct backend *b;
    model_init(&m);
    m.file = (char *)file;
    m.tokenizer = tokenizer;
    m.n_ctx = n_ctx;
    m.temperature = 1;
    m.top_k = 0;
    m.top_p = 1;
    m.min_p = 0;
    if (backend_local.open(&b, &m, &env, &e) != 0)
        fail_msg("%s", e.text);
    return b;
}

static struct stream *begin(struct backend *b, const char *prompt,
                            int max_tokens, uint64_t seed)
{
    struct message message = {"user", prompt};
    struct request rq = {.messages = &message, .n_messages = 1,
                         .max_tokens = max_tokens, .seed = seed};
    struct stream *s = stream_open(answer_wake[1]);
    struct err e;
    if (backend_local.start(b, &rq, s, &e) != 0)
        fail_msg("%s", e.text);
    return s;
}

static void answer(struct answer *a, const char *file, const char *prompt,
                   int max_tokens, uint64_t seed)
{
    struct backend *b = open_model(file, -1);
    struct stream *s = begin(b, prompt, max_tokens, seed);
    backend_local.close(b); /* the answer goes on without it */
    answer_init(a);
    answer_finish(a, s);
}

static void says_how_it_went(void **state)
{
    (void)state;
    struct answer a;
    answer(&a, weights, "a b", 30, 7);
    assert_int_equal(a.end.error.code, ERR_NONE);
    assert_true(a.end.finish == FINISH_LENGTH ||
                (a.end.finish == FINISH_STOP && a.end.n_out < 30));
    assert_true(a.text.len > 0);
    assert_true(a.end.n_in >= 3 && a.end.n_out > 0 && a.end.n_out <= 30);
    assert_int_equal(a.end.n_think, -1);
    assert_true(a.end.load_ms >= 0 && a.end.first_ms >= 0 &&
                a.end.total_ms >= a.end.first_ms);
    answer_free(&a);
}

/* The same seed says the same, alone or in company, on a new timeline or on
 * one that is kept; another seed or other weights say something else. */
static void same_seed_same_answer(void **state)
{
    (void)state;
    struct answer first, again, a[20];
    struct stream *s[20];
    answer(&first, weights, "a b", 40, 7);
    answer(&again, weights, "a b", 40, 7);
    assert_string_equal(again.text.data, first.text.data);
    answer_free(&again);
    answer(&again, weights, "a b", 40, 8);
    assert_string_not_equal(again.text.data, first.text.data);
    answer_free(&again);
    answer(&again, other, "a b", 40, 7);
    assert_string_not_equal(again.text.data, first.text.data);
    answer_free(&again);

    struct backend *one = open_model(weights, -1);
    struct backend *two = open_model(other, -1);
    for (int i = 0; i < 20; i++)
        s[i] = begin(i % 3 ? one : two, i % 2 ? "a b" : "x a the b", 40, 7);
    for (int i = 0; i < 20; i++) {
        answer_init(&a[i]);
        answer_finish(&a[i], s[i]);
        assert_int_equal(a[i].end.error.code, ERR_NONE);
        if (i % 2 && i % 3)
            assert_string_equal(a[i].text.data, first.text.data);
        answer_free(&a[i]);
    }
    backend_local.close(one);
    backend_local.close(two);
    answer_free(&first);
}

/* A further turn on a kept timeline is the same as on a new one. */
static void second_turn(void **state)
{
    (void)state;
    struct answer kept, fresh;
    struct buf longer;
    answer(&kept, weights, "a b x a b", 20, 7);
    buf_init(&longer, 10000);
    buf_addf(&longer, "a b x a b and so on, once more, %s", "x x x x");
    answer_free(&kept);
    answer(&kept, weights, longer.data, 20, 9);
    backend_env_free(&env); /* forgets all timelines */
    env.n_threads = 1;
    answer(&fresh, weights, longer.data, 20, 9);
    assert_string_equal(kept.text.data, fresh.text.data);
    assert_int_equal(kept.end.n_in, fresh.end.n_in);
    answer_free(&kept);
    answer_free(&fresh);
    buf_free(&longer);
}

/* Models are opened here while the engine's thread reads weights.  What could
 * go wrong is seen by ThreadSanitizer only. */
static void opened_while_another_loads(void **state)
{
    (void)state;
    struct answer a;
    struct backend *b = open_model(weights, -1);
    struct stream *s = begin(b, "a b", 3, 7);
    for (int i = 0; i < 50; i++)
        backend_local.close(open_model(other, -1));
    answer_init(&a);
    answer_finish(&a, s);
    assert_int_equal(a.end.error.code, ERR_NONE);
    answer_free(&a);
    backend_local.close(b);
}

static void cancel_ends_it(void **state)
{
    (void)state;
    struct answer a;
    struct backend *b = open_model(weights, 100000);
    struct stream *s = begin(b, "a", 0, 1);
    answer_init(&a);
    bool ended = answer_take(&a, s, 1);
    stream_cancel(s);
    answer_finish(&a, s);
    if (!ended)
        assert_int_equal(a.end.finish, FINISH_CANCEL);
    answer_free(&a);

    /* Left alone before it began. */
    s = begin(b, "a", 0, 1);
    stream_cancel(s);
    stream_release(s);
    backend_local.close(b);
}

static void closing_ends_all(void **state)
{
    (void)state;
    struct answer a[3];
    struct stream *s[3];
    struct backend *b = open_model(weights, 100000);
    for (int i = 0; i < 3; i++)
        s[i] = begin(b, "a", 0, (uint64_t)i);
    backend_local.close(b);
    backend_env_free(&env);
    for (int i = 0; i < 3; i++) {
        answer_init(&a[i]);
        answer_finish(&a[i], s[i]);
        assert_true(a[i].end.finish == FINISH_CANCEL ||
                    a[i].end.finish == FINISH_STOP);
        answer_free(&a[i]);
    }
}

static void too_long_for_the_context(void **state)
{
    (void)state;
    struct answer a;
    struct buf prompt;
    struct backend *b = open_model(weights, 64);
    buf_init(&prompt, 10000);
    for (int i = 0; i < 200; i++)
        buf_add_str(&prompt, "x");
    struct stream *s = begin(b, prompt.data, 10, 1);
    answer_init(&a);
    answer_finish(&a, s);
    assert_int_equal(a.end.finish, FINISH_ERROR);
    assert_int_equal(a.end.error.code, ERR_BACKEND);
    assert_non_null(strstr(a.end.error.text, "the prompt has 20"));
    assert_non_null(strstr(a.end.error.text, "64: raise \"context\""));
    assert_int_equal(a.text.len, 0);
    answer_free(&a);

    /* One that fits is cut where the context ends. */
    s = begin(b, "x", 0, 3);
    answer_init(&a);
    answer_finish(&a, s);
    assert_true(a.end.finish == FINISH_LENGTH || a.end.finish == FINISH_STOP);
    assert_true(a.end.n_in + a.end.n_out <= 65);
    answer_free(&a);
    backend_local.close(b);
    buf_free(&prompt);
}

/* What is wrong with one file is no matter of another's. */
static void bad_files(void **state)
{
    (void)state;
    struct answer good, bad;
    struct backend *b = open_model(weights, -1);
    struct backend *none = open_model(other, -1);
    assert_int_equal(unlink(other), 0); /* after it was looked at */
    struct stream *s = begin(b, "a b", 60, 7);
    struct stream *t = begin(none, "a b", 60, 7);
    answer_init(&good);
    answer_init(&bad);
    answer_finish(&bad, t);
    answer_finish(&good, s);
    assert_int_equal(bad.end.finish, FINISH_ERROR);
    assert_non_null(strstr(bad.end.error.text, other));
    assert_int_equal(good.end.error.code, ERR_NONE);
    answer_free(&bad);
    answer_free(&good);
    backend_local.close(none);
    assert_int_equal(tiny_write_model(other, 2), 0);

    /* Broken while it is loaded: found out at the next answer. */
    assert_int_equal(path_write_file(weights, "GGUF", 4, 0600, NULL), 0);
    s = begin(b, "a b", 10, 7);
    answer_init(&bad);
    answer_finish(&bad, s);
    assert_int_equal(bad.end.finish, FINISH_ERROR);
    assert_non_null(strstr(bad.end.error.text, "tiny.bin"));
    answer_free(&bad);
    answer(&good, other, "a b", 10, 7);
    assert_int_equal(good.end.error.code, ERR_NONE);
    answer_free(&good);
    backend_local.close(b);
}

/* Two answers on the same weights, and only one of them comes upon what is
 * broken in them. */
static void one_of_two_fails(void **state)
{
    (void)state;
    struct answer good, bad;
    assert_int_equal(tiny_write_poisoned(weights, 1, TINY_Y), 0);
    struct backend *b = open_model(weights, -1);
    struct stream *s = begin(b, "a b", 20, 7);
    struct stream *t = begin(b, "y", 20, 7);
    answer_init(&good);
    answer_init(&bad);
    answer_finish(&good, s);
    answer_finish(&bad, t);
    assert_int_equal(good.end.error.code, ERR_NONE);
    assert_int_equal(bad.end.finish, FINISH_ERROR);
    answer_free(&good);
    answer_free(&bad);
    backend_local.close(b);
}

/* A cancel while a long prompt is being read, which does not hold up another
 * answer. */
static void cancel_in_the_prompt(void **state)
{
    (void)state;
    struct answer a, quick;
    struct buf prompt;
    struct backend *b = open_model(weights, 100000);
    buf_init(&prompt, 1 << 20);
    for (int i = 0; i < 90000; i++)
        buf_add_str(&prompt, i % 2 ? "x" : "a");
    struct stream *s = begin(b, prompt.data, 10, 1);
    struct stream *t = begin(b, "a b", 20, 7);
    answer_init(&a);
    answer_init(&quick);
    answer_finish(&quick, t);
    assert_int_equal(quick.end.error.code, ERR_NONE);
    stream_cancel(s);
    answer_finish(&a, s);
    assert_int_equal(a.end.finish, FINISH_CANCEL);
    assert_int_equal(a.end.n_out, 0);
    answer_free(&a);
    answer_free(&quick);
    backend_local.close(b);
    buf_free(&prompt);
}

static void changed_file_is_loaded_anew(void **state)
{
    (void)state;
    struct answer before, after, want;
    answer(&before, weights, "a b", 40, 7);
    answer(&want, other, "a b", 40, 7);
    assert_int_equal(tiny_write_model(weights, 2), 0);
    answer(&after, weights, "a b", 40, 7);
    assert_string_not_equal(before.text.data, after.text.data);
    assert_string_equal(want.text.data, after.text.data);
    answer_free(&before);
    answer_free(&after);
    answer_free(&want);
}

/* Cut to nothing under an answer: it ends, this way or that, and nothing else
 * does. */
static void cut_while_it_is_read(void **state)
{
    (void)state;
    struct answer a, b;
    struct backend *one = open_model(weights, -1);
    struct stream *s = begin(one, "a", 500, 3);
    answer_init(&a);
    answer_take(&a, s, 1);
    assert_int_equal(truncate(weights, 0), 0);
    answer_finish(&a, s);
    if (a.end.finish == FINISH_ERROR)
        assert_non_null(strstr(a.end.error.text, "tiny.bin"));
    answer(&b, other, "a b", 10, 7);
    assert_int_equal(b.end.error.code, ERR_NONE);
    answer_free(&a);
    answer_free(&b);
    backend_local.close(one);
}

static void refused(const struct model *m, enum err_code code,
                    const char *why)
{
    struct err e = {.code = ERR_NONE};
    struct backend *b;
    assert_int_equal(backend_local.open(&b, m, &env, &e), -1);
    if (strstr(e.text, why) == NULL)
        fail_msg("expected \"%s\" in: %s", why, e.text);
    assert_int_equal(e.code, code);
}

/* What cannot be used is told before anything is asked, and all of it is the
 * same kind of failure. */
static void needs_a_file(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    m.tokenizer = tokenizer;
    refused(&m, ERR_CONFIG, "\"file\"");
    m.file = folder;
    refused(&m, ERR_BACKEND, "is a folder");
    m.file = other;
    assert_int_equal(truncate(other, 1000), 0);
    refused(&m, ERR_BACKEND, "would be longer");
    assert_int_equal(path_write_file(other, "GGUF", 4, 0600, NULL), 0);
    refused(&m, ERR_BACKEND, "other.bin: the file ends");
    assert_int_equal(unlink(other), 0);
    refused(&m, ERR_BACKEND, "arena models pull");
    m.file = weights;
    assert_int_equal(unlink(tokenizer), 0);
    refused(&m, ERR_BACKEND, "tokenizer");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(says_how_it_went),
        TEST(same_seed_same_answer),
        TEST(second_turn),
        TEST(opened_while_another_loads),
        TEST(cancel_ends_it),
        TEST(closing_ends_all),
        TEST(too_long_for_the_context),
        TEST(bad_files),
        TEST(one_of_two_fails),
        TEST(cancel_in_the_prompt),
        TEST(changed_file_is_loaded_anew),
        TEST(cut_while_it_is_read),
        TEST(needs_a_file),
    };
    return TEST_RUN(tests);
}
