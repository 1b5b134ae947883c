/* Programs on the net thread, and what they say beside their answer. */
#include "test.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/remote/program.h"
#include "backends/remote/said.h"
#include "base/log.h"

/* What a program was seen to do, under the lock once it runs. */
struct seen {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct buf out;
    int n_looks; /* while its output was open */
    int status;
    bool has_ended;
};

static void on_out(void *arg, const char *bytes, size_t n)
{
    struct seen *s = arg;
    pthread_mutex_lock(&s->lock);
    buf_add(&s->out, bytes, n);
    pthread_mutex_unlock(&s->lock);
}

static bool on_look(void *arg, struct net *n, bool is_silent)
{
    struct seen *s = arg;
    pthread_mutex_lock(&s->lock);
    s->n_looks += !is_silent;
    pthread_mutex_unlock(&s->lock);
    return !net_closing(n);
}

static void on_ended(void *arg, int status)
{
    struct seen *s = arg;
    pthread_mutex_lock(&s->lock);
    s->status = status;
    s->has_ended = true;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void run(const char *script, int64_t look_ms, struct seen *s)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    struct program_plan plan = {.argv = argv, .arg = s, .out = on_out,
                                .err = on_out, .look = on_look,
                                .look_ms = look_ms, .ended = on_ended};
    struct err e;
    struct net *net = net_open(&e);
    assert_non_null(net);
    *s = (struct seen){.lock = PTHREAD_MUTEX_INITIALIZER,
                       .changed = PTHREAD_COND_INITIALIZER};
    buf_init(&s->out, 4096);
    assert_int_equal(program_start(net, &plan), 0);
    pthread_mutex_lock(&s->lock);
    while (!s->has_ended)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
    net_close(net);
}

/* One that is looked at once an hour costs nothing in between, and its end is
 * seen at once all the same. */
static void an_idle_program_is_let_alone(void **state)
{
    (void)state;
    struct seen s;
    run("sleep 0.3; echo a; exit 3", 3600 * 1000, &s);
    assert_string_equal(s.out.data, "a\n");
    assert_int_equal(process_exit_code(s.status), 3);
    /* At its start, with its word, and with the end of each pipe. */
    assert_true(s.n_looks <= 5);
    buf_free(&s.out);
}

/* It has ended, though a child of it holds its pipes. */
static void an_end_is_seen_by_looking(void **state)
{
    (void)state;
    struct seen s;
    run("sleep 100 & exit 4", 10, &s);
    assert_int_equal(process_exit_code(s.status), 4);
    buf_free(&s.out);
}

static char log_path[256];

static void expect_said(const char *bytes, const char *key, const char *last)
{
    size_t n = strlen(bytes);
    for (size_t cut = 0; cut <= n; cut++) {
        struct said s;
        said_init(&s, "prog", 0);
        s.key = key;
        said_add(&s, bytes, cut);
        said_add(&s, bytes + cut, n - cut);
        said_end(&s);
        assert_string_equal(s.last, last);
        said_free(&s);
    }
}

static void the_last_line_is_kept(void **state)
{
    (void)state;
    expect_said("", NULL, "");
    expect_said("one\ntwo\n\n \r\n", NULL, "two");
    expect_said("one\r\ntwo", NULL, "two");
    expect_said("\xE6\xA8\xA1\xE5\x9E\x8B fehlt: gr\xC3\xB6\xC3\x9F" "er\n",
                NULL, "\xE6\xA8\xA1\xE5\x9E\x8B fehlt: gr\xC3\xB6\xC3\x9F" "er");
    expect_said("\x1B[31mred\x7F\xFF\n", NULL, "[31mred \xEF\xBF\xBD");
    expect_said("key sk-canary-0123456789 is bad\n", "sk-canary-0123456789",
                "key [key] is bad");
}

static void a_long_line_is_cut_at_a_character(void **state)
{
    (void)state;
    struct said s;
    said_init(&s, "prog", 0);
    said_add(&s, "x", 1);
    for (int i = 0; i < 5000; i++)
        said_add(&s, "\xC3\xA9", 2);
    said_end(&s);
    assert_int_equal(strlen(s.last), SAID_LINE_BYTES - 1);
    assert_string_equal(s.last + SAID_LINE_BYTES - 3, "\xC3\xA9");
    said_free(&s);
}

static void the_first_lines_are_logged(void **state)
{
    (void)state;
    const char *folder = getenv("TMPDIR");
    struct said s;
    struct buf log;
    snprintf(log_path, sizeof(log_path), "%s/program.%d.log",
             folder ? folder : "/tmp", (int)getpid());
    log_open(log_path);
    said_init(&s, "prog", 2);
    said_add(&s, "a\nb\nc\n", 6);
    said_clear(&s);
    assert_string_equal(s.last, "");
    said_add(&s, "d\n", 2);
    said_free(&s);
    buf_init(&log, 1 << 20);
    buf_read_file(&log, log_path);
    assert_non_null(strstr(log.data, "prog: a\n"));
    assert_non_null(strstr(log.data, "prog: b\n"));
    assert_null(strstr(log.data, "prog: c\n"));
    assert_non_null(strstr(log.data, "prog: d\n"));
    buf_free(&log);
    unlink(log_path);
}

static void programs_are_found_as_they_are_started(void **state)
{
    (void)state;
    char *path = strdup(getenv("PATH") ? getenv("PATH") : "");
    assert_int_equal(process_find("/bin/sh"), 0);
    assert_int_equal(process_find("sh"), 0);
    assert_int_equal(process_find(""), ENOENT);
    assert_int_equal(process_find("no-such-program"), ENOENT);
    assert_int_equal(process_find("/bin/no-such-program"), ENOENT);
    assert_int_equal(process_find("/bin"), EACCES);
    assert_int_equal(process_find("/dev/null"), EACCES);
    setenv("PATH", "/no-such-folder:/bin", 1);
    assert_int_equal(process_find("sh"), 0);
    setenv("PATH", "/no-such-folder:/dev", 1);
    assert_int_equal(process_find("null"), EACCES);
    setenv("PATH", "/no-such-folder:", 1);
    assert_int_equal(process_find("sh"), ENOENT);
    unsetenv("PATH");
    assert_int_equal(process_find("sh"), 0);
    setenv("PATH", path, 1);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_program_is_let_alone),
        cmocka_unit_test(an_end_is_seen_by_looking),
        cmocka_unit_test(the_last_line_is_kept),
        cmocka_unit_test(a_long_line_is_cut_at_a_character),
        cmocka_unit_test(the_first_lines_are_logged),
        cmocka_unit_test(programs_are_found_as_they_are_started),
    };
    return TEST_RUN(tests);
}
