/* The exec backend with programs of all kinds, most of them bad. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "answers.h"
#include "base/clock.h"
#include "base/log.h"

static struct backend_env env;
static char log_path[256];
static size_t n_descriptors;

static size_t count_descriptors(void)
{
    size_t n = 0;
    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static int set_up(void **state)
{
    (void)state;
    const char *folder = getenv("TMPDIR");
    snprintf(log_path, sizeof(log_path), "%s/exec.%d.log",
             folder ? folder : "/tmp", (int)getpid());
    log_open(log_path);
    n_descriptors = count_descriptors();
    backend_env_init(&env);
    return answer_open_wake();
}

/* Nothing is left of any answer. */
static int tear_down(void **state)
{
    (void)state;
    backend_env_free(&env);
    answer_close_wake();
    assert_int_equal(count_descriptors(), n_descriptors);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    return unlink(log_path);
}

struct asked {
    struct model model;
    char *command[4];
};

static void ask_shell(struct asked *a, const char *script)
{
    model_init(&a->model);
    a->command[0] = (char *)"sh";
    a->command[1] = (char *)"-c";
    a->command[2] = (char *)(uintptr_t)script;
    a->command[3] = NULL;
    a->model.command = a->command;
}

static struct stream *ask_begin(struct asked *a, const char *prompt)
{
    struct message messages[] = {{"system", "Be \"brief\"."},
                                 {"user", "before"},
                                 {"assistant", "then"},
                                 {"user", prompt}};
    struct request rq = {.messages = messages, .n_messages = 4,
                         .max_tokens = 64, .seed = 5};
    struct backend *b;
    struct err e;
    if (backend_exec.open(&b, &a->model, &env, &e) != 0)
        fail_msg("%s", e.text);
    struct stream *s = stream_open(answer_wake[1]);
    if (backend_exec.start(b, &rq, s, &e) != 0)
        fail_msg("%s", e.text);
    backend_exec.close(b);
    return s;
}

static void ask(struct asked *a, const char *prompt, struct answer *answer)
{
    answer_init(answer);
    answer_finish(answer, ask_begin(a, prompt));
    assert_int_equal(answer->end.finish == FINISH_ERROR,
                     answer->end.error.code != ERR_NONE);
    for (const char *p = answer->end.error.text; *p != '\0'; p++)
        assert_true((unsigned char)*p >= ' ');
}

