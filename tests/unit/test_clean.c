#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "tests/unit/test.h"
#include "tui/clean.h"

static const struct {
    const char *in, *out;
} cases[] = {
    /* plain text stays as it is */
    {"", ""},
    {"plain text\n\tand tabs", "plain text\n\tand tabs"},
    {"caf\u00E9 \u4E2D\u6587 \U0001F600 \u05D0\u05D1", /* Hebrew is text */
     "caf\u00E9 \u4E2D\u6587 \U0001F600 \u05D0\u05D1"},
    /* escape sequences: CSI, OSC 52, OSC 8, DCS, APC, PM, SOS, RIS */
    {"\x1B[2J\x1B[31mred", "<1B>[2J<1B>[31mred"},
    {"\x1B]52;c;QQ==\x07", "<1B>]52;c;QQ==<07>"},
    {"\x1B]8;;http://x\x1B\\y", "<1B>]8;;http://x<1B>\\y"},
    {"\x1BPq\x1B\\\x1B_a\x1B^b\x1BXc\x1B" "c",
     "<1B>Pq<1B>\\<1B>_a<1B>^b<1B>Xc<1B>c"},
    /* C0 that move the cursor, DEL */
    {"a\bb\vc\fd\x7F", "a<08>b<0B>c<0C>d<7F>"},
    /* CR LF is a line end, CR alone would let a line be overwritten */
    {"one\r\ntwo\r\n", "one\ntwo\n"},
    {"good\rbad", "good<0D>bad"},
    {"x\r", "x<0D>"},
    {"x\r\r\n", "x<0D>\n"},
    {"\r\xC3", "<0D>\uFFFD"},
    /* C1, as code points (U+009B is CSI) and as lone bytes */
    {"\xC2\x9B" "2J\xC2\x85\xC2\x9D", "<U+009B>2J<U+0085><U+009D>"},
    {"\x9B" "2J", "\uFFFD2J"},
    /* bidi controls, zero-width, tags, separators, fillers, noncharacters */
    {"a\u202Eb\u202C\u2066c\u2069\u061C",
     "a<U+202E>b<U+202C><U+2066>c<U+2069><U+061C>"},
    {"a\u200Bb\u2060\uFEFF\u00AD\u200E\u200F",
     "a<U+200B>b<U+2060><U+FEFF><U+00AD><U+200E><U+200F>"},
    {"\U000E0041\U000E007F\U000E0001", "<U+E0041><U+E007F><U+E0001>"},
    {"a\u2028b\u2029", "a<U+2028>b<U+2029>"},
    {"\u3164\u115F\uFFA0\u034F", "<U+3164><U+115F><U+FFA0><U+034F>"},
    {"\uFFFE\uFDD0\U0010FFFF", "<U+FFFE><U+FDD0><U+10FFFF>"},
    {"\u0378", "<U+0378>"}, /* unassigned: who knows its width */
    {"\U000E0100", "<U+E0100>"},
    {"a\U000E0100", "a<U+E0100>"},
    /* marks: four stay, and never on a neighbour's cell */
    {"e\u0301", "e\u0301"},
    {"e\u0301\u0302\u0303\u0304\u0305\u0306x",
     "e\u0301\u0302\u0303\u0304x"},
    {"\u0301a", "<U+0301>a"},
    {"a\n\u0301", "a\n<U+0301>"},
    {"a\t\u20DD", "a\t<U+20DD>"},
    {"\u202E\u0301", "<U+202E><U+0301>"},
    {"\u1161", "<U+1161>"},             /* a Hangul vowel alone, no width */
    {"\u1100\u1161\u11A8", "\u1100\u1161\u11A8"},
    /* joiners and variation selectors where spelling needs them */
    {"\u0645\u06CC\u200C\u062E", "\u0645\u06CC\u062E"},
    {"\U0001F468\u200D\U0001F469", "\U0001F468\U0001F469"},
    {"\u2764\uFE0F!", "\u2764!"},
    {"a\u200Db\u200Cc", "a<U+200D>b<U+200C>c"},
    {"\U0001F468\u200C", "\U0001F468<U+200C>"},
    {"\u200D", "<U+200D>"},
    {"\uFE0F", "<U+FE0F>"},
    /* invalid UTF-8, one replacement for each maximal subpart */
    {"\xC0\xAF", "\uFFFD\uFFFD"},                 /* overlong */
    {"\xE0\x80\xAF", "\uFFFD\uFFFD\uFFFD"},
    {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},       /* a surrogate */
    {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},
    {"a\xE4\xB8z", "a\uFFFDz"},                   /* cut short */
    {"a\xE4\xB8", "a\uFFFD"},                     /* cut off by the end */
    {"\xF0\x9F\x98", "\uFFFD"},
    {"\xFF\xFE", "\uFFFD\uFFFD"},
    {"\xC3\r\n", "\uFFFD\n"},
};

