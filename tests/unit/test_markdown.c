/* Answers as lines: what Markdown becomes, and that neither the way a stream is
 * cut nor its length makes a difference. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "tests/unit/test.h"
#include "tui/text/markdown.h"
#include "tui/wrap.h"

static const char style_letters[STYLE_N] = {
    [STYLE_NORMAL] = ' ',  [STYLE_FAINT] = 'f',   [STYLE_STRONG] = 'b',
    [STYLE_HEADING] = 'h', [STYLE_EMPHASIS] = 'i', [STYLE_BOTH] = 'x',
    [STYLE_CODE] = 'c',    [STYLE_KEYWORD] = 'k', [STYLE_STRING] = 's',
    [STYLE_NUMBER] = 'n',  [STYLE_COMMENT] = 'o',
};

/* The lines joined by newlines; with `styled`, below each line the letters of
 * its styles, if it has any. */
static const char *show(const struct markdown *m, bool styled, struct buf *out)
{
    buf_clear(out);
    for (size_t i = 0; i < m->n_lines; i++) {
        const struct markdown_line *l = &m->lines[i];
        buf_add(out, m->out.text.data + l->start, l->n);
        buf_add_char(out, '\n');
        if (!styled)
            continue;
        size_t span = l->span, from = out->len;
        for (size_t at = l->start; at < l->start + l->n; at++) {
            while (span + 1 < m->out.n && m->out.list[span + 1].start <= at)
                span++;
            if (((unsigned char)m->out.text.data[at] & 0xC0) != 0x80)
                buf_add_char(out, style_letters[m->out.list[span].style]);
        }
        while (out->len > from && out->data[out->len - 1] == ' ')
            buf_cut(out, out->len - 1);
        if (out->len > from)
            buf_add_char(out, '\n');
    }
    return out->data;
}

static void feed(struct markdown *m, const char *text, size_t n, size_t piece)
{
    markdown_begin_answer(m);
    for (size_t at = 0; at < n; at += piece)
        markdown_add(m, text + at, n - at < piece ? n - at : piece);
    markdown_end(m);
}

static void assert_fits(const struct markdown *m)
{
    size_t source = 0, start = 0;
    for (size_t i = 0; i < m->n_lines; i++) {
        const struct markdown_line *l = &m->lines[i];
        int width = wrap_columns(m->out.text.data + l->start, l->n);
        if (width > m->width && (m->width > 1 || width > 2))
            fail_msg("line %zu: %d of %d columns", i, width, m->width);
        assert_true(l->start >= start && l->source >= source);
        assert_true(l->source <= m->source.len);
        assert_true(l->n == 0 || l->span < m->out.n);
        assert_true(l->n == 0 || m->out.list[l->span].start <= l->start);
        start = l->start + l->n;
        source = l->source;
    }
    assert_true(start == m->out.text.len);
}

static void assert_layout(int width, bool styled, const char *in,
                          const char *want)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    size_t n = strlen(in);
    for (size_t piece = 1; piece <= n; piece++) {
        struct markdown m;
        markdown_init(&m, width);
        feed(&m, in, n, piece);
        assert_string_equal(show(&m, styled, &b), want);
        assert_fits(&m);
        markdown_free(&m);
    }
    buf_free(&b);
}

/* --- prose ------------------------------------------------------------- */

static void marks_become_styles(void **state)
{
    (void)state;
    assert_layout(40, true, "a **bold** and *thin* `code`.",
                  "a bold and thin code.\n"
                  "  bbbb     iiii cccc\n");
    assert_layout(40, true, "***both*** __b__ _i_ **b *x* b**",
                  "both b i b x b\nxxxx b i bbxbb\n");
    assert_layout(40, true, "*it **both***", "it both\niiixxxx\n");
    assert_layout(40, true, "**b *both***", "b both\nbbxxxx\n");
    assert_layout(40, true, "``a ` b`` and `**c**`",
                  "a ` b and **c**\nccccc     ccccc\n");
    assert_layout(40, true, "\u52A0**\u7C97\u4F53**\u5B57",
                  "\u52A0\u7C97\u4F53\u5B57\n bb\n");
    assert_layout(40, true, "## Head `x`\n### Lower",
                  "Head x\nhhhhhc\nLower\nbbbbb\n");
}

