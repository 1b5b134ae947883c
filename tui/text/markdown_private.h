/* markdown_private: the parts of the layout: markdown.c takes text and goes
 * from line to line, line.c lays out a line, table.c a table. */
#ifndef TUI_TEXT_MARKDOWN_PRIVATE_H
#define TUI_TEXT_MARKDOWN_PRIVATE_H

#include "tui/text/markdown.h"

#define MARKDOWN_WINDOW 2048 /* bytes of a line that are looked at together */

/* A line of the source, without its newline.  `whole`: its end is known. */
struct markdown_input {
    const char *s;
    size_t n, source;
    bool whole;
};

/* Appends a finished line out of m->scratch[start..start+n), behind a
 * prefix. */
void markdown_put(struct markdown *m, const char *prefix,
                  enum style prefix_style, size_t start, size_t n,
                  size_t source);

/* Lays out the text of a line by b->shape, from b->source on.  Long ones are
 * done window by window: `commit` is called when a part of it is final. */
void markdown_put_text(struct markdown *m, struct markdown_block *b,
                       const struct markdown_input *in,
                       void (*commit)(struct markdown *,
                                      struct markdown_block *));

/* Finds out what a line of an answer is: sets b->shape and the block state, and
 * *n_marks to the bytes before its text.  A rule or fence has no text: puts it
 * and returns true. */
bool markdown_begin_line(struct markdown *m, struct markdown_block *b,
                         const struct markdown_input *in, size_t *n_marks);

/* The shape of a line of a plain part, or of an answer's source. */
struct markdown_shape markdown_plain_shape(const struct markdown_part *part);

/* A faint rule, with a word in it if that is not empty. */
void markdown_put_rule(struct markdown *m, const char *word, size_t n,
                       size_t source);

/* Whether the header at s[0..n) and the line after it begin a table.  Sets
 * *undecided if more text could make them one. */
bool markdown_is_table(const char *s, size_t n, bool *undecided);

/* Begins a table: finds its widths out of the rows in s[0..n), of which the
 * first two are header and separator, and puts the header.  Returns the bytes
 * of these two; *open is set if the rows reach the end of s, and are few. */
size_t markdown_begin_table(struct markdown *m, struct markdown_block *b,
                            const char *s, size_t n, bool *open);

/* Puts a row, in->s[0..in->n).  Returns false if it is none: the table is
 * over. */
bool markdown_put_row(struct markdown *m, struct markdown_block *b,
                      const struct markdown_input *in);

#endif