static void clean_in_pieces(const char *s, size_t n, size_t piece,
                            struct buf *out)
{
    struct clean c;
    clean_init(&c);
    for (size_t at = 0; at < n; at += piece)
        clean_add(&c, s + at, n - at < piece ? n - at : piece, out);
    clean_end(&c, out);
}

static void test_cases(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n = strlen(cases[i].in);
        for (size_t piece = 1; piece <= n + 1; piece++) {
            buf_clear(&b);
            clean_in_pieces(cases[i].in, n, piece, &b);
            assert_string_equal(b.data, cases[i].out);
        }
    }
    buf_free(&b);
}

static void test_nul_is_seen(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64);
    clean_text("a\0b", 3, false, &b);
    assert_string_equal(b.data, "a<00>b");
    buf_free(&b);
}

/* Colours go, whichever way the text is cut; all other sequences stay seen. */
static void test_colors_are_dropped(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } colored[] = {
        {"\x1B[31mred\x1B[0m!", "red!"},
        {"e\x1B[m\u0301", "e\u0301"},
        {"\x1B[38;2;1;2;3m\x1B[4:3mx", "x"},
        {"\x1B[2Jx\x1B[31", "<1B>[2Jx<1B>[31"},
        {"\x1B]0;m\a\x1B", "<1B>]0;m<07><1B>"},
        {"\x1B[?31mx", "<1B>[?31mx"},
        {"\x1B[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1mx",
         "<1B>[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1mx"},
    };
    struct buf b;
    buf_init(&b, 256);
    for (size_t i = 0; i < sizeof(colored) / sizeof(colored[0]); i++) {
        size_t n = strlen(colored[i].in);
        for (size_t piece = 1; piece <= n; piece++) {
            struct clean c;
            clean_init(&c);
            c.drop_colors = true;
            buf_clear(&b);
            for (size_t at = 0; at < n; at += piece)
                clean_add(&c, colored[i].in + at,
                          n - at < piece ? n - at : piece, &b);
            clean_end(&c, &b);
            assert_string_equal(b.data, colored[i].out);
        }
        buf_clear(&b);
        clean_text("\x1B[31mred", 8, true, &b);
        assert_string_equal(b.data, "<1B>[31mred"); /* a name keeps them */
    }
    buf_free(&b);
}

static void test_one_line(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 64);
    buf_add_str(&b, "kept\n");
    clean_text("a\nb\tc\r\nd", 8, true, &b);
    assert_string_equal(b.data, "kept\na b c d");
    buf_free(&b);
}

/* Whether a terminal that is sent s can do nothing but write to the right. */
static void assert_drawable(const char *s, size_t n)
{
    int n_marks = -1; /* no character to mark yet */
    while (n > 0) {
        uint32_t cp;
        size_t len = utf8_decode(s, n, &cp);
        assert_true(utf8_valid(s, len));
        assert_true(cp == '\n' || cp == '\t' || cp >= 0x20);
        assert_false(cp >= 0x7F && cp <= 0x9F);
        assert_false((cp >= 0x200B && cp <= 0x200F) || cp == 0xFEFF);
        assert_false((cp >= 0x2028 && cp <= 0x202E));
        assert_false((cp >= 0x2060 && cp <= 0x206F) || cp == 0x61C);
        assert_false((cp >= 0xE0000 && cp <= 0xE0FFF));
        assert_false((cp & 0xFFFE) == 0xFFFE);
        bool mark = cp >= 0x20 && clean_width(cp) == 0;
        assert_true(!mark || (n_marks >= 0 && n_marks < 4));
        n_marks = mark ? n_marks + 1 : cp == '\n' || cp == '\t' ? -1 : 0;
        s += len;
        n -= len;
    }
}

