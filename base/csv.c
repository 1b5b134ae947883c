#include "base/csv.h"

#include <string.h>
#include <strings.h>

/* Reads the field at s[0..end) and returns where it stops: at the separator,
 * the line break, or the end.  *end is written to. */
static char *plain_field(char *s, char *end, char separator,
                         struct csv_field *f)
{
    char *p = s;
    *end = '\n';
    while (*p != separator && *p != '\n')
        p++;
    *f = (struct csv_field){.s = s, .n = (size_t)(p - s)};
    if (*p == '\n' && f->n > 0 && p[-1] == '\r')
        f->n--; /* at the end of the file too */
    return p;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The same for a field that begins with a quote; NULL if the quote is not
 * closed before the end. */
static char *quoted_field(char *s, char *end, char separator,
                          struct csv_field *f, struct csv_record *r)
{
    *f = (struct csv_field){.s = s + 1, .is_quoted = true};
    for (char *p = s + 1; p < end; p++) {
        if (*p == '\n')
            r->n_lines++;
        if (*p != '"')
            continue;
        if (p + 1 < end && p[1] == '"') {
            f->has_quotes = true;
            p++;
            continue;
        }
        f->n = (size_t)(p - f->s);
        p++;
        while (p < end && is_blank(*p) && *p != separator)
            p++;
        if (p < end && *p == '\r' && (p + 1 == end || p[1] == '\n'))
            p++;
        if (p < end && *p != separator && *p != '\n') {
            r->fault = "text behind a closing quote";
            while (p < end && *p != separator && *p != '\n')
                p++;
        }
        return p;
    }
    return NULL;
}

/* The quote that a field begins with, behind blanks; NULL: another field. */
static char *find_quote(char *s, const char *end, char separator)
{
    while (s < end && is_blank(*s) && *s != separator)
        s++;
    return s < end && *s == '"' ? s : NULL;
}

/* The same for a field with blanks before its quote.  If the quotes are not
 * around all of it, they are characters of it.  NULL: more must come to tell.
 */
static char *indented_field(char *s, char *quote, char *end, char separator,
                            struct csv_field *f, struct csv_record *r,
                            bool is_all)
{
    struct csv_record within = {.n_lines = 0};
    char *p = quoted_field(quote, end, separator, f, &within);
    if (p == NULL && !is_all)
        return NULL;
    if (p == NULL || within.fault != NULL)
        return plain_field(s, end, separator, f);
    r->n_lines += within.n_lines;
    return p;
}

bool csv_scan(struct csv_record *r, char *s, size_t n, char separator,
              bool is_all)
{
    char *end = s + n;
    r->n = 0;
    r->n_lines = 0;
    r->fault = NULL;
    for (char *p = s;; p++) {
        struct csv_field spare;
        struct csv_field *f = r->n < r->cap ? &r->fields[r->n] : &spare;
        char *quote = find_quote(p, end, separator);
        r->n++;
        if (quote != NULL && quote == p) {
            p = quoted_field(p, end, separator, f, r);
            if (p == NULL && is_all) {
                r->fault = "a quote that is never closed";
                f->n = (size_t)(end - quote - 1);
                p = end;
            }
        } else if (quote != NULL) {
            p = indented_field(p, quote, end, separator, f, r, is_all);
        } else {
            p = plain_field(p, end, separator, f);
        }
        if (p == NULL || (p >= end && !is_all))
            return false;
        if (p >= end || *p == '\n') {
            r->n_bytes = (size_t)(p - s) + (p < end);
            r->n_lines += p < end;
            return true;
        }
    }
}

void csv_cut_damage(struct csv_record *r, const char *s)
{
    const char *end = r->fault == NULL ? NULL : memchr(s, '\n', r->n_bytes);
    if (end == NULL)
        return;
    r->n_bytes = (size_t)(end - s) + 1;
    r->n_lines = 1;
}

/* A record is a line here, and the library's memchr looks at 16 bytes or more
 * at a time. */
bool csv_scan_plain(struct csv_record *r, char *s, size_t n, char separator,
                    bool is_all)
{
    char *stop = memchr(s, '\n', n);
    if (stop == NULL)
        return csv_scan(r, s, n, separator, is_all);
    r->n_bytes = (size_t)(stop - s) + 1;
    r->n_lines = 1;
    r->fault = NULL;
    if (stop > s && stop[-1] == '\r')
        stop--;
    for (r->n = 0; r->n < r->cap;) {
        char *p = memchr(s, separator, (size_t)(stop - s));
        char *field_end = p != NULL ? p : stop;
        r->fields[r->n++] =
            (struct csv_field){.s = s, .n = (size_t)(field_end - s)};
        if (p == NULL)
            break;
        s = p + 1;
    }
    return true;
}

void csv_unquote(struct csv_field *f)
{
    if (!f->is_quoted) {
        while (f->n > 0 && is_blank(f->s[f->n - 1]))
            f->n--;
        for (; f->n > 0 && is_blank(*f->s); f->n--)
            f->s++;
    }
    if (!f->has_quotes)
        return;
    size_t to = 0;
    for (size_t i = 0; i < f->n; i++) {
        f->s[to++] = f->s[i];
        if (f->s[i] == '"' && i + 1 < f->n && f->s[i + 1] == '"')
            i++;
    }
    f->n = to;
    f->has_quotes = false;
}

bool csv_is_blank(const struct csv_record *r)
{
    return r->n == 1 && r->fields[0].n == 0 && !r->fields[0].is_quoted &&
           r->fault == NULL;
}

/* Without the blanks around. */
static struct csv_field name_of(const struct csv_field *f)
{
    struct csv_field name = *f;
    for (; name.n > 0 && is_blank(name.s[0]); name.n--)
        name.s++;
    while (name.n > 0 && is_blank(name.s[name.n - 1]))
        name.n--;
    return name;
}

static bool is_name(const struct csv_field *f, const char *name, size_t n)
{
    struct csv_field x = name_of(f);
    return x.n == n && strncasecmp(x.s, name, n) == 0;
}

bool csv_is_named(const struct csv_field *f, const char *name)
{
    return is_name(f, name, strlen(name));
}

int csv_find(const struct csv_record *header, const char *name)
{
    for (int i = 0; i < header->n; i++)
        if (csv_is_named(&header->fields[i], name))
            return i;
    return -1;
}

int csv_find_again(const struct csv_record *header, int column)
{
    struct csv_field name = name_of(&header->fields[column]);
    for (int i = column + 1; i < header->n; i++)
        if (is_name(&header->fields[i], name.s, name.n))
            return i;
    return -1;
}

/* The length of the line at s[0..n), with its end. */
static size_t line_length(const char *s, size_t n)
{
    const char *end = memchr(s, '\n', n);
    return end == NULL ? n : (size_t)(end - s) + 1;
}

/* The separator that a line `sep=;` (or "sep=;") sets, or 0. */
static char read_sep(const char *s, size_t n)
{
    bool is_quoted = n > 0 && *s == '"';
    s += is_quoted;
    n -= is_quoted;
    if (n < 5 || strncasecmp(s, "sep=", 4) != 0 || s[4] == '\0' ||
        strchr(",;\t", s[4]) == NULL)
        return 0;
    for (size_t i = 5; i < n; i++)
        if (strchr(" \r\n\"", s[i]) == NULL || s[i] == '\0')
            return 0;
    return s[4];
}

size_t csv_skip_preamble(const char *s, size_t n, char *separator,
                         unsigned *n_lines)
{
    size_t at = 0;
    *separator = 0;
    *n_lines = 0;
    while (at < n) {
        size_t length = line_length(s + at, n - at), blank = 0;
        while (blank < length && strchr(" \t\r\n", s[at + blank]) != NULL &&
               s[at + blank] != '\0')
            blank++;
        char sep = blank < length ? read_sep(s + at, length) : 0;
        if (blank < length && sep == 0)
            break;
        if (sep != 0)
            *separator = sep;
        *n_lines += s[at + length - 1] == '\n';
        at += length;
    }
    return at;
}

/* How well a separator cuts a line: known fields count most, then how many
 * fields there are. */
static size_t judge_separator(const char *s, size_t n, char separator,
                              bool (*is_known)(const struct csv_field *f))
{
    const char *end = s + n;
    size_t score = 0;
    for (bool more = true; more; score++) {
        const char *stop = memchr(s, separator, (size_t)(end - s));
        more = stop != NULL;
        stop = more ? stop : end;
        struct csv_field f = {.s = (char *)s, .n = (size_t)(stop - s)};
        while (f.n > 0 && strchr(" \t\r\n\"", *f.s) != NULL)
            f.s++, f.n--;
        while (f.n > 0 && strchr(" \t\r\n\"", f.s[f.n - 1]) != NULL)
            f.n--;
        if (is_known(&f))
            score += 1 << 24;
        s = stop + 1;
    }
    return score;
}

char csv_guess_separator(const char *s, size_t n,
                         bool (*is_known)(const struct csv_field *f))
{
    n = line_length(s, n);
    size_t commas = judge_separator(s, n, ',', is_known);
    size_t semicolons = judge_separator(s, n, ';', is_known);
    size_t tabs = judge_separator(s, n, '\t', is_known);
    if (commas >= semicolons && commas >= tabs)
        return ',';
    return semicolons > tabs ? ';' : '\t';
}
