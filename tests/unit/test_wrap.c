#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tests/unit/test.h"
#include "tui/wrap.h"

/* The lines of a text joined by '|', so that a test reads like a screen. */
static char *lines_of(const struct wrap *w, struct buf *out)
{
    buf_clear(out);
    for (size_t i = 0; i < w->n_lines; i++) {
        buf_add_str(out, i ? "|" : "");
        buf_add(out, w->text.data + w->lines[i].start, w->lines[i].n);
    }
    return out->data;
}

static const struct {
    int width;
    const char *in, *out;
} cases[] = {
    {10, "", ""},
    {10, "short", "short"},
    {10, "ten chars.", "ten chars."},
    {10, "binary search halves", "binary|search|halves"},
    {10, "aa bb cc dd ee", "aa bb cc|dd ee"},
    {10, "exactly te n", "exactly te|n"},
    {10, "one\ntwo\n\nfour", "one|two||four"},
    {10, "ends\n", "ends|"},
    {10, "\n\n", "||"},
    {5, "abcdefghijkl", "abcde|fghij|kl"},          /* a word too long */
    {5, "ab cdefghij", "ab|cdefg|hij"},
    {5, "abcde   fg", "abcde|fg"},                  /* spaces hang */
    {5, "abcde     ", "abcde"},
    {5, "  abcdefg", "  abc|defg"},                 /* an indent stays */
    {5, "  ab cd", "  ab|cd"},
    {6, "\tabc", "\tab|c"},
    {8, "a\tb\tc", "a\tb|c"},
    {6, "\u4E2D\u6587\u5B57\u7B26", "\u4E2D\u6587\u5B57|\u7B26"},
    {5, "\u4E2D\u6587\u5B57\u7B26", "\u4E2D\u6587|\u5B57\u7B26"},
    {1, "\u4E2D\u6587", "\u4E2D|\u6587"},           /* wider than the line */
    {6, "ab\u4E2D\u6587\u5B57", "ab\u4E2D\u6587|\u5B57"},
    {6, "\u4E2D\u6587\u5B57\u3002\u5B57", "\u4E2D\u6587|\u5B57\u3002\u5B57"},
    {3, "e\u0301e\u0301e\u0301e\u0301", "e\u0301e\u0301e\u0301|e\u0301"},
    {3, "\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7",  /* two flags */
     "\U0001F1E9\U0001F1EA|\U0001F1EB\U0001F1F7"},
    {4, "\U0001F600\U0001F600\U0001F600", "\U0001F600\U0001F600|\U0001F600"},
    {4, "a\x1B[2Jb", "a<1B|>[2J|b"},                 /* cleaned, then broken */
    {4, "ab \u093Ecd", "ab \u093E|cd"},           /* a space with a mark */
    {9, "x \u4E2D\u6587 y z w", "x \u4E2D\u6587 y|z w"},
};

static void test_cases(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n = strlen(cases[i].in);
        for (size_t piece = 1; piece <= n + 1; piece++) {
            struct wrap w;
            wrap_init(&w, cases[i].width);
            for (size_t at = 0; at < n; at += piece)
                wrap_add(&w, cases[i].in + at,
                         n - at < piece ? n - at : piece);
            wrap_end(&w);
            assert_string_equal(lines_of(&w, &b), cases[i].out);
            wrap_free(&w);
        }
    }
    buf_free(&b);
}

static void test_cut_middle(void **state)
{
    (void)state;
    static const struct {
        int columns;
        const char *in, *out;
    } names[] = {
        {8, "fits in8", "fits in8"},
        {8, "qwen3-8b-instruct", "qwen~uct"},
        {7, "qwen3-8b-instruct", "qwe~uct"},
        {2, "abc", "a~"},
        {1, "abc", "~"},
        {0, "abc", ""},
        {5, "\u4E2D\u6587\u5B57\u7B26", "\u4E2D~\u7B26"},
        {4, "\u4E2D\u6587\u5B57\u7B26", "\u4E2D~"},
        {4, "ae\u0301\u0301ie\u0301", "ae\u0301\u0301ie\u0301"},
        {3, "ae\u0301xie\u0301", "a~e\u0301"},
    };
    struct buf b;
    buf_init(&b, 64);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        buf_clear(&b);
        wrap_cut_middle(names[i].in, names[i].columns, "~", &b);
        assert_string_equal(b.data, names[i].out);
        assert_true(wrap_columns(b.data, b.len) <= names[i].columns);
    }
    buf_free(&b);
}

