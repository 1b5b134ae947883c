#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "tests/unit/test.h"
#include "tui/terminal/keys.h"
#include "tui/terminal/looks.h"

/* Whether a key is the one that `want` names: "[text]" for a paste, "@text" for
 * a reply, "~-1 4 9" for the wheel turned up over row 4 and column 9, "?" for
 * what is no key, U+FFFD for a byte that is no UTF-8. */
static void assert_key(const struct key *key, const char *want)
{
    if (key->code == KEYS_REPLY) {
        assert_int_equal(strlen(want), key->n + 1);
        assert_int_equal(want[0], '@');
        assert_memory_equal(want + 1, key->text, key->n);
        return;
    }
    if (key->code == KEYS_MOUSE) {
        char told[64];
        snprintf(told, sizeof(told), "~%d %d %d", key->wheel, key->row,
                 key->column);
        assert_string_equal(want, told);
        return;
    }
    uint32_t code = strcmp(want, "?") == 0        ? 0
                    : strcmp(want, "\uFFFD") == 0 ? 0xFFFD
                                                  : keys_parse(want,
                                                               strlen(want));
    if (key->code != KEYS_PASTE) {
        assert_int_equal(key->code, code);
        return;
    }
    assert_int_equal(strlen(want), key->n + 2);
    assert_memory_equal(want + 1, key->text, key->n);
}

/* Bytes fed in pieces of a size make the keys of these names, up to NULL. */
static void assert_keys(const char *bytes, size_t n, size_t piece,
                        const char *const *want)
{
    struct keys k;
    struct key key;
    keys_init(&k);
    for (size_t at = 0; at <= n; at += piece) {
        bool last = at + piece > n;
        keys_feed(&k, bytes + at, last ? n - at : piece);
        /* At the end, wait as long as it takes. */
        while (keys_next(&k, last, &key) ||
               (last && keys_wait_ms(&k) >= 0 && keys_next(&k, true, &key))) {
            assert_non_null(*want);
            assert_key(&key, *want++);
        }
    }
    assert_null(*want);
    assert_int_equal(keys_wait_ms(&k), -1);
    keys_free(&k);
}

static const struct {
    const char *bytes, *keys[9];
} cases[] = {
    {"aZ\xC3\xA9\xE4\xB8\xAD", {"a", "Z", "\u00E9", "\u4E2D"}},
    {"a\x1B]11;rgb:0/0/0\x07z", {"a", "@11;rgb:0/0/0", "z"}},
    {"\x1B]11;x\x1B\\\x1B[A", {"@11;x", "Up"}},
    {"\x1B]", {"Alt-]"}},
    {"\x1B]11;never ends", {"?"}},
    {"\r\t\n\x01\x7F\x08 ",
     {"Enter", "Tab", "^J", "^A", "Backspace", "Backspace", "Space"}},
    {"\x1B[A\x1BOA\x1B[1;5D", {"Up", "Up", "C-Left"}},
    {"\x1B[5~\x1B[6~\x1B[3~\x1B[Z", {"PgUp", "PgDn", "Del", "S-Tab"}},
    {"\x1BOP\x1B[11~\x1B[[A\x1B[24~", {"F1", "F1", "F1", "F12"}},
    {"\x1B", {"Esc"}},
    {"\x1B\x1B", {"Esc", "Esc"}},
    {"\x1B\r\x1Bx", {"Alt-Enter", "Alt-x"}},
    {"\x1B[", {"Alt-["}},
    {"\x1BO", {"Alt-O"}},
    {"\x1B[12;", {"?"}},
    {"\x1B[?1;2c\x1B[999zq", {"?", "?", "q"}},
    {"\x1B[200~a\nvote: a\r\x1B[201~b", {"[a\nvote: a\r]", "b"}},
    {"\x1B[200~\x1B[31mx\x1B\x1B[201~", {"[\x1B[31mx\x1B]"}},
    {"\x1B[200~one\x1B[201~\x1B[200~two\x1B[201~", {"[one]", "[two]"}},
    {"\x1B[200~lost", {"[lost]"}},
    {"\xFF\xC3(", {"\uFFFD", "\uFFFD", "("}},
    {"\xE4\xB8", {"\uFFFD"}},
    {"\x1B[<64;10;5Ma\x1B[<65;1;1M", {"~-1 4 9", "a", "~1 0 0"}},
    {"\x1B[<80;10;5M\x1B[<64;10;5m", {"~-1 4 9", "~0 4 9"}},
    {"\x1B[<0;10;5M\x1B[<0;10;5m\x1B[<66;2;3M",
     {"~0 4 9", "~0 4 9", "~0 2 1"}},
    {"\x1B[<64;0;5M\x1B[<64;5M\x1B[<64;5;0M", {"?", "?", "?"}},
    {"\x1B[<64;10;5;1M\x1B[<a\x1B[<M\x1B[<64;-1;1M", {"?", "?", "?", "?"}},
    {"\x1B[<64;99999999999;5M1", {"?", "1"}},
    {"\x1B[<64;10\x01;5Mb", {"?", "b"}},
    {"\x1B[<64;1\x1B[A", {"?", "Up"}},
    {"\x1B[<6444444444444444444444444444444444444;10;5Ma", {"?", "a"}},
    {"\x1B[<64;10;5", {"?"}},
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n = strlen(cases[i].bytes);
        for (size_t piece = 1; piece <= n + 1; piece++)
            assert_keys(cases[i].bytes, n, piece, cases[i].keys);
    }
}