/* Every code point there is, after a letter and at the start of a line. */
static void test_every_code_point(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 256);
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char s[16] = "x";
        size_t n = 1 + utf8_encode(cp, s + 1);
        s[n++] = '\n';
        n += utf8_encode(cp, s + n);
        buf_clear(&b);
        clean_text(s, n, false, &b);
        assert_drawable(b.data, b.len);
    }
    buf_free(&b);
}

/* Random bytes, biased towards what matters, in random pieces: always drawable,
 * and the same as in one piece. */
static void test_random_pieces(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "\x1B[", "\u202E", "\u200D", "\u0301", "\r", "\n", "\xE4", "\xF0\x9F",
        "\x80", "a", "\u4E2D", "\U0001F468", "\t", "\x9B", "\uFE0F", "\u0645",
    };
    struct rng r;
    rng_init(&r, 7);
    struct buf in, whole, pieces;
    buf_init(&in, 4096);
    buf_init(&whole, 1 << 16);
    buf_init(&pieces, 1 << 16);
    for (int round = 0; round < 3000; round++) {
        buf_clear(&in);
        buf_clear(&whole);
        buf_clear(&pieces);
        for (uint64_t i = rng_below(&r, 40); i > 0; i--)
            if (rng_below(&r, 3) == 0)
                buf_add_char(&in, (char)rng_below(&r, 256));
            else
                buf_add_str(&in, parts[rng_below(&r, 16)]);
        clean_text(in.data, in.len, false, &whole);
        assert_drawable(whole.data, whole.len);
        struct clean c;
        clean_init(&c);
        for (size_t at = 0; at < in.len;) {
            size_t n = (size_t)rng_below(&r, in.len - at + 1);
            clean_add(&c, in.data + at, n, &pieces);
            at += n;
        }
        clean_end(&c, &pieces);
        assert_int_equal(pieces.len, whole.len);
        assert_memory_equal(pieces.data, whole.data, whole.len);
    }
    buf_free(&in);
    buf_free(&whole);
    buf_free(&pieces);
}

/* What came out clean stays as it is when it is cleaned again. */
static void test_twice_is_once(void **state)
{
    (void)state;
    struct buf once, twice;
    buf_init(&once, 4096);
    buf_init(&twice, 4096);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&once);
        buf_clear(&twice);
        clean_text(cases[i].in, strlen(cases[i].in), false, &once);
        clean_text(once.data, once.len, false, &twice);
        assert_string_equal(twice.data, once.data);
    }
    buf_free(&once);
    buf_free(&twice);
}

static void test_width(void **state)
{
    (void)state;
    assert_int_equal(clean_width('a'), 1);
    assert_int_equal(clean_width(0x4E2D), 2);
    assert_int_equal(clean_width(0x1F600), 2);
    assert_int_equal(clean_width(0x301), 0);
    assert_int_equal(clean_width(0x93E), 1);  /* a mark with its own column */
    assert_int_equal(clean_width(0x1161), 0); /* a Hangul vowel */
    assert_int_equal(clean_width(UTF8_REPLACEMENT), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_nul_is_seen),
        cmocka_unit_test(test_colors_are_dropped),
        cmocka_unit_test(test_one_line),
        cmocka_unit_test(test_every_code_point),
        cmocka_unit_test(test_random_pieces),
        cmocka_unit_test(test_twice_is_once),
        cmocka_unit_test(test_width),
    };
    return TEST_RUN(tests);
}
