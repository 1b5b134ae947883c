#include "tui/print/table.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/names.h"
#include "tui/clean.h"
#include "tui/print/markup.h"
#include "tui/wrap.h"

#define MAX_CELL_BYTES (1 << 20)
#define MIN_NAME_COLUMNS 12
#define MIN_LAST_COLUMNS 10

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

/* How many bytes of clean text take at most `max` columns; *columns: how many
 * they take. */
static size_t fit_begin(const char *s, size_t n, int max, int *columns)
{
    size_t at = 0;
    *columns = 0;
    while (at < n) {
        int width;
        size_t more = wrap_cluster(s + at, n - at, *columns, &width);
        if (*columns + width > max)
            break;
        at += more;
        *columns += width;
    }
    return at;
}

int table_add_clipped(const char *text, int max, struct buf *out)
{
    struct buf clean;
    buf_init(&clean, MAX_CELL_BYTES);
    clean_text(text, strlen(text), true, &clean);
    int columns = wrap_columns(clean.data, clean.len);
    if (max > 0 && columns > max) {
        buf_add(out, clean.data,
                fit_begin(clean.data, clean.len, max - 1, &columns));
        buf_add_char(out, '~');
        columns++;
    } else {
        buf_add(out, clean.data, clean.len);
    }
    buf_free(&clean);
    return columns;
}

int table_add_middle(const char *text, int max, struct buf *out)
{
    struct buf clean;
    size_t begin = out->len;
    buf_init(&clean, MAX_CELL_BYTES);
    clean_text(text, strlen(text), true, &clean);
    wrap_cut_middle(clean.data, max > 0 ? max : INT_MAX, "~", out);
    buf_free(&clean);
    return wrap_columns(out->data + begin, out->len - begin);
}

static bool is_name(const struct table *t, size_t column)
{
    return t->columns[column].max == TABLE_NAME;
}

static int add_cell(const struct table_column *column, int max,
                    const char *text, struct buf *out)
{
    return column->max == TABLE_NAME ? table_add_middle(text, max, out)
                        : table_add_clipped(text, max, out);
}

static int cell_columns(const struct table_column *column, int max,
                        const char *text)
{
    struct buf b;
    buf_init(&b, MAX_CELL_BYTES);
    int columns = add_cell(column, max, text, &b);
    buf_free(&b);
    return columns;
}

static void pad(struct buf *out, int columns)
{
    for (int i = 0; i < columns; i++)
        buf_add_char(out, ' ');
}

/* How the columns of a table are laid out as text. */
struct layout {
    int width, max; /* of a column; what its cells are cut to, 0: nothing */
};

/* One line; a line's last column is not filled up. */
static void print_line(const struct table *t, const char *const *cells,
                       const struct layout *layout, struct buf *out)
{
    for (size_t i = 0; i < t->n_columns; i++) {
        const struct table_column *column = &t->columns[i];
        int fill = layout[i].width - cell_columns(column, layout[i].max,
                                                  cells[i]);
        if (i > 0)
            buf_add_str(out, "  ");
        if (column->number)
            pad(out, fill);
        add_cell(column, layout[i].max, cells[i], out);
        if (!column->number && i + 1 < t->n_columns)
            pad(out, fill);
    }
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        buf_cut(out, out->len - 1);
    buf_add_char(out, '\n');
}

/* The widest cell or title of a column whose cells are cut to `max`. */
static int column_width(const struct table *t, size_t column, int max)
{
    const struct table_column *c = &t->columns[column];
    int width = cell_columns(c, 0, c->title);
    for (size_t i = column; i < t->n_cells; i += t->n_columns) {
        int n = cell_columns(c, max, t->cells[i]);
        width = n > width ? n : width;
    }
    return width;
}

/* Whether two different cells of a column look alike if they are cut to `max`:
 * of a set of cut names and a set of whole ones one is larger. */
