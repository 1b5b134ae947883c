#include <string.h>

#include "tests/unit/test.h"
#include "tui/terminal/draw.h"
#include "tui/widgets/canvas.h"
#include "tui/widgets/choice.h"
#include "tui/widgets/pane.h"

static struct draw d;
static struct buf out;

static const char *dump(void)
{
    buf_clear(&out);
    draw_dump(&d, &out);
    return out.data;
}

static int set_up(void **state)
{
    (void)state;
    draw_init(&d);
    buf_init(&out, 1 << 16);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    draw_free(&d);
    buf_free(&out);
    return 0;
}

static const struct cell *cell(int row, int column)
{
    return &d.cells[row * d.columns + column];
}

static void test_text_is_clipped(void **state)
{
    (void)state;
    struct area a = {1, 2, 1, 5};
    draw_reset(&d, 3, 10);
    assert_int_equal(draw_text(&d, &a, 0, 0, STYLE_NORMAL, "abcdefgh"), 5);
    draw_text(&d, &a, 1, 0, STYLE_NORMAL, "below");
    draw_text(&d, &a, -1, 0, STYLE_NORMAL, "above");
    assert_string_equal(dump(), "\n  abcde\n\n");
    assert_int_equal(draw_text(&d, &a, 0, 3, STYLE_NORMAL, "x\ny"), 4);
    assert_string_equal(dump(), "\n  abcxe\n\n");
}

static void test_area_beyond_the_screen(void **state)
{
    (void)state;
    struct area a = {-1, -2, 9, 90};
    draw_reset(&d, 2, 6);
    draw_frame(&d, &a, STYLE_NORMAL);
    draw_text(&d, &a, 1, 0, STYLE_NORMAL, "abcdefghijk");
    draw_fill(&d, &a, STYLE_CURSOR);
    draw_restyle(&d, &a, STYLE_FOUND);
    draw_cursor(&d, &a, 40, 40);
    assert_int_equal(d.cursor_row, -1);
}

/* A wide character is whole or not there. */
static void test_wide_characters(void **state)
{
    (void)state;
    struct area a = {0, 0, 1, 5};
    draw_reset(&d, 1, 6);
    assert_int_equal(
        draw_text(&d, &a, 0, 0, STYLE_NORMAL, "\u4E2D\u6587\u5B57"), 4);
    assert_string_equal(dump(), "\u4E2D\u6587\n");
    draw_text(&d, &a, 0, 1, STYLE_NORMAL, "x"); /* over its right half */
    assert_string_equal(dump(), " x\u6587\n");
    draw_text(&d, &a, 0, 2, STYLE_NORMAL, "y"); /* over its left half */
    assert_string_equal(dump(), " xy\n");
}

static void test_marks_share_a_cell(void **state)
{
    (void)state;
    struct area a = {0, 0, 1, 4};
    draw_reset(&d, 1, 4);
    draw_text(&d, &a, 0, 0, STYLE_STRONG, "e\u0301\u0302x");
    assert_int_equal(cell(0, 0)->text[1], 0x301);
    assert_int_equal(cell(0, 0)->text[2], 0x302);
    assert_int_equal(cell(0, 0)->text[3], 0);
    assert_int_equal(cell(0, 1)->text[0], 'x');
    assert_int_equal(cell(0, 1)->style, STYLE_STRONG);
}

