/* Cleaned text is valid UTF-8 without controls, however it was cut. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "base/utf8.h"
#include "tui/clean.h"

#define FUZZ_OUT_BYTES (1u << 20)

static void check_drawable(const struct buf *out)
{
    FUZZ_CHECK(utf8_valid(out->data, out->len));
    for (size_t i = 0; i < out->len;) {
        uint32_t cp;
        i += utf8_decode(out->data + i, out->len - i, &cp);
        FUZZ_CHECK(cp == '\n' || cp == '\t' || (cp >= 0x20 && cp < 0x7f) ||
                   cp >= 0xa0);
        FUZZ_CHECK(cp < 0x200b || cp > 0x200f);
        FUZZ_CHECK(cp < 0x2028 || cp > 0x202e);
        FUZZ_CHECK(cp < 0x2060 || cp > 0x206f);
        FUZZ_CHECK(cp < 0xe0000 || cp > 0xe007f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole, parts;
    struct clean c;
    if (size == 0)
        return 0;
    buf_init(&whole, FUZZ_OUT_BYTES);
    buf_init(&parts, FUZZ_OUT_BYTES);
    const char *text = (const char *)data + 1;
    size_t n = size - 1, step = 1 + data[0] % 7;
    clean_init(&c);
    clean_add(&c, text, n, &whole);
    clean_end(&c, &whole);
    clean_init(&c);
    for (size_t at = 0; at < n; at += step)
        clean_add(&c, text + at, n - at < step ? n - at : step, &parts);
    clean_end(&c, &parts);
    check_drawable(&whole);
    FUZZ_CHECK(whole.overflow || (whole.len == parts.len &&
               memcmp(whole.data, parts.data, whole.len) == 0));
    buf_free(&whole);
    buf_free(&parts);
    return 0;
}