static void what_is_no_mark_stays(void **state)
{
    (void)state;
    static const char *const same[] = {
        "2*3*4 and 2 * 3 * 4", "snake_case_name", "a * b", "**", "*", "`",
        "**never closed", "2**3**4", "#hash", "####### seven", "f(*args)",
        "5 > 3", "-5 degrees", "3.14 is pi", "a|b", "C:\\dir\\file", "\\(x\\)",
    };
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        char want[64];
        snprintf(want, sizeof(want), "%s\n", same[i]);
        assert_layout(60, true, same[i], want);
    }
    assert_layout(40, true, "\\*not\\* \\_this\\_", "*not* _this_\n");
}

static void lists_hang(void **state)
{
    (void)state;
    assert_layout(12, false, "- one two three\n  - nested\n1. first item",
                  "\u2022 one two\n  three\n  \u2022 nested\n"
                  "1. first\n   item\n");
    assert_layout(13, false, "> quoted words here\n>> deeper",
                  "\u258C quoted\n\u258C words here\n\u258C \u258C deeper\n");
    assert_layout(20, false, "* a\n\n  more of a\nend",
                  "\u2022 a\n\n  more of a\nend\n");
    assert_layout(4, false, "---", "\u2500\u2500\u2500\u2500\n");
}

static void newlines_stay(void **state)
{
    (void)state;
    assert_layout(20, false, "one\ntwo\n\n\nthree", "one\ntwo\n\n\nthree\n");
    assert_layout(20, false, "end\n", "end\n");
    assert_layout(8, false, "a\tb", "a   b\n");
}

/* --- code -------------------------------------------------------------- */

static void code_is_not_wrapped_at_words(void **state)
{
    (void)state;
    assert_layout(12, true,
                  "```python\nfor x in range(10):\n    y = 'a'  # no\n```\nend",
                  "\u2500\u2500 python \u2500\u2500\n"
                  "ffffffffffff\n"
                  "for x in ran\n"
                  "kkk   kk\n"
                  "\u21AA ge(10):\n"
                  "ff   nn\n"
                  "    y = 'a' \n"
                  "        sss\n"
                  "\u21AA  # no\n"
                  "ff oooo\n"
                  "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
                  "\u2500\u2500\u2500\n"
                  "ffffffffffff\n"
                  "end\n");
    assert_layout(10, false, "```\n**a**\n``\n- b\n",
                  "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
                  "\u2500\n**a**\n``\n- b\n");
    assert_layout(10, false, "- x\n  ~~~\n    in\n  ~~~",
                  "\u2022 x\n"
                  "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
                  "\u2500\n  in\n"
                  "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
                  "\u2500\n");
    assert_layout(12, false, "    a = b + c * d",
                  "    a = b + \n\u21AA c * d\n");
}

static void what_a_line_leaves_open_goes_on(void **state)
{
    (void)state;
    assert_layout(20, true, "```c\nint a; /* long\nif it */ 0x1F;\n```",
                  "\u2500\u2500 c \u2500\u2500\u2500\u2500\u2500\u2500\u2500"
                  "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\n"
                  "ffffffffffffffffffff\n"
                  "int a; /* long\nkkk    ooooooo\n"
                  "if it */ 0x1F;\noooooooo nnnn\n"
                  "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
                  "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
                  "\u2500\u2500\nffffffffffffffffffff\n");
    assert_layout(20, true, "~~~py\nx = '''a\nb''' + 'c'\n",
                  "\u2500\u2500 py \u2500\u2500\u2500\u2500\u2500\u2500"
                  "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\n"
                  "ffffffffffffffffffff\n"
                  "x = '''a\n    ssss\nb''' + 'c'\nssss   sss\n");
}

static void assert_tokens(const char *language, const char *line,
                          const char *want)
{
    static const char letters[] = " osnk";
    const struct code_language *l =
        code_language_find(language, strlen(language));
    struct code_state state = {.until = NULL};
    char got[128] = "";
    size_t n = strlen(line);
    assert_non_null(l);
    for (size_t at = 0; at < n;) {
        enum code_class class;
        size_t len = code_next(l, &state, line, n, at, &class);
        assert_true(len > 0 && at + len <= n);
        memset(got + at, letters[class], len);
        at += len;
    }
    while (n > 0 && got[n - 1] == ' ')
        got[--n] = '\0';
    assert_string_equal(got, want);
}