static bool looks_alike(const struct table *t, size_t column, int max)
{
    struct names cut, whole;
    names_init(&cut, t->n_cells + 1);
    names_init(&whole, t->n_cells + 1);
    for (size_t i = column; i < t->n_cells; i += t->n_columns) {
        struct buf b;
        buf_init(&b, MAX_CELL_BYTES);
        table_add_middle(t->cells[i], max, &b);
        names_add(&cut, b.data, b.len);
        names_add(&whole, t->cells[i], strlen(t->cells[i]));
        buf_free(&b);
    }
    bool alike = cut.n < whole.n;
    names_free(&cut);
    names_free(&whole);
    return alike;
}

/* Cuts names to what the other columns leave of the line, or not at all if they
 * could then not be told apart. */
static void cut_names(const struct table *t, struct layout *layout)
{
    int n_names = 0, room = t->width + 2;
    for (size_t i = 0; i < t->n_columns; i++) {
        n_names += is_name(t, i);
        room -= 2 + (is_name(t, i) ? 0 : layout[i].width);
    }
    for (size_t i = 0; i < t->n_columns; i++) {
        if (!is_name(t, i))
            continue;
        int max = room / n_names > MIN_NAME_COLUMNS ? room / n_names
                                                    : MIN_NAME_COLUMNS;
        n_names--;
        if (layout[i].width > max && !looks_alike(t, i, max)) {
            layout[i].max = max;
            layout[i].width = column_width(t, i, max);
        }
        room -= layout[i].width;
    }
}

/* Cuts a last column that may be cut to what is left of the line. */
static void cut_last(const struct table *t, struct layout *layout)
{
    size_t last = t->n_columns - 1;
    int room = t->width + 2;
    for (size_t i = 0; i < last; i++)
        room -= 2 + layout[i].width;
    room -= 2;
    if (t->columns[last].max <= 0 || layout[last].width <= room)
        return;
    layout[last].max = room > MIN_LAST_COLUMNS ? room : MIN_LAST_COLUMNS;
    layout[last].width = column_width(t, last, layout[last].max);
}

static void print_text(const struct table *t, const char *const *titles,
                       struct buf *out)
{
    struct layout *layout = mem_calloc(t->n_columns, sizeof(*layout));
    for (size_t i = 0; i < t->n_columns; i++) {
        layout[i].max = is_name(t, i) ? 0 : t->columns[i].max;
        layout[i].width = column_width(t, i, layout[i].max);
    }
    if (t->width > 0) {
        cut_names(t, layout);
        cut_last(t, layout);
    }
    print_line(t, titles, layout, out);
    for (size_t i = 0; i + t->n_columns <= t->n_cells; i += t->n_columns)
        print_line(t, (const char *const *)t->cells + i, layout, out);
    free(layout);
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

/* --- HTML ----------------------------------------------------------------- */

static void print_html_row(const struct table *t, const char *const *cells,
                           const char *element, struct buf *out)
{
    buf_add_str(out, "<tr>");
    for (size_t i = 0; i < t->n_columns; i++) {
        buf_addf(out, "<%s%s>", element,
                 t->columns[i].number ? " class=\"number\"" : "");
        markup_add_text(cells[i], out);
        buf_addf(out, "</%s>", element);
    }
    buf_add_str(out, "</tr>\n");
}

static void print_html(const struct table *t, const char *const *titles,
                       struct buf *out)
{
    buf_add_str(out, "<table>\n<thead>\n");
    print_html_row(t, titles, "th", out);
    buf_add_str(out, "</thead>\n<tbody>\n");
    for (size_t i = 0; i + t->n_columns <= t->n_cells; i += t->n_columns)
        print_html_row(t, (const char *const *)t->cells + i, "td", out);
    buf_add_str(out, "</tbody>\n</table>\n");
}

void table_print(const struct table *t, enum table_format format,
                 struct buf *out)
{
    const char **titles = mem_calloc(t->n_columns, sizeof(*titles));
    for (size_t i = 0; i < t->n_columns; i++)
        titles[i] = t->columns[i].title;
    if (format == TABLE_TEXT)
        print_text(t, titles, out);
    else if (format == TABLE_HTML)
        print_html(t, titles, out);
    else
        print_rows(t, titles, format, out);
    free(titles);
}
