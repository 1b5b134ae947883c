#include "tui/terminal/draw.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tui/clean.h"
#include "tui/wrap.h"

void draw_init(struct draw *d)
{
    *d = (struct draw){.cursor_row = -1};
}

void draw_free(struct draw *d)
{
    free(d->cells);
    draw_init(d);
}

void draw_reset(struct draw *d, int rows, int columns)
{
    if (rows < 1)
        rows = 1;
    if (columns < 1)
        columns = 1;
    if (rows != d->rows || columns != d->columns) {
        d->cells = mem_realloc(d->cells, (size_t)rows * (size_t)columns,
                               sizeof(*d->cells));
        d->rows = rows;
        d->columns = columns;
    }
    d->cursor_row = d->cursor_column = -1;
    struct cell empty;
    memset(&empty, 0, sizeof(empty)); /* cells are compared as bytes */
    empty.text[0] = ' ';
    empty.columns = 1;
    for (size_t i = 0; i < (size_t)rows * (size_t)columns; i++)
        d->cells[i] = empty;
}

static struct cell *cell_at(const struct draw *d, int row, int column)
{
    return &d->cells[row * d->columns + column];
}

static void blank(struct cell *c)
{
    c->text[0] = ' ';
    c->text[1] = 0;
    c->columns = 1;
}

/* Empties a cell, and the other half of a wide character that was in it. */
static struct cell *claim(struct draw *d, int row, int column)
{
    struct cell *c = cell_at(d, row, column);
    if (c->columns == 0 && column > 0)
        blank(c - 1);
    if (c->columns == 2 && column + 1 < d->columns)
        blank(c + 1);
    blank(c);
    return c;
}

/* The part of an area's row that is on the screen; false if there is none. */
static bool clip(const struct draw *d, const struct area *a, int row,
                 int *left, int *right)
{
    int y = a->row + row;
    if (row < 0 || row >= a->rows || y < 0 || y >= d->rows)
        return false;
    *left = a->column < 0 ? 0 : a->column;
    *right = a->column + a->columns;
    if (*right > d->columns)
        *right = d->columns;
    return *left < *right;
}

/* Puts a cluster of `columns` columns into its cells. */
static void put_cluster(struct draw *d, int row, int column, int columns,
                        enum style style, const char *s, size_t n)
{
    struct cell *c = claim(d, row, column);
    c->style = (uint8_t)style;
    if (columns > 1) {
        struct cell *half = claim(d, row, column + 1);
        half->style = (uint8_t)style;
        half->text[0] = 0;
        half->columns = 0;
    }
    c->columns = (uint8_t)columns;
    int used = 0;
    for (; n > 0 && used <= DRAW_MARKS; used++) {
        size_t len = utf8_decode(s, n, &c->text[used]);
        s += len;
        n -= len;
    }
    if (used <= DRAW_MARKS)
        c->text[used] = 0;
}

/* Most of any text: one column, and nothing combines with it. */
static bool is_plain(const char *s, size_t n)
{
    return s[0] >= ' ' && s[0] < 0x7F && (n == 1 || (s[1] & 0x80) == 0);
}

int draw_bytes(struct draw *d, const struct area *a, int row, int column,
               enum style style, const char *s, size_t n)
{
    int left, right, first = column;
    if (!clip(d, a, row, &left, &right))
        return column;
    while (n > 0 && s[0] != '\n') {
        int columns = 1;
        bool plain = is_plain(s, n);
        size_t len = plain ? 1 : wrap_cluster(s, n, column - first, &columns);
        int x = a->column + column;
        if (x + columns > right && s[0] != '\t')
            break;
        for (int i = 0; s[0] == '\t' && i < columns && x + i < right; i++)
            if (x + i >= left)
                claim(d, a->row + row, x + i)->style = (uint8_t)style;
        if (plain && x >= left) {
            struct cell *c = claim(d, a->row + row, x);
            c->text[0] = (uint32_t)s[0];
            c->style = (uint8_t)style;
        } else if (s[0] != '\t' && columns > 0 && x >= left) {
            put_cluster(d, a->row + row, x, columns, style, s, len);
        }
        column += columns;
        s += len;
        n -= len;
    }
    return column;
}

int draw_text(struct draw *d, const struct area *a, int row, int column,
              enum style style, const char *s)
{
    return draw_bytes(d, a, row, column, style, s, strlen(s));
}

