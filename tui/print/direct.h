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
};

void direct_print_begin(struct direct_printer *p);
void direct_print(struct direct_printer *p, const char *bytes, size_t n);
void direct_print_end(struct direct_printer *p); /* with a newline */

#endif