static const struct {
    const char *name, *script;
    bool reads_text, prints_json;
    const char *text, *thinking;
    enum finish finish; /* FINISH_NONE: any */
    const char *words;  /* in the error */
} cases[] = {
    {"json in", "cat", false, false,
     "{\"messages\":[{\"role\":\"system\",\"content\":\"Be \\\"brief\\\".\"},"
     "{\"role\":\"user\",\"content\":\"before\"},{\"role\":\"assistant\","
     "\"content\":\"then\"},{\"role\":\"user\",\"content\":\"Hi\"}],"
     "\"max_tokens\":64,\"seed\":5,\"temperature\":0.5}", "", FINISH_STOP,
     NULL},
    {"text in", "cat", true, false, "Hi", "", FINISH_STOP, NULL},
    {"a line in", "read x; echo \"$x!\"", true, false, "Hi!", "", FINISH_STOP,
     NULL},
    {"never reads", "echo a", true, false, "a", "", FINISH_STOP, NULL},
    {"blank ends", "printf 'a \\n\\n b\\n\\t\\n'", true, false, "a \n\n b", "",
     FINISH_STOP, NULL},
    {"prints nothing", ":", true, false, "", "", FINISH_STOP, NULL},
    {"no shell", "printf '$HOME'", true, false, "$HOME", "", FINISH_STOP,
     NULL},
    {"thinking in tags", "printf '<th'; printf 'ink>hm</think>\\na'", true,
     false, "a", "hm", FINISH_STOP, NULL},
    {"no UTF-8", "printf 'a\\377\\303'; printf '\\251\\000b\\303'", true, false,
     "a\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD" "b\xEF\xBF\xBD", "", FINISH_STOP,
     NULL},
    {"JSON as text", "echo '{\"text\":\"a\"}'", true, false,
     "{\"text\":\"a\"}", "", FINISH_STOP, NULL},

    {"lines of JSON",
     "echo '{\"thinking\":\"hm\"}'; echo '{\"text\":\"H\\u00e9\"}'; echo; "
     "printf '{\"text\":\"llo\",\"n_in\":9,\"n_out\":4,\"new\":1}'",
     true, true, "H\xC3\xA9llo", "hm", FINISH_STOP, NULL},
    {"a limit", "echo '{\"text\":\"a\",\"finish\":\"length\"}'", true, true,
     "a", "", FINISH_LENGTH, NULL},
    {"a filter", "echo '{\"text\":\"a\",\"finish\":\"filter\"}'", true, true,
     "a", "", FINISH_FILTER, NULL},
    {"an unknown finish", "echo '{\"text\":\"a\",\"finish\":\"bored\"}'", true,
     true, "a", "", FINISH_ERROR, "\"bored\""},
    {"an error in JSON",
     "printf '%s\n' '{\"text\":\"a\"}' '{\"error\":\"no\\nGPU\"}'", true, true,
     "a", "", FINISH_ERROR, "the answer was cut off: sh: no GPU"},
    {"text as JSON", "echo hello", true, true, "", "", FINISH_ERROR,
     "prints a line that is no JSON object (hello)"},
    {"an array as JSON", "echo '[1]'", true, true, "", "", FINISH_ERROR,
     "no JSON object"},
    {"cut JSON", "printf '{\"text\":\"a\"}\\n{\"tex'", true, true, "a", "",
     FINISH_ERROR, "no JSON object"},
    {"a line of 2 MB", "head -c 2000000 /dev/zero | tr '\\0' a", true, true,
     "", "", FINISH_ERROR, "a line of more than 1 MB"},

    {"a status", "echo a; echo why >&2; exit 3", true, false, "a", "",
     FINISH_ERROR, "the answer was cut off: sh failed with status 3: why"},
    {"a status without words", "exit 3", true, false, "", "", FINISH_ERROR,
     "sh failed with status 3"},
    {"a signal", "kill -9 $$", true, false, "", "", FINISH_ERROR,
     "ended by signal 9"},
    {"stderr alone", "echo note >&2; echo a", true, false, "a", "",
     FINISH_STOP, NULL},
    {"escape sequences in stderr", "printf '\\033[2Jx\\377\\n' >&2; exit 1",
     true, false, "", "", FINISH_ERROR, " [2Jx\xEF\xBF\xBD"},
    {"much stderr", "i=0; while [ $i -lt 3000 ]; do echo line $i of a long "
     "complaint that fills pipes >&2; i=$((i+1)); done; echo a", true, false,
     "a", "", FINISH_STOP, NULL},
    {"a grandchild holds the pipe", "sleep 100 & echo a", true, false, "a", "",
     FINISH_STOP, NULL},
    {"a grandchild prints on", "yes a & sleep 0.1", true, false, NULL, "",
     FINISH_NONE, NULL},
    {"reads after it has answered", "echo a; exec >&-; cat >/dev/null", true,
     false, "a", "", FINISH_STOP, NULL},
    {"without end", "yes a", true, false, NULL, "", FINISH_ERROR,
     "larger than 8 MB"},
    {"blanks without end", "yes ''", true, false, "", "", FINISH_ERROR,
     "larger than 8 MB"},
};

static void programs_of_all_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct asked a;
        struct answer answer;
        ask_shell(&a, cases[i].script);
        a.model.temperature = 0.5;
        a.model.input = cases[i].reads_text ? EXEC_INPUT_TEXT : -1;
        a.model.output = cases[i].prints_json ? EXEC_OUTPUT_JSON : -1;
        ask(&a, "Hi", &answer);
        const char *words = cases[i].words ? cases[i].words : "";
        const char *text = cases[i].text ? cases[i].text : answer.text.data;
        if (strcmp(answer.text.data, text) != 0 ||
            strcmp(answer.thinking.data, cases[i].thinking) != 0 ||
            (cases[i].finish != FINISH_NONE &&
             answer.end.finish != cases[i].finish) ||
            strstr(answer.end.error.text, words) == NULL)
            fail_msg("%s: text \"%.200s\" thinking \"%s\" finish %s error "
                     "\"%s\"", cases[i].name, answer.text.data,
                     answer.thinking.data, finish_name(answer.end.finish),
                     answer.end.error.text);
        answer_free(&answer);
    }
}

