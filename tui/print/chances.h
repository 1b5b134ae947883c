/* chances: how sure a model was of its answer, in words.  Any thread. */
#ifndef TUI_PRINT_CHANCES_H
#define TUI_PRINT_CHANCES_H

#include "base/buf.h"

/* Appends "14 of 310 tokens under 50%", of a line of backends/chances.h; "not
 * known" of "". */
void chances_describe(const char *line, struct buf *out);

#endif
