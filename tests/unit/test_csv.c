/* Tests of base/csv: where fields and records end. */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/csv.h"

/* All records of a text, as "a|b/c|d/", with ! for a fault. */
static void assert_records(const char *text, char separator, const char *want)
{
    struct csv_field fields[8];
    struct csv_record r = {.fields = fields, .cap = 8};
    size_t n = strlen(text);
    char *bytes = malloc(n + 1), *s = bytes;
    struct buf got;
    assert_non_null(bytes);
    memcpy(bytes, text, n);
    buf_init(&got, 4096);
    while (s < bytes + n) {
        assert_true(csv_scan(&r, s, n - (size_t)(s - bytes), separator, true));
        for (int i = 0; i < r.n; i++) {
            csv_unquote(&fields[i]);
            buf_addf(&got, "%s%.*s", i > 0 ? "|" : "", (int)fields[i].n,
                     fields[i].s);
        }
        buf_add_str(&got, r.fault != NULL ? "!/" : "/");
        s += r.n_bytes;
    }
    assert_string_equal(got.data, want);
    buf_free(&got);
    free(bytes);
}

static void records_are_cut(void **state)
{
    (void)state;
    assert_records("a,b\nc,d", ',', "a|b/c|d/");
    assert_records("a,b\r\nc,\r", ',', "a|b/c|/");
    assert_records("a;b,c\n", ';', "a|b,c/");
    assert_records(" a\t, \"b\" ,\" c\"\n", ',', "a|b| c/");
    assert_records(" \"a,\n\"\"b\" ,\"c\" \r\n", ',', "a,\n\"b|c/");
    assert_records("\t\"a\" \tb", '\t', "|a|b/");
    /* Quotes that are not around all of it are characters. */
    assert_records("1, \"Hi\" she said\n2, \"a\n", ',',
                   "1|\"Hi\" she said/2|\"a/");
    assert_records("\"a,\n\"\"b\"\"\",c\n\n", ',', "a,\n\"b\"|c//");
    assert_records("\"a\"b,c\nd", ',', "a|c!/d/");
    assert_records("\"a,c\nd", ',', "a,c\nd!/");
}

/* What ends within a record is a record only if nothing follows. */
static void more_is_asked_for(void **state)
{
    (void)state;
    struct csv_field fields[8];
    struct csv_record r = {.fields = fields, .cap = 8};
    const char *const parts[] = {"a,b", "a,\"b", "a,\"b\"", "a,\"b\"\"\nc",
                                 "a,b\r", "a, \"b\n", "a, \"b\" "};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        char bytes[32];
        size_t n = strlen(parts[i]);
        memcpy(bytes, parts[i], n);
        assert_false(csv_scan(&r, bytes, n, ',', false));
        assert_true(csv_scan(&r, bytes, n, ',', true));
    }
}

/* Without quotes both ways to scan agree, as far as there is room. */
static void plain_records_are_the_same(void **state)
{
    (void)state;
    static const char text[] = "a,b, c\r\n\nd,,\n,x";
    struct csv_field fields[2][8];
    char bytes[2][sizeof(text)];
    size_t at = 0, n = sizeof(text) - 1;
    memcpy(bytes[0], text, sizeof(text));
    memcpy(bytes[1], text, sizeof(text));
    while (at < n) {
        struct csv_record r = {.fields = fields[0], .cap = 8};
        struct csv_record p = {.fields = fields[1], .cap = 8};
        assert_true(csv_scan(&r, bytes[0] + at, n - at, ',', true));
        assert_true(csv_scan_plain(&p, bytes[1] + at, n - at, ',', true));
        assert_int_equal(r.n, p.n);
        assert_int_equal(r.n_bytes, p.n_bytes);
        assert_int_equal(r.n_lines, p.n_lines);
        for (int i = 0; i < r.n; i++) {
            assert_int_equal(fields[0][i].n, fields[1][i].n);
            assert_memory_equal(fields[0][i].s, fields[1][i].s,
                                fields[0][i].n);
        }
        at += r.n_bytes;
    }
}

static bool is_x(const struct csv_field *f)
{
    return csv_is_named(f, "x");
}

static void separators_are_guessed(void **state)
{
    (void)state;
    const struct {
        const char *text;
        char want;
    } cases[] = {
        {"a,b;c,d\n", ','}, {"a;b\n", ';'},        {"a\tb,c\td\n", '\t'},
        {"a", ','},         {"a,b,c,d;x;\n", ';'}, {" X \t a, b, c\n", '\t'},
        {"\"x\";a,b,c\n", ';'},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(csv_guess_separator(cases[i].text,
                                             strlen(cases[i].text), is_x),
                         cases[i].want);
}

static void a_preamble_is_skipped(void **state)
{
    (void)state;
    const struct {
        const char *text;
        size_t n;
        char separator;
        unsigned n_lines;
    } cases[] = {
        {"a,b\n", 0, 0, 0},          {"\n \t\r\na", 5, 0, 2},
        {"sep=;\r\na;b\n", 7, ';', 1}, {"\n\"SEP=\t\"\n\nx", 10, '\t', 3},
        {"sep=;x\n", 0, 0, 0},       {"sep=:\n", 0, 0, 0},
        {"sep=", 0, 0, 0},           {"", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char separator;
        unsigned n_lines;
        assert_int_equal(csv_skip_preamble(cases[i].text,
                                           strlen(cases[i].text), &separator,
                                           &n_lines),
                         cases[i].n);
        assert_int_equal(separator, cases[i].separator);
        assert_int_equal(n_lines, cases[i].n_lines);
    }
}

static void names_that_stand_again_are_found(void **state)
{
    (void)state;
    struct csv_field fields[8];
    struct csv_record r = {.fields = fields, .cap = 8};
    char text[] = " a ,b,c,A,bb,\"b\"\n";
    assert_true(csv_scan(&r, text, strlen(text), ',', true));
    for (int i = 0; i < r.n; i++)
        csv_unquote(&fields[i]);
    static const int again[] = {3, 5, -1, -1, -1, -1};
    for (int i = 0; i < r.n; i++)
        assert_int_equal(csv_find_again(&r, i), again[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_cut),
        cmocka_unit_test(more_is_asked_for),
        cmocka_unit_test(plain_records_are_the_same),
        cmocka_unit_test(separators_are_guessed),
        cmocka_unit_test(a_preamble_is_skipped),
        cmocka_unit_test(names_that_stand_again_are_found),
    };
    return TEST_RUN(tests);
}
