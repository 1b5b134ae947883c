/* Scripted answers, through the net thread as the arena takes them. */
#include "test.h"

#include <stdio.h>
#include <sys/stat.h>

#include "answers.h"
#include "base/path.h"

static struct backend_env env;
static char script_path[256];

static int set_up(void **state)
{
    (void)state;
    if (answer_open_wake() != 0)
        return -1;
    backend_env_init(&env);
    const char *folder = getenv("TMPDIR");
    snprintf(script_path, sizeof(script_path), "%s/replay.XXXXXX",
             folder ? folder : "/tmp");
    int fd = mkstemp(script_path);
    return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    backend_env_free(&env);
    answer_close_wake();
    return unlink(script_path);
}

static struct backend *open_script(const char *script, const char *id,
                                   struct err *e)
{
    assert_int_equal(path_write_file(script_path, script, strlen(script), 0600,
                                     NULL),
                     0);
    char model_id[32];
    snprintf(model_id, sizeof(model_id), "%s", id);
    struct model m = {.script = script_path, .id = model_id};
    struct backend *b = NULL;
    if (backend_replay.open(&b, &m, &env, e) != 0)
        return NULL;
    return b;
}

static struct stream *begin(struct backend *b, const char *prompt,
                            uint64_t seed)
{
    struct message messages[] = {{"system", "Be brief."}, {"user", prompt}};
    struct request rq = {.messages = messages, .n_messages = 2,
                         .max_tokens = 100, .seed = seed};
    struct stream *s = stream_open(answer_wake[1]);
    struct err e;
    assert_int_equal(backend_replay.start(b, &rq, s, &e), 0);
    return s;
}

static void finish(struct stream *s, struct answer *a)
{
    answer_init(a);
    answer_finish(a, s);
}

static void expect(struct backend *b, const char *prompt, uint64_t seed,
                   const char *text, enum finish f)
{
    struct answer a;
    finish(begin(b, prompt, seed), &a);
    assert_string_equal(a.text.data, text);
    assert_int_equal(a.end.finish, f);
    answer_free(&a);
}

static void first_that_fits(void **state)
{
    (void)state;
    struct err e;
    struct backend *b = open_script(
        "{ \"answers\": [ // a comment\n"
        "  {\"prompt\": \"Hi\", \"model\": \"x\", \"text\": \"not mine\"},\n"
        "  {\"prompt\": \"Hi\", \"text\": \"H\xC3\xA9llo\"},\n"
        "  {\"contains\": \"long\", \"text\": \"cut\", \"finish\": \"length\"},"
        "  {\"contains\": \"nothing\"},\n"
        "  {\"text\": \"other\", \"chunk\": 1}, ] }",
        "y", &e);
    assert_non_null(b);
    expect(b, "Hi", 0, "H\xC3\xA9llo", FINISH_STOP);
    expect(b, "Hi there", 0, "other", FINISH_STOP);
    expect(b, "a long one", 0, "cut", FINISH_LENGTH);
    expect(b, "say nothing", 0, "", FINISH_STOP);
    backend_replay.close(b);
}

static void thinking_usage_and_pace(void **state)
{
    (void)state;
    struct err e;
    struct answer a;
    struct backend *b = open_script(
        "{\"chunk\": 4, \"delay_ms\": 1, \"answers\": [{\"thinking\": \"hmm, "
        "so\", \"text\": \"It is 5.\", \"n_in\": 9, \"cost\": 0.25}]}",
        "", &e);
    finish(begin(b, "2+3?", 0), &a);
    assert_string_equal(a.thinking.data, "hmm, so");
    assert_string_equal(a.text.data, "It is 5.");
    assert_int_equal(a.end.n_in, 9);
    assert_int_equal(a.end.n_out, 4);
    assert_int_equal(a.end.n_think, -1);
    assert_true(a.end.cost == 0.25);
    assert_true(a.end.first_ms >= 0 && a.end.total_ms >= a.end.first_ms);
    answer_free(&a);
    backend_replay.close(b);
}

static void error_after_text(void **state)
{
    (void)state;
    struct err e;
    struct answer a;
    struct backend *b = open_script("{\"answers\": [{\"text\": \"So f\", "
                                    "\"error\": \"connection lost\"}]}",
                                    "", &e);
    finish(begin(b, "x", 0), &a);
    assert_string_equal(a.text.data, "So f");
    assert_int_equal(a.end.finish, FINISH_ERROR);
    assert_int_equal(a.end.error.code, ERR_BACKEND);
    assert_string_equal(a.end.error.text, "connection lost");
    answer_free(&a);
    backend_replay.close(b);
}

