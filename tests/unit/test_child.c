/* Other programs, and folders with what is in them. */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/child.h"
#include "base/path.h"
#include "base/tree.h"

static void run_to_end(struct child *c)
{
    while (!child_poll(c))
        usleep(1000);
}

static void the_end_of_stderr_is_kept(void **state)
{
    static const char *const argv[] = {
        "sh", "-c", "echo one >&2; echo dropped; echo two >&2; echo >&2; "
        "exit 3", NULL};
    struct child c;
    struct err e = {0};
    (void)state;
    assert_int_equal(child_start(&c, argv, &e), 0);
    run_to_end(&c);
    assert_int_equal(c.status, 3);
    assert_string_equal(child_last_line(&c), "two");
    assert_true(child_poll(&c));
    child_free(&c);
}

static void much_stderr_does_not_block(void **state)
{
    static const char *const argv[] = {
        "sh", "-c", "i=0; while [ $i -lt 3000 ]; do echo line $i of a long "
        "complaint that fills pipes >&2; i=$((i+1)); done", NULL};
    struct child c;
    struct err e = {0};
    (void)state;
    assert_int_equal(child_start(&c, argv, &e), 0);
    run_to_end(&c);
    assert_int_equal(c.status, 0);
    assert_non_null(strstr(child_last_line(&c), "line 2999 of"));
    child_free(&c);
}

static void a_child_reads_nothing(void **state)
{
    static const char *const argv[] = {"sh", "-c", "read x && exit 4; exit 0",
                                       NULL};
    struct err e = {0};
    (void)state;
    assert_int_equal(child_run(argv, &e), 0);
}

static void a_child_is_ended(void **state)
{
    static const char *const argv[] = {"sleep", "600", NULL};
    struct child c;
    struct err e = {0};
    (void)state;
    assert_int_equal(child_start(&c, argv, &e), 0);
    pid_t pid = c.process.pid;
    assert_false(child_poll(&c));
    child_free(&c);
    assert_int_equal(kill(pid, 0), -1);
}

static void failures_are_errors(void **state)
{
    static const char *const missing[] = {"no-such-program-here", NULL};
    static const char *const failing[] = {"sh", "-c", "echo why >&2; exit 9",
                                          NULL};
    static const char *const killed[] = {"sh", "-c", "kill -9 $$", NULL};
    struct child c;
    struct err e = {0};
    (void)state;
    assert_int_equal(child_start(&c, missing, &e), -1);
    assert_non_null(strstr(e.text, "no-such-program-here"));
    assert_int_equal(child_run(failing, &e), -1);
    assert_non_null(strstr(e.text, "why"));
    assert_non_null(strstr(e.text, "9"));
    assert_int_equal(child_run(killed, &e), -1);
    assert_non_null(strstr(e.text, "137"));
}

/* Whoever started us may have it that ends are not told. */
static void an_end_that_is_not_told_is_no_success(void **state)
{
    static const char *const failing[] = {"sh", "-c", "echo why >&2; exit 9",
                                          NULL};
    struct err e = {0};
    (void)state;
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    int result = child_run(failing, &e);
    signal(SIGCHLD, before);
    assert_int_equal(result, -1);
    assert_non_null(strstr(e.text, "127"));
    assert_non_null(strstr(e.text, "why"));
}

static void write_text(const char *folder, const char *name, const char *text)
{
    char *path = path_join(folder, name);
    assert_int_equal(path_write_file(path, text, strlen(text), 0600, NULL), 0);
    free(path);
}

/* The value that a variable has in an environment, or NULL. */
static const char *value_in(char *const *env, const char *name)
{
    size_t n = strlen(name);
    for (; *env != NULL; env++)
        if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
            return *env + n + 1;
    return NULL;
}

static void hidden_variables_are_not_inherited(void **state)
{
    static const char *const argv[] = {
        "sh", "-c", "echo \"<$CHILD_KEY>$CHILD_KEY_2\" >&2", NULL};
    char extra[] = "CHILD_KEY_2=new";
    struct child c;
    struct err e = {0};
    (void)state;
    setenv("CHILD_KEY", "secret", 1);
    setenv("CHILD_KEY_2", "old", 1);
    process_hide("CHILD_KEY");
    process_hide("CHILD_KEY");
    assert_int_equal(child_start(&c, argv, &e), 0);
    run_to_end(&c);
    assert_string_equal(child_last_line(&c), "<>old");
    child_free(&c);
    char **env = process_environment("CHILD_KEY", extra);
    assert_string_equal(value_in(env, "CHILD_KEY"), "secret");
    assert_string_equal(value_in(env, "CHILD_KEY_2"), "new");
    free(env);
    env = process_environment("CHILD_KEY_2", NULL);
    assert_null(value_in(env, "CHILD_KEY"));
    assert_string_equal(value_in(env, "CHILD_KEY_2"), "old");
    assert_string_equal(value_in(env, "PATH"), getenv("PATH"));
    free(env);
}

static void trees_are_counted_and_removed(void **state)
{
    char name[64];
    struct err e = {0};
    (void)state;
    snprintf(name, sizeof(name), "test_tree.%d", (int)getpid());
    const char *tmp = getenv("TMPDIR");
    char *top = path_join(tmp ? tmp : "/tmp", name);
    char *deep = path_join(top, "a/b");
    char *link = path_join(top, "a/outside");
    char *kept = path_join(tmp ? tmp : "/tmp", "test_tree.kept");
    assert_int_equal(tree_bytes(top), 0);
    assert_int_equal(tree_remove(top, &e), 0);
    assert_int_equal(path_make_folder(deep, &e), 0);
    assert_int_equal(path_make_folder(kept, &e), 0);
    write_text(top, "x", "12345");
    write_text(deep, "y", "123");
    write_text(kept, "z", "1234567890");
    assert_int_equal(symlink(kept, link), 0);
    struct stat st;
    assert_int_equal(lstat(link, &st), 0);
    assert_int_equal(tree_bytes(top), 8 + st.st_size);
    assert_int_equal(tree_remove(top, &e), 0);
    assert_false(path_exists(top));
    assert_int_equal(tree_bytes(kept), 10); /* the link was not followed */
    assert_int_equal(tree_remove(kept, &e), 0);
    free(kept);
    free(link);
    free(deep);
    free(top);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_stderr_is_kept),
        cmocka_unit_test(much_stderr_does_not_block),
        cmocka_unit_test(a_child_reads_nothing),
        cmocka_unit_test(a_child_is_ended),
        cmocka_unit_test(failures_are_errors),
        cmocka_unit_test(an_end_that_is_not_told_is_no_success),
        cmocka_unit_test(hidden_variables_are_not_inherited),
        cmocka_unit_test(trees_are_counted_and_removed),
    };
    return TEST_RUN(tests);
}
