/* What is hidden does not depend on how an answer is cut, and where nothing is,
 * the answer comes out as it went in. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "arena/blind/leak.h"

static struct leak_words words; /* made once: fuzzing calls millions of times */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct leak_scan s, t;
    struct buf whole, parts;
    if (size == 0)
        return 0;
    if (words.n == 0) {
        leak_words_init(&words);
        leak_words_add_name(&words, "acme/zorblax9-7b:q4");
    }
    const char *text = (const char *)data + 1;
    size_t n = size - 1, step = 1 + data[0] % 9;
    buf_init(&whole, 1 << 20);
    buf_init(&parts, 1 << 20);
    leak_scan_init(&s, &words);
    leak_scan_step(&s, text, n, true, &whole);
    leak_scan_init(&t, &words);
    for (size_t have = step; have < n; have += step)
        leak_scan_step(&t, text, have, false, &parts);
    leak_scan_step(&t, text, n, true, &parts);
    FUZZ_CHECK(s.at == n && t.at == n && s.found == t.found);
    FUZZ_CHECK(whole.len == parts.len &&
               memcmp(whole.data, parts.data, whole.len) == 0);
    FUZZ_CHECK(s.found ||
               (whole.len == n && memcmp(whole.data, text, n) == 0));
    buf_free(&whole);
    buf_free(&parts);
    return 0;
}
