/* draw: a screenful of cells in memory.
 *
 * Screens draw here and nowhere else; tui/terminal/tty.h brings the cells to
 * the terminal, and tests dump them.  Text must come from tui/clean.h (our own
 * literals aside): what is drawn can only fill cells, never leave its row, and
 * is clipped to the rows and columns it is given.  A wide character whose other
 * half is drawn over disappears whole. Colours are asked for by meaning; the
 * terminal decides how they look. The owner of the struct owns the cells.  One
 * thread. */
#ifndef TUI_TERMINAL_DRAW_H
#define TUI_TERMINAL_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum style {
    STYLE_NORMAL,
    STYLE_FAINT,  /* borders, hints, what is only there if looked for */
    STYLE_STRONG, /* names, titles */
    STYLE_BAR,    /* the bar at the top */
    STYLE_KEY,    /* a key in the footer */
    STYLE_FOCUS,  /* the border of what has the focus */
    STYLE_GOOD,   /* the winner, a gain */
    STYLE_BAD,    /* a loss, an error */
    STYLE_CURSOR, /* the selected row of a list */
    STYLE_FOUND,  /* a search hit */
    STYLE_N
};

#define DRAW_MARKS 4 /* combining ones on a character, as clean lets pass */

struct cell {
    uint32_t text[1 + DRAW_MARKS]; /* base and marks, 0-ended; ' ': empty */
    uint8_t style;
    uint8_t columns; /* 1 or 2; 0: the right half of a wide one */
};

struct draw {
    struct cell *cells; /* [rows][columns] */
    int rows, columns;
    int cursor_row, cursor_column; /* -1: hidden */
    bool ascii; /* borders and signs of ASCII only */
};

void draw_init(struct draw *d);
void draw_free(struct draw *d);

/* Empties all cells, at a new size where it differs. */
void draw_reset(struct draw *d, int rows, int columns);

/* A rectangle; everything below is clipped to one. */
struct area {
    int row, column, rows, columns;
};

/* Draws cleaned text into one row of an area, from `column` of the area on, up
 * to a newline or the edge.  Tabs reach to the next stop (tui/wrap.h).
 * Returns the column after the last one drawn. */
int draw_bytes(struct draw *d, const struct area *a, int row, int column,
               enum style style, const char *s, size_t n);
int draw_text(struct draw *d, const struct area *a, int row, int column,
              enum style style, const char *s);

/* The same for text that may be too long: ends in "…" where it is cut. */
int draw_fit(struct draw *d, const struct area *a, int row, int column,
             int columns, enum style style, const char *s);

/* Right-aligned: the text ends before `column`. */
void draw_right(struct draw *d, const struct area *a, int row, int column,
                enum style style, const char *s);

/* Fills an area with blanks of a style. */
void draw_fill(struct draw *d, const struct area *a, enum style style);

/* Gives the cells of an area another style. */
void draw_restyle(struct draw *d, const struct area *a, enum style style);

/* A frame around an area.  Returns the area inside. */
struct area draw_frame(struct draw *d, const struct area *a,
                       enum style style);

/* A line across the area's row. */
void draw_rule(struct draw *d, const struct area *a, int row,
               enum style style);

/* Our own signs, in ASCII where need be. */
enum sign { SIGN_DOTS, SIGN_PROMPT, SIGN_MORE, SIGN_ARROW, SIGN_MINUS,
            SIGN_DOT, SIGN_CARET, SIGN_N };
const char *draw_sign(const struct draw *d, enum sign s);

void draw_cursor(struct draw *d, const struct area *a, int row, int column);

/* The cells as text, one row a line, spaces at the end of a row cut. */
void draw_dump(const struct draw *d, struct buf *out);

#endif
