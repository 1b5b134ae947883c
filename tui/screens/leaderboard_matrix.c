/* Who beat whom: a square of shares, coloured as a heat map. */
#include "tui/screens/leaderboard_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define NARROW_COLUMNS 54
#define NAME_COLUMN 6 /* behind the number */
#define NAME_SHORT 10
#define NAME_MOST 24
#define CELL 5        /* columns */

/* Shares of a model as colours: of much less than half to much more. */
static enum style heat(double share)
{
    static const enum style styles[] = {STYLE_HEAT_LOST, STYLE_HEAT_LESS,
                                        STYLE_HEAT_EVEN, STYLE_HEAT_MORE,
                                        STYLE_HEAT_WON};
    const int n = (int)(sizeof(styles) / sizeof(styles[0]));
    int at = (int)(share * n);
    return styles[at < n ? at : n - 1];
}

/* The share of 100 votes; the selected cell stands in brackets. */
static void draw_cell(const struct leaderboard_screen *l, struct draw *d,
                      const struct area *a, int row, int column, size_t i,
                      size_t k)
{
    double share = matrix_share(&l->matrix.cells[i * l->matrix.n + k]);
    bool selected = i == l->rows.at && k == l->columns.at;
    char text[16] = "";
    enum style style = STYLE_FAINT;
    if (i != k)
        snprintf(text, sizeof(text), "%3s", ".");
    if (!isnan(share)) {
        struct area cell = {a->row + row, a->column + column, 1, CELL};
        style = heat(share);
        draw_fill(d, &cell, style);
        snprintf(text, sizeof(text), "%3.0f", 100 * share);
    }
    draw_text(d, a, row, column + 1, style, text);
    if (selected) {
        draw_text(d, a, row, column, STYLE_STRONG, "[");
        draw_text(d, a, row, column + CELL - 1, STYLE_STRONG, "]");
    }
}

/* The selected pair in words. */
static void draw_pair(const struct leaderboard_screen *l, struct draw *d,
                      const struct area *a, bool narrow)
{
    const struct matrix_cell *c =
        &l->matrix.cells[l->rows.at * l->matrix.n + l->columns.at];
    const struct leaderboard_row *rows = l->board.rows;
    const int name = (a->columns - 10) / 2;
    struct buf text;
    buf_init(&text, 256);
    int end = draw_name(d, a, 0, 0, name, STYLE_STRONG, rows[l->rows.at].name);
    end = draw_text(d, a, 0, end, STYLE_FAINT, " against ");
    draw_name(d, a, 0, end, name, STYLE_STRONG, rows[l->columns.at].name);
    if (l->rows.at == l->columns.at)
        buf_add_str(&text, "A model does not meet itself.");
    else if (matrix_votes(c) == 0)
        buf_add_str(&text, "No vote between these two.");
    else
        buf_addf(&text, "%" PRIu64 " won, %" PRIu64 " lost, %" PRIu64
                 " tied%s", c->wins, c->losses, c->ties + c->bad,
                 narrow ? "" : "; the number is how many of 100 it won, ties "
                               "as half");
    draw_fit(d, a, 1, 0, a->columns, STYLE_FAINT, text.data);
    buf_free(&text);
}

void leaderboard_draw_matrix(struct leaderboard_screen *l, struct draw *d,
                             const struct area *a)
{
    bool narrow = a->columns < NARROW_COLUMNS;
    int name = narrow ? NAME_SHORT : a->columns / 4;
    name = name > NAME_MOST ? NAME_MOST : name;
    int x = NAME_COLUMN + name + 1;
    size_t n = l->matrix.n, fit = (size_t)((a->columns - x) / CELL);
    list_fit(&l->columns, (int)fit);
    list_fit(&l->rows, a->rows - 4);
    for (size_t k = l->columns.top; k < n && k < l->columns.top + fit; k++) {
        char number[24];
        snprintf(number, sizeof(number), "%zu", k + 1);
        draw_right(d, a, 0, x + (int)(k - l->columns.top + 1) * CELL - 1,
                   k == l->columns.at ? STYLE_STRONG : STYLE_FAINT, number);
    }
    int row = 1;
    for (size_t i = l->rows.top; i < n && row <= l->rows.n_shown; i++, row++) {
        char number[24];
        snprintf(number, sizeof(number), "%zu", i + 1);
        draw_right(d, a, row, 4, STYLE_FAINT, number);
        draw_name(d, a, row, NAME_COLUMN, name,
                  i == l->rows.at ? STYLE_STRONG : STYLE_NORMAL,
                  l->board.rows[i].name);
        for (size_t k = l->columns.top; k < n && k < l->columns.top + fit; k++)
            draw_cell(l, d, a, row, x + (int)(k - l->columns.top) * CELL, i, k);
    }
    struct area pair = {a->row + row + 1, a->column, 2, a->columns};
    draw_pair(l, d, &pair, narrow);
}