static void languages_differ(void **state)
{
    (void)state;
    assert_tokens("rust", "let a: &'a str = 'x';",
                          "kkk        kkk   sss");
    assert_tokens("SQL", "Select 1 FROM t -- x",
                         "kkkkkk n kkkk   oooo");
    assert_tokens("bash", "echo $# \"a b\" # c",
                          "kkkk    sssss ooo");
    assert_tokens("html", "<p class=\"x\"><!-- c -->",
                          " k       sss oooooooooo");
    assert_tokens("js", "const a = `x`; // \"s\"",
                        "kkkkk     sss  oooooo");
    assert_tokens("json", "{\"a\": 1.5, \"b\": true}",
                          " sss  nnn  sss  kkkk");
    assert_tokens("go", "return \"a\\\"b\", x1",
                        "kkkkkk ssssss");
    assert_null(code_language_find("klingon", 7));
    assert_null(code_language_find("", 0));
}

/* --- tables ------------------------------------------------------------ */

#define TABLE                                                                \
    "| Name | Best | n |\n|:--|:-:|--:|\n| Quick **sort** | x | 10 |\n"    \
    "| Heap | *yy* | 7 |\n"

static void tables_are_aligned(void **state)
{
    (void)state;
    assert_layout(30, true, TABLE "end",
                  "Name        Best   n\n"
                  "bbbb        bbbb   b\n"
                  "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
                  "\u2500  \u2500\u2500\u2500\u2500  \u2500\u2500\n"
                  "ffffffffff  ffff  ff\n"
                  "Quick sort   x    10\n"
                  "      bbbb\n"
                  "Heap         yy    7\n"
                  "             ii\n"
                  "end\n");
}

static void wide_tables_become_records(void **state)
{
    (void)state;
    assert_layout(18, true, TABLE,
                  "Name: Quick sort\n"
                  "      bbbbbbbbbb\n"
                  "  Best: x\n"
                  "  n: 10\n"
                  "Name: Heap\n"
                  "      bbbb\n"
                  "  Best: yy\n"
                  "        ii\n"
                  "  n: 7\n");
    assert_layout(14, false, "| a | b |\n|-|-|\n| long words | c\\|d |\n",
                  "a: long words\n  b: c|d\n");
}

static void a_long_table_keeps_its_widths(void **state)
{
    (void)state;
    struct buf in;
    struct markdown m;
    buf_init(&in, 1 << 20);
    buf_add_str(&in, "|a|b|\n|-|-|\n");
    for (int i = 0; i < 3000; i++)
        buf_addf(&in, "|%d|%s|\n", i % 10, i == 2000 ? "wider than that" : "x");
    markdown_init(&m, 12);
    feed(&m, in.data, in.len, 40);
    assert_int_equal(m.n_lines, 2 + 3000 + 1);
    assert_fits(&m);
    markdown_free(&m);
    buf_free(&in);
}

/* --- parts ------------------------------------------------------------- */

static void a_part_ends_what_is_open(void **state)
{
    (void)state;
    struct buf b;
    struct markdown m;
    buf_init(&b, 4096);
    markdown_init(&m, 20);
    feed(&m, "```\n*code*", 10, 3);
    markdown_begin_plain(&m, STYLE_STRONG, 0);
    markdown_add(&m, "> *asked*\n", 10);
    feed(&m, "*said*", 6, 2);
    assert_string_equal(show(&m, true, &b),
                        "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
                        "\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500"
                        "\u2500\u2500\u2500\u2500\nffffffffffffffffffff\n"
                        "*code*\n> *asked*\nbbbbbbbbb\nsaid\niiii\n");
    size_t source = m.lines[2].source;
    assert_int_equal(markdown_find_line(&m, source), 2);
    markdown_set_layout(&m, 20, true, false);
    assert_string_equal(show(&m, false, &b),
                        "```\n*code*\n> *asked*\n*said*\n");
    assert_int_equal(markdown_find_line(&m, source), 2);
    markdown_set_layout(&m, 20, false, true);
    assert_string_equal(show(&m, false, &b),
                        "--------------------\n*code*\n> *asked*\nsaid\n");
    markdown_free(&m);
    buf_free(&b);
}