static void test_fit(void **state)
{
    (void)state;
    struct area a = {0, 0, 1, 20};
    static const struct {
        int columns;
        const char *in, *shown;
    } cases[] = {
        {5, "abcde", "abcde\n"},
        {5, "abcdef", "abcd\u2026\n"},
        {5, "\u4E2D\u6587\u5B57", "\u4E2D\u6587\u2026\n"},
        {4, "\u4E2D\u6587\u5B57", "\u4E2D\u2026\n"},
        {5, "ab\ncd", "ab\u2026\n"},
        {1, "abc", "\u2026\n"},
        {0, "abc", "\n"},
        {-3, "abc", "\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        draw_reset(&d, 1, 20);
        draw_fit(&d, &a, 0, 0, cases[i].columns, STYLE_NORMAL, cases[i].in);
        assert_string_equal(dump(), cases[i].shown);
    }
    d.ascii = true;
    draw_reset(&d, 1, 20);
    draw_fit(&d, &a, 0, 0, 5, STYLE_NORMAL, "abcdef");
    assert_string_equal(dump(), "ab...\n");
    d.ascii = false;
}

static void test_frame(void **state)
{
    (void)state;
    struct area a = {0, 0, 3, 4};
    draw_reset(&d, 3, 4);
    struct area in = draw_frame(&d, &a, STYLE_NORMAL);
    assert_int_equal(in.row, 1);
    assert_int_equal(in.column, 1);
    assert_int_equal(in.rows, 1);
    assert_int_equal(in.columns, 2);
    assert_string_equal(dump(), "\u256D\u2500\u2500\u256E\n\u2502  \u2502\n"
                                "\u2570\u2500\u2500\u256F\n");
}

/* --- panes ------------------------------------------------------------- */

static const char *show(struct pane *p, int rows, int columns)
{
    struct area a = {0, 0, rows, columns};
    draw_reset(&d, rows, columns);
    pane_draw(p, &d, &a);
    return dump();
}

static const char *place(struct pane *p)
{
    buf_clear(&out);
    pane_place(p, &out);
    return out.data;
}

static bool find(struct pane *p, const char *words, int step)
{
    pane_search(p, words);
    return pane_find(p, step);
}

static const char *found(struct pane *p)
{
    buf_clear(&out);
    pane_found(p, &out);
    return out.data;
}

static void test_pane_scrolls(void **state)
{
    (void)state;
    struct pane p;
    pane_init(&p);
    pane_add(&p, STYLE_NORMAL, "1\n2\n3\n4\n5", 9);
    assert_string_equal(show(&p, 2, 9), "1\n2\n");
    assert_string_equal(place(&p), "+3 lines");
    pane_act(&p, ACT_DOWN);
    assert_string_equal(show(&p, 2, 9), "2\n3\n");
    assert_string_equal(place(&p), "33%  +2 lines");
    pane_act(&p, ACT_UP);
    pane_act(&p, ACT_UP);
    assert_string_equal(show(&p, 2, 9), "1\n2\n");
    pane_act(&p, ACT_END);
    assert_string_equal(show(&p, 2, 9), "4\n5\n");
    assert_string_equal(place(&p), "end");
    pane_act(&p, ACT_PAGE_UP);
    assert_string_equal(show(&p, 2, 9), "3\n4\n");
    assert_string_equal(show(&p, 9, 9), "3\n4\n5\n\n\n\n\n\n\n");
    assert_string_equal(place(&p), "");
    pane_free(&p);
}

/* Growing text moves only who went to its end, with whichever key. */
static void test_pane_follows_if_asked(void **state)
{
    (void)state;
    struct pane p;
    pane_init(&p);
    show(&p, 2, 9);
    pane_take(&p, "1\n2\n3", 5);
    assert_string_equal(show(&p, 2, 9), "1\n2\n");
    pane_act(&p, ACT_END);
    pane_take(&p, "1\n2\n3\n4", 7);
    assert_string_equal(show(&p, 2, 9), "3\n4\n");
    pane_act(&p, ACT_UP);
    pane_take(&p, "1\n2\n3\n4\n5", 9);
    assert_string_equal(show(&p, 2, 9), "2\n3\n");
    pane_act(&p, ACT_PAGE_DOWN);
    pane_act(&p, ACT_PAGE_DOWN);
    pane_take(&p, "1\n2\n3\n4\n5\n6", 11);
    assert_string_equal(show(&p, 2, 9), "5\n6\n");
    assert_false(pane_take(&p, "1\n2\n3\n4\n5\n6", 11)); /* nothing new */
    pane_free(&p);
}

static void test_pane_keeps_its_place(void **state)
{
    (void)state;
    struct pane p;
    pane_init(&p);
    pane_add(&p, STYLE_NORMAL, "aaaa bbbb cccc dddd eeee ffff", 29);
    show(&p, 2, 4);
    for (int i = 0; i < 3; i++)
        pane_act(&p, ACT_DOWN);
    assert_string_equal(show(&p, 2, 4), "dddd\neeee\n");
    assert_string_equal(show(&p, 2, 9), "cccc dddd\neeee ffff\n");
    pane_free(&p);
}

static void test_pane_finds(void **state)
{
    (void)state;
    struct pane p;
    struct area a = {0, 0, 1, 9};
    pane_init(&p);
    pane_add(&p, STYLE_NORMAL, "one\ntwo\nThree\ntwo", 17);
    show(&p, 1, 9);
    assert_true(find(&p, "tw", 1));
    assert_string_equal(show(&p, 1, 9), "two\n");
    assert_string_equal(found(&p), "1 of 2 hits");
    assert_true(find(&p, "three", 1));
    assert_string_equal(show(&p, 1, 9), "Three\n");
    assert_string_equal(found(&p), "1 of 1 hit");
    assert_true(find(&p, "ONE", 1)); /* around the end */
    assert_string_equal(show(&p, 1, 9), "one\n");
    assert_true(find(&p, "two", -1));
    assert_int_equal(p.top, 3);
    pane_act(&p, ACT_UP);
    assert_string_equal(found(&p), "2 hits");
    pane_act(&p, ACT_DOWN);
    assert_false(find(&p, "four", 1));
    assert_string_equal(found(&p), "0 hits");
    assert_int_equal(p.top, 3);
    pane_search(&p, "wo");
    pane_add(&p, STYLE_NORMAL, "!\nword", 6); /* followed, and counted */
    assert_string_equal(found(&p), "3 of 3 hits");
    draw_reset(&d, 1, 9);
    pane_draw(&p, &d, &a);
    assert_int_equal(cell(0, 0)->style, STYLE_FOUND);
    assert_int_equal(cell(0, 1)->style, STYLE_FOUND);
    assert_int_equal(cell(0, 2)->style, STYLE_NORMAL);
    assert_int_equal(cell(0, 3)->style, STYLE_NORMAL);
    pane_free(&p);
}

/* --- canvas ------------------------------------------------------------- */

static const char *lines(bool ascii)
{
    struct canvas c;
    struct area a = {0, 0, 2, 4};
    draw_reset(&d, 2, 4);
    canvas_init(&c, a.rows, a.columns, ascii);
    canvas_line(&c, 0, c.height - 1, c.width - 1, 0, STYLE_FAINT);
    canvas_line(&c, 0, 0, 0, 0, STYLE_KEY);
    canvas_line(&c, -5, 1, 90, 1, STYLE_KEY); /* clipped */
    canvas_draw(&c, &d, &a);
    canvas_free(&c);
    return dump();
}

static void test_canvas_draws_dots(void **state)
{
    (void)state;
    assert_string_equal(lines(false), "\u2813\u2812\u2872\u281A\n"
                                      "\u2860\u280A\n");
    assert_int_equal(cell(0, 3)->style, STYLE_KEY);
    assert_int_equal(cell(1, 0)->style, STYLE_FAINT);
}

static void test_canvas_draws_ascii(void **state)
{
    (void)state;
    assert_string_equal(lines(true), "* **\n****\n");
}

/* --- lists to choose from ----------------------------------------------- */

static const char *const fruit[] = {"pear", "Apple", "pineapple", ""};

static int fit_fruit(const void *owner, size_t row, const char *words)
{
    const char *const *list = owner;
    return choice_fit_text(list[row], words);
}

static void draw_fruit(const void *owner, size_t row, struct draw *cells,
                       const struct area *line, bool selected)
{
    const char *const *list = owner;
    draw_text(cells, line, 0, 0, selected ? STYLE_CURSOR : STYLE_NORMAL,
              list[row]);
}

static size_t first_fruit(struct choice *c, const char *words)
{
    edit_set(&c->words, words);
    choice_narrow(c, 4, fit_fruit, fruit);
    return choice_row(c);
}

static void test_choice_narrows(void **state)
{
    struct choice c;
    struct area a = {0, 0, 4, 12};
    (void)state;
    choice_init(&c, EDIT_CHOICE);
    assert_int_equal(first_fruit(&c, ""), 0);
    assert_int_equal(c.list.n, 4);
    assert_int_equal(first_fruit(&c, "APPLE"), 1);
    assert_int_equal(c.list.n, 2);
    assert_true(choice_act(&c, ACT_LINE_DOWN));
    assert_true(choice_act(&c, ACT_LINE_DOWN));
    assert_int_equal(choice_row(&c), 2);
    assert_false(choice_act(&c, ACT_SEND));
    assert_int_equal(first_fruit(&c, "pr"), 0); /* letters in order */
    assert_int_equal(first_fruit(&c, "xyz"), SIZE_MAX);
    draw_reset(&d, 4, 12);
    choice_draw(&c, &d, &a, ":", "no fruit", draw_fruit, fruit);
    assert_string_equal(dump(), " :xyz\n\n no fruit\n\n");
    assert_int_equal(first_fruit(&c, "p"), 0);
    choice_act(&c, ACT_PAGE_DOWN);
    choice_act(&c, ACT_PAGE_DOWN);
    draw_reset(&d, 4, 12);
    choice_draw(&c, &d, &a, ":", "no fruit", draw_fruit, fruit);
    assert_string_equal(dump(), " :p\n\nApple\npineapple\n");
    assert_int_equal(cell(3, 11)->style, STYLE_CURSOR);
    choice_free(&c);
}

static void test_choice_fits(void **state)
{
    (void)state;
    assert_int_equal(choice_fit_text("How do weevils fly?", ""), 3);
    assert_int_equal(choice_fit_text("How do weevils fly?", "WEEV"), 3);
    assert_int_equal(choice_fit_text("How do weevils fly?", "fly weev"), 2);
    assert_int_equal(choice_fit_text("How do weevils fly?", "wvls"), 1);
    assert_int_equal(choice_fit_text("wow, weevils", "wvls"), 1);
    assert_int_equal(choice_fit_text("", "w"), 0);
    /* Letters far apart are not meant. */
    assert_int_equal(choice_fit_text("When is the vernal equinox? It is late, "
                                     "so say it.", "wvls"), 0);
}

int main(void)
{
#define WITH_SCREEN(test) \
    cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_SCREEN(test_text_is_clipped),
        WITH_SCREEN(test_area_beyond_the_screen),
        WITH_SCREEN(test_wide_characters),
        WITH_SCREEN(test_marks_share_a_cell),
        WITH_SCREEN(test_fit),
        WITH_SCREEN(test_frame),
        WITH_SCREEN(test_pane_scrolls),
        WITH_SCREEN(test_pane_follows_if_asked),
        WITH_SCREEN(test_pane_keeps_its_place),
        WITH_SCREEN(test_pane_finds),
        WITH_SCREEN(test_canvas_draws_dots),
        WITH_SCREEN(test_canvas_draws_ascii),
        WITH_SCREEN(test_choice_narrows),
        WITH_SCREEN(test_choice_fits),
    };
    return TEST_RUN(tests);
}
