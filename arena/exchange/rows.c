#include "arena/exchange/rows.h"

#include <string.h>

#include "arena/votelog/columns.h"
#include "base/utf8.h"

static int next_record(struct rows *r, struct csv_record *record,
                       struct err *e)
{
    *record =
        (struct csv_record){.fields = r->fields, .cap = ROWS_MAX_FIELDS + 1};
    return votelog_csv_record(r->window, r->separator, r->path, record, e);
}

/* Two columns of one name that is read: one of them would be lost. */
static int check_names(const struct rows *r, const struct csv_record *header,
                       bool (*is_known)(const struct csv_field *f),
                       struct err *e)
{
    for (int k = 0; k < header->n; k++)
        if (is_known(&header->fields[k]) && csv_find_again(header, k) >= 0)
            return err_set(e, ERR_FORMAT, "%s: two columns are called \"%.*s\"; "
                           "take one of them out of the file", r->path,
                           (int)header->fields[k].n, header->fields[k].s);
    return 0;
}

int rows_begin(struct rows *r, struct window *w, const char *path,
               bool (*is_known)(const struct csv_field *f),
               struct csv_record *header, struct err *e)
{
    r->window = w;
    r->path = path;
    r->line = 0;
    if (votelog_csv_begin(w, path, is_known, &r->separator, &r->line, e) != 0)
        return -1;
    int status = next_record(r, header, e);
    if (status < 0)
        return -1;
    if (status == 0 || header->fault != NULL || header->n > ROWS_MAX_FIELDS)
        return err_set(e, ERR_FORMAT, "%s: no header of columns", path);
    for (int k = 0; k < header->n; k++)
        csv_unquote(&header->fields[k]);
    r->n_fields = header->n;
    r->line += header->n_lines;
    return check_names(r, header, is_known, e);
}

/* What is wrong with the fields of a record; NULL: nothing. */
static const char *fault_of(const struct rows *r,
                            const struct csv_record *record)
{
    if (record->fault != NULL)
        return record->fault;
    if (record->n != r->n_fields)
        return "it has not as many fields as the header";
    for (int k = 0; k < record->n; k++) {
        struct csv_field *f = &record->fields[k];
        csv_unquote(f);
        if (memchr(f->s, '\0', f->n) != NULL)
            return "a NUL character in a field";
        if (!utf8_valid(f->s, f->n))
            return "a field is not valid UTF-8";
    }
    return NULL;
}

int rows_next(struct rows *r, struct csv_record *record, uint64_t *line,
              const char **fault, struct err *e)
{
    int status;
    do {
        status = next_record(r, record, e);
        *line = r->line + 1;
        r->line += status == 1 ? record->n_lines : 0;
    } while (status == 1 && csv_is_blank(record));
    if (status == 1)
        *fault = fault_of(r, record);
    return status;
}
