/* spans: a text in pieces of one style each, made from a source.
 *
 * The text differs from the source: marks of Markdown are left out, tabs become
 * spaces, and signs are added.  A span knows where in the source it comes from.
 * The owner of the struct owns the text.  One thread. */
#ifndef TUI_TEXT_SPANS_H
#define TUI_TEXT_SPANS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tui/terminal/draw.h"

struct span {
    size_t start;  /* in the text; up to the next span's start */
    size_t source; /* of its first byte */
    enum style style;
};

struct spans {
    struct buf text;
    struct span *list;
    size_t n, cap;
};

void spans_init(struct spans *s, size_t max_bytes);
void spans_free(struct spans *s);
void spans_clear(struct spans *s);

/* Cuts the text to its first `len` bytes and the list to its first n spans. */
void spans_cut(struct spans *s, size_t len, size_t n);

/* Appends bytes of a style that stand at `source`; tabs become spaces. */
void spans_add(struct spans *s, enum style style, const char *bytes, size_t n,
               size_t source);

/* Appends a part of another text with its styles. */
void spans_copy(struct spans *s, const struct spans *from, size_t start,
                size_t n);

/* Where in the source the byte `at` of the text comes from. */
size_t spans_source(const struct spans *s, size_t at);

/* Appends one line of Markdown, s[0..n) at `source`, of a base style: bold,
 * italics and code become styles.  `open`: more of the line may come, so that
 * a mark whose end is missing is taken as begun. */
void spans_add_inline(struct spans *out, enum style base, const char *s,
                      size_t n, size_t source, bool open);

#endif
