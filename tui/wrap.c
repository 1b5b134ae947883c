#include "tui/wrap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "base/sorted.h"
#include "base/utf8.h"

#define WRAP_MAX_BYTES (80u << 20) /* the largest answer, cleaned */

void wrap_init(struct wrap *w, int width)
{
    *w = (struct wrap){.width = width < 1 ? 1 : width};
    clean_init(&w->clean);
    buf_init(&w->text, WRAP_MAX_BYTES);
}

void wrap_free(struct wrap *w)
{
    buf_free(&w->text);
    free(w->lines);
    w->lines = NULL;
    w->n_lines = w->cap = 0;
}

void wrap_clear(struct wrap *w)
{
    clean_init(&w->clean);
    buf_clear(&w->text);
    w->n_lines = 0;
}

static void push_line(struct wrap *w, struct wrap_line line)
{
    if (w->n_lines == w->cap) {
        w->cap = w->cap ? 2 * w->cap : 32;
        w->lines = mem_realloc(w->lines, w->cap, sizeof(*w->lines));
    }
    w->lines[w->n_lines++] = line;
}

size_t wrap_cluster(const char *s, size_t n, int column, int *columns)
{
    if (s[0] == '\n' || s[0] == '\t') {
        *columns = s[0] == '\t' ? WRAP_TAB - column % WRAP_TAB : 0;
        return 1;
    }
    if (n == 1 || ((unsigned char)s[0] < 0x80 && (unsigned char)s[1] < 0x80)) {
        *columns = 1;
        return 1;
    }
    uint32_t cp, next;
    size_t len = utf8_decode(s, n, &cp);
    *columns = clean_width(cp);
    utf8proc_int32_t state = 0;
    while (len < n) {
        size_t more = utf8_decode(s + len, n - len, &next);
        int width = clean_width(next);
        /* Unicode lets a cluster grow without end; a screen does not. */
        if (next == '\n' || next == '\t' || *columns + width > 2 ||
            utf8proc_grapheme_break_stateful((utf8proc_int32_t)cp,
                                             (utf8proc_int32_t)next, &state))
            break;
        len += more;
        *columns += width;
        cp = next;
    }
    return len;
}

int wrap_columns(const char *s, size_t n)
{
    int column = 0, columns;
    while (n > 0) {
        size_t len = wrap_cluster(s, n, column, &columns);
        column += columns;
        s += len;
        n -= len;
    }
    return column;
}

void wrap_cut_middle(const char *s, int columns, const char *dots,
                     struct buf *out)
{
    size_t n = strlen(s), at = 0, head_end = 0;
    int total = wrap_columns(s, n), used = 0, width;
    int room = columns - wrap_columns(dots, strlen(dots));
    if (total <= columns) {
        buf_add(out, s, n);
        return;
    }
    int head = room > 0 ? (room + 1) / 2 : 0, tail = room > 0 ? room / 2 : 0;
    while (at < n && total - used > tail) {
        at += wrap_cluster(s + at, n - at, used, &width);
        used += width;
        if (used <= head)
            head_end = at;
    }
    buf_add(out, s, head_end);
    if (room >= 0)
        buf_add_str(out, dots);
    buf_add(out, s + at, n - at);
}

/* Closing punctuation stays with its phrase, even beside a wide character (the
 * main rule of JIS X 4051, the Japanese standard). */
static bool may_start_line(const char *s, size_t n)
{
    static const uint32_t closing[] = {
        '!',    ')',    ',',    '.',    ':',    ';',    '?',    ']',
        0x3001, 0x3002, 0x3009, 0x300B, 0x300D, 0x300F, 0x3011, 0x3015,
        0x30FC, 0xFF01, 0xFF09, 0xFF0C, 0xFF0E, 0xFF1A, 0xFF1B, 0xFF1F,
    };
    uint32_t cp;
    utf8_decode(s, n, &cp);
    for (size_t i = 0; i < sizeof(closing) / sizeof(closing[0]); i++)
        if (closing[i] == cp)
            return false;
    return true;
}

size_t wrap_break_line(const char *s, size_t n, size_t start, int width,
                       struct wrap_line *line)
{
    size_t at = start, fits = start;
    size_t cut = start, resume = start; /* the last place to break, if any:
                                           the end before, the start after */
    int column = 0;
    bool after_wide = false;
    while (at < n && s[at] != '\n') {
        int columns;
        size_t len = wrap_cluster(s + at, n - at, column, &columns);
        /* A space with a combining mark is no space. */
        bool space = len == 1 && (s[at] == ' ' || s[at] == '\t');
        bool wide = columns > 1 && !space;
        if (!space && resume < at && (wide || after_wide) &&
            may_start_line(s + at, n - at))
            cut = resume = at;
        if (column + columns > width && at > start &&
            (!space || column >= 2 * width)) {
            if (cut == start) { /* one long word, or nothing but spaces */
                cut = fits;
                resume = at;
            }
            *line = (struct wrap_line){start, cut - start};
            return resume;
        }
        if (space && resume < at) /* the first after a word */
            cut = at;
        at += len;
        column += columns;
        if (column <= width || fits == start)
            fits = at;
        if (space)
            resume = at;
        after_wide = wide;
    }
    *line = (struct wrap_line){start, fits - start};
    return at < n ? at + 1 : WRAP_NO_LINE;
}

static void break_from(struct wrap *w, size_t start)
{
    while (start != WRAP_NO_LINE) {
        struct wrap_line line;
        start = wrap_break_line(w->text.data, w->text.len, start, w->width,
                                &line);
        push_line(w, line);
    }
}

/* More text can change only the last line. */
static void rebreak_last(struct wrap *w)
{
    size_t start = 0;
    if (w->n_lines > 0)
        start = w->lines[--w->n_lines].start;
    if (w->text.len > 0)
        break_from(w, start);
}

void wrap_add(struct wrap *w, const char *bytes, size_t n)
{
    clean_add(&w->clean, bytes, n, &w->text);
    rebreak_last(w);
}

void wrap_end(struct wrap *w)
{
    clean_end(&w->clean, &w->text);
    rebreak_last(w);
}

void wrap_set_width(struct wrap *w, int width)
{
    if (width < 1)
        width = 1;
    if (width == w->width)
        return;
    w->width = width;
    w->n_lines = 0;
    rebreak_last(w);
}

size_t wrap_find_line(const struct wrap *w, size_t offset)
{
    return w->n_lines == 0 ? 0
                           : sorted_find_last(&w->lines->start, w->n_lines,
                                              sizeof(*w->lines), offset);
}
