#include "tui/print/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tui/clean.h"
#include "tui/wrap.h"

#define MAX_CELL_BYTES (1 << 20)

void table_init(struct table *t, const struct table_column *columns,
                size_t n_columns)
{
    *t = (struct table){.columns = columns, .n_columns = n_columns};
}

void table_free(struct table *t)
{
    for (size_t i = 0; i < t->n_cells; i++)
        free(t->cells[i]);
    free(t->cells);
    *t = (struct table){0};
}

static void take(struct table *t, char *cell)
{
    if (t->n_cells == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 64;
        t->cells = mem_realloc(t->cells, t->cap, sizeof(*t->cells));
    }
    t->cells[t->n_cells++] = cell;
}

void table_add(struct table *t, const char *text)
{
    take(t, mem_strdup(text ? text : ""));
}

void table_addf(struct table *t, const char *fmt, ...)
{
    struct buf b;
    buf_init(&b, MAX_CELL_BYTES);
    va_list ap;
    va_start(ap, fmt);
    buf_vaddf(&b, fmt, ap);
    va_end(ap);
    take(t, buf_detach(&b));
}

/* --- text ----------------------------------------------------------------- */

int table_add_clipped(const char *text, int max, struct buf *out)
{
    struct buf clean;
    buf_init(&clean, MAX_CELL_BYTES);
    clean_text(text, strlen(text), true, &clean);
    int columns = wrap_columns(clean.data, clean.len);
    if (max > 0 && columns > max) {
        size_t at = 0, n;
        int width;
        columns = 0;
        while (n = wrap_cluster(clean.data + at, clean.len - at, columns,
                                &width), columns + width < max) {
            at += n;
            columns += width;
        }
        buf_cut(&clean, at);
        buf_add_char(&clean, '~');
        columns++;
    }
    buf_add(out, clean.data, clean.len);
    buf_free(&clean);
    return columns;
}

static int cell_columns(const char *text, int max)
{
    struct buf b;
    buf_init(&b, MAX_CELL_BYTES);
    int columns = table_add_clipped(text, max, &b);
    buf_free(&b);
    return columns;
}

static void pad(struct buf *out, int columns)
{
    for (int i = 0; i < columns; i++)
        buf_add_char(out, ' ');
}

/* One line; a line's last column is not filled up. */
static void print_line(const struct table *t, const char *const *cells,
                       const int *widths, struct buf *out)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        int fill = widths[i] - cell_columns(cells[i], t->columns[i].max);
        if (i > 0)
            buf_add_str(out, "  ");
        if (t->columns[i].number)
            pad(out, fill);
        table_add_clipped(cells[i], t->columns[i].max, out);
        if (!t->columns[i].number && i + 1 < t->n_columns)
            pad(out, fill);
    }
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        buf_cut(out, out->len - 1);
    buf_add_char(out, '\n');
}

static void print_text(const struct table *t, const char *const *titles,
                       struct buf *out)
{
    int *widths = mem_calloc(t->n_columns, sizeof(*widths));
    for (size_t i = 0; i < t->n_columns; i++)
        widths[i] = cell_columns(titles[i], 0);
    for (size_t i = 0; i < t->n_cells; i++) {
        size_t column = i % t->n_columns;
        int n = cell_columns(t->cells[i], t->columns[column].max);
        if (n > widths[column])
            widths[column] = n;
    }
    print_line(t, titles, widths, out);
    for (size_t i = 0; i + t->n_columns <= t->n_cells; i += t->n_columns)
        print_line(t, (const char *const *)t->cells + i, widths, out);
    free(widths);
}

/* --- CSV (RFC 4180) and Markdown ------------------------------------------ */

/* A text that a spreadsheet would take for a formula gets a quote in front. */
static void add_csv(const char *text, bool number, struct buf *out)
{
    struct buf clean;
    buf_init(&clean, MAX_CELL_BYTES);
    if (!number && text[0] != '\0' && strchr("=+-@\t\r", text[0]))
        buf_add_char(&clean, '\'');
    clean_text(text, strlen(text), true, &clean);
    bool quote = strpbrk(clean.data, ",\"") != NULL;
    if (quote)
        buf_add_char(out, '"');
    for (size_t i = 0; i < clean.len; i++) {
        if (clean.data[i] == '"')
            buf_add_char(out, '"');
        buf_add_char(out, clean.data[i]);
    }
    if (quote)
        buf_add_char(out, '"');
    buf_free(&clean);
}

static void add_markdown(const char *text, struct buf *out)
{
    struct buf clean;
    buf_init(&clean, MAX_CELL_BYTES);
    clean_text(text, strlen(text), true, &clean);
    for (size_t i = 0; i < clean.len; i++) {
        if (strchr("\\`*_[]<>|", clean.data[i]))
            buf_add_char(out, '\\');
        buf_add_char(out, clean.data[i]);
    }
    buf_free(&clean);
}

static void print_row(const struct table *t, const char *const *cells,
                      enum table_format format, struct buf *out)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        if (format == TABLE_CSV) {
            if (i > 0)
                buf_add_char(out, ',');
            add_csv(cells[i], t->columns[i].number, out);
        } else {
            buf_add_str(out, i > 0 ? " | " : "| ");
            add_markdown(cells[i], out);
        }
    }
    buf_add_str(out, format == TABLE_CSV ? "\n" : " |\n");
}

static void print_rows(const struct table *t, const char *const *titles,
                       enum table_format format, struct buf *out)
{
    print_row(t, titles, format, out);
    if (format == TABLE_MARKDOWN) {
        for (size_t i = 0; i < t->n_columns; i++)
            buf_add_str(out, t->columns[i].number ? "| ---: " : "| --- ");
        buf_add_str(out, "|\n");
    }
    for (size_t i = 0; i + t->n_columns <= t->n_cells; i += t->n_columns)
        print_row(t, (const char *const *)t->cells + i, format, out);
}

void table_print(const struct table *t, enum table_format format,
                 struct buf *out)
{
    const char **titles = mem_calloc(t->n_columns, sizeof(*titles));
    for (size_t i = 0; i < t->n_columns; i++)
        titles[i] = t->columns[i].title;
    if (format == TABLE_TEXT)
        print_text(t, titles, out);
    else
        print_rows(t, titles, format, out);
    free(titles);
}
