/* csv: text in rows and columns (RFC 4180), and what is met in its place: bare
 * LF, `;` or tab for the comma, no final line break, blank lines, blanks around
 * a field and around the quotes of one.
 *
 * Knows nothing of what the rows mean.  Fields point into the caller's bytes;
 * nothing is copied or allocated.  Pure; any thread. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

struct csv_field {
    char *s;
    size_t n;
    bool is_quoted;
    bool has_quotes; /* "" inside stand for one: csv_unquote */
};

struct csv_record {
    struct csv_field *fields; /* the caller's, room for `cap` */
    int cap;
    int n;             /* fields; csv_scan counts those beyond cap too */
    size_t n_bytes;    /* line break included */
    unsigned n_lines;  /* line breaks in it */
    const char *fault; /* why it is not well formed; NULL: it is */
};

/* Reads the record at the front of s[0..n); s[n] must be there and is written
 * to.  `is_all`: nothing follows s[n-1].  False if the bytes end before the
 * record does and more may come. */
bool csv_scan(struct csv_record *r, char *s, size_t n, char separator,
              bool is_all);

/* Makes a record that a damaged quote let run over line breaks end at the
 * first: the rows below are not damaged.  `s` is the start of the record. */
void csv_cut_damage(struct csv_record *r, const char *s);

/* The same as csv_scan, faster, for bytes without a quote.  Fields beyond cap
 * are neither looked for nor counted. */
bool csv_scan_plain(struct csv_record *r, char *s, size_t n, char separator,
                    bool is_all);

/* Makes a field what it stands for, in place: "" becomes ", and blanks around
 * it go unless it is quoted. */
void csv_unquote(struct csv_field *f);

/* Whether a field stands for itself already, as is usual. */
static inline bool csv_is_plain(const struct csv_field *f)
{
    return !f->is_quoted && !f->has_quotes && f->n > 0 && f->s[0] > ' ' &&
           f->s[f->n - 1] > ' ';
}

/* Whether an unquoted record is an empty line. */
bool csv_is_blank(const struct csv_record *r);

/* Whether an unquoted field is this name, in any case of its letters and with
 * blanks around. */
bool csv_is_named(const struct csv_field *f, const char *name);

/* The first column with this name in an unquoted header, or -1. */
int csv_find(const struct csv_record *header, const char *name);

/* The next column with the name of `column`, or -1: whoever reads by name would
 * lose one of the two. */
int csv_find_again(const struct csv_record *header, int column);

/* How many bytes of s[0..n) stand before the header: empty lines, and the line
 * sep=; that spreadsheets write, which sets *separator (else 0).  *n_lines are
 * the line breaks in them. */
size_t csv_skip_preamble(const char *s, size_t n, char *separator,
                         unsigned *n_lines);

/* Which of , ; and tab separates the columns of a header, the line at the front
 * of s[0..n).  The one between which most fields satisfy is_known wins, then
 * the one that makes most fields. */
char csv_guess_separator(const char *s, size_t n,
                         bool (*is_known)(const struct csv_field *f));

#endif
