/* Changing one model in a config and nothing else of it. */
#include "tests/unit/config_place.h"

#include <sys/wait.h>

static void assert_file(const char *path, const char *text)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_int_equal(buf_read_file(&b, path), 0);
    assert_string_equal(b.data, text);
    buf_free(&b);
}

#define NEW "{ \"name\": \"z\", \"backend\": \"ollama\", \"id\": \"z\" }"
#define OLD(name) \
    "{ \"name\": \"" name "\", \"backend\": \"local\", \"file\": \"f\" }"

static void models_are_added_in_place(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{}", "{\n  \"models\": [\n    " NEW "\n  ]\n}"},
        {"// head\n{ // brace\n  \"pace\": \"live\"\n}\n",
         "// head\n{\n  \"models\": [\n    " NEW
         "\n  ], // brace\n  \"pace\": \"live\"\n}\n"},
        {"{ \"models\": [] }", "{ \"models\": [\n  " NEW "\n] }"},
        {"{\n  \"models\": [\n    " OLD("a") " // best, so far\n  ]\n}\n",
         "{\n  \"models\": [\n    " OLD("a") ", // best, so far\n    " NEW
         "\n  ]\n}\n"},
        {"{\n  \"models\": [\n    " OLD("a") ",\n    /* ] */\n  ]\n}\n",
         "{\n  \"models\": [\n    " OLD("a") ",\n    /* ] */\n    " NEW
         "\n  ]\n}\n"},
        {"{ \"system\": \"\\\"models\\\": [\", \"models\": [" OLD("a") "] }",
         "{ \"system\": \"\\\"models\\\": [\", \"models\": [" OLD("a") ",\n"
         NEW "\n] }"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err e;
        write_text("arena.json", cases[i][0]);
        if (config_add_model("arena.json", NEW, &e) != 0)
            fail_msg("case %zu: %s", i, e.text);
        assert_file("arena.json", cases[i][1]);
    }
}

static void models_are_removed_in_place(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{ \"models\": [ " OLD("a") " ] }", "{ \"models\": [  ] }"},
        {"{ \"models\": [ " OLD("a") ", " OLD("b") " ] }",
         "{ \"models\": [  " OLD("b") " ] }"},
        {"{ \"models\": [ " OLD("b") ", " OLD("a") " ] }",
         "{ \"models\": [ " OLD("b") "  ] }"},
        {"{\n  \"models\": [\n    // first\n    " OLD("a") ", // gone\n    "
         OLD("b") " // stays\n  ]\n}\n",
         "{\n  \"models\": [\n    // first\n    " OLD("b") " // stays\n  ]\n"
         "}\n"},
        {"{\n  \"models\": [\n    " OLD("b") ", // stays\n    " OLD("a")
         "\n  ]\n}\n",
         "{\n  \"models\": [\n    " OLD("b") " // stays\n  ]\n}\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err e;
        write_text("arena.json", cases[i][0]);
        if (config_remove_model("arena.json", "a", &e) != 0)
            fail_msg("case %zu: %s", i, e.text);
        assert_file("arena.json", cases[i][1]);
    }
}

static void bad_edits_change_nothing(void **state)
{
    (void)state;
    static const char text[] = "{ \"models\": [ " OLD("a") " ] }";
    struct err e;
    write_text("arena.json", text);
    assert_int_equal(config_add_model("arena.json", "{", &e), -1);
    assert_int_equal(config_add_model("arena.json", "[]", &e), -1);
    assert_int_equal(config_add_model("arena.json", OLD("a"), &e), -1);
    assert_string_equal(e.text, "arena.json: models[1] \"a\": models[0] has "
                                "the same name");
    assert_int_equal(config_add_model("arena.json", "{\"name\":\"b\"}", &e),
                     -1);
    assert_int_equal(config_remove_model("arena.json", "b", &e), -1);
    assert_int_equal(e.code, ERR_USAGE);
    assert_string_equal(e.text, "arena.json: no model \"b\"");
    assert_file("arena.json", text);
}

/* Four processes add four models each to a file that is not there yet. */
static void edits_at_once_are_all_kept(void **state)
{
    (void)state;
    struct err e;
    struct config c;
    char text[200];
    pid_t children[4];
    remove("arena.json");
    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] != 0)
            continue;
        for (int k = 0; k < 4; k++) {
            snprintf(text, sizeof(text), "{ \"name\": \"m%d-%d\", \"backend\": "
                     "\"local\", \"file\": \"f\" }", i, k);
            if (config_add_model("arena.json", text, &e) != 0)
                _exit(1);
        }
        _exit(0);
    }
    for (int i = 0; i < 4; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(config_load(&c, "arena.json", false, &e), 0);
    assert_int_equal(c.n_models, 16);
    config_free(&c);
    remove("arena.json");
}

/* Nobody writes to the pipe: reading it would never end. */
static void a_pipe_is_no_config(void **state)
{
    (void)state;
    struct err e;
    struct config c;
    assert_int_equal(mkfifo("pipe.json", 0600), 0);
    assert_int_equal(config_load(&c, "pipe.json", false, &e), -1);
    assert_int_equal(e.code, ERR_CONFIG);
    assert_string_equal(e.text, "pipe.json: cannot read: it is not a plain "
                                "file");
    assert_int_equal(config_add_model("pipe.json", NEW, &e), -1);
    assert_int_equal(config_load(&c, ".", false, &e), -1);
    assert_string_equal(e.text, ".: cannot read: Is a directory");
    remove("pipe.json");
}

static void links_and_modes_are_kept(void **state)
{
    (void)state;
    struct err e;
    struct stat st;
    remove("arena.json");
    write_text("real.json", "{ \"models\": [ " OLD("a") " ] }");
    assert_int_equal(chmod("real.json", 0640), 0);
    assert_int_equal(symlink("real.json", "arena.json"), 0);
    assert_int_equal(config_remove_model("arena.json", "a", &e), 0);
    assert_int_equal(lstat("arena.json", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat("real.json", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_file("real.json", "{ \"models\": [  ] }");
    remove("arena.json");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_are_added_in_place),
        cmocka_unit_test(models_are_removed_in_place),
        cmocka_unit_test(bad_edits_change_nothing),
        cmocka_unit_test(edits_at_once_are_all_kept),
        cmocka_unit_test(a_pipe_is_no_config),
        cmocka_unit_test(links_and_modes_are_kept),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
