/* direct: how an answer of one model is printed while it comes in.
 *
 * One thread. */
#ifndef TUI_PRINT_DIRECT_H
#define TUI_PRINT_DIRECT_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/clean.h"

/* Writes an answer to stdout as it comes: the bytes as they are, or, to a
 * terminal, cleaned. */
struct direct_printer {
    struct clean clean;
    bool terminal;
    bool wrote; /* a part of an answer */
};

void direct_print_begin(struct direct_printer *p);
void direct_print(struct direct_printer *p, const char *bytes, size_t n);
void direct_print_end(struct direct_printer *p); /* with a newline */

/* Ends an answer that fails: what follows, an error, begins a line of its own.
 * Nothing if nothing was written. */
void direct_print_stop(struct direct_printer *p);

#endif