static void usage_is_taken(void **state)
{
    (void)state;
    struct asked a;
    struct answer answer;
    ask_shell(&a, "echo '{\"text\":\"a\",\"n_in\":9,\"n_out\":4,\"n_think\":1,"
                  "\"cost\":0.5}'");
    a.model.output = EXEC_OUTPUT_JSON;
    ask(&a, "Hi", &answer);
    assert_int_equal(answer.end.n_in, 9);
    assert_int_equal(answer.end.n_out, 4);
    assert_int_equal(answer.end.n_think, 1);
    assert_true(answer.end.cost == 0.5);
    assert_true(answer.end.first_ms >= 0 && answer.end.total_ms >= 0);
    answer_free(&answer);
}

/* More than a pipe holds, in both directions at once and in one alone. */
static void much_input_does_not_block(void **state)
{
    (void)state;
    static const char *const scripts[] = {"cat", "echo done", "sleep 0.1; cat"};
    size_t n = 1 << 20;
    char *prompt = malloc(n + 1);
    memset(prompt, 'x', n);
    prompt[n] = '\0';
    for (size_t i = 0; i < 3; i++) {
        struct asked a;
        struct answer answer;
        ask_shell(&a, scripts[i]);
        a.model.input = EXEC_INPUT_TEXT;
        ask(&a, prompt, &answer);
        assert_int_equal(answer.end.finish, FINISH_STOP);
        assert_string_equal(answer.text.data, i == 1 ? "done" : prompt);
        answer_free(&answer);
    }
    free(prompt);
}

static void limits_end_it(void **state)
{
    (void)state;
    /* What must come first has time for it, on a machine that is busy. */
    static const struct {
        double first_s, stall_s, total_s;
        const char *script, *words;
    } late[] = {
        {0.1, 60, 60, "sleep 100",
         "did not answer within 0.1 s (\"first_token_timeout_"},
        {2, 60, 60, "echo why >&2; sleep 100",
         "\"first_token_timeout_s\"): why"},
        {60, 0.1, 60, "echo a; sleep 100",
         "fell silent for 0.1 s (\"stall_timeout_s\")"},
        {60, 2, 60, "echo a; exec >&-; sleep 100",
         "closed its output, but did not end"},
        {60, 60, 0.2, "while echo a; do sleep 0.01; done",
         "\"total_timeout_s\""},
        {0.1, 60, 60, "trap '' TERM; sleep 100; sleep 100",
         "\"first_token_timeout_s\""},
    };
    for (size_t i = 0; i < sizeof(late) / sizeof(late[0]); i++) {
        struct asked a;
        struct answer answer;
        ask_shell(&a, late[i].script);
        a.model.first_token_timeout_s = late[i].first_s;
        a.model.stall_timeout_s = late[i].stall_s;
        a.model.total_timeout_s = late[i].total_s;
        ask(&a, "Hi", &answer);
        assert_int_equal(answer.end.finish, FINISH_ERROR);
        if (strstr(answer.end.error.text, late[i].words) == NULL)
            fail_msg("%s: %s", late[i].script, answer.end.error.text);
        answer_free(&answer);
    }
}

/* Waits until no process has this word in its command line. */
static void wait_gone(const char *word)
{
    char command[100];
    snprintf(command, sizeof(command), "grep -sq '%.20s' /proc/[0-9]*/cmdline",
             word);
    for (int i = 0; i < 500 && system(command) == 0; i++)
        poll(NULL, 0, 10);
    assert_int_not_equal(system(command), 0);
}

/* The program, what it has started, and one that will not hear. */
static void cancel_ends_the_whole_group(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "echo a; sleep 123.456", "echo a; sleep 123.456 & sleep 123.457",
        "trap '' TERM; echo a; sleep 123.456; sleep 123.457",
    };
    for (size_t i = 0; i < 3; i++) {
        struct asked a;
        struct answer answer;
        ask_shell(&a, scripts[i]);
        answer_init(&answer);
        struct stream *s = ask_begin(&a, "Hi");
        assert_false(answer_take(&answer, s, 1));
        int64_t began_ns = clock_monotonic_ns();
        stream_cancel(s);
        answer_finish(&answer, s);
        double ms = (double)(clock_monotonic_ns() - began_ns) / 1e6;
        print_message("# cancelled in %.2f ms\n", ms);
        assert_int_equal(answer.end.finish, FINISH_CANCEL);
        answer_free(&answer);
    }
    wait_gone("123[.]45");
}