static void test_esc_waits(void **state)
{
    (void)state;
    struct keys k;
    struct key key;
    keys_init(&k);
    keys_feed(&k, "\x1B", 1);
    assert_false(keys_next(&k, false, &key));
    assert_true(keys_wait_ms(&k) > 0);
    assert_true(keys_next(&k, true, &key));
    assert_int_equal(key.code, KEYS_ESC);
    assert_int_equal(keys_wait_ms(&k), -1);
    keys_free(&k);
}

/* Takes all keys; none may be one that votes, confirms or is typed. */
static void take_none_that_acts(struct keys *k)
{
    struct key key;
    while (keys_next(k, true, &key))
        if (key.code != 0 && key.code != KEYS_ESC && key.code != '[' &&
            key.code != KEYS_MOUSE)
            assert_int_equal(key.code, '[' | KEYS_ALT);
}

/* A report of the mouse that comes too late for the wait of an Esc, wherever it
 * is cut, or with any of its bytes lost. */
static void test_mouse_never_acts(void **state)
{
    (void)state;
    static const char report[] = "\x1B[<64;10;21M";
    size_t n = strlen(report);
    struct keys k;
    struct key key;
    keys_init(&k);
    for (size_t a = 1; a < n; a++)
        for (size_t b = a; b < n; b++) {
            keys_feed(&k, report, a);
            take_none_that_acts(&k);
            keys_feed(&k, report + a, b - a);
            take_none_that_acts(&k);
            keys_feed(&k, report + b, n - b);
            take_none_that_acts(&k);
        }
    for (size_t lost = 3; lost < n - 1; lost++) {
        keys_feed(&k, report, lost);
        keys_feed(&k, report + lost + 1, n - lost - 1);
        take_none_that_acts(&k);
    }
    keys_feed(&k, "b", 1);
    assert_true(keys_next(&k, false, &key));
    assert_int_equal(key.code, 'b'); /* and then keys are keys again */
    keys_free(&k);
}

/* The old form has three bytes that may be any; where the mouse was not asked
 * for, CSI M is a keypad's Enter. */
static void test_old_mouse(void **state)
{
    (void)state;
    struct keys k = {.at = 0};
    struct key key;
    keys_init(&k);
    keys_feed(&k, "\x1B[Mb", 4);
    assert_true(keys_next(&k, false, &key));
    assert_int_equal(key.code, KEYS_ENTER);
    assert_true(keys_next(&k, false, &key));
    k.mouse = true;
    keys_feed(&k, "\x1B[M`ab\x1B[Ma", 10);
    take_none_that_acts(&k);
    keys_feed(&k, "ab1", 3);
    assert_true(keys_next(&k, false, &key));
    assert_int_equal(key.code, '1');
    assert_false(keys_next(&k, true, &key));
    keys_free(&k);
}

