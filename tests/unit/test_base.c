/* The small things everything stands on. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <math.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/rng.h"
#include "base/sorted.h"
#include "base/utf8.h"
#include "base/wake.h"

static void err_keeps_code_and_text(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(err_set(&e, ERR_DB, "%s: locked", "x.db"), -1);
    assert_int_equal(e.code, ERR_DB);
    assert_string_equal(e.text, "x.db: locked");
    assert_int_equal(err_wrap(&e, "vote %d", 7), -1);
    assert_string_equal(e.text, "vote 7: x.db: locked");
    assert_int_equal(err_set(NULL, ERR_DB, "nobody listens"), -1);
}

static void err_survives_its_own_text_and_long_ones(void **state)
{
    (void)state;
    struct err e = {0};
    err_set(&e, ERR_FAILURE, "inner");
    err_set(&e, ERR_FAILURE, "outer: %s", e.text);
    assert_string_equal(e.text, "outer: inner");
    char *big = mem_calloc(5000, 1);
    memset(big, 'x', 4999);
    err_set(&e, ERR_FAILURE, "%s", big);
    assert_int_equal(strlen(e.text), ERR_TEXT_BYTES - 1);
    err_wrap(&e, "%s", big);
    assert_true(strlen(e.text) < ERR_TEXT_BYTES);
    free(big);
}

static void err_is_one_line(void **state)
{
    (void)state;
    struct err e;
    err_set(&e, ERR_FORMAT, "a message has the role \"%s\"", "two\nlines\r\n");
    err_wrap(&e, "%s", "a\nfile");
    assert_string_equal(e.text,
                        "a file: a message has the role \"two lines  \"");
}

static void err_codes_have_the_documented_statuses(void **state)
{
    (void)state;
    assert_int_equal(err_exit_status(ERR_NONE), 0);
    assert_int_equal(err_exit_status(ERR_FAILURE), 1);
    assert_int_equal(err_exit_status(ERR_USAGE), 2);
    assert_int_equal(err_exit_status(ERR_CONFIG), 3);
    assert_int_equal(err_exit_status(ERR_AUTH), 4);
    assert_int_equal(err_exit_status(ERR_BACKEND), 5);
    assert_int_equal(err_exit_status(ERR_PARTIAL), 6);
    assert_int_equal(err_exit_status(ERR_DB), 7);
    assert_int_equal(err_exit_status(ERR_INTERRUPTED), 130);
}

static void buf_grows_to_its_maximum_and_no_further(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    assert_string_equal(b.data, "");
    for (int i = 0; i < 30; i++)
        buf_add_str(&b, "abc");
    buf_addf(&b, "%d", 1234567);
    assert_int_equal(b.len, 97);
    assert_false(b.overflow);
    buf_addf(&b, "%d", 4567); /* the whole or nothing */
    assert_int_equal(b.len, 97);
    assert_true(b.overflow);
    b.overflow = false;
    buf_add(&b, "12345", 5); /* as much as fits */
    assert_int_equal(b.len, 100);
    assert_true(b.overflow);
    assert_int_equal(b.data[100], '\0');
    buf_free(&b);
}

static void buf_shifts_cuts_and_detaches(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    char *nothing = buf_detach(&b);
    assert_string_equal(nothing, "");
    free(nothing);
    buf_add_str(&b, "hello world");
    buf_shift(&b, 6);
    assert_string_equal(b.data, "world");
    buf_cut(&b, 2);
    assert_string_equal(b.data, "wo");
    buf_cut(&b, 50);
    assert_string_equal(b.data, "wo");
    char *s = buf_detach(&b);
    assert_string_equal(s, "wo");
    assert_int_equal(b.len, 0);
    free(s);
    buf_free(&b);
}

static void utf8_round_trips_every_scalar_value(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        char s[UTF8_MAX_BYTES];
        uint32_t back;
        size_t n = utf8_encode(cp, s);
        assert_int_equal(utf8_decode(s, n, &back), n);
        assert_int_equal(back, cp);
        assert_true(utf8_valid(s, n));
        for (size_t cut = 1; cut < n; cut++)
            assert_int_equal(utf8_incomplete(s, cut), cut);
        assert_int_equal(utf8_incomplete(s, n), 0);
    }
}

/* Unicode 15, 3.9, "U+FFFD substitution of maximal subparts", tables 3-8 and
 * following: how many replacements a decoder writes. */
