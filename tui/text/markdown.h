/* markdown: an answer as lines of a given width, with light Markdown.
 *
 * Takes bytes as received, cut anywhere, and cleans them (tui/clean.h).
 * Headings, bold, italics, lists, quotes and code become styles; fenced code is
 * never word-wrapped, and its tokens are coloured (tui/text/code.h); tables are
 * aligned if they fit, else each row becomes a record.  Newlines stay, and so
 * does everything that is not clearly Markdown.  Both sides of a battle are
 * laid out by the same rules.
 *
 * What is laid out for good stays: added text costs what it adds, and at most
 * one line or table (its first 64 rows) is laid out anew.  A text consists of
 * parts: answers, and texts of ours that are no Markdown.  The owner of the
 * struct owns the text.  One thread. */
#ifndef TUI_TEXT_MARKDOWN_H
#define TUI_TEXT_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/clean.h"
#include "tui/text/code.h"
#include "tui/text/spans.h"

struct markdown_line {
    size_t start, n; /* bytes of out.text */
    size_t span;     /* of out.list: the one that holds `start` */
    size_t source;   /* where in the source it comes from */
};

struct markdown_part {
    size_t start;     /* in the source */
    bool plain;       /* no Markdown */
    enum style style; /* of a plain one */
    size_t hang;      /* of a plain one: columns before rows after the first */
};

#define MARKDOWN_COLUMNS 16 /* of a table; one with more is left as it is */
#define MARKDOWN_PREFIX 48  /* bytes before the text of a line */

/* How a line is laid out: what stands before its text, in its first row and in
 * the others. */
struct markdown_shape {
    char first[MARKDOWN_PREFIX], rest[MARKDOWN_PREFIX];
    enum style prefix, base;
    bool marks;  /* *, _ and ` have a meaning */
    bool code;   /* is cut at the width, not at words */
};

struct markdown_table {
    int n_columns; /* 0: not in a table */
    int width[MARKDOWN_COLUMNS];
    char align[MARKDOWN_COLUMNS]; /* 'l', 'c' or 'r' */
    bool records;                 /* too wide: one record a row */
    size_t head, n_head;          /* the header row in the source */
};

/* Where the layout is, between two lines. */
struct markdown_block {
    size_t source; /* laid out up to here */
    size_t part;
    char fence;    /* the mark of an open fence; 0: none is open */
    size_t n_fence, fence_indent;
    const struct code_language *language;
    struct code_state code;
    bool in_list;
    bool in_line;  /* in the middle of a long line, with this shape */
    struct markdown_shape shape;
    struct markdown_table table;
    size_t n_lines, n_text, n_spans; /* what is laid out */
};

struct markdown {
    struct clean clean;
    struct buf source; /* cleaned */
    struct markdown_part *parts;
    size_t n_parts, cap_parts;
    int width;
    bool ascii, as_source;
    bool ended;        /* nothing will be added to the last part */
    /* the layout */
    struct markdown_line *lines;
    size_t n_lines, cap_lines;
    struct spans out, scratch;
    struct markdown_block done; /* laid out for good */
};

void markdown_init(struct markdown *m, int width);
void markdown_free(struct markdown *m);

/* Empties it; keeps how it is laid out. */
void markdown_clear(struct markdown *m);

/* Ends the part before and begins another, on a line of its own: an answer, or
 * a plain text of a style.  Of a line of the latter that takes several rows,
 * those after the first are set in by `hang` columns. */
void markdown_begin_answer(struct markdown *m);
void markdown_begin_plain(struct markdown *m, enum style style, size_t hang);

/* Appends bytes as received to the part. */
void markdown_add(struct markdown *m, const char *bytes, size_t n);

/* Ends the part. */
void markdown_end(struct markdown *m);

/* Lays all of it out anew if something is new: the width in columns (at least
 * 1), the source instead of Markdown, signs of ASCII only. */
void markdown_set_layout(struct markdown *m, int width, bool as_source,
                         bool ascii);

/* The line that shows the byte `source` of the source, or the last before. */
size_t markdown_find_line(const struct markdown *m, size_t source);

#endif