static void assert_lines_fit(const struct wrap *w)
{
    size_t next = 0;
    for (size_t i = 0; i < w->n_lines; i++) {
        const struct wrap_line *l = &w->lines[i];
        const char *s = w->text.data + l->start;
        int columns = wrap_columns(s, l->n), first = 0;
        if (l->n > 0)
            wrap_cluster(s, l->n, 0, &first);
        assert_true(columns <= w->width || columns == first);
        assert_true(l->start >= next);
        for (; next < l->start; next++) /* nothing is lost but space */
            assert_non_null(strchr(" \t\n", w->text.data[next]));
        next = l->start + l->n;
    }
}

/* Random text in random pieces gives the lines that it gives at once, and at
 * another width those that it would have had from the start. */
static void test_stream_equals_whole(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "a", "word", " ", "  ", "\n", "\t", "\u4E2D", "\u6587\u3002", "e\u0301",
        "longerword", "\U0001F600", "\x1B", "\u1100\u1100\u1161", "\u093E", "-",
        "\U0001F1E9",
    };
    struct rng r;
    rng_init(&r, 11);
    struct buf text, one, two;
    buf_init(&text, 1 << 16);
    buf_init(&one, 1 << 16);
    buf_init(&two, 1 << 16);
    for (int round = 0; round < 2000; round++) {
        buf_clear(&text);
        for (uint64_t i = rng_below(&r, 60); i > 0; i--)
            buf_add_str(&text, parts[rng_below(&r, 16)]);
        struct wrap whole, stream;
        wrap_init(&whole, 1 + (int)rng_below(&r, 20));
        wrap_init(&stream, 1 + (int)rng_below(&r, 20));
        wrap_add(&whole, text.data, text.len);
        wrap_end(&whole);
        assert_lines_fit(&whole);
        for (size_t at = 0; at < text.len;) {
            size_t n = 1 + (size_t)rng_below(&r, text.len - at);
            wrap_add(&stream, text.data + at, n);
            assert_lines_fit(&stream);
            at += n;
        }
        wrap_end(&stream);
        wrap_set_width(&stream, whole.width);
        assert_string_equal(lines_of(&stream, &one), lines_of(&whole, &two));
        wrap_free(&whole);
        wrap_free(&stream);
    }
    buf_free(&text);
    buf_free(&one);
    buf_free(&two);
}

/* Texts made to be slow: each is added in small pieces.  The work is counted
 * by lines, not by time: no line may grow without end. */
static void test_nothing_grows_without_end(void **state)
{
    (void)state;
    static const char *const parts[] = {
        " ", "\t", "a", "\u1100", "e\u0301", "\u0301", "\U0001F468\u200D",
        "\U0001F1E9",
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct wrap w;
        wrap_init(&w, 40);
        size_t n = strlen(parts[i]), last = 0;
        for (int times = 0; times < 100000; times++) {
            wrap_add(&w, parts[i], n);
            size_t tail = w.text.len - w.lines[w.n_lines - 1].start;
            last = tail > last ? tail : last;
        }
        assert_true(last < 2 * 40 * 16);
        wrap_free(&w);
    }
}

static void test_find_line(void **state)
{
    (void)state;
    struct wrap w;
    wrap_init(&w, 5);
    assert_int_equal(wrap_find_line(&w, 3), 0);
    wrap_add(&w, "aaaa bbbb cccc", 14);
    assert_int_equal(w.n_lines, 3);
    assert_int_equal(wrap_find_line(&w, 0), 0);
    assert_int_equal(wrap_find_line(&w, 4), 0);
    assert_int_equal(wrap_find_line(&w, 5), 1);
    assert_int_equal(wrap_find_line(&w, 13), 2);
    assert_int_equal(wrap_find_line(&w, 999), 2);
    wrap_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_cut_middle),
        cmocka_unit_test(test_stream_equals_whole),
        cmocka_unit_test(test_nothing_grows_without_end),
        cmocka_unit_test(test_find_line),
    };
    return TEST_RUN(tests);
}