int draw_fit(struct draw *d, const struct area *a, int row, int column,
             int columns, enum style style, const char *s)
{
    size_t n = strlen(s), at = 0, cut = 0;
    int used = 0, width;
    const char *dots = draw_sign(d, SIGN_DOTS);
    int room = columns - wrap_columns(dots, strlen(dots));
    while (at < n && s[at] != '\n') {
        at += wrap_cluster(s + at, n - at, used, &width);
        used += width;
        if (used <= room)
            cut = at;
        if (used > columns)
            break;
    }
    if (used <= columns && (at == n || s[at] != '\n'))
        return draw_bytes(d, a, row, column, style, s, at);
    column = draw_bytes(d, a, row, column, style, s, cut);
    return room >= 0 ? draw_text(d, a, row, column, style, dots) : column;
}

int draw_name(struct draw *d, const struct area *a, int row, int column,
              int columns, enum style style, const char *name)
{
    struct buf clean, cut;
    buf_init(&clean, 4096);
    buf_init(&cut, 4096);
    clean_text(name, strlen(name), true, &clean);
    wrap_cut_middle(clean.data, columns, draw_sign(d, SIGN_DOTS), &cut);
    column = draw_text(d, a, row, column, style, cut.data);
    buf_free(&clean);
    buf_free(&cut);
    return column;
}

void draw_right(struct draw *d, const struct area *a, int row, int column,
                enum style style, const char *s)
{
    int start = column - wrap_columns(s, strlen(s));
    draw_text(d, a, row, start, style, s);
}

void draw_fill(struct draw *d, const struct area *a, enum style style)
{
    int left, right;
    for (int row = 0; row < a->rows; row++)
        if (clip(d, a, row, &left, &right))
            for (int x = left; x < right; x++)
                claim(d, a->row + row, x)->style = (uint8_t)style;
}

void draw_restyle(struct draw *d, const struct area *a, enum style style)
{
    int left, right;
    for (int row = 0; row < a->rows; row++)
        if (clip(d, a, row, &left, &right))
            for (int x = left; x < right; x++)
                cell_at(d, a->row + row, x)->style = (uint8_t)style;
}

void draw_rule(struct draw *d, const struct area *a, int row, enum style style)
{
    for (int x = 0; x < a->columns; x++)
        draw_text(d, a, row, x, style, d->ascii ? "-" : "\u2500");
}

struct area draw_frame(struct draw *d, const struct area *a, enum style style)
{
    static const char *const round[] = {"\u256D", "\u256E", "\u2570", "\u256F",
                                        "\u2502"};
    static const char *const plain[] = {"+", "+", "+", "+", "|"};
    const char *const *edge = d->ascii ? plain : round;
    int bottom = a->rows - 1, right = a->columns - 1;
    draw_rule(d, a, 0, style);
    draw_rule(d, a, bottom, style);
    for (int y = 1; y < bottom; y++) {
        draw_text(d, a, y, 0, style, edge[4]);
        draw_text(d, a, y, right, style, edge[4]);
    }
    draw_text(d, a, 0, 0, style, edge[0]);
    draw_text(d, a, 0, right, style, edge[1]);
    draw_text(d, a, bottom, 0, style, edge[2]);
    draw_text(d, a, bottom, right, style, edge[3]);
    return (struct area){.row = a->row + 1, .column = a->column + 1,
                         .rows = a->rows - 2, .columns = a->columns - 2};
}

const char *draw_sign(const struct draw *d, enum sign s)
{
    static const char *const signs[SIGN_N][2] = {
        [SIGN_DOTS] = {"\u2026", "..."},  [SIGN_PROMPT] = {"\u203A", ">"},
        [SIGN_MORE] = {"\u2193", "v"},    [SIGN_ARROW] = {"\u2192", "->"},
        [SIGN_MINUS] = {"\u2212", "-"},   [SIGN_DOT] = {"\u00B7", "-"},
        [SIGN_CARET] = {"\u258C", "_"},
    };
    return signs[s][d->ascii];
}

void draw_cursor(struct draw *d, const struct area *a, int row, int column)
{
    int left, right;
    if (!clip(d, a, row, &left, &right))
        return;
    d->cursor_row = a->row + row;
    d->cursor_column = a->column + column;
    if (d->cursor_column >= right)
        d->cursor_column = right - 1;
}

void draw_dump(const struct draw *d, struct buf *out)
{
    for (int y = 0; y < d->rows; y++) {
        size_t last = out->len; /* after the last cell that is not blank */
        for (int x = 0; x < d->columns; x++) {
            const struct cell *c = cell_at(d, y, x);
            for (int i = 0; i <= DRAW_MARKS && c->text[i] != 0; i++)
                buf_add_utf8(out, c->text[i]);
            if (c->text[0] != ' ' && c->text[0] != 0)
                last = out->len;
        }
        buf_cut(out, last);
        buf_add_char(out, '\n');
    }
}
