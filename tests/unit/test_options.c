#include <string.h>

#include "tests/unit/test.h"
#include "tui/options.h"

struct settings {
    bool force, dry;
    int level, mode;
    int64_t n_jobs;
    double heat, share;
    const char *to;
};

static const struct option_spec specs[] = {
    OPTION('f', "force", FLAG, settings, force, NULL, "replace"),
    OPTION('d', "dry", FLAG, settings, dry, NULL, "only say it"),
    OPTION('v', "verbose", COUNT, settings, level, NULL, "more"),
    OPTION('j', "jobs", WHOLE, settings, n_jobs, "N", "at once", .min = 1,
           .max = 64),
    OPTION(0, "heat", NUMBER, settings, heat, "X", "how hot"),
    OPTION(0, "share", NUMBER, settings, share, "P", "of all", .max = 1),
    OPTION('m', "mode", CHOICE, settings, mode, "live|equal|hold", "pace"),
    OPTION('o', "to", TEXT, settings, to, "DIR", "where"),
    OPTION_END,
};

struct elsewhere {
    bool all;
    const char *name;
};

static const struct option_spec others[] = {
    OPTION('a', "all", FLAG, elsewhere, all, NULL, "all"),
    OPTION('n', "name", TEXT, elsewhere, name, "NAME", "a name"),
    OPTION_END,
};

static int parse(struct settings *s, const struct option_spec *other,
                 bool lenient, int *argc, char **argv, struct err *e)
{
    *argc = 0;
    while (argv[*argc] != NULL)
        ++*argc;
    return options_parse(specs, s, other, lenient, argc, argv, e);
}

/* argv is char ** in C, though nobody writes to the words. */
#define ARGV(...) (char **)(const char *[]){"verb", __VA_ARGS__, NULL}

static void test_every_form(void **state)
{
    (void)state;
    struct settings s = {.heat = 0.5};
    struct err e;
    int argc;
    char **argv = ARGV("one", "-fvv", "--jobs=4", "two", "--to", "-x", "-mhold",
                       "-", "--heat", "-1.5", "--", "--dry", "-v");
    assert_int_equal(parse(&s, NULL, false, &argc, argv, &e), 0);
    assert_true(s.force);
    assert_false(s.dry);
    assert_int_equal(s.level, 2);
    assert_int_equal(s.n_jobs, 4);
    assert_string_equal(s.to, "-x");
    assert_int_equal(s.mode, 2);
    assert_true(s.heat == -1.5);
    assert_int_equal(argc, 6);
    const char *left[] = {"verb", "one", "two", "-", "--dry", "-v"};
    for (int i = 0; i < argc; i++)
        assert_string_equal(argv[i], left[i]);
    assert_null(argv[argc]);
}

static void test_defaults_stay(void **state)
{
    (void)state;
    struct settings s = {.heat = 0.5, .n_jobs = 2, .to = "here"};
    struct err e;
    int argc;
    assert_int_equal(parse(&s, NULL, false, &argc, ARGV("x"), &e), 0);
    assert_true(s.heat == 0.5);
    assert_int_equal(s.n_jobs, 2);
    assert_string_equal(s.to, "here");
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *arg, *says;
    } cases[] = {
        {"--fores", "unknown option --fores; did you mean --force?"},
        {"--zzzzzz", "unknown option --zzzzzz"},
        {"-z", "unknown option -z"},
        {"-fz", "unknown option -fz"},
        {"--force=yes", "--force takes no value"},
        {"--jobs", "--jobs needs a value (N)"},
        {"-j", "-j needs a value (N)"},
        {"--share=-0.1", "--share: -0.1 is not within 0 to 1"},
        {"--share=1.01", "--share: 1.01 is not within 0 to 1"},
        {"-j0", "--jobs: 0 is not within 1 to 64"},
        {"-j3x", "--jobs: \"3x\" is not a whole number"},
        {"--jobs=", "--jobs: \"\" is not a whole number"},
        {"-j99999999999999999999",
         "--jobs: \"99999999999999999999\" is not a whole number"},
        {"--heat=nan", "--heat: \"nan\" is not a number"},
        {"--heat=1e999", "--heat: \"1e999\" is not a number"},
        {"--mode=fast", "--mode: \"fast\" is none of live|equal|hold"},
        {"--mode=li", "--mode: \"li\" is none of live|equal|hold"},
        {"--mode=", "--mode: \"\" is none of live|equal|hold"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct settings s = {.force = false};
        struct err e;
        int argc;
        char **argv = ARGV(cases[i].arg);
        assert_int_equal(parse(&s, NULL, false, &argc, argv, &e), -1);
        assert_int_equal(e.code, ERR_USAGE);
        assert_string_equal(e.text, cases[i].says);
    }
}

/* The first of two passes leaves the other table's options where they are,
 * values and all, even where those look like options of its own. */
static void test_two_tables(void **state)
{
    (void)state;
    struct settings s = {.force = false};
    struct err e;
    int argc;
    char **argv = ARGV("--name", "-f", "-n", "--force", "-nf", "--name=-f",
                       "--unknown", "-d", "--", "-f");
    assert_int_equal(parse(&s, others, true, &argc, argv, &e), 0);
    assert_false(s.force);
    assert_true(s.dry);
    struct elsewhere o = {.all = false};
    argv[7] = (char *)"--all";
    assert_int_equal(options_parse(others, &o, specs, false, &argc, argv, &e),
                     0);
    assert_true(o.all);
    assert_string_equal(o.name, "-f");
    assert_int_equal(argc, 2);
    assert_string_equal(argv[1], "-f");
}

static void test_first_operand(void **state)
{
    (void)state;
    char **argv = ARGV("-v", "--to", "x", "-o", "y", "-j4", "--to=z", "here");
    assert_int_equal(options_first_operand(specs, 9, argv), 8);
    argv = ARGV("--to");
    assert_true(options_first_operand(specs, 2, argv) >= 2);
    argv = ARGV("--", "-f");
    assert_int_equal(options_first_operand(specs, 3, argv), 2);
    assert_int_equal(options_first_operand(specs, 1, argv), 1);
}

static void test_help(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    options_help(specs, &b);
    assert_non_null(strstr(b.data, "  -j, --jobs N            at once\n"));
    assert_non_null(strstr(b.data, "  --heat X                how hot\n"));
    assert_non_null(strstr(b.data, "  -m, --mode live|equal|hold\n"
                                   "                          pace\n"));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form),
        cmocka_unit_test(test_defaults_stay),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_two_tables),
        cmocka_unit_test(test_first_operand),
        cmocka_unit_test(test_help),
    };
    return TEST_RUN(tests);
}