/* --- any text, any cut, any width -------------------------------------- */

static void random_text(struct rng *r, struct buf *out)
{
    static const char *const parts[] = {
        "**", "*", "_", "`", "```", "\n", "\n", "- ", "1. ", "> ", "# ", "|",
        "|-|-|\n", "a", "word ", "\t", "    ", "\\", "\u4E2D", "e\u0301",
        "\U0001F468\u200D\U0001F469", "\x1B[31m", "\x1B[", "---\n", "~~~c\n",
        "/* ", "\"", "'", "x|y\n", "\xE4",
    };
    buf_clear(out);
    for (uint64_t i = rng_below(r, 60); i > 0; i--)
        buf_add_str(out, parts[rng_below(r, sizeof(parts) / sizeof(*parts))]);
    if (rng_below(r, 20) == 0) /* a line longer than what is looked at */
        for (uint64_t i = rng_below(r, 900); i > 0; i--)
            buf_add_str(out, rng_below(r, 9) ? "lorem " : "*it* `c ");
}

static void cuts_make_no_difference(void **state)
{
    (void)state;
    struct rng r;
    struct buf in, once, cut;
    rng_init(&r, 11);
    buf_init(&in, 1 << 16);
    buf_init(&once, 1 << 20);
    buf_init(&cut, 1 << 20);
    for (int round = 0; round < 3000; round++) {
        struct markdown a, b;
        int width = 1 + (int)rng_below(&r, round % 2 ? 12 : 60);
        random_text(&r, &in);
        markdown_init(&a, width);
        markdown_init(&b, 1 + (int)rng_below(&r, 40));
        feed(&a, in.data, in.len, in.len + 1);
        markdown_begin_answer(&b);
        for (size_t at = 0; at < in.len;) {
            size_t n = 1 + (size_t)rng_below(&r, 30);
            n = n < in.len - at ? n : in.len - at;
            markdown_add(&b, in.data + at, n);
            assert_fits(&b);
            at += n;
            if (rng_below(&r, 10) == 0)
                markdown_set_layout(&b, 1 + (int)rng_below(&r, 40), false,
                                    false);
        }
        markdown_set_layout(&b, width, false, false);
        markdown_end(&b);
        assert_fits(&a);
        show(&a, true, &once);
        assert_string_equal(show(&b, true, &cut), once.data);
        markdown_free(&a);
        markdown_free(&b);
    }
    buf_free(&in);
    buf_free(&once);
    buf_free(&cut);
}

/* A stream must not cost more the longer it is: a million bytes in pieces of
 * 64, as one line and as code. */
static void a_stream_costs_what_it_adds(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "words in a line that never ends, *with* `marks`, ",
        "    x = call(1, 'a') # comment\n", "| a | b |\n", "- *item*\n"};
    for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
        struct markdown m;
        size_t n = strlen(texts[t]), total = 0, most = 0;
        markdown_init(&m, 36);
        markdown_begin_answer(&m);
        if (t == 2)
            markdown_add(&m, "|a|b|\n|-|-|\n", 12);
        for (; total < 1000000; total += n) {
            size_t undone = m.source.len - m.done.source;
            most = undone > most ? undone : most;
            markdown_add(&m, texts[t], n);
        }
        assert_true(most < 4096); /* what is laid out again */
        markdown_end(&m);
        assert_true(m.n_lines > 20000);
        markdown_free(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_become_styles),
        cmocka_unit_test(what_is_no_mark_stays),
        cmocka_unit_test(lists_hang),
        cmocka_unit_test(newlines_stay),
        cmocka_unit_test(code_is_not_wrapped_at_words),
        cmocka_unit_test(what_a_line_leaves_open_goes_on),
        cmocka_unit_test(languages_differ),
        cmocka_unit_test(tables_are_aligned),
        cmocka_unit_test(wide_tables_become_records),
        cmocka_unit_test(a_long_table_keeps_its_widths),
        cmocka_unit_test(a_part_ends_what_is_open),
        cmocka_unit_test(cuts_make_no_difference),
        cmocka_unit_test(a_stream_costs_what_it_adds),
    };
    return TEST_RUN(tests);
}
