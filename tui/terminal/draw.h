/* draw: the cells of a screen, in memory.
 *
 * Screens draw only here.  tui/terminal/tty.h shows the cells on the terminal,
 * and tests dump them.  Text must be cleaned (tui/clean.h), except our own
 * literals.  Drawing fills cells of one row, clipped to an area.  If one half
 * of a wide character is drawn over, the other half goes, too.  A style names a
 * meaning; tty.h chooses its colour.  The owner of the struct owns the cells.
 * One thread. */
#ifndef TUI_TERMINAL_DRAW_H
#define TUI_TERMINAL_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum style {
    STYLE_NORMAL,
    STYLE_FAINT,  /* borders, hints, side notes */
    STYLE_STRONG, /* names, titles */
    STYLE_BAR,    /* the bar at the top */
    STYLE_KEY,    /* a key in the footer */
    STYLE_FOCUS,  /* the border of the focused pane */
    STYLE_GOOD,   /* the winner, a gain */
    STYLE_BAD,    /* a loss, an error */
    STYLE_CURSOR, /* the selected row of a list */
    STYLE_FOUND,  /* a search hit */
    /* in answers */
    STYLE_HEADING,
    STYLE_EMPHASIS,
    STYLE_BOTH,   /* emphasis in strong text */
    STYLE_CODE,   /* in a line of prose */
    STYLE_KEYWORD,
    STYLE_STRING,
    STYLE_NUMBER,
    STYLE_COMMENT,
    /* tokens that a model was less sure of, and least */
    STYLE_UNSURE,
    STYLE_GUESS,
    STYLE_WILD,
    /* cells of a heat map: from a model that lost most to one that won most */
    STYLE_HEAT_LOST,
    STYLE_HEAT_LESS,
    STYLE_HEAT_EVEN,
    STYLE_HEAT_MORE,
    STYLE_HEAT_WON,
    STYLE_N
};

#define DRAW_MARKS 4 /* combining marks on a character; clean.h drops more */

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

/* Empties all cells, and takes a new size. */
void draw_reset(struct draw *d, int rows, int columns);

/* A rectangle.  All drawing is clipped to one. */
struct area {
    int row, column, rows, columns;
};

/* Draws cleaned text into one row of an area, starting at `column` of the area,
 * up to a newline or the edge.  A tab reaches the next stop (tui/wrap.h).
 * Returns the column after the text. */
int draw_bytes(struct draw *d, const struct area *a, int row, int column,
               enum style style, const char *s, size_t n);
int draw_text(struct draw *d, const struct area *a, int row, int column,
              enum style style, const char *s);

/* The same in at most `columns` columns; text that is cut ends in "…". */
int draw_fit(struct draw *d, const struct area *a, int row, int column,
             int columns, enum style style, const char *s);

/* The same for a name as received, which is cleaned; its middle is cut. */
int draw_name(struct draw *d, const struct area *a, int row, int column,
              int columns, enum style style, const char *name);

/* Right-aligned: the text ends before `column`. */
void draw_right(struct draw *d, const struct area *a, int row, int column,
                enum style style, const char *s);

/* Fills an area with blanks of a style. */
void draw_fill(struct draw *d, const struct area *a, enum style style);

/* Changes the style of the cells of an area. */
void draw_restyle(struct draw *d, const struct area *a, enum style style);

/* A frame around an area.  Returns the area inside. */
struct area draw_frame(struct draw *d, const struct area *a,
                       enum style style);

/* A line across the area's row. */
void draw_rule(struct draw *d, const struct area *a, int row,
               enum style style);

/* Our own signs; in ASCII if d->ascii is set. */
enum sign { SIGN_DOTS, SIGN_PROMPT, SIGN_MORE, SIGN_ARROW, SIGN_MINUS,
            SIGN_DOT, SIGN_CARET, SIGN_N };
const char *draw_sign(const struct draw *d, enum sign s);

void draw_cursor(struct draw *d, const struct area *a, int row, int column);

/* Appends the cells as text: a line per row, without spaces at its end. */
void draw_dump(const struct draw *d, struct buf *out);

#endif
