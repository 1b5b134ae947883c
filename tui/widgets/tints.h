/* tints: which bytes of a pane's text its model was less sure of.
 *
 * Places are bytes of the cleaned source (tui/text/markdown.h), so a tint stays
 * where it belongs however the text is laid out.  The owner of the struct owns
 * the list.  One thread. */
#ifndef TUI_WIDGETS_TINTS_H
#define TUI_WIDGETS_TINTS_H

#include <stddef.h>

#include "tui/terminal/draw.h"

struct tint {
    size_t start; /* up to the next tint's start */
    enum style style; /* STYLE_NORMAL: none */
};

struct tints {
    struct tint *list;
    size_t n;
};

void tints_free(struct tints *t);
void tints_clear(struct tints *t);

/* Adds the tokens of an answer whose cleaned text begins at `start`, behind
 * those added before: bytes[0..n) as received, of which the first `skip` are
 * not shown; `line` is of backends/chances.h. */
void tints_add(struct tints *t, size_t start, const char *bytes, size_t n,
               size_t skip, const char *line);

/* The tint of a byte of the source. */
enum style tints_at(const struct tints *t, size_t source);

#endif
