/* looks: how each style is shown: attributes and colours of the terminal.
 *
 * Three tables in one: for terminals with 8 colours, with 256 or more, and
 * without any; each for a dark and a light background.  Only tty.c and cells.c
 * use it, for they know ncurses.  UI thread. */
#ifndef TUI_TERMINAL_LOOKS_H
#define TUI_TERMINAL_LOOKS_H

#include <curses.h>
#undef columns /* term.h makes macros of common words */

#include "tui/terminal/draw.h"

struct looks {
    attr_t attributes[STYLE_N];
    short pairs[STYLE_N]; /* of colours; 0: the terminal's own */
};

/* Fills `l` for the terminal that is open, which has colours if `colored`. */
void looks_choose(struct looks *l, bool colored, bool light);

/* Whether COLORFGBG, which some terminals set to the numbers of their
 * foreground and background ("0;15"), tells of a light background; -1: it tells
 * nothing. */
int looks_background(const char *colorfgbg);

/* The same of a terminal's reply to OSC 11, without its ESC and end:
 * "11;rgb:ffff/ffff/ffff" (xterm's ctlseqs, "Operating System Commands"). */
int looks_reply(const char *reply, size_t n);

#endif
