/* Thinking and text: nothing is lost but tags and the blanks around them, and
 * cuts change nothing.  The first byte says where to cut. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "backends/think.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const char *bytes, size_t n, size_t step, enum think_begin b,
                struct buf *text, struct buf *thinking)
{
    struct think t;
    struct answer_end end;
    struct stream *s = stream_open(-1);
    think_init(&t, b);
    answer_end_init(&end);
    end.finish = FINISH_STOP;
    for (size_t at = 0; at < n; at += step)
        think_add(&t, s, bytes + at, n - at < step ? n - at : step);
    think_end(&t, s, &end);
    stream_end(s, &end);
    buf_init(text, 1 << 20);
    buf_init(thinking, 1 << 20);
    stream_poll(s, text, thinking, &end);
    think_free(&t);
    stream_release(s);
    stream_release(s);
}

static bool same(const struct buf *a, const struct buf *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct buf text[2], thinking[2];
    const char *bytes = (const char *)data + 1;
    enum think_begin begin = data[0] % 3;
    run(bytes, size - 1, size, begin, &text[0], &thinking[0]);
    run(bytes, size - 1, 1 + data[0] / 3, begin, &text[1], &thinking[1]);
    if (!same(&text[0], &text[1]) || !same(&thinking[0], &thinking[1]))
        abort();
    for (int i = 0; i < 2; i++) {
        buf_free(&text[i]);
        buf_free(&thinking[i]);
    }
    return 0;
}
