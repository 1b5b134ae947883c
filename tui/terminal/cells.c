#include "tui/terminal/cells.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/mem.h"

/* Whether the C library gives a character our width.  Otherwise the rest of the
 * row would move. */
static bool is_shown_as(uint32_t cp, int columns)
{
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    return wcrtomb(bytes, (wchar_t)cp, &state) != (size_t)-1 &&
           wcwidth((wchar_t)cp) == columns;
}

static void show_character(int y, int x, const wchar_t *text, attr_t attributes,
                           short pair)
{
    cchar_t c;
    if (setcchar(&c, text, attributes, pair, NULL) == OK)
        mvadd_wch(y, x, &c);
}

static void show_cell(const struct looks *l, const struct cell *c, int y, int x)
{
    wchar_t text[2 + DRAW_MARKS] = {(wchar_t)c->text[0]};
    attr_t look = l->attributes[c->style];
    short pair = l->pairs[c->style];
    int columns = c->columns, n = 1;
    const uint32_t *mark = c->text + 1, *end = c->text + 1 + DRAW_MARKS;
    /* Two characters of one column (flags, Indic vowels) fill two cells. */
    bool two = mark < end && *mark != 0 && wcwidth((wchar_t)*mark) == 1 &&
               columns == 2;
    if (!is_shown_as(c->text[0], two ? 1 : columns)) {
        for (int i = 0; i < columns; i++)
            show_character(y, x + i, L"?", look, pair);
        return;
    }
    for (; mark < end && *mark != 0 && !two; mark++)
        if (is_shown_as(*mark, 0))
            text[n++] = (wchar_t)*mark;
    show_character(y, x, text, look, pair);
    if (two)
        show_character(y, x + 1, (wchar_t[2]){(wchar_t)*mark}, look, pair);
}

static void show_row(const struct looks *l, const struct cell *row, int y,
                     int columns)
{
    /* Blank first, so that no half of a wide character remains. */
    move(y, 0);
    clrtoeol();
    for (int x = 0; x < columns; x++)
        if (row[x].columns > 0 && (row[x].text[0] != ' ' || row[x].style != 0))
            show_cell(l, &row[x], y, x);
}

/* To hand curses all rows, of which it finds out the same, is most of what a
 * frame costs. */
void cells_show(struct cells *c, const struct draw *d, bool afresh)
{
    size_t n = (size_t)d->columns;
    bool all = afresh || c->rows != d->rows || c->columns != d->columns;
    if (all) {
        erase();
        c->shown = mem_realloc(c->shown, (size_t)d->rows * n,
                               sizeof(*c->shown));
        c->rows = d->rows;
        c->columns = d->columns;
    }
    for (int y = 0; y < d->rows; y++) {
        const struct cell *row = &d->cells[(size_t)y * n];
        struct cell *shown = &c->shown[(size_t)y * n];
        if (!all && memcmp(row, shown, n * sizeof(*row)) == 0)
            continue;
        show_row(&c->looks, row, y, d->columns);
        memcpy(shown, row, n * sizeof(*row));
    }
}

void cells_forget(struct cells *c)
{
    c->rows = 0;
}

void cells_free(struct cells *c)
{
    free(c->shown);
}