static void utf8_replaces_maximal_subparts(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        int n_replacements;
    } cases[] = {
        {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82", 8}, /* overlong */
        {"\xED\xA0\x80\xED\xBF\xBF\xED\xAF", 8}, /* surrogates */
        {"\xF4\x91\x92\x93\xFF\x80\xBF", 7},     /* beyond the end */
        {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF", 4}, /* cut short */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *s = cases[i].bytes;
        size_t n = strlen(s);
        assert_false(utf8_valid(s, n));
        int replaced = 0;
        while (n > 0) {
            uint32_t cp;
            size_t len = utf8_decode(s, n, &cp);
            assert_in_range(len, 1, n);
            assert_int_equal(cp, UTF8_REPLACEMENT);
            replaced++;
            s += len;
            n -= len;
        }
        assert_int_equal(replaced, cases[i].n_replacements);
    }
    assert_true(utf8_valid("\xEF\xBF\xBD", 3)); /* a real U+FFFD */
}

/* ASCII is passed in strides, so every place in one is tried. */
static void utf8_first_invalid_is_found_at_every_place(void **state)
{
    (void)state;
    char s[40];
    for (size_t at = 0; at < sizeof(s) - 1; at++) {
        memset(s, 'x', sizeof(s));
        s[at] = '\xC3';
        s[at + 1] = '\xA9';
        assert_int_equal(utf8_first_invalid(s, sizeof(s)), sizeof(s));
        assert_int_equal(utf8_first_invalid(s, at + 1), at);
        s[at + 1] = 'x';
        assert_int_equal(utf8_first_invalid(s, sizeof(s)), at);
    }
}

static void utf8_surrogates_are_encoded_as_replacement(void **state)
{
    (void)state;
    char s[UTF8_MAX_BYTES];
    assert_int_equal(utf8_encode(0xD800, s), 3);
    assert_memory_equal(s, "\xEF\xBF\xBD", 3);
    assert_int_equal(utf8_encode(0x110000, s), 3);
    assert_memory_equal(s, "\xEF\xBF\xBD", 3);
}

/* First outputs for seed 0, computed independently from the published
 * definitions of splitmix64 and xoshiro256++ with Python's whole numbers. */
static void rng_is_xoshiro256pp_seeded_by_splitmix64(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 0);
    assert_true(r.s[0] == 0xE220A8397B1DCDAFu);
    assert_true(r.s[1] == 0x6E789E6AA1B965F4u);
    assert_true(rng_next(&r) == 0x53175D61490B23DFu);
    assert_true(rng_next(&r) == 0x61DA6F3DC380D507u);
}

static void rng_below_is_even(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 42);
    int count[6] = {0};
    for (int i = 0; i < 60000; i++)
        count[rng_below(&r, 6)]++;
    for (int i = 0; i < 6; i++)
        assert_in_range(count[i], 9600, 10400); /* 4 sigma is 365 */
    double sum = 0;
    for (int i = 0; i < 10000; i++) {
        double d = rng_double(&r);
        assert_true(d >= 0 && d < 1);
        sum += d;
    }
    assert_true(sum > 4880 && sum < 5120);
}

static cJSON *parse(const char *text, struct err *e)
{
    return json_parse(text, strlen(text), 1000, "f.json", e);
}

static void json_errors_name_the_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"{\n  \"a\": tru\n}", "f.json:2:8: not JSON from here on"},
        {"{\"a\":1", "f.json:1:6: the JSON ends too early or is wrong here"},
        {"[1] 2", "f.json:1:5: the JSON ends too early or is wrong here"},
        {"\"\xFF\"", "f.json:1:2: not UTF-8"},
        {"[\"\\\\u0000\",\n \"a\\u0000b\"]",
         "f.json:2:4: \\u0000, which no text here may hold"},
        {"", "f.json:1:1: the JSON ends too early or is wrong here"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err e = {0};
        assert_null(parse(cases[i].text, &e));
        assert_int_equal(e.code, ERR_FORMAT);
        assert_string_equal(e.text, cases[i].error);
    }
    struct err e = {0};
    assert_null(json_parse("[1,2,3]", 7, 6, "f.json", &e));
    assert_string_equal(e.text, "f.json: 7 bytes, more than the 6 allowed");
    assert_null(json_parse("[\"a\0b\"]", 7, 7, "f.json", &e));
    assert_string_equal(e.text,
                        "f.json:1:4: a zero byte, which no text here may hold");
    assert_null(json_parse_commented("{} //\0\n\0", 8, 8, "f.json", &e));
    assert_string_equal(e.text,
                        "f.json:2:1: a zero byte, which no text here may hold");
}

