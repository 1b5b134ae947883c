/* clipboard: what a terminal is sent to put a text into the clipboard.
 *
 * OSC 52 (xterm's ctlseqs, "Manipulate Selection Data"): outward only; the
 * clipboard is never asked for.  Pure; any thread. */
#ifndef TUI_TERMINAL_CLIPBOARD_H
#define TUI_TERMINAL_CLIPBOARD_H

#include <stddef.h>

#include "base/buf.h"

/* Appends the sequence for text[0..n), of which base64 lets no byte act. */
void clipboard_sequence(const char *text, size_t n, struct buf *out);

#endif