/* The arena ends while one answers, and one will not hear. */
static void the_end_leaves_nothing(void **state)
{
    (void)state;
    struct asked a[2];
    struct stream *s[2];
    for (int i = 0; i < 2; i++) {
        ask_shell(&a[i], i == 0 ? "sleep 124.456"
                                : "trap '' TERM; sleep 124.456; sleep 124.456");
        s[i] = ask_begin(&a[i], "Hi");
    }
    backend_env_free(&env);
    for (int i = 0; i < 2; i++) {
        struct answer answer;
        answer_init(&answer);
        answer_finish(&answer, s[i]);
        assert_int_equal(answer.end.finish, FINISH_CANCEL);
        answer_free(&answer);
    }
    wait_gone("124[.]456");
}

static void a_program_that_is_none(void **state)
{
    (void)state;
    struct asked a;
    struct backend *b;
    struct err e;
    struct message message = {"user", "Hi"};
    struct request rq = {.messages = &message, .n_messages = 1,
                         .max_tokens = 64, .seed = 5};
    ask_shell(&a, "");
    a.command[0] = (char *)"./no such program";
    assert_int_equal(backend_exec.open(&b, &a.model, &env, &e), -1);
    assert_int_equal(e.code, ERR_BACKEND);
    assert_non_null(strstr(e.text, "cannot run ./no such program: No such"));

    /* One that goes after it was found. */
    char path[sizeof(log_path) + 8], words[sizeof(path) + 32];
    snprintf(path, sizeof(path), "%s.gone", log_path);
    snprintf(words, sizeof(words), "cannot run %s: No such", path);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
    assert_true(fd >= 0);
    close(fd);
    a.command[0] = path;
    int opened = backend_exec.open(&b, &a.model, &env, &e);
    unlink(path);
    assert_int_equal(opened, 0);
    struct stream *s = stream_open(answer_wake[1]);
    assert_int_equal(backend_exec.start(b, &rq, s, &e), -1);
    assert_non_null(strstr(e.text, words));
    stream_release(s);
    stream_release(s);
    backend_exec.close(b);
}

/* Many at once: each gets its own. */
static void many_at_once(void **state)
{
    (void)state;
    enum { N = 100 };
    static struct stream *s[N];
    struct asked a;
    ask_shell(&a, "read x; sleep 0.05; echo \"$x\"");
    a.model.input = EXEC_INPUT_TEXT;
    for (int i = 0; i < N; i++) {
        char prompt[20];
        snprintf(prompt, sizeof(prompt), "number %d", i);
        s[i] = ask_begin(&a, prompt);
    }
    for (int i = 0; i < N; i++) {
        char wanted[20];
        struct answer answer;
        snprintf(wanted, sizeof(wanted), "number %d", i);
        answer_init(&answer);
        answer_finish(&answer, s[i]);
        assert_string_equal(answer.text.data, wanted);
        answer_free(&answer);
    }
}

static void stderr_is_logged(void **state)
{
    (void)state;
    struct asked a;
    struct answer answer;
    ask_shell(&a, "echo what happened >&2; echo a");
    ask(&a, "Hi", &answer);
    answer_free(&answer);
    struct buf log;
    buf_init(&log, 1 << 20);
    buf_read_file(&log, log_path);
    assert_non_null(strstr(log.data, "sh: what happened\n"));
    buf_free(&log);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(programs_of_all_kinds),
        TEST(usage_is_taken),
        TEST(much_input_does_not_block),
        TEST(limits_end_it),
        TEST(cancel_ends_the_whole_group),
        TEST(the_end_leaves_nothing),
        TEST(a_program_that_is_none),
        TEST(many_at_once),
        TEST(stderr_is_logged),
    };
    return TEST_RUN(tests);
}
