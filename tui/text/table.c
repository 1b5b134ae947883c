/* Tables: aligned if they fit; else each row is a record, a line a cell. */
#include <string.h>

#include "tui/text/markdown_private.h"
#include "tui/wrap.h"

#define GAP 2         /* columns between two of a table */
#define KNOWN_ROWS 64 /* rows that set the widths */
#define NARROW 12     /* columns; up to here, records are not indented */

struct cells {
    size_t from[MARKDOWN_COLUMNS], n[MARKDOWN_COLUMNS];
    int count;
};

static size_t line_length(const char *s, size_t n)
{
    const char *newline = memchr(s, '\n', n);
    return newline ? (size_t)(newline - s) : n;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Splits a row at its bars, but not at \|.  Returns false if it has none, or
 * more cells than we lay out. */
static bool split(const char *s, size_t n, struct cells *out)
{
    size_t at = 0;
    bool bars = false;
    out->count = 0;
    while (n > 0 && is_blank(s[n - 1]))
        n--;
    while (at < n && is_blank(s[at]))
        at++;
    if (at < n && s[at] == '|') {
        at++;
        bars = true;
    }
    while (at < n) {
        size_t end = at;
        while (end < n && (s[end] != '|' || s[end - 1] == '\\'))
            end++;
        bars = bars || end < n;
        if (out->count == MARKDOWN_COLUMNS)
            return false;
        size_t from = at, to = end;
        while (from < to && is_blank(s[from]))
            from++;
        while (to > from && is_blank(s[to - 1]))
            to--;
        out->from[out->count] = from;
        out->n[out->count++] = to - from;
        at = end + 1;
    }
    return bars && out->count > 0;
}

/* 'l', 'c', 'r' of ":---:", or 0 if that is no cell of a separator. */
static char alignment(const char *s, size_t n)
{
    bool left = n > 0 && s[0] == ':', right = n > 1 && s[n - 1] == ':';
    for (size_t i = left; i + right < n; i++)
        if (s[i] != '-')
            return 0;
    if (n < 1u + left + right)
        return 0;
    return right ? (left ? 'c' : 'r') : 'l';
}

static bool read_separator(const char *s, size_t n, int n_columns, char *align)
{
    struct cells cells;
    if (!split(s, n, &cells) || cells.count != n_columns)
        return false;
    for (int i = 0; i < cells.count; i++) {
        align[i] = alignment(s + cells.from[i], cells.n[i]);
        if (align[i] == 0)
            return false;
    }
    return true;
}

bool markdown_is_table(const char *s, size_t n, bool *undecided)
{
    struct cells head;
    char align[MARKDOWN_COLUMNS];
    size_t first = line_length(s, n);
    *undecided = false;
    if (first > MARKDOWN_WINDOW || !split(s, first, &head))
        return false;
    size_t next = first < n ? first + 1 : n;
    size_t second = line_length(s + next, n - next);
    if (next + second == n) { /* its end is not known */
        *undecided = true;
        for (size_t i = next; i < n; i++)
            *undecided = *undecided && strchr("|-: \t", s[i]) != NULL;
    }
    return read_separator(s + next, second, head.count, align);
}

static int cell_columns(struct markdown *m, const char *s, size_t n)
{
    spans_clear(&m->scratch);
    spans_add_inline(&m->scratch, STYLE_NORMAL, s, n, 0, false);
    return wrap_columns(m->scratch.text.data, m->scratch.text.len);
}

static void widen(struct markdown *m, struct markdown_table *t, const char *s,
                  const struct cells *cells)
{
    for (int i = 0; i < cells->count && i < t->n_columns; i++) {
        int columns = cell_columns(m, s + cells->from[i], cells->n[i]);
        t->width[i] = columns > t->width[i] ? columns : t->width[i];
    }
}

static void pad(struct spans *out, int columns, size_t source)
{
    for (; columns > 0; columns--)
        spans_add(out, STYLE_NORMAL, " ", 1, source);
}

/* Puts a row with its cells under each other. */
static void put_aligned(struct markdown *m, const struct markdown_table *t,
                        enum style style, const char *s,
                        const struct cells *cells, size_t source)
{
    struct spans *out = &m->scratch;
    int edge = 0; /* the column at which the cell begins */
    spans_clear(out);
    for (int i = 0; i < cells->count; i++) {
        int width = i < t->n_columns ? t->width[i] : 0;
        pad(out, edge - wrap_columns(out->text.data, out->text.len), source);
        size_t start = out->text.len, n_spans = out->n;
        spans_add_inline(out, style, s + cells->from[i], cells->n[i],
                         source + cells->from[i], false);
        int used = wrap_columns(out->text.data + start, out->text.len - start);
        int before = width - used;
        char align = i < t->n_columns ? t->align[i] : 'l';
        if (before > 0 && align != 'l') {
            spans_cut(out, start, n_spans);
            pad(out, align == 'c' ? before / 2 : before, source);
            spans_add_inline(out, style, s + cells->from[i], cells->n[i],
                             source + cells->from[i], false);
        }
        edge += width + GAP;
        if (i + 1 < cells->count && i + 1 >= t->n_columns)
            pad(out, GAP, source);
    }
}

static void put_separator(struct markdown *m, const struct markdown_table *t,
                          size_t source)
{
    spans_clear(&m->scratch);
    for (int i = 0; i < t->n_columns; i++) {
        for (int k = 0; k < t->width[i]; k++) {
            const char *line = m->ascii ? "-" : "\u2500";
            spans_add(&m->scratch, STYLE_FAINT, line, strlen(line), source);
        }
        if (i + 1 < t->n_columns)
            pad(&m->scratch, GAP, source);
    }
    markdown_put(m, "", STYLE_NORMAL, 0, m->scratch.text.len, source);
}

/* Puts what is in m->scratch as rows, behind the first or the other prefix. */
static void put_scratch(struct markdown *m, enum style style,
                        const char *first, const char *rest, size_t source)
{
    const struct buf *text = &m->scratch.text;
    const char *prefix = first;
    size_t start = 0;
    do {
        struct wrap_line row;
        int columns = m->width - wrap_columns(prefix, strlen(prefix));
        start = wrap_break_line(text->data, text->len, start,
                                columns > 0 ? columns : 1, &row);
        markdown_put(m, prefix, style, row.start, row.n, source);
        prefix = rest;
    } while (start != WRAP_NO_LINE);
}

/* Puts a row as a record: "Header: cell" for each cell that is not empty. */
static void put_record(struct markdown *m, const struct markdown_table *t,
                       const char *s, const struct cells *cells, size_t source)
{
    struct cells head;
    const char *titles = m->source.data + t->head;
    bool any = false;
    split(titles, t->n_head, &head);
    for (int i = 0; i < cells->count; i++) {
        bool titled = i < head.count && head.n[i] > 0;
        if (cells->n[i] == 0)
            continue;
        spans_clear(&m->scratch);
        if (titled) {
            spans_add_inline(&m->scratch, STYLE_NORMAL,
                             titles + head.from[i], head.n[i], source, false);
            spans_add(&m->scratch, STYLE_NORMAL, ": ", 2, source);
        }
        spans_add_inline(&m->scratch, any ? STYLE_NORMAL : STYLE_STRONG,
                         s + cells->from[i], cells->n[i],
                         source + cells->from[i], false);
        bool narrow = m->width <= NARROW;
        put_scratch(m, STYLE_NORMAL, any && !narrow ? "  " : "",
                    narrow ? "" : "    ", source);
        any = true;
    }
}

size_t markdown_begin_table(struct markdown *m, struct markdown_block *b,
                            const char *s, size_t n, bool *open)
{
    struct markdown_table *t = &b->table;
    struct cells cells;
    size_t first = line_length(s, n), at = first + 1;
    size_t head_end = at + line_length(s + at, n - at);
    split(s, first, &cells);
    *t = (struct markdown_table){.n_columns = cells.count, .head = b->source,
                                 .n_head = first};
    read_separator(s + at, head_end - at, cells.count, t->align);
    widen(m, t, s, &cells);
    int rows = 0, total = -GAP;
    bool over = false;
    for (at = head_end + 1; at < n && rows < KNOWN_ROWS && !over; rows++) {
        size_t len = line_length(s + at, n - at);
        bool row = len <= MARKDOWN_WINDOW && split(s + at, len, &cells);
        if (row)
            widen(m, t, s + at, &cells);
        over = !row && at + len < n; /* else it may become one */
        at += len + 1;
    }
    *open = !over && rows < KNOWN_ROWS;
    for (int i = 0; i < t->n_columns; i++)
        total += t->width[i] + GAP;
    t->records = total > m->width;
    if (!t->records) {
        split(s, first, &cells);
        put_aligned(m, t, STYLE_STRONG, s, &cells, b->source);
        markdown_put(m, "", STYLE_NORMAL, 0, m->scratch.text.len, b->source);
        put_separator(m, t, b->source);
    }
    return head_end;
}

bool markdown_put_row(struct markdown *m, struct markdown_block *b,
                      const struct markdown_input *in)
{
    const struct markdown_table *t = &b->table;
    struct cells cells;
    if (in->n > MARKDOWN_WINDOW || !split(in->s, in->n, &cells))
        return false;
    if (t->records) {
        put_record(m, t, in->s, &cells, in->source);
        return true;
    }
    put_aligned(m, t, STYLE_NORMAL, in->s, &cells, in->source);
    put_scratch(m, STYLE_FAINT, "", m->ascii ? "> " : "\u21AA ", in->source);
    return true;
}
