/* wrap: a text from outside as lines of a given width.
 *
 * Takes text as received, cleans it (tui/clean.h), and breaks it into lines by
 * display columns: at spaces, beside wide (CJK) characters, and inside words
 * longer than a line; never inside a grapheme cluster.  Spaces at a break
 * belong to no line.  Added text changes only the last line, so the cost of a
 * stream does not depend on what came before.  The owner of the struct owns the
 * text.  One thread. */
#ifndef TUI_WRAP_H
#define TUI_WRAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "tui/clean.h"

#define WRAP_TAB 4 /* columns between tab stops; panes are narrow */

struct wrap_line {
    size_t start; /* byte offset in the cleaned text */
    size_t n;     /* bytes, without the newline or the spaces of a break */
};

struct wrap {
    struct clean clean;
    struct buf text; /* cleaned */
    struct wrap_line *lines;
    size_t n_lines, cap;
    int width;
};

/* Lines of `width` columns, at least 1. */
void wrap_init(struct wrap *w, int width);
void wrap_free(struct wrap *w);

/* Empties it; keeps the width. */
void wrap_clear(struct wrap *w);

/* Appends bytes as received. */
void wrap_add(struct wrap *w, const char *bytes, size_t n);

/* Ends the text (see clean_end). */
void wrap_end(struct wrap *w);

/* Breaks the whole text again if the width is new. */
void wrap_set_width(struct wrap *w, int width);

/* The line that holds the byte at `offset` of the cleaned text, or the last
 * line before it.  With it, a window keeps its place over a resize. */
size_t wrap_find_line(const struct wrap *w, size_t offset);

/* Breaks off one line of at most `width` columns of cleaned text s[0..n), from
 * `start` on.  Returns where the next line starts, or WRAP_NO_LINE if the text
 * ends within this one. */
#define WRAP_NO_LINE ((size_t)-1)
size_t wrap_break_line(const char *s, size_t n, size_t start, int width,
                       struct wrap_line *line);

/* The length in bytes of the grapheme cluster at the start of cleaned text
 * s[0..n), n > 0.  *columns becomes its width if it is drawn at `column` of its
 * line (a tab reaches the next stop; a newline has 0). */
size_t wrap_cluster(const char *s, size_t n, int column, int *columns);

/* The width in columns of cleaned text on one line. */
int wrap_columns(const char *s, size_t n);

/* Appends cleaned text of one line in at most `columns` columns: if it is
 * longer, `dots` stand for its middle.  For names, which often differ only at
 * their ends. */
void wrap_cut_middle(const char *s, int columns, const char *dots,
                     struct buf *out);

#endif
