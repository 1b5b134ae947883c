/* Prompts as comma-separated values (RFC 4180): fields may be in quotes, with
 * "" for a quote, and then hold commas and line ends. */
#include "arena/run/prompts_private.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

#define MAX_COLUMNS 1000

enum column { COLUMN_PROMPT, COLUMN_ID, COLUMN_CATEGORY, COLUMN_SYSTEM,
              N_COLUMNS };

static const char *const column_names[N_COLUMNS] = {
    [COLUMN_PROMPT] = "prompt",
    [COLUMN_ID] = "id",
    [COLUMN_CATEGORY] = "category",
    [COLUMN_SYSTEM] = "system",
};

struct csv {
    const char *s, *end;
    size_t line;       /* of s */
};

enum csv_end { CSV_COMMA, CSV_LINE, CSV_FILE, CSV_BAD };

/* Reads what stands between two quotes; c->s is behind the first. */
static bool read_quoted(struct csv *c, struct buf *out)
{
    for (; c->s < c->end; c->s++) {
        if (*c->s == '"') {
            if (c->s + 1 == c->end || c->s[1] != '"') {
                c->s++;
                return true;
            }
            c->s++;
        }
        c->line += *c->s == '\n';
        buf_add_char(out, *c->s);
    }
    return false;
}

/* Reads one field and what ends it. */
static enum csv_end read_field(struct csv *c, struct buf *out)
{
    buf_clear(out);
    if (c->s < c->end && *c->s == '"') {
        c->s++;
        if (!read_quoted(c, out))
            return CSV_BAD;
    } else {
        while (c->s < c->end && strchr(",\r\n", *c->s) == NULL)
            buf_add_char(out, *c->s++);
    }
    if (c->s == c->end)
        return CSV_FILE;
    if (*c->s == ',') {
        c->s++;
        return CSV_COMMA;
    }
    if (*c->s == '\r' && c->s + 1 < c->end && c->s[1] == '\n')
        c->s++;
    if (*c->s != '\n')
        return CSV_BAD;
    c->s++;
    c->line++;
    return CSV_LINE;
}

/* Which of its columns each of ours is, -1: none.  Returns their number, 0
 * where there is no header with "prompt". */
static size_t read_header(struct csv *c, int column[N_COLUMNS])
{
    struct buf field;
    buf_init(&field, PROMPTS_MAX_BYTES);
    size_t n = 0;
    enum csv_end how = CSV_COMMA;
    for (int i = 0; i < N_COLUMNS; i++)
        column[i] = -1;
    while (how == CSV_COMMA && n < MAX_COLUMNS) {
        how = read_field(c, &field);
        for (int i = 0; i < N_COLUMNS; i++)
            if (column[i] < 0 && strcasecmp(field.data, column_names[i]) == 0)
                column[i] = (int)n;
        n++;
    }
    buf_free(&field);
    bool good = (how == CSV_LINE || how == CSV_FILE) &&
                column[COLUMN_PROMPT] >= 0;
    return good ? n : 0;
}

bool prompts_is_csv(const char *s, size_t n)
{
    int column[N_COLUMNS];
    struct csv c = {.s = s, .end = s + n};
    return read_header(&c, column) > 0;
}

/* Puts a field where it belongs. */
static void take_field(struct prompt *p, const int column[N_COLUMNS], int at,
                       const struct buf *field)
{
    if (at == column[COLUMN_PROMPT])
        prompt_add_turn(p, field->data, field->len);
    else if (at == column[COLUMN_ID] && field->len > 0)
        p->id = mem_strdup(field->data);
    else if (at == column[COLUMN_CATEGORY])
        p->category = mem_strdup(field->data);
    else if (at == column[COLUMN_SYSTEM] && field->len > 0)
        p->system = mem_strdup(field->data);
}

/* Reads one record.  0, 1 at the end of the file, or -1. */
static int read_record(struct prompts_reader *r, struct csv *c,
                       const int column[N_COLUMNS], size_t n_columns,
                       struct buf *field, struct err *e)
{
    struct prompt p = {0};
    enum csv_end how = CSV_COMMA;
    size_t n = 0;
    r->line = c->line;
    const char *begin = c->s;
    while (how == CSV_COMMA && n <= n_columns) {
        how = read_field(c, field);
        take_field(&p, column, (int)n++, field);
    }
    if (n == 1 && field->len == 0 && (how == CSV_FILE || how == CSV_LINE) &&
        *begin != '"') { /* an empty line, or the end after the last one */
        prompt_free(&p);
        return how == CSV_FILE;
    }
    int result = 0;
    if (how == CSV_BAD)
        result = prompts_fail(r, e, "a quote in this record is not closed, or "
                              "something stands behind it");
    else if (n != n_columns)
        result = prompts_fail(r, e, "%s%zu fields, the header has %zu",
                              n > n_columns ? "at least " : "", n, n_columns);
    if (result != 0) {
        prompt_free(&p);
        return -1;
    }
    if (prompts_add(r, &p, e) != 0)
        return -1;
    return how == CSV_FILE;
}

int prompts_read_csv(struct prompts_reader *r, const char *s, size_t n,
                     struct err *e)
{
    int column[N_COLUMNS];
    struct csv c = {.s = s, .end = s + n, .line = 1};
    size_t n_columns = read_header(&c, column);
    if (n_columns == 0)
        return prompts_fail(r, e, "no CSV header with \"prompt\" in it");
    struct buf field;
    buf_init(&field, PROMPTS_MAX_BYTES);
    int result = 0;
    while (result == 0 && c.s < c.end)
        result = read_record(r, &c, column, n_columns, &field, e);
    buf_free(&field);
    return result < 0 ? -1 : 0;
}
