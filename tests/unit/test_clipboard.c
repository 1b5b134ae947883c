/* What is copied reaches the terminal as base64 alone. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"
#include "tui/terminal/clipboard.h"

static void test_sequence(void **state)
{
    (void)state;
    /* RFC 4648, section 10, and a byte of each kind. */
    static const struct {
        const char *text, *base64;
    } cases[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"},
        {"\x1B]\a\xFF\n", "G10H/wo="}, {"\xFB\xEF\xBE", "++++"},
    };
    struct buf b;
    buf_init(&b, 256);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char want[64];
        snprintf(want, sizeof(want), "\x1B]52;c;%s\a", cases[i].base64);
        buf_clear(&b);
        clipboard_sequence(cases[i].text, strlen(cases[i].text), &b);
        assert_string_equal(b.data, want);
    }
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sequence)};
    return TEST_RUN(tests);
}
