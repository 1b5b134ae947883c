#include "tui/widgets/canvas.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"

#define DOTS_ACROSS 2
#define DOTS_DOWN 4
#define BRAILLE 0x2800 /* and the bits of its dots */

void canvas_init(struct canvas *c, int rows, int columns, bool ascii)
{
    size_t n = (size_t)rows * (size_t)columns;
    *c = (struct canvas){
        .rows = rows,
        .columns = columns,
        .width = ascii ? columns : DOTS_ACROSS * columns,
        .height = ascii ? rows : DOTS_DOWN * rows,
        .ascii = ascii,
        .dots = mem_calloc(n, 1),
        .styles = mem_calloc(n, 1),
    };
}

void canvas_free(struct canvas *c)
{
    free(c->dots);
    free(c->styles);
}

static void put(struct canvas *c, int x, int y, enum style style)
{
    static const uint8_t bits[DOTS_DOWN][DOTS_ACROSS] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (x < 0 || y < 0 || x >= c->width || y >= c->height)
        return;
    int column = c->ascii ? x : x / DOTS_ACROSS;
    int row = c->ascii ? y : y / DOTS_DOWN;
    int cell = row * c->columns + column;
    c->dots[cell] |= c->ascii ? 1 : bits[y % DOTS_DOWN][x % DOTS_ACROSS];
    c->styles[cell] = (uint8_t)style;
}

/* Bresenham's line: the error of both axes decides which one is stepped. */
void canvas_line(struct canvas *c, int x0, int y0, int x1, int y1,
                 enum style style)
{
    int dx = abs(x1 - x0), dy = -abs(y1 - y0), error = dx + dy;
    for (;;) {
        put(c, x0, y0, style);
        if (x0 == x1 && y0 == y1)
            return;
        int twice = 2 * error;
        if (twice >= dy) {
            error += dy;
            x0 += x0 < x1 ? 1 : -1;
        }
        if (twice <= dx) {
            error += dx;
            y0 += y0 < y1 ? 1 : -1;
        }
    }
}

void canvas_draw(const struct canvas *c, struct draw *d, const struct area *a)
{
    for (int row = 0; row < c->rows; row++)
        for (int column = 0; column < c->columns; column++) {
            int cell = row * c->columns + column;
            char text[UTF8_MAX_BYTES + 1] = "*";
            if (c->dots[cell] == 0)
                continue;
            if (!c->ascii)
                text[utf8_encode(BRAILLE + c->dots[cell], text)] = '\0';
            draw_text(d, a, row, column, (enum style)c->styles[cell], text);
        }
}