static void seed_draws(void **state)
{
    (void)state;
    struct err e;
    struct backend *b = open_script(
        "{\"answers\": [{\"text\": [\"a\", \"b\", \"c\"]}]}", "", &e);
    int seen[3] = {0};
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct answer one, two;
        finish(begin(b, "x", seed), &one);
        finish(begin(b, "y", seed), &two);
        assert_string_equal(one.text.data, two.text.data);
        seen[one.text.data[0] - 'a']++;
        answer_free(&one);
        answer_free(&two);
    }
    assert_true(seen[0] > 0 && seen[1] > 0 && seen[2] > 0);
    backend_replay.close(b);
}

static void stall_waits_for_cancel(void **state)
{
    (void)state;
    struct err e;
    struct answer a;
    struct backend *b = open_script(
        "{\"answers\": [{\"text\": \"begun\", \"stall\": true}]}", "", &e);
    struct stream *s = begin(b, "x", 0);
    answer_init(&a);
    assert_false(answer_take(&a, s, 5));
    stream_cancel(s);
    answer_finish(&a, s);
    assert_string_equal(a.text.data, "begun");
    assert_int_equal(a.end.finish, FINISH_CANCEL);
    answer_free(&a);
    backend_replay.close(b);
}

/* Closing the arena ends what still runs, in any order of letting go. */
static void closing_ends_all(void **state)
{
    (void)state;
    struct err e;
    struct answer a;
    struct backend *b = open_script("{\"delay_ms\": 3600000, \"answers\": [{"
                                    "\"text\": \"0123456789abcdef\"}]}",
                                    "", &e);
    struct stream *kept = begin(b, "x", 0);
    struct stream *left = begin(b, "y", 0);
    stream_cancel(left);
    stream_release(left);
    backend_replay.close(b);
    backend_env_free(&env);
    finish(kept, &a);
    assert_int_equal(a.end.finish, FINISH_CANCEL);
    answer_free(&a);
}

static void refuse(const char *script, const char *words)
{
    struct err e;
    assert_null(open_script(script, "", &e));
    assert_int_equal(e.code, ERR_CONFIG);
    if (strstr(e.text, words) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", e.text, words);
}

static void bad_scripts(void **state)
{
    (void)state;
    refuse("", "ends too early");
    refuse("[]", "no \"answers\"");
    refuse("{\"answers\": 1}", "no \"answers\"");
    refuse("{\"answers\": [1]}", "answers[0]");
    refuse("{\"answers\": [{}, {\"txt\": \"\"}]}",
           "answers[1]: unknown key \"txt\"; did you mean \"text\"?");
    refuse("{\"answers\": [{\"text\": 1}]}", "\"text\"");
    refuse("{\"answers\": [{\"text\": []}]}", "\"text\"");
    refuse("{\"answers\": [{\"delay_ms\": -1}]}", "\"delay_ms\"");
    refuse("{\"answers\": [{\"finish\": \"end\"}]}", "\"finish\"");
    refuse("{\"text\": \"a\", \"answers\": []}", "\"text\"");
    struct err e;
    struct backend *b = NULL;
    char missing[] = "/nonexistent/script.json";
    struct model m = {.script = missing};
    assert_int_equal(backend_replay.open(&b, &m, &env, &e), -1);
    assert_non_null(strstr(e.text, missing));
    m.script = NULL;
    assert_int_equal(backend_replay.open(&b, &m, &env, &e), -1);
    assert_non_null(strstr(e.text, "\"script\""));
}

static void a_pipe_is_no_script(void **state)
{
    (void)state;
    char path[300];
    struct err e;
    struct model m = {.script = path};
    struct backend *b = NULL;
    snprintf(path, sizeof(path), "%s.pipe", script_path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(backend_replay.open(&b, &m, &env, &e), -1);
    unlink(path);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_non_null(strstr(e.text, "not a plain file"));
}

static void no_answer_for_it(void **state)
{
    (void)state;
    struct err e;
    struct backend *b = open_script(
        "{\"answers\": [{\"prompt\": \"Hi\", \"text\": \"Hello\"}]}", "", &e);
    struct message message = {"user", "Bye"};
    struct request rq = {.messages = &message, .n_messages = 1,
                         .max_tokens = 100, .seed = 0};
    struct stream *s = stream_open(-1);
    assert_int_equal(backend_replay.start(b, &rq, s, &e), -1);
    assert_int_equal(e.code, ERR_BACKEND);
    stream_release(s);
    stream_release(s);
    backend_replay.close(b);
}

static void found_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(backend_find("replay"), &backend_replay);
    assert_null(backend_find("repla"));
    size_t n = 0;
    while (backend_at(n) != NULL)
        n++;
    assert_true(n >= 1);
    assert_null(backend_at(n + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(first_that_fits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(thinking_usage_and_pace, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(error_after_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(seed_draws, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stall_waits_for_cancel, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(closing_ends_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_scripts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_answer_for_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pipe_is_no_script, set_up, tear_down),
        cmocka_unit_test(found_by_name),
    };
    return TEST_RUN(tests);
}