static void json_comments_are_skipped_outside_strings(void **state)
{
    (void)state;
    const char *text =
        "// head\n{ \"a\": \"x // y\", /* b, ] */ \"c\": [1, 2,],"
        " \"d\": \"\\\"/*\",\n} // end";
    struct err e = {0};
    cJSON *tree = json_parse_commented(text, strlen(text), 1000, "f.json", &e);
    assert_non_null(tree);
    assert_string_equal(json_get_string(tree, "a", ""), "x // y");
    assert_string_equal(json_get_string(tree, "d", ""), "\"/*");
    assert_int_equal(cJSON_GetArraySize(json_get(tree, "c")), 2);
    assert_null(json_get(tree, "A")); /* case counts */
    cJSON_Delete(tree);
    assert_null(json_parse_commented("[1,,2]", 6, 99, "f.json", &e));
}

static void json_getters_check_types(void **state)
{
    (void)state;
    struct err e = {0};
    cJSON *tree = parse("{\"n\":1.5,\"s\":\"t\",\"b\":true,\"w\":7,\"z\":null,"
                        "\"n\":2}",
                        &e);
    int64_t whole = 0;
    assert_non_null(tree);
    assert_true(json_get_number(tree, "n", 0) == 1.5); /* first one counts */
    assert_true(json_get_number(tree, "s", -1) == -1);
    assert_string_equal(json_get_string(tree, "z", "none"), "none");
    assert_true(json_get_bool(tree, "b", false));
    assert_false(json_get_bool(tree, "n", false));
    assert_true(json_is_whole(json_get(tree, "w"), 0, 9, &whole));
    assert_int_equal(whole, 7);
    assert_false(json_is_whole(json_get(tree, "w"), 0, 6, &whole));
    assert_false(json_is_whole(json_get(tree, "n"), 0, 9, &whole));
    assert_null(json_get(json_get(tree, "n"), "x"));
    cJSON_Delete(tree);
}

static void json_strings_and_numbers_read_back_the_same(void **state)
{
    (void)state;
    const char bytes[] =
        "a\"\\\n\t\x01\x7F é \xE2\x80\xA8 \u202E\U000E0041 \xFF.";
    struct buf b;
    struct err e = {0};
    buf_init(&b, 1000);
    json_add_string(&b, bytes, sizeof(bytes) - 1);
    cJSON *tree = json_parse(b.data, b.len, 1000, "t", &e);
    assert_non_null(tree);
    assert_string_equal(tree->valuestring,
                        "a\"\\\n\t\x01\x7F é \xE2\x80\xA8 \u202E\U000E0041 "
                        "\xEF\xBF\xBD.");
    assert_null(strstr(b.data, "\u202E")); /* escaped, so not obeyed */
    cJSON_Delete(tree);
    static const double numbers[] = {0.1, 1e300, -5, 1.0 / 3, 1000, 5e-324};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        buf_clear(&b);
        json_add_number(&b, numbers[i]);
        assert_true(strtod(b.data, NULL) == numbers[i]);
    }
    buf_clear(&b);
    json_add_number(&b, 0.0 / (numbers[0] - 0.1));
    assert_string_equal(b.data, "null");
    buf_free(&b);
}

static void json_objects_get_their_commas(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    buf_add_str(&b, "{\"before\":1}\n");
    json_comma(&b); /* not at the beginning of a line */
    buf_add_char(&b, '{');
    json_put_text(&b, "text", "ends in [");
    json_put_text(&b, "none", NULL);
    json_put_whole(&b, "whole", INT64_MIN);
    json_put_number(&b, "number", 0.5);
    json_put_number(&b, "endless", HUGE_VAL);
    json_key(&b, "list");
    buf_add_char(&b, '[');
    for (int i = 0; i < 2; i++) {
        json_comma(&b);
        buf_add_char(&b, '{');
        json_put_bool(&b, "yes", i == 1);
        buf_add_char(&b, '}');
    }
    buf_add_str(&b, "]}");
    assert_string_equal(b.data, "{\"before\":1}\n{\"text\":\"ends in [\","
                        "\"none\":null,\"whole\":-9223372036854775808,"
                        "\"number\":0.5,\"endless\":null,"
                        "\"list\":[{\"yes\":false},{\"yes\":true}]}");
    buf_free(&b);
}

static void path_follows_the_environment(void **state)
{
    (void)state;
    setenv("HOME", "/home/x", 1);
    setenv("XDG_DATA_HOME", "/data", 1);
    setenv("XDG_CONFIG_HOME", "relative", 1); /* to be ignored */
    char *data = path_of(PATH_DATA, "arena.db");
    char *config = path_of(PATH_CONFIG, "");
    assert_string_equal(data, "/data/arena/arena.db");
    assert_string_equal(config, "/home/x/.config/arena");
    free(data);
    free(config);
    char *folder = path_folder("a/b");
    assert_string_equal(folder, "a");
    assert_string_equal(path_name("a/b"), "b");
    free(folder);
}

