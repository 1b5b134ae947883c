#include "arena/run/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/mem.h"

#define MAX_COLUMNS 1000

enum column { COLUMN_PROMPT, COLUMN_ID, COLUMN_CATEGORY, COLUMN_SYSTEM,
              COLUMN_REFERENCE, N_COLUMNS };

static const char *const column_names[N_COLUMNS] = {
    [COLUMN_PROMPT] = "prompt",
    [COLUMN_ID] = "id",
    [COLUMN_CATEGORY] = "category",
    [COLUMN_SYSTEM] = "system",
    [COLUMN_REFERENCE] = "reference",
};

struct table {
    char *bytes;             /* a copy, which fields are unquoted in */
    char *s, *end;           /* what is not read yet */
    char separator;
    struct csv_record record;
    int n_columns;           /* of the header; 0: no "prompt" in it */
    int column[N_COLUMNS];   /* where each of ours is; -1: nowhere */
    size_t line;             /* of s */
};

static bool is_prompt_column(const struct csv_field *f)
{
    return csv_is_named(f, column_names[COLUMN_PROMPT]);
}

/* The next record, unquoted; false at the end. */
static bool next_record(struct table *t)
{
    if (t->s == t->end)
        return false;
    csv_scan(&t->record, t->s, (size_t)(t->end - t->s), t->separator, true);
    t->s += t->record.n_bytes;
    t->line += t->record.n_lines;
    for (int i = 0; i < t->record.n && i < MAX_COLUMNS; i++)
        csv_unquote(&t->record.fields[i]);
    return true;
}

/* Reads the header.  0, or -1: no memory. */
static int open_table(struct table *t, const char *s, size_t n)
{
    unsigned n_lines;
    *t = (struct table){.bytes = mem_try(n + 1, 1)};
    if (t->bytes == NULL)
        return -1;
    memcpy(t->bytes, s, n);
    t->s = t->bytes + csv_skip_preamble(t->bytes, n, &t->separator, &n_lines);
    t->end = t->bytes + n;
    t->line = 1 + n_lines;
    if (t->separator == 0)
        t->separator = csv_guess_separator(t->s, (size_t)(t->end - t->s),
                                           is_prompt_column);
    t->record.cap = MAX_COLUMNS;
    t->record.fields = mem_calloc(MAX_COLUMNS, sizeof(*t->record.fields));
    if (!next_record(t) || t->record.n > MAX_COLUMNS ||
        t->record.fault != NULL)
        return 0;
    for (int k = 0; k < N_COLUMNS; k++)
        t->column[k] = csv_find(&t->record, column_names[k]);
    if (t->column[COLUMN_PROMPT] >= 0)
        t->n_columns = t->record.n;
    return 0;
}

static void close_table(struct table *t)
{
    free(t->record.fields);
    free(t->bytes);
}

bool prompts_is_csv(const char *s, size_t n)
{
    struct table t;
    bool is_csv = open_table(&t, s, n) == 0 && t.n_columns > 0;
    close_table(&t);
    return is_csv;
}

/* The text of one of our columns, or NULL if the record has none. */
static char *text_of(const struct table *t, enum column column)
{
    if (t->column[column] < 0)
        return NULL;
    const struct csv_field *f = &t->record.fields[t->column[column]];
    return f->n == 0 ? NULL : mem_strndup(f->s, f->n);
}

static int read_record(struct prompts_reader *r, const struct table *t,
                       struct err *e)
{
    const struct csv_record *record = &t->record;
    if (csv_is_blank(record))
        return 0;
    if (record->fault != NULL)
        return reader_fail(r, e, "%s", record->fault);
    if (record->n != t->n_columns)
        return reader_fail(r, e, "%d fields, the header has %d", record->n,
                           t->n_columns);
    struct prompt p = {.id = text_of(t, COLUMN_ID),
                       .category = text_of(t, COLUMN_CATEGORY),
                       .system = text_of(t, COLUMN_SYSTEM)};
    const struct csv_field *f = &record->fields[t->column[COLUMN_PROMPT]];
    char *reference = text_of(t, COLUMN_REFERENCE);
    prompt_add_turn(&p, f->s, f->n);
    if (reference != NULL)
        prompt_add_reference(&p, 0, reference);
    free(reference);
    return reader_add(r, &p, e);
}

int prompts_read_csv(struct prompts_reader *r, const char *s, size_t n,
                     struct err *e)
{
    struct table t;
    int result = open_table(&t, s, n);
    if (result != 0)
        err_set(e, ERR_FAILURE, "%s: not enough memory", r->name);
    else if (t.n_columns == 0)
        result = reader_fail(r, e, "no CSV header with \"prompt\" in it");
    while (result == 0) {
        r->line = t.line;
        if (!next_record(&t))
            break;
        result = read_record(r, &t, e);
    }
    close_table(&t);
    return result;
}
