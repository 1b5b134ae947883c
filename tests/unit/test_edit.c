#include <string.h>

#include "tests/unit/test.h"
#include "tui/widgets/edit.h"

/* Plays keys by name into an editor; anything longer than a key is typed. */
static void play(struct edit *e, const char *keys)
{
    while (*keys != '\0') {
        size_t n = strcspn(keys, " ");
        uint32_t code = keys_parse(keys, n);
        enum action action =
            code ? binding_find(edit_bindings, BINDING_ALWAYS, code) : ACT_NONE;
        if (action != ACT_NONE)
            edit_act(e, action);
        else
            edit_insert(e, keys, n);
        keys += n;
        keys += *keys == ' ';
    }
}

/* The text with a '|' where the cursor is. */
static const char *state_of(const struct edit *e, struct buf *out)
{
    buf_clear(out);
    buf_add(out, e->text.data, e->cursor);
    buf_add_char(out, '|');
    buf_add_str(out, e->text.data + e->cursor);
    return out->data;
}

static const struct {
    const char *keys, *state;
} cases[] = {
    {"hello", "hello|"},
    {"hello Left Left X", "helX|lo"},
    {"hello Home X End Y", "XhelloY|"},
    {"ab ^J cd", "ab\ncd|"},
    {"ab ^J cd Up X", "abX|\ncd"},
    {"ab ^J c Up Down X", "ab\ncX|"},
    {"abcd ^J e ^J fghi Up Up X", "abcdX|\ne\nfghi"}, /* the goal is kept */
    {"abc Backspace Backspace", "a|"},
    {"abc Home Del", "|bc"},
    {"Backspace Del Left Right", "|"},
    {"one Space ^J", "oneSpace\n|"},
    {"ab ^J cd ^U", "ab\n|"},
    {"ab ^J cd Home ^U", "ab\n|cd"},
    {"ab ^J cd Up Home ^K", "|\ncd"},
    {"\u4E2D\u6587 Left X", "\u4E2DX|\u6587"},
    {"e\u0301x Left Backspace", "|x"}, /* a cluster is one step */
    {"\U0001F1E9\U0001F1EAx Left Left Del", "|x"},
};

static void test_keys(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct edit e;
        edit_init(&e, EDIT_TEXT, 1000);
        play(&e, cases[i].keys);
        assert_string_equal(state_of(&e, &b), cases[i].state);
        edit_free(&e);
    }
    buf_free(&b);
}

static void test_words(void **state)
{
    (void)state;
    struct edit e;
    struct buf b;
    buf_init(&b, 4096);
    edit_init(&e, EDIT_TEXT, 1000);
    edit_set(&e, "one two  three");
    play(&e, "C-Left");
    assert_string_equal(state_of(&e, &b), "one two  |three");
    play(&e, "C-Left C-Right");
    assert_string_equal(state_of(&e, &b), "one two|  three");
    play(&e, "^W");
    assert_string_equal(state_of(&e, &b), "one |  three");
    play(&e, "Home C-Left");
    assert_string_equal(state_of(&e, &b), "|one   three");
    edit_free(&e);
    buf_free(&b);
}

/* What a paste may bring, in an editor of many lines and in one of one. */
static void test_paste(void **state)
{
    (void)state;
    static const char paste[] = "a\r\nb\rc\nd\te\x1B[2J\x07\xFF\u202E";
    struct edit e;
    edit_init(&e, EDIT_TEXT, 1000);
    assert_true(edit_insert(&e, paste, sizeof(paste) - 1));
    assert_string_equal(e.text.data, "a\nb\nc\nd\te[2J\uFFFD\u202E");
    edit_free(&e);
    edit_init(&e, EDIT_LINE, 1000);
    assert_true(edit_insert(&e, paste, sizeof(paste) - 1));
    assert_string_equal(e.text.data, "a b c d e[2J\uFFFD\u202E");
    edit_free(&e);
}

static void test_limit(void **state)
{
    (void)state;
    struct edit e;
    edit_init(&e, EDIT_TEXT, 5);
    assert_true(edit_insert(&e, "abc", 3));
    edit_act(&e, ACT_LEFT);
    assert_false(edit_insert(&e, "1234", 4)); /* all or nothing */
    assert_string_equal(e.text.data, "abc");
    assert_true(edit_insert(&e, "12", 2));
    assert_string_equal(e.text.data, "ab12c");
    assert_false(edit_type(&e, 'x'));
    assert_string_equal(e.text.data, "ab12c");
    edit_free(&e);
}

/* Up and down go by the lines that are seen, not by those that were typed, and
 * say where there is none. */
static void test_wrapped_lines(void **state)
{
    (void)state;
    struct edit e;
    struct buf b;
    struct draw d;
    struct area a = {0, 0, 3, 5};
    buf_init(&b, 4096);
    draw_init(&d);
    edit_init(&e, EDIT_TEXT, 1000);
    edit_set(&e, "aaaa bbbb cccc");
    draw_reset(&d, 3, 5);
    edit_draw(&e, &d, &a);
    assert_int_equal(edit_rows(&e, 5), 3);
    assert_int_equal(d.cursor_row, 2);
    assert_int_equal(d.cursor_column, 4);
    assert_true(edit_act(&e, ACT_LINE_UP));
    assert_string_equal(state_of(&e, &b), "aaaa bbbb| cccc");
    assert_true(edit_act(&e, ACT_LINE_UP));
    assert_false(edit_act(&e, ACT_LINE_UP));
    assert_string_equal(state_of(&e, &b), "aaaa| bbbb cccc");
    assert_true(edit_act(&e, ACT_LINE_DOWN));
    assert_true(edit_act(&e, ACT_LINE_DOWN));
    assert_false(edit_act(&e, ACT_LINE_DOWN));
    edit_free(&e);
    draw_free(&d);
    buf_free(&b);
}

/* The cursor is always in view, also behind what is shown in other words. */
static void test_cursor_in_view(void **state)
{
    (void)state;
    struct edit e;
    struct draw d;
    struct buf b;
    struct area a = {1, 2, 2, 10};
    draw_init(&d);
    buf_init(&b, 4096);
    edit_init(&e, EDIT_TEXT, 1000);
    edit_set(&e, "1\n2\n3\n\u202Ex");
    draw_reset(&d, 4, 14);
    edit_draw(&e, &d, &a);
    assert_int_equal(d.cursor_row, 2);
    assert_int_equal(d.cursor_column, 2 + 9);
    draw_dump(&d, &b);
    assert_string_equal(b.data, "\n  3\n  <U+202E>x\n\n");
    play(&e, "Up Up Up");
    draw_reset(&d, 4, 14);
    edit_draw(&e, &d, &a);
    assert_int_equal(d.cursor_row, 1);
    buf_clear(&b);
    draw_dump(&d, &b);
    assert_string_equal(b.data, "\n  1\n  2\n\n");
    edit_free(&e);
    draw_free(&d);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),          cmocka_unit_test(test_words),
        cmocka_unit_test(test_paste),         cmocka_unit_test(test_limit),
        cmocka_unit_test(test_wrapped_lines),
        cmocka_unit_test(test_cursor_in_view),
    };
    return TEST_RUN(tests);
}
