#include "arena/store/inserts.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define WAITING_BYTES ((size_t)1 << 20) /* of texts; then all is inserted */
#define MAX_BYTES ((size_t)1 << 30)

void inserts_init(struct inserts *x, struct db *db,
                  const struct inserts_sql *sql, size_t n_columns)
{
    *x = (struct inserts){.db = db, .sql = sql, .n_columns = n_columns};
    x->values = mem_calloc(INSERTS_MANY * n_columns, sizeof(*x->values));
    buf_init(&x->texts, MAX_BYTES);
}

void inserts_free(struct inserts *x)
{
    free(x->values);
    buf_free(&x->texts);
    *x = (struct inserts){.values = NULL};
}

void inserts_clear(struct inserts *x)
{
    x->n_rows = 0;
    buf_clear(&x->texts);
}

/* The texts move while more are added, so a value has its place among them. */
static struct db_value keep(struct inserts *x, struct db_value v)
{
    if (v.type != DB_TEXT)
        return v;
    if (v.as.text == NULL)
        return DB((double)NAN);
    const char *text = v.as.text;
    v.as.whole = (int64_t)x->texts.len;
    buf_add(&x->texts, text, strlen(text) + 1);
    return v;
}

int inserts_add_values(struct inserts *x, struct err *e,
                       const struct db_value *values, size_t n)
{
    assert(n == x->n_columns);
    struct db_value *row = &x->values[x->n_rows * n];
    for (size_t i = 0; i < n; i++)
        row[i] = keep(x, values[i]);
    if (x->texts.overflow)
        return err_set(e, ERR_FAILURE, "not enough memory");
    x->n_rows++;
    return x->n_rows == INSERTS_MANY || x->texts.len > WAITING_BYTES
               ? inserts_flush(x, e)
               : 0;
}

int inserts_flush(struct inserts *x, struct err *e)
{
    size_t n = x->n_columns;
    for (size_t i = 0; i < x->n_rows * n; i++)
        if (x->values[i].type == DB_TEXT)
            x->values[i].as.text = x->texts.data + x->values[i].as.whole;
    int result = 0;
    if (x->n_rows == INSERTS_MANY)
        result = db_run_values(x->db, e, x->sql->many, x->values,
                               INSERTS_MANY * n);
    else
        for (size_t i = 0; i < x->n_rows && result == 0; i++)
            result = db_run_values(x->db, e, x->sql->one, &x->values[i * n],
                                   n);
    inserts_clear(x);
    return result;
}