/* Never a folder that all may write to: whoever puts a config there would be
 * trusted. */
static void path_without_home(void **state)
{
    (void)state;
    const struct passwd *user = getpwuid(getuid());
    struct err e;
    const char *const useless[] = {NULL, "", "relative"};
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("XDG_STATE_HOME");
    for (size_t i = 0; i < sizeof(useless) / sizeof(useless[0]); i++) {
        unsetenv("HOME");
        if (useless[i] != NULL)
            setenv("HOME", useless[i], 1);
        char *config = path_of(PATH_CONFIG, "arena.json");
        struct buf wanted;
        buf_init(&wanted, 8192);
        buf_addf(&wanted, "%s/.config/arena/arena.json",
                 user ? user->pw_dir : "/dev/null");
        assert_string_equal(config, wanted.data);
        assert_int_equal(path_check_home(&e), user ? 0 : -1);
        if (user == NULL)
            assert_non_null(strstr(e.text, "set HOME"));
        buf_free(&wanted);
        free(config);
    }
    setenv("HOME", "/home/x", 1);
    assert_int_equal(path_check_home(&e), 0);
}

static void path_writes_whole_files(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
    char *root = path_join(base, "arena-test-XXXXXX");
    assert_non_null(mkdtemp(root));
    char *folder = path_join(root, "x/y");
    char *file = path_join(folder, "f");
    struct err e = {0};
    assert_int_equal(path_write_file(file, "1", 1, 0600, &e), -1);
    assert_int_equal(path_make_folder(folder, &e), 0);
    assert_int_equal(path_make_folder(folder, &e), 0);
    assert_int_equal(path_write_file(file, "one", 3, 0600, &e), 0);
    assert_int_equal(path_write_file(file, "two", 3, 0640, &e), 0);
    struct buf b;
    buf_init(&b, 10);
    assert_int_equal(buf_read_file(&b, file), 0);
    assert_string_equal(b.data, "two");
    struct stat st;
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    buf_free(&b);
    unlink(file);
    rmdir(folder);
    char *middle = path_folder(folder);
    rmdir(middle);
    rmdir(root);
    free(middle);
    free(file);
    free(folder);
    free(root);
}

static void clock_formats_in_utc(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_BYTES];
    clock_format(0, text);
    assert_string_equal(text, "1970-01-01 00:00:00Z");
    clock_format(INT64_C(951782400000), text);
    assert_string_equal(text, "2000-02-29 00:00:00Z");
    int64_t before = clock_monotonic_ms();
    assert_true(clock_monotonic_ms() >= before);
}

static void repaired(const char *text, size_t n, const char *want)
{
    struct err e;
    cJSON *tree = json_parse_repaired(text, n, 100, "t", &e);
    assert_non_null(tree);
    assert_string_equal(json_get_string(tree, "a", "(none)"), want);
    cJSON_Delete(tree);
}

#define REPAIRED(text, want) repaired(text, sizeof(text) - 1, want)

static void json_repairs_what_servers_send(void **state)
{
    (void)state;
    REPAIRED("{\"a\": \"h\xC3\xA9\"}", "h\xC3\xA9");
    REPAIRED("{\"a\": \"x\xFFy\"}", "x\xEF\xBF\xBDy");
    REPAIRED("{\"a\": \"\xF0\x9F\"}", "\xEF\xBF\xBD");
    REPAIRED("{\"a\": \"x\\u0000y\"}", "x\xEF\xBF\xBDy");
    REPAIRED("{\"a\": \"x\0y\"}", "x\xEF\xBF\xBDy");
    REPAIRED("{\"a\": \"\\ud83dz\"}", "\xEF\xBF\xBDz");
    REPAIRED("{\"a\": \"\\uDE00\"}", "\xEF\xBF\xBD");
    REPAIRED("{\"a\": \"\\ud83d\\ud83d\\ude00\"}",
             "\xEF\xBF\xBD\xF0\x9F\x98\x80");
    REPAIRED("{\"a\": \"\\uD83D\\uDE00\"}", "\xF0\x9F\x98\x80");
    REPAIRED("{\"a\": \"\\\\ud83d \\\" \\n\"}", "\\ud83d \" \n");
    struct err e;
    assert_null(json_parse_repaired("{\"a\": \"\\", 8, 100, "t", &e));
    assert_null(json_parse_repaired("{\"a\": \"\\ud8", 11, 100, "t", &e));
    assert_null(json_parse_repaired("", 0, 100, "t", &e));
    assert_null(json_parse_repaired("[1,2,3]", 7, 6, "t", &e));
}

