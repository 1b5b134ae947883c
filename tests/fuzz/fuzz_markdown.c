/* Any answer is laid out within its width, and alike however it was cut. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "tui/text/markdown.h"
#include "tui/wrap.h"

#define MOST 5000 /* bytes: more than one window of a line */

static void check_lines(const struct markdown *m)
{
    size_t start = 0;
    for (size_t i = 0; i < m->n_lines; i++) {
        const struct markdown_line *l = &m->lines[i];
        FUZZ_CHECK(l->start == start && l->source <= m->source.len);
        FUZZ_CHECK(l->n == 0 || (l->span < m->out.n &&
                                 m->out.list[l->span].start <= l->start));
        FUZZ_CHECK(m->width < 2 ||
                   wrap_columns(m->out.text.data + l->start, l->n) <= m->width);
        start += l->n;
    }
    FUZZ_CHECK(start == m->out.text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct markdown whole, parts;
    if (size < 2)
        return 0;
    const char *text = (const char *)data + 2;
    size_t n = size < MOST ? size - 2 : MOST, step = 1 + data[0] % 40;
    int width = 1 + data[1] % 60;
    markdown_init(&whole, width);
    markdown_begin_answer(&whole);
    markdown_add(&whole, text, n);
    markdown_end(&whole);
    check_lines(&whole);
    markdown_init(&parts, width);
    markdown_begin_answer(&parts);
    for (size_t at = 0; at < n; at += step) {
        markdown_add(&parts, text + at, n - at < step ? n - at : step);
        if (at % 64 < step)
            check_lines(&parts);
    }
    markdown_end(&parts);
    FUZZ_CHECK(whole.n_lines == parts.n_lines &&
               whole.out.text.len == parts.out.text.len);
    FUZZ_CHECK(whole.out.text.len == 0 ||
               memcmp(whole.out.text.data, parts.out.text.data,
                      whole.out.text.len) == 0);
    markdown_free(&whole);
    markdown_free(&parts);
    return 0;
}
