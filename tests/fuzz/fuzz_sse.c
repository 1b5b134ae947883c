/* The events of a stream do not depend on where its bytes were cut. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "backends/remote/sse.h"

#define FUZZ_OUT_BYTES (4u << 20)

static bool on_event(void *arg, const char *name, const char *data, size_t n)
{
    struct buf *out = arg;
    FUZZ_CHECK(data[n] == '\0');
    buf_addf(out, "%zu %zu ", strlen(name), n);
    buf_add_str(out, name);
    buf_add(out, data, n);
    return true;
}

static int feed(const char *text, size_t n, size_t step, struct buf *out)
{
    struct sse s;
    int result = 0;
    sse_init(&s, false, on_event, out);
    for (size_t at = 0; at < n && result == 0; at += step)
        result = sse_add(&s, text + at, n - at < step ? n - at : step, NULL);
    if (result == 0)
        result = sse_end(&s, NULL);
    sse_free(&s);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole, parts;
    if (size < 2)
        return 0;
    buf_init(&whole, FUZZ_OUT_BYTES);
    buf_init(&parts, FUZZ_OUT_BYTES);
    const char *text = (const char *)data + 1;
    int a = feed(text, size - 1, size - 1, &whole);
    int b = feed(text, size - 1, 1 + data[0] % 5, &parts);
    FUZZ_CHECK(a == b);
    FUZZ_CHECK(a != 0 || (whole.len == parts.len &&
               memcmp(whole.data, parts.data, whole.len) == 0));
    buf_free(&whole);
    buf_free(&parts);
    return 0;
}