static void clock_reads_dates_that_exist(void **state)
{
    (void)state;
    int64_t ms;
    assert_true(clock_parse("1970-01-01", &ms));
    assert_int_equal(ms, 0);
    assert_true(clock_parse("2024-02-29 23:59:58", &ms));
    assert_int_equal(ms, 1709251198000);
    assert_true(clock_parse("2024-02-29T23:59Z", &ms));
    assert_int_equal(ms, 1709251140000);
    assert_true(clock_parse("2024-02-29T23:59:58.1239", &ms));
    assert_int_equal(ms, 1709251198123);
    assert_true(clock_parse("2024-03-01 01:59:58.5+02:00", &ms));
    assert_int_equal(ms, 1709251198500);
    assert_true(clock_parse("2024-02-29 18:29-05:30", &ms));
    assert_int_equal(ms, 1709251140000);
    static const char *const wrong[] = {
        "", "2024", "2024-2-9", "2023-02-29", "2024-13-01", "2024-00-10",
        "2024-01-01 24:00", "2024-01-01 10", "2024-01-01x", "24-01-01",
        "2024-01-01 10:60", "2024-01-01 10:00:61", "-024-01-01",
        "2024-01-01 10:00:00.", "2024-01-01 10:00.5", "2024-01-01 10:00+0200",
        "2024-01-01 10:00+2", "2024-01-01+02:00", "2024-01-01 10:00 Z",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (clock_parse(wrong[i], &ms))
            fail_msg("took %s", wrong[i]);
}

static void sorted_finds_the_last_row_that_is_not_beyond(void **state)
{
    (void)state;
    struct row { char name; size_t at; } rows[] = {
        {'a', 2}, {'b', 5}, {'c', 5}, {'d', 9}};
    static const size_t wanted[] = {0, 0, 0, 0, 0, 2, 2, 2, 2, 3, 3};
    for (size_t at = 0; at < sizeof(wanted) / sizeof(wanted[0]); at++)
        assert_int_equal(sorted_find_last(&rows->at, 4, sizeof(*rows), at),
                         wanted[at]);
    assert_int_equal(sorted_find_last(&rows->at, 0, sizeof(*rows), 7), 0);
}

static void wake_never_blocks_and_is_not_inherited(void **state)
{
    (void)state;
    int wake[2];
    struct err e;
    char byte;
    assert_int_equal(wake_open(wake, &e), 0);
    for (int i = 0; i < 2; i++)
        assert_true(fcntl(wake[i], F_GETFD) & FD_CLOEXEC);
    while (write(wake[1], "", 1) == 1)
        continue; /* a full pipe */
    wake_wait(wake[0], -1);
    assert_int_equal(read(wake[0], &byte, 1), -1);
    assert_int_equal(write(wake[1], "", 1), 1);
    wake_close(wake);
    wake_close((const int[]){-1, -1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_reads_dates_that_exist),
        cmocka_unit_test(err_keeps_code_and_text),
        cmocka_unit_test(err_survives_its_own_text_and_long_ones),
        cmocka_unit_test(err_is_one_line),
        cmocka_unit_test(err_codes_have_the_documented_statuses),
        cmocka_unit_test(buf_grows_to_its_maximum_and_no_further),
        cmocka_unit_test(buf_shifts_cuts_and_detaches),
        cmocka_unit_test(sorted_finds_the_last_row_that_is_not_beyond),
        cmocka_unit_test(utf8_round_trips_every_scalar_value),
        cmocka_unit_test(utf8_replaces_maximal_subparts),
        cmocka_unit_test(utf8_first_invalid_is_found_at_every_place),
        cmocka_unit_test(utf8_surrogates_are_encoded_as_replacement),
        cmocka_unit_test(rng_is_xoshiro256pp_seeded_by_splitmix64),
        cmocka_unit_test(rng_below_is_even),
        cmocka_unit_test(json_errors_name_the_place),
        cmocka_unit_test(json_comments_are_skipped_outside_strings),
        cmocka_unit_test(json_getters_check_types),
        cmocka_unit_test(json_strings_and_numbers_read_back_the_same),
        cmocka_unit_test(json_objects_get_their_commas),
        cmocka_unit_test(path_follows_the_environment),
        cmocka_unit_test(path_without_home),
        cmocka_unit_test(path_writes_whole_files),
        cmocka_unit_test(clock_formats_in_utc),
        cmocka_unit_test(wake_never_blocks_and_is_not_inherited),
        cmocka_unit_test(json_repairs_what_servers_send),
    };
    return TEST_RUN(tests);
}
