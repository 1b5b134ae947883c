/* canvas: lines drawn with dots that are finer than cells.
 *
 * A cell holds 2 by 4 dots as a braille character (Unicode, block Braille
 * Patterns), or in ASCII one mark.  A cell has the style of the line drawn
 * last.  The owner of the struct owns the dots.  One thread. */
#ifndef TUI_WIDGETS_CANVAS_H
#define TUI_WIDGETS_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/terminal/draw.h"

struct canvas {
    int rows, columns;   /* cells */
    int width, height;   /* dots; the point 0, 0 is at the top left */
    bool ascii;
    uint8_t *dots;       /* [rows][columns]: a bit a dot */
    uint8_t *styles;     /* [rows][columns] */
};

/* rows and columns are at least 1. */
void canvas_init(struct canvas *c, int rows, int columns, bool ascii);
void canvas_free(struct canvas *c);

/* A line between two points; what is outside is left out. */
void canvas_line(struct canvas *c, int x0, int y0, int x1, int y1,
                 enum style style);

void canvas_draw(const struct canvas *c, struct draw *d, const struct area *a);

#endif