/* What a terminal without bracketed paste sends is still told from typing. */
static void test_burst(void **state)
{
    (void)state;
    struct keys k;
    struct key key;
    keys_init(&k);
    keys_feed(&k, "what\ra", 6);
    for (int i = 0; i < 5; i++)
        assert_true(keys_next(&k, false, &key));
    assert_int_equal(key.code, KEYS_ENTER);
    assert_true(key.burst);
    assert_true(key.more);
    assert_true(keys_next(&k, false, &key));
    assert_false(key.more);
    keys_feed(&k, "a", 1);
    assert_true(keys_next(&k, false, &key));
    assert_false(key.burst);
    keys_feed(&k, "\x1B[B\x1B[B\x1B[B", 9);
    assert_true(keys_next(&k, false, &key));
    assert_false(key.burst);
    keys_free(&k);
}

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t code;
    } keys[] = {
        {"a", 'a'}, {"+", '+'}, {"/", '/'}, {"Space", ' '},
        {"\u00E9", 0xE9}, {"\u4E2D", 0x4E2D}, {"Enter", KEYS_ENTER},
        {"Tab", KEYS_TAB}, {"Esc", KEYS_ESC}, {"^L", 0x0C}, {"Up", KEYS_UP},
        {"PgDn", KEYS_PAGE_DOWN}, {"F1", KEYS_F1}, {"F12", KEYS_F12},
        {"Alt-x", KEYS_ALT | 'x'}, {"Alt-Enter", KEYS_ALT | KEYS_ENTER},
        {"S-Tab", KEYS_BACK_TAB}, {"C-Left", KEYS_WORD_LEFT},
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        char name[KEYS_NAME_BYTES];
        assert_int_equal(keys_parse(keys[i].name, strlen(keys[i].name)),
                         keys[i].code);
        keys_name(keys[i].code, name);
        assert_string_equal(name, keys[i].name);
    }
    assert_int_equal(keys_parse("F13", 3), 0);
    assert_int_equal(keys_parse("Nope", 4), 0);
    assert_int_equal(keys_parse("", 0), 0);
}

/* Noise ends: each byte is consumed once, and nothing stays behind. */
static void test_noise(void **state)
{
    (void)state;
    struct rng r;
    rng_init(&r, 3);
    struct keys k;
    struct key key;
    keys_init(&k);
    size_t n_keys = 0;
    for (int round = 0; round < 5000; round++) {
        char bytes[40];
        size_t n = 1 + (size_t)rng_below(&r, sizeof(bytes));
        for (size_t i = 0; i < n; i++)
            bytes[i] = "\x1B[O~0129;Aa\r\xC3\xA9\xFF<M"[rng_below(&r, 17)];
        keys_feed(&k, bytes, n);
        while (keys_next(&k, rng_below(&r, 2) == 0, &key))
            n_keys++;
    }
    while (keys_next(&k, true, &key))
        n_keys++;
    assert_true(n_keys > 5000);
    assert_int_equal(keys_wait_ms(&k), -1);
    keys_free(&k);
}

static void test_backgrounds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int light;
    } replies[] = {
        {"11;rgb:ffff/ffff/ffff", 1}, {"11;rgb:0000/0000/0000", 0},
        {"11;rgb:ff/fa/e0", 1},       {"11;rgb:1/2/3", 0},
        {"11;rgb:2e2e/3434/3636", 0}, {"11;rgb:fff/fff/fff", 1},
        {"11;rgb:ffff/ffff", -1},     {"11;rgb:fffff/0/0", -1},
        {"11;rgb:/0/0", -1},          {"10;rgb:0/0/0", -1},
        {"11;rgb:0/0/0/0", -1},       {"", -1},
    };
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++)
        assert_int_equal(looks_reply(replies[i].text, strlen(replies[i].text)),
                         replies[i].light);
    assert_int_equal(looks_background(NULL), -1);
    assert_int_equal(looks_background("15"), -1);
    assert_int_equal(looks_background("15;default"), -1);
    assert_int_equal(looks_background("15;0"), 0);
    assert_int_equal(looks_background("0;default;15"), 1);
    assert_int_equal(looks_background("0;7"), 1);
    assert_int_equal(looks_background("0;8"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),       cmocka_unit_test(test_esc_waits),
        cmocka_unit_test(test_mouse_never_acts),
        cmocka_unit_test(test_old_mouse),
        cmocka_unit_test(test_burst),       cmocka_unit_test(test_noise),
        cmocka_unit_test(test_names),       cmocka_unit_test(test_backgrounds),
    };
    return TEST_RUN(tests);
}
