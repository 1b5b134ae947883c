/* markup: text for HTML and SVG.  Pure; any thread. */
#ifndef TUI_PRINT_MARKUP_H
#define TUI_PRINT_MARKUP_H

#include "base/buf.h"

/* Appends a text as received so that it is text and nothing else, within an
 * element as well as within a quoted attribute: cleaned (tui/clean.h), on one
 * line, and with &, <, >, " and ' as references. */
void markup_add_text(const char *text, struct buf *out);

/* The same, in at most `columns` columns: dots stand for its middle. */
void markup_add_name(const char *text, int columns, struct buf *out);

#endif
